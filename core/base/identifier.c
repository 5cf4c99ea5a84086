/* SPDX-License-Identifier: Apache-2.0 */
#include "base/identifier.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <idn2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a person may type: a U-label name is longer in UTF-8 than its A-labels. */
#define TYPED_MAX      1024
#define NAME_MAX_SIZE  253 /* RFC 1035 2.3.4 without the root's length octet */
#define LABEL_MAX_SIZE 63
#define SHOWN_SIZE     300 /* a whole name and the reason fit into one detail */

#define WILDCARD      "*."
#define WILDCARD_SIZE 2

static enum ac_code refuse(struct ac_error *err, const char *text, const char *reason)
{
    char shown[SHOWN_SIZE];

    return ac_fail(err, AC_E_USAGE, "\"%s\" cannot be in a certificate: %s",
                   ac_text_clean(shown, sizeof shown, text, strlen(text)), reason);
}

static bool is_ascii(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text > 0x7f)
            return false;
    }
    return true;
}

static bool is_digits(const char *text, size_t size)
{
    return size > 0 && strspn(text, "0123456789") >= size;
}

/* inet_aton reads "0x7f" and "127" as numbers, so a host's last label is neither. */
static bool is_number(const char *label, size_t size)
{
    if (is_digits(label, size))
        return true;
    return size > 2 && label[0] == '0' && label[1] == 'x'
           && strspn(label + 2, "0123456789abcdef") >= size - 2;
}

static enum ac_code refuse_colon(struct ac_error *err, const char *text)
{
    struct in6_addr address;
    char bare[INET6_ADDRSTRLEN] = "";
    const char *zone = strchr(text, '%');

    if (strstr(text, "://") != NULL)
        return refuse(err, text, "it is a URL; give the host name alone");
    if (zone != NULL && (size_t)(zone - text) < sizeof bare) {
        memcpy(bare, text, (size_t)(zone - text));
        if (inet_pton(AF_INET6, bare, &address) == 1) {
            return refuse(err, text,
                          "an address with a zone id means nothing elsewhere");
        }
    }
    if (strchr(text, ':') == strrchr(text, ':'))
        return refuse(err, text, "a port is not part of a name");
    return refuse(err, text, "it is not an IPv6 address");
}

/* RFC 5952 is what glibc's inet_ntop writes. */
static bool read_address(const char *text, struct ac_identifier *ret_identifier)
{
    struct ac_identifier identifier = { .type = AC_IDENTIFIER_IP };
    uint8_t octets[sizeof(struct in6_addr)];
    int family = strchr(text, ':') == NULL ? AF_INET : AF_INET6;

    if (inet_pton(family, text, octets) != 1)
        return false;
    if (inet_ntop(family, octets, identifier.value, sizeof identifier.value) == NULL)
        return false;
    *ret_identifier = identifier;
    return true;
}

/* What has an address's form, but is none that can be certified (RFC 8738 3). */
static enum ac_code check_no_address(const char *text, struct ac_error *err)
{
    struct ac_identifier address;

    if (strpbrk(text, "[]") != NULL)
        return refuse(err, text, "write an address without brackets");
    if (strncmp(text, WILDCARD, WILDCARD_SIZE) == 0
        && read_address(text + WILDCARD_SIZE, &address))
        return refuse(err, text, "there is no wildcard for addresses");
    if (strchr(text, ':') != NULL)
        return refuse_colon(err, text);
    return AC_OK;
}

static enum ac_code fail_idn(struct ac_error *err, const char *text, int result)
{
    char reason[SHOWN_SIZE];

    if (result == IDN2_MALLOC)
        return ac_fail(err, AC_E_NOMEM, "no memory to convert a name");
    (void)snprintf(reason, sizeof reason, "by IDNA 2008: %s", idn2_strerror(result));
    return refuse(err, text, reason);
}

static enum ac_code to_a_labels(const char *name, const char *text, char **ret_name,
                                struct ac_error *err)
{
    uint8_t *converted = NULL;
    int result = idn2_lookup_u8((const uint8_t *)name, &converted,
                                IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
    enum ac_code code;

    if (result != IDN2_OK)
        return fail_idn(err, text, result);
    code = ac_memory_copy_text((const char *)converted, ret_name, err);
    idn2_free(converted);
    return code;
}

static bool has_a_label(const char *name)
{
    const char *label = name;

    while (label != NULL) {
        if (strncmp(label, "xn--", 4) == 0)
            return true;
        label = strchr(label, '.');
        label = label == NULL ? NULL : label + 1;
    }
    return false;
}

/* RFC 5891 5.4: "xn--" and anything is an A-label only if it survives the way back. */
static enum ac_code check_a_labels(const char *name, const char *text,
                                   struct ac_error *err)
{
    AC_AUTO_TEXT char *again = NULL;
    char *u_labels = NULL;
    enum ac_code code;
    int result;

    if (!has_a_label(name))
        return AC_OK;
    result = idn2_to_unicode_8z8z(name, &u_labels, 0);
    if (result != IDN2_OK)
        return fail_idn(err, text, result);
    code = to_a_labels(u_labels, text, &again, err);
    idn2_free(u_labels);
    if (code == AC_OK && (again == NULL || strcmp(again, name) != 0))
        return refuse(err, text, "a label begins with \"xn--\" and is no A-label");
    return code;
}

static enum ac_code check_characters(const char *name, const char *text,
                                     struct ac_error *err)
{
    const char *bad = name + strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.");
    char reason[SHOWN_SIZE];
    char shown[16];

    if (*bad == '\0')
        return AC_OK;
    if (*bad == '*')
        return refuse(err, text, "\"*\" can only be the whole leftmost label");
    (void)snprintf(reason, sizeof reason, "no host name has the character \"%s\"",
                   ac_text_clean(shown, sizeof shown, bad, 1));
    return refuse(err, text, reason);
}

static enum ac_code check_label(const char *label, size_t size, const char *text,
                                struct ac_error *err)
{
    if (size == 0)
        return refuse(err, text, "a label is empty");
    if (size > LABEL_MAX_SIZE)
        return refuse(err, text, "a label is longer than 63 characters");
    if (label[0] == '-' || label[size - 1] == '-')
        return refuse(err, text, "a label begins or ends with a hyphen");
    return AC_OK;
}

static enum ac_code check_labels(const char *name, const char *text,
                                 struct ac_error *err)
{
    const char *label = name;

    for (;;) {
        size_t size = strcspn(label, ".");

        AC_TRY(check_label(label, size, text, err));
        if (label[size] == '\0')
            break;
        label += size + 1;
    }
    if (!is_number(label, strlen(label)))
        return AC_OK;
    return refuse(err, text,
                  "its last label is a number, and an IPv4 address is four decimal "
                  "numbers of 0 to 255 without leading zeros");
}

static void lower_case(char *name)
{
    for (; *name != '\0'; name++) {
        if (*name >= 'A' && *name <= 'Z')
            *name = (char)(*name - 'A' + 'a');
    }
}

static void cut_trailing_dot(char *name)
{
    size_t size = strlen(name);

    if (size > 1 && name[size - 1] == '.')
        name[size - 1] = '\0';
}

static enum ac_code read_base(const char *base, const char *text, char **ret_name,
                              struct ac_error *err)
{
    AC_AUTO_TEXT char *name = NULL;

    if (is_ascii(base)) {
        AC_TRY(ac_memory_copy_text(base, &name, err));
    } else {
        AC_TRY(to_a_labels(base, text, &name, err));
    }
    lower_case(name);
    cut_trailing_dot(name);
    AC_TRY(check_characters(name, text, err));
    AC_TRY(check_labels(name, text, err));
    AC_TRY(check_a_labels(name, text, err));
    *ret_name = AC_TAKE(name);
    return AC_OK;
}

static enum ac_code read_name(const char *text, struct ac_identifier *ret_identifier,
                              struct ac_error *err)
{
    AC_AUTO_TEXT char *name = NULL;
    struct ac_identifier identifier = { .type = AC_IDENTIFIER_DNS };
    bool is_wildcard = strncmp(text, WILDCARD, WILDCARD_SIZE) == 0;
    size_t prefix_size = is_wildcard ? WILDCARD_SIZE : 0;

    AC_TRY(read_base(text + prefix_size, text, &name, err));
    if (is_wildcard && strchr(name, '.') == NULL)
        return refuse(err, text, "a wildcard needs at least two labels after \"*.\"");
    if (prefix_size + strlen(name) > NAME_MAX_SIZE)
        return refuse(err, text, "the name is longer than 253 characters");
    memcpy(identifier.value, text, prefix_size);
    memcpy(identifier.value + prefix_size, name, strlen(name) + 1);
    *ret_identifier = identifier;
    return AC_OK;
}

enum ac_code ac_identifier_parse(const char *text, struct ac_identifier *ret_identifier,
                                 struct ac_error *err)
{
    if (*text == '\0')
        return ac_fail(err, AC_E_USAGE, "a name is empty");
    if (strlen(text) > TYPED_MAX)
        return refuse(err, text, "the name is longer than 253 characters");
    if (read_address(text, ret_identifier))
        return AC_OK;
    AC_TRY(check_no_address(text, err));
    return read_name(text, ret_identifier, err);
}

const char *ac_identifier_type_name(enum ac_identifier_type type)
{
    return type == AC_IDENTIFIER_IP ? "ip" : "dns";
}

bool ac_identifier_is_wildcard(const struct ac_identifier *identifier)
{
    return strncmp(identifier->value, WILDCARD, WILDCARD_SIZE) == 0;
}

const char *ac_identifier_base(const struct ac_identifier *identifier)
{
    size_t prefix_size = ac_identifier_is_wildcard(identifier) ? WILDCARD_SIZE : 0;

    return identifier->value + prefix_size;
}

bool ac_identifier_is_equal(const struct ac_identifier *a,
                            const struct ac_identifier *b)
{
    return a->type == b->type && strcmp(a->value, b->value) == 0;
}

bool ac_identifier_covers(const struct ac_identifier *wildcard,
                          const struct ac_identifier *name)
{
    const char *dot = strchr(name->value, '.');

    if (name->type != AC_IDENTIFIER_DNS || !ac_identifier_is_wildcard(wildcard))
        return false;
    if (ac_identifier_is_wildcard(name) || dot == NULL)
        return false;
    return strcmp(dot + 1, ac_identifier_base(wildcard)) == 0;
}

size_t ac_identifier_octets(const struct ac_identifier *identifier, uint8_t octets[16])
{
    bool is_v6 = strchr(identifier->value, ':') != NULL;

    if (identifier->type != AC_IDENTIFIER_IP)
        return 0;
    if (inet_pton(is_v6 ? AF_INET6 : AF_INET, identifier->value, octets) != 1)
        return 0;
    return is_v6 ? sizeof(struct in6_addr) : sizeof(struct in_addr);
}

static bool has(const struct ac_identifiers *identifiers,
                const struct ac_identifier *identifier)
{
    for (size_t i = 0; i < identifiers->count; i++) {
        if (ac_identifier_is_equal(&identifiers->items[i], identifier))
            return true;
    }
    return false;
}

enum ac_code ac_identifiers_add(struct ac_identifiers *identifiers,
                                const struct ac_identifier *identifier,
                                struct ac_error *err)
{
    if (has(identifiers, identifier))
        return AC_OK;
    if (identifiers->count >= AC_IDENTIFIERS_MAX) {
        return ac_fail(err, AC_E_USAGE,
                       "more than %d names for one certificate, from \"%s\" on",
                       AC_IDENTIFIERS_MAX, identifier->value);
    }
    AC_TRY(ac_memory_grow(&identifiers->items, &identifiers->capacity,
                          identifiers->count + 1, sizeof *identifiers->items, err));
    identifiers->items[identifiers->count++] = *identifier;
    return AC_OK;
}

static enum ac_code add_piece(const char *piece, size_t size,
                              struct ac_identifiers *identifiers, struct ac_error *err)
{
    AC_AUTO_TEXT char *text = NULL;
    struct ac_identifier identifier;

    while (size > 0 && isblank((unsigned char)piece[0])) {
        piece++;
        size--;
    }
    while (size > 0 && isblank((unsigned char)piece[size - 1]))
        size--;
    AC_TRY(ac_memory_copy_bytes(piece, size, &text, err));
    AC_TRY(ac_identifier_parse(text, &identifier, err));
    return ac_identifiers_add(identifiers, &identifier, err);
}

enum ac_code ac_identifiers_parse(const char *text, struct ac_identifiers *identifiers,
                                  struct ac_error *err)
{
    size_t count_before = identifiers->count;

    for (;;) {
        size_t size = strcspn(text, ",");
        enum ac_code code = add_piece(text, size, identifiers, err);

        if (code != AC_OK) {
            identifiers->count = count_before; /* all or nothing */
            return code;
        }
        if (text[size] == '\0')
            return AC_OK;
        text += size + 1;
    }
}

static enum ac_code check_not_covered(const struct ac_identifiers *identifiers,
                                      const struct ac_identifier *wildcard,
                                      struct ac_error *err)
{
    for (size_t i = 0; i < identifiers->count; i++) {
        const struct ac_identifier *name = &identifiers->items[i];

        if (ac_identifier_covers(wildcard, name)) {
            return ac_fail(err, AC_E_USAGE,
                           "\"%s\" is covered by \"%s\" already; leave it out",
                           name->value, wildcard->value);
        }
    }
    return AC_OK;
}

enum ac_code ac_identifiers_check(const struct ac_identifiers *identifiers,
                                  struct ac_error *err)
{
    for (size_t i = 0; i < identifiers->count; i++)
        AC_TRY(check_not_covered(identifiers, &identifiers->items[i], err));
    return AC_OK;
}

bool ac_identifiers_is_same_set(const struct ac_identifiers *a,
                                const struct ac_identifiers *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (!has(b, &a->items[i])) /* neither has doubles */
            return false;
    }
    return true;
}

enum ac_code ac_identifiers_words(const struct ac_identifiers *identifiers,
                                  struct ac_words *ret_words, struct ac_error *err)
{
    AC_AUTO(ac_words) words = { 0 };

    for (size_t i = 0; i < identifiers->count; i++)
        AC_TRY(ac_words_add(&words, identifiers->items[i].value, err));
    *ret_words = words;
    words = (struct ac_words){ 0 };
    return AC_OK;
}

void ac_identifiers_done(struct ac_identifiers *identifiers)
{
    free(identifiers->items);
    *identifiers = (struct ac_identifiers){ 0 };
}
