/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect.h"

#include <string.h>

static void set_certificate(const json_t *certificate, struct exec_words *env);

static const struct dialect dialects[] = {
    { "native",
      DIALECT_WHOLE,
      { "stage", "commit", "rollback", "probe", "finish" },
      dialect_write_native },
    { "certbot",
      DIALECT_HOOKS | DIALECT_LINEAGE,
      { [PHASE_COMMIT] = "deploy" },
      dialect_write_certbot },
    { "dehydrated",
      DIALECT_LINEAGE | DIALECT_DOMAIN,
      { [PHASE_STAGE] = "sync_cert", [PHASE_COMMIT] = "deploy_cert" },
      dialect_write_dehydrated },
    { "lego", 0, { [PHASE_COMMIT] = "deploy" }, dialect_write_lego },
    { "acme.sh", DIALECT_SCRIPT, { [PHASE_COMMIT] = "deploy" }, dialect_write_acme_sh },
    { "acme.sh-reload",
      0,
      { [PHASE_COMMIT] = "reloadcmd" },
      dialect_write_acme_sh_reload },
};

const struct dialect *dialect_find(const char *name)
{
    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++) {
        if (strcmp(dialects[i].name, name) == 0)
            return &dialects[i];
    }
    return NULL;
}

void dialect_compose(const struct dialect *dialect, const struct job *job,
                     const struct exec_words *extra, struct exec_child *child)
{
    exec_child_begin(child, extra);
    exec_words_set(&child->env, "ACMECORE_DIALECT", dialect->name);
    exec_words_set(&child->env, "ACMECORE_OPERATION", job->verb);
    if (!(dialect->flags & DIALECT_WHOLE))
        set_certificate(job_certificate(job), &child->env);
    exec_words_copy(&child->argv, job->command);
    dialect->write(job, child);
}

const json_t *job_certificate(const struct job *job)
{
    return json_array_get(job->certificates, job->index);
}

/* Beyond any contract, for hooks that want to know more. */
static void set_certificate(const json_t *certificate, struct exec_words *env)
{
    exec_words_set(env, "ACMECORE_NAME", batch_text(certificate, "name"));
    batch_set_names(certificate, env, "ACMECORE_IDENTIFIERS", ' ');
    exec_words_set(env, "ACMECORE_KEY_PATH", batch_text(certificate, "key_path"));
    exec_words_set(env, "ACMECORE_CERT_PATH", batch_text(certificate, "cert_path"));
    exec_words_set(env, "ACMECORE_CHAIN_PATH", batch_text(certificate, "chain_path"));
    exec_words_set(env, "ACMECORE_FULLCHAIN_PATH",
                   batch_text(certificate, "fullchain_path"));
    exec_words_set(env, "ACMECORE_PREVIOUS_PATH",
                   batch_text(certificate, "previous_path"));
    exec_words_set(env, "ACMECORE_FINGERPRINT", batch_text(certificate, "fingerprint"));
}
