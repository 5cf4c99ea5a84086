/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first line is an option `path`, the second a token. A root that is taken is
 * absolute, and a token that is safe cannot leave its folder.
 */
/* NOLINTNEXTLINE(bugprone-suspicious-include): a plugin is not a layer to link to */
#include "../../plugins/http01-webroot/path.c"

#include <stdint.h>
#include <stdlib.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        __builtin_trap();
}

static void check_rule(const char *value, const char *name)
{
    struct webroot_rule rule = { 0 };

    if (webroot_rule_parse(value, &rule))
        return;
    require(rule.root[0] == '/' && strlen(rule.root) <= WEBROOT_ROOT_PATH_MAX);
    require(rule.pattern_size <= WEBROOT_PATTERN_MAX);
    require(webroot_rule_is_same(&rule, &rule));
    if (rule.pattern_size == 0)
        require(webroot_rule_find(&rule, 1, name) == &rule);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* On the heap, so that one octet too far is seen. */
    char *value = strndup((const char *)data, size);
    char *newline = NULL;
    const char *token = "";

    if (!value)
        abort();
    newline = strchr(value, '\n');
    if (newline) {
        *newline = '\0';
        token = newline + 1;
    }
    check_rule(value, token);
    if (webroot_token_is_safe(token))
        require(*token && !strpbrk(token, "./\\%") && strlen(token) <= 128);
    free(value);
    return 0;
}
