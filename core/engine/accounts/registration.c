/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/accounts/registration.h"

#include "base/clock.h"
#include "crypto/base64url.h"
#include "engine/accounts/account_file.h"
#include "engine/accounts/account_given.h"
#include "engine/accounts/rollover.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define LOCK_POLL_MS 200
#define FINISHES_MAX 3 /* in one run: each other one that dies leaves one more */

enum state {
    LOADING,   /* look into the store */
    FINISHING, /* a change of the key that an earlier run began */
    OPENING,   /* wait for the directory */
    LOOKING,   /* newAccount with onlyReturnExisting is under way */
    ENROLLING, /* newAccount is under way */
    DONE
};

struct ac_registration {
    struct ac_registration_settings settings;
    char *folder; /* of the account, in the store */
    enum state state;
    struct ac_rollover *rollover; /* FINISHING */
    unsigned finishes;
    unsigned lookups;      /* again: at most one */
    bool has_consent;      /* asked and answered in this run, or --agree-tos */
    struct ac_lock *use;   /* shared: nobody changes the account's key meanwhile */
    struct ac_lock *lock;  /* while we write */
    int64_t lock_until_ms; /* another run writes; 0: nobody does */
    int64_t lock_at_ms;
    struct ac_post *post;
    struct ac_account account;
    struct ac_key *brought; /* --account-key, for a new account; or NULL */
    enum ac_code code;
    struct ac_error error;
};

enum ac_code ac_registration_new(const struct ac_registration_settings *settings,
                                 struct ac_registration **ret_registration,
                                 struct ac_error *err)
{
    AC_AUTO(ac_registration) *registration = NULL;

    AC_TRY(ac_memory_new(1, sizeof *registration, (void *)&registration, err));
    registration->settings = *settings;
    registration->has_consent = settings->agrees_to_terms;
    AC_TRY(ac_account_file_folder(settings->directory_url, settings->account,
                                  &registration->folder, err));
    *ret_registration = AC_TAKE(registration);
    return AC_OK;
}

void ac_registration_free(struct ac_registration *registration)
{
    if (!registration)
        return;
    free(registration->folder);
    ac_lock_free(registration->lock);
    ac_lock_free(registration->use);
    ac_rollover_free(registration->rollover);
    ac_post_free(registration->post);
    ac_account_done(&registration->account);
    ac_key_free(registration->brought);
    free(registration);
}

int64_t ac_registration_wake_at_ms(const struct ac_registration *registration)
{
    if (registration->state == FINISHING)
        return ac_rollover_wake_at_ms(registration->rollover);
    bool waits = registration->lock_until_ms != 0 && registration->state <= OPENING;

    return waits ? registration->lock_at_ms : AC_CLOCK_NEVER;
}

bool ac_registration_is_done(const struct ac_registration *registration)
{
    return registration->state == DONE;
}

enum ac_code ac_registration_result(const struct ac_registration *registration,
                                    struct ac_error *err)
{
    if (registration->code != AC_OK)
        *err = registration->error;
    return registration->code;
}

const struct ac_problem *ac_registration_problem(
    const struct ac_registration *registration)
{
    return registration->post ? ac_post_problem(registration->post) : NULL;
}

const struct ac_account *ac_registration_account(
    const struct ac_registration *registration)
{
    return registration->account.url ? &registration->account : NULL;
}

unsigned ac_registration_lookups(const struct ac_registration *registration)
{
    return registration->lookups;
}

static enum ac_code lock(struct ac_registration *r, struct ac_error *err)
{
    if (r->lock)
        return AC_OK;
    return ac_store_lock(r->settings.store, AC_STORE_ACCOUNTS, r->folder, &r->lock,
                         err);
}

static enum ac_code use(struct ac_registration *r, struct ac_error *err)
{
    if (r->use)
        return AC_OK;
    return ac_store_use(r->settings.store, AC_STORE_ACCOUNTS, r->folder, &r->use, err);
}

/* Another run that is at this account is soon done, for which is waited a while. */
static enum ac_code wait_for(struct ac_registration *r,
                             enum ac_code (*take)(struct ac_registration *,
                                                  struct ac_error *),
                             bool *ret_is_taken, struct ac_error *err)
{
    *ret_is_taken = false;
    if (r->lock_until_ms != 0 && ac_clock_now_ms() < r->lock_at_ms)
        return AC_OK;
    enum ac_code code = take(r, err);
    *ret_is_taken = code == AC_OK;
    if (code == AC_OK)
        r->lock_until_ms = 0;
    if (code != AC_E_LOCKED)
        return code;
    if (r->lock_until_ms == 0)
        r->lock_until_ms = ac_clock_after_ms(AC_REGISTRATION_LOCK_MS);
    if (ac_clock_now_ms() >= r->lock_until_ms)
        return code;
    r->lock_at_ms = ac_clock_after_ms(LOCK_POLL_MS);
    return AC_OK;
}

static struct ac_account_given given(const struct ac_registration *r)
{
    return (struct ac_account_given){ r->settings.account_key, r->settings.pin_file };
}

static enum ac_code load_key(struct ac_registration *r, struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;

    AC_TRY(ac_account_file_load_key(r->settings.store, r->folder, AC_ACCOUNT_KEY, &key,
                                    err));
    AC_TRY(ac_account_given_check(r->settings.store, r->folder, given(r), key, err));
    ac_client_set_key(r->settings.client, &key);
    return AC_OK;
}

/* --account-key, for a new account: it can be used, before the CA is asked. */
static enum ac_code bring_key(struct ac_registration *r, struct ac_error *err)
{
    if (!r->settings.account_key || r->brought)
        return AC_OK;
    return ac_account_given_load(r->settings.store, given(r), &r->brought, err);
}

static enum ac_code keep_key(struct ac_registration *r, struct ac_error *err)
{
    AC_TRY(
        ac_account_given_keep(r->settings.store, r->folder, given(r), r->brought, err));
    ac_client_set_key(r->settings.client, &r->brought);
    return AC_OK;
}

/* A fresh key for each account (11.1), on disk before the CA hears of it. */
static enum ac_code make_key(struct ac_registration *r, struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;

    AC_TRY(bring_key(r, err));
    if (r->brought)
        return keep_key(r, err);
    AC_TRY(ac_key_generate(r->settings.key_type, &key, err));
    AC_TRY(ac_account_file_create_key(r->settings.store, r->folder, AC_ACCOUNT_KEY, key,
                                      err));
    ac_client_set_key(r->settings.client, &key);
    return AC_OK;
}

/* The account as the store has it: key and URL. AC_E_NOTFOUND: one of them is missing.
 */
static enum ac_code load(struct ac_registration *r, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(ac_account_file_open(r->settings.store, r->folder, r->settings.directory_url,
                                r->settings.client, &document, err));
    AC_TRY(ac_account_file_check(document, err));
    return ac_account_given_check(r->settings.store, r->folder, given(r),
                                  ac_client_key(r->settings.client), err);
}

static enum ac_code save(struct ac_registration *r, struct ac_error *err)
{
    const struct ac_directory *directory;

    AC_TRY(ac_client_directory(r->settings.client, &directory, err));
    struct ac_account_record record = {
        .directory_url = r->settings.directory_url,
        .name = r->settings.account,
        .terms = r->has_consent ? directory->terms_of_service : NULL,
        .account = &r->account,
        .key = ac_client_key(r->settings.client),
    };
    return ac_account_file_record(r->settings.store, r->folder, &record, err);
}

/* RFC 8555 7.3: nobody agrees but the user. */
static enum ac_code get_consent(struct ac_registration *r,
                                const struct ac_directory *directory,
                                struct ac_error *err)
{
    if (!directory->terms_of_service || r->has_consent)
        return AC_OK;
    if (r->settings.ask_terms
        && r->settings.ask_terms(r->settings.ask_arg, directory->terms_of_service)) {
        r->has_consent = true;
        return AC_OK;
    }
    int signal_number = ac_clock_cancelled();
    if (signal_number) {
        const char *name = sigabbrev_np(signal_number);
        return ac_fail(err, AC_E_CANCELLED, "ended by SIG%s", name ? name : "?");
    }
    if (r->settings.ask_terms) {
        return ac_fail(
            err, AC_E_USAGE,
            "you did not agree to the CA's terms of service (%s), so nothing "
            "was registered; --agree-tos agrees to them",
            directory->terms_of_service);
    }
    return ac_fail(
        err, AC_E_USAGE,
        "the CA wants your agreement to its terms of service: read %s and give "
        "--agree-tos",
        directory->terms_of_service);
}

/* An account that is there needs none of it: a binding that was handed out for once may
 * be gone. */
static enum ac_code check_new(const struct ac_registration *r, struct ac_error *err)
{
    if (!r->settings.trouble)
        return AC_OK;
    *err = *r->settings.trouble;
    ac_error_about(err, "a new account at %s cannot be made",
                   r->settings.directory_url);
    return err->code;
}

static enum ac_code send(struct ac_registration *r, bool only_existing,
                         struct ac_error *err)
{
    struct ac_account_request request = {
        .contacts = r->settings.contacts,
        .agrees_to_terms = r->has_consent,
        .only_existing = only_existing,
        .eab_kid = only_existing ? NULL : r->settings.eab_kid,
        .eab_key = r->settings.eab_key,
        .eab_algorithm = r->settings.eab_algorithm,
    };

    if (!only_existing)
        AC_TRY(check_new(r, err));
    ac_post_free(AC_TAKE(r->post));
    r->state = only_existing ? LOOKING : ENROLLING;
    return ac_account_begin(r->settings.client, &request, &r->post, err);
}

/* ---- one function for each state; each returns at a wait */

/* An account that was deactivated is not replaced by the way. */
static enum ac_code check_retired(const struct ac_registration *r, struct ac_error *err)
{
    AC_AUTO_TEXT char *retired = NULL;

    if (r->settings.replaces_retired)
        return AC_OK;
    enum ac_code code =
        ac_account_file_find_retired(r->settings.store, r->folder, &retired, err);
    if (code == AC_E_NOTFOUND)
        return AC_OK;
    AC_TRY(code);
    return ac_fail(
        err, AC_E_USAGE,
        "the account for %s was deactivated (it is kept in "
        "%s/" AC_STORE_ACCOUNTS "/%s): acmecore account register makes a new one",
        r->settings.directory_url, ac_store_folder(r->settings.store), retired);
}

/* It takes the account for itself, so we let go of it. */
static enum ac_code begin_finish(struct ac_registration *r, struct ac_error *err)
{
    struct ac_rollover_settings settings = {
        .store = r->settings.store,
        .client = r->settings.client,
        .directory_url = r->settings.directory_url,
        .account = r->settings.account,
        .only_finishes = true,
    };

    ac_lock_free(AC_TAKE(r->use));
    r->finishes++;
    r->state = FINISHING;
    return ac_rollover_new(&settings, &r->rollover, err);
}

/* What stands in the store now is read again: another run may be at it already. */
static enum ac_code step_finishing(struct ac_registration *r, struct ac_error *err)
{
    enum ac_rollover_outcome ignored;

    ac_rollover_step(r->rollover);
    if (!ac_rollover_is_done(r->rollover))
        return AC_OK;
    AC_TRY(ac_rollover_result(r->rollover, &ignored, err));
    ac_rollover_free(AC_TAKE(r->rollover));
    r->state = LOADING;
    return AC_OK;
}

static enum ac_code step_loading(struct ac_registration *r, struct ac_error *err)
{
    bool is_ours;

    AC_TRY(wait_for(r, use, &is_ours, err));
    if (!is_ours)
        return AC_OK;
    enum ac_code code = load(r, err);
    if (code == AC_OK && r->finishes < FINISHES_MAX
        && ac_account_file_has(r->settings.store, r->folder, AC_ACCOUNT_NEXT_KEY))
        return begin_finish(r, err);
    if (code == AC_OK) {
        r->state = DONE;
        return AC_OK;
    }
    if (code != AC_E_NOTFOUND)
        return code;
    AC_TRY(check_retired(r, err));
    AC_TRY(bring_key(r, err));
    if (!r->settings.only_existing)
        AC_TRY(check_new(r, err));
    ac_client_open(r->settings.client);
    r->state = OPENING;
    return AC_OK;
}

/* The store again, now that nobody else writes there. */
static enum ac_code take_over(struct ac_registration *r, struct ac_error *err)
{
    AC_TRY(load(r, err));
    ac_lock_free(AC_TAKE(r->lock));
    r->state = DONE;
    return AC_OK;
}

static enum ac_code step_opening(struct ac_registration *r, struct ac_error *err)
{
    const struct ac_directory *directory;
    bool is_locked;

    if (!ac_client_is_open(r->settings.client))
        return AC_OK;
    AC_TRY(ac_client_directory(r->settings.client, &directory, err));
    if (!r->settings.only_existing)
        AC_TRY(get_consent(r, directory, err));
    AC_TRY(wait_for(r, lock, &is_locked, err));
    if (!is_locked)
        return AC_OK;
    enum ac_code code = take_over(r, err);
    if (code != AC_E_NOTFOUND)
        return code;
    code = load_key(r, err);
    if (code == AC_E_NOTFOUND && r->settings.only_existing
        && !r->settings.account_key) {
        return ac_fail(err, code,
                       "no account can be found by its key: there is no key for %s in "
                       "%s; acmecore account import brings one",
                       r->settings.directory_url, ac_store_folder(r->settings.store));
    }
    if (code == AC_E_NOTFOUND)
        code = make_key(r, err);
    AC_TRY(code);
    return send(r, r->settings.only_existing, err);
}

static enum ac_code step_sent(struct ac_registration *r, struct ac_error *err)
{
    if (!ac_post_is_done(r->post))
        return AC_OK;
    ac_account_done(&r->account);
    enum ac_code code =
        ac_account_finish(r->settings.client, r->post, &r->account, err);
    if (code == AC_E_PROBLEM && r->state == LOOKING && r->has_consent
        && !r->settings.only_existing
        && ac_problem_is(ac_post_problem(r->post), "accountDoesNotExist"))
        return send(r, false, err);
    AC_TRY(code);
    AC_TRY(ac_client_set_kid(r->settings.client, r->account.url, err));
    AC_TRY(save(r, err));
    ac_post_free(AC_TAKE(r->post));
    ac_lock_free(AC_TAKE(r->lock));
    r->state = DONE;
    return AC_OK;
}

/* The next run must not find the lock held while this one still cleans up. */
static void give_up(struct ac_registration *r)
{
    ac_lock_free(AC_TAKE(r->lock));
    r->state = DONE;
}

void ac_registration_step(struct ac_registration *r)
{
    static enum ac_code (*const steps[])(struct ac_registration *,
                                         struct ac_error *) = {
        [LOADING] = step_loading, [FINISHING] = step_finishing,
        [OPENING] = step_opening, [LOOKING] = step_sent,
        [ENROLLING] = step_sent,
    };

    for (enum state before = DONE; r->state != DONE && r->state != before;) {
        before = r->state;
        r->code = steps[r->state](r, &r->error);
        if (r->code != AC_OK)
            give_up(r);
    }
}

bool ac_registration_again(struct ac_registration *r, unsigned lookups)
{
    if (r->state != DONE || r->lookups != lookups)
        return true;
    if (r->lookups > 0)
        return false;
    r->lookups++;
    r->code = lock(r, &r->error);
    if (r->code == AC_OK)
        r->code = send(r, true, &r->error);
    if (r->code != AC_OK)
        give_up(r);
    return true;
}

enum ac_code ac_registration_read_algorithm(const char *name, const char *word,
                                            enum ac_hmac *ret_algorithm,
                                            struct ac_error *err)
{
    static const char *const names[] = {
        [AC_HMAC_SHA256] = "HS256",
        [AC_HMAC_SHA384] = "HS384",
        [AC_HMAC_SHA512] = "HS512",
    };

    for (size_t i = 0; i < AC_COUNT(names); i++) {
        if (strcmp(word, names[i]) != 0)
            continue;
        *ret_algorithm = (enum ac_hmac)i;
        return AC_OK;
    }
    return ac_fail(err, AC_E_USAGE, "%s is HS256, HS384 or HS512, not \"%s\"", name,
                   word);
}

enum ac_code ac_registration_read_mac_key(const struct ac_secret *file,
                                          const char *path, struct ac_secret *ret_key,
                                          struct ac_error *err)
{
    enum ac_code code =
        ac_base64_decode_secret((const char *)file->bytes, file->size, ret_key, err);

    if (code != AC_E_INVALID)
        return code;
    ac_error_about(err, "%s", path);
    return err->code = AC_E_USAGE;
}
