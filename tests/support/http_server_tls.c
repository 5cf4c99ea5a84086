/* SPDX-License-Identifier: Apache-2.0 */
#include "http_server_tls.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include <gnutls/gnutls.h>

#define FUNCTIONS(X)                                                                   \
    X(certificate_allocate_credentials)                                                \
    X(certificate_free_credentials)                                                    \
    X(certificate_set_x509_key_file)                                                   \
    X(init)                                                                            \
    X(deinit)                                                                          \
    X(set_default_priority)                                                            \
    X(credentials_set)                                                                 \
    X(transport_set_int2)                                                              \
    X(handshake)                                                                       \
    X(record_recv)                                                                     \
    X(record_send)                                                                     \
    X(bye)

static struct {
/* NOLINTNEXTLINE(bugprone-macro-parentheses): a declaration */
#define MEMBER(name) __typeof__(&gnutls_##name) name;
    FUNCTIONS(MEMBER)
#undef MEMBER
} tls;

static const struct {
    const char *symbol;
    size_t offset;
} entries[] = {
#define ENTRY(name) { "gnutls_" #name, offsetof(__typeof__(tls), name) },
    FUNCTIONS(ENTRY)
#undef ENTRY
};

static gnutls_certificate_credentials_t credentials;

/* Never closed again: libcurl uses it too. */
static bool open_library(void)
{
    void *library = dlopen("libgnutls.so.30", RTLD_NOW | RTLD_LOCAL);

    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        void *symbol = library == NULL ? NULL : dlsym(library, entries[i].symbol);

        if (symbol == NULL)
            return false;
        memcpy((unsigned char *)&tls + entries[i].offset, &symbol, sizeof symbol);
    }
    return true;
}

bool ac_tls_open(const char *certificate_path, const char *key_path)
{
    return open_library() && tls.certificate_allocate_credentials(&credentials) >= 0
           && tls.certificate_set_x509_key_file(credentials, certificate_path, key_path,
                                                GNUTLS_X509_FMT_PEM)
                  >= 0;
}

void ac_tls_close(void)
{
    if (credentials != NULL)
        tls.certificate_free_credentials(credentials);
    credentials = NULL;
}

void *ac_tls_accept(int fd)
{
    gnutls_session_t session = NULL;

    if (tls.init(&session, GNUTLS_SERVER | GNUTLS_NO_SIGNAL) < 0)
        return NULL;
    tls.transport_set_int2(session, fd, fd);
    if (tls.set_default_priority(session) >= 0
        && tls.credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials) >= 0
        && tls.handshake(session) >= 0)
        return session;
    tls.deinit(session);
    return NULL;
}

ssize_t ac_tls_receive(void *session, void *bytes, size_t size)
{
    return tls.record_recv(session, bytes, size);
}

ssize_t ac_tls_send(void *session, const void *bytes, size_t size)
{
    return tls.record_send(session, bytes, size);
}

void ac_tls_end(void *session)
{
    (void)tls.bye(session, GNUTLS_SHUT_WR);
    tls.deinit(session);
}
