/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The value of a Link header. Each target that is taken stands in the value between "<"
 * and ">", and a value is read the same whatever case the relation is asked in.
 */
#include "net/link.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        __builtin_trap();
}

/* Does "<target>" stand in the value? */
static int is_in(const char *value, const char *target)
{
    size_t size = strlen(target);

    for (const char *at = strchr(value, '<'); at != NULL; at = strchr(at + 1, '<')) {
        if (strncmp(at + 1, target, size) == 0 && at[1 + size] == '>')
            return 1;
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) targets = { 0 };
    AC_AUTO(ac_words) again = { 0 };
    AC_AUTO_TEXT char *value = NULL;

    if (ac_memory_copy_bytes(data, size, &value, &err) != AC_OK)
        abort();
    require(ac_link_find(value, "alternate", &targets, &err) == AC_OK);
    require(ac_link_find(value, "ALTERNATE", &again, &err) == AC_OK);
    require(targets.count == again.count);
    for (size_t i = 0; i < targets.count; i++) {
        require(strchr(targets.items[i], '>') == NULL);
        require(strcmp(targets.items[i], again.items[i]) == 0);
        require(is_in(value, targets.items[i]));
    }
    return 0;
}
