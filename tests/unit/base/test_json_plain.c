/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_plain.h"

#include "base/memory.h"
#include "check.h"

#include <stdlib.h>
#include <string.h>

/* What is plain is what Jansson reads, members in the same order. */
static void check_same(const json_t *plain, const char *text)
{
    json_t *whole = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    char *one = json_dumps(plain, JSON_COMPACT);
    char *other = json_dumps(whole, JSON_COMPACT);

    CU_ASSERT_TRUE(json_equal(plain, whole));
    AC_REQUIRE(one && other);
    CU_ASSERT_STRING_EQUAL(one, other);
    free(one);
    free(other);
    json_decref(whole);
}

static void check_plain(const char *text)
{
    json_t *plain = ac_json_read_plain(text, strlen(text));

    /* Without memory it is not plain, and Jansson's own scanner reads too far. */
    if (!ac_check_is_torture()) {
        CU_ASSERT_PTR_NOT_NULL(plain);
        check_same(plain, text);
    }
    json_decref(plain);
}

static void check_refused(const char *bytes, size_t size)
{
    json_t *plain = ac_json_read_plain(bytes, size);

    CU_ASSERT_PTR_NULL(plain);
    json_decref(plain);
}

AC_TEST(what_is_plain_is_what_jansson_reads)
{
    static const char *const texts[] = {
        "{}",
        " {\t}\r\n",
        "{\"a\":1}",
        "{ \"z\" : \"one\" , \"a\" : [ ] , \"\" : { } }",
        "{\"n\":[0,-1,10,999999999999999,-999999999999999]}",
        "{\"w\":[true,false,null,\"\",\"~ !#[]{}:,\"]}",
        "{\"a\":[[[{\"b\":[{}]}]]],\"c\":{\"a\":{\"a\":1}}}",
    };

    for (size_t i = 0; i < AC_COUNT(texts); i++)
        check_plain(texts[i]);
}

AC_TEST(what_needs_thought_is_not_plain)
{
    static const char *const texts[] = {
        "",
        "[]",
        "1",
        "\"a\"",
        "{\"a\":1,\"a\":1}",
        "{\"a\":\"\\n\"}",
        "{\"a\":\"\\u0041\"}",
        "{\"a\":\"\303\251\"}",
        "{\"a\":1.0}",
        "{\"a\":1e3}",
        "{\"a\":-0}",
        "{\"a\":1000000000000000}",
    };

    for (size_t i = 0; i < AC_COUNT(texts); i++)
        check_refused(texts[i], strlen(texts[i]));
}

AC_TEST(what_is_no_json_is_not_plain)
{
    static const char *const texts[] = {
        "{",
        "}",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{,}",
        "{\"a\":1 2}",
        "{\"a\" 1}",
        "{a:1}",
        "{\"a\":01}",
        "{\"a\":-}",
        "{\"a\":-true}",
        "{\"a\":+1}",
        "{\"a\":tru}",
        "{\"a\":truefalse}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{\"a\":[1}}",
        "{\"a\":{]}",
        "{}}",
        "{} x",
        "{\"a\":\"b}",
        "{\"a\":\"b\tc\"}",
        "{\"a\":[1:2]}",
        "{[]:1}",
        "{\"a\":\"b\"\"c\"}",
    };

    for (size_t i = 0; i < AC_COUNT(texts); i++)
        check_refused(texts[i], strlen(texts[i]));
    check_refused("{}\0", 3);
    check_refused("{\"a\":1}", 6); /* not beyond its size */
}

/* An object with so many arrays in each other. */
static void nest(size_t arrays, char *text)
{
    char *end = stpcpy(text, "{\"a\":");

    memset(end, '[', arrays);
    memset(end + arrays, ']', arrays);
    (void)stpcpy(end + 2 * arrays, "}");
}

AC_TEST(nesting_is_plain_up_to_a_depth)
{
    char text[128];

    nest(15, text);
    check_plain(text);
    nest(16, text);
    check_refused(text, strlen(text));
}

AC_SUITE("base/json_plain", AC_CASE(what_is_plain_is_what_jansson_reads),
         AC_CASE(what_needs_thought_is_not_plain),
         AC_CASE(what_is_no_json_is_not_plain), AC_CASE(nesting_is_plain_up_to_a_depth))
