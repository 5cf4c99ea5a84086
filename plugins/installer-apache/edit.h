/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is changed in a virtual host, byte by byte: nothing but the lines of the
 * certificate. Run on what it made itself, it changes nothing. False: no memory.
 */
#ifndef APACHE_EDIT_H
#define APACHE_EDIT_H

#include "site.h"

struct apache_wishes {
    unsigned tls_port;
    bool can_create; /* TLS hosts beside those without */
    bool redirects;  /* from http to https */
    long hsts_s;     /* max-age; 0: none */
};

/* A host with TLS: the certificate, its key, no chain file. */
bool apache_edit_certificate(struct apache_site *site, const struct apache_dump *dump,
                             const struct acmecore_certificate *certificate,
                             const struct apache_wishes *wishes);

/* A host without: one with TLS beside it. */
bool apache_edit_beside(struct apache_site *site, const struct apache_dump *dump,
                        const struct acmecore_certificate *certificate,
                        const struct apache_wishes *wishes);

/* A host without: its visitors are sent to https, those for a challenge are not. One
 * that sends them there already is left. */
bool apache_edit_redirect(struct apache_site *site, unsigned tls_port);

#endif
