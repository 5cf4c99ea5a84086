/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dehydrated's hook: sync_cert KEY CERT FULLCHAIN CHAIN CSR before anything is
 * switched, then deploy_cert DOMAIN KEY CERT FULLCHAIN CHAIN TIMESTAMP. The CSR is not
 * kept here; hooks give these paths to sync(1), so the certificate stands in its place.
 */
#include "dialect.h"

#include <inttypes.h>
#include <stdio.h>

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
    exec_words_set(&child->env, "CERTDIR", batch_text(certificate, "folder_path"));
    batch_set_names(certificate, &child->env, "altnames", ' ');
}
