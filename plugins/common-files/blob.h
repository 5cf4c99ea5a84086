/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of a file, some of them a private key: bounded, and wiped when dropped.
 */
#ifndef FILES_BLOB_H
#define FILES_BLOB_H

#include <acmecore/plugin.h>

#include <stdbool.h>

#define FILES_BLOB_MAX  (1024u * 1024u) /* bytes of one file */
#define FILES_NO_MEMORY "out of memory"

struct files_blob {
    char *bytes; /* NULL: none; else NUL after the last one */
    size_t size, room;
};

#define FILES_AUTO_BLOB __attribute__((cleanup(files_blob_drop))) struct files_blob

void files_blob_drop(struct files_blob *blob);

/* False: out of memory; the blob is as before. */
bool files_blob_add(struct files_blob *blob, const void *bytes, size_t size);

bool files_blob_is(const struct files_blob *blob, const struct files_blob *other);

/* Adds all that the descriptor gives. Returns 0, or -1 with errno: EFBIG when
 * the blob would be longer than `maximum`, ENOMEM. */
int files_blob_fill(struct files_blob *blob, int fd, size_t maximum);

/* Adds what is in the file that the host named; says what went wrong. */
int files_blob_load(const struct acmecore_host *host, const char *path,
                    struct files_blob *blob);

#endif
