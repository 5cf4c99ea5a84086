/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration file and those it includes: `include` takes patterns as the
 * shell's, relative to the folder of the file that says so, sorted by name. Each must
 * be one that only root or we can change, and is read once.
 */
#ifndef AC_CONFIG_DOCUMENTS_H
#define AC_CONFIG_DOCUMENTS_H

#include "config/document.h"

#define AC_CONFIG_INCLUDE   "include"
#define AC_CONFIG_SIZE_MAX  ((size_t)32 * 1024 * 1024) /* of one file */
#define AC_CONFIG_FILES_MAX 10000
#define AC_CONFIG_DEPTH_MAX 8 /* files that include files */

struct ac_documents_item; /* a document and how it was reached */

struct ac_documents {
    struct ac_documents_item *items;
    size_t count;
    size_t capacity;
};

/*
 * AC_E_NOTFOUND, AC_E_STORE, AC_E_USAGE: the file itself is not there, cannot be read
 * or is not to be trusted. What is wrong with the others is a fault of the include.
 */
AC_MUST enum ac_code ac_documents_load(const char *path, struct ac_faults *faults,
                                       struct ac_documents *ret_documents,
                                       struct ac_error *err);
const struct ac_document *ac_documents_at(const struct ac_documents *documents,
                                          size_t index);
void ac_documents_done(struct ac_documents *documents);
AC_DEFINE_DROP_VALUE(ac_documents, ac_documents_done)

#endif
