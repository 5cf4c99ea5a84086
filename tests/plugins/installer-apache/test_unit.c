/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>
#include <unistd.h>

#include "check.h"

AC_TEST(the_service_of_a_process_is_found)
{
    static const char *const known[][2] = {
        { "0::/system.slice/apache2.service\n", "apache2.service" },
        { "0::/system.slice/system-apache2.slice/apache2@x.service\n",
          "apache2@x.service" },
        { "0::/web.slice/httpd.service/worker\n", "httpd.service" },
        { "12:pids:/system.slice/other.service\n1:name=systemd:/system.slice/"
          "h.service\n"
          "0::/\n",
          "h.service" },
        { "1:name=systemd:/\n0::/system.slice/httpd.service", "httpd.service" },
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        char unit[APACHE_UNIT_SIZE] = "";

        CU_ASSERT_TRUE(apache_unit_parse(known[i][0], unit));
        CU_ASSERT_STRING_EQUAL(unit, known[i][1]);
    }
}

AC_TEST(a_process_of_a_person_or_without_systemd_has_no_service)
{
    static const char *const others[] = {
        "",
        "\n",
        "0::/",
        "0::/\n",
        "0::/user.slice/user-0.slice/session-3.scope\n",
        "0::/user.slice/user-1.slice/user@1.service/app.slice/httpd.service\n",
        "0::/docker/0123456789abcdef\n",
        "4:memory:/system.slice/httpd.service\n",
        "0::/system.slice/-x.service\n",
        "0::/system.slice/.service\n",
        "0::/system.slice/a b.service\n",
    };

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        char unit[APACHE_UNIT_SIZE] = "";

        CU_ASSERT_FALSE(apache_unit_parse(others[i], unit));
    }
}

AC_TEST(a_name_that_is_longer_than_any_unit_is_none)
{
    char text[512] = "0::/";
    char unit[APACHE_UNIT_SIZE] = "";

    memset(text + 4, 'x', APACHE_UNIT_SIZE);
    memcpy(text + 4 + APACHE_UNIT_SIZE, ".service", sizeof ".service");

    CU_ASSERT_FALSE(apache_unit_parse(text, unit));
}

AC_TEST(the_unit_that_we_are_in_is_not_anothers)
{
    char unit[APACHE_UNIT_SIZE] = "";

    CU_ASSERT_FALSE(apache_unit_of(getpid(), unit));
    CU_ASSERT_FALSE(apache_unit_of(0, unit));
}

AC_SUITE("installer-apache/unit", AC_CASE(the_service_of_a_process_is_found),
         AC_CASE(a_process_of_a_person_or_without_systemd_has_no_service),
         AC_CASE(a_name_that_is_longer_than_any_unit_is_none),
         AC_CASE(the_unit_that_we_are_in_is_not_anothers))
