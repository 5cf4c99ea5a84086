/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of texts: at each place some bytes are replaced, all else stays byte for
 * byte.
 */
#ifndef EDIT_H
#define EDIT_H

#include "config.h"

#define EDIT_TEXT_MAX 12288

struct edit {
    size_t file;        /* of the configuration */
    size_t certificate; /* whom it is for */
    size_t begin, end;  /* offsets of what goes */
    const char *text;   /* what comes; lent to edits_add */
};

struct edits {
    struct edit *items; /* in the order of the text; their texts are copies */
    size_t count, room;
};

#define AUTO_EDITS __attribute__((cleanup(edits_drop))) struct edits

void edits_drop(struct edits *edits);

/* What was asked for. */
enum edit_result {
    EDIT_DONE,
    EDIT_CONFLICT, /* something else is to be there */
    EDIT_NO_MEMORY
};

/* The same twice is once. */
enum edit_result edits_add(struct edits *edits, const struct edit *edit);

/* Those for one certificate go. */
void edits_forget(struct edits *edits, size_t certificate);

/* NULL: nothing is changed there. */
const struct edit *edits_find(const struct edits *edits, size_t file, size_t begin);

/* The new text of a file. False: out of memory. */
bool edits_apply(const struct edits *edits, size_t file, const struct files_blob *text,
                 struct files_blob *ret_text);

/* True when a file is changed. */
bool edits_has(const struct edits *edits, size_t file);

/* A path as nginx reads it, in quotes where it needs them. False: it cannot be said (a
 * variable would be read in it), or is too long. */
bool edit_quote(const char *path, char text[EDIT_TEXT_MAX]);

#endif
