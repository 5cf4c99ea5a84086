/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates for an installer as they travel in messages: written, read, checked. A
 * part of host/message; pure.
 *
 *   {"op":"stage"|"probe","id":3,"certificates":[{…},…]}
 */
#ifndef AC_HOST_MESSAGE_INSTALL_H
#define AC_HOST_MESSAGE_INSTALL_H

#include "host/message.h"

#define AC_INSTALL_NAMES_MAX 1000 /* identifiers of one certificate */
#define AC_INSTALL_PATH_MAX  4095

/* A batch that owns its text; `pointers` is the array an operation takes. */
struct ac_install_batch {
    struct acmecore_certificate *items;
    const struct acmecore_certificate **pointers;
    struct ac_words *texts;       /* of each: what its pointers lead into */
    struct ac_words *identifiers; /* of each */
    struct ac_words *other_types; /* of each */
    size_t count;
    size_t item_capacity, pointer_capacity, text_capacity, identifier_capacity;
    size_t type_capacity;
};

/* Adds one (all text is copied). AC_E_INVALID: a field that is missing, too long, no
 * absolute path, or made of other characters than it may be. */
AC_MUST enum ac_code ac_install_batch_add(
    struct ac_install_batch *batch, const struct acmecore_certificate *certificate,
    struct ac_error *err);
AC_MUST enum ac_code ac_install_batch_to_json(const struct ac_install_batch *batch,
                                              struct ac_json **ret_array,
                                              struct ac_error *err);
AC_MUST enum ac_code ac_install_batch_from_json(const struct ac_json *array,
                                                struct ac_install_batch *ret_batch,
                                                struct ac_error *err);
void ac_install_batch_done(struct ac_install_batch *batch);
AC_DEFINE_DROP_VALUE(ac_install_batch, ac_install_batch_done)

#endif
