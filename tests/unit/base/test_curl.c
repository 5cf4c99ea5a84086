/* SPDX-License-Identifier: Apache-2.0 */
#include "base/curl.h"

#include "base/memory.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

/* Takes the place of libc's: every library that is asked for is this one. */
static const char *instead;
static char asked_for[256];

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
void *dlopen(const char *name, int flags)
{
    void *(*real)(const char *, int) = NULL;
    void *symbol = dlsym(RTLD_NEXT, "dlopen");
    size_t size = strlen(asked_for);

    memcpy(&real, &symbol, sizeof real);
    (void)snprintf(asked_for + size, sizeof asked_for - size, "%s ", name);
    return real(instead != NULL ? instead : name, flags);
}

/* These come first: what was opened once stays open. */
AC_TEST(a_missing_library_names_the_package)
{
    struct ac_error err = { 0 };
    const struct ac_curl *curl = NULL;
    enum ac_code code;

    asked_for[0] = '\0';
    instead = "libno-such-library.so.4";
    code = ac_curl_get(&curl, &err);
    instead = NULL;
    AC_REQUIRE_CODE(code, AC_E_SYSTEM);

    CU_ASSERT_PTR_NULL(curl);
    CU_ASSERT_PTR_NOT_NULL(strstr(asked_for, "libcurl-gnutls.so.4 libcurl.so.4 "));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "install the package libcurl3-gnutls"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "libno-such-library.so.4: cannot open"));
}

AC_TEST(a_missing_function_is_named)
{
    struct ac_error err = { 0 };
    const struct ac_curl *curl = NULL;
    enum ac_code code;

    instead = "libc.so.6";
    code = ac_curl_get(&curl, &err);
    instead = NULL;
    AC_REQUIRE_CODE(code, AC_E_SYSTEM);

    CU_ASSERT_PTR_NULL(curl);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "undefined symbol: curl_global_init"));
}

AC_TEST(the_table_is_complete)
{
    struct ac_error err = { 0 };
    const struct ac_curl *curl = NULL;

    AC_REQUIRE_OK(ac_curl_get(&curl, &err));

#define FILLED(name) CU_ASSERT_TRUE(curl->name != NULL);
    AC_CURL_FUNCTIONS(FILLED)
#undef FILLED
}

AC_TEST(the_library_is_opened_once)
{
    struct ac_error err = { 0 };
    const struct ac_curl *first = NULL;
    const struct ac_curl *second = NULL;

    AC_REQUIRE_OK(ac_curl_get(&first, &err));
    asked_for[0] = '\0';
    AC_REQUIRE_OK(ac_curl_get(&second, &err));

    CU_ASSERT_PTR_EQUAL(first, second);
    CU_ASSERT_STRING_EQUAL(asked_for, "");
}

AC_TEST(the_functions_work)
{
    struct ac_error err = { 0 };
    const struct ac_curl *curl = NULL;
    char *host = NULL;
    CURLU *url;

    AC_REQUIRE_OK(ac_curl_get(&curl, &err));
    url = curl->url();
    CU_ASSERT_EQUAL(curl->url_set(url, CURLUPART_URL, "https://ca.example/x", 0),
                    CURLUE_OK);
    CU_ASSERT_EQUAL(curl->url_get(url, CURLUPART_HOST, &host, 0), CURLUE_OK);
    curl->url_cleanup(url);

    AC_REQUIRE(host != NULL);
    CU_ASSERT_STRING_EQUAL(host, "ca.example");
    curl->free(host);
    CU_ASSERT_TRUE(curl->version_info(CURLVERSION_NOW)->version_num >= 0x075400);
}

AC_SUITE("base/curl", AC_CASE(a_missing_library_names_the_package),
         AC_CASE(a_missing_function_is_named), AC_CASE(the_table_is_complete),
         AC_CASE(the_library_is_opened_once), AC_CASE(the_functions_work))
