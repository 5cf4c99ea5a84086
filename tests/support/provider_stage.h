/* SPDX-License-Identifier: Apache-2.0 */
/* A solver for a provider with an HTTP API, opened at a fake host, and its challenges.
 */
#ifndef AC_TESTS_SUPPORT_PROVIDER_STAGE_H
#define AC_TESTS_SUPPORT_PROVIDER_STAGE_H

#include "check.h"
#include "fake_api.h"

#include <acmecore/plugin.h>

#include <string.h>

#define STAGE_MAX 8

struct stage {
    struct fake_host fake;
    struct fake_api api;
    void *self;
    struct acmecore_challenge items[STAGE_MAX];
    const struct acmecore_challenge *challenges[STAGE_MAX];
    int results[STAGE_MAX];
    size_t count;
};

static inline bool stage_open(struct stage *stage)
{
    stage->fake.ctx.http = fake_api_http;
    stage->fake.ctx.arg = &stage->api;
    return acmecore_plugin.open(&stage->fake.host, &stage->self) == ACMECORE_OK;
}

static inline void stage_add(struct stage *stage, const char *identifier,
                             const char *record_name, const char *value,
                             const char *zone)
{
    struct acmecore_challenge *item = &stage->items[stage->count];

    *item = (struct acmecore_challenge){ .struct_size = sizeof *item,
                                         .type = "dns-01",
                                         .identifier = identifier,
                                         .token = "token",
                                         .key_authorization = "token.thumb",
                                         .record_name = record_name,
                                         .record_value = value,
                                         .record_zone = zone };
    stage->challenges[stage->count++] = item;
}

static inline int stage_present(struct stage *stage)
{
    return acmecore_plugin.ops.solver->present(stage->self, stage->challenges,
                                               stage->count, stage->results);
}

static inline int stage_cleanup(struct stage *stage)
{
    return acmecore_plugin.ops.solver->cleanup(stage->self, stage->challenges,
                                               stage->count, stage->results);
}

static inline bool stage_asked(const struct stage *stage, size_t nth, const char *line)
{
    return nth < stage->api.count && strcmp(stage->api.asked[nth].line, line) == 0;
}

static inline bool stage_sent(const struct stage *stage, size_t nth, const char *text)
{
    return nth < stage->api.count && strstr(stage->api.asked[nth].body, text) != NULL;
}

#endif
