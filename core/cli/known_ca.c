/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/known_ca.h"

#include "cli/context.h"
#include "config/source.h"

#include <string.h>

static enum ac_code add_contact(const char *text, struct ac_words *contacts,
                                struct ac_error *err)
{
    AC_AUTO_TEXT char *contact = NULL;

    AC_TRY(ac_account_contact(text, &contact, err));
    return ac_words_add(contacts, contact, err);
}

/* A configured one that is none, or a key that cannot be read, is told by whoever makes
 * an account with it, and nobody else. */
static enum ac_code take_contacts(const struct ac_context *context,
                                  const struct ac_configured_ca *ca,
                                  struct ac_authority_terms *terms,
                                  struct ac_error *err)
{
    const struct ac_words *given = &context->options->contacts;
    enum ac_code code = AC_OK;

    for (size_t i = 0; i < given->count; i++)
        AC_TRY(add_contact(given->items[i], &terms->contacts, err));
    if (given->count > 0 || !ca->contact)
        return AC_OK;
    for (size_t i = 0; i < ca->contact->count && code == AC_OK; i++) {
        code =
            add_contact(ca->contact->items[i].text, &terms->contacts, &terms->trouble);
    }
    return code == AC_E_NOMEM ? ac_fail(err, code, "%s", terms->trouble.detail) : AC_OK;
}

static enum ac_code take_binding(const struct ac_config_account *account,
                                 struct ac_authority_terms *terms, struct ac_error *err)
{
    const char *kid = ac_values_text(&account->eab_kid, NULL);

    if (!kid || account->eab_hmac_key.count == 0)
        return AC_OK;
    AC_TRY(ac_memory_copy_text(kid, &terms->eab_kid, err));
    enum ac_code code = ac_known_ca_read_binding(
        account, &terms->eab_key, &terms->eab_algorithm, &terms->trouble);
    return code == AC_E_NOMEM ? ac_fail(err, code, "%s", terms->trouble.detail) : AC_OK;
}

static enum ac_code read_terms(const struct ac_context *context,
                               const char *directory_url,
                               struct ac_authority_terms *terms, struct ac_error *err)
{
    struct ac_configured_ca ca = { 0 };

    AC_TRY(ac_configured_ca(context->config, directory_url, &ca, err));
    const char *ca_file = ac_configured_ca_member(&ca, "ca-file");
    if (ca_file)
        AC_TRY(ac_memory_copy_text(ca_file, &terms->ca_file, err));
    terms->can_use_plain_http = ac_configured_can_use_plain_http(&ca);
    terms->agrees_to_terms = context->options->agrees_to_terms || ca.agrees_to_terms;
    AC_TRY(take_contacts(context, &ca, terms, err));
    terms->keeps_binding = context->options->eab_kid && context->directory_url
                           && strcmp(context->directory_url, directory_url) == 0;
    if (terms->keeps_binding)
        return AC_OK;
    return ca.section ? take_binding(&ca.section->account, terms, err) : AC_OK;
}

enum ac_code ac_known_ca_tell(void *arg, const char *directory_url,
                              struct ac_authority_terms *ret_terms,
                              struct ac_error *err)
{
    const struct ac_context *context = arg;
    AC_AUTO(ac_authority_terms) terms = { 0 };

    AC_TRY(read_terms(context, directory_url, &terms, err));
    *ret_terms = terms;
    terms = (struct ac_authority_terms){ 0 };
    return AC_OK;
}

enum ac_code ac_known_ca_read_binding(const struct ac_config_account *account,
                                      struct ac_secret *ret_key,
                                      enum ac_hmac *ret_algorithm, struct ac_error *err)
{
    const char *source = ac_values_text(&account->eab_hmac_key, "");
    const char *algorithm = ac_values_text(&account->eab_hmac_alg, NULL);
    AC_AUTO(ac_secret) file = { 0 };

    if (algorithm) {
        AC_TRY(ac_registration_read_algorithm("eab-hmac-alg", algorithm, ret_algorithm,
                                              err));
    }
    enum ac_code code = ac_source_read(source, AC_REGISTRATION_KEY_MAX, &file, err);
    if (code == AC_OK)
        code = ac_registration_read_mac_key(&file, source, ret_key, err);
    if (code != AC_OK)
        ac_error_about(err, "eab-hmac-key");
    return code;
}
