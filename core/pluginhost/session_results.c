/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/session_results.h"

bool ac_result_is_error(int64_t status)
{
    return status < ACMECORE_OK && status >= ACMECORE_E_UNSUPPORTED;
}

void ac_results_settle(int *items, size_t count, int returned)
{
    for (size_t i = 0; i < count; i++) {
        if (items[i] != ACMECORE_OK)
            return;
    }
    for (size_t i = 0; i < count; i++)
        items[i] = returned;
}

enum ac_code ac_result_describe(int status, const char *reason, bool is_probe,
                                struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO_TEXT char *text = NULL;

    if (status == ACMECORE_OK)
        return ac_json_new(ret_json, err, "{s:i}", "status", status);
    if (ac_result_is_error(status) || (is_probe && status == ACMECORE_PENDING)) {
        return ac_json_new(ret_json, err, "{s:i, s:s}", "status", status, "detail",
                           reason);
    }
    AC_TRY(ac_memory_format(&text, err, "it returned %d, which is no result", status));
    return ac_json_new(ret_json, err, "{s:i, s:s}", "status", ACMECORE_E_INVALID,
                       "detail", text);
}
