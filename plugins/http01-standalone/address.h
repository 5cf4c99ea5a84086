/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Socket addresses as people write them. Pure, but for interface names after '%'.
 */
#ifndef STANDALONE_ADDRESS_H
#define STANDALONE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define ADDRESS_TEXT_MAX 128

struct address {
    struct sockaddr_storage storage;
    socklen_t size;
};

struct address_text {
    char text[ADDRESS_TEXT_MAX];
};

/* Reads "127.0.0.1", "::1", "[::1]" or "fe80::1%eth0"; false for anything else. */
bool address_parse(const char *text, uint16_t port, struct address *ret_address);

/* All addresses of a family, AF_INET or AF_INET6. */
struct address address_any(int family, uint16_t port);

/* "127.0.0.1:80", "[::1]:80", or "a local socket". */
struct address_text address_format(const struct sockaddr *address);

/* As bind() and the functions here take it. */
const struct sockaddr *address_socket(const struct address *address);

/* 0 for a family without ports. */
uint16_t address_port(const struct sockaddr *address);

#endif
