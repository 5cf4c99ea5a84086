/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/context.h"

#include "acmecore-config.h"
#include "base/clock.h"
#include "base/file.h"
#include "config/ca.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USER_AGENT       "acmecore/" ACMECORE_VERSION
#define STATE_OF_ROOT    "/var/lib/acmecore"
#define EAB_KEY_FILE_MAX 4096
#define STATUS_SIZE      256

/* ---- places */

/* Plugin host and plugins lie beside the program, installed or in a build folder. */
static enum ac_code find_program_folder(char **ret_folder, struct ac_error *err)
{
    char path[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);

    if (size <= 0)
        return ac_fail_errno(err, AC_E_SYSTEM, errno,
                             "/proc/self/exe cannot be read; is /proc mounted?");
    path[size] = '\0';
    *strrchr(path, '/') = '\0';
    return ac_memory_copy_text(path, ret_folder, err);
}

static enum ac_code find_places(struct ac_context *context, struct ac_error *err)
{
    AC_AUTO_TEXT char *folder = NULL;

    AC_TRY(find_program_folder(&folder, err));
    AC_TRY(ac_memory_format(&context->host_path, err, "%s/" ACMECORE_PLUGIN_HOST, folder));
    for (size_t i = 0; i < context->options->plugin_dirs.count; i++)
        AC_TRY(ac_words_add(&context->plugin_folders,
                            context->options->plugin_dirs.items[i], err));
    return ac_words_addf(&context->plugin_folders, err, "%s/" ACMECORE_PLUGIN_DIR, folder);
}

static enum ac_code find_state_folder(const struct ac_options *options, char **ret_folder,
                                      struct ac_error *err)
{
    const char *state_home = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");

    if (options->state_dir && options->state_dir[0] == '/')
        return ac_memory_copy_text(options->state_dir, ret_folder, err);
    if (options->state_dir) {
        char here[PATH_MAX];
        if (!getcwd(here, sizeof here))
            return ac_fail_errno(err, AC_E_USAGE, errno,
                                 "--state-dir %s is relative and this folder has no name",
                                 options->state_dir);
        return ac_memory_format(ret_folder, err, "%s/%s", here, options->state_dir);
    }
    if (geteuid() == 0)
        return ac_memory_copy_text(STATE_OF_ROOT, ret_folder, err);
    if (state_home && state_home[0] == '/') /* the specification: else it is ignored */
        return ac_memory_format(ret_folder, err, "%s/acmecore", state_home);
    if (home && home[0] == '/')
        return ac_memory_format(ret_folder, err, "%s/.local/state/acmecore", home);
    return ac_fail(err, AC_E_USAGE,
                   "neither HOME nor XDG_STATE_HOME is set; give --state-dir");
}

enum ac_code ac_context_init(struct ac_context *context, const struct ac_options *options,
                             struct ac_error *err)
{
    AC_AUTO_TEXT char *folder = NULL;

    context->options = options;
    context->started_ms = ac_clock_now_ms();
    context->deadline_ms = ac_clock_after_ms(options->timeout_s * 1000);
    AC_TRY(find_places(context, err));
    AC_TRY(find_state_folder(options, &folder, err));
    AC_TRY(ac_store_open(folder, &context->store, err));
    return ac_ca_resolve(options->server ? options->server : AC_CA_DEFAULT,
                         &context->directory_url, err);
}

void ac_context_end_run(struct ac_context *context)
{
    ac_run_free(context->run);
    context->run = NULL;
}

void ac_context_done(struct ac_context *context)
{
    ac_context_end_run(context);
    ac_store_free(context->store);
    free(context->host_path);
    ac_words_done(&context->plugin_folders);
    ac_words_done(&context->contacts);
    ac_secret_wipe(&context->eab_key);
}

bool ac_context_is_talkative(const struct ac_context *context)
{
    return !context->options->is_json && !context->options->is_quiet;
}

/* ---- the run */

static void show_progress(void *arg, const struct ac_progress *progress)
{
    struct ac_context *context = arg;
    char text[STATUS_SIZE];
    char count[64] = "";

    if (progress->total > 0 && context->terminal.is_terminal)
        (void)snprintf(count, sizeof count, " (%zu of %zu)", progress->done,
                       progress->total);
    (void)snprintf(text, sizeof text, "%s: %s, waiting for %s%s", progress->certificate,
                   progress->phase, progress->waiting, count);
    ac_terminal_status(&context->terminal, text);
}

static bool ask_terms(void *arg, const char *url)
{
    struct ac_context *context = arg;
    char clean[STATUS_SIZE * 2];
    char question[STATUS_SIZE * 3];

    (void)ac_text_clean(clean, sizeof clean, url, strlen(url));
    (void)snprintf(question, sizeof question,
                   "The CA's terms of service are at\n  %s\nDo you agree to them?", clean);
    return ac_terminal_ask(&context->terminal, question, context->deadline_ms);
}

static enum ac_code read_eab(struct ac_context *context,
                             struct ac_registration_settings *settings,
                             struct ac_error *err)
{
    static const char *const names[] = { "HS256", "HS384", "HS512" };
    const struct ac_options *options = context->options;
    AC_AUTO(ac_secret) file = { 0 };

    if (!options->eab_kid != !options->eab_key_file)
        return ac_fail(err, AC_E_USAGE,
                       "--eab-kid and --eab-hmac-key-file belong together");
    for (size_t i = 0; options->eab_algorithm && i <= AC_COUNT(names); i++) {
        if (i == AC_COUNT(names))
            return ac_fail(err, AC_E_USAGE,
                           "--eab-hmac-alg is HS256, HS384 or HS512, not \"%s\"",
                           options->eab_algorithm);
        settings->eab_algorithm = (enum ac_hmac)i;
        if (strcmp(options->eab_algorithm, names[i]) == 0)
            break;
    }
    if (!options->eab_kid)
        return AC_OK;
    AC_TRY(ac_file_read_secret(options->eab_key_file, EAB_KEY_FILE_MAX, &file, err));
    AC_TRY(ac_registration_read_mac_key(&file, options->eab_key_file, &context->eab_key,
                                        err));
    settings->eab_kid = options->eab_kid;
    settings->eab_key = &context->eab_key;
    return AC_OK;
}

static enum ac_code read_contacts(struct ac_context *context, struct ac_error *err)
{
    for (size_t i = 0; i < context->options->contacts.count; i++) {
        AC_AUTO_TEXT char *contact = NULL;

        AC_TRY(ac_account_contact(context->options->contacts.items[i], &contact, err));
        AC_TRY(ac_words_add(&context->contacts, contact, err));
    }
    return AC_OK;
}

enum ac_code ac_context_run(struct ac_context *context, struct ac_error *err)
{
    const struct ac_options *options = context->options;
    const struct ac_ca *ca = ac_ca_by_url(context->directory_url);
    struct ac_run_settings settings = {
        .store = context->store,
        .directory_url = context->directory_url,
        .host_path = context->host_path,
        .plugin_folders = &context->plugin_folders,
        .http = { .user_agent = USER_AGENT,
                  .ca_path = options->ca_file,
                  .can_use_plain_http = options->can_use_plain_http },
        .deadline_ms = context->deadline_ms,
        .self_check_via = options->self_check_via,
        .limits = ca ? ca->limits : (struct ac_ca_limits){ 0 },
        .registration = { .contacts = &context->contacts,
                          .agrees_to_terms = options->agrees_to_terms,
                          .ask_terms = context->terminal.can_ask ? ask_terms : NULL,
                          .ask_arg = context,
                          .key_type = AC_KEY_ECDSA_P256 },
        .progress = show_progress,
        .progress_arg = context,
        .progress_ms = context->terminal.is_terminal ? 100 : 1000,
    };

    if (options->self_check)
        AC_TRY(ac_selfcheck_parse(options->self_check, &settings.self_check, err));
    AC_TRY(read_contacts(context, err));
    AC_TRY(read_eab(context, &settings.registration, err));
    return ac_run_new(&settings, &context->run, err);
}
