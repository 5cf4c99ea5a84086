/* SPDX-License-Identifier: Apache-2.0 */
#include "host/load.h"

#include "check.h"

AC_TEST(message_has_what_the_sandbox_must_know)
{
    struct ac_error err = { 0 };
    char path[] = "/srv/www";
    char *items[] = { path, NULL };
    const struct ac_words named = { .items = items, .count = 1 };
    const struct ac_isolation isolation = { .has_identity = true };
    const struct ac_process_settings settings = { .isolation = &isolation,
                                                  .plugin_path = "/p/x.so",
                                                  .name = "x",
                                                  .closed = "/var/lib/acmecore",
                                                  .named = &named };
    AC_AUTO(ac_message) load = { 0 };
    AC_AUTO_TEXT char *text = NULL;

    AC_REQUIRE_OK(ac_load_new(&settings, "/proc/self/fd/4", &load, &err));
    AC_REQUIRE_OK(ac_json_write(load.json, &text, &err));

    CU_ASSERT_STRING_EQUAL(
        text, "{\"closed\":\"/var/lib/acmecore\",\"describe\":false,"
              "\"dry_run\":false,\"folder\":\"/proc/self/fd/4\",\"name\":\"x\","
              "\"named\":[\"/srv/www\"],\"op\":\"load\",\"own_user\":true,\"path\":\"/"
              "p/x.so\","
              "\"read\":[],\"services\":\"usual\"}");
}

AC_SUITE("host/load", AC_CASE(message_has_what_the_sandbox_must_know))
