/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration of nginx, word by word: each token lies behind the one before it and
 * within the text, the text ends, and a word's value is no longer than its bytes.
 */
/* NOLINTNEXTLINE(bugprone-suspicious-include): a plugin is not a layer to link to */
#include "../../plugins/installer-nginx/lexer.c"

#include <stdint.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        __builtin_trap();
}

static void check_value(const char *text, const struct token *token)
{
    char value[TOKEN_VALUE_MAX];

    if (token->kind == TOKEN_WORD && token_value(text, token, value))
        require(strlen(value) <= token->end - token->begin);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    size_t at = 0;
    struct token token = { TOKEN_WORD, 0, 0 };

    while (token.kind != TOKEN_END) {
        size_t before = at;
        size_t lua = at;

        token = token_next(text, size, &at);
        require(token.begin >= before && token.end == at && at <= size);
        require(token.kind == TOKEN_END || token.end > token.begin);
        check_value(text, &token);
        require(!token_skip_lua(text, size, &lua) || lua <= size);
        require(token_line(text, token.begin) >= 1);
    }
    return 0;
}
