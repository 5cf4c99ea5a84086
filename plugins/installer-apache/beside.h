/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a virtual host with TLS, made from the one without that it stands beside:
 * a copy, less what would send a visitor round in circles or may stand there once only.
 */
#ifndef APACHE_BESIDE_H
#define APACHE_BESIDE_H

#include "edit.h"

/* False: no memory. */
bool apache_beside_write(struct apache_text *text, const struct apache_site *site,
                         const struct apache_dump *dump,
                         const struct acmecore_certificate *certificate,
                         const struct apache_wishes *wishes);

/* Would its redirection, at https, send a visitor to where he is? */
bool apache_beside_is_circle(const struct apache_site *site,
                             const struct apache_directive *directive);

/* Does it send all visitors of this host to https at this host? */
bool apache_beside_sends_all(const struct apache_site *site,
                             const struct apache_directive *directive);

#endif
