/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/journal/journal_parts.h"

static enum ac_code add_order(const struct ac_store *store, const char *name,
                              struct ac_words *urls, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;
    enum ac_code code = ac_store_load(store, AC_STORE_CERTIFICATES, name,
                                      AC_JOURNAL_DOCUMENT, &document, err);

    if (code == AC_E_NOTFOUND)
        return AC_OK;
    AC_TRY(code);
    const char *url = ac_json_text_or(ac_json_get(document, "order"), "url", NULL);
    return url ? ac_words_add(urls, url, err) : AC_OK;
}

enum ac_code ac_journal_orders(const struct ac_store *store, struct ac_words *ret_urls,
                               struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };
    AC_AUTO(ac_words) urls = { 0 };

    AC_TRY(ac_store_list(store, AC_STORE_CERTIFICATES, &names, err));
    for (size_t i = 0; i < names.count; i++)
        AC_TRY(add_order(store, names.items[i], &urls, err));
    *ret_urls = urls;
    urls = (struct ac_words){ 0 };
    return AC_OK;
}
