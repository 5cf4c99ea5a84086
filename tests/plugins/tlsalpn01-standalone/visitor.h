/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of this plugin share: a TLS client that a test moves step by step. */
#ifndef TESTS_TLSALPN01_VISITOR_H
#define TESTS_TLSALPN01_VISITOR_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "../http01-standalone/net.h"

#define VISITOR_DER_MAX   4096
#define VISITOR_HELLO_MAX 4096

/* What it saw. */
struct seen {
    int code; /* of the handshake: 0, or GnuTLS's reason */
    char protocol[32];
    uint8_t der[VISITOR_DER_MAX];
    size_t der_size;
};

struct visitor {
    gnutls_certificate_credentials_t credentials;
    gnutls_session_t session;
};

static inline void visitor_stop(struct visitor *visitor)
{
    if (visitor->session)
        gnutls_deinit(visitor->session);
    if (visitor->credentials)
        gnutls_certificate_free_credentials(visitor->credentials);
}

/* `protocols` are separated by commas; NULL: none. `name` NULL: no SNI. */
static inline bool visitor_start(struct visitor *visitor, const char *name,
                                 const char *protocols)
{
    char copy[64] = "";
    char *rest = copy, *word = NULL;
    gnutls_datum_t items[4];
    unsigned count = 0;

    memset(visitor, 0, sizeof(*visitor));
    if (gnutls_init(&visitor->session,
                    GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL)
            != 0
        || gnutls_set_default_priority(visitor->session) != 0
        || gnutls_certificate_allocate_credentials(&visitor->credentials) != 0
        || gnutls_credentials_set(visitor->session, GNUTLS_CRD_CERTIFICATE,
                                  visitor->credentials)
               != 0)
        return false;
    (void)snprintf(copy, sizeof(copy), "%s", protocols ? protocols : "");
    while (protocols && (word = strsep(&rest, ",")) && count < 4) {
        items[count++] =
            (gnutls_datum_t){ (unsigned char *)word, (unsigned)strlen(word) };
    }
    return (count == 0
            || gnutls_alpn_set_protocols(visitor->session, items, count, 0) == 0)
           && (!name
               || gnutls_server_name_set(visitor->session, GNUTLS_NAME_DNS, name,
                                         strlen(name))
                      == 0);
}

static inline void visitor_look(const struct visitor *visitor, struct seen *seen)
{
    gnutls_datum_t protocol = { NULL, 0 };
    unsigned count = 0;
    const gnutls_datum_t *certificates =
        gnutls_certificate_get_peers(visitor->session, &count);

    if (gnutls_alpn_get_selected_protocol(visitor->session, &protocol) == 0)
        (void)snprintf(seen->protocol, sizeof(seen->protocol), "%.*s",
                       (int)protocol.size, (const char *)protocol.data);
    if (count == 1 && certificates[0].size <= sizeof(seen->der)) {
        memcpy(seen->der, certificates[0].data, certificates[0].size);
        seen->der_size = certificates[0].size;
    }
}

/* One handshake over a socket that does not block. */
static inline struct seen visitor_shake(net_step *step, void *server, int fd,
                                        const char *name, const char *protocols)
{
    struct visitor visitor;
    struct seen seen = { .code = GNUTLS_E_AGAIN };

    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    if (!visitor_start(&visitor, name, protocols)) {
        visitor_stop(&visitor);
        return seen;
    }
    gnutls_transport_set_int(visitor.session, fd);
    for (int turn = 0; turn < (ac_check_is_torture() ? 10 : NET_TURNS_MAX); turn++) {
        seen.code = gnutls_handshake(visitor.session);
        if (seen.code != GNUTLS_E_AGAIN && seen.code != GNUTLS_E_INTERRUPTED)
            break;
        step(server, fd);
    }
    if (seen.code == 0)
        visitor_look(&visitor, &seen);
    /* The server has its part still to do. */
    step(server, -1);
    visitor_stop(&visitor);
    return seen;
}

static inline struct seen visitor_visit(net_step *step, void *server, uint16_t port,
                                        const char *name, const char *protocols)
{
    int fd = net_connect(AF_INET, port);
    struct seen seen = visitor_shake(step, server, fd, name, protocols);

    (void)close(fd);
    return seen;
}

/* ---- only the first words */

struct written {
    uint8_t data[VISITOR_HELLO_MAX];
    size_t size;
};

static inline ssize_t visitor_keep(gnutls_transport_ptr_t arg, const void *data,
                                   size_t size)
{
    struct written *written = arg;
    size_t room = sizeof(written->data) - written->size;

    memcpy(written->data + written->size, data, size < room ? size : room);
    written->size += size < room ? size : room;
    return (ssize_t)size;
}

static inline ssize_t visitor_hear_nothing(gnutls_transport_ptr_t arg, void *data,
                                           size_t size)
{
    (void)arg;
    (void)data;
    (void)size;
    errno = EAGAIN;
    return -1;
}

/* The ClientHello as this client sends it, in one record. */
static inline struct written visitor_hello(const char *name, const char *protocols)
{
    struct written written = { .size = 0 };
    struct visitor visitor;

    if (visitor_start(&visitor, name, protocols)) {
        gnutls_transport_set_ptr(visitor.session, &written);
        gnutls_transport_set_push_function(visitor.session, visitor_keep);
        gnutls_transport_set_pull_function(visitor.session, visitor_hear_nothing);
        (void)gnutls_handshake(visitor.session);
    }
    visitor_stop(&visitor);
    return written;
}

#endif
