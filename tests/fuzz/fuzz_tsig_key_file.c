/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file with TSIG keys, and the key in it. What is found lies within the text, a
 * refusal has a reason and a line of the file, and a key that is made has all of its
 * parts.
 */
#include "key_file.h"

#include <stdlib.h>
#include <string.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        __builtin_trap();
}

static void require_inside(struct span span, const char *text, size_t size)
{
    require(span.size > 0 && span.size <= size);
    require(span.text >= text && span.text + span.size <= text + size);
}

static void require_key(const struct key_file *file)
{
    struct tsig_key key = { 0 };
    const char *wrong = tsig_key_make(file->name, file->algorithm, file->secret, &key);

    require((wrong == NULL) == (key.algorithm != NULL));
    if (!wrong) {
        require(key.secret_size > 0 && key.secret_size <= TSIG_SECRET_MAX);
        require(key.name_size > 0 && key.name_size <= TSIG_NAME_MAX);
        require(tsig_algorithm_name(&key) != NULL);
    }
    tsig_key_wipe(&key);
}

static void read_one(const char *text, size_t size, const char *wanted)
{
    struct key_file file = { 0 };
    struct key_file_fault fault = { 0 };
    size_t lines = 1;

    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n' ? 1u : 0u;
    if (!key_file_read(text, size, wanted, &file, &fault)) {
        require(fault.text != NULL && fault.line <= lines);
        return;
    }
    require_inside(file.name, text, size);
    require_inside(file.algorithm, text, size);
    require_inside(file.secret, text, size);
    require_key(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size > 0 ? size : 1); /* so that reading past its end shows */

    if (!text)
        abort();
    if (size > 0)
        memcpy(text, data, size);
    read_one(text, size, NULL);
    read_one(text, size, "acme");
    free(text);
    return 0;
}
