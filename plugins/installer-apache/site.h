/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual hosts as they stand in the files: where Apache says each one is, read by
 * the lens.
 */
#ifndef APACHE_SITE_H
#define APACHE_SITE_H

#include "dump.h"
#include "file.h"
#include "lines.h"
#include "match.h"
#include "section.h"

/* Who is to have a virtual host; see claim.h. */
struct apache_claim {
    size_t certificate; /* of the batch, from 1; 0: none of it */
    enum apache_match match;
    bool is_in_place; /* it is set here already */
    bool is_first;    /* the identifier is the ServerName */
};

struct apache_site {
    struct apache_host *host;
    const char *left_alone; /* why it is not touched; NULL: it can be */
    struct apache_file *file;
    struct apache_extent extent;
    struct apache_section section; /* its places are counted from extent.start */
    bool is_tls;
    bool has_name;   /* a ServerName or an alias of its own */
    size_t in_place; /* the certificate of the batch that is set here, from 1; or 0 */
    struct apache_claim claim;
};

struct apache_sites {
    struct apache_site *items;
    size_t count;
    size_t room;
    struct apache_files files;
};

/*
 * Reads all virtual hosts of the dump, which also gets the aliases that Apache does not
 * tell. One that cannot be read is left alone, and that is logged with file and line.
 */
int apache_sites_load(const struct acmecore_host *host, struct apache_dump *dump,
                      unsigned tls_port, struct apache_sites *ret_sites);
void apache_sites_done(struct apache_sites *sites);

/*
 * The value of the site's first directive of this name: variables put in, absolute.
 * ret_path is empty when there is none. False: no memory.
 */
bool apache_site_path(const struct apache_site *site, const struct apache_dump *dump,
                      const char *name, struct apache_text *ret_path);

#define APACHE_AUTO_SITES                                                              \
    __attribute__((cleanup(apache_sites_done))) struct apache_sites

#endif
