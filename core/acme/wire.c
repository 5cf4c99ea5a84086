/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/wire.h"

#include "base/clock.h"

#include <string.h>
#include <strings.h>

#define SHOWN_MAX 80 /* of a wrong value in a message */

/* Where the host begins, or NULL. */
static const char *after_scheme(const char *text)
{
    static const char *const schemes[] = { "https://", "http://" };

    for (size_t i = 0; i < AC_COUNT(schemes); i++) {
        if (strncasecmp(text, schemes[i], strlen(schemes[i])) == 0)
            return text + strlen(schemes[i]);
    }
    return NULL;
}

bool ac_wire_is_url(const char *text)
{
    const char *host = text ? after_scheme(text) : NULL;

    if (host == NULL || *host == '\0' || strchr("/?#", *host)
        || strnlen(text, AC_WIRE_URL_MAX + 1) > AC_WIRE_URL_MAX)
        return false;

    for (const char *at = text; *at; at++) {
        if (*at <= ' ' || *at > '~')
            return false;
    }
    return true;
}

static enum ac_code copy_url(const struct ac_json *value, const char *what,
                             const char *name, char **ret_url, struct ac_error *err)
{
    const char *text = ac_json_as_text(value);

    if (text == NULL)
        return ac_fail(err, AC_E_PROTOCOL, "the CA's %s: %s is no text", what, name);
    if (!ac_wire_is_url(text)) {
        return ac_fail(err, AC_E_PROTOCOL, "the CA's %s: %s is no usable URL: \"%.*s\"",
                       what, name, SHOWN_MAX, text);
    }
    return ac_memory_copy_text(text, ret_url, err);
}

enum ac_code ac_wire_url(const struct ac_json *object, const char *what,
                         const char *name, char **ret_url, struct ac_error *err)
{
    const struct ac_json *value = ac_json_get(object, name);

    if (value == NULL)
        return ac_fail(err, AC_E_PROTOCOL, "the CA's %s has no %s URL", what, name);
    return copy_url(value, what, name, ret_url, err);
}

enum ac_code ac_wire_url_or_null(const struct ac_json *object, const char *what,
                                 const char *name, char **ret_url, struct ac_error *err)
{
    const struct ac_json *value = ac_json_get(object, name);

    if (value)
        return copy_url(value, what, name, ret_url, err);
    *ret_url = NULL;
    return AC_OK;
}

static enum ac_code add_url(const struct ac_json *value, const char *what,
                            const char *name, struct ac_words *urls,
                            struct ac_error *err)
{
    AC_AUTO_TEXT char *url = NULL;

    AC_TRY(copy_url(value, what, name, &url, err));
    return ac_words_has(urls, url) ? AC_OK : ac_words_add(urls, url, err);
}

enum ac_code ac_wire_urls(const struct ac_json *object, const char *what,
                          const char *name, size_t limit, struct ac_words *ret_urls,
                          struct ac_error *err)
{
    AC_AUTO(ac_words) urls = { 0 };
    const struct ac_json *array = ac_json_get(object, name);
    size_t count = ac_json_count(array);

    if (array && !ac_json_is_array(array))
        return ac_fail(err, AC_E_PROTOCOL, "the CA's %s: %s is no array", what, name);
    if (count > limit) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "the CA's %s: %s has %zu entries, %zu at most", what, name,
                       count, limit);
    }
    for (size_t i = 0; i < count; i++)
        AC_TRY(add_url(ac_json_at(array, i), what, name, &urls, err));

    *ret_urls = urls;
    urls = (struct ac_words){ 0 };
    return AC_OK;
}

static bool is_of_type(const struct ac_identifier *identifier, const char *type)
{
    return strcmp(ac_identifier_type_name(identifier->type), type) == 0;
}

enum ac_code ac_wire_identifier(const struct ac_json *json, const char *what,
                                struct ac_identifier *ret_identifier,
                                struct ac_error *err)
{
    const char *type = ac_json_text_or(json, "type", NULL);
    const char *value = ac_json_text_or(json, "value", NULL);
    struct ac_identifier identifier = { 0 };
    struct ac_error reason = { 0 };

    if (type == NULL || value == NULL) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "the CA's %s has an identifier without type and value", what);
    }

    enum ac_code code = ac_identifier_parse(value, &identifier, &reason);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "no memory for an identifier");
    if (code != AC_OK) {
        return ac_fail(err, AC_E_PROTOCOL, "the CA's %s has a bad identifier: %s", what,
                       reason.detail);
    }
    if (!is_of_type(&identifier, type)) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "the CA's %s has the identifier \"%s\" of type \"%.*s\"", what,
                       identifier.value, SHOWN_MAX, type);
    }

    *ret_identifier = identifier;
    return AC_OK;
}

int64_t ac_wire_date(const struct ac_json *object, const char *name)
{
    const char *text = ac_json_text_or(object, name, NULL);
    struct ac_error ignored = { 0 };
    int64_t utc = 0;

    if (text == NULL || ac_clock_parse(text, &utc, &ignored) != AC_OK)
        return 0;
    return utc;
}

enum ac_code ac_wire_clean(const char *text, char **ret_clean, struct ac_error *err)
{
    char buffer[AC_WIRE_TEXT_MAX + 1];

    return ac_memory_copy_text(
        ac_text_clean(buffer, sizeof(buffer), text, strlen(text)), ret_clean, err);
}

enum ac_code ac_wire_clean_member(const struct ac_json *object, const char *name,
                                  char **ret_clean, struct ac_error *err)
{
    const char *text = ac_json_text_or(object, name, NULL);

    if (text)
        return ac_wire_clean(text, ret_clean, err);
    *ret_clean = NULL;
    return AC_OK;
}

enum ac_code ac_wire_status(const struct ac_json *object, const char *what,
                            const char *const *names, size_t count, size_t *ret_index,
                            struct ac_error *err)
{
    const char *status = ac_json_text_or(object, "status", NULL);

    if (status == NULL)
        return ac_fail(err, AC_E_PROTOCOL, "the CA's %s has no status", what);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], status) == 0) {
            *ret_index = i;
            return AC_OK;
        }
    }
    return ac_fail(err, AC_E_PROTOCOL, "the CA's %s has the unknown status \"%.*s\"",
                   what, SHOWN_MAX, status);
}
