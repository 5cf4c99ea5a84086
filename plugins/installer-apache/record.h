/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which certificate a path in the server's configuration belongs to, and what that one
 * names: so that one certificate does not take a virtual host from another.
 */
#ifndef APACHE_RECORD_H
#define APACHE_RECORD_H

#include "text.h"

#define APACHE_RECORD_FILE "certificates"

struct apache_holder {
    char *path; /* its fullchain.pem */
    struct apache_list identifiers;
};

struct apache_record {
    struct apache_holder *holders;
    size_t count;
    size_t room;
};

/* From host->folder; a missing or broken file is an empty record. */
int apache_record_load(const struct acmecore_host *host,
                       struct apache_record *ret_record);
void apache_record_done(struct apache_record *record);

/* The holder with this path, if its file is still there; NULL: there is none. */
const struct apache_holder *apache_record_find(const struct apache_record *record,
                                               const char *path);

/* Adds these certificates, forgets those that are gone, and writes what changed. */
int apache_record_update(const struct acmecore_host *host, struct apache_record *record,
                         const struct acmecore_certificate *const *certificates,
                         size_t count);

#define APACHE_AUTO_RECORD                                                             \
    __attribute__((cleanup(apache_record_done))) struct apache_record

#endif
