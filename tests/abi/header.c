/* SPDX-License-Identifier: Apache-2.0 */
/* Twice, because the include guard is part of the promise. */
#include <acmecore/plugin.h>

#include <acmecore/plugin.h>

static const struct acmecore_solver solver = { sizeof(solver), 0, 0, 0, 0, 0, 0, 0 };

static int has_last(const struct acmecore_host *host)
{
    return ACMECORE_HAS(host, remove_file) ? 1 : 0;
}

int main(void);

int main(void)
{
    return solver.present == 0 ? 0 : has_last(0);
}
