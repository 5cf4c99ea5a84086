/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plugin host says unasked: lines for the log, so many and so much. A part of
 * host/process.
 */
#ifndef AC_HOST_EVENT_H
#define AC_HOST_EVENT_H

#include "base/rate.h"
#include "host/message.h"

void ac_event_rate_init(struct ac_rate *rate);
/*
 * Logs it. What is wrong with it, a constant, or NULL: a plugin that says such a thing
 * has to end.
 *
 * name   the plugin's, for the log
 */
const char *ac_event_take(struct ac_rate *rate, const char *name,
                          const struct ac_message *message);

#endif
