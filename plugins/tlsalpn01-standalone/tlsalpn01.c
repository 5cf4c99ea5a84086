/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tlsalpn01-standalone: answers tls-alpn-01 (RFC 8737) on a port of its own, and passes
 * all other connections through to the server that usually answers there.
 */
#include <acmecore/plugin.h>

#include "linger.h"
#include "redirect.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define AUTHORIZATION_MAX 1024 /* bytes; usually 87 */

struct tlsalpn01 {
    const struct acmecore_host *host;
    struct proofs proofs;
    struct redirect redirect;
    struct server *server;
    int64_t linger_ms;
};

typedef int one_challenge(struct tlsalpn01 *self,
                          const struct acmecore_challenge *challenge);

static int tlsalpn01_open(const struct acmecore_host *host, void **ret_self);
static void tlsalpn01_close(void *self);
static int open_all(struct tlsalpn01 *self, struct listeners *listeners);
static uint16_t port_of(const struct listeners *listeners);
static int present(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results);
static int cleanup(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results);
static int probe(void *self, const struct acmecore_challenge *const *challenges,
                 size_t count, int *results);
static int each(struct tlsalpn01 *self, one_challenge *act,
                const struct acmecore_challenge *const *challenges, size_t count,
                int *results);
static int present_one(struct tlsalpn01 *self,
                       const struct acmecore_challenge *challenge);
static int cleanup_one(struct tlsalpn01 *self,
                       const struct acmecore_challenge *challenge);
static int probe_one(struct tlsalpn01 *self,
                     const struct acmecore_challenge *challenge);
static int check(const struct acmecore_host *host,
                 const struct acmecore_challenge *challenge,
                 struct subject *ret_subject);
static size_t watch(void *self, struct pollfd *fds, size_t max);
static void serve(void *self, const struct pollfd *fds, size_t count);
static int64_t read_clock_ms(void);

static const struct acmecore_solver solver = {
    .struct_size = sizeof solver,
    .types = (const char *const[]){ "tls-alpn-01", NULL },
    .present = present,
    .cleanup = cleanup,
    .probe = probe,
    .watch = watch,
    .serve = serve,
};

static const struct listen_terms terms = {
    .port = 443,
    .instead = "leave it there and set the options port, redirect and backend",
};

static const struct acmecore_option options[] = {
    { .name = "port",
      .type = ACMECORE_OPTION_NUMBER,
      .minimum = 1,
      .maximum = 65535,
      .fallback = "443",
      .help = "TCP port to listen on; validators come to 443" },
    { .name = "address",
      .type = ACMECORE_OPTION_ADDRESS,
      .flags = ACMECORE_LIST,
      .help =
          "IP address to listen on; without it all of this machine, IPv4 and IPv6" },
    { .name = "backend",
      .type = ACMECORE_OPTION_ADDRESS,
      .help = "host:port of the server that gets all other connections; without it "
              "they are closed" },
    { .name = "redirect",
      .type = ACMECORE_OPTION_NUMBER,
      .minimum = 0,
      .maximum = 65535,
      .fallback = "0",
      .help = "port of a running server whose new connections come to us for the time "
              "of the validation (nftables, as root); 0: none" },
    { .name = "proxy-protocol",
      .type = ACMECORE_OPTION_TEXT,
      .fallback = "off",
      .help = "\"v1\": tell the backend the client's address in a first line" },
    { .name = "linger",
      .type = ACMECORE_OPTION_NUMBER,
      .minimum = 0,
      .maximum = 86400,
      .fallback = "60",
      .help = "seconds that connections to the backend may go on after the run" },
};

const struct acmecore_plugin acmecore_plugin = {
    ACMECORE_PLUGIN_HEADER(ACMECORE_SOLVER, "tlsalpn01-standalone", "1.0", 0),
    .flags = ACMECORE_USES_NETWORK | ACMECORE_USES_COMMANDS,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .open = tlsalpn01_open,
    .close = tlsalpn01_close,
    .ops.solver = &solver,
};

static int tlsalpn01_open(const struct acmecore_host *host, void **ret_self)
{
    struct tlsalpn01 *self = calloc(1, sizeof *self);
    struct listeners listeners = { 0 };
    const char *seconds = host->option(host->ctx, "linger", 0);
    int status = ACMECORE_OK;

    if (!self)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "out of memory");
    self->host = host;
    self->linger_ms = seconds ? 1000 * strtoll(seconds, NULL, 10) : 0;
    status = listeners_open(host, &terms, &listeners);
    if (status == ACMECORE_OK)
        status = open_all(self, &listeners);
    if (status != ACMECORE_OK) {
        listeners_close(&listeners);
        tlsalpn01_close(self);
        return status;
    }
    *ret_self = self;
    return ACMECORE_OK;
}

static void tlsalpn01_close(void *self)
{
    struct tlsalpn01 *plugin = self;
    bool has_relays = plugin->server && server_relays(plugin->server) > 0;

    if (has_relays && plugin->linger_ms > 0) {
        char *const *then = redirect_hold(&plugin->redirect);

        linger(plugin->server, plugin->linger_ms, then);
    }
    (void)redirect_end(&plugin->redirect);
    server_free(plugin->server);
    proofs_drop(&plugin->proofs);
    free(plugin);
}

static int open_all(struct tlsalpn01 *self, struct listeners *listeners)
{
    struct backend backend;
    int status = backend_read(self->host, listeners, &backend);

    if (status == ACMECORE_OK) {
        status = redirect_open(self->host, port_of(listeners), backend.is_set,
                               &self->redirect);
    }
    if (status == ACMECORE_OK) {
        status =
            server_start(self->host, &self->proofs, &backend, listeners, &self->server);
    }
    return status;
}

static uint16_t port_of(const struct listeners *listeners)
{
    struct address address = { .size = sizeof address.storage };

    if (listeners->count == 0
        || getsockname(listeners->fds[0], (struct sockaddr *)&address.storage,
                       &address.size)
               != 0)
        return 0;
    return address_port(address_socket(&address));
}

static int present(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results)
{
    return each(self, present_one, challenges, count, results);
}

/* The redirection ends with the last proof; also one that an earlier run left. */
static int cleanup(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results)
{
    struct tlsalpn01 *plugin = self;
    int status = each(plugin, cleanup_one, challenges, count, results);
    int ended = ACMECORE_OK;

    if (plugin->proofs.count == 0)
        ended = redirect_pause(&plugin->redirect);
    return status == ACMECORE_OK ? ended : status;
}

static int probe(void *self, const struct acmecore_challenge *const *challenges,
                 size_t count, int *results)
{
    return each(self, probe_one, challenges, count, results);
}

static int each(struct tlsalpn01 *self, one_challenge *act,
                const struct acmecore_challenge *const *challenges, size_t count,
                int *results)
{
    const struct acmecore_host *host = self->host;
    int status = ACMECORE_OK;

    for (size_t i = 0; i < count; i++) {
        if (host->remaining_ms(host->ctx) <= 0) {
            results[i] = host->fail(host->ctx, ACMECORE_E_TIMEOUT,
                                    "the time was over before the turn of %s",
                                    challenges[i]->identifier);
        } else {
            results[i] = act(self, challenges[i]);
        }
        if (results[i] != ACMECORE_OK)
            status = results[i];
    }
    return status;
}

static int present_one(struct tlsalpn01 *self,
                       const struct acmecore_challenge *challenge)
{
    const struct acmecore_host *host = self->host;
    struct subject subject;
    int code = 0;
    int status = check(host, challenge, &subject);

    if (status != ACMECORE_OK)
        return status;
    switch (proofs_add(&self->proofs, &subject, challenge->key_authorization, &code)) {
    case PROOFS_ADDED:
        return redirect_begin(&self->redirect, read_clock_ms());
    case PROOFS_FULL:
        return host->fail(host->ctx, ACMECORE_E_SYSTEM,
                          "more than %d challenges at once", PROOFS_MAX);
    case PROOFS_NO_CERTIFICATE:
        return host->fail(host->ctx, ACMECORE_E_SYSTEM,
                          "cannot make the certificate for %s: %s",
                          challenge->identifier, gnutls_strerror(code));
    case PROOFS_NO_MEMORY:
        break;
    }
    return host->fail(host->ctx, ACMECORE_E_SYSTEM, "out of memory");
}

/* What was never presented, or by another process, is not there to be forgotten. */
static int cleanup_one(struct tlsalpn01 *self,
                       const struct acmecore_challenge *challenge)
{
    struct subject subject;

    if (subject_read(challenge->identifier, &subject))
        proofs_remove(&self->proofs, &subject, challenge->key_authorization);
    return ACMECORE_OK;
}

/* One name can prove one thing at a time: another order of the same run may be first.
 */
static int probe_one(struct tlsalpn01 *self, const struct acmecore_challenge *challenge)
{
    const struct acmecore_host *host = self->host;
    struct subject subject;
    const struct proof *first = NULL;

    if (subject_read(challenge->identifier, &subject))
        first = proofs_find(&self->proofs, subject.server_name);
    if (!first) {
        return host->fail(host->ctx, ACMECORE_E_INVALID, "%s was not presented",
                          challenge->identifier);
    }
    if (strcmp(first->key_authorization, challenge->key_authorization) == 0)
        return ACMECORE_OK;
    return host->fail(host->ctx, ACMECORE_PENDING,
                      "%s is being proven for another order first",
                      challenge->identifier);
}

static int check(const struct acmecore_host *host,
                 const struct acmecore_challenge *challenge,
                 struct subject *ret_subject)
{
    size_t size = strnlen(challenge->key_authorization, AUTHORIZATION_MAX + 1);

    if (!subject_read(challenge->identifier, ret_subject)) {
        return host->fail(host->ctx, ACMECORE_E_INVALID,
                          "the identifier is not 1 to %d characters", SUBJECT_NAME_MAX);
    }
    if (size == 0 || size > AUTHORIZATION_MAX) {
        return host->fail(host->ctx, ACMECORE_E_INVALID,
                          "the key authorization for %s is not 1 to %d bytes",
                          challenge->identifier, AUTHORIZATION_MAX);
    }
    return ACMECORE_OK;
}

static size_t watch(void *self, struct pollfd *fds, size_t max)
{
    const struct tlsalpn01 *plugin = self;

    if (max > 0)
        fds[0] = (struct pollfd){ .fd = server_fd(plugin->server), .events = POLLIN };
    return 1;
}

/* Whatever is readable: some things are due by the clock. */
static void serve(void *self, const struct pollfd *fds, size_t count)
{
    struct tlsalpn01 *plugin = self;

    (void)fds;
    (void)count;
    server_run(plugin->server);
    redirect_keep(&plugin->redirect, read_clock_ms());
}

static int64_t read_clock_ms(void)
{
    struct timespec now = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
