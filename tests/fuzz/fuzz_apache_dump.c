/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Apache says about its configuration. What is found is whole: each virtual host
 * has a file, a line, a name and an address, and a name that it says is matched.
 */
#include "dump.h"
#include "match.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        __builtin_trap();
}

static void check_host(const struct apache_host *host)
{
    require(host->file != NULL && host->line > 0 && host->name != NULL);
    for (size_t i = 0; i < host->defaults.count; i++)
        require(apache_list_has(&host->addresses, host->defaults.items[i]));
    for (size_t i = 0; i < host->aliases.count; i++)
        require(apache_match(host, true, host->aliases.items[i]) == APACHE_MATCH_NAMED);
    for (size_t i = 0; i < host->patterns.count; i++)
        (void)apache_match_pattern(host->patterns.items[i], host->name);
    (void)apache_match(host, false, "*.example.com");
    (void)apache_match(host, false, "2001:db8::1");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct apache_dump dump;
    struct apache_text text = { 0 };
    char *copy = malloc(size + 1);

    if (!copy)
        abort();
    if (size > 0)
        memcpy(copy, data, size);
    copy[size] = '\0';
    require(apache_dump_parse(copy, size, &dump));
    for (size_t i = 0; i < dump.host_count; i++)
        check_host(&dump.hosts[i]);
    require(apache_dump_expand(&dump, copy, &text));
    apache_text_done(&text);
    apache_dump_done(&dump);
    free(copy);
    return 0;
}
