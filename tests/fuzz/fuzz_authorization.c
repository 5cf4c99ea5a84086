/* SPDX-License-Identifier: Apache-2.0 */
/* The tokens of an authorization that is taken are fit to be file names. */
#include "acme/authorization.h"

#include <stdlib.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_challenge(const struct ac_challenge *challenge)
{
    require(challenge->type != NULL && challenge->url != NULL);
    require(challenge->token == NULL
            || ac_text_is_made_of(challenge->token, AC_ALPHABET_BASE64URL, 1, 256));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_text) types = { 0 };
    AC_AUTO(ac_authorization) authorization = { 0 };

    if (ac_json_parse((const char *)data, size, &json, &err) != AC_OK)
        return 0;
    if (ac_authorization_parse(json, "https://ca.example/z/1", &authorization, &err)
        != AC_OK) {
        require(authorization.url == NULL);
        return 0;
    }
    require(authorization.identifier.value[0] != '\0');
    for (size_t i = 0; i < authorization.challenge_count; i++)
        check_challenge(&authorization.challenges[i]);
    require(ac_authorization_types(&authorization, &types, &err) == AC_OK);
    return 0;
}
