/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rehearsal.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/accounts/account_file.h"
#include "engine/held/held.h"
#include "engine/held/removal.h"
#include "engine/issue/persistent.h"
#include "engine/journal/journal.h"
#include "engine/run/run_account.h"
#include "engine/wanted/wanted_further.h"
#include "store/version.h"

#include <stdlib.h>
#include <string.h>

#define EVERYBODY "all" /* the one name that dry runs use, and a sweep claims */
#define SWEEP_MS  30000 /* also when the time of the run is up */

/* How its CA is reached, in the document of an account that is to end. */
#define CA_FILE    "ca_file"
#define PLAIN_HTTP "insecure_http"

/* ---- the store of its own */

static enum ac_code find_folder(const struct ac_store *lasting, char **ret_path,
                                struct ac_error *err)
{
    return ac_memory_format(ret_path, err, "%s/" AC_REHEARSAL_FOLDER,
                            ac_store_folder(lasting));
}

/* Where the context is: what is put in its place is put back. */
struct place {
    struct ac_store *store, *lasting;
    struct ac_run *run;
    const char *directory_url, *account, *ca_file;
    bool can_use_plain_http;
    int64_t deadline_ms;
};

static struct place leave(const struct ac_context *context)
{
    return (struct place){ context->store,
                           context->lasting,
                           context->run,
                           context->directory_url,
                           context->account,
                           context->ca_file,
                           context->can_use_plain_http,
                           context->deadline_ms };
}

static void come_back(struct ac_context *context, const struct place *place)
{
    if (context->run != place->run)
        ac_run_free(context->run);
    context->store = place->store;
    context->lasting = place->lasting;
    context->run = place->run;
    context->directory_url = place->directory_url;
    context->account = place->account;
    context->ca_file = place->ca_file;
    context->can_use_plain_http = place->can_use_plain_http;
    context->deadline_ms = place->deadline_ms;
}

/* ---- removing what there was */

/* Records of dns-persist-01 that a real run may have written just so stay. */
static bool takes_persistent(const struct ac_context *context, const char *name)
{
    return !ac_store_has(context->lasting, AC_STORE_CERTIFICATES, name,
                         AC_PERSISTENT_DOCUMENT);
}

static bool has_presented(const struct ac_context *context, const char *name)
{
    return ac_journal_has_leftovers(context->store, name)
           || ac_store_has(context->store, AC_STORE_CERTIFICATES, name,
                           AC_PERSISTENT_DOCUMENT);
}

static enum ac_code take_down(struct ac_context *context, const char *name,
                              struct ac_error *err)
{
    AC_AUTO(ac_words) cleaned = { 0 };
    AC_AUTO(ac_words) warnings = { 0 };

    if (!has_presented(context, name))
        return AC_OK;
    AC_TRY(ac_context_run(context, err));
    AC_TRY(ac_run_clean(context->run, name, takes_persistent(context, name), &cleaned,
                        &warnings, err));
    if (warnings.count == 0)
        return AC_OK;
    return ac_fail(err, AC_E_PLUGIN, "%s", warnings.items[0]);
}

/* What could not be taken down stays noted. */
static enum ac_code remove_certificate(struct ac_context *context, const char *name,
                                       struct ac_error *err)
{
    AC_TRY(take_down(context, name, err));
    return ac_removal_delete(context->store, name, err);
}

/* How the CA was reached for the certificate that the account was made for is noted
 * with the account, because the certificate goes whatever comes of this. */
static enum ac_code note_reach(struct ac_context *context, const char *folder,
                               struct ac_json *document, struct ac_error *err)
{
    const char *directory_url = ac_json_text_or(document, "directory", "");
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_store_list(context->store, AC_STORE_CERTIFICATES, &names, err));
    for (size_t i = 0; i < names.count; i++) {
        AC_AUTO(ac_wanted) wanted = { 0 };
        struct ac_error ignored;

        if (ac_wanted_load(context->store, names.items[i], &wanted, &ignored) != AC_OK)
            continue;
        const struct ac_wanted *own = ac_wanted_at_url(&wanted, directory_url);
        if (!own)
            continue;
        if (own->ca_file)
            AC_TRY(ac_json_set_text(document, CA_FILE, own->ca_file, err));
        AC_TRY(ac_json_set_bool(document, PLAIN_HTTP, own->can_use_plain_http, err));
        return ac_account_file_save(context->store, folder, document, err);
    }
    return AC_OK;
}

static enum ac_code deactivate(struct ac_context *context,
                               const struct ac_json *document, struct ac_error *err)
{
    AC_AUTO(ac_ended_account) ended = { 0 };

    context->lasting = NULL; /* the account of this store is meant */
    context->run = NULL;
    context->directory_url = ac_json_text_or(document, "directory", "");
    context->account = ac_json_text_or(document, "name", NULL);
    context->ca_file = ac_json_text_or(document, CA_FILE, NULL);
    context->can_use_plain_http = ac_json_bool_or(document, PLAIN_HTTP, false);
    AC_TRY(ac_context_run(context, err));
    return ac_run_deactivate_account(context->run, &ended, err);
}

/* One that the CA has not told of yet ends with its key. */
static enum ac_code end_account(struct ac_context *context, const char *folder,
                                struct ac_error *err)
{
    struct place place = leave(context);
    AC_AUTO(ac_json) *document = NULL;
    struct ac_error why = { 0 };

    if (ac_account_file_is_retired(folder))
        return AC_OK;
    enum ac_code code =
        ac_account_file_load(context->store, folder, NULL, &document, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK)
        return AC_OK;
    AC_TRY(note_reach(context, folder, document, err));
    code = deactivate(context, document, err);
    come_back(context, &place);
    return code;
}

/* Takes all that a list names; what fails is told once for each, and kept. */
static bool remove_each(struct ac_context *context, const char *group,
                        enum ac_code (*take_one)(struct ac_context *context,
                                                 const char *name,
                                                 struct ac_error *err))
{
    AC_AUTO(ac_words) names = { 0 };
    struct ac_error why = { 0 };
    bool is_empty = true;

    if (ac_store_list(context->store, group, &names, &why) != AC_OK)
        return false;
    for (size_t i = 0; i < names.count; i++) {
        if (take_one(context, names.items[i], &why) == AC_OK)
            continue;
        is_empty = false;
        ac_log_say(AC_LOG_WARN,
                   "what a dry run made is not all removed (%s/%s/%s: %s); the next "
                   "issue or renew tries again",
                   ac_store_folder(context->store), group, names.items[i], why.detail);
    }
    return is_empty;
}

/* Accounts first: what is known of their CAs goes with the certificates. */
static void remove_all(struct ac_context *context)
{
    struct ac_error why = { 0 };

    bool is_empty = remove_each(context, AC_STORE_ACCOUNTS, end_account);

    is_empty &= remove_each(context, AC_STORE_CERTIFICATES, remove_certificate);
    if (!is_empty)
        return;
    if (ac_file_remove_tree(ac_store_folder(context->store), &why) != AC_OK)
        ac_log_say(AC_LOG_WARN, "%s", why.detail);
}

static void sweep(struct ac_context *context)
{
    struct place place = leave(context);
    AC_AUTO_TEXT char *folder = NULL;
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_lock) *claim = NULL;
    struct ac_error why = { 0 };

    if (find_folder(context->store, &folder, &why) != AC_OK || !ac_file_exists(folder))
        return;
    /* Whoever is at it removes what is left when it ends. */
    if (ac_store_claim(context->store, AC_REHEARSAL_FOLDER, EVERYBODY, &claim, &why)
        != AC_OK)
        return;
    if (ac_store_open(folder, &store, &why) != AC_OK) {
        ac_log_say(AC_LOG_WARN, "what dry runs left cannot be removed: %s", why.detail);
        return;
    }
    context->lasting = place.store;
    context->store = store;
    context->run = NULL;
    context->deadline_ms = ac_clock_after_ms(SWEEP_MS);
    remove_all(context);
    come_back(context, &place);
}

void ac_rehearsal_sweep(struct ac_context *context)
{
    sweep(context);
}

/* ---- a dry run */

/* Before there is an account: whoever ends it after a kill must know how its CA is
 * reached. */
static enum ac_code note_wish(struct ac_context *context, struct ac_error *err)
{
    AC_AUTO(ac_lock) *lock = NULL;

    AC_TRY(ac_store_lock(context->store, AC_STORE_CERTIFICATES, context->wanted.name,
                         &lock, err));
    return ac_wanted_save(&context->wanted, context->store, err);
}

enum ac_code ac_rehearsal_begin(struct ac_context *context,
                                struct ac_rehearsal *ret_rehearsal,
                                struct ac_error *err)
{
    AC_AUTO_TEXT char *folder = NULL;
    AC_AUTO(ac_store) *store = NULL;

    sweep(context);
    AC_TRY(find_folder(context->store, &folder, err));
    AC_TRY(ac_store_use(context->store, AC_REHEARSAL_FOLDER, EVERYBODY,
                        &ret_rehearsal->use, err));
    AC_TRY(ac_store_open(folder, &store, err));
    ret_rehearsal->context = context;
    context->lasting = context->store;
    context->store = store;
    ret_rehearsal->store = AC_TAKE(store);
    return note_wish(context, err);
}

void ac_rehearsal_done(struct ac_rehearsal *rehearsal)
{
    struct ac_context *context = rehearsal->context;

    ac_lock_free(AC_TAKE(rehearsal->use));
    if (!context)
        return;
    ac_run_free(AC_TAKE(context->run));
    context->store = AC_TAKE(context->lasting);
    ac_store_free(AC_TAKE(rehearsal->store));
    sweep(context);
}

/* ---- its servers */

static bool is_held(const struct ac_store *store, const char *name)
{
    struct ac_error ignored;
    unsigned number;

    return ac_version_current(store, name, &number, &ignored) == AC_OK;
}

enum ac_code ac_rehearsal_deploy(struct ac_context *context,
                                 struct ac_deployments *deployments,
                                 struct ac_error *err)
{
    struct place place = leave(context);
    AC_AUTO(ac_words) names = { 0 };
    const struct ac_deployments_wish wish = {
        .names = &names, .is_forced = true, .is_dry_run = true, .ignores_backoff = true
    };

    AC_TRY(ac_words_add(&names, context->wanted.name, err));
    deployments->wishes = context->store;
    if (is_held(context->lasting, context->wanted.name)) {
        context->store = AC_TAKE(context->lasting);
        context->run = NULL;
    }
    enum ac_code code = ac_deployments_run(deployments, &wish, err);
    come_back(context, &place);
    return code;
}
