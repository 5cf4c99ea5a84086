/* SPDX-License-Identifier: Apache-2.0 */
#include "talk.h"

#include "beneath.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PIECE 8192

static int64_t now_ms(void);
static int64_t limit_of(const struct talk *talk);
static bool wait_for(int fd, short events, int64_t end_ms);
static bool reach(int fd, const struct address *address, int64_t end_ms);
static bool send_all(int fd, const struct files_blob *question, int64_t end_ms);
static bool receive_all(int fd, struct files_blob *answer, int64_t end_ms);
static int trouble(const struct talk *talk, const char *act);

int talk_ask(const struct talk *talk, const struct files_blob *question,
             struct files_blob *ret_answer)
{
    WEBROOT_AUTO_FD fd = socket(talk->address.bytes.ss_family,
                                SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int64_t end_ms = now_ms() + limit_of(talk);

    if (fd < 0)
        return trouble(talk, "open a socket to");
    if (!reach(fd, &talk->address, end_ms)) {
        return errno == ENOENT || errno == ECONNREFUSED ? ACMECORE_E_NOTFOUND
                                                        : trouble(talk, "connect to");
    }
    if (!send_all(fd, question, end_ms))
        return trouble(talk, "send a command to");
    return receive_all(fd, ret_answer, end_ms) ? ACMECORE_OK
                                               : trouble(talk, "read the answer of");
}

static int64_t now_ms(void)
{
    struct timespec now = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t limit_of(const struct talk *talk)
{
    int64_t left_ms = talk->host->remaining_ms(talk->host->ctx);

    return left_ms < talk->timeout_ms ? left_ms : talk->timeout_ms;
}

/* False with ETIMEDOUT when the time is over. */
static bool wait_for(int fd, short events, int64_t end_ms)
{
    struct pollfd one = { .fd = fd, .events = events };
    int64_t left_ms = end_ms - now_ms();
    int count = left_ms > 0 ? poll(&one, 1, (int)left_ms) : 0;

    if (count == 0)
        errno = ETIMEDOUT;
    return count > 0 || (count < 0 && errno == EINTR);
}

static bool reach(int fd, const struct address *address, int64_t end_ms)
{
    const struct sockaddr *to = (const void *)&address->bytes;
    int error = 0;
    socklen_t size = sizeof error;

    if (connect(fd, to, address->size) == 0)
        return true;
    /* EAGAIN: the queue of a local socket is full, which poll does not wait for. */
    if (errno != EINPROGRESS || !wait_for(fd, POLLOUT, end_ms)
        || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        return false;
    errno = error;
    return error == 0;
}

static bool send_all(int fd, const struct files_blob *question, int64_t end_ms)
{
    size_t done = 0;

    while (done < question->size) {
        ssize_t sent =
            send(fd, question->bytes + done, question->size - done, MSG_NOSIGNAL);

        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        if (sent < 0 && !wait_for(fd, POLLOUT, end_ms))
            return false;
        done += sent > 0 ? (size_t)sent : 0;
    }
    return true;
}

/* It closes when it has said all. */
static bool receive_all(int fd, struct files_blob *answer, int64_t end_ms)
{
    char piece[PIECE];

    for (;;) {
        ssize_t got = recv(fd, piece, sizeof piece, 0);

        if (got == 0)
            return true;
        if (got < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        if (got < 0 && !wait_for(fd, POLLIN, end_ms))
            return false;
        if (got > 0 && answer->size + (size_t)got > TALK_ANSWER_MAX) {
            errno = EMSGSIZE;
            return false;
        }
        if (got > 0 && !files_blob_add(answer, piece, (size_t)got)) {
            errno = ENOMEM;
            return false;
        }
    }
}

static int trouble(const struct talk *talk, const char *act)
{
    const struct acmecore_host *host = talk->host;
    int status = errno == ETIMEDOUT ? ACMECORE_E_TIMEOUT : ACMECORE_E_NETWORK;

    return host->fail(host->ctx, status, "cannot %s HAProxy (option socket): %s", act,
                      strerror(errno));
}
