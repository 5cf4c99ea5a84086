/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is this file a shared object for this machine that defines `acmecore_plugin`? Read
 * from the file with every offset checked, before anything of it is mapped. Pure but
 * for pread.
 */
#ifndef AC_PLUGINHOST_ELF_H
#define AC_PLUGINHOST_ELF_H

#include "base/error.h"

#include <stddef.h>

#define AC_ELF_SYMBOL "acmecore_plugin"

/*
 * fd        a regular file
 * ret_size  bytes of the descriptor object, as the symbol table says
 * AC_E_INVALID: not ELF, truncated, another machine or word size, no shared object, no
 * section headers, no such object; each its own sentence with what to do, without the
 * file's name.
 */
AC_MUST enum ac_code ac_elf_check(int fd, size_t *ret_size, struct ac_error *err);
/*
 * Reads from the descriptor object as it is in the file: numbers only, what pointers
 * are is settled when it is mapped. AC_E_INVALID as above, or it is not that long.
 */
AC_MUST enum ac_code ac_elf_read(int fd, size_t offset, void *bytes, size_t size,
                                 struct ac_error *err);

#endif
