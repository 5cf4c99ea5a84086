/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every solver of a dns-01 family type gets without a line of its own: the options
 * resolver, visibility, visibility-timeout and quorum; "locate"; and the look at the
 * name servers after its own probe.
 */
#ifndef AC_PLUGINHOST_DNS_H
#define AC_PLUGINHOST_DNS_H

#include "host/message.h"
#include "pluginhost/dns_values.h"
#include "pluginhost/loader.h"

#define AC_DNS_TIMEOUT_S     180 /* option visibility-timeout */
#define AC_DNS_TIMEOUT_MAX_S 86400

struct ac_dns;

/* Does this plugin answer challenges with DNS records? */
bool ac_dns_is_for(const struct ac_loaded *loaded);
/*
 * Adds to the "plugin" member of the reply to "load" what the plugin gets from us: the
 * options that it does not declare itself, and has_probe.
 */
AC_MUST enum ac_code ac_dns_describe(struct ac_json *plugin, struct ac_error *err);

/*
 * Reads the options of an instance that is about to open. An option that the plugin
 * declares is its own, and we keep to the default; a plugin that declares `visibility`
 * looks for itself, and we do not.
 *
 * port          of authoritative servers: AC_DNS_PORT but in tests
 * AC_E_USAGE    an option is wrong
 */
AC_MUST enum ac_code ac_dns_new(const struct acmecore_host *host,
                                const struct ac_loaded *loaded, uint16_t port,
                                struct ac_dns **ret_dns, struct ac_error *err);
void ac_dns_free(struct ac_dns *dns);
AC_DEFINE_DROP(ac_dns, ac_dns_free)

/*
 * Where the records of the challenges lie (dns_locate.h); a challenge without a record
 * is OK with an empty name. With visibility=off a name whose zone cannot be found is
 * taken as it is, without a zone: whoever switched the look off may have no resolver
 * that knows it.
 *
 * ret_places  one for each challenge; free with free()
 */
AC_MUST enum ac_code ac_dns_find_places(const struct ac_dns *dns,
                                        const struct ac_batch *batch,
                                        int64_t deadline_ms,
                                        struct ac_dns_place **ret_places,
                                        struct ac_error *err);
/*
 * What TXT records there are by now for the challenges that may keep to one
 * (dns_values.h): those of dns-persist-01.
 *
 * ret_values  one for each challenge; free with ac_dns_values_free
 */
AC_MUST enum ac_code ac_dns_find_values(const struct ac_dns *dns,
                                        const struct ac_batch *batch,
                                        const struct ac_dns_place *places,
                                        int64_t deadline_ms,
                                        struct ac_dns_values **ret_values,
                                        struct ac_error *err);
/* dns_visible.h */
AC_MUST enum ac_code ac_dns_probe(struct ac_dns *dns, const struct ac_batch *batch,
                                  struct ac_dns_verdict *verdicts, int64_t deadline_ms,
                                  struct ac_error *err);
/* "not visible everywhere after 180 s: ns2… ; ns1…", cut to fit. Returns buffer. */
char *ac_dns_reason(const struct ac_dns *dns, const struct ac_dns_verdict *verdict,
                    char buffer[AC_MESSAGE_DETAIL_MAX]);

#endif
