/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTP API behind a fake host: answers in turn, and what was asked.
 *
 *     struct fake_api api = { .answers = { { 200, "{}" } } };
 *
 *     fake.ctx.http = fake_api_http;
 *     fake.ctx.arg = &api;
 *
 * It allocates nothing. A request beyond the answers is one more network error.
 */
#ifndef AC_TESTS_SUPPORT_FAKE_API_H
#define AC_TESTS_SUPPORT_FAKE_API_H

#include "fake_host.h"

#define FAKE_API_MAX  16
#define FAKE_API_TEXT 8192

struct fake_api {
    struct {
        long code;
        const char *body;
    } answers[FAKE_API_MAX];
    const char *header; /* a line of each answer; or NULL */
    struct {
        char line[1024];    /* "PATCH https://…" */
        char headers[1024]; /* a line each */
        char body[FAKE_API_TEXT];
    } asked[FAKE_API_MAX];
    size_t count; /* of requests so far */
};

int fake_api_http(void *arg, const struct acmecore_request *request, long *ret_code,
                  acmecore_sink *body, void *body_arg);

#endif
