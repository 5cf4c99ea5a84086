/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One configuration file as a tree of names and values, each with its place. Knows the
 * grammar, not what the names mean.
 *
 *   name = value      name = {value, value}      name "title" { … }      name { … }
 */
#ifndef AC_CONFIG_DOCUMENT_H
#define AC_CONFIG_DOCUMENT_H

#include "config/faults.h"

#define AC_DOCUMENT_DEPTH_MAX                                                          \
    8 /* sections within sections; none that we know has 3                             \
       */

struct ac_value {
    char *text;
    unsigned line;
};

/* What one setting was given; lent by a document. */
struct ac_values {
    const struct ac_value *items;
    size_t count;          /* 0: it was not given, is an empty list, or half read */
    bool is_list;          /* written with braces; never one that is half read */
    struct ac_place place; /* of the name; line 0: it was not given */
};

struct ac_entry {
    char *name;
    char *title; /* NULL: none */
    unsigned line;
    bool is_section, is_list;
    size_t end;   /* index behind the last entry within this one */
    size_t first; /* value */
    size_t value_count;
};

struct ac_document {
    char *path;
    struct ac_entry *entries; /* as they stand in the file; a section before its own */
    size_t entry_count, entry_capacity;
    struct ac_value *values;
    size_t value_count, value_capacity;
};

/*
 * What cannot be read is a fault, and the reading goes on at the next line that looks
 * like a setting. A setting that is half read has no values. path is copied, and lent
 * by the document to the faults' places.
 */
AC_MUST enum ac_code ac_document_parse(const char *path, const char *bytes, size_t size,
                                       struct ac_faults *faults,
                                       struct ac_document **ret_document,
                                       struct ac_error *err);
struct ac_place ac_document_place(const struct ac_document *document,
                                  const struct ac_entry *entry);
struct ac_values ac_document_values(const struct ac_document *document,
                                    const struct ac_entry *entry);
void ac_document_free(struct ac_document *document);
AC_DEFINE_DROP(ac_document, ac_document_free)

#endif
