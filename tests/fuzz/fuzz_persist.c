/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TXT record that lies at _validation-persist already. Good is only what names our
 * issuer and our account, and an end is told only where the record is ours.
 */
#include "acme/persist.h"

#include <stdlib.h>
#include <string.h>

#define UNSET INT64_MIN

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        __builtin_trap();
}

static void judge(const char *value, bool is_wildcard)
{
    char issuer[] = "ca.example";
    char *issuers[] = { issuer, NULL };
    struct ac_words words = { .items = issuers, .count = 1 };
    struct ac_persist_need need = { .issuers = &words,
                                    .account_uri = "https://ca.example/1",
                                    .is_wildcard = is_wildcard,
                                    .utc = 1000 };
    int64_t until = UNSET;
    enum ac_persist_verdict verdict = ac_persist_judge(value, &need, &until);
    bool is_ours = verdict == AC_PERSIST_GOOD || verdict == AC_PERSIST_EXPIRED;

    require(is_ours == (until != UNSET));
    require(!is_ours || strstr(value, need.account_uri) != NULL);
    require(verdict != AC_PERSIST_GOOD || until == 0 || until > need.utc);
    require(verdict != AC_PERSIST_NO_WILDCARD || is_wildcard);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1); /* so that reading past its end shows */

    if (!text)
        abort();
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    judge(text, false);
    judge(text, true);
    free(text);
    return 0;
}
