/* SPDX-License-Identifier: Apache-2.0 */
/* A file that says it is a plugin, before anything of it is mapped. */
#include "pluginhost/elf.h"

#include <sys/mman.h>
#include <unistd.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ac_error err = { 0 };
    size_t found = 0;
    static int fd = -1; /* one file for all runs: making one costs more than reading */

    if (fd < 0)
        fd = memfd_create("image", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        return 0;
    if (ac_elf_check(fd, &found, &err) != AC_OK && err.detail[0] == '\0')
        __builtin_trap();
    return 0;
}
