/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin with a hook that a test writes. */
#ifndef AC_TESTS_DNS01_EXEC_HOOK_H
#define AC_TESTS_DNS01_EXEC_HOOK_H

#include "hook_run.h"
#include "vector.h"

/* The plugin, opened with this dialect and command; NULL when that fails. */
__attribute__((unused)) static void *hook_open(struct fake_host *fake,
                                               const char *dialect, const char *command)
{
    void *self = NULL;

    fake->ctx.run = hook_run;
    fake_host_set(fake, "dialect", dialect);
    fake_host_set(fake, "command", command);
    return acmecore_plugin.open(&fake->host, &self) == ACMECORE_OK ? self : NULL;
}

__attribute__((unused)) static void hook_close(void *self)
{
    void *const *held = self;

    if (*held)
        acmecore_plugin.close(*held);
}

/* A fake host and the plugin on it, closed at the end of the scope. */
#define HOOK(dialect, body)                                                            \
    struct fake_host fake;                                                             \
    int results[2] = { 0, 0 };                                                         \
    bool is_started = fake_host_start(&fake, &acmecore_plugin);                        \
    __attribute__((cleanup(hook_close))) void *self =                                  \
        is_started ? hook_open(&fake, dialect, hook_write("hook", body)) : NULL;       \
                                                                                       \
    AC_REQUIRE(self != NULL)

#define PRESENT(challenges, count)                                                     \
    acmecore_plugin.ops.solver->present(self, challenges, count, results)
#define CLEANUP(challenges, count)                                                     \
    acmecore_plugin.ops.solver->cleanup(self, challenges, count, results)
#define PROBE(challenges, count)                                                       \
    acmecore_plugin.ops.solver->probe(self, challenges, count, results)

/* Another process: the plugin is opened anew in the same folder. */
#define RESTART()                                                                      \
    do {                                                                               \
        acmecore_plugin.close(self);                                                   \
        self = NULL;                                                                   \
        AC_REQUIRE(acmecore_plugin.open(&fake.host, &self) == ACMECORE_OK);            \
    } while (0)

#endif
