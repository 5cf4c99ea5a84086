/* SPDX-License-Identifier: Apache-2.0 */
/*
 * certbot's deploy hooks, those of --deploy-hook and of renewal-hooks/deploy: all by
 * environment. Many take the name from the end of RENEWED_LINEAGE, so that is a folder
 * called as the certificate.
 */
#include "dialect.h"

void dialect_write_certbot(const struct job *job, struct exec_child *child)
{
    exec_words_set(&child->env, "RENEWED_LINEAGE", job->lineage);
    batch_set_names(job_certificate(job), &child->env, "RENEWED_DOMAINS", ' ');
}
