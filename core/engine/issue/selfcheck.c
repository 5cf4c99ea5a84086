/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/selfcheck.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

#define SHOWN_SIZE 80 /* of a foreign answer, in the message */

enum ac_code ac_selfcheck_parse(const char *word, enum ac_selfcheck_mode *ret_mode,
                                struct ac_error *err)
{
    static const char *const words[] = {
        [AC_SELFCHECK_WARN] = "warn",
        [AC_SELFCHECK_REQUIRE] = "require",
        [AC_SELFCHECK_OFF] = "off",
    };

    for (size_t i = 0; i < AC_COUNT(words); i++) {
        if (strcmp(word, words[i]) == 0) {
            *ret_mode = (enum ac_selfcheck_mode)i;
            return AC_OK;
        }
    }
    return ac_fail(err, AC_E_USAGE, "\"%s\" is none of warn, require and off", word);
}

enum ac_code ac_selfcheck_begin(struct ac_http *http, const char *identifier,
                                const char *token, const char *connect_to,
                                struct ac_exchange **ret_exchange, struct ac_error *err)
{
    AC_AUTO_TEXT char *url = NULL;
    bool is_ipv6 = strchr(identifier, ':') != NULL;

    AC_TRY(ac_memory_format(&url, err, "http://%s%s%s/.well-known/acme-challenge/%s",
                            is_ipv6 ? "[" : "", identifier, is_ipv6 ? "]" : "", token));
    struct ac_http_request request = {
        .method = AC_HTTP_GET,
        .url = url,
        .body_max = AC_SELFCHECK_BODY_MAX,
        .deadline_ms = ac_clock_after_ms(AC_SELFCHECK_MS),
        .follows_redirects = true,
        .is_plain = true,
        .connect_to = connect_to,
        .is_foreign = true,
        .stays_public = connect_to == NULL,
    };
    return ac_http_start(http, &request, ret_exchange, err);
}

/* 8.3: white space at the end is tolerated. */
static size_t trimmed_size(const char *body, size_t size)
{
    while (size > 0 && strchr(" \t\r\n", body[size - 1]) && body[size - 1] != '\0')
        size--;
    return size;
}

enum ac_code ac_selfcheck_finish(const struct ac_exchange *exchange,
                                 const char *key_authorization, struct ac_error *err)
{
    struct ac_error why = { 0 };
    char shown[SHOWN_SIZE];
    size_t size;

    if (ac_exchange_result(exchange, &why) != AC_OK) {
        return ac_fail(err, AC_E_CHALLENGE,
                       "self-check: %s (--self-check-via looks elsewhere)", why.detail);
    }
    const char *body = ac_exchange_body(exchange, &size);
    if (ac_exchange_status(exchange) != 200) {
        return ac_fail(err, AC_E_CHALLENGE,
                       "self-check: %s answers with HTTP status %ld instead of 200",
                       ac_exchange_url(exchange), ac_exchange_status(exchange));
    }
    size = trimmed_size(body, size);
    if (size == strlen(key_authorization) && memcmp(body, key_authorization, size) == 0)
        return AC_OK;
    /* What a stranger sent us to is not for a log. */
    if (ac_exchange_was_redirected(exchange)) {
        return ac_fail(err, AC_E_CHALLENGE,
                       "self-check: %s, to which we were redirected, answers with "
                       "%zu bytes that are not ours",
                       ac_exchange_url(exchange), size);
    }
    return ac_fail(
        err, AC_E_CHALLENGE,
        "self-check: %s answers with \"%s\", which is not ours; does another "
        "server answer for this name?",
        ac_exchange_url(exchange), ac_text_clean(shown, sizeof shown, body, size));
}
