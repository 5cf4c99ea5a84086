/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person typed as a name, or a list of them. What is taken is canonical: of the
 * characters of a host name or an address, within the sizes of RFC 1035, and it is read
 * again as the same; a refusal has a reason.
 */
#include "base/identifier.h"

#include <stdlib.h>
#include <string.h>

#define LABEL_MAX_SIZE 63

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        __builtin_trap();
}

static void require_labels(const char *name)
{
    require(ac_text_is_made_of(name, "abcdefghijklmnopqrstuvwxyz0123456789-.", 1, 253));
    for (const char *label = name; label != NULL;) {
        size_t size = strcspn(label, ".");

        require(size >= 1 && size <= LABEL_MAX_SIZE);
        require(label[0] != '-' && label[size - 1] != '-');
        label = label[size] == '\0' ? NULL : label + size + 1;
    }
}

static void require_canonical(const struct ac_identifier *identifier)
{
    struct ac_error err = { 0 };
    struct ac_identifier again = { 0 };
    uint8_t octets[16];
    size_t octet_count = ac_identifier_octets(identifier, octets);

    require(ac_identifier_parse(identifier->value, &again, &err) == AC_OK);
    require(ac_identifier_is_equal(identifier, &again));
    require(strlen(identifier->value) <= 253);
    require((octet_count != 0) == (identifier->type == AC_IDENTIFIER_IP));
    if (identifier->type == AC_IDENTIFIER_IP) {
        require(ac_text_is_made_of(identifier->value, "0123456789abcdef.:", 2, 45));
    } else {
        require_labels(ac_identifier_base(identifier));
    }
    if (ac_identifier_is_wildcard(identifier))
        require(strchr(ac_identifier_base(identifier), '.') != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_identifiers) list = { 0 };
    AC_AUTO_TEXT char *text = NULL;
    enum ac_code code;

    if (ac_memory_copy_bytes(data, size, &text, &err) != AC_OK)
        abort();
    code = ac_identifiers_parse(text, &list, &err);
    require(code == AC_OK || (code == AC_E_USAGE && err.detail[0] != '\0'));
    require((code == AC_OK) == (list.count > 0));
    for (size_t i = 0; i < list.count; i++)
        require_canonical(&list.items[i]);
    return 0;
}
