/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to around*.c: the hooks of a run and the certificates that name them.
 */
#ifndef AC_ENGINE_AROUND_PARTS_H
#define AC_ENGINE_AROUND_PARTS_H

#include "engine/command/around.h"

enum ac_hook_kind {
    AC_HOOK_PRE,
    AC_HOOK_POST,
    AC_HOOK_FAILURE,
    AC_HOOK_KINDS
};

struct ac_around_hook {
    enum ac_hook_kind kind;
    struct ac_user_command command;
    struct ac_error wrong; /* with its section; code AC_OK: nothing */
    size_t *members;       /* places in certificates; owned */
    size_t member_count, member_capacity;
};

struct ac_around_certificate {
    char *name;
    const char *reason; /* static */
    struct ac_words identifiers;
    struct ac_error refusal; /* of a pre-hook; code AC_OK: none */
    struct ac_error why;     /* what came of it */
    bool has_ended;          /* it was attempted, and that is over */
};

struct ac_around {
    struct ac_around_settings settings;
    struct ac_around_hook *hooks; /* owned, in the order in which they were named */
    size_t hook_count, hook_capacity;
    struct ac_around_certificate *certificates; /* owned */
    size_t certificate_count, certificate_capacity;
    bool has_begun;
};

/* Did one of its certificates fail? */
bool ac_around_has_failed(const struct ac_around *around,
                          const struct ac_around_hook *hook);
/* What it reads on its stdin (docs/notifications.md). */
AC_MUST enum ac_code ac_around_describe(const struct ac_around *around,
                                        const struct ac_around_hook *hook,
                                        struct ac_json **ret_json,
                                        struct ac_error *err);

#endif
