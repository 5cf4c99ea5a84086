/* SPDX-License-Identifier: Apache-2.0 */
#include "key_file.h"

#include "check.h"

#include <string.h>

#define BIND(name)                                                                     \
    "key \"" name "\" {\n\talgorithm hmac-sha256;\n\tsecret \"AAECAwQF//+=\";\n};\n"

static struct key_file found;
static struct key_file_fault fault;

static bool read_text(const char *text, const char *wanted)
{
    fault = (struct key_file_fault){ 0, NULL };
    return key_file_read(text, strlen(text), wanted, &found, &fault);
}

static bool is(struct span span, const char *text)
{
    return span.size == strlen(text) && memcmp(span.text, text, span.size) == 0;
}

static bool is_found(const char *name, const char *algorithm, const char *secret)
{
    return is(found.name, name) && is(found.algorithm, algorithm)
           && is(found.secret, secret);
}

/* Read, it fails at that line for that reason. */
static bool fails(const char *text, unsigned line, const char *reason)
{
    return !read_text(text, NULL) && fault.line == line && strstr(fault.text, reason);
}

AC_TEST(output_of_tsig_keygen_is_read)
{
    CU_ASSERT_TRUE(read_text(BIND("acme-key"), NULL));
    CU_ASSERT_TRUE(is_found("acme-key", "hmac-sha256", "AAECAwQF//+="));
}

AC_TEST(output_of_keymgr_is_read)
{
    CU_ASSERT_TRUE(read_text("# hmac-sha384:acme:OWD8//8=\nkey:\n  - id: acme\n"
                             "    algorithm: hmac-sha384\n    secret: OWD8//8=\n",
                             NULL));
    CU_ASSERT_TRUE(is_found("acme", "hmac-sha384", "OWD8//8="));
}

AC_TEST(layout_does_not_matter)
{
    CU_ASSERT_TRUE(read_text("key a{secret AAA=;algorithm \"hmac-sha1\";};", NULL));
    CU_ASSERT_TRUE(is_found("a", "hmac-sha1", "AAA="));
    CU_ASSERT_TRUE(read_text("\r\n KEY\r\n\"a\"\r\n{ Algorithm hmac-sha1 ;;\r\n"
                             "SECRET \"AAA=\" ; } ;;\r\n",
                             NULL));
    CU_ASSERT_TRUE(is_found("a", "hmac-sha1", "AAA="));
    CU_ASSERT_TRUE(
        read_text("key:\n- secret: \"//8=\"\n  id: 'x'\n  algorithm: a", NULL));
    CU_ASSERT_TRUE(is_found("'x'", "a", "//8="));
    CU_ASSERT_TRUE(read_text("key:\n- secret: //8=\n  id: x\n  algorithm: a", NULL));
    CU_ASSERT_TRUE(is_found("x", "a", "//8="));
}

AC_TEST(comments_are_skipped)
{
    CU_ASSERT_TRUE(
        read_text("# one\n// two {\n/* key \"no\" {\n */ " BIND("a") "# end", NULL));
    CU_ASSERT_TRUE(is_found("a", "hmac-sha256", "AAECAwQF//+="));
}

AC_TEST(wanted_key_is_chosen_among_several)
{
    const char *text = BIND("one") BIND("Two.") BIND("three");

    CU_ASSERT_TRUE(read_text(text, "two"));
    CU_ASSERT_TRUE(is(found.name, "Two."));
    CU_ASSERT_TRUE(read_text(text, "three."));
    CU_ASSERT_TRUE(is(found.name, "three"));
    CU_ASSERT_FALSE(read_text(text, "tw"));
    CU_ASSERT_PTR_NOT_NULL(strstr(fault.text, "not in it"));
    CU_ASSERT_FALSE(read_text(text, NULL));
    CU_ASSERT_PTR_NOT_NULL(strstr(fault.text, "several keys"));
    CU_ASSERT_FALSE(read_text(BIND("a") BIND("a."), "a"));
    CU_ASSERT_PTR_NOT_NULL(strstr(fault.text, "twice"));
}

AC_TEST(wanted_key_is_chosen_among_several_of_knot)
{
    const char *text = "key:\n  - id: one\n    algorithm: a\n    secret: b\n"
                       "  - id: two\n    algorithm: c\n    secret: d\n";

    CU_ASSERT_TRUE(read_text(text, "two"));
    CU_ASSERT_TRUE(is_found("two", "c", "d"));
    CU_ASSERT_TRUE(read_text(text, "one"));
    CU_ASSERT_TRUE(is_found("one", "a", "b"));
    CU_ASSERT_FALSE(read_text(text, NULL));
}

AC_TEST(file_without_key_is_refused)
{
    CU_ASSERT_TRUE(fails("", 0, "there is no key"));
    CU_ASSERT_TRUE(fails("\n# only a comment", 0, "there is no key"));
    CU_ASSERT_TRUE(fails("key:\n", 0, "there is no key"));
}

AC_TEST(fault_names_its_line)
{
    CU_ASSERT_TRUE(fails("\n\nsecret", 3, "a key must look like"));
    CU_ASSERT_TRUE(fails("key {", 1, "a name and {"));
    CU_ASSERT_TRUE(fails("key \"a\" ;", 1, "a name and {"));
    CU_ASSERT_TRUE(fails("key a {\nalgorithm x;\nkind y;};", 3, "an algorithm and"));
    CU_ASSERT_TRUE(fails("key a {\nalgorithm x\nsecret y;};", 3, "semicolon"));
    CU_ASSERT_TRUE(fails("key a {\nalgorithm x;\nsecret ;};", 3, "a value is missing"));
    CU_ASSERT_TRUE(fails("key a {\nalgorithm x;\n};", 3, "no secret"));
    CU_ASSERT_TRUE(fails("key a { secret x; };", 1, "no algorithm"));
    CU_ASSERT_TRUE(fails("key a { secret x;", 1, "ends with };"));
    CU_ASSERT_TRUE(fails("key a { secret x; secret y; };", 1, "twice"));
    CU_ASSERT_TRUE(fails("\nkey \"a { };", 2, "quote"));
    CU_ASSERT_TRUE(fails("key \"a\\\"\" { };", 1, "backslash"));
    CU_ASSERT_TRUE(fails("/* open\n\n", 3, "comment"));
    CU_ASSERT_TRUE(fails("key:\n  id: a\n", 2, "only the section key:"));
    CU_ASSERT_TRUE(fails("key:\n  - id: a\n    id: b\n", 3, "twice"));
    CU_ASSERT_TRUE(fails("key:\n  - id: a\nacl:\n", 3, "only the section key:"));
    CU_ASSERT_TRUE(fails("key:\n  - id:", 2, "a value is missing"));
    CU_ASSERT_TRUE(fails("key:\n  - secret: a\n", 3, "no name"));
}

AC_TEST(other_kinds_of_files_are_told_apart)
{
    CU_ASSERT_TRUE(fails("Private-key-format: v1.3\nAlgorithm: 163 (HMAC_SHA256)\n", 1,
                         "dnssec-keygen"));
    CU_ASSERT_TRUE(fails("-----BEGIN PRIVATE KEY-----\n", 1, "PEM"));
}

AC_TEST(zero_bytes_are_no_surprise)
{
    static const char text[] = "key \"a\0b\" { algorithm\0 x; secret \0; };";

    fault.text = NULL;
    CU_ASSERT_FALSE(key_file_read(text, sizeof text - 1, NULL, &found, &fault));
    CU_ASSERT_PTR_NOT_NULL(fault.text);
}

AC_TEST(file_that_is_too_large_is_refused)
{
    static char text[KEY_FILE_MAX + 1];

    memset(text, ' ', sizeof text);
    CU_ASSERT_FALSE(key_file_read(text, sizeof text, NULL, &found, &fault));
    CU_ASSERT_PTR_NOT_NULL(strstr(fault.text, "64 KiB"));
}

AC_TEST(no_cut_of_a_file_is_a_crash)
{
    const char *text = "/* x */ " BIND("a");
    size_t size = strlen(text);
    size_t good = 0;

    for (size_t i = 0; i < size; i++)
        good += key_file_read(text, i, NULL, &found, &fault) ? 1 : 0;

    /* Only the last semicolon and newline may be missing. */
    CU_ASSERT_EQUAL(good, 2);
}

AC_SUITE("dns01-rfc2136/key_file", AC_CASE(output_of_tsig_keygen_is_read),
         AC_CASE(output_of_keymgr_is_read), AC_CASE(layout_does_not_matter),
         AC_CASE(comments_are_skipped), AC_CASE(wanted_key_is_chosen_among_several),
         AC_CASE(wanted_key_is_chosen_among_several_of_knot),
         AC_CASE(file_without_key_is_refused), AC_CASE(fault_names_its_line),
         AC_CASE(other_kinds_of_files_are_told_apart),
         AC_CASE(zero_bytes_are_no_surprise),
         AC_CASE(file_that_is_too_large_is_refused),
         AC_CASE(no_cut_of_a_file_is_a_crash))
