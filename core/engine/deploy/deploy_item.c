/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "engine/held/held_files.h"
#include "store/deployed.h"
#include "store/version.h"

#include <stdlib.h>
#include <string.h>

/* Who is wanted by now is noted before anything is done for them. */
static enum ac_code note_wanted(const struct ac_deploy_settings *settings,
                                struct ac_deploy_item *item, struct ac_error *err)
{
    bool is_changed = false;

    AC_TRY(
        ac_deployments_note_wanted(&item->held.state, &item->wanted, &is_changed, err));
    if (!is_changed || settings->is_dry_run)
        return AC_OK;
    return ac_deploy_item_save(settings, item, err);
}

static enum ac_code add_fingerprint(const struct ac_deploy_settings *settings,
                                    struct ac_deploy_item *item, const char *file,
                                    struct ac_error *err)
{
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;

    AC_TRY(ac_version_load(settings->store, item->name, file, &pem, err));
    AC_TRY(ac_chain_parse(ac_text_get(&pem), pem.size, &chain, err));
    return ac_words_add(&item->fingerprints, ac_chain_fingerprint(chain), err);
}

/* Which of a set a server shows is between it and who asks. */
static enum ac_code find_fingerprints(const struct ac_deploy_settings *settings,
                                      struct ac_deploy_item *item, struct ac_error *err)
{
    AC_AUTO(ac_words) types = { 0 };

    AC_TRY(ac_words_add(&item->fingerprints, item->held.fingerprint, err));
    AC_TRY(ac_held_other_types(&item->held, &types, err));
    for (size_t i = 0; i < types.count; i++) {
        AC_AUTO_TEXT char *file = NULL;

        AC_TRY(ac_memory_format(&file, err, "cert-%s.pem", types.items[i]));
        AC_TRY(add_fingerprint(settings, item, file, err));
    }
    return AC_OK;
}

/* Nobody is to have it, and nobody has it: most of a large store is so. */
static enum ac_code has_no_use(const struct ac_deploy_settings *settings,
                               const struct ac_deploy_item *item, bool *ret_has_none,
                               struct ac_error *err)
{
    AC_AUTO(ac_state) state = { 0 };
    struct ac_error why = { 0 };

    *ret_has_none = false;
    if (item->wanted.installer_count > 0)
        return AC_OK;
    enum ac_code code = ac_state_load(settings->store, item->name, &state, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    *ret_has_none = code == AC_OK && state.deployment_count == 0;
    return AC_OK;
}

enum ac_code ac_deploy_item_load(const struct ac_deploy_settings *settings,
                                 const char *name, struct ac_deploy_item **ret_item,
                                 struct ac_error *err)
{
    AC_AUTO(ac_deploy_item) *item = NULL;
    bool has_none;

    *ret_item = NULL;
    AC_TRY(ac_memory_new(1, sizeof *item, &item, err));
    AC_TRY(ac_memory_copy_text(name, &item->name, err));
    AC_TRY(
        ac_store_lock(settings->store, AC_STORE_CERTIFICATES, name, &item->lock, err));
    AC_TRY(ac_deploy_load_wanted(settings, name, &item->wanted, err));
    AC_TRY(has_no_use(settings, item, &has_none, err));
    if (has_none)
        return AC_OK;
    AC_TRY(ac_held_load(settings->store, name, &item->held, err));
    AC_TRY(find_fingerprints(settings, item, err));
    AC_TRY(note_wanted(settings, item, err));
    if (item->held.state.deployment_count > 0)
        *ret_item = AC_TAKE(item);
    return AC_OK;
}

enum ac_code ac_deploy_item_claim(const struct ac_deploy_settings *settings,
                                  const char *name, struct ac_deploy_item **ret_item,
                                  struct ac_error *err)
{
    AC_AUTO(ac_deploy_item) *item = NULL;

    AC_TRY(ac_memory_new(1, sizeof *item, &item, err));
    AC_TRY(ac_memory_copy_text(name, &item->name, err));
    AC_TRY(
        ac_store_lock(settings->store, AC_STORE_CERTIFICATES, name, &item->lock, err));
    AC_TRY(ac_state_load(settings->store, name, &item->held.state, err));
    *ret_item = AC_TAKE(item);
    return AC_OK;
}

enum ac_code ac_deploy_load_wanted(const struct ac_deploy_settings *settings,
                                   const char *name, struct ac_wanted *ret_wanted,
                                   struct ac_error *err)
{
    if (settings->load)
        return settings->load(settings->arg, name, ret_wanted, err);
    return ac_wanted_load(settings->store, name, ret_wanted, err);
}

void ac_deploy_item_free(struct ac_deploy_item *item)
{
    if (!item)
        return;
    ac_wanted_done(&item->wanted);
    ac_held_done(&item->held);
    ac_words_done(&item->fingerprints);
    ac_lock_free(item->lock);
    free(item->name);
    free(item);
}

enum ac_code ac_deploy_item_save(const struct ac_deploy_settings *settings,
                                 struct ac_deploy_item *item, struct ac_error *err)
{
    return ac_state_save(&item->held.state, settings->store, item->name, err);
}

/* ---- what a plugin is told */

/* The paths of one certificate; NULL where there is no such file. */
struct paths {
    char *folder, *fullchain, *key, *cert, *chain, *previous;
};

static void paths_done(struct paths *paths)
{
    free(paths->folder);
    free(paths->fullchain);
    free(paths->key);
    free(paths->cert);
    free(paths->chain);
    free(paths->previous);
}

static enum ac_code find_previous(const struct ac_deploy_settings *settings,
                                  const struct ac_deploy_pair *pair, char **ret_path,
                                  struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    if (pair->deployment->live_version == 0)
        return AC_OK;
    AC_TRY(ac_version_path(settings->store, pair->item->name,
                           (unsigned)pair->deployment->live_version, &path, err));
    if (ac_file_exists(path))
        *ret_path = AC_TAKE(path);
    return AC_OK;
}

static enum ac_code find_paths(const struct ac_deploy_settings *settings,
                               const struct ac_deploy_pair *pair, struct paths *paths,
                               struct ac_error *err)
{
    const struct {
        const char *file;
        char **path;
    } files[] = {
        { NULL, &paths->folder },       { "fullchain.pem", &paths->fullchain },
        { "cert.pem", &paths->cert },   { "chain.pem", &paths->chain },
        { "privkey.pem", &paths->key },
    };
    bool has_key = ac_held_key_of(&pair->item->held) == AC_HELD_KEY_FILE;

    for (size_t i = 0; i < AC_COUNT(files) - (has_key ? 0 : 1); i++) {
        AC_TRY(ac_deployed_path(settings->store, pair->item->name,
                                pair->deployment->installer, files[i].file,
                                files[i].path, err));
    }
    return find_previous(settings, pair, &paths->previous, err);
}

enum ac_code ac_deploy_item_describe(const struct ac_deploy_settings *settings,
                                     const struct ac_deploy_pair *pair,
                                     struct ac_install_batch *batch,
                                     struct ac_error *err)
{
    __attribute__((cleanup(paths_done))) struct paths paths = { 0 };
    const struct ac_held *held = &pair->item->held;
    AC_AUTO(ac_words) identifiers = { 0 };
    AC_AUTO(ac_words) types = { 0 };

    AC_TRY(find_paths(settings, pair, &paths, err));
    AC_TRY(ac_identifiers_words(&held->identifiers, &identifiers, err));
    AC_TRY(ac_held_other_types(held, &types, err));
    const struct acmecore_certificate certificate = {
        .struct_size = sizeof certificate,
        .name = pair->item->name,
        .identifiers = (const char *const *)identifiers.items,
        .fullchain_path = paths.fullchain,
        .key_path = paths.key,
        .not_after = held->not_after,
        .cert_path = paths.cert,
        .chain_path = paths.chain,
        .folder_path = paths.folder,
        .previous_path = paths.previous,
        .fingerprint = held->fingerprint,
        .other_types = (const char *const *)types.items,
    };
    return ac_install_batch_add(batch, &certificate, err);
}
