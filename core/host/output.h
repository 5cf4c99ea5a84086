/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plugin host prints: read as it comes, logged a line at a time, cleaned and
 * bounded. Inside of process.c, apart for its size.
 */
#ifndef AC_HOST_OUTPUT_H
#define AC_HOST_OUTPUT_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define AC_OUTPUT_LINE_MAX 512
#define AC_OUTPUT_FLOOD_MAX                                                            \
    (4u * 1024u * 1024u) /* printed in all: not chatty, broken */

struct ac_output {
    int fd;      /* non-blocking read end; -1: closed */
    size_t read; /* bytes in all */
    size_t used; /* of the line that is not whole yet */
    bool is_cut; /* the rest of a long line is dropped */
    char line[AC_OUTPUT_LINE_MAX];
};

/* Reads and logs what is there now; false when it printed more than
 * AC_OUTPUT_FLOOD_MAX. */
bool ac_output_read(struct ac_output *output, const char *plugin);
/* Logs what is left and closes. */
void ac_output_done(struct ac_output *output, const char *plugin);

#endif
