/* SPDX-License-Identifier: Apache-2.0 */
/* A server with a proof for a.test, a backend that the test plays, and visitors. */
#ifndef TESTS_TLSALPN01_SCENE_H
#define TESTS_TLSALPN01_SCENE_H

#include "fake_host.h"
#include "server.h"
#include "visitor.h"

/* With a failing allocation nothing may come of it: then a test gives up early. */
static inline int scene_turns(void)
{
    return ac_check_is_torture() ? 4 : NET_TURNS_MAX;
}

struct scene {
    struct fake_host fake;
    struct proofs proofs;
    struct backend backend;
    struct server *server;
    int backend_fd; /* listens; -1: there is none */
    uint16_t port;
};

static inline bool scene_prove(struct scene *scene, const char *identifier)
{
    struct subject subject;
    int code = 0;

    return subject_read(identifier, &subject)
           && proofs_add(&scene->proofs, &subject, "token.thumb", &code)
                  == PROOFS_ADDED;
}

static inline void scene_end(struct scene *scene)
{
    server_free(scene->server);
    proofs_drop(&scene->proofs);
    if (scene->backend_fd >= 0)
        (void)close(scene->backend_fd);
}

static inline bool scene_add_backend(struct scene *scene)
{
    char text[32];

    scene->backend_fd = net_bind(AF_INET, 0, true);
    (void)fcntl(scene->backend_fd, F_SETFL, O_NONBLOCK);
    (void)snprintf(text, sizeof(text), "127.0.0.1:%u",
                   (unsigned)net_port_of(scene->backend_fd));
    scene->backend.is_set = address_parse("127.0.0.1", net_port_of(scene->backend_fd),
                                          &scene->backend.address);
    return scene->backend.is_set && listen(scene->backend_fd, 512) == 0;
}

/* False, and everything freed, also when an allocation was made to fail. */
static inline bool scene_begin(struct scene *scene, bool has_backend)
{
    struct listeners listeners = { .fds = { net_bind(AF_INET, 0, true) }, .count = 1 };

    memset(scene, 0, sizeof(*scene));
    scene->backend_fd = -1;
    scene->port = net_port_of(listeners.fds[0]);
    (void)listen(listeners.fds[0], 512);
    (void)fcntl(listeners.fds[0], F_SETFL, O_NONBLOCK);
    if (fake_host_start(&scene->fake, NULL) && scene_prove(scene, "a.test")
        && (!has_backend || scene_add_backend(scene))
        && server_start(&scene->fake.host, &scene->proofs, &scene->backend, &listeners,
                        &scene->server)
               == ACMECORE_OK)
        return true;
    listeners_close(&listeners);
    scene_end(scene);
    return false;
}

static inline void scene_step(void *arg, int client_fd)
{
    struct scene *scene = arg;
    struct pollfd fds[] = { { .fd = server_fd(scene->server), .events = POLLIN },
                            { .fd = client_fd, .events = POLLIN } };

    (void)poll(fds, 2, client_fd >= 0 ? NET_TURN_MS : 0);
    server_run(scene->server);
}

static inline void scene_send(int fd, const void *data, size_t size)
{
    (void)send(fd, data, size, MSG_NOSIGNAL);
}

/* The backend's end of the next connection; -1: nobody came. */
static inline int scene_accept(struct scene *scene)
{
    int fd = -1;

    for (int turn = 0; turn < scene_turns() && fd < 0; turn++) {
        scene_step(scene, -1);
        fd = accept(scene->backend_fd, NULL, NULL);
        if (fd < 0) {
            struct pollfd wait[] = { { .fd = server_fd(scene->server),
                                       .events = POLLIN },
                                     { .fd = scene->backend_fd, .events = POLLIN } };

            (void)poll(wait, 2, NET_TURN_MS);
        }
    }
    return fd;
}

/* What comes at `fd` until that is `size` bytes, or nothing more; their number. */
static inline size_t scene_read(struct scene *scene, int fd, void *buffer, size_t size)
{
    size_t used = 0;

    for (int turn = 0; turn < scene_turns() && used < size; turn++) {
        ssize_t got = recv(fd, (char *)buffer + used, size - used, MSG_DONTWAIT);

        if (got == 0)
            return used;
        used += got > 0 ? (size_t)got : 0;
        if (got < 0)
            scene_step(scene, fd);
    }
    return used;
}

/* Has the other side of `fd` ended it? */
static inline bool scene_is_ended(struct scene *scene, int fd)
{
    char byte;

    for (int turn = 0; turn < scene_turns(); turn++) {
        ssize_t got = recv(fd, &byte, 1, MSG_DONTWAIT);

        if (got == 0 || (got < 0 && errno != EAGAIN))
            return true;
        scene_step(scene, fd);
    }
    return false;
}

#endif
