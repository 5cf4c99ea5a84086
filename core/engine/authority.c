/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/authority.h"

#include "config/ca.h"
#include "engine/accounts/account_file.h"
#include "engine/wanted/wanted_further.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LANGUAGE "en"

struct ac_authority {
    struct ac_loop *loop;   /* lent */
    struct ac_store *store; /* where its account is; lent */
    char *directory_url;
    char *account; /* or NULL */
    char *ca_file; /* or NULL */
    bool can_use_plain_http;
    bool is_borrowed;
    struct ac_authority_terms terms;
    bool has_terms;
    struct ac_http_site *site;
    struct ac_client *client;
    struct ac_registration *registration;
    struct ac_limits *limits;
};

struct ac_authorities {
    struct ac_authorities_settings settings;
    struct ac_authority **items;
    size_t count, capacity;
};

static void free_authority(struct ac_authority *authority)
{
    if (!authority)
        return;
    ac_limits_free(authority->limits);
    ac_registration_free(authority->registration);
    if (authority->client)
        ac_loop_detach_client(authority->loop, authority->client);
    ac_client_free(authority->client);
    ac_http_site_free(authority->site);
    ac_authority_terms_done(&authority->terms);
    free(authority->directory_url);
    free(authority->account);
    free(authority->ca_file);
    free(authority);
}
AC_DEFINE_DROP(ac_authority, free_authority)

void ac_authority_terms_done(struct ac_authority_terms *terms)
{
    free(terms->ca_file);
    free(terms->eab_kid);
    ac_words_done(&terms->contacts);
    ac_secret_wipe(&terms->eab_key);
    *terms = (struct ac_authority_terms){ 0 };
}

struct ac_authority_place ac_authority_place_of(const struct ac_wanted *wanted,
                                                const char *directory_url)
{
    struct ac_authority_place place = { .directory_url = directory_url };
    const struct ac_wanted *own = ac_wanted_at_url(wanted, directory_url);

    if (!own)
        return place;
    place.account = own->account;
    place.ca_file = own->ca_file;
    place.can_use_plain_http = own->can_use_plain_http;
    place.is_borrowed = own == wanted && place.ca_file
                        && strcmp(wanted->directory_url, directory_url) != 0;
    return place;
}

struct ac_client *ac_authority_client(struct ac_authority *authority)
{
    return authority->client;
}

struct ac_registration *ac_authority_registration(struct ac_authority *authority)
{
    return authority->registration;
}

struct ac_limits *ac_authority_limits(struct ac_authority *authority)
{
    return authority->limits;
}

const char *ac_authority_url(const struct ac_authority *authority)
{
    return authority->directory_url;
}

/* ---- those of a run */

enum ac_code ac_authorities_new(const struct ac_authorities_settings *settings,
                                struct ac_authorities **ret_authorities,
                                struct ac_error *err)
{
    struct ac_authorities *authorities = NULL;

    AC_TRY(ac_memory_new(1, sizeof *authorities, (void *)&authorities, err));
    authorities->settings = *settings;
    *ret_authorities = authorities;
    return AC_OK;
}

void ac_authorities_free(struct ac_authorities *authorities)
{
    if (!authorities)
        return;
    for (size_t i = 0; i < authorities->count; i++)
        free_authority(authorities->items[i]);
    free(authorities->items);
    free(authorities);
}

static void take_clock(struct ac_authorities_clocks *clocks,
                       const struct ac_authority *authority, int64_t ahead_s)
{
    if (!clocks->nearest || imaxabs(ahead_s) < imaxabs(clocks->nearest_s)) {
        clocks->nearest = authority;
        clocks->nearest_s = ahead_s;
    }
    if (!clocks->farthest || imaxabs(ahead_s) > imaxabs(clocks->farthest_s)) {
        clocks->farthest = authority;
        clocks->farthest_s = ahead_s;
    }
}

struct ac_authorities_clocks ac_authorities_clocks(
    const struct ac_authorities *authorities)
{
    struct ac_authorities_clocks clocks = { 0 };

    for (size_t i = 0; i < authorities->count; i++) {
        const struct ac_authority *authority = authorities->items[i];
        int64_t ahead_s = 0;

        if (ac_client_clock(authority->client, &ahead_s)) {
            take_clock(&clocks, authority, ahead_s);
        } else if (!ac_client_is_open(authority->client)) {
            clocks.is_waiting = true;
        }
    }
    return clocks;
}

static bool is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static struct ac_authority *find(const struct ac_authorities *authorities,
                                 const struct ac_authority_place *place)
{
    for (size_t i = 0; i < authorities->count; i++) {
        struct ac_authority *authority = authorities->items[i];

        if (strcmp(authority->directory_url, place->directory_url) == 0
            && is_same_text(authority->account, place->account)
            && is_same_text(authority->ca_file, place->ca_file)
            && authority->can_use_plain_http == place->can_use_plain_http
            && authority->is_borrowed == place->is_borrowed)
            return authority;
    }
    return NULL;
}

static enum ac_code set_place(struct ac_authority *authority,
                              const struct ac_authority_place *place,
                              struct ac_error *err)
{
    authority->can_use_plain_http = place->can_use_plain_http;
    authority->is_borrowed = place->is_borrowed;
    AC_TRY(ac_memory_copy_text(place->directory_url, &authority->directory_url, err));
    if (place->account)
        AC_TRY(ac_memory_copy_text(place->account, &authority->account, err));
    if (place->ca_file)
        AC_TRY(ac_memory_copy_text(place->ca_file, &authority->ca_file, err));
    return AC_OK;
}

static bool has_account(const struct ac_store *store, const char *folder)
{
    return ac_account_file_has(store, folder, AC_ACCOUNT_DOCUMENT)
           || ac_account_file_has(store, folder, AC_ACCOUNT_KEY);
}

static enum ac_code find_store(struct ac_authority *authority,
                               const struct ac_authorities_settings *settings,
                               struct ac_error *err)
{
    const struct ac_ca *staging = ac_ca_staging(authority->directory_url);
    AC_AUTO_TEXT char *folder = NULL;

    authority->store = settings->store;
    if (!settings->temporary
        || (staging && strcmp(staging->directory_url, authority->directory_url) == 0))
        return AC_OK;
    AC_TRY(ac_account_file_folder(authority->directory_url, authority->account, &folder,
                                  err));
    if (!has_account(settings->store, folder))
        authority->store = settings->temporary;
    return AC_OK;
}

static enum ac_code take_terms(struct ac_authority *authority,
                               const struct ac_authorities_settings *settings,
                               struct ac_error *err)
{
    struct ac_error why = { 0 };

    if (!settings->know)
        return AC_OK;
    enum ac_code code = settings->know(settings->know_arg, authority->directory_url,
                                       &authority->terms, &why);
    authority->has_terms = code == AC_OK;
    if (code == AC_OK || code == AC_E_NOTFOUND)
        return AC_OK;
    *err = why;
    return code;
}

static enum ac_code make_site(struct ac_authority *authority, struct ac_error *err)
{
    const char *known = authority->terms.ca_file;
    const char *ca_file = authority->ca_file;

    if (known && (!ca_file || authority->is_borrowed))
        ca_file = known;
    return ac_http_site_new(
        ca_file, authority->can_use_plain_http || authority->terms.can_use_plain_http,
        &authority->site, err);
}

static enum ac_code make_client(struct ac_authority *authority,
                                const struct ac_authorities_settings *settings,
                                struct ac_error *err)
{
    const struct ac_ca *ca = ac_ca_by_url(authority->directory_url);
    struct ac_client_settings client = {
        .http = settings->http,
        .site = authority->site,
        .directory_url = authority->directory_url,
        .language = LANGUAGE,
        .deadline_ms = settings->deadline_ms,
    };

    if (ca) {
        const struct ac_ca_limits *limits = &ca->limits;

        ac_rate_init(&client.nonce_rate, limits->nonce_per_second, limits->nonce_burst);
        ac_rate_init(&client.order_rate, limits->order_per_second, limits->order_burst);
        ac_rate_init(&client.other_rate, limits->other_per_second, limits->other_burst);
    }
    return ac_client_new(&client, &authority->client, err);
}

/* A key that is registered now is of no use again, at some CAs; and one that is
 * somebody's must not be deactivated. */
static enum ac_code check_temporary(const struct ac_authority *authority,
                                    const struct ac_registration_settings *registration,
                                    struct ac_error *err)
{
    const char *what = registration->eab_kid ? "its binding (EAB) is" : "its key is";

    if (!registration->eab_kid && !registration->account_key)
        return AC_OK;
    return ac_fail(err, AC_E_USAGE,
                   "there is no account at %s yet, and %s not for one that a dry run "
                   "would deactivate: make it first (acmecore account register)",
                   authority->directory_url, what);
}

static enum ac_code make_registration(struct ac_authority *authority,
                                      const struct ac_authorities_settings *settings,
                                      struct ac_error *err)
{
    struct ac_registration_settings registration = settings->registration;

    registration.store = authority->store;
    registration.client = authority->client;
    registration.directory_url = authority->directory_url;
    registration.account = authority->account;
    if (authority->has_terms) {
        const struct ac_authority_terms *terms = &authority->terms;

        registration.contacts = &terms->contacts;
        registration.agrees_to_terms |= terms->agrees_to_terms;
        registration.trouble = terms->trouble.code == AC_OK ? NULL : &terms->trouble;
    }
    if (authority->has_terms && !authority->terms.keeps_binding) {
        const struct ac_authority_terms *terms = &authority->terms;

        registration.eab_kid = terms->eab_kid;
        registration.eab_key = terms->eab_kid ? &terms->eab_key : NULL;
        registration.eab_algorithm = terms->eab_algorithm;
    }
    if (authority->store == settings->temporary)
        AC_TRY(check_temporary(authority, &registration, err));
    return ac_registration_new(&registration, &authority->registration, err);
}

static enum ac_code make_limits(struct ac_authority *authority, struct ac_error *err)
{
    static const struct ac_ca_limits none = { 0 };
    const struct ac_ca *ca = ac_ca_by_url(authority->directory_url);
    AC_AUTO_TEXT char *folder = NULL;

    AC_TRY(ac_account_file_folder(authority->directory_url, authority->account, &folder,
                                  err));
    return ac_limits_new(authority->store, folder, ca ? &ca->limits : &none,
                         &authority->limits, err);
}

static enum ac_code make(const struct ac_authorities_settings *settings,
                         const struct ac_authority_place *place,
                         struct ac_authority **ret_authority, struct ac_error *err)
{
    AC_AUTO(ac_authority) *authority = NULL;

    AC_TRY(ac_memory_new(1, sizeof *authority, (void *)&authority, err));
    authority->loop = settings->loop;
    AC_TRY(set_place(authority, place, err));
    AC_TRY(find_store(authority, settings, err));
    AC_TRY(take_terms(authority, settings, err));
    AC_TRY(make_site(authority, err));
    AC_TRY(make_client(authority, settings, err));
    AC_TRY(make_registration(authority, settings, err));
    AC_TRY(make_limits(authority, err));
    AC_TRY(ac_loop_attach_client(settings->loop, authority->client, err));
    *ret_authority = AC_TAKE(authority);
    return AC_OK;
}

enum ac_code ac_authorities_get(struct ac_authorities *authorities,
                                const struct ac_authority_place *place,
                                struct ac_authority **ret_authority,
                                struct ac_error *err)
{
    *ret_authority = find(authorities, place);
    if (*ret_authority)
        return AC_OK;
    AC_TRY(ac_memory_grow(&authorities->items, &authorities->capacity,
                          authorities->count + 1, sizeof(struct ac_authority *), err));
    AC_TRY(make(&authorities->settings, place, ret_authority, err));
    authorities->items[authorities->count++] = *ret_authority;
    return AC_OK;
}
