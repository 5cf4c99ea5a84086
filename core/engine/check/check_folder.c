/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/check/check_parts.h"

#include "base/clock.h"
#include "base/file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#define ABOVE "/tmp"

/* Made for this run, so that nobody else's is used; a name that is taken is refused. */
enum ac_code ac_check_make_folder(struct ac_check_work *work, struct ac_error *err)
{
    const char *above = getenv("TMPDIR");
    AC_AUTO_TEXT char *folder = NULL;

    AC_TRY(ac_memory_format(&folder, err, "%s/acmecore-check-%d-%" PRId64,
                            above && above[0] == '/' ? above : ABOVE, (int)getpid(),
                            ac_clock_now_ms()));
    AC_TRY(ac_file_draft_folder(folder, NULL, 0, err));
    work->folder = AC_TAKE(folder);
    return AC_OK;
}

void ac_check_leave_folder(struct ac_check_work *work)
{
    struct ac_error ignored = { 0 };

    if (work->folder)
        (void)!ac_file_remove_tree(work->folder, &ignored);
    free(AC_TAKE(work->folder));
}
