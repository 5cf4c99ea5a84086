/* SPDX-License-Identifier: Apache-2.0 */
/* An order that is taken has names and a finalize URL, and when valid a certificate. */
#include "acme/order.h"

#include <stdlib.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_order) order = { 0 };

    if (ac_json_parse((const char *)data, size, &json, &err) != AC_OK)
        return 0;
    enum ac_code code = ac_order_parse(json, "https://ca.example/o/1", &order, &err);
    if (code != AC_OK) {
        require(code == AC_E_PROTOCOL && order.url == NULL);
        return 0;
    }
    require(order.identifiers.count > 0 && order.finalize != NULL);
    require(order.status != AC_ORDER_VALID || order.certificate != NULL);
    return 0;
}
