/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resolvers to ask: those of the option `resolver`, else those of /etc/resolv.conf.
 */
#ifndef AC_PLUGINHOST_DNS_RESOLVERS_H
#define AC_PLUGINHOST_DNS_RESOLVERS_H

#include "base/words.h"
#include "pluginhost/dns_query.h"

#define AC_DNS_RESOLVERS_MAX   8
#define AC_DNS_RESOLV_CONF     "/etc/resolv.conf"
#define AC_DNS_RESOLV_CONF_MAX (64u * 1024u) /* bytes of it that are accepted */

struct ac_dns_resolvers {
    struct ac_dns_address items[AC_DNS_RESOLVERS_MAX];
    size_t count;
};

/*
 * "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353", and host names,
 * which the system looks up; a name may give several. More than fit are left out.
 * AC_E_USAGE: it cannot be looked up; the detail says why.
 */
AC_MUST enum ac_code ac_dns_resolvers_add(struct ac_dns_resolvers *resolvers,
                                          const char *address, struct ac_error *err);
/*
 * The nameserver lines of a resolv.conf(5); a file that is not there, or has none,
 * means the resolver on this machine, as it does to libc.
 */
AC_MUST enum ac_code ac_dns_resolvers_read(const char *path,
                                           struct ac_dns_resolvers *ret_resolvers,
                                           struct ac_error *err);

#endif
