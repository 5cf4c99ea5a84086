/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/context.h"

#include "acmecore-config.h"
#include "base/clock.h"
#include "base/file.h"
#include "cli/configuration.h"
#include "cli/known_ca.h"
#include "engine/accounts/account_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define USER_AGENT    "acmecore/" ACMECORE_VERSION
#define STATE_OF_ROOT "/var/lib/acmecore"
#define STATUS_SIZE   256

#define PROGRESS_LIVE_MS  100
#define PROGRESS_PLAIN_MS 1000

/* ---- places */

/* Without the ".." on the way, for messages; as it is when it is not there, for the
 * same reason. */
enum ac_code ac_context_beside(const char *item, char **ret_path, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;
    char program[PATH_MAX];
    char whole[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);

    if (size <= 0) {
        return ac_fail_errno(err, AC_E_SYSTEM, errno,
                             "/proc/self/exe cannot be read; is /proc mounted?");
    }
    program[size] = '\0';
    *strrchr(program, '/') = '\0';
    AC_TRY(ac_memory_format(&path, err, "%s/%s", program, item));
    return ac_memory_copy_text(realpath(path, whole) ? whole : path, ret_path, err);
}

/* A plugin that is not found must not be one that was never looked for. */
static enum ac_code check_plugin_folder(const char *option, const char *folder,
                                        struct ac_error *err)
{
    struct stat status;

    if (stat(folder, &status) != 0)
        return ac_fail_errno(err, AC_E_USAGE, errno, "%s %s", option, folder);
    if (!S_ISDIR(status.st_mode))
        return ac_fail(err, AC_E_USAGE, "%s %s is not a folder", option, folder);
    return AC_OK;
}

/* A plugin host has another working folder, and a message is read from anywhere. */
static enum ac_code make_absolute(const char *option, const char *path, char **ret_path,
                                  struct ac_error *err)
{
    char here[PATH_MAX];

    if (path[0] == '/')
        return ac_memory_copy_text(path, ret_path, err);
    if (!getcwd(here, sizeof here)) {
        return ac_fail_errno(
            err, AC_E_USAGE, errno,
            "--%s %s is relative, and the folder we are in has no path", option, path);
    }
    return ac_memory_format(ret_path, err, "%s/%s", here, path);
}

/* "./dns01-example.so" is that plugin, whatever is installed under its name. */
static enum ac_code find_plugin_file(struct ac_context *context, struct ac_error *err)
{
    const char *file = context->options->arguments.items[0];
    AC_AUTO_TEXT char *path = NULL;

    if (!strchr(file, '/'))
        return ac_memory_copy_text(file, &context->plugin_name, err);
    AC_TRY(make_absolute("plugin", file, &path, err));
    char *name = strrchr(path, '/');
    size_t size = strlen(name);
    if (size <= strlen("/.so") || strcmp(name + size - strlen(".so"), ".so") != 0)
        return ac_fail(err, AC_E_USAGE, "%s: the file of a plugin is NAME.so", file);
    name[size - strlen(".so")] = '\0';
    *name = '\0';
    AC_TRY(ac_words_add(&context->plugin_folders, path, err));
    return ac_memory_copy_text(name + 1, &context->plugin_name, err);
}

/* A folder that is gone is a fault of the configuration, which a check tells with the
 * others; a plugin that is then not found names the folders. */
static enum ac_code add_configured_folders(struct ac_context *context,
                                           struct ac_error *err)
{
    const struct ac_values *folders = &context->config->plugin_dir;

    for (size_t i = 0; i < folders->count; i++) {
        struct ac_error why = { 0 };
        const char *folder = folders->items[i].text;
        enum ac_code code = check_plugin_folder("plugin-dir", folder, &why);

        AC_TRY(ac_faults_take(&context->faults, ac_values_place(folders, i), &why, code,
                              err));
        AC_TRY(ac_words_add(&context->plugin_folders, folder, err));
    }
    return AC_OK;
}

static enum ac_code find_places(struct ac_context *context, struct ac_error *err)
{
    const struct ac_words *given = &context->options->plugin_dirs;
    AC_AUTO_TEXT char *beside = NULL;

    AC_TRY(ac_context_beside(ACMECORE_PLUGIN_HOST, &context->host_path, err));
    if (context->options->command == AC_COMMAND_PLUGIN_SHOW
        || context->options->command == AC_COMMAND_PLUGIN_CHECK)
        AC_TRY(find_plugin_file(context, err));
    for (size_t i = 0; i < given->count; i++) {
        AC_AUTO_TEXT char *folder = NULL;

        AC_TRY(make_absolute("plugin-dir", given->items[i], &folder, err));
        AC_TRY(check_plugin_folder("--plugin-dir", folder, err));
        AC_TRY(ac_words_add(&context->plugin_folders, folder, err));
    }
    if (context->config)
        AC_TRY(add_configured_folders(context, err));
    AC_TRY(ac_context_beside(ACMECORE_PLUGIN_DIR, &beside, err));
    return ac_words_add(&context->plugin_folders, beside, err);
}

static enum ac_code find_state_folder(const struct ac_context *context,
                                      char **ret_folder, struct ac_error *err)
{
    const struct ac_options *options = context->options;
    const char *configured =
        context->config ? ac_values_text(&context->config->state_dir, NULL) : NULL;
    const char *state_home = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");

    if (options->state_dir)
        return make_absolute("state-dir", options->state_dir, ret_folder, err);
    if (configured)
        return ac_memory_copy_text(configured, ret_folder, err);
    if (geteuid() == 0)
        return ac_memory_copy_text(STATE_OF_ROOT, ret_folder, err);
    if (state_home && state_home[0] == '/') /* the specification: else it is ignored */
        return ac_memory_format(ret_folder, err, "%s/acmecore", state_home);
    if (home && home[0] == '/')
        return ac_memory_format(ret_folder, err, "%s/.local/state/acmecore", home);
    return ac_fail(err, AC_E_USAGE,
                   "neither HOME nor XDG_STATE_HOME is an absolute path; give "
                   "--state-dir");
}

/* Who makes no use of the store still keeps plugins out of it; there may be none. */
static enum ac_code find_closed_folder(struct ac_context *context, struct ac_error *err)
{
    struct ac_error why = { 0 };
    enum ac_code code = find_state_folder(context, &context->closed_folder, &why);

    return code == AC_E_NOMEM ? ac_fail(err, code, "%s", why.detail) : AC_OK;
}

/* What a CA or a plugin says of itself is not kept. */
static bool has_use_for_store(enum ac_command command)
{
    return command != AC_COMMAND_DIRECTORY && command != AC_COMMAND_PLUGIN_LIST
           && command != AC_COMMAND_PLUGIN_SHOW && command != AC_COMMAND_PLUGIN_NEW
           && command != AC_COMMAND_PLUGIN_CHECK && command != AC_COMMAND_CONFIG_CHECK;
}

static enum ac_code check_server_count(const struct ac_options *options,
                                       struct ac_error *err)
{
    size_t count = options->servers.count;

    if (count > 1 && options->command != AC_COMMAND_ISSUE) {
        return ac_fail(err, AC_E_USAGE,
                       "%s asks one CA: give --server once, not %zu times",
                       ac_command_name(options->command), count);
    }
    if (count <= AC_WANTED_CAS_MAX)
        return AC_OK;
    return ac_fail(err, AC_E_USAGE, "--server was given %zu times; %d at most", count,
                   AC_WANTED_CAS_MAX);
}

enum ac_code ac_context_init(struct ac_context *context,
                             const struct ac_options *options, struct ac_error *err)
{
    AC_AUTO_TEXT char *folder = NULL;

    context->options = options;
    context->started_ms = ac_clock_now_ms();
    context->deadline_ms = ac_clock_after_ms(options->timeout_s * 1000);
    context->account = options->account;
    if (options->account
        && ac_account_file_check_name(options->account, err) != AC_OK) {
        ac_error_about(err, "--account");
        return err->code;
    }
    AC_TRY(ac_configuration_load(context, err));
    AC_TRY(check_server_count(options, err));
    AC_TRY(ac_configuration_find_ca(context, err));
    AC_TRY(find_places(context, err));
    if (!has_use_for_store(options->command))
        return find_closed_folder(context, err);
    AC_TRY(find_state_folder(context, &folder, err));
    AC_TRY(ac_store_open(folder, &context->store, err));
    return context->is_misconfigured ? ac_configuration_go_on(context, err) : AC_OK;
}

void ac_context_done(struct ac_context *context)
{
    ac_run_free(context->run);
    ac_wanted_done(&context->wanted);
    ac_store_free(context->store);
    free(context->host_path);
    free(context->plugin_name);
    free(context->closed_folder);
    free(context->pin_file);
    ac_words_done(&context->plugin_folders);
    ac_words_done(&context->contacts);
    ac_secret_wipe(&context->eab_key);
    ac_config_free(context->config);
    ac_faults_done(&context->faults);
}

/* ---- the run */

static void show_progress(void *arg, const struct ac_progress *progress)
{
    struct ac_context *context = arg;
    char text[STATUS_SIZE];
    char count[64] = "";
    /* The folder of a wildcard's certificate begins with "_." in the place of "*.". */
    bool is_wild = strncmp(progress->certificate, "_.", 2) == 0;

    if (progress->done > 0 && context->terminal.is_live) {
        (void)snprintf(count, sizeof count, " (%zu of %zu)", progress->done,
                       progress->total);
    } else if (progress->total > 1 && context->terminal.is_live) {
        (void)snprintf(count, sizeof count, " (%zu names)", progress->total);
    }
    (void)snprintf(text, sizeof text, "%s%s: %s, waiting for %s%s", is_wild ? "*" : "",
                   progress->certificate + (is_wild ? 1 : 0), progress->phase,
                   progress->waiting, count);
    ac_terminal_status(&context->terminal, text);
}

static bool ask_terms(void *arg, const char *url)
{
    struct ac_context *context = arg;
    char clean[STATUS_SIZE * 2];
    char question[STATUS_SIZE * 3];

    (void)ac_text_clean(clean, sizeof clean, url, strlen(url));
    (void)snprintf(question, sizeof question,
                   "The CA's terms of service are at\n  %s\nDo you agree to them?",
                   clean);
    return ac_terminal_ask(&context->terminal, question, context->deadline_ms);
}

/* "https://host…", before a plugin is started in vain. */
static enum ac_code check_server(const char *url, bool can_use_plain_http,
                                 struct ac_error *err)
{
    bool is_plain = strncasecmp(url, "http://", strlen("http://")) == 0;
    const char *host = strstr(url, "://");

    if (is_plain && !can_use_plain_http) {
        return ac_fail(err, AC_E_USAGE,
                       "--server %s is not encrypted: give its https:// URL, or "
                       "--insecure-http in a lab",
                       url);
    }
    if (!is_plain && strncasecmp(url, "https://", strlen("https://")) != 0) {
        return ac_fail(err, AC_E_USAGE,
                       "--server is the https:// URL of a CA's directory or a CA's "
                       "short name, not \"%s\"",
                       url);
    }
    if (!strchr("/?#:", host[3]) && !url[strcspn(url, " \t\\<>\"^`{|}")])
        return AC_OK;
    return ac_fail(err, AC_E_USAGE, "--server \"%s\" is no URL", url);
}

/* One that is asked where the first fails may have a section of its own. */
static enum ac_code check_further(const struct ac_context *context, const char *url,
                                  struct ac_error *err)
{
    struct ac_configured_ca ca = { 0 };

    AC_TRY(ac_configured_ca(context->config, url, &ca, err));
    return check_server(
        url, context->can_use_plain_http || ac_configured_can_use_plain_http(&ca), err);
}

/* What others do must not fail for what it has no use for. */
static bool asks_ca(enum ac_command command)
{
    return command != AC_COMMAND_PLUGIN_LIST && command != AC_COMMAND_PLUGIN_SHOW
           && command != AC_COMMAND_PLUGIN_NEW && command != AC_COMMAND_PLUGIN_CHECK
           && command != AC_COMMAND_CONFIG_CHECK && command != AC_COMMAND_DEPLOY
           && command != AC_COMMAND_ROLLBACK;
}

/* What must be right before a CA is asked. */
static enum ac_code prepare_ca(struct ac_context *context,
                               struct ac_registration_settings *registration,
                               struct ac_error *err)
{
    const char *pin_file = context->options->pin_file;

    /* Each renewal has its own CA, and says itself what is wrong with that. */
    if (context->options->command != AC_COMMAND_RENEW)
        AC_TRY(check_server(context->directory_url, context->can_use_plain_http, err));
    for (size_t i = 0; i < context->wanted.further.count; i++)
        AC_TRY(check_further(context, context->wanted.further.items[i], err));
    if (pin_file && !context->pin_file)
        AC_TRY(make_absolute("pin-file", pin_file, &context->pin_file, err));
    return ac_configuration_registration(context, registration, err);
}

enum ac_code ac_context_run(struct ac_context *context, struct ac_error *err)
{
    const struct ac_options *options = context->options;
    struct ac_run_settings settings = {
        .store = context->store,
        .lasting = context->lasting,
        .closed_folder = context->closed_folder,
        .place = { .directory_url = context->directory_url,
                   .account = context->account,
                   .ca_file = context->ca_file,
                   .can_use_plain_http = context->can_use_plain_http },
        .host_path = context->host_path,
        .plugin_folders = &context->plugin_folders,
        .user_agent = USER_AGENT,
        .deadline_ms = context->deadline_ms,
        .begins_anew = options->is_forced,
        .outlives_hangup = context->outlives_hangup,
        .follows_clock = (options->command == AC_COMMAND_RENEW
                          || options->command == AC_COMMAND_ISSUE)
                         && !options->trusts_clock,
        .registration = { .replaces_retired =
                              options->command == AC_COMMAND_ACCOUNT_REGISTER
                              || options->command == AC_COMMAND_ACCOUNT_IMPORT,
                          .only_existing = options->only_existing,
                          .ask_terms = context->terminal.can_ask ? ask_terms : NULL,
                          .ask_arg = context,
                          .key_type = AC_KEY_ECDSA_P256 },
        .know = ac_known_ca_tell,
        .know_arg = context,
        .progress = show_progress,
        .progress_arg = context,
        .progress_ms = context->terminal.is_live ? PROGRESS_LIVE_MS : PROGRESS_PLAIN_MS,
    };

    if (context->run)
        return AC_OK;
    if (asks_ca(options->command))
        AC_TRY(prepare_ca(context, &settings.registration, err));
    return ac_run_new(&settings, &context->run, err);
}
