/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/request_rules.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <string.h>

#define URL_MAX     8192
#define METHOD_MAX  16
#define HEADERS_MAX 100
#define HEADER_MAX  8192
#define PATH_SIZE   4096
#define HOST_SIZE   64  /* a longer one is none of this machine's */
#define WAIT_MAX_S  600 /* who asks for more gets no second try */
#define SECOND_MS   1000
#define HTTPS       "https://"
#define HTTP        "http://"

static bool is_line(const char *text, size_t maximum)
{
    size_t size = strnlen(text, maximum + 1);

    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == '\x7F')
            return false;
    }
    return size > 0 && size <= maximum;
}

static bool are_headers(const char *const *headers)
{
    size_t count = 0;

    while (headers && headers[count]) {
        if (!is_line(headers[count], HEADER_MAX) || ++count > HEADERS_MAX)
            return false;
    }
    return true;
}

bool ac_request_is_well_formed(const struct acmecore_request *request)
{
    const char *ca_path = request->ca_path;

    return ac_text_is_made_of(request->method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1,
                              METHOD_MAX)
           && request->url && is_line(request->url, URL_MAX)
           && are_headers(request->headers) && (request->body || !request->body_size)
           && (!ca_path || (ca_path[0] == '/' && is_line(ca_path, PATH_SIZE - 1)));
}

bool ac_request_is_harmless(const struct acmecore_request *request)
{
    return !strcmp(request->method, "GET") || !strcmp(request->method, "HEAD")
           || (request->flags & ACMECORE_HARMLESS) != 0;
}

static bool is_empty_get(const struct acmecore_request *request)
{
    bool has_headers = request->headers && request->headers[0];

    return !strcmp(request->method, "GET") && !has_headers && request->body_size == 0;
}

static bool is_loopback(const char *host)
{
    struct in_addr address;

    if (!strcmp(host, "localhost") || !strcmp(host, "[::1]"))
        return true;
    return inet_pton(AF_INET, host, &address) == 1
           && ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET;
}

/* authority: what follows "http://". */
static bool is_this_machine(const char *authority)
{
    size_t size = strcspn(authority, "/?#");
    size_t host_size =
        authority[0] == '[' ? strcspn(authority, "]") + 1 : strcspn(authority, ":/?#");
    char host[HOST_SIZE];

    if (host_size > size || host_size >= sizeof host || memchr(authority, '@', size)
        || (host_size < size && authority[host_size] != ':'))
        return false;
    memcpy(host, authority, host_size);
    host[host_size] = '\0';
    return is_loopback(host);
}

enum ac_request_way ac_request_way_of(const struct acmecore_request *request)
{
    if (!strncmp(request->url, HTTPS, strlen(HTTPS)))
        return AC_REQUEST_TLS;
    if (strncmp(request->url, HTTP, strlen(HTTP)) != 0)
        return AC_REQUEST_NEVER;
    /* First what validators do: it may be redirected, and must be harmless anywhere. */
    if (is_empty_get(request))
        return AC_REQUEST_LOOK;
    return is_this_machine(request->url + strlen(HTTP)) ? AC_REQUEST_LOCAL
                                                        : AC_REQUEST_NEVER;
}

/* RFC 9110 section 9.2.2. */
static bool is_idempotent(const char *method)
{
    static const char *const methods[] = { "GET", "HEAD", "PUT", "DELETE" };

    for (size_t i = 0; i < AC_COUNT(methods); i++) {
        if (!strcmp(method, methods[i]))
            return true;
    }
    return false;
}

static bool is_worth_another(const struct acmecore_request *request,
                             const struct ac_request_outcome *outcome)
{
    if (outcome->was_unreached)
        return true;
    if (outcome->was_broken)
        return is_idempotent(request->method);
    if (!outcome->is_answered)
        return false;
    switch (outcome->http_status) {
    case 429: /* RFC 6585 section 4: it was not done */
    case 503: /* RFC 9110 section 15.6.4: likewise */
        return true;
    case 502:
    case 504:
        return is_idempotent(request->method);
    default:
        return false;
    }
}

int64_t ac_request_wait_ms(const struct acmecore_request *request,
                           const struct ac_request_outcome *outcome, unsigned tries)
{
    if (tries >= AC_REQUEST_TRIES_MAX || !is_worth_another(request, outcome)
        || outcome->retry_after_s > WAIT_MAX_S)
        return -1;
    if (outcome->is_answered && outcome->retry_after_s > 0)
        return outcome->retry_after_s * SECOND_MS;
    return (int64_t)tries * SECOND_MS;
}
