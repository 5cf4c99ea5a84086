/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents of older schemas into today's form. Pure.
 */
#ifndef AC_STORE_MIGRATE_H
#define AC_STORE_MIGRATE_H

#include "base/json.h"

/* One step, of one kind of document, from a schema to the next. */
struct ac_migration {
    int64_t from;
    const char *item; /* "state.json" */
    enum ac_code (*change)(struct ac_json *document, struct ac_error *err);
};

struct ac_migrations {
    const struct ac_migration *steps; /* in the order of their schemas */
    size_t count;
    int64_t schema; /* to which they lead */
};

/* Those of this program. */
extern const struct ac_migrations ac_store_migrations;

/* Brings the document to the schema, and says so in it. What no step is for stays as it
 * is: nothing changed in that kind of document. */
AC_MUST enum ac_code ac_migrate(const struct ac_migrations *migrations,
                                const char *item, struct ac_json *document,
                                struct ac_error *err);

#endif
