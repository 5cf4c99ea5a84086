/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In the place of engine/run/run_account and run_import: what can be done with an
 * account. A part of fake_run.h.
 */
#ifndef AC_TESTS_UNIT_CLI_FAKE_ACCOUNT_H
#define AC_TESTS_UNIT_CLI_FAKE_ACCOUNT_H

/* A copy, as far as a list is shown. */
static enum ac_code fake_copy(const struct ac_identifiers *from,
                              struct ac_identifiers *to, struct ac_error *err)
{
    for (size_t i = 0; i < from->count; i++)
        AC_TRY(ac_identifiers_parse(from->items[i].value, to, err));
    return AC_OK;
}

enum ac_code ac_run_list_orders(struct ac_run *run, const char *url,
                                struct ac_order_list *ret_list, struct ac_error *err)
{
    AC_AUTO(ac_order_list) list = { .is_cut = true };

    (void)run, (void)url;
    fake.lists++;
    AC_TRY(ac_memory_new(fake.order_count + 1, sizeof *list.items, &list.items, err));
    list.count = fake.order_count;
    for (size_t i = 0; i < list.count; i++) {
        const struct ac_listed_order *from = &fake.orders[i];
        struct ac_listed_order *to = &list.items[i];

        to->error = from->error;
        to->order.status = from->order.status;
        to->order.expires = from->order.expires;
        AC_TRY(ac_memory_copy_text(from->url, &to->url, err));
        if (from->order.url)
            AC_TRY(ac_memory_copy_text(from->order.url, &to->order.url, err));
        AC_TRY(fake_copy(&from->order.identifiers, &to->order.identifiers, err));
    }
    *ret_list = list;
    list = (struct ac_order_list){ 0 };
    return AC_OK;
}

enum ac_code ac_run_update_account(struct ac_run *run,
                                   const struct ac_account_change *change,
                                   struct ac_account *ret_account, struct ac_error *err)
{
    AC_AUTO(ac_text) list = { 0 };

    (void)run;
    AC_TRY(fake_code(err));
    fake.change = *change;
    if (change->contacts)
        AC_TRY(ac_words_join(change->contacts, ",", &list, err));
    (void)snprintf(fake.changed_to, sizeof fake.changed_to, "%s", ac_text_get(&list));
    AC_TRY(ac_memory_copy_text(fake.account.url, &ret_account->url, err));
    AC_TRY(ac_memory_copy_text(fake.account.status, &ret_account->status, err));
    return ac_words_copy(&fake.account.contacts, &ret_account->contacts, err);
}

enum ac_code ac_run_change_key(struct ac_run *run, const char *key_type,
                               enum ac_rollover_outcome *ret_outcome,
                               struct ac_error *err)
{
    (void)run;
    fake.key_type = key_type ? "given" : NULL;
    *ret_outcome = fake.rollover;
    return fake_code(err);
}

void ac_ended_account_done(struct ac_ended_account *ended)
{
    free(ended->url);
    free(ended->folder);
}

enum ac_code ac_run_deactivate_account(struct ac_run *run,
                                       struct ac_ended_account *ret_ended,
                                       struct ac_error *err)
{
    (void)run;
    fake.deactivations++;
    (void)snprintf(fake.asked_of, sizeof fake.asked_of, "%s",
                   fake.settings.place.directory_url);
    AC_TRY(fake_code(err));
    AC_TRY(ac_memory_copy_text(fake.ended.url, &ret_ended->url, err));
    AC_TRY(ac_memory_copy_text(fake.ended.folder, &ret_ended->folder, err));
    ret_ended->was_refused = fake.ended.was_refused;
    ret_ended->said = fake.ended.said;
    return AC_OK;
}

void ac_import_outcome_done(struct ac_import_outcome *outcome)
{
    (void)outcome;
}

enum ac_code ac_run_import_account(struct ac_run *run, struct ac_imported_key *imported,
                                   struct ac_import_outcome *ret_outcome,
                                   struct ac_error *err)
{
    (void)run;
    fake.imports += imported->key != NULL;
    *ret_outcome = fake.imported;
    return fake_code(err);
}

#endif
