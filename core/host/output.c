/* SPDX-License-Identifier: Apache-2.0 */
#include "host/output.h"

#include "base/log.h"
#include "base/memory.h"
#include "host/process.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define READ_SIZE  4096
#define READS_MAX  16  /* in one step: the loop has others to serve */
#define CLEAN_SIZE 640 /* of one line, escapes included */

static void log_line(struct ac_output *output, const char *plugin)
{
    char text[CLEAN_SIZE];

    if (output->used == 0)
        return;
    (void)ac_text_clean(text, sizeof text, output->line, output->used);
    ac_log(AC_LOG_WARN, "plugin.output", "plugin", plugin, "text", text, NULL);
    output->used = 0;
}

static void add_byte(struct ac_output *output, const char *plugin, char byte)
{
    if (byte == '\n') {
        log_line(output, plugin);
        output->is_cut = false;
        return;
    }
    if (output->is_cut)
        return;
    output->line[output->used++] = byte;
    if (output->used < sizeof output->line)
        return;
    log_line(output, plugin);
    output->is_cut = true;
}

/* Past the limit it is read, so that the plugin does not block, and dropped. */
static void add_bytes(struct ac_output *output, const char *plugin, const char *bytes,
                      size_t size)
{
    bool was_within = output->read < AC_PROCESS_OUTPUT_MAX;

    for (size_t i = 0; i < size && output->read + i < AC_PROCESS_OUTPUT_MAX; i++)
        add_byte(output, plugin, bytes[i]);
    output->read += size;
    if (!was_within || output->read < AC_PROCESS_OUTPUT_MAX)
        return;
    log_line(output, plugin);
    ac_log(AC_LOG_WARN, "plugin.output", "plugin", plugin, "text",
           "printed too much; the rest is dropped", NULL);
}

bool ac_output_read(struct ac_output *output, const char *plugin)
{
    char bytes[READ_SIZE];

    for (int i = 0; i < READS_MAX && output->fd >= 0; i++) {
        ssize_t got = read(output->fd, bytes, sizeof bytes);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
            return true;
        if (got <= 0) {
            ac_output_done(output, plugin);
            return true;
        }
        add_bytes(output, plugin, bytes, (size_t)got);
        if (output->read > AC_OUTPUT_FLOOD_MAX)
            return false;
    }
    return true;
}

void ac_output_done(struct ac_output *output, const char *plugin)
{
    log_line(output, plugin);
    ac_memory_drop_fd(&output->fd);
    output->fd = -1;
}
