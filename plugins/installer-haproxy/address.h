/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where HAProxy's runtime socket is: an absolute path, or HOST:PORT. A key goes through
 * it in the clear, so HOST is this machine.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <sys/socket.h>

struct address {
    struct sockaddr_storage bytes;
    socklen_t size;
};

/* NULL, or what is wrong with the text. */
const char *address_parse(const char *text, struct address *ret_address);

#endif
