/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many questions to one server, several at a time.
 */
#ifndef RFC2136_SURVEY_H
#define RFC2136_SURVEY_H

#include "session.h"

/* Handed what the server said to question `index`. */
typedef void survey_take(void *arg, size_t index, const ldns_pkt *packet);

/*
 * Asks the server that answered last for TXT records, several questions at a time. What
 * is not answered, or not with a good signature, is not taken: nothing fails.
 */
void survey_txt(struct session *session, const ldns_rdf *const *names, size_t count,
                survey_take *take, void *arg);

#endif
