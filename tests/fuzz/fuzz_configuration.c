/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration file: whatever its bytes, the tree is whole (each entry ends behind
 * itself and within its section, its values are there), and each fault has a line of
 * the file and a clean sentence.
 */
#include "config/document.h"

#include <stdlib.h>
#include <string.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        __builtin_trap();
}

static void require_faults(const struct ac_faults *faults, size_t size)
{
    for (size_t i = 0; i < faults->count; i++) {
        const struct ac_fault *fault = &faults->items[i];

        require(fault->line >= 1 && fault->line <= size + 1);
        require(fault->message[0] != '\0');
        for (const char *at = fault->message; *at; at++)
            require((unsigned char)*at >= ' ' && *at != 0x7F);
    }
}

static void require_tree(const struct ac_document *document)
{
    for (size_t i = 0; i < document->entry_count; i++) {
        const struct ac_entry *entry = &document->entries[i];

        require(entry->name != NULL && entry->name[0] != '\0');
        require(entry->end > i && entry->end <= document->entry_count);
        require(entry->is_section || entry->end == i + 1);
        require(entry->first + entry->value_count <= document->value_count);
        require(!entry->is_section || entry->value_count == 0);
        for (size_t at = i + 1; at < entry->end; at++)
            require(document->entries[at].end <= entry->end);
    }
    for (size_t i = 0; i < document->value_count; i++)
        require(strlen(document->values[i].text) <= 4096);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_document) *document = NULL;

    if (ac_document_parse("x", (const char *)data, size, &faults, &document, &err)
        != AC_OK)
        abort();
    require_faults(&faults, size);
    require_tree(document);
    return 0;
}
