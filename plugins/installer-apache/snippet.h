/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that a virtual host includes and that may be shared by others.
 */
#ifndef APACHE_SNIPPET_H
#define APACHE_SNIPPET_H

#include "site.h"

/*
 * The first file included by this virtual host (not by an included one) that sets this
 * directive. ret_path is empty when none does. E_SYSTEM: no memory, recorded.
 */
int apache_snippet_find(const struct acmecore_host *host,
                        const struct apache_site *site, const struct apache_dump *dump,
                        const char *directive, struct apache_text *ret_path);

#endif
