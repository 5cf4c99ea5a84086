/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/session_inspect.h"

#include "base/file.h"
#include "base/memory.h"

#include <inttypes.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHILDREN_MAX (64u * 1024u) /* bytes of the kernel's list */
#define STATUS_MAX   (64u * 1024u) /* bytes of what it says of the process */
#define STATUS_SIZE  80            /* of a line of that */

/* The folder itself is open while it is read: one entry is ours. */
static enum ac_code count_entries(const char *path, int64_t *ret_count,
                                  struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_file_list(path, &names, err));
    *ret_count = (int64_t)names.count;
    return AC_OK;
}

/* Numbers with a space behind each; kernels without the file say nothing. */
static int64_t count_children(void)
{
    AC_AUTO_TEXT char *path = NULL;
    AC_AUTO(ac_text) list = { 0 };
    struct ac_error ignored = { 0 };
    int64_t count = 0;

    if (ac_memory_format(&path, &ignored, "/proc/self/task/%d/children", (int)getpid())
            != AC_OK
        || ac_file_read(path, CHILDREN_MAX, &list, &ignored) != AC_OK)
        return -1;
    for (const char *at = ac_text_get(&list); *at; at++)
        count += *at == ' ';
    return count;
}

/* A line of the kernel's about the process; "" where it has none of that name. */
static void find_line(const struct ac_text *status, const char *name,
                      char value[STATUS_SIZE])
{
    const char *at = strstr(ac_text_get(status), name);

    if (at)
        at += strlen(name) + strspn(at + strlen(name), " \t");
    (void)snprintf(value, STATUS_SIZE, "%.*s", at ? (int)strcspn(at, "\n") : 0,
                   at ? at : "");
}

/* What belongs to the process, and not to a plugin in it. */
static enum ac_code add_surroundings(struct ac_json *state, struct ac_error *err)
{
    AC_AUTO(ac_text) status = { 0 };
    char folder[PATH_MAX];
    char mask[STATUS_SIZE];
    char blocked[STATUS_SIZE];
    char ignored[STATUS_SIZE];
    char caught[STATUS_SIZE];
    char signals[3 * STATUS_SIZE + 3];

    AC_TRY(ac_file_read("/proc/self/status", STATUS_MAX, &status, err));
    find_line(&status, "\nUmask:", mask);
    find_line(&status, "\nSigBlk:", blocked);
    find_line(&status, "\nSigIgn:", ignored);
    find_line(&status, "\nSigCgt:", caught);
    (void)snprintf(signals, sizeof signals, "%s %s %s", blocked, ignored, caught);
    AC_TRY(ac_json_set_text(state, "folder",
                            getcwd(folder, sizeof folder) ? folder : "", err));
    AC_TRY(ac_json_set_text(state, "umask", mask, err));
    return ac_json_set_text(state, "signals", signals, err);
}

enum ac_code ac_session_inspect(const struct acmecore_host_ctx *services,
                                struct ac_json **ret_state, struct ac_error *err)
{
    AC_AUTO(ac_json) *state = NULL;
    int64_t descriptors = 0;
    int64_t threads = 0;

    AC_TRY(count_entries("/proc/self/fd", &descriptors, err));
    AC_TRY(count_entries("/proc/self/task", &threads, err));
    AC_TRY(ac_json_new(&state, err, "{s:I, s:I, s:I, s:I, s:I, s:I}", "descriptors",
                       descriptors, "threads", threads, "children", count_children(),
                       "heap", (int64_t)mallinfo2().uordblks, "requests",
                       (int64_t)services->request_count, "refused",
                       (int64_t)services->refused_count));
    AC_TRY(add_surroundings(state, err));
    *ret_state = AC_TAKE(state);
    return AC_OK;
}
