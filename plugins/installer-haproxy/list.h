/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A crt-list: lines FILE [OPTIONS] [NAMES]; `#` begins a comment.
 */
#ifndef LIST_H
#define LIST_H

#include "blob.h"

/* True when a line of the list is for this file. */
bool list_has(const struct files_blob *list, const char *path);

/* Adds a line for it at the end. False: out of memory. */
bool list_add(struct files_blob *list, const char *path);

/* Takes out the lines that list_has finds. */
void list_remove(struct files_blob *list, const char *path);

#endif
