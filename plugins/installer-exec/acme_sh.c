/* SPDX-License-Identifier: Apache-2.0 */
/*
 * acme.sh: its reloadcmd, and the user's own scripts of its folder `deploy`.
 *
 * A deploy script NAME.sh defines NAME_deploy, which is called with DOMAIN KEY CERT CA
 * FULLCHAIN PFX, in a shell of its own; of the last, which acme.sh itself names whether
 * it is there or not, the environment file may give the path. With the user's own
 * acme.sh in the folder that is sourced first (it ends with `main "$@"`, which `set --
 * true` makes harmless); without it the scripts find the helpers of helpers.h. What
 * they save goes to the private folder. The text that the shell runs is constant: all
 * values are parameters.
 */
#include "dialect.h"
#include "helpers.h"

#define CHANGE_FOLDER "cd \"$1\" && shift && exec \"$@\"\n"

static const char script[] =
    "umask 077\n"
    "_acmecore_home=$1 _acmecore_script=$2 _acmecore_call=$3_deploy\n"
    "_acmecore_domain=$4 _acmecore_key=$5 _acmecore_cert=$6 _acmecore_ca=$7\n"
    "_acmecore_chain=$8 _acmecore_helpers=$9\n"
    "mkdir -p \"$LE_WORKING_DIR\" || exit 1\n"
    "if [ -f \"$_acmecore_home/acme.sh\" ]; then\n"
    "    set -- true\n"
    "    . \"$_acmecore_home/acme.sh\" || exit 1\n"
    "    _initpath\n"
    "else\n"
    "    eval \"$_acmecore_helpers\"\n"
    "fi\n"
    "_cdomain=$_acmecore_domain\n"
    ". \"$_acmecore_script\" || exit 1\n"
    "\"$_acmecore_call\" \"$_acmecore_domain\" \"$_acmecore_key\" \"$_acmecore_cert\" "
    "\"$_acmecore_ca\" \"$_acmecore_chain\" \"${CERT_PFX_PATH-}\"\n";

static const char helpers[] = HELPERS;

static void set_paths(const struct job *job, struct exec_child *child);

void dialect_write_acme_sh(const struct job *job, struct exec_child *child)
{
    const json_t *certificate = job_certificate(job);
    const char *home = exec_words_next(job->command, NULL);
    struct exec_words *argv = &child->argv;

    exec_words_drop(argv); /* `command` is no program here */
    exec_words_add(argv, "/bin/sh");
    exec_words_add(argv, "-c");
    exec_words_add_script(argv, script);
    exec_words_add(argv, "acme.sh"); /* $0 */
    exec_words_add(argv, home ? home : "");
    exec_words_add(argv, job->script);
    exec_words_add(argv, job->provider);
    exec_words_add(argv, batch_first_name(certificate));
    exec_words_add(argv, batch_text(certificate, "key_path"));
    exec_words_add(argv, batch_text(certificate, "cert_path"));
    exec_words_add(argv, batch_text(certificate, "chain_path"));
    exec_words_add(argv, batch_text(certificate, "fullchain_path"));
    exec_words_add_script(argv, helpers);
    set_paths(job, child);
    exec_words_set_joined(&child->env, "LE_WORKING_DIR", job->folder, "/acme.sh");
    exec_words_set_joined(&child->env, "DOMAIN_CONF", job->folder,
                          "/acme.sh/domain.conf");
}

/* The command begins in the folder of the certificate. */
void dialect_write_acme_sh_reload(const struct job *job, struct exec_child *child)
{
    struct exec_words *argv = &child->argv;

    exec_words_drop(argv);
    exec_words_add(argv, "/bin/sh");
    exec_words_add(argv, "-c");
    exec_words_add_script(argv, CHANGE_FOLDER);
    exec_words_add(argv, "acme.sh"); /* $0 */
    exec_words_add(argv, batch_text(job_certificate(job), "folder_path"));
    exec_words_copy(argv, job->command);
    set_paths(job, child);
}

static void set_paths(const struct job *job, struct exec_child *child)
{
    const json_t *certificate = job_certificate(job);
    struct exec_words *env = &child->env;

    exec_words_set(env, "CERT_PATH", batch_text(certificate, "cert_path"));
    exec_words_set(env, "CERT_KEY_PATH", batch_text(certificate, "key_path"));
    exec_words_set(env, "CA_CERT_PATH", batch_text(certificate, "chain_path"));
    exec_words_set(env, "CERT_FULLCHAIN_PATH",
                   batch_text(certificate, "fullchain_path"));
    exec_words_set(env, "Le_Domain", batch_first_name(certificate));
}
