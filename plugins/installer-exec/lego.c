/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lego's deploy hook: all by environment, with the names of today and those of lego 4.
 * Its certificate file is the whole chain.
 */
#include "dialect.h"

static void set(struct exec_words *env, const char *key, const char *key_4,
                const char *value);

void dialect_write_lego(const struct job *job, struct exec_child *child)
{
    const json_t *certificate = job_certificate(job);
    struct exec_words *env = &child->env;
    const char *name = batch_text(certificate, "name");

    set(env, "LEGO_HOOK_CERT_PATH", "LEGO_CERT_PATH",
        batch_text(certificate, "fullchain_path"));
    set(env, "LEGO_HOOK_CERT_KEY_PATH", "LEGO_CERT_KEY_PATH",
        batch_text(certificate, "key_path"));
    set(env, "LEGO_HOOK_ISSUER_CERT_PATH", "LEGO_ISSUER_CERT_PATH",
        batch_text(certificate, "chain_path"));
    exec_words_set(env, "LEGO_CERT_DOMAIN", batch_first_name(certificate));
    exec_words_set(env, "LEGO_HOOK_CERT_NAME", name);
    exec_words_set(env, "LEGO_HOOK_CERT_NAME_SANITIZED", name);
    batch_set_names(certificate, env, "LEGO_HOOK_CERT_DOMAINS", ',');
}

static void set(struct exec_words *env, const char *key, const char *key_4,
                const char *value)
{
    exec_words_set(env, key, value);
    exec_words_set(env, key_4, value);
}
