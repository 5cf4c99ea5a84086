/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON for tests: documents of tests/data, and literals.
 */
#ifndef AC_TESTS_SUPPORT_DOCUMENT_H
#define AC_TESTS_SUPPORT_DOCUMENT_H

#include "base/json.h"
#include "check.h"

#include <string.h>

#define DOCUMENT_MAX 8192

static inline enum ac_code document_parse(const char *text, struct ac_json **ret_json,
                                          struct ac_error *err)
{
    return ac_json_parse(text, strlen(text), ret_json, err);
}

static inline enum ac_code document_read(const char *name, char text[DOCUMENT_MAX],
                                         struct ac_error *err)
{
    char path[512];

    (void)snprintf(path, sizeof(path), "%s/%s", AC_TEST_DATA, name);
    return ac_test_read_file(path, text, DOCUMENT_MAX) > 0
               ? AC_OK
               : ac_fail(err, AC_E_STORE, "cannot read %s", path);
}

/* "rfc8555/order.json" */
static inline enum ac_code document_load(const char *name, struct ac_json **ret_json,
                                         struct ac_error *err)
{
    char text[DOCUMENT_MAX];

    AC_TRY(document_read(name, text, err));
    return document_parse(text, ret_json, err);
}

#endif
