/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stage for the engine: a CA with a memory, solvers without processes, and a clock of
 * their own, so that a whole run takes no time and needs no network. The wait of the
 * loop is here: a run that waits for nothing is seen, because the clock jumps.
 */
#ifndef AC_TESTS_UNIT_ENGINE_STAGE_H
#define AC_TESTS_UNIT_ENGINE_STAGE_H

#include "crypto/digest.h"
#include "engine/held/state.h"
#include "fake_solver.h"
#include "keys.h"
#include "stage_ca.h"
#include "store/version.h"

#include <signal.h>
#include <stdlib.h>

/* ---- the loop's side of net/http */

struct ac_http {
    char nothing;
};

enum ac_code ac_http_new(const struct ac_http_settings *settings,
                         struct ac_http **ret_http, struct ac_error *err)
{
    (void)settings;
    return ac_memory_new(1, sizeof **ret_http, (void *)ret_http, err);
}

void ac_http_free(struct ac_http *http)
{
    free(http);
}

struct ac_http_site {
    char nothing;
};

enum ac_code ac_http_site_new(const char *ca_path, bool can_use_plain_http,
                              struct ac_http_site **ret_site, struct ac_error *err)
{
    (void)can_use_plain_http;
    if (ca_path && strcmp(ca_path, STAGE_NO_CA_FILE) == 0)
        return ac_fail(err, AC_E_USAGE, "the CA file %s holds nothing", ca_path);
    return ac_memory_new(1, sizeof **ret_site, (void *)ret_site, err);
}

void ac_http_site_free(struct ac_http_site *site)
{
    free(site);
}

enum ac_code ac_http_wait(struct ac_http *http, struct pollfd *fds, size_t count,
                          int timeout_ms, struct ac_error *err)
{
    (void)http, (void)fds, (void)count;
    stage.is_endless = ++stage.turns > STAGE_TURNS;
    if (stage.is_endless)
        return ac_fail(err, AC_E_SYSTEM, "the loop turns without end");
    if (fake_ca.under_way > 0 && timeout_ms >= FAKE_TURN_MS)
        fake_ca_turn();
    else
        fake_ca.now_ms += timeout_ms;
    return AC_OK;
}

struct ac_http_counters ac_http_counters(const struct ac_http *http)
{
    (void)http;
    return (struct ac_http_counters){ .requests = fake_ca.request_count,
                                      .round_trips = fake_ca.rounds };
}

/* ---- a run */

static inline void stage_progress(void *arg, const struct ac_progress *progress)
{
    (void)arg;
    if (strcmp(progress->phase, "validate") == 0) {
        stage.done = progress->done;
        stage.total = progress->total;
    }
    if (stage.hook)
        stage.hook(progress->phase);
    if (stage.cancel_in && strcmp(stage.cancel_in, progress->phase) == 0)
        ac_clock_cancel(stage.signal ? stage.signal : SIGTERM);
}

static inline void stage_begin(const struct stage_ca *ca)
{
    memset(&stage, 0, sizeof stage);
    fake_ca_begin();
    fake_ca.script = stage_script;
    fake_solvers_begin();
    ac_clock_cancel(0);
    stage.ca = *ca;
    stage.errors = ca->errors;
    stage.status = "pending";
}

/* One default solver, or "a,b": the first is asked first. */
static inline enum ac_code stage_want(const char *solvers, struct ac_wanted *wanted,
                                      struct ac_error *err)
{
    struct ac_solver_spec *spec;

    AC_TRY(ac_memory_copy_text(STAGE_CERT, &wanted->name, err));
    AC_TRY(ac_memory_copy_text(FAKE_DIRECTORY, &wanted->directory_url, err));
    AC_TRY(ac_memory_copy_text("off", &wanted->self_check, err));
    for (size_t i = 0; i < stage.ca.name_count; i++)
        AC_TRY(ac_identifiers_parse(stage_name(i), &wanted->identifiers, err));
    for (const char *at = solvers; *at;
         at += strcspn(at, ",") + (strchr(at, ',') != 0)) {
        char name[32];

        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(at, ","), at);
        AC_TRY(ac_wanted_add_spec(wanted, name, name, &spec, err));
        AC_TRY(ac_wanted_add_rule(wanted, NULL, name, err));
    }
    return AC_OK;
}

static inline void stage_keep(const struct ac_issue *issue)
{
    const struct ac_outcome *outcome = ac_issue_outcome(issue);

    stage.is_resumed = outcome->is_resumed;
    stage.version = outcome->version;
    stage.failures = ac_json_count(outcome->failures);
    stage.attempts = ac_json_count(outcome->attempts);
    stage.warnings = outcome->warnings.count;
    for (size_t i = 0; i < outcome->warnings.count; i++)
        (void)snprintf(stage.warning, sizeof stage.warning, "%s",
                       outcome->warnings.items[i]);
    (void)snprintf(stage.problem, sizeof stage.problem, "%s",
                   ac_json_text_or(outcome->problem, "type", ""));
}

static inline enum ac_code stage_run_with(const struct ac_wanted *wanted,
                                          struct ac_error *err)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_run) *run = NULL;
    AC_AUTO(ac_issue) *issue = NULL;

    AC_TRY(ac_store_open(ac_test_path("state"), &store, err));
    stage.store = store;
    stage.started_ms = fake_ca.now_ms;
    stage.turns = 0;
    struct ac_run_settings settings = {
        .store = store,
        .place = { .directory_url = FAKE_DIRECTORY },
        .deadline_ms = ac_clock_after_ms((int64_t)STAGE_SECONDS * 1000),
        .begins_anew = stage.begins_anew,
        .registration = { .agrees_to_terms = true },
        .progress = stage_progress,
        .progress_ms = (int64_t)STAGE_SECONDS * 1000, /* it must not need waking */
    };
    AC_TRY(ac_run_new(&settings, &run, err));
    stage.code = ac_run_issue(run, wanted, &issue, &stage.error);
    if (issue)
        stage_keep(issue);
    return AC_OK;
}

/* What came of it is in stage.code and the like. AC_E_NOMEM: so it was. */
static inline enum ac_code stage_run(const char *solvers, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };

    stage.code = AC_OK;
    stage.error = (struct ac_error){ 0 };
    AC_TRY(stage_want(solvers, &wanted, err));
    if (stage.wish)
        AC_TRY(stage.wish(&wanted, err));
    AC_TRY(stage_run_with(&wanted, err));
    stage.store = NULL;
    if (stage.code == AC_E_NOMEM || stage.is_out_of_memory)
        return ac_fail(err, AC_E_NOMEM, "out of memory");
    return AC_OK;
}

static inline int64_t stage_elapsed_ms(void)
{
    return fake_ca.now_ms - stage.started_ms;
}

/* How many requests had this in their URL. */
static inline size_t stage_requests(const char *url)
{
    size_t count = 0;

    for (size_t i = 0; i < fake_ca.request_count; i++)
        count += strstr(fake_ca.requests[i].url, url) != NULL;
    return count;
}

/* A run that a signal ended in this phase; the next one is undisturbed. */
static inline enum ac_code stage_interrupted(const char *phase, struct ac_error *err)
{
    stage.cancel_in = phase;
    enum ac_code code = stage_run("http", err);
    stage.cancel_in = NULL;
    ac_clock_cancel(0);
    return code;
}

#define STAGE_DAY_MS     INT64_C(86400000) /* for fake_ca.now_ms */
#define STAGE_MANY_READS 100000            /* more than a run makes */

/* A finalized order whose certificate the CA does not issue. */
static inline enum ac_code stage_finalize_in_vain(struct ac_error *err)
{
    stage_begin(&(struct stage_ca){ .name_count = 1, .issue_reads = STAGE_MANY_READS });
    return stage_interrupted("issue", err);
}

/* A CA that is itself again. */
static inline void stage_mend(void)
{
    fake_ca.rule_count = 0;
}

static inline bool stage_has_file(const char *item)
{
    char path[512], bytes[65536];

    (void)snprintf(path, sizeof path, "state/certs/%s/%s", STAGE_CERT, item);
    return ac_test_read_file(ac_test_path(path), bytes, sizeof bytes) >= 0;
}

/* Notes that the key of this file was compromised, as revoking does. */
static inline enum ac_code stage_note_compromised(const char *path,
                                                  struct ac_error *err)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_secret) pem = { 0 };
    AC_AUTO(ac_text) der = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_state_revoked) revoked = { .is_key_compromised = true,
                                          .revoked_at = fake_utc() };
    char digest[AC_SHA256_HEX_SIZE];

    AC_TRY(ac_keys_read(path, &pem, err));
    AC_TRY(ac_key_parse(&pem, &key, err));
    AC_TRY(ac_key_public_der(key, &der, err));
    ac_sha256_hex(der.bytes, der.size, digest);
    AC_TRY(ac_memory_copy_text(digest, &revoked.key_fingerprint, err));
    AC_TRY(ac_memory_copy_text("f", &revoked.fingerprint, err));
    AC_TRY(ac_memory_copy_text("keyCompromise", &revoked.reason, err));
    AC_TRY(ac_store_open(ac_test_path("state"), &store, err));
    AC_TRY(ac_state_load(store, STAGE_CERT, &state, err));
    AC_TRY(ac_state_add_revoked(&state, &revoked, err));
    return ac_state_save(&state, store, STAGE_CERT, err);
}

#endif
