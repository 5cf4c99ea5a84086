/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is served, in place of host/proof: the test says which fingerprint is seen.
 * Included by one source of a test program.
 */
#ifndef AC_TESTS_UNIT_ENGINE_FAKE_PROOF_H
#define AC_TESTS_UNIT_ENGINE_FAKE_PROOF_H

#include "base/clock.h"
#include "host/proof.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static struct {
    char asked[1024];         /* "127.0.0.1:443 a.example\n" */
    char fingerprint[65];     /* of everything */
    size_t rounds, wrong_for; /* so many rounds see another one */
    size_t processes;
    size_t reach;     /* so many of one question are reached in time; 0: all */
    int64_t takes_ms; /* so late is it after each question */
    int64_t late_ms;
} fake_proof;

struct ac_proof {
    struct ac_proof_seen seen, unseen;
};

/* For ac_clock_fake, where questions take their time. */
__attribute__((unused)) static int64_t fake_proof_now_ms(void)
{
    struct timespec now = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000 + fake_proof.late_ms;
}

enum ac_code ac_proof_start(const char *host_path, struct ac_proof **ret_proof,
                            struct ac_error *err)
{
    (void)host_path;
    fake_proof.processes++;
    return ac_memory_new(1, sizeof **ret_proof, ret_proof, err);
}

void ac_proof_free(struct ac_proof *proof)
{
    if (proof)
        fake_proof.processes--;
    free(proof);
}

enum ac_code ac_proof_ask(struct ac_proof *proof, const struct ac_proof_target *targets,
                          size_t count, int64_t deadline_ms, struct ac_error *err)
{
    (void)deadline_ms, (void)err;
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(fake_proof.asked);

        (void)snprintf(fake_proof.asked + used, sizeof fake_proof.asked - used,
                       "%s %s\n", targets[i].address, targets[i].name);
    }
    bool is_wrong = fake_proof.rounds++ < fake_proof.wrong_for;
    (void)snprintf(proof->seen.fingerprint, sizeof proof->seen.fingerprint, "%s",
                   is_wrong ? "ab" : fake_proof.fingerprint);
    (void)snprintf(proof->seen.text, sizeof proof->seen.text, "something else");
    (void)snprintf(proof->unseen.text, sizeof proof->unseen.text, "no answer");
    fake_proof.late_ms += fake_proof.takes_ms;
    return AC_OK;
}

size_t ac_proof_fds(const struct ac_proof *proof, struct pollfd *fds)
{
    (void)proof, (void)fds;
    return 0;
}

int64_t ac_proof_wake_at_ms(const struct ac_proof *proof)
{
    (void)proof;
    return AC_CLOCK_NEVER;
}

void ac_proof_step(struct ac_proof *proof)
{
    (void)proof;
}

bool ac_proof_is_done(const struct ac_proof *proof)
{
    (void)proof;
    return true;
}

enum ac_code ac_proof_result(const struct ac_proof *proof, struct ac_error *err)
{
    (void)proof, (void)err;
    return AC_OK;
}

const struct ac_proof_seen *ac_proof_seen(const struct ac_proof *proof, size_t index)
{
    return fake_proof.reach > 0 && index >= fake_proof.reach ? &proof->unseen
                                                             : &proof->seen;
}

#endif
