/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/key_probe.h"

#include <stdlib.h>
#include <string.h>

struct ac_key_probe {
    struct ac_client *client; /* lent */
    struct ac_post *post;
    bool is_reading; /* the post reads the account; else it looks for the key's */
    unsigned asked;
    bool is_done;
    enum ac_key_standing standing;
    enum ac_code code;
    struct ac_error error;
};

static enum ac_code ask(struct ac_key_probe *probe, bool is_reading,
                        struct ac_error *err)
{
    const struct ac_account_request request = { .only_existing = true };

    ac_post_free(AC_TAKE(probe->post));
    probe->is_reading = is_reading;
    probe->asked++;
    if (is_reading)
        return ac_account_read(probe->client, &probe->post, err);
    return ac_account_begin(probe->client, &request, &probe->post, err);
}

enum ac_code ac_key_probe_new(struct ac_client *client, bool reads_first,
                              struct ac_key_probe **ret_probe, struct ac_error *err)
{
    AC_AUTO(ac_key_probe) *probe = NULL;

    AC_TRY(ac_memory_new(1, sizeof *probe, &probe, err));
    probe->client = client;
    AC_TRY(ask(probe, reads_first, err));
    *ret_probe = AC_TAKE(probe);
    return AC_OK;
}

void ac_key_probe_free(struct ac_key_probe *probe)
{
    if (!probe)
        return;
    ac_post_free(probe->post);
    free(probe);
}

static void end(struct ac_key_probe *probe, enum ac_key_standing standing)
{
    probe->standing = standing;
    probe->is_done = true;
}

static void fail(struct ac_key_probe *probe, enum ac_code code)
{
    probe->code = code;
    probe->is_done = true;
}

/* An answer of 2xx: whose is it? */
static void judge_good(struct ac_key_probe *probe)
{
    AC_AUTO(ac_account) account = { 0 };

    enum ac_code code =
        ac_account_answer(probe->client, probe->post, &account, &probe->error);
    if (code != AC_OK) {
        fail(probe, code);
        return;
    }
    if (strcmp(account.url, ac_client_kid(probe->client)) == 0) {
        end(probe, AC_KEY_IS_OURS);
        return;
    }
    (void)ac_fail(&probe->error, AC_E_PROBLEM, "the key belongs to the account %s",
                  account.url);
    end(probe, AC_KEY_IS_OTHERS);
}

/* What is no clear answer is asked the other way, once. */
static void judge_refusal(struct ac_key_probe *probe)
{
    const struct ac_problem *problem = ac_post_problem(probe->post);
    struct ac_error why = { 0 };

    if (!probe->is_reading && ac_problem_is(problem, "accountDoesNotExist")) {
        end(probe, AC_KEY_IS_UNKNOWN);
        return;
    }
    if (probe->asked > 1) {
        end(probe, AC_KEY_IS_REFUSED);
        return;
    }
    enum ac_code code = ask(probe, !probe->is_reading, &why);
    if (code == AC_OK)
        return;
    probe->error = why;
    fail(probe, code);
}

void ac_key_probe_step(struct ac_key_probe *probe)
{
    if (probe->is_done || !ac_post_is_done(probe->post))
        return;
    enum ac_code code = ac_post_result(probe->post, &probe->error);
    const struct ac_problem *problem = ac_post_problem(probe->post);

    if (code == AC_OK) {
        judge_good(probe);
    } else if (code == AC_E_PROBLEM && problem && problem->status < 500) {
        judge_refusal(probe);
    } else {
        fail(probe, code);
    }
}

bool ac_key_probe_is_done(const struct ac_key_probe *probe)
{
    return probe->is_done;
}

enum ac_code ac_key_probe_result(const struct ac_key_probe *probe,
                                 enum ac_key_standing *ret_standing,
                                 struct ac_error *err)
{
    *err = probe->error;
    if (probe->code == AC_OK)
        *ret_standing = probe->standing;
    return probe->code;
}
