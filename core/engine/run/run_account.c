/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run/run_account.h"

#include "base/clock.h"
#include "engine/accounts/account_file.h"
#include "engine/run/run_parts.h"

#include <stdlib.h>
#include <string.h>

#define SENDS_MAX 3 /* of a deactivation whose answer is lost */

/* ---- update */

/* Those that were agreed to, as they stand now. */
static enum ac_code note_terms(struct ac_run *run, struct ac_json *document,
                               struct ac_error *err)
{
    const struct ac_directory *directory;

    AC_TRY(ac_client_directory(ac_authority_client(run->authority), &directory, err));
    if (!directory->terms_of_service)
        return AC_OK;
    return ac_json_set_text(document, "terms_of_service", directory->terms_of_service,
                            err);
}

static enum ac_code note_update(struct ac_run *run, const char *folder,
                                const struct ac_account_change *change,
                                const struct ac_account *account, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(ac_account_file_load(run->settings.store, folder,
                                run->settings.place.directory_url, &document, err));
    AC_TRY(ac_json_set_words(document, "contact", &account->contacts, err));
    if (change->agrees_to_terms)
        AC_TRY(note_terms(run, document, err));
    return ac_account_file_save(run->settings.store, folder, document, err);
}

static enum ac_code find_folder(const struct ac_run *run, char **ret_folder,
                                struct ac_error *err)
{
    const struct ac_authority_place *place = &run->settings.place;

    return ac_account_file_folder(place->directory_url, place->account, ret_folder,
                                  err);
}

enum ac_code ac_run_update_account(struct ac_run *run,
                                   const struct ac_account_change *change,
                                   struct ac_account *ret_account, struct ac_error *err)
{
    const struct ac_account *ignored;
    AC_AUTO_TEXT char *folder = NULL;
    AC_AUTO(ac_account) account = { 0 };
    AC_AUTO(ac_lock) *lock = NULL;
    AC_AUTO(ac_post) *post = NULL;

    AC_TRY(find_folder(run, &folder, err));
    AC_TRY(ac_run_register(run, &ignored, err));
    AC_TRY(ac_store_lock(run->settings.store, AC_STORE_ACCOUNTS, folder, &lock, err));
    struct ac_client *client = ac_authority_client(run->authority);
    AC_TRY(ac_account_update(client, change, &post, err));
    AC_TRY(ac_run_finish_post(run, post, err));
    AC_TRY(ac_account_finish(client, post, &account, err));
    AC_TRY(note_update(run, folder, change, &account, err));
    *ret_account = account;
    account = (struct ac_account){ 0 };
    return AC_OK;
}

/* ---- orders */

enum ac_code ac_run_list_orders(struct ac_run *run, const char *url,
                                struct ac_order_list *ret_list, struct ac_error *err)
{
    const struct ac_account *ignored;
    AC_AUTO(ac_orders) *orders = NULL;

    AC_TRY(ac_run_register(run, &ignored, err));
    AC_TRY(ac_orders_new(ac_authority_client(run->authority), url, AC_ORDERS_MAX,
                         &orders, err));
    for (;;) {
        ac_orders_step(orders);
        if (ac_orders_is_done(orders))
            return ac_orders_take(orders, ret_list, err);
        AC_TRY(ac_run_check_time(run->settings.deadline_ms, err));
        AC_TRY(ac_run_turn(run, run->settings.deadline_ms, err));
    }
}

/* ---- key */

static enum ac_code drive_rollover(struct ac_run *run, struct ac_rollover *rollover,
                                   struct ac_error *err)
{
    for (;;) {
        ac_rollover_step(rollover);
        if (ac_rollover_is_done(rollover))
            return AC_OK;
        int64_t wake_at_ms = ac_rollover_wake_at_ms(rollover);
        AC_TRY(ac_run_check_time(run->settings.deadline_ms, err));
        AC_TRY(ac_run_turn(run,
                           wake_at_ms < run->settings.deadline_ms
                               ? wake_at_ms
                               : run->settings.deadline_ms,
                           err));
    }
}

static enum ac_code roll_over(struct ac_run *run, struct ac_rollover_settings *settings,
                              enum ac_rollover_outcome *ret_outcome,
                              struct ac_error *err)
{
    AC_AUTO(ac_rollover) *rollover = NULL;

    AC_TRY(ac_run_find_place(run, err));
    settings->store = run->settings.store;
    settings->client = ac_authority_client(run->authority);
    settings->directory_url = run->settings.place.directory_url;
    settings->account = run->settings.place.account;
    AC_TRY(ac_rollover_new(settings, &rollover, err));
    AC_TRY(drive_rollover(run, rollover, err));
    return ac_rollover_result(rollover, ret_outcome, err);
}

enum ac_code ac_run_change_key(struct ac_run *run, const char *key_type,
                               enum ac_rollover_outcome *ret_outcome,
                               struct ac_error *err)
{
    struct ac_rollover_settings settings = { .keeps_type = !key_type };

    if (key_type)
        AC_TRY(ac_key_type_parse(key_type, &settings.key_type, err));
    return roll_over(run, &settings, ret_outcome, err);
}

/* ---- deactivation */

void ac_ended_account_done(struct ac_ended_account *ended)
{
    free(ended->url);
    free(ended->folder);
    *ended = (struct ac_ended_account){ 0 };
}

/* An account that is about to end, with what nobody else may touch meanwhile. */
struct ending {
    struct ac_run *run;
    char *folder;
    struct ac_lock *lock, *claim;
    struct ac_json *document;
    bool was_begun; /* by an earlier run, which did not see the CA's answer */
    unsigned sends;
};

static void ending_drop(struct ending *ending)
{
    ac_json_free(ending->document);
    ac_lock_free(ending->claim);
    ac_lock_free(ending->lock);
    free(ending->folder);
}

static enum ac_code note_status(struct ending *ending, const char *status,
                                struct ac_error *err)
{
    AC_TRY(ac_json_set_text(ending->document, "status", status, err));
    return ac_account_file_save(ending->run->settings.store, ending->folder,
                                ending->document, err);
}

/* A change of the key that is not finished decides first which key can end it. What
 * the CA says no to then it says again below. */
static enum ac_code finish_change(struct ending *ending, struct ac_error *err)
{
    struct ac_rollover_settings settings = { .only_finishes = true };
    struct ac_run *run = ending->run;
    enum ac_rollover_outcome ignored;

    if (!ac_account_file_has(run->settings.store, ending->folder, AC_ACCOUNT_NEXT_KEY))
        return AC_OK;
    enum ac_code code = roll_over(run, &settings, &ignored, err);
    return code == AC_E_PROBLEM || code == AC_E_USAGE ? AC_OK : code;
}

static enum ac_code begin_ending(struct ending *ending, struct ac_error *err)
{
    struct ac_run *run = ending->run;
    struct ac_store *store = run->settings.store;

    AC_TRY(find_folder(run, &ending->folder, err));
    AC_TRY(ac_run_find_place(run, err));
    AC_TRY(finish_change(ending, err));
    AC_TRY(ac_store_lock(store, AC_STORE_ACCOUNTS, ending->folder, &ending->lock, err));
    if (ac_store_claim(store, AC_STORE_ACCOUNTS, ending->folder, &ending->claim, err)
        != AC_OK) {
        ac_error_about(err, "other runs use the account now");
        return err->code;
    }
    AC_TRY(ac_account_file_open(
        store, ending->folder, run->settings.place.directory_url,
        ac_authority_client(run->authority), &ending->document, err));
    ending->was_begun =
        strcmp(ac_json_text_or(ending->document, "status", ""), "deactivating") == 0;
    return AC_OK;
}

/* 7.3.6: a deactivated account is let in no more. So is one that was revoked. */
static bool is_let_out(const struct ac_post *post)
{
    const struct ac_problem *problem = ac_post_problem(post);

    return ac_problem_is(problem, "unauthorized")
           || ac_problem_is(problem, "accountDoesNotExist");
}

static enum ac_code judge_end(struct ending *ending, struct ac_post *post,
                              struct ac_ended_account *ended, struct ac_error *err)
{
    AC_AUTO(ac_account) account = { 0 };
    struct ac_client *client = ac_authority_client(ending->run->authority);

    enum ac_code code = ac_post_result(post, &ended->said);
    if (code == AC_E_PROBLEM && is_let_out(post)) {
        /* Our own word that came before has done it. */
        ended->was_refused = !ending->was_begun && ending->sends == 1;
        return AC_OK;
    }
    if (code != AC_OK) {
        *err = ended->said;
        return code;
    }
    AC_TRY(ac_account_answer(client, post, &account, err));
    if (strcmp(account.status, "valid") != 0)
        return AC_OK;
    return ac_fail(err, AC_E_PROTOCOL,
                   "the CA took the deactivation of %s and says that it is valid still",
                   account.url);
}

/* A clear no; or a CA that was not reached, and so heard nothing. */
static bool is_undone(enum ac_code code)
{
    return code == AC_E_PROBLEM || code == AC_E_NETWORK;
}

/* One whose answer is lost is sent again: it can be done only once. */
static enum ac_code send_end(struct ending *ending, struct ac_ended_account *ended,
                             struct ac_error *err)
{
    enum ac_code code;
    bool is_lost;

    do {
        AC_AUTO(ac_post) *post = NULL;

        ending->sends++;
        AC_TRY(ac_account_deactivate(ac_authority_client(ending->run->authority), &post,
                                     err));
        AC_TRY(ac_run_finish_post(ending->run, post, err));
        code = judge_end(ending, post, ended, err);
        is_lost = code != AC_OK && ac_post_is_ambiguous(post);
    } while (is_lost && ending->sends < SENDS_MAX);
    if (is_undone(code) && !is_lost && ending->sends == 1 && !ending->was_begun) {
        struct ac_error why = *err; /* it stays what it was */
        AC_TRY(note_status(ending, "valid", err));
        *err = why;
    }
    return code;
}

static enum ac_code finish_ending(struct ending *ending, struct ac_ended_account *ended,
                                  struct ac_error *err)
{
    AC_TRY(ac_json_set_time(ending->document, "deactivated", ac_clock_utc(), err));
    enum ac_code code = note_status(ending, "deactivated", err);
    if (code == AC_OK) {
        code = ac_account_file_retire(ending->run->settings.store, ending->folder,
                                      &ended->folder, err);
    }
    if (code == AC_E_STORE)
        ac_error_about(err, "the account has ended at the CA, but");
    AC_TRY(code);
    return ac_memory_copy_text(ac_json_text_or(ending->document, "url", ""),
                               &ended->url, err);
}

enum ac_code ac_run_deactivate_account(struct ac_run *run,
                                       struct ac_ended_account *ret_ended,
                                       struct ac_error *err)
{
    __attribute__((cleanup(ending_drop))) struct ending ending = { .run = run };
    AC_AUTO(ac_ended_account) ended = { 0 };

    AC_TRY(begin_ending(&ending, err));
    if (strcmp(ac_json_text_or(ending.document, "status", ""), "deactivated") != 0) {
        AC_TRY(note_status(&ending, "deactivating", err));
        AC_TRY(send_end(&ending, &ended, err));
    }
    AC_TRY(finish_ending(&ending, &ended, err));
    *ret_ended = ended;
    ended = (struct ac_ended_account){ 0 };
    return AC_OK;
}
