/* SPDX-License-Identifier: Apache-2.0 */
#include "redirect.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "fake_host.h"

/* What nft was told last, and what it answers. */
struct kernel {
    char script[4096]; /* all that it was told since it was forgotten */
    int calls;
    int exit_code;
    const char *errors;
};

static int take_script(void *arg, const struct acmecore_command *command, int *ret_exit,
                       acmecore_sink *output, void *output_arg)
{
    struct kernel *kernel = arg;

    (void)output;
    (void)output_arg;
    kernel->calls++;
    size_t used = strlen(kernel->script);
    (void)snprintf(kernel->script + used, sizeof(kernel->script) - used, "%.*s",
                   (int)command->input_size, (const char *)command->input);
    if (kernel->errors)
        (void)command->errors(command->errors_arg, kernel->errors,
                              strlen(kernel->errors));
    *ret_exit = kernel->exit_code;
    return ACMECORE_OK;
}

static bool start(struct fake_host *fake, struct kernel *kernel, const char *port)
{
    *kernel = (struct kernel){ .exit_code = 0 };
    if (!fake_host_start(fake, &acmecore_plugin))
        return false;
    fake->ctx.run = take_script;
    fake->ctx.arg = kernel;
    if (port)
        fake_host_set(fake, "redirect", port);
    return true;
}

static bool says(const struct kernel *kernel, const char *text)
{
    return strstr(kernel->script, text) != NULL;
}

static void forget(struct kernel *kernel)
{
    kernel->script[0] = '\0';
}

AC_TEST(without_the_option_nothing_is_done)
{
    struct fake_host fake;
    struct kernel kernel;
    struct redirect redirect;

    AC_REQUIRE(start(&fake, &kernel, NULL));
    CU_ASSERT_EQUAL(redirect_open(&fake.host, 10443, true, &redirect), ACMECORE_OK);
    CU_ASSERT_EQUAL(redirect_begin(&redirect, 0), ACMECORE_OK);
    redirect_keep(&redirect, 1000000);
    CU_ASSERT_EQUAL(redirect_end(&redirect), ACMECORE_OK);
    CU_ASSERT_PTR_NULL(redirect_hold(&redirect));

    CU_ASSERT_EQUAL(kernel.calls, 0);
    CU_ASSERT_STRING_EQUAL(fake.ctx.stranger, "");
}

AC_TEST(opening_takes_away_what_an_earlier_run_left)
{
    struct fake_host fake;
    struct kernel kernel;
    struct redirect redirect;

    AC_REQUIRE(start(&fake, &kernel, "443"));
    CU_ASSERT_EQUAL(redirect_open(&fake.host, 10443, true, &redirect), ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(kernel.script, "add table inet acmecore_443_10443\n"
                                          "delete table inet acmecore_443_10443\n");
}

AC_TEST(lease_is_taken_once_renewed_in_time_and_given_back)
{
    struct fake_host fake;
    struct kernel kernel;
    struct redirect redirect;

    AC_REQUIRE(start(&fake, &kernel, "443"));
    AC_REQUIRE(redirect_open(&fake.host, 10443, true, &redirect) == ACMECORE_OK);

    CU_ASSERT_EQUAL(redirect_begin(&redirect, 1000), ACMECORE_OK);
    CU_ASSERT_TRUE(says(&kernel, "timeout 30s"));
    CU_ASSERT_TRUE(says(&kernel, "== syn tcp dport @lease redirect to :10443"));
    CU_ASSERT_TRUE(says(&kernel, "add element inet acmecore_443_10443 lease { 443 }"));
    forget(&kernel);
    CU_ASSERT_EQUAL(redirect_begin(&redirect, 1000), ACMECORE_OK);
    redirect_keep(&redirect, 1000 + REDIRECT_RENEW_MS - 1);
    CU_ASSERT_STRING_EQUAL(kernel.script, "");
    redirect_keep(&redirect, 1000 + REDIRECT_RENEW_MS);
    CU_ASSERT_STRING_EQUAL(kernel.script,
                           "flush set inet acmecore_443_10443 lease\n"
                           "add element inet acmecore_443_10443 lease { 443 }\n");
    forget(&kernel);
    CU_ASSERT_EQUAL(redirect_end(&redirect), ACMECORE_OK);
    CU_ASSERT_TRUE(says(&kernel, "delete table"));
    forget(&kernel);
    CU_ASSERT_EQUAL(redirect_end(&redirect), ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(kernel.script, "");
}

AC_TEST(pause_keeps_the_table_for_the_connections_there_are)
{
    struct fake_host fake;
    struct kernel kernel;
    struct redirect redirect;

    AC_REQUIRE(start(&fake, &kernel, "443"));
    AC_REQUIRE(redirect_open(&fake.host, 10443, true, &redirect) == ACMECORE_OK);
    AC_REQUIRE(redirect_begin(&redirect, 1000) == ACMECORE_OK);
    forget(&kernel);

    CU_ASSERT_EQUAL(redirect_pause(&redirect), ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(kernel.script, "flush set inet acmecore_443_10443 lease\n");
    forget(&kernel);
    CU_ASSERT_EQUAL(redirect_pause(&redirect), ACMECORE_OK);
    redirect_keep(&redirect, 1000000);
    CU_ASSERT_STRING_EQUAL(kernel.script, "");
    CU_ASSERT_EQUAL(redirect_begin(&redirect, 1000), ACMECORE_OK);
    CU_ASSERT_FALSE(says(&kernel, "chain"));
    CU_ASSERT_TRUE(says(&kernel, "add element"));
}

AC_TEST(renewal_ends_long_before_the_lease)
{
    CU_ASSERT_TRUE(2 * REDIRECT_RENEW_MS < 1000 * REDIRECT_LEASE_S);
}

AC_TEST(refusal_of_the_kernel_says_what_to_do)
{
    struct fake_host fake;
    struct kernel kernel;
    struct redirect redirect;

    AC_REQUIRE(start(&fake, &kernel, "443"));
    kernel.exit_code = 1;
    kernel.errors = "Error: Operation not permitted\ntable inet ...";

    CU_ASSERT_EQUAL(redirect_open(&fake.host, 10443, true, &redirect),
                    ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(
        &fake, "(nft ends with 1: Error: Operation not permitted): run as root"));
}

AC_TEST(long_complaint_of_the_kernel_is_cut)
{
    static char errors[2000];
    struct fake_host fake;
    struct kernel kernel;
    struct redirect redirect;

    AC_REQUIRE(start(&fake, &kernel, "443"));
    memset(errors, 'x', sizeof(errors) - 1);
    kernel.exit_code = 1;
    kernel.errors = errors;

    CU_ASSERT_EQUAL(redirect_open(&fake.host, 10443, true, &redirect),
                    ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(strlen(fake.ctx.failure) < 400);
}

AC_TEST(renewal_that_fails_is_a_warning)
{
    struct fake_host fake;
    struct kernel kernel;
    struct redirect redirect;

    AC_REQUIRE(start(&fake, &kernel, "443"));
    AC_REQUIRE(redirect_open(&fake.host, 10443, true, &redirect) == ACMECORE_OK);
    AC_REQUIRE(redirect_begin(&redirect, 0) == ACMECORE_OK);
    kernel.exit_code = 1;

    redirect_keep(&redirect, REDIRECT_RENEW_MS);

    CU_ASSERT_TRUE(fake_host_logged(&fake, "WARN the redirection of port 443"));
}

AC_TEST(port_of_our_own_is_refused)
{
    struct fake_host fake;
    struct kernel kernel;
    struct redirect redirect;

    AC_REQUIRE(start(&fake, &kernel, "443"));

    CU_ASSERT_EQUAL(redirect_open(&fake.host, 443, true, &redirect), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "option port to another"));
    CU_ASSERT_EQUAL(kernel.calls, 0);
}

AC_TEST(visitors_that_nobody_would_get_are_not_redirected)
{
    struct fake_host fake;
    struct kernel kernel;
    struct redirect redirect;

    AC_REQUIRE(start(&fake, &kernel, "443"));

    CU_ASSERT_EQUAL(redirect_open(&fake.host, 10443, false, &redirect),
                    ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "set backend=127.0.0.1:443"));
    CU_ASSERT_EQUAL(kernel.calls, 0);
}

AC_TEST(number_that_is_no_port_is_refused)
{
    struct fake_host fake;
    struct kernel kernel;
    struct redirect redirect;

    AC_REQUIRE(start(&fake, &kernel, "443x"));

    CU_ASSERT_EQUAL(redirect_open(&fake.host, 10443, true, &redirect),
                    ACMECORE_E_CONFIG);
}

AC_TEST(table_that_holds_has_a_name_of_its_own_and_redirects_nothing)
{
    struct fake_host fake;
    struct kernel kernel;
    struct redirect redirect;

    AC_REQUIRE(start(&fake, &kernel, "443"));
    AC_REQUIRE(redirect_open(&fake.host, 10443, true, &redirect) == ACMECORE_OK);
    AC_REQUIRE(redirect_begin(&redirect, 0) == ACMECORE_OK);
    forget(&kernel);
    char *const *command = redirect_hold(&redirect);

    AC_REQUIRE(command != NULL);
    CU_ASSERT_STRING_EQUAL(command[0], "/usr/sbin/nft");
    CU_ASSERT_STRING_EQUAL(command[1], "delete");
    CU_ASSERT_TRUE(says(&kernel, command[4]));
    CU_ASSERT_TRUE(says(&kernel, "ct state established accept"));
    CU_ASSERT_FALSE(says(&kernel, "dport"));
    CU_ASSERT_PTR_NULL(command[5]);
    kernel.exit_code = 1;
    CU_ASSERT_PTR_NULL(redirect_hold(&redirect));
}

AC_SUITE("tlsalpn01-standalone/redirect", AC_CASE(without_the_option_nothing_is_done),
         AC_CASE(opening_takes_away_what_an_earlier_run_left),
         AC_CASE(lease_is_taken_once_renewed_in_time_and_given_back),
         AC_CASE(pause_keeps_the_table_for_the_connections_there_are),
         AC_CASE(renewal_ends_long_before_the_lease),
         AC_CASE(refusal_of_the_kernel_says_what_to_do),
         AC_CASE(long_complaint_of_the_kernel_is_cut),
         AC_CASE(renewal_that_fails_is_a_warning), AC_CASE(port_of_our_own_is_refused),
         AC_CASE(visitors_that_nobody_would_get_are_not_redirected),
         AC_CASE(number_that_is_no_port_is_refused),
         AC_CASE(table_that_holds_has_a_name_of_its_own_and_redirects_nothing))
