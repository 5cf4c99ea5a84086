/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

ALWAYS(hello, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");

static enum ac_code get_from(struct ac_http *http, struct ac_http_site *site,
                             const char *url, struct ac_exchange **ret_exchange,
                             struct ac_error *err)
{
    const struct ac_http_request request = { .method = AC_HTTP_GET,
                                             .url = url,
                                             .site = site };

    return carry(http, &request, ret_exchange, err);
}

AC_TEST(each_site_is_trusted_by_its_own_file_over_one_http)
{
    const struct ac_http_settings settings = { .user_agent = "acmecore/0.1" };
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = start_tls_server(hello, "server.pem");
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_http_site) *trusted = NULL;
    AC_AUTO(ac_http_site) *other = NULL;
    AC_AUTO(ac_exchange) *good = NULL;
    AC_AUTO(ac_exchange) *bad = NULL;
    const char *url = ac_http_server_url(server, "/");

    AC_REQUIRE_OK(ac_http_new(&settings, &http, &err));
    AC_REQUIRE_OK(ac_http_site_new(AC_TEST_DATA "/net/ca.pem", false, &trusted, &err));
    AC_REQUIRE_OK(ac_http_site_new(NULL, false, &other, &err));
    AC_REQUIRE_OK(get_from(http, trusted, url, &good, &err));
    AC_REQUIRE_CODE(get_from(http, other, url, &bad, &err), AC_E_NETWORK);

    CU_ASSERT_EQUAL(ac_exchange_status(good), 200);
    CU_ASSERT_TRUE(has_text(err.detail, "is not trusted"));
}

AC_TEST(plain_http_is_let_through_where_the_site_says_so)
{
    const struct ac_http_settings settings = { .user_agent = "acmecore/0.1" };
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(hello);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_http_site) *site = NULL;
    AC_AUTO(ac_exchange) *good = NULL;
    AC_AUTO(ac_exchange) *bad = NULL;
    const char *url = ac_http_server_url(server, "/");

    AC_REQUIRE_OK(ac_http_new(&settings, &http, &err));
    AC_REQUIRE_OK(ac_http_site_new(NULL, true, &site, &err));
    AC_REQUIRE_OK(get_from(http, site, url, &good, &err));
    AC_REQUIRE_CODE(get_from(http, NULL, url, &bad, &err), AC_E_INVALID);

    CU_ASSERT_EQUAL(ac_exchange_status(good), 200);
}

AC_TEST(file_that_holds_no_certificate_is_a_wrong_setting)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_site) *site = NULL;

    AC_REQUIRE_CODE(
        ac_http_site_new(AC_TEST_DATA "/net/server-key.pem", false, &site, &err),
        AC_E_USAGE);
    AC_REQUIRE_CODE(ac_http_site_new(AC_TEST_DATA "/net/none.pem", false, &site, &err),
                    AC_E_USAGE);

    CU_ASSERT_PTR_NULL(site);
}

AC_SUITE("net/http_site", AC_CASE(each_site_is_trusted_by_its_own_file_over_one_http),
         AC_CASE(plain_http_is_let_through_where_the_site_says_so),
         AC_CASE(file_that_holds_no_certificate_is_a_wrong_setting))
