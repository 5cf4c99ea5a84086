/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is to be changed on disk, and how it was: files with their bytes, mode and
 * owner, and links.
 */
#ifndef APACHE_CHANGE_H
#define APACHE_CHANGE_H

#include "file.h"

struct apache_change {
    char *path;
    bool is_link; /* the old text is empty, the new one is its target */
    bool is_new;  /* it was not there; a link never was */
    mode_t mode;
    uid_t owner;
    gid_t group;
    struct apache_text before;
    struct apache_text after;
};

struct apache_changes {
    struct apache_change *items;
    size_t count;
    size_t room;
};

/* Each copies what it is given. False: no memory. */
bool apache_changes_add_file(struct apache_changes *changes,
                             const struct apache_file *file,
                             const struct apache_text *after);
bool apache_changes_add_new(struct apache_changes *changes, const char *path,
                            const char *text);
bool apache_changes_add_link(struct apache_changes *changes, const char *path,
                             const char *target);
/* An empty one, to be filled in; NULL: no memory. */
struct apache_change *apache_changes_add(struct apache_changes *changes,
                                         const char *path);
void apache_changes_done(struct apache_changes *changes);

/* Is all as it was read? E_REFUSED: somebody has changed a file since, or made one that
 * was to be new; recorded. */
int apache_changes_check(const struct acmecore_host *host,
                         const struct apache_changes *changes);

int apache_changes_make(const struct acmecore_host *host,
                        const struct apache_changes *changes);

/*
 * Takes back what was made; what was not made is left. A file that somebody has changed
 * since stays as it is: that is logged as an error, and its copy goes to a file beside
 * the undo record, whose name is logged.
 */
int apache_changes_revert(const struct acmecore_host *host,
                          const struct apache_changes *changes);

#define APACHE_AUTO_CHANGES                                                            \
    __attribute__((cleanup(apache_changes_done))) struct apache_changes

#endif
