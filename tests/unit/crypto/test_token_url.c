/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "crypto/token.h"
#include "crypto/token_url.h"

#include <string.h>

/* What GnuTLS is given, the file of the PIN, and the module, each "" when there is
 * none. */
static void check(const char *text, const char *plain, const char *pin_path,
                  const char *module_path)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_token_url) url = { 0 };

    AC_REQUIRE_OK(ac_token_url_parse(text, &url, &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&url.plain), plain);
    CU_ASSERT_STRING_EQUAL(url.pin_path != NULL ? url.pin_path : "", pin_path);
    CU_ASSERT_STRING_EQUAL(url.module_path != NULL ? url.module_path : "", module_path);
}

static void refuse(const char *text, const char *part)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_token_url) url = { 0 };

    AC_REQUIRE_CODE(ac_token_url_parse(text, &url, &err), AC_E_USAGE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, part));
    CU_ASSERT_PTR_NULL(url.plain.bytes);
}

AC_TEST(a_url_that_says_nothing_for_us_stays_as_it_is)
{
    check("pkcs11:token=t;object=a%20b;id=%01%02",
          "pkcs11:token=t;object=a%20b;id=%01%02", "", "");
    check("pkcs11:object=a?x=1&y=2", "pkcs11:object=a?x=1&y=2", "", "");
    check("pkcs11:object=a?x=1;2", "pkcs11:object=a?x=1;2", "", "");
}

AC_TEST(what_is_for_us_is_cut_out_wherever_it_stands)
{
    check("pkcs11:token=t?pin-source=file:/run/pin", "pkcs11:token=t", "/run/pin", "");
    check("pkcs11:token=t?pin-source=file:///run/pin&x=1", "pkcs11:token=t?x=1",
          "/run/pin", "");
    check("pkcs11:pin-source=/a;token=t;pinfile=/b;object=o", "pkcs11:token=t;object=o",
          "/b", "");
    check("pkcs11:token=t?x=1&module-path=/usr/lib/m.so&y=2", "pkcs11:token=t?x=1&y=2",
          "", "/usr/lib/m.so");
    check("pkcs11:token=t?module-path=/m.so&module-path=/n.so", "pkcs11:token=t", "",
          "/n.so");
}

AC_TEST(paths_are_decoded)
{
    check("pkcs11:token=t?pin-source=file:%2Frun%2fa%20b", "pkcs11:token=t", "/run/a b",
          "");
    refuse("pkcs11:token=t?pin-source=/run/%2", "broken \"%\"");
    refuse("pkcs11:token=t?pin-source=/run/%zz", "broken \"%\"");
    refuse("pkcs11:token=t?pin-source=/run/%00", "broken \"%\"");
}

AC_TEST(a_pin_in_the_url_is_refused_and_not_repeated)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_token_url) url = { 0 };

    AC_REQUIRE_CODE(ac_token_url_parse("pkcs11:token=t?pin-value=987654", &url, &err),
                    AC_E_USAGE);

    CU_ASSERT_PTR_NULL(strstr(err.detail, "987654"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "--pin-file"));
}

AC_TEST(pins_of_commands_and_relative_paths_are_refused)
{
    refuse("pkcs11:token=t?pin-source=|echo", "pin-source=file:/path");
    refuse("pkcs11:token=t?pin-source=file:pin", "pin-source=file:/path");
    refuse("pkcs11:token=t?pin-source=", "pin-source=file:/path");
    refuse("pkcs11:token=t?module-path=m.so", "full path");
}

AC_TEST(what_is_no_url_is_refused)
{
    char long_url[AC_TOKEN_URL_MAX + 2] = "pkcs11:object=";

    memset(long_url + strlen(long_url), 'a', sizeof(long_url) - strlen(long_url) - 1);

    refuse("", "RFC 7512");
    refuse("pkcs11", "RFC 7512");
    refuse("pkcs11:object=a b", "RFC 7512");
    refuse("pkcs11:object=\xc3\xa4", "RFC 7512");
    refuse(long_url, "RFC 7512");
    refuse("pkcs11:", "which key");
    refuse("pkcs11:?x=1", "which key");
    refuse("pkcs11:;;", "which key");
}

AC_SUITE("crypto/token_url", AC_CASE(a_url_that_says_nothing_for_us_stays_as_it_is),
         AC_CASE(what_is_for_us_is_cut_out_wherever_it_stands),
         AC_CASE(paths_are_decoded),
         AC_CASE(a_pin_in_the_url_is_refused_and_not_repeated),
         AC_CASE(pins_of_commands_and_relative_paths_are_refused),
         AC_CASE(what_is_no_url_is_refused))
