/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which zone of the configured server a name lies in, where nobody has said so.
 */
#ifndef RFC2136_APEX_H
#define RFC2136_APEX_H

#include "session.h"

/*
 * Asks for SOA records, a label further up each time. A zone that the server delegates
 * to others is not the one above it: an update there would be accepted and never
 * served.
 *
 * ret_zone   set on success, to be freed
 * failure    an acmecore_status, with the reason recorded
 */
int apex_find(struct session *session, const ldns_rdf *name, ldns_rdf **ret_zone);

#endif
