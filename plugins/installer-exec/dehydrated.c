/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dehydrated's hook: sync_cert KEY CERT FULLCHAIN CHAIN CSR before anything is
 * switched, then deploy_cert DOMAIN KEY CERT FULLCHAIN CHAIN TIMESTAMP. The CSR is not
 * kept here; hooks give these paths to sync(1), so the certificate stands in its place.
 * Its CERTDIR is the folder above: the files are in $CERTDIR/$DOMAIN and
 * $CERTDIR/$alias.
 */
#include "dialect.h"
#include "hooks.h"

#include <inttypes.h>
#include <stdio.h>

static void set_variables(const struct job *job, struct exec_words *env);

void dialect_write_dehydrated(const struct job *job, struct exec_child *child)
{
    const json_t *certificate = job_certificate(job);
    struct exec_words *argv = &child->argv;
    bool is_sync = job->phase == PHASE_STAGE;
    char now[24];

    (void)snprintf(now, sizeof now, "%" PRId64, job->now_s);
    exec_words_add(argv, is_sync ? "sync_cert" : "deploy_cert");
    if (!is_sync)
        exec_words_add(argv, batch_first_name(certificate));
    exec_words_add(argv, batch_text(certificate, "key_path"));
    exec_words_add(argv, batch_text(certificate, "cert_path"));
    exec_words_add(argv, batch_text(certificate, "fullchain_path"));
    exec_words_add(argv, batch_text(certificate, "chain_path"));
    exec_words_add(argv, is_sync ? batch_text(certificate, "cert_path") : now);
    set_variables(job, &child->env);
}

static void set_variables(const struct job *job, struct exec_words *env)
{
    const json_t *certificate = job_certificate(job);

    exec_words_set(env, "COMMAND", "sign_domain");
    exec_words_set(env, "alias", batch_text(certificate, "name"));
    batch_set_names(certificate, env, "altnames", ' ');
    /* Ours to give, unless the administrator's own dehydrated is meant. */
    exec_words_default(env, "BASEDIR", job->folder);
    if (!exec_words_get(env, "CERTDIR"))
        exec_words_set_joined(env, "CERTDIR", job->folder, "/" HOOKS_LIVE);
}
