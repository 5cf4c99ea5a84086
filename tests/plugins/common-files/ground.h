/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a test that are to be replaced. */
#ifndef AC_TESTS_COMMON_FILES_GROUND_H
#define AC_TESTS_COMMON_FILES_GROUND_H

#include "check.h"
#include "fake_host.h"
#include "place.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUND_OURS(mode)                                                              \
    {                                                                                  \
        (uid_t) - 1, (gid_t)-1, (mode)                                                 \
    }

__attribute__((unused)) static bool ground_put(const char *name, const char *text,
                                               mode_t mode)
{
    return ac_test_write_file(ac_test_path(name), text, strlen(text))
           && chmod(ac_test_path(name), mode) == 0;
}

/* True when the file has this text and mode; without a text, when there is none. */
__attribute__((unused)) static bool ground_has(const char *name, const char *text,
                                               mode_t mode)
{
    char found[4096];
    struct stat status;
    ssize_t size = ac_test_read_file(ac_test_path(name), found, sizeof(found));

    if (!text)
        return lstat(ac_test_path(name), &status) != 0;
    return size == (ssize_t)strlen(text) && strcmp(found, text) == 0
           && lstat(ac_test_path(name), &status) == 0
           && (status.st_mode & 07777) == mode;
}

#endif
