/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/session_inspect.h"

#include "base/file.h"
#include "base/memory.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHILDREN_MAX (64u * 1024u) /* bytes of the kernel's list */

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

enum ac_code ac_session_inspect(const struct acmecore_host_ctx *services,
                                struct ac_json **ret_state, struct ac_error *err)
{
    int64_t descriptors = 0;
    int64_t threads = 0;

    AC_TRY(count_entries("/proc/self/fd", &descriptors, err));
    AC_TRY(count_entries("/proc/self/task", &threads, err));
    return ac_json_new(ret_state, err, "{s:I, s:I, s:I, s:I, s:I, s:I}", "descriptors",
                       descriptors, "threads", threads, "children", count_children(),
                       "heap", (int64_t)mallinfo2().uordblks, "requests",
                       (int64_t)services->request_count, "refused",
                       (int64_t)services->refused_count);
}
