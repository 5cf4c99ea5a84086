/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All changes of one zone: one UPDATE message, or as few as possible.
 */
#ifndef RFC2136_UPDATE_H
#define RFC2136_UPDATE_H

#include "session.h"

/* One TXT record to add or to remove. */
struct update_item {
    const char *value; /* borrowed */
    ldns_rdf *name, *zone;
    struct reply reply; /* what came of it */
    bool is_told;       /* a sentence about it was recorded */
    int status;         /* an acmecore_status */
};

/*
 * Adds or removes what the items say, which must lie in one zone. When the server
 * refuses, finds out whose fault it is, so that the others get through.
 */
void update_zone(struct session *session, struct update_item *const *items,
                 size_t count, bool is_removal);

#endif
