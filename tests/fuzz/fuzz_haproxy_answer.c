/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes from HAProxy's runtime socket. What is shown of it is one printable line
 * that fits, and there is one exactly when it is no success.
 */
/* NOLINTBEGIN(bugprone-suspicious-include): a plugin is not a layer to link to */
#include "../../plugins/installer-haproxy/answer.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <stdint.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct answer_text text = { (const char *)data, size };

    for (int verb = ANSWER_SHOW; verb <= ANSWER_DELETE_LINE; verb++) {
        char why[ANSWER_WHY_MAX];
        enum answer_kind kind =
            answer_read((enum answer_verb)verb, "/srv/www.pem", &text, why);
        size_t length = strnlen(why, sizeof why);

        require(length < sizeof why);
        require((kind == ANSWER_GOOD || kind == ANSWER_IDLE) == (length == 0));
        require(kind == ANSWER_GOOD || kind == ANSWER_REFUSED || verb == ANSWER_SHOW);
        for (size_t i = 0; i < length; i++)
            require(why[i] >= ' ' && why[i] <= '~');
    }
    return 0;
}
