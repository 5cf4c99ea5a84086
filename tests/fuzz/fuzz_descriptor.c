/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plugin host says of its plugin, and settings against the options in it. What
 * is accepted can be written and read again.
 */
#include "host/options.h"

#include <string.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        __builtin_trap();
}

static void require_same_again(const struct ac_descriptor *descriptor)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_json) *again = NULL;
    AC_AUTO(ac_descriptor) copy = { 0 };

    require(ac_descriptor_to_json(descriptor, &json, &err) == AC_OK);
    require(ac_descriptor_parse(json, &copy, &err) == AC_OK);
    require(ac_descriptor_to_json(&copy, &again, &err) == AC_OK);
    require(ac_json_is_equal(json, again));
}

/* Each option set to a word; a path would be read. */
static void try_settings(const struct ac_descriptor *descriptor)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_section) section = { 0 };
    AC_AUTO(ac_message) open = { 0 };

    for (size_t i = 0; i < descriptor->option_count; i++)
        require(
            ac_section_add(&section, descriptor->options[i].name, "12:34", "fuzz", &err)
            == AC_OK);
    if (ac_options_check(descriptor, &section, &open, &err) != AC_OK)
        require(err.code == AC_E_USAGE && err.detail[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_descriptor) descriptor = { 0 };

    if (ac_json_parse((const char *)data, size, &json, &err) != AC_OK
        || ac_descriptor_parse(json, &descriptor, &err) != AC_OK)
        return 0;
    require(descriptor.option_count <= AC_OPTION_COUNT_MAX);
    require_same_again(&descriptor);
    try_settings(&descriptor);
    return 0;
}
