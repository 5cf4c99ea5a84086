/* SPDX-License-Identifier: Apache-2.0 */
#include "host/proof.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROCESS_NAME "(proof)" /* in messages: "plugin (proof) crashed" */
#define HEX          "0123456789abcdef"
#define WORD_MAX     300 /* of one member of the answer */
#define CLEAN_SIZE   320

struct ac_proof {
    struct ac_process *process;
    struct ac_call *call; /* NULL: nothing is asked */
    struct ac_proof_seen *seen;
    size_t count;
    struct ac_error error;
};

enum ac_code ac_proof_start(const char *host_path, struct ac_proof **ret_proof,
                            struct ac_error *err)
{
    const struct ac_process_settings settings = { .host_path = host_path,
                                                  .name = PROCESS_NAME };
    AC_AUTO(ac_proof) *proof = NULL;

    AC_TRY(ac_memory_new(1, sizeof *proof, &proof, err));
    AC_TRY(ac_process_start(&settings, &proof->process, err));
    *ret_proof = AC_TAKE(proof);
    return AC_OK;
}

void ac_proof_free(struct ac_proof *proof)
{
    if (!proof)
        return;
    ac_call_free(proof->call);
    ac_process_free(proof->process);
    free(proof->seen);
    free(proof);
}

static enum ac_code describe(const struct ac_proof_target *targets, size_t count,
                             struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_json) *array = NULL;

    AC_TRY(ac_json_new(&json, err, "{s:s}", "op", "served"));
    AC_TRY(ac_json_new(&array, err, "[]"));
    for (size_t i = 0; i < count; i++) {
        AC_AUTO(ac_json) *entry = NULL;

        AC_TRY(ac_json_new(&entry, err, "{s:s, s:s, s:s*}", "address",
                           targets[i].address, "name", targets[i].name, "starttls",
                           targets[i].starttls));
        AC_TRY(ac_json_append(array, &entry, err));
    }
    AC_TRY(ac_json_set(json, "targets", &array, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

enum ac_code ac_proof_ask(struct ac_proof *proof, const struct ac_proof_target *targets,
                          size_t count, int64_t deadline_ms, struct ac_error *err)
{
    AC_AUTO(ac_message) message = { 0 };

    if (proof->call)
        return ac_fail(err, AC_E_PLUGIN, "the proof has not ended yet");
    free(AC_TAKE(proof->seen));
    proof->count = 0;
    proof->error = (struct ac_error){ 0 };
    AC_TRY(ac_memory_new(count + 1, sizeof *proof->seen, &proof->seen, err));
    proof->count = count;
    AC_TRY(describe(targets, count, &message.json, err));
    return ac_process_call(proof->process, "served", &message, deadline_ms,
                           &proof->call, err);
}

size_t ac_proof_fds(const struct ac_proof *proof, struct pollfd *fds)
{
    return ac_process_fds(proof->process, fds);
}

int64_t ac_proof_wake_at_ms(const struct ac_proof *proof)
{
    return ac_process_wake_at_ms(proof->process);
}

/* ---- the answer */

static enum ac_code fail_nonsense(struct ac_error *err)
{
    return ac_fail(err, AC_E_PLUGIN, "the proof answered with nonsense");
}

/* Whatever it is, it is fit to show. */
static const char *clean(const struct ac_json *json, const char *name,
                         char text[CLEAN_SIZE])
{
    const char *given = ac_json_text_or(json, name, "");

    return ac_text_clean(text, CLEAN_SIZE, given, strnlen(given, WORD_MAX));
}

static enum ac_code take_one(const struct ac_json *json, struct ac_proof_seen *seen,
                             struct ac_error *err)
{
    const char *fingerprint = ac_json_text_or(json, "sha256", NULL);
    char names[CLEAN_SIZE];
    char issuer[CLEAN_SIZE];
    char until[CLEAN_SIZE];

    if (!fingerprint) {
        (void)snprintf(seen->text, sizeof seen->text, "%s", clean(json, "text", names));
        return AC_OK;
    }
    if (!ac_text_is_made_of(fingerprint, HEX, AC_PROOF_FINGERPRINT_SIZE - 1,
                            AC_PROOF_FINGERPRINT_SIZE - 1))
        return fail_nonsense(err);
    memcpy(seen->fingerprint, fingerprint, sizeof seen->fingerprint);
    (void)snprintf(seen->text, sizeof seen->text,
                   "a certificate for %.150s, issued by %.150s, valid until %.24s, "
                   "SHA-256 %s",
                   clean(json, "names", names), clean(json, "issuer", issuer),
                   clean(json, "not_after", until), fingerprint);
    return AC_OK;
}

static enum ac_code take_reply(struct ac_proof *proof, struct ac_error *err)
{
    AC_AUTO(ac_call) *call = AC_TAKE(proof->call);
    const struct ac_json *reply = NULL;
    char detail[CLEAN_SIZE];

    AC_TRY(ac_call_result(call, &reply, err));
    int64_t status = ac_json_number_or(reply, "status", ACMECORE_E_INVALID);
    if (status != ACMECORE_OK) {
        return ac_fail(err, status == ACMECORE_E_CONFIG ? AC_E_USAGE : AC_E_PLUGIN,
                       "what is served could not be looked at: %s",
                       clean(reply, "detail", detail));
    }
    const struct ac_json *results = ac_json_get(reply, "results");
    if (!ac_json_is_array(results) || ac_json_count(results) != proof->count)
        return fail_nonsense(err);
    for (size_t i = 0; i < proof->count; i++)
        AC_TRY(take_one(ac_json_at(results, i), &proof->seen[i], err));
    return AC_OK;
}

void ac_proof_step(struct ac_proof *proof)
{
    ac_process_step(proof->process);
    if (proof->call && ac_call_is_done(proof->call))
        (void)take_reply(proof, &proof->error); /* its code is kept there */
}

bool ac_proof_is_done(const struct ac_proof *proof)
{
    return !proof->call;
}

enum ac_code ac_proof_result(const struct ac_proof *proof, struct ac_error *err)
{
    if (proof->call)
        return ac_fail(err, AC_E_PLUGIN, "the proof has not ended yet");
    if (proof->error.code != AC_OK)
        *err = proof->error;
    return proof->error.code;
}

const struct ac_proof_seen *ac_proof_seen(const struct ac_proof *proof, size_t index)
{
    return &proof->seen[index];
}
