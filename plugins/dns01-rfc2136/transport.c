/* SPDX-License-Identifier: Apache-2.0 */
#include "transport.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#define SLICE_MS    500 /* between looks at whether the host wants us to stop */
#define PREFIX_SIZE 2   /* RFC 7766 §8: the length before a message */
#define MS_PER_S    1000
#define NS_PER_MS   1000000

static enum transport_status wait_for(int fd, short events,
                                      const struct patience *patience);
static enum transport_status wait_datagram(int fd, const struct patience *patience,
                                           int64_t wait_ms);
static enum transport_status finish_connect(int fd, const struct patience *patience,
                                            int *ret_error);
static enum transport_status send_all(const struct transport *transport,
                                      const uint8_t *bytes, size_t size,
                                      const struct patience *patience, int *ret_error);
static enum transport_status receive_all(int fd, uint8_t *bytes, size_t size,
                                         const struct patience *patience,
                                         int *ret_error);
static enum transport_status failed(int error, int *ret_error);
static bool is_temporary(int error);

struct patience patience_of(const struct acmecore_host *host, int64_t wait_ms)
{
    return (struct patience){ host, patience_now_ms() + wait_ms };
}

int64_t patience_left_ms(const struct patience *patience)
{
    int64_t left_ms = patience->end_ms - patience_now_ms();
    int64_t host_ms = patience->host->remaining_ms(patience->host->ctx);

    return left_ms < host_ms ? left_ms : host_ms;
}

int64_t patience_now_ms(void)
{
    struct timespec now = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

enum transport_status transport_open(struct transport *transport,
                                     const struct server_address *address, bool is_udp,
                                     const struct patience *patience, int *ret_error)
{
    int type = (is_udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;
    enum transport_status status = TRANSPORT_OK;
    int on = 1;

    transport->is_udp = is_udp;
    transport->fd = socket(address->socket.ss_family, type, 0);
    if (transport->fd < 0)
        return failed(errno, ret_error);
    if (!is_udp)
        (void)setsockopt(transport->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(transport->fd, (const struct sockaddr *)&address->socket, address->size)
        != 0) {
        status = errno == EINPROGRESS
                     ? finish_connect(transport->fd, patience, ret_error)
                     : failed(errno, ret_error);
    }
    if (status != TRANSPORT_OK)
        transport_close(transport);
    return status;
}

void transport_close(struct transport *transport)
{
    if (transport->fd >= 0)
        (void)close(transport->fd);
    transport->fd = -1;
}

enum transport_status transport_send(const struct transport *transport,
                                     const struct message *message,
                                     const struct patience *patience, int *ret_error)
{
    uint8_t prefix[PREFIX_SIZE] = { (uint8_t)(message->size >> 8),
                                    (uint8_t)message->size };
    enum transport_status status = TRANSPORT_OK;

    /* §8 also: both go in one segment, since there are servers that read only once. */
    if (!transport->is_udp)
        status = send_all(transport, prefix, sizeof prefix, patience, ret_error);
    if (status != TRANSPORT_OK)
        return status;
    return send_all(transport, message->bytes, message->size, patience, ret_error);
}

enum transport_status transport_receive(const struct transport *transport,
                                        const struct patience *patience,
                                        int64_t wait_ms, struct message *ret_answer,
                                        int *ret_error)
{
    uint8_t prefix[PREFIX_SIZE];
    enum transport_status status = TRANSPORT_OK;

    if (transport->is_udp) {
        ssize_t size = 0;

        status = wait_datagram(transport->fd, patience, wait_ms);
        if (status != TRANSPORT_OK)
            return status;
        size = recv(transport->fd, ret_answer->bytes, sizeof ret_answer->bytes, 0);
        if (size < 0)
            return is_temporary(errno) ? TRANSPORT_AGAIN : failed(errno, ret_error);
        ret_answer->size = (size_t)size;
        return TRANSPORT_OK;
    }
    status = receive_all(transport->fd, prefix, sizeof prefix, patience, ret_error);
    if (status != TRANSPORT_OK)
        return status;
    ret_answer->size = message_get_u16(prefix);
    return receive_all(transport->fd, ret_answer->bytes, ret_answer->size, patience,
                       ret_error);
}

static enum transport_status wait_for(int fd, short events,
                                      const struct patience *patience)
{
    struct pollfd entry = { .fd = fd, .events = events };

    for (;;) {
        int64_t left_ms = patience_left_ms(patience);

        if (left_ms <= 0)
            return TRANSPORT_TIMEOUT;
        /* An error of poll() itself shows again in what is waited for. */
        if (poll(&entry, 1, (int)(left_ms < SLICE_MS ? left_ms : SLICE_MS)) > 0)
            return TRANSPORT_OK;
    }
}

static enum transport_status wait_datagram(int fd, const struct patience *patience,
                                           int64_t wait_ms)
{
    struct patience shorter = *patience;
    int64_t end_ms = patience_now_ms() + wait_ms;

    if (end_ms < shorter.end_ms)
        shorter.end_ms = end_ms;
    if (wait_for(fd, POLLIN, &shorter) == TRANSPORT_OK)
        return TRANSPORT_OK;
    return patience_left_ms(patience) > 0 ? TRANSPORT_AGAIN : TRANSPORT_TIMEOUT;
}

static enum transport_status finish_connect(int fd, const struct patience *patience,
                                            int *ret_error)
{
    enum transport_status status = wait_for(fd, POLLOUT, patience);
    int error = 0;
    socklen_t size = sizeof error;

    if (status != TRANSPORT_OK)
        return status;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    return error == 0 ? TRANSPORT_OK : failed(error, ret_error);
}

static enum transport_status send_all(const struct transport *transport,
                                      const uint8_t *bytes, size_t size,
                                      const struct patience *patience, int *ret_error)
{
    int more = size == PREFIX_SIZE ? MSG_MORE : 0; /* no message is that short */
    int fd = transport->fd;

    while (size > 0) {
        ssize_t count = send(fd, bytes, size, MSG_NOSIGNAL | more);

        if (count < 0 && !is_temporary(errno))
            return failed(errno, ret_error);
        if (count < 0 && wait_for(fd, POLLOUT, patience) != TRANSPORT_OK)
            return TRANSPORT_TIMEOUT;
        if (count > 0) {
            bytes += count;
            size -= (size_t)count;
        }
    }
    return TRANSPORT_OK;
}

static enum transport_status receive_all(int fd, uint8_t *bytes, size_t size,
                                         const struct patience *patience,
                                         int *ret_error)
{
    int on = 1;

    while (size > 0) {
        ssize_t count = 0;

        /* Of several answers a server may hold back the next until the last one was
         * acknowledged, which takes 40 ms if nobody asks for it. */
        (void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
        if (wait_for(fd, POLLIN, patience) != TRANSPORT_OK)
            return TRANSPORT_TIMEOUT;
        count = recv(fd, bytes, size, 0);
        if (count == 0)
            return TRANSPORT_CLOSED;
        if (count < 0 && !is_temporary(errno))
            return failed(errno, ret_error);
        if (count > 0) {
            bytes += count;
            size -= (size_t)count;
        }
    }
    return TRANSPORT_OK;
}

static enum transport_status failed(int error, int *ret_error)
{
    *ret_error = error;
    if (error == ECONNRESET || error == EPIPE)
        return TRANSPORT_CLOSED;
    return error == ETIMEDOUT ? TRANSPORT_TIMEOUT : TRANSPORT_UNREACHABLE;
}

static bool is_temporary(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}
