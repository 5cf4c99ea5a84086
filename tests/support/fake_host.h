/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host that a plugin cannot tell from the real one, for tests of plugins.
 *
 *     struct fake_host fake;
 *
 *     AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
 *     fake_host_set(&fake, "path", ac_test_path("www"));
 *     AC_REQUIRE(acmecore_plugin.open(&fake.host, &self) == ACMECORE_OK);
 *
 * It allocates nothing, so that torture mode fails the plugin's allocations only, and
 * holds nothing to free. Files are real, below any path; its own folder lies in the
 * folder of the test. Commands and HTTP are what the test says.
 */
#ifndef AC_TESTS_SUPPORT_FAKE_HOST_H
#define AC_TESTS_SUPPORT_FAKE_HOST_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <acmecore/plugin.h>

#define FAKE_OPTIONS_MAX 64
#define FAKE_TEXT_MAX    16384
#define FAKE_RESULTS_MAX 8

typedef int fake_http(void *arg, const struct acmecore_request *request, long *ret_code,
                      acmecore_sink *body, void *body_arg);
typedef int fake_run(void *arg, const struct acmecore_command *command, int *ret_exit,
                     acmecore_sink *output, void *output_arg);

struct acmecore_host_ctx {
    const struct acmecore_plugin *plugin; /* its options give the fallbacks; or NULL */
    struct {
        const char *name, *value; /* borrowed from the test */
    } options[FAKE_OPTIONS_MAX];
    size_t option_count;

    /* What the test may set between calls. */
    int64_t remaining_ms;
    int64_t remaining_calls; /* remaining_ms is 0 after so many questions; -1: never */
    fake_http *http;         /* NULL: ACMECORE_E_NETWORK */
    fake_run *run;           /* NULL: ACMECORE_E_UNSUPPORTED */
    void *arg;               /* handed to both */
    int file_status;         /* not OK: write_file and remove_file give this */

    /* What the plugin said. */
    char log[FAKE_TEXT_MAX];     /* lines "LEVEL message\n" */
    char failure[FAKE_TEXT_MAX]; /* of the last fail() */
    size_t failure_count;
    char reasons[FAKE_RESULTS_MAX][512]; /* of fail_at(), by index */
    char stranger[128]; /* an option that was asked for and not declared; or "" */
};

struct fake_host {
    struct acmecore_host host;
    struct acmecore_host_ctx ctx;
    char folder[PATH_MAX];
};

/* False when the folder cannot be made. `plugin` may be NULL. */
bool fake_host_start(struct fake_host *fake, const struct acmecore_plugin *plugin);

/* Adds a value; a further one with the same name is a further item of a list. For a
 * SECRET the value is the secret. Both texts must live as long as the fake. */
void fake_host_set(struct fake_host *fake, const char *name, const char *value);

/* Forgets all values with this name. */
void fake_host_unset(struct fake_host *fake, const char *name);

/* Forgets what was logged and why something failed. */
void fake_host_forget(struct fake_host *fake);

/* True when `text` stands in the log, or in the last failure. */
bool fake_host_logged(const struct fake_host *fake, const char *text);
bool fake_host_failed_with(const struct fake_host *fake, const char *text);

/* True when `text` stands in what was said of this result by fail_at(). */
bool fake_host_failed_at(const struct fake_host *fake, size_t index, const char *text);

#endif
