/* SPDX-License-Identifier: Apache-2.0 */
#include "base/kernel.h"
#include "cli/commands.h"

#include <sys/prctl.h>

int main(int argc, char **argv)
{
    /* Keys are in this process: no other of the same user looks into it, and no core
     * file is made of it. Root, who could, can read the keys' files as well. */
    (void)prctl(PR_SET_DUMPABLE, 0UL, 0UL, 0UL, 0UL);
    ac_kernel_raise_files();
    return ac_command_run(argc, argv);
}
