/* SPDX-License-Identifier: Apache-2.0 */
#include "hello.h"

#include "visitor.h"

#define RECORD_HEADER 5
#define MESSAGE_SIZE  (RECORD_HEADER + 1) /* where its three octets are */

static enum hello_verdict verdict_of(const char *name, const char *protocols)
{
    struct written written = visitor_hello(name, protocols);
    struct hello hello = { "" };

    return hello_read(written.data, written.size, &hello);
}

/* The same message in records of `size` octets. */
static size_t cut_up(const struct written *written, size_t size, uint8_t *ret_data)
{
    size_t used = 0;

    for (size_t at = RECORD_HEADER; at < written->size; at += size) {
        size_t left = written->size - at;
        size_t part = left < size ? left : size;

        memcpy(ret_data + used, written->data, 3);
        ret_data[used + 3] = (uint8_t)(part >> 8);
        ret_data[used + 4] = (uint8_t)part;
        memcpy(ret_data + used + RECORD_HEADER, written->data + at, part);
        used += RECORD_HEADER + part;
    }
    return used;
}

static void add_to_number(uint8_t *at, size_t octets, size_t more)
{
    size_t number = 0;

    for (size_t i = 0; i < octets; i++)
        number = number << 8 | at[i];
    number += more;
    for (size_t i = octets; i-- > 0; number >>= 8)
        at[i] = (uint8_t)number;
}

/* Where the size of the extensions stands (RFC 8446 4.1.2). */
static size_t find_extensions(const uint8_t *data)
{
    size_t at = RECORD_HEADER + 4 + 2 + 32;

    at += 1 + data[at];
    at += 2 + ((size_t)data[at] << 8 | data[at + 1]);
    return at + 1 + data[at];
}

static void add_extension(struct written *written, const uint8_t *extension,
                          size_t size)
{
    memcpy(written->data + written->size, extension, size);
    written->size += size;
    add_to_number(written->data + 3, 2, size);
    add_to_number(written->data + MESSAGE_SIZE, 3, size);
    add_to_number(written->data + find_extensions(written->data), 2, size);
}

AC_TEST(validator_is_recognised_with_the_name_in_lower_case)
{
    struct written written = visitor_hello("WwW.Example.COM", "acme-tls/1");
    struct hello hello = { "" };

    CU_ASSERT_TRUE(written.size > 100);
    CU_ASSERT_EQUAL(hello_read(written.data, written.size, &hello), HELLO_VALIDATION);
    CU_ASSERT_STRING_EQUAL(hello.server_name, "www.example.com");
}

AC_TEST(everybody_else_is_passed_over)
{
    CU_ASSERT_EQUAL(verdict_of("a.test", NULL), HELLO_OTHER);
    CU_ASSERT_EQUAL(verdict_of("a.test", "h2,http/1.1"), HELLO_OTHER);
    CU_ASSERT_EQUAL(verdict_of("a.test", "acme-tls/1,h2"), HELLO_OTHER);
    CU_ASSERT_EQUAL(verdict_of("a.test", "h2,acme-tls/1"), HELLO_OTHER);
    CU_ASSERT_EQUAL(verdict_of("a.test", "acme-tls/2"), HELLO_OTHER);
    CU_ASSERT_EQUAL(verdict_of("a.test", "acme-tls/11"), HELLO_OTHER);
    CU_ASSERT_EQUAL(verdict_of("a.test", "acme-tls/"), HELLO_OTHER);
    CU_ASSERT_EQUAL(verdict_of(NULL, "acme-tls/1"), HELLO_OTHER);
}

AC_TEST(each_beginning_of_it_is_undecided)
{
    struct written written = visitor_hello("a.test", "acme-tls/1");
    struct hello hello = { "" };

    for (size_t size = 0; size < written.size; size++)
        CU_ASSERT_EQUAL(hello_read(written.data, size, &hello), HELLO_UNDECIDED);
    CU_ASSERT_STRING_EQUAL(hello.server_name, "");
}

AC_TEST(records_of_any_size_say_the_same)
{
    static const size_t sizes[] = { 1, 2, 3, 4, 5, 7, 100, 4096 };
    static uint8_t data[VISITOR_HELLO_MAX * 6];
    struct written written = visitor_hello("a.test", "acme-tls/1");

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct hello hello = { "" };
        size_t size = cut_up(&written, sizes[i], data);

        CU_ASSERT_EQUAL(hello_read(data, size, &hello), HELLO_VALIDATION);
        CU_ASSERT_EQUAL(hello_read(data, size - 1, &hello), HELLO_UNDECIDED);
        CU_ASSERT_STRING_EQUAL(hello.server_name, "a.test");
    }
}

AC_TEST(what_follows_is_not_looked_at)
{
    struct written written = visitor_hello("a.test", "acme-tls/1");
    struct hello hello = { "" };

    memset(written.data + written.size, 0xff, 100);

    CU_ASSERT_EQUAL(hello_read(written.data, written.size + 100, &hello),
                    HELLO_VALIDATION);
}

AC_TEST(first_octets_decide_where_they_can)
{
    static const struct {
        const char *data;
        size_t size;
        enum hello_verdict verdict;
    } cases[] = {
        { "", 0, HELLO_UNDECIDED },
        { "G", 1, HELLO_OTHER },
        { "SSH-2.0-x\r\n", 11, HELLO_OTHER },
        { "\x80\x2e\x01\x00\x02", 5, HELLO_OTHER }, /* SSLv2 */
        { "\x15\x03\x01\x00\x02", 5, HELLO_OTHER }, /* an alert */
        { "\x16", 1, HELLO_UNDECIDED },
        { "\x16\x02", 2, HELLO_OTHER },
        { "\x16\x03\x01\x00\x00", 5, HELLO_OTHER },     /* an empty fragment */
        { "\x16\x03\x01\x40\x01", 5, HELLO_OTHER },     /* one too long */
        { "\x16\x03\x01\x00\x04\x02", 6, HELLO_OTHER }, /* a ServerHello */
        { "\x16\x03\x01\x40\x00\x01\x00\x00", 8, HELLO_UNDECIDED },
        { "\x16\x03\x01\x40\x00\x01\x00\x3e\x80", 9, HELLO_OTHER }, /* 16004 */
        { "\x16\x03\x01\x40\x00\x01\xff\xff\xff", 9, HELLO_OTHER },
        { "\x16\x03\x01\x00\x04\x01\x00\x00\x00", 9, HELLO_OTHER }, /* nothing in it */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct hello hello = { "" };

        CU_ASSERT_EQUAL(
            hello_read((const uint8_t *)cases[i].data, cases[i].size, &hello),
            cases[i].verdict);
    }
}

AC_TEST(nobody_is_waited_for_beyond_the_limit)
{
    static uint8_t data[HELLO_BYTES_MAX + 8];
    struct hello hello = { "" };

    /* Records of one octet each, of a message that never ends. */
    for (size_t at = 0; at + 6 <= sizeof(data); at += 6)
        memcpy(data + at, "\x16\x03\x01\x00\x01\x00", 6);
    data[RECORD_HEADER] = 1;
    data[RECORD_HEADER + 6 * 2] = 0x3e;

    CU_ASSERT_EQUAL(hello_read(data, HELLO_BYTES_MAX - 1, &hello), HELLO_UNDECIDED);
    CU_ASSERT_EQUAL(hello_read(data, HELLO_BYTES_MAX, &hello), HELLO_OTHER);
    CU_ASSERT_EQUAL(hello_read(data, sizeof(data), &hello), HELLO_OTHER);
}

AC_TEST(extension_that_comes_twice_is_refused)
{
    static const uint8_t protocol[] = "\x00\x10\x00\x0d\x00\x0b\x0a"
                                      "acme-tls/1";
    static const uint8_t name[] = "\x00\x00\x00\x0b\x00\x09\x00\x00\x06"
                                  "b.test";
    static const uint8_t other[] = "\xfa\xfa\x00\x00";
    struct written twice = visitor_hello("a.test", "acme-tls/1");
    struct written names = visitor_hello("a.test", "acme-tls/1");
    struct written harmless = visitor_hello("a.test", "acme-tls/1");
    struct hello hello = { "" };

    add_extension(&twice, protocol, sizeof(protocol) - 1);
    add_extension(&names, name, sizeof(name) - 1);
    add_extension(&harmless, other, sizeof(other) - 1);

    CU_ASSERT_EQUAL(hello_read(twice.data, twice.size, &hello), HELLO_OTHER);
    CU_ASSERT_EQUAL(hello_read(names.data, names.size, &hello), HELLO_OTHER);
    CU_ASSERT_EQUAL(hello_read(harmless.data, harmless.size, &hello), HELLO_VALIDATION);
}

AC_TEST(name_that_is_none_is_passed_over)
{
    static const char *const names[] = { "a test", "a/test", "a\x7ftest" };
    static const char long_name[] =
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    /* GnuTLS sends no such name itself: it is put in the place of a good one. */
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct written written = visitor_hello("axtest", "acme-tls/1");
        struct hello hello = { "" };
        uint8_t *place = memmem(written.data, written.size, "axtest", 6);

        AC_REQUIRE(place != NULL);
        memcpy(place, names[i], 6);
        CU_ASSERT_EQUAL(hello_read(written.data, written.size, &hello), HELLO_OTHER);
    }
    CU_ASSERT_EQUAL(verdict_of(long_name, "acme-tls/1"), HELLO_OTHER);
    CU_ASSERT_EQUAL(verdict_of(long_name + 1, "acme-tls/1"), HELLO_VALIDATION);
}

AC_TEST(broken_octet_brings_no_foreign_characters)
{
    struct written written = visitor_hello("a.test", "acme-tls/1");

    for (size_t at = 0; at < written.size; at++) {
        struct hello hello = { "" };
        uint8_t was = written.data[at];

        written.data[at] ^= 0xff;
        (void)hello_read(written.data, written.size, &hello);
        CU_ASSERT_EQUAL(strspn(hello.server_name, "a.test0123456789bcdfghijklmnopqruv"
                                                  "wxyz-_"),
                        strlen(hello.server_name));
        written.data[at] = was;
    }
}

AC_SUITE("tlsalpn01-standalone/hello",
         AC_CASE(validator_is_recognised_with_the_name_in_lower_case),
         AC_CASE(everybody_else_is_passed_over),
         AC_CASE(each_beginning_of_it_is_undecided),
         AC_CASE(records_of_any_size_say_the_same),
         AC_CASE(what_follows_is_not_looked_at),
         AC_CASE(first_octets_decide_where_they_can),
         AC_CASE(nobody_is_waited_for_beyond_the_limit),
         AC_CASE(extension_that_comes_twice_is_refused),
         AC_CASE(name_that_is_none_is_passed_over),
         AC_CASE(broken_octet_brings_no_foreign_characters))
