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
    char *own_path;   /* the same where nobody else has it; owned by who made it */
    struct files_blob pem;
    /* As it was seen: */
    bool is_known; /* HAProxy had it */
    bool is_idle;  /* it did not, or served it nowhere */
};

struct runtime_outcome {
    bool is_running; /* false: nobody listens, which is no failure */
    bool has_begun;  /* something in the process may be another than before */
};

/*
 * Which of them HAProxy has and serves; nothing is changed. After it the others may be
 * called, when somebody listens.
 */
int runtime_look(const struct runtime *runtime, struct runtime_item *items,
                 size_t count, struct runtime_outcome *ret_outcome);

/*
 * HAProxy has one transaction at a time, so each certificate is set and committed
 * before the next: when it refuses one, those before it are in use, and the old files
 * bring them back.
 *
 * E_CONFIG   one is not served and there is no crt-list to add it to
 * E_REFUSED  it said no
 */
int runtime_replace(const struct runtime *runtime, const struct runtime_item *items,
                    size_t count, struct runtime_outcome *outcome);

/* The same with files of before; what HAProxy does not serve is left. */
int runtime_bring_back(const struct runtime *runtime, const struct runtime_item *items,
                       size_t count, struct runtime_outcome *outcome);

/* Takes one out again, as far as HAProxy lets it: what it keeps is said, and is no
 * failure; nor is it that nobody listens. */
int runtime_remove(const struct runtime *runtime, const char *path);

/* NULL, or why a path cannot be said to HAProxy. */
const char *runtime_check_path(const char *path);

#endif
