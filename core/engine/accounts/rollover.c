/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/accounts/rollover.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/accounts/account_file.h"
#include "engine/issue/key_probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOCK_POLL_MS 200

enum state {
    LOCKING,  /* nobody else may use the account */
    OPENING,  /* wait for the directory */
    SENT,     /* keyChange is under way */
    LOOKING,  /* does the CA know the new key? */
    DOUBTING, /* before that is asked again */
    ASKING,   /* does it know the old one? */
    DONE
};

struct ac_rollover {
    struct ac_rollover_settings settings;
    char *folder;
    enum state state;
    struct ac_lock *lock, *claim;
    int64_t lock_until_ms; /* 0: nobody was in the way */
    int64_t wake_at_ms;
    struct ac_json *document;
    struct ac_key *new_key; /* the old one, while the client has the new one */
    bool has_new;           /* the client has the new key */
    bool is_resumed;        /* an earlier run began it */
    bool was_taken;         /* the CA said that it took the new key */
    bool is_refused;        /* it said no, for sure */
    unsigned sends, looks;
    struct ac_post *post;
    struct ac_key_probe *probe;
    struct ac_error refusal; /* why the last keyChange failed; code AC_OK: none did */
    enum ac_rollover_outcome outcome;
    enum ac_code code;
    struct ac_error error;
};

enum ac_code ac_rollover_new(const struct ac_rollover_settings *settings,
                             struct ac_rollover **ret_rollover, struct ac_error *err)
{
    AC_AUTO(ac_rollover) *rollover = NULL;

    AC_TRY(ac_memory_new(1, sizeof *rollover, (void *)&rollover, err));
    rollover->settings = *settings;
    rollover->wake_at_ms = AC_CLOCK_NEVER;
    AC_TRY(ac_account_file_folder(settings->directory_url, settings->account,
                                  &rollover->folder, err));
    *ret_rollover = AC_TAKE(rollover);
    return AC_OK;
}

void ac_rollover_free(struct ac_rollover *rollover)
{
    if (!rollover)
        return;
    ac_key_probe_free(rollover->probe);
    ac_post_free(rollover->post);
    ac_key_free(rollover->new_key);
    ac_json_free(rollover->document);
    ac_lock_free(rollover->claim);
    ac_lock_free(rollover->lock);
    free(rollover->folder);
    free(rollover);
}

int64_t ac_rollover_wake_at_ms(const struct ac_rollover *rollover)
{
    return rollover->wake_at_ms;
}

bool ac_rollover_is_done(const struct ac_rollover *rollover)
{
    return rollover->state == DONE;
}

enum ac_code ac_rollover_result(const struct ac_rollover *rollover,
                                enum ac_rollover_outcome *ret_outcome,
                                struct ac_error *err)
{
    if (rollover->code != AC_OK) {
        *err = rollover->error;
    } else {
        *ret_outcome = rollover->outcome;
    }
    return rollover->code;
}

/* ---- the client has one of the two keys */

static void hold(struct ac_rollover *r, bool new_one)
{
    if (r->has_new == new_one)
        return;
    ac_client_swap_key(r->settings.client, &r->new_key);
    r->has_new = new_one;
}

static enum ac_code end(struct ac_rollover *r, enum ac_rollover_outcome outcome)
{
    r->outcome = outcome;
    r->state = DONE;
    return AC_OK;
}

/* ---- in place, or away */

/* The key first: without the document everything works. */
static enum ac_code commit(struct ac_rollover *r, struct ac_error *err)
{
    struct ac_store *store = r->settings.store;
    const char *type =
        ac_key_type_name(ac_key_type_of(ac_client_key(r->settings.client)));

    AC_TRY(ac_store_move_item(store, AC_STORE_ACCOUNTS, r->folder, AC_ACCOUNT_NEXT_KEY,
                              AC_ACCOUNT_KEY, err));
    /* Of a key in a token: it is not the account's any more. */
    AC_TRY(
        ac_store_remove(store, AC_STORE_ACCOUNTS, r->folder, AC_ACCOUNT_KEY_URL, err));
    AC_TRY(ac_json_set_text(r->document, "key_type", type, err));
    AC_TRY(ac_json_set_time(r->document, "key_changed", ac_clock_utc(), err));
    if (ac_account_file_save(store, r->folder, r->document, err) != AC_OK) {
        ac_error_about(err, "the account has its new key, but");
        return err->code;
    }
    return end(r, r->is_resumed ? AC_ROLLOVER_FINISHED : AC_ROLLOVER_CHANGED);
}

/* The old key stays. One that the CA said it took is not thrown away: it may be late.
 */
static enum ac_code drop(struct ac_rollover *r, struct ac_error *err)
{
    struct ac_store *store = r->settings.store;

    hold(r, false);
    if (r->was_taken) {
        return ac_store_move_item(store, AC_STORE_ACCOUNTS, r->folder,
                                  AC_ACCOUNT_NEXT_KEY, AC_ACCOUNT_UNUSED_KEY, err);
    }
    return ac_store_remove(store, AC_STORE_ACCOUNTS, r->folder, AC_ACCOUNT_NEXT_KEY,
                           err);
}

static enum ac_code give_up(struct ac_rollover *r, const struct ac_error *why,
                            struct ac_error *err)
{
    AC_TRY(drop(r, err));
    if (!r->settings.only_finishes) {
        *err = *why;
        return why->code;
    }
    ac_log_say(AC_LOG_WARN,
               "the change of the account's key that an earlier run began came to "
               "nothing: %s; the old key stays",
               why->detail);
    return end(r, AC_ROLLOVER_GIVEN_UP);
}

/* ---- asking the CA */

static enum ac_code look(struct ac_rollover *r, bool at_new, struct ac_error *err)
{
    hold(r, at_new);
    r->state = at_new ? LOOKING : ASKING;
    ac_key_probe_free(AC_TAKE(r->probe));
    return ac_key_probe_new(r->settings.client, r->was_taken, &r->probe, err);
}

static enum ac_code send(struct ac_rollover *r, struct ac_error *err)
{
    hold(r, false);
    ac_post_free(AC_TAKE(r->post));
    r->sends++;
    r->state = SENT;
    return ac_account_change_key(r->settings.client, r->new_key, &r->post, err);
}

static bool is_offered(const struct ac_rollover *r)
{
    const struct ac_directory *directory;
    struct ac_error ignored;

    return ac_client_directory(r->settings.client, &directory, &ignored) == AC_OK
           && directory->key_change;
}

/* ---- what came of it, when the CA knows the old key */

/* 7.3.5: the Location of a 409 is the account that has the key. */
static void explain_refusal(const struct ac_rollover *r, struct ac_error *why)
{
    const char *owner = ac_post_location(r->post);

    if (why->http_status == 409) {
        ac_error_about(why,
                       "the CA did not take the new key, which belongs to %s already; "
                       "the old key stays, and another run makes another new one",
                       owner ? owner : "another account");
    } else {
        ac_error_about(why, "the CA did not take the new key; the old one stays");
    }
}

static enum ac_code judge_old(struct ac_rollover *r, struct ac_error *err)
{
    struct ac_error why = r->refusal;

    if (r->was_taken) {
        (void)ac_fail(
            &why, AC_E_PROTOCOL,
            "the CA said that it took the new key, and knows the old one "
            "only; the old key stays, the new one is kept in %s/" AC_STORE_ACCOUNTS
            "/%s/" AC_ACCOUNT_UNUSED_KEY,
            ac_store_folder(r->settings.store), r->folder);
        return give_up(r, &why, err);
    }
    if (r->is_refused) {
        explain_refusal(r, &why);
        return give_up(r, &why, err);
    }
    if (!is_offered(r)) {
        (void)ac_fail(&why, AC_E_USAGE, "the CA offers no keyChange any more");
        return give_up(r, &why, err);
    }
    if (r->sends < AC_ROLLOVER_SENDS_MAX)
        return send(r, err);
    *err = why;
    ac_error_about(err,
                   "the answers to keyChange were lost %u times; both keys are "
                   "kept, and the next run goes on",
                   r->sends);
    return why.code;
}

/* The CA knows neither key: it lost the account, or wants nothing of it any more. */
static enum ac_code judge_lost(struct ac_rollover *r, enum ac_key_standing old,
                               const struct ac_error *said, struct ac_error *err)
{
    struct ac_error why = *said;

    if (old == AC_KEY_IS_UNKNOWN)
        return give_up(r, &why, err);
    ac_error_about(&why,
                   "the CA takes neither the old nor the new key of the account "
                   "%s; both are kept",
                   ac_client_kid(r->settings.client));
    *err = why;
    return why.code;
}

/* ---- one function for each state; each returns at a wait */

static enum ac_code take_locks(struct ac_rollover *r, struct ac_error *err)
{
    struct ac_store *store = r->settings.store;

    if (!r->lock)
        AC_TRY(ac_store_lock(store, AC_STORE_ACCOUNTS, r->folder, &r->lock, err));
    enum ac_code code =
        ac_store_claim(store, AC_STORE_ACCOUNTS, r->folder, &r->claim, err);
    if (code == AC_E_LOCKED) {
        return ac_fail(err, code,
                       "other runs use the account %s now, and its key cannot be "
                       "changed under them",
                       r->folder);
    }
    return code;
}

static bool can_wait(struct ac_rollover *r)
{
    if (!r->settings.only_finishes)
        return false;
    if (r->lock_until_ms == 0)
        r->lock_until_ms = ac_clock_after_ms(AC_ROLLOVER_LOCK_MS);
    r->wake_at_ms = ac_clock_after_ms(LOCK_POLL_MS);
    return ac_clock_now_ms() < r->lock_until_ms;
}

static enum ac_code load(struct ac_rollover *r, struct ac_error *err)
{
    AC_TRY(ac_account_file_open(r->settings.store, r->folder, r->settings.directory_url,
                                r->settings.client, &r->document, err));
    AC_TRY(ac_account_file_check(r->document, err));
    enum ac_code code = ac_account_file_load_key(r->settings.store, r->folder,
                                                 AC_ACCOUNT_NEXT_KEY, &r->new_key, err);
    if (code != AC_OK && code != AC_E_NOTFOUND)
        return code;
    r->is_resumed = code == AC_OK;
    return AC_OK;
}

static enum ac_code step_locking(struct ac_rollover *r, struct ac_error *err)
{
    if (r->lock_until_ms != 0 && ac_clock_now_ms() < r->wake_at_ms)
        return AC_OK;
    enum ac_code code = take_locks(r, err);
    if (code == AC_E_LOCKED && can_wait(r))
        return AC_OK;
    AC_TRY(code);
    r->wake_at_ms = AC_CLOCK_NEVER;
    AC_TRY(load(r, err));
    if (!r->is_resumed && r->settings.only_finishes)
        return end(r, AC_ROLLOVER_NOTHING); /* another run was quicker */
    ac_client_open(r->settings.client);
    r->state = OPENING;
    return AC_OK;
}

/* A key that cannot be copied is not replaced by one that can unless that is said. */
static enum ac_code check_token(const struct ac_rollover *r, struct ac_error *err)
{
    AC_AUTO_TEXT char *url = NULL;

    if (!r->settings.keeps_type)
        return AC_OK;
    AC_TRY(ac_account_file_key_url(r->settings.store, r->folder, &url, err));
    if (!url)
        return AC_OK;
    return ac_fail(
        err, AC_E_USAGE,
        "the account's key is in a token (%s), and another one cannot be made "
        "there: --key-type TYPE gives the account a key in a file",
        url);
}

/* A fresh key for each change (11.1), on disk before the CA hears of it. */
static enum ac_code make_key(struct ac_rollover *r, struct ac_error *err)
{
    enum ac_key_type type = ac_key_type_of(ac_client_key(r->settings.client));

    AC_TRY(check_token(r, err));
    if (!r->settings.keeps_type)
        type = r->settings.key_type;
    if (type == AC_KEY_RSA_OTHER) /* the nearest one that can be made */
        type = AC_KEY_RSA_4096;
    AC_TRY(ac_key_generate(type, &r->new_key, err));
    return ac_account_file_create_key(r->settings.store, r->folder, AC_ACCOUNT_NEXT_KEY,
                                      r->new_key, err);
}

static enum ac_code step_opening(struct ac_rollover *r, struct ac_error *err)
{
    const struct ac_directory *directory;

    if (!ac_client_is_open(r->settings.client))
        return AC_OK;
    AC_TRY(ac_client_directory(r->settings.client, &directory, err));
    if (r->is_resumed)
        return look(r, true, err);
    if (directory->key_change)
        AC_TRY(make_key(r, err));
    return send(r, err);
}

static enum ac_code step_sent(struct ac_rollover *r, struct ac_error *err)
{
    if (!ac_post_is_done(r->post))
        return AC_OK;
    enum ac_code code = ac_post_result(r->post, &r->refusal);
    if (code == AC_E_TIMEOUT || code == AC_E_NOMEM || code == AC_E_CANCELLED) {
        *err = r->refusal;
        return code;
    }
    r->was_taken = code == AC_OK;
    r->is_refused =
        code != AC_OK && code != AC_E_NETWORK && !ac_post_is_ambiguous(r->post);
    return look(r, true, err);
}

/* It said yes, and does not know it: one of its servers may be behind. */
static bool will_look_again(struct ac_rollover *r, enum ac_key_standing standing)
{
    if (!r->was_taken || standing == AC_KEY_IS_OTHERS
        || ++r->looks >= AC_ROLLOVER_LOOKS_MAX)
        return false;
    r->wake_at_ms = ac_clock_after_ms((int64_t)AC_ROLLOVER_LOOK_MS << (r->looks - 1));
    r->state = DOUBTING;
    return true;
}

static enum ac_code step_looking(struct ac_rollover *r, struct ac_error *err)
{
    enum ac_key_standing standing;

    ac_key_probe_step(r->probe);
    if (!ac_key_probe_is_done(r->probe))
        return AC_OK;
    AC_TRY(ac_key_probe_result(r->probe, &standing, err));
    if (standing == AC_KEY_IS_OURS)
        return commit(r, err);
    return will_look_again(r, standing) ? AC_OK : look(r, false, err);
}

static enum ac_code step_doubting(struct ac_rollover *r, struct ac_error *err)
{
    if (ac_clock_now_ms() < r->wake_at_ms)
        return AC_OK;
    r->wake_at_ms = AC_CLOCK_NEVER;
    return look(r, true, err);
}

static enum ac_code step_asking(struct ac_rollover *r, struct ac_error *err)
{
    enum ac_key_standing standing;
    struct ac_error said = { 0 };

    ac_key_probe_step(r->probe);
    if (!ac_key_probe_is_done(r->probe))
        return AC_OK;
    enum ac_code code = ac_key_probe_result(r->probe, &standing, &said);
    if (code != AC_OK) {
        *err = said;
        return code;
    }
    return standing == AC_KEY_IS_OURS ? judge_old(r, err)
                                      : judge_lost(r, standing, &said, err);
}

void ac_rollover_step(struct ac_rollover *r)
{
    static enum ac_code (*const steps[])(struct ac_rollover *, struct ac_error *) = {
        [LOCKING] = step_locking, [OPENING] = step_opening,   [SENT] = step_sent,
        [LOOKING] = step_looking, [DOUBTING] = step_doubting, [ASKING] = step_asking,
    };

    for (enum state before = DONE; r->state != DONE && r->state != before;) {
        before = r->state;
        r->code = steps[r->state](r, &r->error);
        if (r->code != AC_OK)
            r->state = DONE;
    }
    if (r->state != DONE)
        return;
    ac_lock_free(AC_TAKE(r->claim));
    ac_lock_free(AC_TAKE(r->lock));
}
