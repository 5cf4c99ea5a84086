/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command prints: its beginning, because some contracts hand it on, and its end,
 * because that is where it says why it failed. The rest is counted.
 */
#ifndef EXEC_OUTPUT_H
#define EXEC_OUTPUT_H

#include "words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXEC_OUTPUT_MAX  (64u * 1024u)
#define EXEC_TAIL_MAX    256 /* bytes, to be shown */
#define EXEC_TAIL_LINES  3
#define EXEC_STREAM_TAIL 1024

struct exec_stream {
    char head[EXEC_OUTPUT_MAX + 1]; /* ends with NUL */
    size_t head_size;
    char tail[EXEC_STREAM_TAIL];
    size_t tail_size;
    uint64_t total; /* bytes printed */
};

struct exec_tail {
    char text[EXEC_TAIL_MAX + 1];
};

void exec_stream_reset(struct exec_stream *stream);

/* An acmecore_sink; arg is the stream. */
int exec_stream_take(void *arg, const void *data, size_t size);

/* All that was printed is in `head`, and it is a text. */
bool exec_stream_is_whole(const struct exec_stream *stream);

/* The last lines, joined by " | ", without what is to be withheld; "" when nothing was
 * printed. Not cleaned. secrets: of the environment file, or NULL. */
struct exec_tail exec_stream_tail(const struct exec_stream *stream,
                                  const struct exec_words *secrets);

/* Cuts white space off both ends of head, as the contract of certbot has it. */
char *exec_stream_trim(struct exec_stream *stream);

#endif
