/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/proof.h"

#include "base/log.h"
#include "check.h"

#include <stdio.h>
#include <string.h>

struct told {
    char text[4096];
};

static void listen(void *arg, enum ac_log_level level, const char *line)
{
    struct told *told = arg;
    size_t used = strlen(told->text);

    (void)level;
    (void)snprintf(told->text + used, sizeof(told->text) - used, "%s\n", line);
}

static struct told tell(const struct ac_proof *proof, enum ac_log_level level)
{
    struct told told = { "" };

    ac_log_to(listen, &told, level);
    ac_proof_tell(proof);
    ac_log_to(NULL, NULL, AC_LOG_ERROR);
    return told;
}

AC_TEST(http_01_is_told_with_url_and_answer)
{
    struct ac_proof proof = { .type = "http-01",
                              .identifier = "a.test",
                              .token = "token",
                              .key_authorization = "token.thumb" };

    struct told told = tell(&proof, AC_LOG_TRACE);

    CU_ASSERT_STRING_EQUAL(
        told.text, "[-] proof (RFC 8555 8.3): What the CA is going to look for, to "
                   "prove a.test by http-01.\n"
                   "[-]   GET http://a.test/.well-known/acme-challenge/token\n"
                   "[-]   answers with the key authorization token.thumb\n");
    proof.identifier = "2001:db8::1";
    told = tell(&proof, AC_LOG_TRACE);
    CU_ASSERT_PTR_NOT_NULL(strstr(told.text, "http://[2001:db8::1]/.well-known/"));
}

AC_TEST(dns_types_are_told_with_the_record)
{
    struct ac_proof proof = { .type = "dns-account-01",
                              .identifier = "a.test",
                              .token = "token",
                              .key_authorization = "token.thumb",
                              .record_name = "_x._acme-challenge.a.test",
                              .record_value = "value" };

    struct told told = tell(&proof, AC_LOG_TRACE);

    CU_ASSERT_PTR_NOT_NULL(strstr(told.text, "(RFC 8555 8.4)"));
    CU_ASSERT_PTR_NOT_NULL(strstr(told.text, "TXT _x._acme-challenge.a.test\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(told.text, "has the value value\n"));
}

AC_TEST(tls_alpn_01_is_told_with_what_is_digested)
{
    const struct ac_proof proof = { .type = "tls-alpn-01",
                                    .identifier = "a.test",
                                    .token = "token",
                                    .key_authorization = "token.thumb" };

    struct told told = tell(&proof, AC_LOG_TRACE);

    CU_ASSERT_PTR_NOT_NULL(strstr(told.text, "proof (RFC 8737 3)"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(told.text, "SHA-256 of the key authorization token.th"));
}

AC_TEST(unknown_type_and_lower_level_are_silent)
{
    const struct ac_proof strange = { .type = "x-01", .identifier = "a.test" };
    const struct ac_proof known = { .type = "http-01",
                                    .identifier = "a.test",
                                    .token = "token",
                                    .key_authorization = "token.thumb" };

    struct told of_strange = tell(&strange, AC_LOG_TRACE);
    struct told of_known = tell(&known, AC_LOG_DEBUG);

    CU_ASSERT_STRING_EQUAL(of_strange.text, "");
    CU_ASSERT_STRING_EQUAL(of_known.text, "");
}

AC_SUITE("acme/proof", AC_CASE(http_01_is_told_with_url_and_answer),
         AC_CASE(dns_types_are_told_with_the_record),
         AC_CASE(tls_alpn_01_is_told_with_what_is_digested),
         AC_CASE(unknown_type_and_lower_level_are_silent))
