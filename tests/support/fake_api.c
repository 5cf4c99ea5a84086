/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_api.h"

#include <stdio.h>
#include <string.h>

static void note(struct fake_api *api, const struct acmecore_request *request)
{
    size_t nth = api->count;
    size_t used = 0;

    (void)snprintf(api->asked[nth].line, sizeof api->asked[nth].line, "%s %s",
                   request->method, request->url);
    for (size_t i = 0; request->headers && request->headers[i]; i++) {
        int size = snprintf(api->asked[nth].headers + used,
                            sizeof api->asked[nth].headers - used, "%s\n",
                            request->headers[i]);
        used += size > 0 ? (size_t)size : 0;
        if (used >= sizeof api->asked[nth].headers)
            break;
    }
    (void)snprintf(api->asked[nth].body, sizeof api->asked[nth].body, "%.*s",
                   (int)request->body_size,
                   request->body ? (const char *)request->body : "");
}

int fake_api_http(void *arg, const struct acmecore_request *request, long *ret_code,
                  acmecore_sink *body, void *body_arg)
{
    struct fake_api *api = arg;

    if (api->count >= FAKE_API_MAX || api->answers[api->count].code == 0)
        return ACMECORE_E_NETWORK;
    note(api, request);
    const char *answer = api->answers[api->count].body;
    *ret_code = api->answers[api->count].code;
    api->count++;
    if (api->header && request->answer
        && request->answer(request->answer_arg, api->header, strlen(api->header))
               != ACMECORE_OK)
        return ACMECORE_E_SYSTEM;
    return answer ? body(body_arg, answer, strlen(answer)) : ACMECORE_OK;
}
