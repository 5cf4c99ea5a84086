/* SPDX-License-Identifier: Apache-2.0 */
#include "keys.h"

#include "check.h"

#include <string.h>

#define PEM_MAX 8192

enum ac_code ac_keys_of_jwk(const char *jwk, struct ac_key **ret_key,
                            struct ac_error *err)
{
    AC_AUTO(ac_secret) text = { 0 };

    AC_TRY(ac_secret_copy(jwk, strlen(jwk), &text, err));
    return ac_key_parse_jwk(&text, ret_key, err);
}

enum ac_code ac_keys_read(const char *path, struct ac_secret *ret_pem,
                          struct ac_error *err)
{
    char text[PEM_MAX];
    ssize_t size = ac_test_read_file(path, text, sizeof(text));

    if (size < 0)
        return ac_fail(err, AC_E_STORE, "cannot read %s", path);
    return ac_secret_copy(text, (size_t)size, ret_pem, err);
}

enum ac_code ac_keys_load(const char *path, struct ac_key **ret_key,
                          struct ac_error *err)
{
    AC_AUTO(ac_secret) pem = { 0 };

    AC_TRY(ac_keys_read(path, &pem, err));
    return ac_key_parse(&pem, ret_key, err);
}
