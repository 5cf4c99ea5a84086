/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a stranger's redirect may lead us: what answers on this machine or behind it is
 * not for others to have asked. Pure text: names are not resolved.
 */
#ifndef AC_NET_PUBLIC_H
#define AC_NET_PUBLIC_H

#include "base/error.h"

#include <stdbool.h>

/* Port 80 or 443? `place` is "host:port", as in struct ac_url. */
bool ac_public_has_web_port(const char *place);
/* True unless the host is "localhost" or the literal of an address that is loopback,
 * link-local, private or nobody's, however it is written. */
bool ac_public_is_host(const char *host);
/* The same of the host of a URL. */
bool ac_public_is_url(const char *url);
/* The same of an address as inet_ntop writes it, so an IPv6 one without brackets. */
bool ac_public_is_address(const char *address);

#endif
