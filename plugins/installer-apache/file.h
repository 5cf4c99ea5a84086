/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration files that are read, and the edits that one is to get: bytes taken
 * out and put in at a place, all others as they are.
 */
#ifndef APACHE_FILE_H
#define APACHE_FILE_H

#include "text.h"

#include <sys/types.h>

#define APACHE_FILE_MAX (32u * 1024 * 1024) /* bytes of one configuration file */

struct apache_edit {
    size_t at;
    size_t removed; /* bytes */
    char *text;     /* put in there */
};

struct apache_file {
    char *path; /* links followed: what is written to */
    struct apache_text text;
    mode_t mode; /* permission bits */
    uid_t owner;
    gid_t group;
    struct apache_edit *edits;
    size_t edit_count;
    size_t edit_room;
};

struct apache_files {
    struct apache_file **items; /* each stays where it is */
    size_t count;
    size_t room;
};

/*
 * Reads a whole regular file. ACMECORE_E_NOTFOUND: it is not there, nothing is
 * recorded. Anything else wrong is recorded: longer than APACHE_FILE_MAX, a NUL in it.
 */
int apache_file_read(const struct acmecore_host *host, const char *path,
                     struct apache_file *ret_file);
void apache_file_done(struct apache_file *file);

/* The file of this path, read once. E_REFUSED: it cannot be read, and why is logged. */
int apache_files_get(const struct acmecore_host *host, struct apache_files *files,
                     const char *path, struct apache_file **ret_file);
void apache_files_done(struct apache_files *files);

/* Remembers an edit. False: no memory. */
bool apache_file_edit(struct apache_file *file, size_t at, size_t removed,
                      const char *text);

/* Its text with all edits. Those at one place come in the order they were made. */
bool apache_file_edited(const struct apache_file *file, struct apache_text *ret_text);

#define APACHE_AUTO_FILE __attribute__((cleanup(apache_file_done))) struct apache_file
#define APACHE_AUTO_FILES                                                              \
    __attribute__((cleanup(apache_files_done))) struct apache_files

#endif
