/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates of the running HAProxy, changed without a reload.
 */
#ifndef RUNTIME_H
#define RUNTIME_H

#include "talk.h"

struct runtime {
    struct talk talk;
    const char *list; /* crt-list for what is new; or NULL */
};

struct runtime_item {
    const char *path; /* what HAProxy calls it */
    struct files_blob pem;
    bool is_new; /* HAProxy did not have it */
};

/*
 * Each is a transaction, and none is committed before all are set: what HAProxy refuses
 * until then changes nothing. When it refuses a commit, those before it are in use, and
 * a replace with the old files brings them back.
 *
 * ret_running  false when nobody listens, which is no failure
 * E_CONFIG     one is not known to HAProxy and there is no crt-list to add it to
 * E_REFUSED    it said no
 */
int runtime_replace(const struct runtime *runtime, struct runtime_item *items,
                    size_t count, bool *ret_running);

/* Takes one out again, as far as HAProxy lets it. */
void runtime_remove(const struct runtime *runtime, const char *path);

/* NULL, or why a path cannot be said to HAProxy. */
const char *runtime_check_path(const char *path);

#endif
