/* SPDX-License-Identifier: Apache-2.0 */
#include "reply.h"

#include <string.h>

#include "check.h"

#define PREFIX "/.well-known/acme-challenge/"

/* What `method` and `target` get while "token" is presented. */
static struct reply ask(const char *method, const char *target)
{
    struct answers answers = { 0 };
    struct reply reply = { 0 };

    if (answers_add(&answers, "token", "token.thumb") == ANSWERS_ADDED)
        reply = reply_to(&answers, method, target);
    if (reply.status == 200 && reply.body && strcmp(reply.body, "token.thumb") != 0)
        reply.status = 0;
    reply.body = NULL;
    answers_drop(&answers);
    return reply;
}

AC_TEST(presented_token_gets_its_key_authorization)
{
    struct reply get = ask("GET", PREFIX "token");
    struct reply head = ask("HEAD", PREFIX "token");

    CU_ASSERT_EQUAL(get.status, 200);
    CU_ASSERT_EQUAL(head.status, 200);
    CU_ASSERT_TRUE(get.type && strcmp(get.type, "application/octet-stream") == 0);
    CU_ASSERT_PTR_NULL(get.allow);
}

AC_TEST(absolute_form_is_understood_for_any_host)
{
    CU_ASSERT_EQUAL(ask("GET", "http://any.example" PREFIX "token").status, 200);
    CU_ASSERT_EQUAL(ask("GET", "HTTP://[::1]:80" PREFIX "token").status, 200);
    CU_ASSERT_EQUAL(ask("GET", "http://any.example").status, 404);
    CU_ASSERT_EQUAL(ask("GET", "https://any.example" PREFIX "token").status, 404);
}

AC_TEST(anything_else_is_not_found)
{
    static const char *const targets[] = {
        "/",
        "",
        "*",
        "/index.html",
        PREFIX,
        PREFIX "toke",
        PREFIX "token2",
        PREFIX "token/",
        PREFIX "/token",
        PREFIX "TOKEN",
        PREFIX "./token",
        PREFIX "../acme-challenge/token",
        PREFIX "%74oken",
        "/.well-known/acme-challenge",
        "/.WELL-KNOWN/acme-challenge/token",
        "//.well-known/acme-challenge/token",
        "/x/.well-known/acme-challenge/token",
    };

    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
        CU_ASSERT_EQUAL(ask("GET", targets[i]).status, 404);
}

AC_TEST(other_methods_are_told_which_are_allowed)
{
    static const char *const methods[] = { "POST",  "PUT",     "DELETE",  "OPTIONS",
                                           "TRACE", "CONNECT", "get",     "GETX",
                                           "",      "HEADER",  "PROPFIND" };

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        struct reply reply = ask(methods[i], PREFIX "token");

        CU_ASSERT_EQUAL(reply.status, 405);
        CU_ASSERT_TRUE(reply.allow && strcmp(reply.allow, "GET, HEAD") == 0);
    }
}

AC_SUITE("http01-standalone/reply", AC_CASE(presented_token_gets_its_key_authorization),
         AC_CASE(absolute_form_is_understood_for_any_host),
         AC_CASE(anything_else_is_not_found),
         AC_CASE(other_methods_are_told_which_are_allowed))
