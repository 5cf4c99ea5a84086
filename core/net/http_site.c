/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_exchange.h"

#include <stdlib.h>

enum ac_code ac_http_site_new(const char *ca_path, bool can_use_plain_http,
                              struct ac_http_site **ret_site, struct ac_error *err)
{
    AC_AUTO(ac_http_site) *site = NULL;

    AC_TRY(ac_memory_new(1, sizeof *site, &site, err));
    site->can_use_plain_http = can_use_plain_http;
    site->trust = AC_TRUST_NOBODY;
    if (ca_path != NULL) {
        AC_TRY(ac_trust_check_file(ca_path, err));
        AC_TRY(ac_memory_copy_text(ca_path, &site->ca_path, err));
    }
    *ret_site = AC_TAKE(site);
    return AC_OK;
}

void ac_http_site_free(struct ac_http_site *site)
{
    if (site == NULL)
        return;
    free(site->ca_path);
    free(site);
}
