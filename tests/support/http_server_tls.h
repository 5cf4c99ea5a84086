/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TLS side of the scripted server. GnuTLS is opened as libcurl is, at run time, so
 * that no other test has to link it.
 */
#ifndef AC_TESTS_SUPPORT_HTTP_SERVER_TLS_H
#define AC_TESTS_SUPPORT_HTTP_SERVER_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The certificate and key of all sessions that follow. */
bool ac_tls_open(const char *certificate_path, const char *key_path);
void ac_tls_close(void);

/* A session over a connected socket; NULL when the handshake fails. */
void *ac_tls_accept(int fd);
ssize_t ac_tls_receive(void *session, void *bytes, size_t size);
ssize_t ac_tls_send(void *session, const void *bytes, size_t size);
void ac_tls_end(void *session);

#endif
