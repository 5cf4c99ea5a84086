/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files with TSIG keys: BIND's `key "n" { algorithm a; secret "s"; };`, as tsig-keygen
 * prints it, and Knot's `key:` section, as `keymgr -t` prints it.
 */
#ifndef RFC2136_KEY_FILE_H
#define RFC2136_KEY_FILE_H

#include "tsig.h"

#define KEY_FILE_MAX (64u * 1024u)

struct key_file {
    struct span name, algorithm, secret; /* parts of the text that was read */
};

/* Why a file is not taken; never a part of the file. */
struct key_file_fault {
    unsigned line; /* 0: the file as a whole */
    const char *text;
};

/*
 * Finds one key.
 *
 * wanted   its name; NULL: the only one that there is
 * false    *ret_fault is set
 */
bool key_file_read(const char *text, size_t size, const char *wanted,
                   struct key_file *ret_key, struct key_file_fault *ret_fault);

#endif
