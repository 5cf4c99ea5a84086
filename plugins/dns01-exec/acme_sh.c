/* SPDX-License-Identifier: Apache-2.0 */
/*
 * acme.sh's dnsapi: the user's own acme.sh is sourced, then the provider's script, and
 * its dns_x_add or dns_x_rm called, in a shell of its own. The text that this shell
 * runs is the constant below and nothing else: all values are positional parameters.
 *
 * acme.sh ends with `main "$@"`, which `set -- true` makes harmless. What scripts save
 * goes to LE_WORKING_DIR, a private folder, not to the user's own acme.sh.
 */
#include "dialect.h"

static const char script[] =
    "umask 077\n"
    "_acmecore_home=$1 _acmecore_script=$2 _acmecore_call=$3\n"
    "_acmecore_name=$4 _acmecore_value=$5\n"
    "mkdir -p \"$LE_WORKING_DIR\" || exit 1\n"
    "set -- true\n"
    ". \"$_acmecore_home/acme.sh\" || exit 1\n"
    "_initpath\n"
    ". \"$_acmecore_script\"\n"
    "\"$_acmecore_call\" \"$_acmecore_name\" \"$_acmecore_value\"\n";

void exec_write_acme_sh(const struct exec_job *job, struct exec_child *child)
{
    const struct acmecore_challenge *challenge = exec_job_challenge(job);
    const char *home = exec_words_next(job->command, NULL);
    struct exec_words *argv = &child->argv;
    bool is_present = job->operation == EXEC_PRESENT;

    exec_words_drop(argv); /* `command` is no program here */
    exec_words_add(argv, "/bin/sh");
    exec_words_add(argv, "-c");
    exec_words_add_script(argv, script);
    exec_words_add(argv, "acme.sh"); /* $0 */
    exec_words_add(argv, home ? home : "");
    exec_words_add(argv, job->script);
    exec_words_add_joined(argv, job->provider, is_present ? "_add" : "_rm", "");
    exec_words_add(argv, challenge->record_name);
    exec_words_add(argv, challenge->record_value);
    exec_words_set_joined(&child->env, "LE_WORKING_DIR", job->folder, "/acme.sh");
    exec_words_set_joined(&child->env, "DOMAIN_CONF", job->folder,
                          "/acme.sh/domain.conf");
}
