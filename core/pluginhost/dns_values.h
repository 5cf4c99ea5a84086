/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What TXT records a name has by now, for those who keep to one that is there: asked of
 * a server of its zone, which remembers nothing; or of the resolvers, where the zone's
 * servers are not to be asked.
 */
#ifndef AC_PLUGINHOST_DNS_VALUES_H
#define AC_PLUGINHOST_DNS_VALUES_H

#include "pluginhost/dns_locate.h"
#include "pluginhost/dns_visible.h"

#define AC_DNS_VALUES_KEPT      64   /* of one name */
#define AC_DNS_VALUE_SIZE       1024 /* bytes of one; longer ones are left out */
#define AC_DNS_VALUES_BYTES_MAX (1024 * 1024) /* of all names together */
#define AC_DNS_VALUES_SERVERS   8             /* asked in turn for one name */

struct ac_dns_values {
    bool is_wanted; /* in */
    /* Out: */
    bool is_known; /* the name has these; false: nobody could say, or too much */
    struct ac_words texts; /* printable ASCII only */
};
void ac_dns_values_free(struct ac_dns_values *values, size_t count);

/* Asks for all that are wanted and whose place is known, at once. Fails itself only for
 * lack of memory or of libldns. */
AC_MUST enum ac_code ac_dns_values_fetch(const struct ac_dns_visible_settings *settings,
                                         const struct ac_dns_place *places,
                                         struct ac_dns_values *values, size_t count,
                                         int64_t deadline_ms, struct ac_error *err);

#endif
