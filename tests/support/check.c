/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CUnit/Basic.h>

#include "allocation.h"
#include "folder.h"

/* Far above what any test allocates: a run that gets here would never end. */
#define RUN_MAX 100000
/* After so many failures of one test the rest would say the same. */
#define REPORT_MAX 5
#define HANG_S     60

enum run_result {
    RUN_FINISHED = 40, /* no allocation was left to fail */
    RUN_SURVIVED = 41, /* one failed, and all is well */
    RUN_FAILED = 42    /* has told why */
};

struct options {
    bool is_torture;
    bool is_list;
    const char *only;
    size_t at; /* 0: every allocation in turn */
};

static struct {
    bool is_torture;
    const char *name; /* of the test that runs */
    size_t at;        /* the allocation that fails */
    size_t assertions;
    bool has_failed;
} now;

static struct {
    const struct ac_case *cases;
    size_t count;
    size_t current;
    size_t silent; /* tests without an assertion */
} plain;

CU_BOOL __real_CU_assertImplementation(CU_BOOL value, unsigned int line,
                                       const char *condition, const char *file,
                                       const char *function, CU_BOOL is_fatal);
CU_BOOL __wrap_CU_assertImplementation(CU_BOOL value, unsigned int line,
                                       const char *condition, const char *file,
                                       const char *function, CU_BOOL is_fatal);

bool ac_check_is_torture(void)
{
    return now.is_torture;
}

/* Counts assertions; in torture mode what they say is of no interest. */
CU_BOOL __wrap_CU_assertImplementation(CU_BOOL value, unsigned int line,
                                       const char *condition, const char *file,
                                       const char *function, CU_BOOL is_fatal)
{
    now.assertions++;
    if (!now.is_torture)
        return __real_CU_assertImplementation(value, line, condition, file, function,
                                              is_fatal);
    /* A fatal one would jump out of the test, over its cleanups: stop counting here. */
    if (!value && is_fatal)
        _exit(now.has_failed ? RUN_FAILED : RUN_SURVIVED);
    return value;
}

bool ac_check_true(bool condition, const char *text, const char *file, int line)
{
    return __wrap_CU_assertImplementation(condition ? CU_TRUE : CU_FALSE,
                                          (unsigned int)line, text, file, "", CU_FALSE);
}

static void tell_failure(const char *what)
{
    printf("  %s, allocation %zu: %s\n", now.name, now.at, what);
    (void)fflush(stdout);
    now.has_failed = true;
}

bool ac_check_code(int code, int want, const char *text, const char *file, int line)
{
    char message[512];
    int length =
        snprintf(message, sizeof(message), "%s (code %d, want %d)", text, code, want);

    if (length < 0 || code == want)
        return ac_check_true(code == want, text, file, line);
    if (!now.is_torture)
        return ac_check_true(false, message, file, line);
    if (code != (int)AC_E_NOMEM)
        tell_failure(message);
    now.assertions++;
    return false;
}

/* LeakSanitizer, where there is one: it also sees what libraries allocated for us. */
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

static void look_for_leaks(void)
{
    char message[64];
    size_t left = ac_allocation_live();

    (void)snprintf(message, sizeof(message), "%zu allocations left over", left);
    if (left > 0)
        tell_failure(message);
    else if (__lsan_do_recoverable_leak_check != NULL
             && __lsan_do_recoverable_leak_check() != 0)
        tell_failure("a library's allocation is left over");
}

/* One test with its nth allocation failing, in a process that ends here. */
static _Noreturn void run_in_child(const struct ac_case *test, size_t at)
{
    (void)alarm(HANG_S);
    ac_allocation_start(at);
    test->run();
    ac_allocation_stop();
    ac_folder_remove();
    look_for_leaks();
    (void)fflush(stdout);
    if (now.has_failed)
        _exit(RUN_FAILED);
    _exit(ac_allocation_has_failed() ? RUN_SURVIVED : RUN_FINISHED);
}

static enum run_result judge_child(int status)
{
    char message[96];

    if (WIFEXITED(status) && WEXITSTATUS(status) >= RUN_FINISHED
        && WEXITSTATUS(status) <= RUN_FAILED)
        return (enum run_result)WEXITSTATUS(status);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        (void)snprintf(message, sizeof(message), "hangs for more than %d s", HANG_S);
    else if (WIFSIGNALED(status))
        (void)snprintf(message, sizeof(message), "crashes with signal %d (SIG%s)",
                       WTERMSIG(status), sigabbrev_np(WTERMSIG(status)));
    else
        (void)snprintf(message, sizeof(message), "ends the process with status %d",
                       WEXITSTATUS(status));
    tell_failure(message);
    return RUN_FAILED;
}

static enum run_result run_forked(const struct ac_case *test, size_t at)
{
    int status = 0;
    pid_t child;

    now.name = test->name;
    now.at = at;
    now.has_failed = false;
    (void)fflush(NULL);
    child = fork();
    if (child == 0)
        run_in_child(test, at);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (child < 0) {
        tell_failure("cannot fork");
        return RUN_FAILED;
    }
    return judge_child(status);
}

/* True when no allocation of the test can fail it; *runs counts them. */
static bool torture_one(const struct ac_case *test, size_t *runs)
{
    size_t failures = 0;

    for (size_t at = 1; at <= RUN_MAX && failures < REPORT_MAX; at++) {
        enum run_result result = run_forked(test, at);

        (*runs)++;
        if (result == RUN_FINISHED)
            return failures == 0;
        if (result == RUN_FAILED)
            failures++;
    }
    if (failures < REPORT_MAX)
        tell_failure("never runs out of allocations");
    return false;
}

static int torture(const char *suite, const struct ac_case *cases, size_t case_count,
                   const struct options *options)
{
    size_t passed = 0;
    size_t failed = 0;
    size_t runs = 0;

    now.is_torture = true;
    ac_folder_nest();
    ac_allocation_hook_jansson();
    printf("%s, with every allocation failing in turn\n", suite);
    for (size_t i = 0; i < case_count; i++) {
        if (options->only != NULL && strcmp(options->only, cases[i].name) != 0)
            continue;
        now.name = cases[i].name;
        now.at = options->at;
        if (options->at > 0)
            run_in_child(&cases[i], options->at);
        if (torture_one(&cases[i], &runs))
            passed++;
        else
            failed++;
    }
    ac_folder_unnest();
    printf("%s: %zu runs\n%zu passed, %zu failed\n", suite, runs, passed, failed);
    return failed == 0 && passed > 0 ? 0 : 1;
}

/* CUnit's functions take no argument, so the cases are run in their order. */
static void run_next_plain(void)
{
    const struct ac_case *test = &plain.cases[plain.current++];

    now.name = test->name;
    now.assertions = 0;
    test->run();
    ac_folder_remove();
    if (now.assertions > 0)
        return;
    plain.silent++;
    CU_FAIL("the test asserts nothing");
}

static int run_plain(const char *suite, const struct ac_case *cases, size_t case_count,
                     const struct options *options)
{
    struct ac_case *chosen = calloc(case_count, sizeof(*chosen));
    CU_pSuite cunit_suite = NULL;
    int exit_code = 1;

    if (chosen == NULL || CU_initialize_registry() != CUE_SUCCESS)
        return 1;
    cunit_suite = CU_add_suite(suite, NULL, NULL);
    for (size_t i = 0; cunit_suite != NULL && i < case_count; i++) {
        if (options->only != NULL && strcmp(options->only, cases[i].name) != 0)
            continue;
        chosen[plain.count++] = cases[i];
        if (CU_add_test(cunit_suite, cases[i].name, run_next_plain) == NULL)
            return 1;
    }
    plain.cases = chosen;
    CU_basic_set_mode(CU_BRM_VERBOSE);
    if (CU_basic_run_tests() == CUE_SUCCESS && plain.count > 0
        && plain.current == plain.count)
        exit_code = CU_get_number_of_failures() > 0 ? 1 : 0;
    CU_cleanup_registry();
    free(chosen);
    return exit_code;
}

static bool parse_options(int argc, char **argv, struct options *ret_options)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--torture") == 0)
            ret_options->is_torture = true;
        else if (strcmp(argv[i], "--list") == 0)
            ret_options->is_list = true;
        else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
            ret_options->only = argv[++i];
        else if (strcmp(argv[i], "--at") == 0 && i + 1 < argc)
            ret_options->at = strtoul(argv[++i], NULL, 10);
        else
            return false;
    }
    return ret_options->at == 0 || ret_options->only != NULL;
}

int ac_check_main(const char *suite, const struct ac_case *cases, size_t case_count,
                  int argc, char **argv)
{
    struct options options = { 0 };

    if (!parse_options(argc, argv, &options)) {
        (void)fprintf(stderr, "usage: %s [--list] [--torture] [--only NAME [--at N]]\n",
                      argv[0]);
        return 2;
    }
    /* A message that is lost in a crash is no message. */
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    if (options.is_list) {
        for (size_t i = 0; i < case_count; i++)
            puts(cases[i].name);
        return 0;
    }
    if (options.is_torture)
        return torture(suite, cases, case_count, &options);
    return run_plain(suite, cases, case_count, &options);
}
