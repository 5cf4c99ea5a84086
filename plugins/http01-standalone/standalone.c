/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http01-standalone: a small web server of its own for the time of the challenges
 * (RFC 8555 §8.3), where no other one has the port.
 */
#include <acmecore/plugin.h>

#include "answers.h"
#include "listen.h"
#include "server.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1000 /* of all sockets together */
#define CONNECTIONS_MIN 8    /* of each, however tight the limits are */
#define RESERVED_FDS    48   /* for the host, the library and us */

struct standalone {
    const struct acmecore_host *host;
    struct answers answers;
    struct server *servers[LISTENERS_MAX];
    size_t server_count;
};

typedef int one_challenge(struct standalone *self,
                          const struct acmecore_challenge *challenge);

static int standalone_open(const struct acmecore_host *host, void **ret_self);
static void standalone_close(void *self);
static int start_servers(struct standalone *self, struct listeners *listeners);
static unsigned share_of_room(size_t sockets);
static int present(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results);
static int cleanup(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results);
static int each(struct standalone *self, one_challenge *act,
                const struct acmecore_challenge *const *challenges, size_t count,
                int *results);
static int present_one(struct standalone *self,
                       const struct acmecore_challenge *challenge);
static int cleanup_one(struct standalone *self,
                       const struct acmecore_challenge *challenge);
static int check(const struct acmecore_host *host,
                 const struct acmecore_challenge *challenge);
static size_t watch(void *self, struct pollfd *fds, size_t max);
static void serve(void *self, const struct pollfd *fds, size_t count);

static const struct acmecore_solver solver = {
    .struct_size = sizeof solver,
    .types = (const char *const[]){ "http-01", NULL },
    .present = present,
    .cleanup = cleanup,
    .watch = watch,
    .serve = serve,
};

static const struct listen_terms terms = {
    .port = 80,
    .instead = "use http01-webroot with it",
};

static const struct acmecore_option options[] = {
    { .name = "port",
      .type = ACMECORE_OPTION_NUMBER,
      .minimum = 1,
      .maximum = 65535,
      .fallback = "80",
      .help = "TCP port to listen on; validators come to 80, so redirect another one" },
    { .name = "address",
      .type = ACMECORE_OPTION_ADDRESS,
      .flags = ACMECORE_LIST,
      .help =
          "IP address to listen on; without it all of this machine, IPv4 and IPv6" },
};

const struct acmecore_plugin acmecore_plugin = {
    ACMECORE_PLUGIN_HEADER(ACMECORE_SOLVER, "http01-standalone", "1.0", 0),
    /* COMMANDS: to say which program holds the port, it looks at other processes. */
    .flags = ACMECORE_USES_NETWORK | ACMECORE_USES_COMMANDS,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .open = standalone_open,
    .close = standalone_close,
    .ops.solver = &solver,
};

static int standalone_open(const struct acmecore_host *host, void **ret_self)
{
    struct standalone *self = calloc(1, sizeof *self);
    struct listeners listeners = { 0 };
    int status = ACMECORE_OK;

    if (!self)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "out of memory");
    self->host = host;
    status = listeners_open(host, &terms, &listeners);
    if (status == ACMECORE_OK)
        status = start_servers(self, &listeners);
    if (status != ACMECORE_OK) {
        listeners_close(&listeners);
        standalone_close(self);
        return status;
    }
    *ret_self = self;
    return ACMECORE_OK;
}

static void standalone_close(void *self)
{
    struct standalone *standalone = self;

    for (size_t i = 0; i < standalone->server_count; i++)
        server_free(standalone->servers[i]);
    answers_drop(&standalone->answers);
    free(standalone);
}

/* Takes each socket that it could start a server on out of `listeners`. */
static int start_servers(struct standalone *self, struct listeners *listeners)
{
    unsigned room = share_of_room(listeners->count);

    /* On failure the caller closes a socket that the library may have closed: with one
     * thread nothing else can have got its number in between. */
    for (size_t i = 0; i < listeners->count; i++) {
        int status = server_start(self->host, &self->answers, listeners->fds[i], room,
                                  &self->servers[i]);

        if (status != ACMECORE_OK)
            return status;
        listeners->fds[i] = -1;
        self->server_count++;
    }
    return ACMECORE_OK;
}

/* What the descriptor limit leaves, so that accept() never runs into it. */
static unsigned share_of_room(size_t sockets)
{
    struct rlimit limit = { 0 };
    rlim_t room = CONNECTIONS_MAX;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < room + RESERVED_FDS)
        room = limit.rlim_cur > RESERVED_FDS ? limit.rlim_cur - RESERVED_FDS : 0;
    room /= sockets;
    return room < CONNECTIONS_MIN ? CONNECTIONS_MIN : (unsigned)room;
}

static int present(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results)
{
    return each(self, present_one, challenges, count, results);
}

static int cleanup(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results)
{
    return each(self, cleanup_one, challenges, count, results);
}

static int each(struct standalone *self, one_challenge *act,
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

static int present_one(struct standalone *self,
                       const struct acmecore_challenge *challenge)
{
    const struct acmecore_host *host = self->host;
    int status = check(host, challenge);

    if (status != ACMECORE_OK)
        return status;
    switch (
        answers_add(&self->answers, challenge->token, challenge->key_authorization)) {
    case ANSWERS_ADDED:
        host->log(host->ctx, ACMECORE_DEBUG, "standalone.present token=%s",
                  challenge->token);
        return ACMECORE_OK;
    case ANSWERS_CONFLICT:
        return host->fail(host->ctx, ACMECORE_E_INVALID,
                          "the token for %s is presented with another key "
                          "authorization already: clean that up first",
                          challenge->identifier);
    case ANSWERS_FULL:
        return host->fail(host->ctx, ACMECORE_E_SYSTEM,
                          "more than %d challenges at once", ANSWERS_MAX);
    case ANSWERS_NO_MEMORY:
        break;
    }
    return host->fail(host->ctx, ACMECORE_E_SYSTEM, "out of memory");
}

/* What was never presented, or by another process, is not there to be forgotten. */
static int cleanup_one(struct standalone *self,
                       const struct acmecore_challenge *challenge)
{
    answers_remove(&self->answers, challenge->token, challenge->key_authorization);
    return ACMECORE_OK;
}

static int check(const struct acmecore_host *host,
                 const struct acmecore_challenge *challenge)
{
    size_t size = strnlen(challenge->key_authorization, ANSWERS_AUTHORIZATION_MAX + 1);

    if (!answers_token_is_safe(challenge->token)) {
        return host->fail(host->ctx, ACMECORE_E_INVALID,
                          "the token for %s is not 1 to %d characters of base64url "
                          "(RFC 8555 section 8.3): it is not served",
                          challenge->identifier, ANSWERS_TOKEN_MAX);
    }
    if (size == 0 || size > ANSWERS_AUTHORIZATION_MAX) {
        return host->fail(host->ctx, ACMECORE_E_INVALID,
                          "the key authorization for %s is not 1 to %d bytes: it is "
                          "not served",
                          challenge->identifier, ANSWERS_AUTHORIZATION_MAX);
    }
    return ACMECORE_OK;
}

static size_t watch(void *self, struct pollfd *fds, size_t max)
{
    const struct standalone *standalone = self;

    for (size_t i = 0; i < standalone->server_count && i < max; i++) {
        fds[i] = (struct pollfd){ .fd = server_fd(standalone->servers[i]),
                                  .events = POLLIN };
    }
    return standalone->server_count;
}

/* All of them: timeouts are due where nothing is readable, too. */
static void serve(void *self, const struct pollfd *fds, size_t count)
{
    const struct standalone *standalone = self;

    (void)fds;
    (void)count;
    for (size_t i = 0; i < standalone->server_count; i++)
        server_run(standalone->servers[i]);
}
