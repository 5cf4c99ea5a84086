/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "cli/report.h"

#include <string.h>

/* What a directory can offer, and how we call it. */
struct offer {
    const char *member; /* in JSON; the RFC's name */
    const char *title;
    const char *url;
};

#define OFFERS 9

static void list_offers(const struct ac_directory *directory,
                        struct offer offers[OFFERS])
{
    const struct offer all[OFFERS] = {
        { "newNonce", "nonces", directory->new_nonce },
        { "newAccount", "accounts", directory->new_account },
        { "newOrder", "orders", directory->new_order },
        { "newAuthz", "pre-authorization", directory->new_authorization },
        { "revokeCert", "revocation", directory->revoke_certificate },
        { "keyChange", "key rollover", directory->key_change },
        { "renewalInfo", "renewal info (ARI)", directory->renewal_info },
        { "termsOfService", "terms of service", directory->terms_of_service },
        { "website", "website", directory->website },
    };

    memcpy(offers, all, sizeof all);
}

static enum ac_code tell_text(const struct ac_directory *directory,
                              struct ac_error *err)
{
    AC_AUTO(ac_text) text = { 0 };
    struct offer offers[OFFERS];

    list_offers(directory, offers);
    AC_TRY(ac_text_addf(&text, err, "%s\n", directory->url));
    for (size_t i = 0; i < OFFERS; i++) {
        AC_TRY(ac_text_addf(&text, err, "  %-20s %s\n", offers[i].title,
                            offers[i].url ? offers[i].url : "not offered"));
    }
    AC_TRY(ac_text_addf(&text, err, "  %-20s %s\n  %-20s ", "external account",
                        directory->needs_eab ? "required (--eab-kid)" : "not required",
                        "profiles"));
    AC_TRY(ac_words_join(&directory->profiles, ", ", &text, err));
    AC_TRY(ac_text_addf(&text, err, "%s\n  %-20s ",
                        directory->profiles.count > 0 ? "" : "none", "CAA identities"));
    AC_TRY(ac_words_join(&directory->caa_identities, ", ", &text, err));
    AC_TRY(ac_text_addf(&text, err, "%s\n",
                        directory->caa_identities.count > 0 ? "" : "none told"));
    return ac_report_print(ac_text_get(&text), err);
}

static enum ac_code tell_json(const struct ac_directory *directory,
                              struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_json) *profiles = NULL;
    struct offer offers[OFFERS];

    list_offers(directory, offers);
    AC_TRY(ac_command_document(AC_COMMAND_DIRECTORY, &document, err));
    AC_TRY(ac_json_set_text(document, "url", directory->url, err));
    for (size_t i = 0; i < OFFERS; i++) {
        if (offers[i].url)
            AC_TRY(ac_json_set_text(document, offers[i].member, offers[i].url, err));
    }
    AC_TRY(ac_json_new(&profiles, err, "{}"));
    for (size_t i = 0; i < directory->profiles.count; i++) {
        AC_TRY(ac_json_set_text(profiles, directory->profiles.items[i],
                                directory->profile_descriptions.items[i], err));
    }
    AC_TRY(ac_json_set(document, "profiles", &profiles, err));
    AC_TRY(
        ac_json_set_words(document, "caaIdentities", &directory->caa_identities, err));
    AC_TRY(ac_json_set_bool(document, "externalAccountRequired", directory->needs_eab,
                            err));
    return ac_report_print_json(document, err);
}

enum ac_code ac_command_directory(struct ac_context *context, bool *ret_is_told,
                                  struct ac_error *err)
{
    const struct ac_directory *directory;

    (void)ret_is_told;
    AC_TRY(ac_context_run(context, err));
    AC_TRY(ac_run_directory(context->run, &directory, err));
    return context->options->is_json ? tell_json(directory, err)
                                     : tell_text(directory, err);
}
