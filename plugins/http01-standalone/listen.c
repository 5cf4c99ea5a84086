/* SPDX-License-Identifier: Apache-2.0 */
#include "listen.h"

#include "address.h"
#include "handover.h"
#include "holder.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What the kernel keeps of the name acmecore-plugin-host. */
#define PLUGIN  "acmecore-plugin"
#define BACKLOG 256 /* validators that knock within one turn of the loop */

static int read_port(const struct acmecore_host *host, uint16_t *ret_port);
static int open_named(const struct acmecore_host *host,
                      const struct listen_terms *terms, uint16_t port,
                      struct listeners *listeners);
static int open_all(const struct acmecore_host *host, const struct listen_terms *terms,
                    uint16_t port, struct listeners *listeners);
static int add(const struct address *address, struct listeners *listeners);
static int bind_and_listen(int fd, const struct address *address);
static int explain(const struct acmecore_host *host, const struct listen_terms *terms,
                   const struct address *address, int error);
static int explain_taken(const struct acmecore_host *host,
                         const struct listen_terms *terms,
                         const struct address *address);
static int explain_unseen(const struct acmecore_host *host,
                          const struct listen_terms *terms,
                          const struct address_text *text);

int listeners_open(const struct acmecore_host *host, const struct listen_terms *terms,
                   struct listeners *ret_listeners)
{
    struct listeners opened = { 0 };
    uint16_t port = 0;
    int status = read_port(host, &port);

    if (status == ACMECORE_OK)
        status = handover_take(host, terms, port, &opened);
    if (status == ACMECORE_OK && opened.count == 0) {
        status = host->option(host->ctx, "address", 0)
                     ? open_named(host, terms, port, &opened)
                     : open_all(host, terms, port, &opened);
    }
    if (status == ACMECORE_OK) {
        *ret_listeners = opened;
    } else {
        listeners_close(&opened);
    }
    return status;
}

void listeners_close(struct listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++) {
        if (listeners->fds[i] >= 0)
            (void)close(listeners->fds[i]);
    }
    listeners->count = 0;
}

static int read_port(const struct acmecore_host *host, uint16_t *ret_port)
{
    const char *text = host->option(host->ctx, "port", 0);
    char *end = NULL;
    unsigned long port = text ? strtoul(text, &end, 10) : 0;

    if (!text || *end != '\0' || port < 1 || port > UINT16_MAX) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option port: it must be a number from 1 to 65535");
    }
    *ret_port = (uint16_t)port;
    return ACMECORE_OK;
}

static int open_named(const struct acmecore_host *host,
                      const struct listen_terms *terms, uint16_t port,
                      struct listeners *listeners)
{
    const char *text = NULL;

    for (size_t i = 0; (text = host->option(host->ctx, "address", i)); i++) {
        struct address address;
        int error = 0;

        if (i >= LISTENERS_MAX) {
            return host->fail(host->ctx, ACMECORE_E_CONFIG,
                              "option address: more than %d addresses", LISTENERS_MAX);
        }
        if (!address_parse(text, port, &address)) {
            return host->fail(host->ctx, ACMECORE_E_CONFIG,
                              "option address: \"%s\" is not an IP address of this "
                              "machine, such as 192.0.2.1 or [2001:db8::1]; the port "
                              "has an option of its own",
                              text);
        }
        error = add(&address, listeners);
        if (error)
            return explain(host, terms, &address, error);
    }
    return ACMECORE_OK;
}

/* A family that the kernel does not have is nothing to complain about. */
static int open_all(const struct acmecore_host *host, const struct listen_terms *terms,
                    uint16_t port, struct listeners *listeners)
{
    static const int families[] = { AF_INET, AF_INET6 };
    struct address address;
    int error = 0;

    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        address = address_any(families[i], port);
        error = add(&address, listeners);
        if (error && error != EAFNOSUPPORT && error != EADDRNOTAVAIL)
            return explain(host, terms, &address, error);
    }
    return listeners->count > 0 ? ACMECORE_OK : explain(host, terms, &address, error);
}

/* Returns 0 or an errno value. */
static int add(const struct address *address, struct listeners *listeners)
{
    int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
    int fd = socket(address->storage.ss_family, type, IPPROTO_TCP);
    int error = 0;

    if (fd < 0)
        return errno;
    if (bind_and_listen(fd, address) != 0) {
        error = errno;
        (void)close(fd);
        return error;
    }
    listeners->fds[listeners->count++] = fd;
    return 0;
}

static int bind_and_listen(int fd, const struct address *address)
{
    const int on = 1;

    /* A socket of the last run in TIME_WAIT must not keep us out. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
        return -1;
    /* IPv4 has its own socket, and both want the port. */
    if (address->storage.ss_family == AF_INET6
        && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0)
        return -1;
    if (bind(fd, address_socket(address), address->size) != 0)
        return -1;
    return listen(fd, BACKLOG);
}

static int explain(const struct acmecore_host *host, const struct listen_terms *terms,
                   const struct address *address, int error)
{
    struct address_text text = address_format(address_socket(address));

    if (error == EADDRINUSE)
        return explain_taken(host, terms, address);
    if (error == EACCES || error == EPERM) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "cannot listen on %s: user id %u may not open ports below "
                          "1024: run as root or with CAP_NET_BIND_SERVICE, hand the "
                          "socket over from systemd, or set another port and redirect "
                          "port %u to it",
                          text.text, (unsigned)geteuid(), (unsigned)terms->port);
    }
    if (error == EADDRNOTAVAIL) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "cannot listen on %s: this machine does not have that "
                          "address: correct the option address",
                          text.text);
    }
    return host->fail(host->ctx, ACMECORE_E_SYSTEM, "cannot listen on %s: %s",
                      text.text, strerror(error));
}

static int explain_taken(const struct acmecore_host *host,
                         const struct listen_terms *terms,
                         const struct address *address)
{
    struct address_text text = address_format(address_socket(address));
    struct holder holder;

    bool is_known = holder_find(address_port(address_socket(address)), &holder);
    bool is_plugin = is_known && !strcmp(holder.name, PLUGIN);
    if (is_plugin && holder.parent == (long)getppid()) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "cannot listen on %s: another solver of this run (process "
                          "%ld), of another name or with other settings, answers "
                          "there: let all certificates that need the port name one "
                          "solver, or give each solver an address of its own",
                          text.text, holder.pid);
    }
    /* Else no setting is wrong: who has the port lets go of it, by itself or when told.
     */
    if (is_plugin) {
        return host->fail(host->ctx, ACMECORE_E_REFUSED,
                          "cannot listen on %s: another run of acmecore (process %ld) "
                          "answers its challenges there: run this again when it has "
                          "ended",
                          text.text, holder.pid);
    }
    if (is_known) {
        return host->fail(host->ctx, ACMECORE_E_REFUSED,
                          "cannot listen on %s: %s (process %ld) holds the port: stop "
                          "it for the time being, or %s",
                          text.text, holder.name, holder.pid, terms->instead);
    }
    return explain_unseen(host, terms, &text);
}

/* Plugin hosts hide what they have, also from each other. */
static int explain_unseen(const struct acmecore_host *host,
                          const struct listen_terms *terms,
                          const struct address_text *text)
{
    long sibling = holder_find_hidden(PLUGIN, (long)getppid());

    if (sibling > 0) {
        return host->fail(host->ctx, ACMECORE_E_REFUSED,
                          "cannot listen on %s: another program holds the port, and it "
                          "cannot be seen which: another solver of this run (process "
                          "%ld), of another name or with other settings, may be it: "
                          "then let all certificates that need the port name one "
                          "solver; else stop that program for the time being, or %s",
                          text->text, sibling, terms->instead);
    }
    return host->fail(host->ctx, ACMECORE_E_REFUSED,
                      "cannot listen on %s: another program holds the port (it cannot "
                      "be seen which): stop it for the time being, or %s",
                      text->text, terms->instead);
}
