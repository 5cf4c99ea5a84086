/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_url.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SHOWN_MAX 300 /* characters of a bad URL in a sentence */

static enum ac_code refuse(const char *text, const char *why, struct ac_error *err)
{
    return ac_fail(err, AC_E_INVALID, "the URL \"%.*s\" is refused: %s", SHOWN_MAX,
                   text, why);
}

/* RFC 3986 2: what is not printable ASCII has to be percent-encoded. */
static bool has_foreign_bytes(const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (*at <= ' ' || *at > '~')
            return true;
    }
    return false;
}

/* RFC 3986 3.1: scheme ":" */
static bool has_scheme(const char *text)
{
    size_t size = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                               "0123456789+-.");

    return size > 0 && isalpha((unsigned char)text[0]) && text[size] == ':';
}

static const char *what_is_wrong_with_authority(const char *authority, size_t size)
{
    if (size == 0)
        return "it has no host";
    if (memchr(authority, '@', size) != NULL)
        return "it has credentials";
    if (memchr(authority, '%', size) != NULL || memchr(authority, '\\', size) != NULL)
        return "its host has a character that no host has";
    if (authority[size - 1] == ':')
        return "its port is missing";
    return NULL;
}

/* What curl_url would let pass or mend: "https:/host", "user@", "h%6Fst". */
static enum ac_code check_text(const char *text, struct ac_url *url,
                               struct ac_error *err)
{
    const char *authority = text;
    const char *why;
    size_t size;

    if (strlen(text) > AC_URL_MAX)
        return refuse(text, "it is too long", err);
    if (has_foreign_bytes(text))
        return refuse(text, "it has a space, a control or a non-ASCII character", err);
    url->is_plain = strncasecmp(text, "http://", 7) == 0;
    if (!url->is_plain && strncasecmp(text, "https://", 8) != 0)
        return refuse(text, "it begins with neither https:// nor http://", err);

    authority += url->is_plain ? 7 : 8;
    size = strcspn(authority, "/?#");
    why = what_is_wrong_with_authority(authority, size);
    if (why != NULL)
        return refuse(text, why, err);
    return ac_memory_copy_bytes(authority, size, &url->authority, err);
}

static enum ac_code curl_failure(CURLUcode code, const char *text, struct ac_error *err)
{
    if (code == CURLUE_OUT_OF_MEMORY)
        return ac_fail(err, AC_E_NOMEM, "no memory for a URL");
    return refuse(text, "it is no URL", err);
}

/* One part of a URL as our own copy. */
static enum ac_code copy_part(const struct ac_curl *curl, CURLU *handle, CURLUPart part,
                              const char *text, char **ret_part, struct ac_error *err)
{
    unsigned flags = part == CURLUPART_PORT ? CURLU_DEFAULT_PORT : 0;
    char *lent = NULL;
    CURLUcode result = curl->url_get(handle, part, &lent, flags);
    enum ac_code code;

    if (result != CURLUE_OK)
        return curl_failure(result, text, err);
    code = ac_memory_copy_text(lent, ret_part, err);
    curl->free(lent);
    return code;
}

static enum ac_code take_apart(const struct ac_curl *curl, CURLU *handle,
                               const char *text, struct ac_url *url,
                               struct ac_error *err)
{
    AC_AUTO_TEXT char *port = NULL;
    CURLUcode result = curl->url_set(handle, CURLUPART_URL, text,
                                     CURLU_DISALLOW_USER | CURLU_PATH_AS_IS);

    if (result != CURLUE_OK)
        return curl_failure(result, text, err);
    AC_TRY(copy_part(curl, handle, CURLUPART_HOST, text, &url->host, err));
    AC_TRY(copy_part(curl, handle, CURLUPART_PORT, text, &port, err));
    return ac_memory_format(&url->place, err, "%s:%s", url->host, port);
}

enum ac_code ac_url_parse(const struct ac_curl *curl, const char *text,
                          struct ac_url *ret_url, struct ac_error *err)
{
    AC_AUTO(ac_url) url = { 0 };
    CURLU *handle;
    enum ac_code code;

    AC_TRY(check_text(text, &url, err));
    handle = curl->url();
    if (handle == NULL)
        return curl_failure(CURLUE_OUT_OF_MEMORY, text, err);
    code = take_apart(curl, handle, text, &url, err);
    curl->url_cleanup(handle);
    AC_TRY(code);

    *ret_url = url;
    url = (struct ac_url){ 0 };
    return AC_OK;
}

void ac_url_done(struct ac_url *url)
{
    free(url->authority);
    free(url->host);
    free(url->place);
    *url = (struct ac_url){ 0 };
}

enum ac_code ac_url_resolve(const struct ac_curl *curl, const char *base,
                            const char *target, char **ret_text, struct ac_error *err)
{
    CURLU *handle;
    CURLUcode result;
    enum ac_code code;

    if (strlen(target) > AC_URL_MAX || has_foreign_bytes(target))
        return refuse(target, "it is no URL", err);
    if (has_scheme(target))
        return ac_memory_copy_text(target, ret_text, err);

    handle = curl->url();
    if (handle == NULL)
        return curl_failure(CURLUE_OUT_OF_MEMORY, target, err);
    result = curl->url_set(handle, CURLUPART_URL, base, 0);
    if (result == CURLUE_OK)
        result = curl->url_set(handle, CURLUPART_URL, target, 0);
    code = result == CURLUE_OK
               ? copy_part(curl, handle, CURLUPART_URL, target, ret_text, err)
               : curl_failure(result, target, err);
    curl->url_cleanup(handle);
    return code;
}
