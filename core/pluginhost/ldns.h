/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libldns, opened when the first question is asked.
 *
 * Linking it (and the libcrypto it brings) costs each plugin host 2.3 ms and 2 MiB at
 * its start, also those that run an http solver and ask no name server (measured: a
 * program that does nothing takes 1.0 ms and 1.3 MiB, 3.3 ms and 3.3 MiB when linked).
 */
#ifndef AC_PLUGINHOST_LDNS_H
#define AC_PLUGINHOST_LDNS_H

#include "base/error.h"

/* Its inline functions compare without care for signs. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#include <ldns/ldns.h>
#pragma GCC diagnostic pop

#define AC_LDNS_FUNCTIONS(X)                                                           \
    X(dname_new_frm_str)                                                               \
    X(rdf_deep_free)                                                                   \
    X(rdf_get_type)                                                                    \
    X(rdf_size)                                                                        \
    X(rdf_data)                                                                        \
    X(pkt_query_new)                                                                   \
    X(pkt_free)                                                                        \
    X(pkt_set_id)                                                                      \
    X(pkt_set_edns_udp_size)                                                           \
    X(pkt2wire)                                                                        \
    X(wire2pkt)                                                                        \
    X(pkt_id)                                                                          \
    X(pkt_qr)                                                                          \
    X(pkt_aa)                                                                          \
    X(pkt_tc)                                                                          \
    X(pkt_get_opcode)                                                                  \
    X(pkt_get_rcode)                                                                   \
    X(pkt_question)                                                                    \
    X(pkt_answer)                                                                      \
    X(pkt_authority)                                                                   \
    X(rr_list_rr_count)                                                                \
    X(rr_list_rr)                                                                      \
    X(rr_owner)                                                                        \
    X(rr_get_type)                                                                     \
    X(rr_get_class)                                                                    \
    X(rr_ttl)                                                                          \
    X(rr_rd_count)                                                                     \
    X(rr_rdf)

struct ac_ldns {
#define AC_LDNS_MEMBER(name) __typeof__(&ldns_##name) name;
    AC_LDNS_FUNCTIONS(AC_LDNS_MEMBER)
#undef AC_LDNS_MEMBER
};

/*
 * The table; opened once for the life of the process and lent.
 * AC_E_SYSTEM: the library or a function in it is missing; says which package has it.
 */
AC_MUST enum ac_code ac_ldns_get(const struct ac_ldns **ret_ldns, struct ac_error *err);

#endif
