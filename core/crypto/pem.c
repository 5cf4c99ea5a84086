/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pem.h"

#include <nettle/base64.h>
#include <string.h>

#define DASHES      "-----"
#define BEGIN_ANY   DASHES "BEGIN "
#define LABEL       "CERTIFICATE" DASHES
#define BEGIN       BEGIN_ANY LABEL
#define END         DASHES "END " LABEL
#define LABEL_MAX   40 /* of a foreign block's label, as much as is shown */
#define LINE_SIZE   48 /* [octets] that make 64 characters (RFC 7468 2) */
#define WHITE_SPACE " \t\r\n"

static bool is_white(char character)
{
    return character != '\0' && strchr(WHITE_SPACE, character) != NULL;
}

static void skip_white(struct ac_pem *pem)
{
    while (pem->at < pem->end && is_white(*pem->at))
        pem->at++;
}

static bool skip_text(struct ac_pem *pem, const char *text)
{
    size_t size = strlen(text);

    if ((size_t)(pem->end - pem->at) < size || memcmp(pem->at, text, size) != 0)
        return false;
    pem->at += size;
    return true;
}

/* A boundary has its line for itself; white space at its end is harmless. */
static bool skip_line_end(struct ac_pem *pem)
{
    while (pem->at < pem->end && *pem->at != '\n') {
        if (!is_white(*pem->at))
            return false;
        pem->at++;
    }
    return true;
}

static enum ac_code refuse_start(struct ac_pem *pem, struct ac_error *err)
{
    int size = 0;

    if (!skip_text(pem, BEGIN_ANY)) {
        return ac_fail(err, AC_E_INVALID,
                       "the chain has text that is part of no certificate");
    }
    while (size < LABEL_MAX && pem->at + size < pem->end && pem->at[size] != '-'
           && pem->at[size] != '\n')
        size++;
    return ac_fail(err, AC_E_INVALID,
                   "the chain has a block \"%.*s\" (RFC 8555 11.4: certificates only)",
                   size, pem->at);
}

static enum ac_code decode(const char *text, size_t size, struct ac_text *ret_der,
                           struct ac_error *err)
{
    AC_AUTO(ac_text) der = { 0 };
    AC_AUTO_TEXT char *bytes = NULL;
    struct base64_decode_ctx context;
    size_t length = BASE64_DECODE_LENGTH(size);

    AC_TRY(ac_memory_new(length + 1, 1, &bytes, err));
    base64_decode_init(&context);
    if (!base64_decode_update(&context, &length, (uint8_t *)bytes, size, text)
        || !base64_decode_final(&context) || length == 0)
        return ac_fail(err, AC_E_INVALID, "the chain has a certificate in bad base64");
    AC_TRY(ac_text_add(&der, bytes, length, err));

    *ret_der = der;
    der = (struct ac_text){ 0 };
    return AC_OK;
}

enum ac_code ac_pem_next(struct ac_pem *pem, struct ac_text *ret_der,
                         struct ac_error *err)
{
    const char *body;
    size_t size;

    skip_white(pem);
    if (pem->at == pem->end)
        return ac_fail(err, AC_E_NOTFOUND, "the chain has no more certificates");
    if (!skip_text(pem, BEGIN))
        return refuse_start(pem, err);
    if (!skip_line_end(pem))
        return ac_fail(err, AC_E_INVALID, "the chain has text after a BEGIN line");
    body = pem->at;
    while (pem->at < pem->end && *pem->at != '-')
        pem->at++;
    size = (size_t)(pem->at - body);
    if (!skip_text(pem, END) || !skip_line_end(pem)) {
        return ac_fail(err, AC_E_INVALID,
                       "the chain has a certificate without its end");
    }
    return decode(body, size, ret_der, err);
}

enum ac_code ac_pem_add(struct ac_text *text, const void *der, size_t size,
                        struct ac_error *err)
{
    const uint8_t *from = der;

    AC_TRY(ac_text_add(text, BEGIN "\n", strlen(BEGIN "\n"), err));
    while (size > 0) {
        char line[BASE64_ENCODE_RAW_LENGTH(LINE_SIZE)];
        size_t part = size < LINE_SIZE ? size : LINE_SIZE;

        base64_encode_raw(line, part, from);
        AC_TRY(ac_text_add(text, line, BASE64_ENCODE_RAW_LENGTH(part), err));
        AC_TRY(ac_text_add(text, "\n", 1, err));
        from += part;
        size -= part;
    }
    return ac_text_add(text, END "\n", strlen(END "\n"), err);
}
