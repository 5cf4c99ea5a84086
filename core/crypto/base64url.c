/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/base64url.h"

#include <nettle/base64.h>
#include <string.h>

#define CHUNK_SIZE 768 /* a multiple of 3: only the last chunk is padded */
/* Some CAs hand out RSA-sized MAC keys; nobody hands out more than a page of text. */
#define SECRET_TEXT_MAX 4096
#define WHITE_SPACE     " \t\r\n\v\f"
#define ALPHABET_BASE64                                                                \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

enum ac_code ac_base64url_add(struct ac_text *text, const void *bytes, size_t size,
                              struct ac_error *err)
{
    const uint8_t *from = bytes;

    while (size > 0) {
        char encoded[BASE64_ENCODE_LENGTH(CHUNK_SIZE) + BASE64_ENCODE_FINAL_LENGTH];
        size_t part = size < CHUNK_SIZE ? size : CHUNK_SIZE;
        struct base64_encode_ctx context;
        size_t length;

        base64url_encode_init(&context);
        length = base64_encode_update(&context, encoded, part, from);
        length += base64_encode_final(&context, encoded + length);
        while (length > 0 && encoded[length - 1] == '=')
            length--;
        AC_TRY(ac_text_add(text, encoded, length, err));
        from += part;
        size -= part;
    }
    return AC_OK;
}

enum ac_code ac_base64url_encode(const void *bytes, size_t size, char **ret_text,
                                 struct ac_error *err)
{
    AC_AUTO(ac_text) text = { 0 };

    AC_TRY(ac_base64url_add(&text, bytes, size, err));
    return ac_text_take(&text, ret_text, err);
}

/* The padding that nettle insists on, and that the text must not have. */
static size_t missing_padding(size_t size)
{
    return (4 - size % 4) % 4;
}

/*
 * Decodes text that has the right alphabet and no padding. bytes has room for
 * BASE64_DECODE_LENGTH(size). False for stray bits and an impossible length.
 */
static bool decode_bare(struct base64_decode_ctx *context, const char *text,
                        size_t size, uint8_t *bytes, size_t *ret_size)
{
    size_t length = BASE64_DECODE_LENGTH(size);
    size_t more = 0;
    uint8_t none[BASE64_DECODE_LENGTH(2)];

    if (size % 4 == 1)
        return false;
    if (!base64_decode_update(context, &length, bytes, size, text))
        return false;
    if (!base64_decode_update(context, &more, none, missing_padding(size), "=="))
        return false;
    *ret_size = length;
    return base64_decode_final(context) == 1;
}

static bool is_of_alphabet(const char *text, size_t size, const char *alphabet)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\0' || strchr(alphabet, text[i]) == NULL)
            return false;
    }
    return true;
}

enum ac_code ac_base64url_decode(const char *text, size_t size,
                                 struct ac_text *ret_bytes, struct ac_error *err)
{
    AC_AUTO(ac_text) bytes = { 0 };
    AC_AUTO_TEXT char *decoded = NULL;
    struct base64_decode_ctx context;
    size_t length = 0;

    /* RFC 8555 6.1: trailing '=' characters MUST be rejected as improperly encoded. */
    if (!is_of_alphabet(text, size, AC_ALPHABET_BASE64URL))
        return ac_fail(err, AC_E_INVALID, "a character that is not base64url");
    AC_TRY(ac_memory_new(BASE64_DECODE_LENGTH(size) + 1, 1, &decoded, err));
    base64url_decode_init(&context);
    if (!decode_bare(&context, text, size, (uint8_t *)decoded, &length))
        return ac_fail(err, AC_E_INVALID, "no base64url: stray bits at the end");
    AC_TRY(ac_text_add(&bytes, decoded, length, err));

    *ret_bytes = bytes;
    bytes = (struct ac_text){ 0 };
    return AC_OK;
}

static void trim(const char **text, size_t *size)
{
    while (*size > 0 && (*text)[0] != '\0' && strchr(WHITE_SPACE, (*text)[0]) != NULL) {
        (*text)++;
        (*size)--;
    }
    while (*size > 0 && (*text)[*size - 1] != '\0'
           && strchr(WHITE_SPACE, (*text)[*size - 1]) != NULL)
        (*size)--;
}

/* Takes correct padding away; false when it is wrong. */
static bool strip_padding(const char *text, size_t *size)
{
    size_t bare = *size;

    while (bare > 0 && text[bare - 1] == '=')
        bare--;
    if (bare != *size && *size - bare != missing_padding(bare))
        return false;
    *size = bare;
    return true;
}

/* The text is a secret: it is neither shown nor left in a decoder. */
enum ac_code ac_base64_decode_secret(const char *text, size_t size,
                                     struct ac_secret *ret_secret, struct ac_error *err)
{
    AC_AUTO(ac_secret) secret = { 0 };
    struct base64_decode_ctx context;
    size_t length = 0;
    bool is_decoded;

    trim(&text, &size);
    if (size == 0)
        return ac_fail(err, AC_E_INVALID, "the key is empty");
    if (size > SECRET_TEXT_MAX) {
        return ac_fail(err, AC_E_INVALID, "the key is longer than %d characters",
                       SECRET_TEXT_MAX);
    }
    if (!strip_padding(text, &size))
        return ac_fail(err, AC_E_INVALID, "the key is no base64: wrong padding");
    if (is_of_alphabet(text, size, AC_ALPHABET_BASE64URL)) {
        base64url_decode_init(&context);
    } else if (is_of_alphabet(text, size, ALPHABET_BASE64)) {
        base64_decode_init(&context);
    } else {
        return ac_fail(err, AC_E_INVALID, "the key is neither base64url nor base64");
    }

    AC_TRY(ac_secret_new(BASE64_DECODE_LENGTH(size), &secret, err));
    is_decoded = decode_bare(&context, text, size, secret.bytes, &length);
    explicit_bzero(&context, sizeof(context));
    if (!is_decoded || length == 0)
        return ac_fail(err, AC_E_INVALID, "the key is no base64: it is cut short");
    secret.size = length;

    *ret_secret = secret;
    secret = (struct ac_secret){ 0 };
    return AC_OK;
}
