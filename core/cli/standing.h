/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands in the store already of a certificate that `issue` is asked for.
 */
#ifndef AC_CLI_STANDING_H
#define AC_CLI_STANDING_H

#include "cli/context.h"
#include "engine/held/held.h"

struct ac_standing {
    struct ac_wanted remembered; /* name NULL: nothing */
    struct ac_held held;         /* name NULL: nothing, or nothing of use */
    bool is_fresh;
    bool has_new_settings; /* it is fresh, and was asked for with other settings */
};
void ac_standing_done(struct ac_standing *standing);
AC_DEFINE_DROP_VALUE(ac_standing, ac_standing_done)

/* Does the store hold it already, and is it not due? AC_E_STORE: what is damaged could
 * not be replaced. */
AC_MUST enum ac_code ac_standing_look(struct ac_context *context,
                                      const struct ac_wanted *wanted,
                                      struct ac_standing *standing,
                                      struct ac_error *err);

#endif
