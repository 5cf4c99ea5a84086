/* SPDX-License-Identifier: Apache-2.0 */
/* Scripted name servers, and server 0 as the resolver. */
#ifndef AC_TESTS_UNIT_PLUGINHOST_DNS_BENCH_H
#define AC_TESTS_UNIT_PLUGINHOST_DNS_BENCH_H

#include "base/clock.h"
#include "check.h"
#include "dns_server.h"
#include "pluginhost/dns_resolvers.h"

#include <string.h>

struct dns_bench {
    struct ac_dns_resolvers resolvers;
    bool is_up;
};

static void dns_bench_done(struct dns_bench *bench)
{
    if (bench->is_up)
        ac_dns_server_stop();
}

__attribute__((unused)) static enum ac_code dns_bench_start(
    struct dns_bench *bench, const struct ac_dns_rule *rules, size_t count,
    struct ac_error *err)
{
    if (!ac_dns_server_start(rules, count))
        return ac_fail(err, AC_E_SYSTEM, "the name servers do not start");
    bench->is_up = true;
    return ac_dns_resolvers_add(&bench->resolvers, ac_dns_server_address(0), err);
}

#define DNS_BENCH(name)                                                                \
    __attribute__((cleanup(dns_bench_done))) struct dns_bench name = { 0 };            \
    struct ac_error err = { 0 }

#endif
