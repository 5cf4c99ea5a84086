/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a distribution lays Apache's configuration out, and so how a module is loaded and
 * a port opened there: Debian's links in mods-enabled and its ports.conf, Red Hat's
 * conf.modules.d and conf.d.
 */
#ifndef APACHE_LAYOUT_H
#define APACHE_LAYOUT_H

#include "change.h"
#include "dump.h"

#include <limits.h>

enum apache_layout_kind {
    APACHE_LAYOUT_OTHER,
    APACHE_LAYOUT_DEBIAN,
    APACHE_LAYOUT_RED_HAT
};

struct apache_layout {
    const struct acmecore_host *host;
    enum apache_layout_kind kind;
    char root[PATH_MAX]; /* Debian: of apache2.conf; Red Hat: of conf/ and conf.d/ */
};

/* Looks at what is there. */
void apache_layout_find(const struct acmecore_host *host,
                        const struct apache_dump *dump,
                        struct apache_layout *ret_layout);

/*
 * Adds what loads a module ("ssl"), with those it needs.
 *
 * ret_load      the directive that loads it, for a look at what would come of it
 * E_CONFIG      the layout has no way, or the module is not installed; recorded
 */
int apache_layout_module(const struct apache_layout *layout, const char *module,
                         struct apache_changes *changes, struct apache_text *ret_load);

/* Adds what makes the server listen: these lines, in a new file or as an edit of one.
 * E_CONFIG as above. */
int apache_layout_listen(const struct apache_layout *layout, const char *lines,
                         struct apache_files *files, struct apache_changes *changes);

#endif
