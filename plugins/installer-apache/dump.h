/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Apache itself says about its configuration: `httpd -t -D DUMP_VHOSTS -D
 * DUMP_RUN_CFG -D DUMP_MODULES -D DUMP_INCLUDES`. So nobody here has to guess what an
 * Include, an IfModule, a Define or a macro comes to.
 */
#ifndef APACHE_DUMP_H
#define APACHE_DUMP_H

#include "text.h"

#define APACHE_HOSTS_MAX 20000 /* virtual hosts; what is beyond is not looked at */

struct apache_host {
    char *file;    /* where it is written; for a macro what Apache says instead */
    unsigned line; /* of <VirtualHost …> */
    bool is_macro;
    struct apache_list addresses; /* "*:443", "192.0.2.1:80", "[2001:db8::1]:*" */
    struct apache_list defaults;  /* those for which it serves what no other does */
    char *name;                   /* ServerName, or what Apache takes for it */
    struct apache_list aliases;   /* not told for the only host of an address */
    struct apache_list patterns;  /* aliases with "*" or "?" */
};

struct apache_dump {
    struct apache_host *hosts;
    size_t host_count;
    size_t host_room;
    struct apache_list files;   /* the main one, and all included */
    struct apache_list modules; /* "ssl_module" */
    struct apache_list defines; /* "NAME=value" or "NAME" */
    char *server_root;          /* or NULL */
    char *pid_file;             /* or NULL */
};

/* What is not understood is passed over. False: no memory. */
bool apache_dump_parse(const char *text, size_t size, struct apache_dump *ret_dump);
void apache_dump_done(struct apache_dump *dump);

/* `text` with each ${NAME} that is defined replaced. False: no memory. */
bool apache_dump_expand(const struct apache_dump *dump, const char *text,
                        struct apache_text *ret_text);

#define APACHE_AUTO_DUMP __attribute__((cleanup(apache_dump_done))) struct apache_dump

#endif
