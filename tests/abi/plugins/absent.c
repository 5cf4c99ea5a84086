/* SPDX-License-Identifier: Apache-2.0 */
/* A library that is there when a plugin is built, and nowhere when it is used. */
extern __attribute__((visibility("default"))) int acmecore_absent(void);

int acmecore_absent(void)
{
    return 0;
}
