/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which program listens on a TCP port of this machine, as far as we may see.
 */
#ifndef STANDALONE_HOLDER_H
#define STANDALONE_HOLDER_H

#include <stdbool.h>
#include <stdint.h>

struct holder {
    long pid;
    long parent;   /* the process that started it, or 0 */
    char name[64]; /* of the program, printable */
};

/* False when nobody listens there or we may not look. Work is bounded. */
bool holder_find(uint16_t port, struct holder *ret_holder);

/*
 * A process of this name that `parent` started, and of which we may not see what it
 * has: a plugin host is hidden from all but root with CAP_SYS_PTRACE. 0: there is none.
 */
long holder_find_hidden(const char *name, long parent);

/*
 * Reads one line of /proc/net/tcp or tcp6. True, with the socket's inode, when it is a
 * socket that listens on `port`. Pure.
 */
bool holder_read_line(const char *line, uint16_t port, uint64_t *ret_inode);

#endif
