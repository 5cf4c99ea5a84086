/* SPDX-License-Identifier: Apache-2.0 */
#include "batch.h"

#include "challenge.h"
#include "note.h"

#include <stdlib.h>
#include <string.h>

static const char *refusal_of(const struct exec_dialect *dialect,
                              const struct acmecore_challenge *challenge);

bool exec_batch_sort(struct exec_batch *batch, const struct exec_dialect *dialect,
                     const struct acmecore_challenge *const *challenges, size_t count)
{
    batch->items = calloc(count, sizeof(const struct acmecore_challenge *));
    batch->refusals = calloc(count, sizeof *batch->refusals);
    batch->notes = calloc(count, sizeof *batch->notes);
    if (!batch->items || !batch->refusals || !batch->notes)
        return false;
    batch->all = challenges;
    batch->total = count;
    for (size_t i = 0; i < count; i++) {
        batch->refusals[i] = refusal_of(dialect, challenges[i]);
        if (!batch->refusals[i])
            batch->items[batch->count++] = challenges[i];
    }
    return true;
}

void exec_batch_load_notes(struct exec_batch *batch, const struct acmecore_host *host)
{
    for (size_t i = 0; i < batch->count; i++)
        batch->notes[i] = exec_note_get(host, batch->items[i]);
}

void exec_batch_drop(struct exec_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        free(batch->notes[i]);
    free(batch->items);
    free(batch->refusals);
    free(batch->notes);
    *batch = (struct exec_batch){ 0 };
}

static const char *refusal_of(const struct exec_dialect *dialect,
                              const struct acmecore_challenge *challenge)
{
    const char *wrong = exec_challenge_check(challenge);

    if (wrong)
        return wrong;
    if (exec_is_persistent(challenge) && !(dialect->flags & EXEC_ANY_TEXT)) {
        return "its contract knows the digests of _acme-challenge records only, and "
               "dns-persist-01 has another record: use native or lexicon";
    }
    if ((dialect->flags & EXEC_BUILDS_NAME) && !exec_is_http(challenge)
        && strcmp(challenge->type, "dns-01") != 0) {
        return "its hook puts \"_acme-challenge.\" before the name itself, which is "
               "right for dns-01 only: use native, lego, lexicon or acme.sh";
    }
    return NULL;
}
