/* SPDX-License-Identifier: Apache-2.0 */
#include "handshake.h"

#include <stddef.h>

#define TURNS_MAX 16 /* of the library, for warnings and interrupts in a row */

static int configure(gnutls_session_t session, gnutls_priority_t priorities,
                     const struct proof *proof);

int handshake_settings(gnutls_priority_t *ret_priorities)
{
    return gnutls_priority_init(ret_priorities,
                                "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2", NULL);
}

gnutls_session_t handshake_new(gnutls_priority_t priorities, const struct proof *proof,
                               int fd)
{
    /* One handshake is all there will be, so nothing to resume it with. */
    unsigned flags =
        GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS;
    gnutls_session_t session = NULL;

    if (gnutls_init(&session, flags) != 0)
        return NULL;
    if (configure(session, priorities, proof) != 0) {
        gnutls_deinit(session);
        return NULL;
    }
    gnutls_transport_set_int(session, fd);
    return session;
}

int handshake_step(gnutls_session_t session)
{
    int code = GNUTLS_E_INTERRUPTED;

    for (int i = 0; i < TURNS_MAX && code != 0; i++) {
        code = gnutls_handshake(session);
        if (code == GNUTLS_E_AGAIN || gnutls_error_is_fatal(code))
            return code;
    }
    if (code == 0)
        (void)gnutls_bye(session, GNUTLS_SHUT_WR);
    return code;
}

static int configure(gnutls_session_t session, gnutls_priority_t priorities,
                     const struct proof *proof)
{
    static unsigned char name[] = "acme-tls/1";
    const gnutls_datum_t protocol = { name, sizeof name - 1 };
    int code = gnutls_priority_set(session, priorities);

    if (code == 0) {
        code =
            gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, proof->credentials);
    }
    if (code == 0)
        code = gnutls_alpn_set_protocols(session, &protocol, 1, GNUTLS_ALPN_MANDATORY);
    return code;
}
