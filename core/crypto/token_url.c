/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/token_url.h"

#include "crypto/token.h"

#include <stdlib.h>
#include <string.h>

#define FILE_SCHEME "file:"

/* RFC 7512 2.3, and what a tpmkey: URL has; no white space, quote or control. */
#define ALPHABET                                                                       \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%:[]@!$'()*+,=" \
    "&/?|;"

void ac_token_url_done(struct ac_token_url *url)
{
    ac_text_done(&url->plain);
    free(url->pin_path);
    free(url->module_path);
    *url = (struct ac_token_url){ 0 };
}

#define NO_DIGIT 16u

static unsigned int digit_of(char character)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *at = character != '\0' ? strchr(digits, character) : NULL;
    unsigned int value;

    if (at == NULL)
        return NO_DIGIT;
    value = (unsigned int)(at - digits);
    return value < 16 ? value : value - 6;
}

/* The octet of "%2F"; 0: it is none, and that one has no place in a path. */
static unsigned char octet_of(const char *value, size_t size)
{
    unsigned int high = size > 2 ? digit_of(value[1]) : NO_DIGIT;
    unsigned int low = high != NO_DIGIT ? digit_of(value[2]) : NO_DIGIT;

    return low != NO_DIGIT ? (unsigned char)(high * 16 + low) : 0;
}

/* RFC 3986 2.1. The size is that of what is decoded; what remains is a path. */
static enum ac_code decode(const char *value, size_t size, char **ret_path,
                           struct ac_error *err)
{
    AC_AUTO(ac_text) path = { 0 };

    for (size_t i = 0; i < size; i++) {
        bool is_coded = value[i] == '%';
        unsigned char octet =
            is_coded ? octet_of(value + i, size - i) : (unsigned char)value[i];

        if (octet == 0)
            return ac_fail(err, AC_E_USAGE, "the URL of the key has a broken \"%%\"");
        i += is_coded ? 2 : 0;
        AC_TRY(ac_text_add(&path, &octet, 1, err));
    }
    return ac_text_take(&path, ret_path, err);
}

/* "file:/path", "file:///path" or "/path": RFC 7512 2.4 also knows "|command". */
static enum ac_code read_pin_source(struct ac_token_url *url, const char *value,
                                    size_t size, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;
    const char *at;

    AC_TRY(decode(value, size, &path, err));
    at = path;
    if (strncmp(at, FILE_SCHEME, strlen(FILE_SCHEME)) == 0)
        at += strlen(FILE_SCHEME);
    if (strncmp(at, "///", 3) == 0)
        at += 2;
    if (at[0] != '/') {
        return ac_fail(err, AC_E_USAGE,
                       "pin-source in the URL of the key must be a file with its full "
                       "path: pin-source=file:/path");
    }
    free(url->pin_path);
    url->pin_path = NULL;
    return ac_memory_copy_text(at, &url->pin_path, err);
}

static enum ac_code read_module_path(struct ac_token_url *url, const char *value,
                                     size_t size, struct ac_error *err)
{
    free(url->module_path);
    url->module_path = NULL;
    AC_TRY(decode(value, size, &url->module_path, err));
    if (url->module_path[0] == '/')
        return AC_OK;
    return ac_fail(err, AC_E_USAGE,
                   "module-path in the URL of the key must be a full path");
}

static enum ac_code refuse_pin(struct ac_token_url *url, const char *value, size_t size,
                               struct ac_error *err)
{
    (void)url;
    (void)value;
    (void)size;
    return ac_fail(err, AC_E_USAGE,
                   "the URL of the key has a PIN in it (pin-value), which others can "
                   "see; put the PIN into a file and give --pin-file FILE");
}

/* What is for us, and not for GnuTLS. */
static const struct attribute {
    const char *name;
    enum ac_code (*read)(struct ac_token_url *url, const char *value, size_t size,
                         struct ac_error *err);
} attributes[] = {
    { "pin-source=", read_pin_source },
    { "pinfile=", read_pin_source }, /* as older programs write it */
    { "pin-value=", refuse_pin },
    { "module-path=", read_module_path },
};

/* Where in the URL we are, and what of it is kept. */
struct place {
    bool is_query;
    bool has_path, has_query;
};

static enum ac_code keep(struct ac_token_url *url, struct place *place, const char *at,
                         size_t size, struct ac_error *err)
{
    bool *has = place->is_query ? &place->has_query : &place->has_path;
    const char *separators = place->is_query ? "?&" : ":;";

    AC_TRY(ac_text_add(&url->plain, &separators[*has], 1, err));
    *has = true;
    return ac_text_add(&url->plain, at, size, err);
}

static enum ac_code read_attribute(struct ac_token_url *url, struct place *place,
                                   const char *at, size_t size, struct ac_error *err)
{
    for (size_t i = 0; i < AC_COUNT(attributes); i++) {
        size_t skip = strlen(attributes[i].name);

        if (size >= skip && strncmp(at, attributes[i].name, skip) == 0)
            return attributes[i].read(url, at + skip, size - skip, err);
    }
    return size > 0 ? keep(url, place, at, size, err) : AC_OK;
}

static enum ac_code read_attributes(struct ac_token_url *url, const char *at,
                                    struct ac_error *err)
{
    struct place place = { 0 };

    while (*at != '\0') {
        size_t size;

        place.is_query |= *at == '?';
        at++;
        size = strcspn(at, place.is_query ? "&" : ";?");
        AC_TRY(read_attribute(url, &place, at, size, err));
        at += size;
    }
    if (!place.has_path)
        return ac_fail(err, AC_E_USAGE, "the URL of the key does not say which key");
    return AC_OK;
}

enum ac_code ac_token_url_parse(const char *text, struct ac_token_url *ret_url,
                                struct ac_error *err)
{
    AC_AUTO(ac_token_url) url = { 0 };
    const char *colon = strchr(text, ':');

    if (!ac_text_is_made_of(text, ALPHABET, 1, AC_TOKEN_URL_MAX) || colon == NULL) {
        return ac_fail(err, AC_E_USAGE,
                       "the URL of the key is not of the form of RFC 7512: 1 to %d "
                       "characters, others than letters, digits and punctuation as "
                       "%%XX",
                       AC_TOKEN_URL_MAX);
    }
    AC_TRY(ac_text_add(&url.plain, text, (size_t)(colon - text), err));
    AC_TRY(read_attributes(&url, colon, err));

    *ret_url = url;
    url = (struct ac_token_url){ 0 };
    return AC_OK;
}
