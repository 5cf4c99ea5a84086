/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run in the place of engine/run: it asks nobody and says what the test wants to
 * hear. Included by one source of a test program.
 */
#ifndef AC_TESTS_UNIT_CLI_FAKE_RUN_H
#define AC_TESTS_UNIT_CLI_FAKE_RUN_H

#include "base/log.h"
#include "cli/context.h"
#include "engine/run/run_account.h"
#include "engine/run/run_commands.h"
#include "engine/run/run_deploy.h"
#include "fake_try.h"

#include <stdlib.h>

struct ac_run {
    struct ac_store *store; /* borrowed; NULL: it has none */
};

struct ac_issue {
    int unused;
};

/* What the run was given, and what it answers. */
static struct {
    struct ac_run_settings settings;
    enum ac_code code; /* of every operation */
    struct ac_error error;
    const char *plugins[4];          /* names, ended by NULL */
    const char *refused;             /* the plugin that cannot be loaded, or NULL */
    struct ac_descriptor descriptor; /* of all others */
    struct ac_directory directory;
    struct ac_account account;
    bool is_account_held;           /* register: the store had it */
    bool is_account_lost;           /* read: the CA does not know it */
    struct ac_account again;        /* what registering it again brings */
    struct ac_listed_order *orders; /* of its list; lent */
    size_t order_count, lists;
    struct ac_account_change change;   /* what an update asked for */
    char changed_to[128];              /* its contacts, joined */
    const char *key_type;              /* what a rollover asked for */
    enum ac_rollover_outcome rollover; /* what it brings */
    struct ac_ended_account ended;     /* what a deactivation brings; lent */
    size_t deactivations;
    struct ac_import_outcome imported; /* what an import brings; lent */
    size_t imports;
    enum ac_code keeping; /* of ac_run_keep_wish */
    size_t kept;
    struct ac_outcome outcome;
    /* Of ac_run_issue: what it leaves in the store; or NULL. */
    enum ac_code (*make)(struct ac_store *store, const struct ac_wanted *wanted,
                         struct ac_error *err);
    char asked_of[256]; /* the CAs that an issue or a deactivation was asked of, joined
                         */
    const char *progress; /* a phase to be told of, or NULL */
    bool speaks;          /* register: a line at each level */
    size_t issued, recovered, recovered_here, cleanups;
    char recovered_names[128]; /* those of ac_run_recover: "a b " */
    const char *leftover;      /* what cannot be cleaned up, or NULL */
    const char *cleaned;       /* what can, or NULL */
    size_t checked, looked_up; /* certificates whose CAs were asked for windows */
    size_t clocks_asked;
    int64_t clock_ahead_s; /* of the CA's */
    size_t failing;        /* of a fleet, so many fail (with code and error) */
    bool is_outage;        /* and all after the first are not begun */
    size_t loaded, jobs;   /* of a fleet */
    struct ac_revocation revocation; /* the last one; what it lends is gone */
    bool was_revoked, revokes_with_key;
    size_t revoked;
    char revoked_name[64];
    enum ac_code commanding;   /* how each of the user's commands ends */
    char commands[512];        /* "about program|…", as they were run */
    char command_input[4096];  /* of the last one */
    size_t released, deployed; /* locks; certificates asked to be deployed */
    bool deploys_forced, deploys_dry, tells_deployments;
    const char *deploy_change; /* of a dry run: below the store; or NULL */
    char deployed_from[256];   /* the store's folder */
    enum ac_deploy_result deployment;
    struct ac_error deploy_error;
} fake;

/* All of it as it was before the first test. */
__attribute__((unused)) static void fake_reset(void)
{
    memset(&fake, 0, sizeof fake);
}

__attribute__((unused)) static void fake_fail(enum ac_code code, const char *detail)
{
    fake.code = ac_fail(&fake.error, code, "%s", detail);
}

static enum ac_code fake_code(struct ac_error *err)
{
    if (fake.code != AC_OK)
        *err = fake.error;
    return fake.code;
}

enum ac_code ac_run_new(const struct ac_run_settings *settings, struct ac_run **ret_run,
                        struct ac_error *err)
{
    fake.settings = *settings;
    AC_TRY(ac_memory_new(1, sizeof **ret_run, ret_run, err));
    (*ret_run)->store = settings->store;
    return AC_OK;
}

void ac_run_free(struct ac_run *run)
{
    free(run);
}

enum ac_code ac_run_directory(struct ac_run *run,
                              const struct ac_directory **ret_directory,
                              struct ac_error *err)
{
    (void)run;
    *ret_directory = &fake.directory;
    return fake_code(err);
}

enum ac_code ac_run_register(struct ac_run *run, const struct ac_account **ret_account,
                             struct ac_error *err)
{
    (void)run;
    for (int level = AC_LOG_ERROR; fake.speaks && level <= AC_LOG_TRACE; level++)
        ac_log_say((enum ac_log_level)level, "spoken");
    *ret_account = fake.is_account_held ? NULL : &fake.account;
    return fake_code(err);
}

enum ac_code ac_run_register_again(struct ac_run *run,
                                   const struct ac_account **ret_account,
                                   struct ac_error *err)
{
    (void)run;
    *ret_account = &fake.again;
    return fake_code(err);
}

bool ac_run_knows_clock(const struct ac_run *run)
{
    (void)run;
    return fake.clocks_asked > 0;
}

enum ac_code ac_run_learn_clock(struct ac_run *run, const struct ac_wanted *wanted,
                                struct ac_error *err)
{
    (void)run, (void)wanted, (void)err;
    fake.clocks_asked++;
    ac_clock_correct(fake.clock_ahead_s);
    return AC_OK;
}

void ac_run_settle_clock(struct ac_run *run)
{
    (void)run;
}

const char *ac_run_account_url(const struct ac_run *run)
{
    (void)run;
    return fake.account.url;
}

enum ac_code ac_run_keep_wish(struct ac_run *run, const struct ac_wanted *wanted,
                              struct ac_error *err)
{
    (void)run, (void)wanted;
    fake.kept++;
    return fake.keeping == AC_OK ? AC_OK : ac_fail(err, fake.keeping, "it is wrong");
}

enum ac_code ac_run_read_account(struct ac_run *run, struct ac_account *ret_account,
                                 struct ac_error *err)
{
    (void)run;
    AC_TRY(fake_code(err));
    if (fake.is_account_lost) {
        (void)ac_fail(err, AC_E_PROBLEM, "accountDoesNotExist: never heard of it");
        (void)snprintf(err->problem, sizeof err->problem, "accountDoesNotExist");
        return err->code;
    }
    AC_TRY(ac_memory_copy_text(fake.account.url, &ret_account->url, err));
    AC_TRY(ac_memory_copy_text(fake.account.status, &ret_account->status, err));
    if (fake.account.orders_url) {
        AC_TRY(ac_memory_copy_text(fake.account.orders_url, &ret_account->orders_url,
                                   err));
    }
    return ac_words_copy(&fake.account.contacts, &ret_account->contacts, err);
}

static enum ac_code fake_note_cas(const struct ac_wanted *wanted, struct ac_error *err)
{
    AC_AUTO(ac_text) list = { 0 };

    AC_TRY(ac_text_addf(&list, err, "%s", wanted->directory_url));
    for (size_t i = 0; i < wanted->further.count; i++)
        AC_TRY(ac_text_addf(&list, err, " %s", wanted->further.items[i]));
    (void)snprintf(fake.asked_of, sizeof fake.asked_of, "%s", ac_text_get(&list));
    return AC_OK;
}

enum ac_code ac_run_issue(struct ac_run *run, const struct ac_wanted *wanted,
                          struct ac_issue **ret_issue, struct ac_error *err)
{
    struct ac_progress progress = { wanted->name, fake.progress, "a test", 1, 2 };

    *ret_issue = NULL;
    fake.issued++;
    AC_TRY(fake_note_cas(wanted, err));
    if (fake.progress)
        fake.settings.progress(fake.settings.progress_arg, &progress);
    AC_TRY(ac_memory_new(1, sizeof **ret_issue, ret_issue, err));
    AC_TRY(fake_code(err));
    return fake.make ? fake.make(run->store, wanted, err) : AC_OK;
}

enum ac_code ac_run_check_renewals(struct ac_run *run, const struct ac_words *names,
                                   struct ac_error *err)
{
    (void)run, (void)err;
    fake.checked += names->count;
    return AC_OK;
}

enum ac_code ac_run_check_crls(struct ac_run *run, const struct ac_words *names,
                               bool is_partial, struct ac_words *revoked,
                               struct ac_error *err)
{
    (void)run, (void)is_partial, (void)revoked, (void)err;
    fake.looked_up += names->count;
    return AC_OK;
}

/* Each is loaded, and ends at once. */
enum ac_code ac_run_fleet(struct ac_run *run, const struct ac_fleet *fleet,
                          struct ac_error *err)
{
    struct ac_issue issue = { 0 };

    (void)run, (void)err;
    fake.jobs = fleet->jobs;
    for (size_t i = 0; i < fleet->count; i++) {
        AC_AUTO(ac_wanted) wanted = { 0 };
        struct ac_error why = { 0 };
        struct ac_fleet_end end = { .index = i, .why = &why };

        if (fleet->load(fleet->arg, i, &wanted, &why) == AC_OK) {
            fake.loaded++;
            bool is_begun = !fake.is_outage || i == 0;

            end.wanted = &wanted;
            end.issue = is_begun ? &issue : NULL;
            why = i < fake.failing ? fake.error : (struct ac_error){ 0 };
        }
        fleet->ended(fleet->arg, &end);
    }
    return AC_OK;
}

void ac_issue_free(struct ac_issue *issue)
{
    free(issue);
}

void ac_issue_release(struct ac_issue *issue)
{
    (void)issue;
    fake.released++;
}

static enum ac_code fake_change(const struct ac_run *run,
                                const struct ac_deploy_settings *wish,
                                struct ac_error *err)
{
    const char *folder = run->store ? ac_store_folder(run->store) : "";
    AC_AUTO(ac_words) lines = { 0 };
    AC_AUTO_TEXT char *line = NULL;

    (void)snprintf(fake.deployed_from, sizeof fake.deployed_from, "%s", folder);
    if (!fake.deploy_change || !wish->changes)
        return AC_OK;
    AC_TRY(ac_memory_format(&line, err, "+%s/%s, %s/x", folder, fake.deploy_change,
                            folder));
    AC_TRY(ac_words_add(&lines, line, err));
    wish->changes(wish->arg, "web", &lines);
    return AC_OK;
}

/* One event for each certificate that was asked for, as the test says. */
enum ac_code ac_run_deploy(struct ac_run *run, const struct ac_deploy_settings *wish,
                           struct ac_error *err)
{
    fake.deployed += wish->names->count;
    fake.deploys_forced = wish->is_forced;
    fake.deploys_dry = wish->is_dry_run;
    AC_TRY(fake_change(run, wish, err));
    for (size_t i = 0; i < wish->names->count && fake.tells_deployments; i++) {
        const struct ac_deploy_event event = { .certificate = wish->names->items[i],
                                               .installer = "web",
                                               .plugin = "installer-test",
                                               .version = 7,
                                               .result = fake.deployment,
                                               .why = &fake.deploy_error };

        wish->told(wish->arg, &event);
    }
    (void)err;
    return AC_OK;
}

const struct ac_outcome *ac_issue_outcome(const struct ac_issue *issue)
{
    (void)issue;
    return &fake.outcome;
}

enum ac_code ac_run_recover(struct ac_run *run, const char *name,
                            struct ac_words *warnings, struct ac_error *err)
{
    size_t used = strlen(fake.recovered_names);

    (void)run;
    fake.recovered_here++;
    (void)snprintf(fake.recovered_names + used, sizeof fake.recovered_names - used,
                   "%s ", name);
    if (fake.leftover)
        AC_TRY(ac_words_add(warnings, fake.leftover, err));
    return AC_OK;
}

enum ac_code ac_run_clean(struct ac_run *run, const char *name, bool takes_persistent,
                          struct ac_words *cleaned, struct ac_words *warnings,
                          struct ac_error *err)
{
    (void)run, (void)name;
    AC_TRY(fake_code(err));
    (void)ac_fail(err, AC_E_NOTFOUND,
                  "what was got over on the way"); /* as others do */
    if (fake.leftover)
        AC_TRY(ac_words_add(warnings, fake.leftover, err));
    fake.cleanups++;
    if (fake.cleaned)
        AC_TRY(ac_words_add(cleaned, fake.cleaned, err));
    return takes_persistent ? ac_words_add(cleaned, "_validation-persist.a.test", err)
                            : AC_OK;
}

enum ac_code ac_run_revoke(struct ac_run *run, const struct ac_revocation *revocation,
                           bool *ret_was_before, struct ac_error *err)
{
    (void)run;
    fake.revocation = *revocation;
    fake.revokes_with_key = revocation->key != NULL;
    (void)snprintf(fake.revoked_name, sizeof fake.revoked_name, "%s",
                   revocation->name ? revocation->name : "");
    fake.revoked++;
    *ret_was_before = fake.was_revoked;
    return fake_code(err);
}

void ac_run_recover_others(struct ac_run *run, const char *name)
{
    (void)run, (void)name;
    fake.recovered++;
}

enum ac_code ac_run_plugins(const struct ac_words *plugin_folders,
                            struct ac_words *ret_names, struct ac_error *err)
{
    (void)plugin_folders;
    for (size_t i = 0; fake.plugins[i]; i++)
        AC_TRY(ac_words_add(ret_names, fake.plugins[i], err));
    return AC_OK;
}

enum ac_code ac_run_describe(struct ac_run *run, const char *plugin,
                             const struct ac_descriptor **ret_descriptor,
                             struct ac_error *err)
{
    (void)run;
    if (fake.refused && strcmp(plugin, fake.refused) == 0)
        return ac_fail(err, AC_E_PLUGIN, "%s is writable by others", plugin);
    *ret_descriptor = &fake.descriptor;
    return fake_code(err);
}

enum ac_code ac_run_check_plugin(struct ac_run *run, const char *plugin,
                                 const struct ac_section *options, const char *domain,
                                 struct ac_plugin_check *ret_check,
                                 struct ac_error *err)
{
    (void)run;
    AC_TRY(fake_code(err));
    AC_TRY(ac_memory_grow(&ret_check->items, &ret_check->capacity, 1,
                          sizeof *ret_check->items, err));
    ret_check->items[0] = (struct ac_verdict){ .id = "one", .claim = "it works" };
    ret_check->count = 1;
    if (options->count > 0)
        ret_check->items[0].kind = AC_VERDICT_FAILED;
    return ac_memory_format(&ret_check->items[0].reason, err, "%s, %s, %s", plugin,
                            options->count > 0 ? options->items[0].name : "none",
                            domain ? domain : "nowhere");
}

enum ac_code ac_run_commands(struct ac_run *run, struct ac_run_command *commands,
                             size_t count, int64_t grace_ms, struct ac_error *err)
{
    (void)run, (void)grace_ms;
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(fake.commands);
        AC_AUTO_TEXT char *input = NULL;

        (void)snprintf(fake.commands + used, sizeof fake.commands - used, "%s %s|",
                       commands[i].about, commands[i].command->words.items[0]);
        AC_TRY(ac_json_write(commands[i].input, &input, err));
        (void)snprintf(fake.command_input, sizeof fake.command_input, "%s", input);
        commands[i].why = (struct ac_error){ 0 };
        if (fake.commanding != AC_OK)
            (void)ac_fail(&commands[i].why, fake.commanding, "the command fails");
    }
    return AC_OK;
}

enum ac_code ac_run_pause(struct ac_run *run, int64_t pause_ms, struct ac_error *err)
{
    (void)run, (void)pause_ms, (void)err;
    return AC_OK;
}

bool ac_run_was_hung_up(const struct ac_run *run)
{
    (void)run;
    return false;
}

struct ac_http_counters ac_run_counters(const struct ac_run *run)
{
    (void)run;
    return (struct ac_http_counters){ .requests = 9, .round_trips = 7 };
}

#include "fake_account.h"

#endif
