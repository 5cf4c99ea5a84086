/* SPDX-License-Identifier: Apache-2.0 */
#include "reply.h"

#include <string.h>
#include <strings.h>

#define PREFIX "/.well-known/acme-challenge/"

#define STATUS_OK                 200
#define STATUS_NOT_FOUND          404
#define STATUS_METHOD_NOT_ALLOWED 405

static const char *path_of(const char *target);

struct reply reply_to(const struct answers *answers, const char *method,
                      const char *target)
{
    static char only_get[] = "only GET and HEAD\n";
    static char not_found[] = "not found\n";
    const char *path = path_of(target);
    const char *token = NULL;
    char *body = NULL;

    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        return (struct reply){ STATUS_METHOD_NOT_ALLOWED, only_get, "text/plain",
                               "GET, HEAD", NULL };
    }
    if (strncmp(path, PREFIX, strlen(PREFIX)) == 0) {
        token = path + strlen(PREFIX);
        body = answers_find(answers, token);
    }
    if (!body)
        return (struct reply){ STATUS_NOT_FOUND, not_found, "text/plain", NULL, NULL };
    return (struct reply){ STATUS_OK, body, "application/octet-stream", NULL, token };
}

/* RFC 9112 §3.2.2: a server accepts the absolute form too. Any host is ours. */
static const char *path_of(const char *target)
{
    static const char scheme[] = "http://";
    const char *path = NULL;

    if (strncasecmp(target, scheme, strlen(scheme)) != 0)
        return target;
    path = strchr(target + strlen(scheme), '/');
    return path ? path : "/";
}
