/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions of host/caa.h without a process: what was asked is noted, and the
 * answer is the test's. Included by one source of a test program.
 */
#ifndef AC_TESTS_UNIT_ENGINE_FAKE_CAA_H
#define AC_TESTS_UNIT_ENGINE_FAKE_CAA_H

#include "base/clock.h"
#include "host/caa.h"

#include <stdio.h>
#include <string.h>

#define FAKE_CAA_MS 50 /* between steps; time enough for a turn of the fake CA */

struct ac_caa {
    size_t steps;
};

static struct {
    struct ac_caa caa;
    size_t begun, freed;
    char asked[512]; /* "www.example:dns-01 *.example:dns-01 @resolver" */
    size_t steps;    /* until it is done */
    const char *findings[8];
    bool is_unanswered, cannot_begin;
    int64_t deadline_ms;
} fake_caa;

static inline void fake_caa_note(const char *before, const char *text,
                                 const char *after)
{
    size_t size = strlen(fake_caa.asked);

    (void)snprintf(fake_caa.asked + size, sizeof fake_caa.asked - size, "%s%s%s ",
                   before, text, after);
}

enum ac_code ac_caa_begin(const struct ac_caa_settings *settings,
                          struct ac_caa **ret_caa, struct ac_error *err)
{
    if (fake_caa.cannot_begin)
        return ac_fail(err, AC_E_SYSTEM, "no process can be started");
    for (size_t i = 0; i < settings->name_count; i++) {
        const struct ac_caa_name *name = &settings->names[i];

        fake_caa_note(name->is_wildcard ? "*." : "", name->name, ":");
        fake_caa_note("", name->method ? name->method : "?", "");
    }
    for (size_t i = 0; i < settings->resolvers->count; i++)
        fake_caa_note("@", settings->resolvers->items[i], "");
    fake_caa.begun++;
    fake_caa.deadline_ms = settings->deadline_ms;
    fake_caa.caa = (struct ac_caa){ 0 };
    *ret_caa = &fake_caa.caa;
    return AC_OK;
}

void ac_caa_free(struct ac_caa *caa)
{
    fake_caa.freed += caa != NULL;
}

size_t ac_caa_fds(const struct ac_caa *caa, struct pollfd *fds)
{
    (void)caa, (void)fds;
    return 0;
}

int64_t ac_caa_wake_at_ms(const struct ac_caa *caa)
{
    return ac_caa_is_done(caa) ? AC_CLOCK_NEVER : ac_clock_after_ms(FAKE_CAA_MS);
}

void ac_caa_step(struct ac_caa *caa)
{
    caa->steps++;
}

bool ac_caa_is_done(const struct ac_caa *caa)
{
    return caa->steps >= fake_caa.steps;
}

enum ac_code ac_caa_result(const struct ac_caa *caa, struct ac_error *err)
{
    if (fake_caa.is_unanswered || !ac_caa_is_done(caa))
        return ac_fail(err, AC_E_PLUGIN, "plugin (CAA) hung");
    return AC_OK;
}

const char *ac_caa_finding(const struct ac_caa *caa, size_t index)
{
    (void)caa;
    return fake_caa.findings[index % 8];
}

#endif
