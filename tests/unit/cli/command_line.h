/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines as tests write them, and the store that they work on. */
#ifndef AC_TESTS_UNIT_CLI_COMMAND_LINE_H
#define AC_TESTS_UNIT_CLI_COMMAND_LINE_H

#include "allocation.h"
#include "base/clock.h"
#include "capture.h"
#include "check.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "crypto/chain.h"
#include "keys.h"
#include "pki.h"
#include "version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORDS_MAX 32
#define CA_URL    "https://ca.example/dir"

/* A list of words, ended by NULL. */
#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })
/* The same with --state-dir. */
#define IN_STATE(...) WORDS(__VA_ARGS__, "--state-dir", ac_test_path("state"))

/* What syncing is good for shows in base; here it would only take time. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

static int fill_argv(const char *const *words, char *argv[WORDS_MAX])
{
    int count = 1;

    argv[0] = (char *)"acmecore";
    while (words[count - 1] && count < WORDS_MAX - 1) {
        argv[count] = (char *)words[count - 1];
        count++;
    }
    argv[count] = NULL;
    return count;
}

__attribute__((unused)) static enum ac_code parse(struct ac_options *options,
                                                  const char *const *words,
                                                  struct ac_error *err)
{
    char *argv[WORDS_MAX];

    return ac_options_parse(fill_argv(words, argv), argv, options, err);
}

/* The whole program, captured, with standard output to this file. The exit code. */
__attribute__((unused)) static int run_program_into(const char *path,
                                                    const char *const *words)
{
    char *argv[WORDS_MAX];
    int argc = fill_argv(words, argv);

    ac_capture_start_into(path);
    int exit_code = ac_command_run(argc, argv);
    ac_capture_stop();
    return exit_code;
}

__attribute__((unused)) static int run_program(const char *const *words)
{
    return run_program_into(ac_test_path("captured-out"), words);
}

/* The one document that was printed; NULL when it is not exactly one. */
__attribute__((unused)) static struct ac_json *printed(void)
{
    const char *text = ac_capture_out();
    struct ac_json *json = NULL;
    struct ac_error err = { 0 };

    if (ac_json_parse(text, strlen(text), &json, &err) != AC_OK)
        return NULL;
    return json;
}

/* A member's text; "" when it has none. */
__attribute__((unused)) static const char *text_of(const struct ac_json *json,
                                                   const char *name)
{
    return ac_json_text_or(json, name, "");
}

static int64_t utc_of_pki(void)
{
    return AC_PKI_NOW;
}

static enum ac_code add_version(struct ac_store *store, const char *name,
                                const char *const *names, struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_secret) pem = { 0 };
    AC_AUTO(ac_text) text = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    unsigned number;

    AC_TRY(ac_keys_load(AC_TEST_DATA "/keys/p256.pem", &key, err));
    AC_TRY(ac_key_export(key, &pem, err));
    struct ac_pki_options options = { .key = key, .names = names };
    AC_TRY(ac_pki_chain(&options, &text, err));
    AC_TRY(ac_chain_parse(ac_text_get(&text), text.size, &chain, err));
    const char *const files[] = { ac_chain_leaf_pem(chain), ac_chain_rest_pem(chain),
                                  ac_chain_full_pem(chain) };
    return ac_test_version_add(store, name, &pem, files, &number, err);
}

static enum ac_code make_certificate(const char *name, const char *identifier,
                                     struct ac_error *err)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };
    struct ac_solver_spec *spec;

    AC_TRY(ac_store_open(ac_test_path("state"), &store, err));
    AC_TRY(ac_memory_copy_text(name, &wanted.name, err));
    AC_TRY(ac_memory_copy_text(CA_URL, &wanted.directory_url, err));
    AC_TRY(ac_identifiers_parse(identifier, &wanted.identifiers, err));
    AC_TRY(ac_wanted_add_spec(&wanted, "web", "web", &spec, err));
    AC_TRY(ac_section_add(&spec->section, "path", "/srv", "--set", err));
    AC_TRY(ac_section_add(&spec->section, "port", "81", "--set", err));
    AC_TRY(ac_wanted_add_rule(&wanted, NULL, "web", err));
    AC_TRY(ac_wanted_save(&wanted, store, err));
    return add_version(store, name, WORDS(identifier), err);
}

/*
 * A certificate in the store of IN_STATE, as a run leaves it, answered by a solver
 * "web" with the settings path=/srv and port=81; the clock stands still within its
 * lifetime.
 */
__attribute__((unused)) static enum ac_code hold_certificate(const char *name,
                                                             const char *identifier,
                                                             struct ac_error *err)
{
    ac_clock_fake(NULL, utc_of_pki);
    ac_allocation_pause();
    enum ac_code code = make_certificate(name, identifier, err);
    ac_allocation_resume();
    return code;
}

#endif
