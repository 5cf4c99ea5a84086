/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which virtual host serves which identifier, as Apache chooses it: by ServerName and
 * ServerAlias, and by the address for whoever names none. Pure.
 */
#ifndef APACHE_MATCH_H
#define APACHE_MATCH_H

#include "dump.h"

enum apache_match {
    APACHE_MATCH_NONE,
    APACHE_MATCH_REST,    /* it has no name and serves what no other does */
    APACHE_MATCH_PATTERN, /* one of its wildcard aliases takes the identifier in */
    APACHE_MATCH_COVERED, /* the identifier is a wildcard that covers one of its names
                           */
    APACHE_MATCH_NAMED,   /* it bears this very name, wildcard or address */
};

/* has_name: a ServerName of its own, or an alias. */
enum apache_match apache_match(const struct apache_host *host, bool has_name,
                               const char *identifier);

/* "*" is any text, "?" any character; upper and lower case are the same. */
bool apache_match_pattern(const char *pattern, const char *name);

/* Does "*.example.com" cover "www.example.com"? One label, as in certificates. */
bool apache_match_covers(const char *wildcard, const char *name);

/* The port of "192.0.2.1:443"; 0: any. */
unsigned apache_port_of(const char *address);

#endif
