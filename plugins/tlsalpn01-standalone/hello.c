/* SPDX-License-Identifier: Apache-2.0 */
#include "hello.h"

#include <stdbool.h>
#include <string.h>

#define RECORD_HEADER_SIZE    5
#define RECORD_HANDSHAKE      22
#define RECORD_FRAGMENT_MAX   16384
#define MESSAGE_HEADER_SIZE   4
#define MESSAGE_CLIENT_HELLO  1
#define RANDOM_SIZE           32
#define EXTENSION_SERVER_NAME 0  /* RFC 6066 §3 */
#define EXTENSION_ALPN        16 /* RFC 7301 §3.1 */
#define NAME_TYPE_HOST        0

static const char protocol[] = "acme-tls/1"; /* RFC 8737 §6.2 */

/* What is left to read; never beyond what came. */
struct span {
    const uint8_t *at;
    size_t size;
};

static bool take(struct span *from, size_t size, struct span *ret_part);
static bool take_number(struct span *from, size_t octets, size_t *ret_number);
static bool take_vector(struct span *from, size_t octets, struct span *ret_vector);
static enum hello_verdict gather(struct span records, uint8_t *message,
                                 size_t *ret_size);
static bool read_message(struct span message, struct hello *ret_hello);
static bool find_extensions(struct span body, struct span *ret_extensions);
static bool read_extensions(struct span extensions, struct span *ret_names,
                            struct span *ret_protocols);
static bool is_validation(struct span list);
static bool read_server_name(struct span list, struct hello *ret_hello);
static bool copy_name(struct span name, char *ret_text);

enum hello_verdict hello_read(const uint8_t *data, size_t size, struct hello *ret_hello)
{
    uint8_t message[HELLO_MESSAGE_MAX];
    struct span records = { data, size < HELLO_BYTES_MAX ? size : HELLO_BYTES_MAX };
    size_t message_size = 0;
    enum hello_verdict verdict = gather(records, message, &message_size);

    if (verdict == HELLO_UNDECIDED && size >= HELLO_BYTES_MAX)
        return HELLO_OTHER;
    if (verdict != HELLO_VALIDATION)
        return verdict;
    return read_message((struct span){ message, message_size }, ret_hello)
               ? HELLO_VALIDATION
               : HELLO_OTHER;
}

static bool take(struct span *from, size_t size, struct span *ret_part)
{
    if (from->size < size)
        return false;
    *ret_part = (struct span){ from->at, size };
    from->at += size;
    from->size -= size;
    return true;
}

static bool take_number(struct span *from, size_t octets, size_t *ret_number)
{
    struct span part = { 0 };
    size_t number = 0;

    if (!take(from, octets, &part))
        return false;
    for (size_t i = 0; i < octets; i++)
        number = number << 8 | part.at[i];
    *ret_number = number;
    return true;
}

/* A vector whose size comes first (RFC 8446 §3.4). */
static bool take_vector(struct span *from, size_t octets, struct span *ret_vector)
{
    size_t size = 0;

    return take_number(from, octets, &size) && take(from, size, ret_vector);
}

/* The size of the message whose beginning this is; 0: that is not known yet; SIZE_MAX:
 * it is no ClientHello, or larger than we look at. */
static size_t wanted_size(const uint8_t *message, size_t size)
{
    struct span from = { message, size };
    size_t type = 0, length = 0;

    if (!take_number(&from, 1, &type))
        return 0;
    if (type != MESSAGE_CLIENT_HELLO)
        return SIZE_MAX;
    if (!take_number(&from, 3, &length))
        return 0;
    length += MESSAGE_HEADER_SIZE;
    return length > HELLO_MESSAGE_MAX ? SIZE_MAX : length;
}

/* One record's header: false with *ret_verdict when there is no fragment behind it. */
static bool take_record(struct span *records, size_t *ret_fragment_size,
                        enum hello_verdict *ret_verdict)
{
    size_t type = 0, major = 0, minor = 0;

    *ret_verdict = HELLO_UNDECIDED;
    if (!take_number(records, 1, &type))
        return false;
    *ret_verdict = type == RECORD_HANDSHAKE ? HELLO_UNDECIDED : HELLO_OTHER;
    if (type != RECORD_HANDSHAKE || !take_number(records, 1, &major))
        return false;
    *ret_verdict = major == 3 ? HELLO_UNDECIDED : HELLO_OTHER;
    if (major != 3 || !take_number(records, 1, &minor)
        || !take_number(records, 2, ret_fragment_size))
        return false;
    /* RFC 8446 §5.1: handshake fragments are never empty. */
    if (*ret_fragment_size == 0 || *ret_fragment_size > RECORD_FRAGMENT_MAX) {
        *ret_verdict = HELLO_OTHER;
        return false;
    }
    return true;
}

/* Puts the first message together; HELLO_VALIDATION: it is whole, and may be one. */
static enum hello_verdict gather(struct span records, uint8_t *message,
                                 size_t *ret_size)
{
    enum hello_verdict verdict = HELLO_UNDECIDED;
    size_t fragment_size = 0, used = 0, wanted = 0;

    while (take_record(&records, &fragment_size, &verdict)) {
        size_t room = HELLO_MESSAGE_MAX - used;
        size_t size = fragment_size < records.size ? fragment_size : records.size;
        struct span fragment = { 0 };

        (void)take(&records, size, &fragment);
        memcpy(message + used, fragment.at, size < room ? size : room);
        used += size < room ? size : room;
        wanted = wanted_size(message, used);
        if (wanted == SIZE_MAX)
            return HELLO_OTHER;
        if (wanted > 0 && used >= wanted) {
            *ret_size = wanted;
            return HELLO_VALIDATION;
        }
        if (size < fragment_size)
            return HELLO_UNDECIDED;
    }
    return verdict;
}

static bool read_message(struct span message, struct hello *ret_hello)
{
    struct span header = { 0 }, extensions = { 0 }, names = { 0 }, protocols = { 0 };

    return take(&message, MESSAGE_HEADER_SIZE, &header)
           && find_extensions(message, &extensions)
           && read_extensions(extensions, &names, &protocols)
           && is_validation(protocols) && read_server_name(names, ret_hello);
}

static bool find_extensions(struct span body, struct span *ret_extensions)
{
    size_t version = 0;
    struct span random, session, ciphers, compressions;

    return take_number(&body, 2, &version) && take(&body, RANDOM_SIZE, &random)
           && take_vector(&body, 1, &session) && take_vector(&body, 2, &ciphers)
           && take_vector(&body, 1, &compressions)
           && take_vector(&body, 2, ret_extensions) && body.size == 0;
}

/* Twice the same one is against RFC 8446 §4.2, and would let two readers differ. */
static bool read_extensions(struct span extensions, struct span *ret_names,
                            struct span *ret_protocols)
{
    while (extensions.size > 0) {
        size_t type = 0;
        struct span data = { 0 }, *place = NULL;

        if (!take_number(&extensions, 2, &type) || !take_vector(&extensions, 2, &data))
            return false;
        if (type == EXTENSION_SERVER_NAME)
            place = ret_names;
        if (type == EXTENSION_ALPN)
            place = ret_protocols;
        if (place && (place->at || data.size == 0))
            return false;
        if (place)
            *place = data;
    }
    return ret_names->at && ret_protocols->at;
}

/* RFC 8737 §3: the list has this protocol and no other. */
static bool is_validation(struct span list)
{
    struct span names = { 0 }, name = { 0 };

    return take_vector(&list, 2, &names) && list.size == 0
           && take_vector(&names, 1, &name) && names.size == 0
           && name.size == strlen(protocol)
           && memcmp(name.at, protocol, name.size) == 0;
}

static bool read_server_name(struct span list, struct hello *ret_hello)
{
    struct span names = { 0 }, name = { 0 };
    size_t type = 0;

    return take_vector(&list, 2, &names) && list.size == 0
           && take_number(&names, 1, &type) && type == NAME_TYPE_HOST
           && take_vector(&names, 2, &name) && names.size == 0
           && copy_name(name, ret_hello->server_name);
}

static bool copy_name(struct span name, char *ret_text)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789-._";
    char text[HELLO_NAME_MAX + 1] = "";

    if (name.size == 0 || name.size > HELLO_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.size; i++) {
        bool is_upper = name.at[i] >= 'A' && name.at[i] <= 'Z';

        text[i] = (char)(is_upper ? name.at[i] - 'A' + 'a' : name.at[i]);
    }
    if (strspn(text, alphabet) != name.size)
        return false;
    memcpy(ret_text, text, name.size + 1);
    return true;
}
