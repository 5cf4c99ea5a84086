/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccomp: which system calls a process may make. What no plugin has a use for ends the
 * process; what an honest one may try fails with an error number.
 */
#ifndef AC_PLUGINHOST_FILTER_H
#define AC_PLUGINHOST_FILTER_H

#include "base/error.h"

#include <stdint.h>

/*
 * uses: ACMECORE_USES_*. Of a kernel without seccomp, or an emulator of one, nothing is
 * asked.
 * AC_E_SYSTEM: the filter could not be made or was refused.
 */
AC_MUST enum ac_code ac_filter_enter(uint32_t uses, struct ac_error *err);

#endif
