/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines of a configuration file. They cover the text without a gap, a virtual host
 * lies within it, and a port that is read to be open is found among them.
 */
#include "lines.h"
#include "listen.h"

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

static void check_extent(const char *text, size_t size, unsigned number)
{
    struct apache_extent extent;

    if (!apache_extent_find(text, size, number, &extent))
        return;
    require(extent.start < extent.body && extent.body <= extent.close
            && extent.close < extent.end && extent.end <= size);
}

static void check_lines(const char *text, size_t size)
{
    struct apache_reader reader = { .text = text, .size = size };
    struct apache_line line;
    size_t at = 0;

    while (apache_line_next(&reader, &line)) {
        struct apache_list words = { 0 };
        require(line.start == at && line.end > at && line.first <= line.last);
        at = line.end;
        require(apache_line_words(&line, &words));
        apache_list_done(&words);
        if (apache_line_is(&line, "<VirtualHost"))
            check_extent(text, size, line.first);
    }
    require(at == size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct apache_dump dump = { 0 };
    struct apache_list places = { 0 };
    struct apache_text lines = { 0 };
    char *text = malloc(size > 0 ? size : 1); /* so that reading past its end shows */

    if (!text)
        abort();
    if (size > 0)
        memcpy(text, data, size);
    check_lines(text, size);
    require(apache_listen_read(text, size, &dump, &places));
    (void)apache_listen_has(&places, 443);
    require(apache_listen_write(&places, 443, "", &lines) && lines.size > 0);
    apache_text_done(&lines);
    apache_list_done(&places);
    free(text);
    return 0;
}
