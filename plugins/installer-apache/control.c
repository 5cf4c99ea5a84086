/* SPDX-License-Identifier: Apache-2.0 */
#include "control.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ACTIVATING  "activating"
#define OUTPUT_MAX  (16u * 1024 * 1024) /* bytes; 500 virtual hosts take 80 KiB */
#define REASON_MAX  400                 /* bytes of what Apache says, in our message */
#define WORDS_MAX   24
#define ENVIRONMENT "APACHE_CONFDIR="
#define DEBIAN_MAIN "apache2.conf"
#define SETSID      "/usr/bin/setsid"

/* In this order: httpd comes before apachectl, because Red Hat's passes on no words. */
static const char *const programs[] = {
    "/usr/sbin/apache2ctl",
    "/usr/sbin/httpd",
    "/usr/local/sbin/apache2ctl",
    "/usr/local/apache2/bin/apachectl",
    "/usr/sbin/apachectl",
    "/usr/bin/apachectl",
    "/usr/bin/httpd",
    "/usr/local/sbin/httpd",
    "/usr/local/sbin/apachectl",
};

static const char *const systemctl[] = { "/usr/bin/systemctl", "/bin/systemctl" };

struct answer {
    struct apache_text output;
    struct apache_text errors;
    int exit_code;
};

static void answer_done(struct answer *answer)
{
    apache_text_done(&answer->output);
    apache_text_done(&answer->errors);
}

#define AUTO_ANSWER __attribute__((cleanup(answer_done))) struct answer

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* The first that can be executed; NULL: none. */
static const char *find_first(size_t count, const char *const paths[])
{
    for (size_t i = 0; i < count; i++) {
        if (access(paths[i], X_OK) == 0)
            return paths[i];
    }
    return NULL;
}

/*
 * Debian's apache2ctl serves another folder than /etc/apache2 when APACHE_CONFDIR names
 * it; then it reads the variables in its file envvars, which the configuration needs.
 */
static bool is_debian_folder(const struct apache_control *control, const char *config)
{
    char path[PATH_MAX];
    int folder_size = (int)(base_of(config) - config);
    int size = snprintf(path, sizeof path, "%.*senvvars", folder_size, config);

    return size > 0 && (size_t)size < sizeof path && access(path, R_OK) == 0
           && !strcmp(base_of(config), DEBIAN_MAIN)
           && strstr(base_of(control->program), "ctl");
}

static void take_config(struct apache_control *control, const char *config)
{
    if (!config)
        return;
    if (!is_debian_folder(control, config)) {
        control->config = config;
        return;
    }
    (void)snprintf(control->environment, sizeof control->environment,
                   ENVIRONMENT "%.*s", (int)(base_of(config) - config - 1), config);
}

int apache_control_find(const struct acmecore_host *host,
                        struct apache_control *ret_control)
{
    const char *program = host->option(host->ctx, "control", 0);

    *ret_control = (struct apache_control){ .host = host };
    if (!program)
        program = find_first(APACHE_COUNT(programs), programs);
    if (!program) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "neither apache2ctl, httpd nor apachectl is installed where "
                          "they usually are: name the program in the option control");
    }
    if (strlen(program) >= sizeof ret_control->program || access(program, X_OK) != 0) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option control: %s cannot be executed", program);
    }
    (void)snprintf(ret_control->program, sizeof ret_control->program, "%s", program);
    take_config(ret_control, host->option(host->ctx, "config", 0));
    return ACMECORE_OK;
}

static int run(const struct apache_control *control, uint32_t flags,
               const char *const *argv, struct answer *answer)
{
    const struct acmecore_host *host = control->host;
    const char *env[] = {
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LC_ALL=C",
        control->environment[0] ? control->environment : NULL,
        NULL,
    };

    return host->run(host->ctx,
                     &(struct acmecore_command){
                         .struct_size = sizeof(struct acmecore_command),
                         .max_output = OUTPUT_MAX,
                         .flags = flags,
                         .argv = argv,
                         .env = env,
                         .errors = apache_text_sink,
                         .errors_arg = &answer->errors,
                     },
                     &answer->exit_code, apache_text_sink, &answer->output);
}

/* `words` ends with NULL. Its exit code is in the answer. */
static int ask(const struct apache_control *control, uint32_t flags, bool is_staying,
               const char *const *words, struct answer *answer)
{
    const char *argv[WORDS_MAX + 1] = { NULL };
    size_t count = 0;

    /* The host ends what a command leaves in its process group, so a server that is to
     * stay is started in one of its own. */
    if (is_staying && access(SETSID, X_OK) == 0) {
        argv[count++] = SETSID;
        argv[count++] = "-w";
    }
    argv[count++] = control->program;
    if (control->config) {
        argv[count++] = "-f";
        argv[count++] = control->config;
    }
    for (size_t i = 0; words[i] && count < WORDS_MAX; i++)
        argv[count++] = words[i];
    return run(control, flags, argv, answer);
}

/* From where it says what is wrong; warnings that come before do not help. */
static const char *reason_in(const struct answer *answer)
{
    const char *text = answer->errors.bytes ? answer->errors.bytes : "";
    const char *error = strstr(text, "AH00526:");

    if (!error)
        error = strstr(text, "Syntax error");
    if (!error && text[0] == '\0' && answer->output.bytes)
        return answer->output.bytes;
    return error ? error : text;
}

/* One line of it. */
static void shorten(const struct answer *answer, char reason[REASON_MAX])
{
    const char *text = reason_in(answer);
    size_t size = 0;

    for (; *text && size < REASON_MAX - 2; text++) {
        if (*text != '\n') {
            reason[size++] = *text;
        } else if (text[1] != '\0' && text[1] != '\n') {
            reason[size++] = ' ';
        }
    }
    reason[size] = '\0';
}

static int refuse(const struct apache_control *control, const struct answer *answer,
                  const char *what)
{
    const struct acmecore_host *host = control->host;
    char reason[REASON_MAX] = "";

    shorten(answer, reason);
    return host->fail(host->ctx, ACMECORE_E_CONFIG, "%s (%s, exit code %d): %s", what,
                      base_of(control->program), answer->exit_code,
                      reason[0] ? reason : "it gives no reason");
}

int apache_control_dump(const struct apache_control *control, const char *load,
                        const char *words, struct apache_dump *ret_dump)
{
    const struct acmecore_host *host = control->host;
    AUTO_ANSWER answer = { 0 };
    const char *argv[] = { "-t",
                           "-D",
                           "DUMP_VHOSTS",
                           "-D",
                           "DUMP_RUN_CFG",
                           "-D",
                           "DUMP_MODULES",
                           "-D",
                           "DUMP_INCLUDES",
                           load ? "-C" : NULL,
                           load,
                           NULL };
    int status = ask(control, ACMECORE_HARMLESS, false, argv, &answer);

    if (status != ACMECORE_OK)
        return status;
    if (answer.exit_code != 0)
        return refuse(control, &answer, words);
    if (!apache_dump_parse(answer.output.bytes ? answer.output.bytes : "",
                           answer.output.size, ret_dump))
        return apache_no_memory(host);
    if (ret_dump->server_root && ret_dump->files.count > 0)
        return ACMECORE_OK;
    apache_dump_done(ret_dump);
    return host->fail(host->ctx, ACMECORE_E_UNSUPPORTED,
                      "%s does not tell its configuration: Apache 2.4 is needed; name "
                      "its program in the option control",
                      control->program);
}

int apache_control_test(const struct apache_control *control, const char *words)
{
    AUTO_ANSWER answer = { 0 };
    const char *const argv[] = { "-t", NULL };
    int status = ask(control, ACMECORE_HARMLESS, false, argv, &answer);

    if (status != ACMECORE_OK || answer.exit_code == 0)
        return status;
    return refuse(control, &answer, words);
}

int apache_control_graceful(const struct apache_control *control)
{
    AUTO_ANSWER answer = { 0 };
    const char *const words[] = { "-k", "graceful", NULL };
    int status = ask(control, 0, false, words, &answer);

    if (status != ACMECORE_OK || answer.exit_code == 0)
        return status;
    return refuse(control, &answer, "Apache refuses to reload");
}

/*
 * The word alone lets Debian's and Red Hat's scripts ask systemd, so that the server
 * lives in its own service and not in ours; httpd itself knows only -k.
 */
static bool takes_word(const struct apache_control *control)
{
    return !control->config && strstr(base_of(control->program), "ctl");
}

static int start(const struct apache_control *control, const char *unit,
                 struct answer *answer)
{
    const char *const with_option[] = { "-k", "start", NULL };
    const char *const alone[] = { "start", NULL };
    const char *const by_systemd[] = { find_first(APACHE_COUNT(systemctl), systemctl),
                                       "start", unit, NULL };

    if (unit[0] && by_systemd[0])
        return run(control, 0, by_systemd, answer);
    return ask(control, 0, true, takes_word(control) ? alone : with_option, answer);
}

int apache_control_start(const struct apache_control *control, const char *unit)
{
    AUTO_ANSWER answer = { 0 };
    int status = start(control, unit, &answer);

    if (status != ACMECORE_OK || answer.exit_code == 0)
        return status;
    return refuse(control, &answer, "Apache does not start");
}

enum apache_activity apache_control_look(const struct apache_control *control,
                                         const char *unit)
{
    AUTO_ANSWER answer = { 0 };
    const char *const argv[] = { find_first(APACHE_COUNT(systemctl), systemctl),
                                 "is-active", unit, NULL };
    const char *said = NULL;

    if (!argv[0] || run(control, ACMECORE_HARMLESS, argv, &answer) != ACMECORE_OK)
        return APACHE_INACTIVE;
    if (answer.exit_code == 0)
        return APACHE_ACTIVE;
    said = answer.output.bytes;
    return said && strncmp(said, ACTIVATING, strlen(ACTIVATING)) == 0
               ? APACHE_ACTIVATING
               : APACHE_INACTIVE;
}
