/* SPDX-License-Identifier: Apache-2.0 */
#include "base/identifier.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

#define LABEL_63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LABEL_61 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define NAME_253 LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_61

static void assert_read(const char *text, enum ac_identifier_type type,
                        const char *want)
{
    struct ac_error err = { 0 };
    struct ac_identifier identifier = { 0 };
    struct ac_identifier again = { 0 };

    AC_REQUIRE_OK(ac_identifier_parse(text, &identifier, &err));
    AC_REQUIRE_OK(ac_identifier_parse(identifier.value, &again, &err));

    CU_ASSERT_EQUAL(identifier.type, type);
    CU_ASSERT_STRING_EQUAL(identifier.value, want);
    CU_ASSERT_TRUE(ac_identifier_is_equal(&identifier, &again));
}

static void assert_dns(const char *text, const char *want)
{
    assert_read(text, AC_IDENTIFIER_DNS, want);
}

static void assert_ip(const char *text, const char *want)
{
    assert_read(text, AC_IDENTIFIER_IP, want);
}

static void assert_refused(const char *text, const char *reason)
{
    struct ac_error err = { 0 };
    struct ac_identifier identifier = { 0 };
    char want[AC_ERROR_DETAIL_SIZE];

    (void)snprintf(want, sizeof want, "\"%s\" cannot be in a certificate: %s", text,
                   reason);
    AC_REQUIRE_CODE(ac_identifier_parse(text, &identifier, &err), AC_E_USAGE);

    CU_ASSERT_STRING_EQUAL(err.detail, want);
    CU_ASSERT_STRING_EQUAL(identifier.value, "");
}

static struct ac_identifier make(const char *text)
{
    struct ac_error err = { 0 };
    struct ac_identifier identifier = { 0 };
    enum ac_code code = ac_identifier_parse(text, &identifier, &err);

    CU_ASSERT_EQUAL(code, AC_OK);
    return identifier;
}

static bool is_covered(const char *wildcard, const char *name)
{
    struct ac_identifier wide = make(wildcard);
    struct ac_identifier narrow = make(name);

    return ac_identifier_covers(&wide, &narrow);
}

AC_TEST(names_become_lower_case_without_trailing_dot)
{
    assert_dns("example.com", "example.com");
    assert_dns("WWW.Example.COM.", "www.example.com");
    assert_dns("a-b.1.xn.example", "a-b.1.xn.example");
    assert_dns("3com.0.de", "3com.0.de");
    assert_dns("r3---sn-4g5e.example.com", "r3---sn-4g5e.example.com");
}

AC_TEST(a_single_label_is_a_name)
{
    assert_dns("intranet", "intranet");
    assert_dns("LOCALHOST.", "localhost");
}

AC_TEST(wildcards_are_read)
{
    assert_dns("*.Example.com.", "*.example.com");
    assert_dns("*.b\xc3\xbc"
               "cher.example",
               "*.xn--bcher-kva.example");
}

AC_TEST(u_labels_become_a_labels)
{
    assert_dns("b\xc3\xbc"
               "cher.example",
               "xn--bcher-kva.example");
    assert_dns("B\xc3\x9c"
               "CHER.example",
               "xn--bcher-kva.example");
    assert_dns("bu\xcc\x88"
               "cher.example",
               "xn--bcher-kva.example");
    assert_dns("\xe4\xbe\x8b\xe3\x81\x88.\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88",
               "xn--r8jz45g.xn--zckzah");
}

/* IDNA 2008 non-transitional: the sharp s is a letter of its own. */
AC_TEST(sharp_s_is_not_ss)
{
    assert_dns("stra\xc3\x9f"
               "e.example",
               "xn--strae-oqa.example");
}

AC_TEST(other_full_stops_are_dots)
{
    assert_dns("b\xc3\xbc"
               "cher\xe3\x80\x82"
               "example\xe3\x80\x82",
               "xn--bcher-kva.example");
    assert_dns("www\xef\xbc\x8e"
               "example\xef\xbd\xa1"
               "com",
               "www.example.com");
}

AC_TEST(a_labels_are_taken_if_they_survive_the_way_back)
{
    assert_dns("xn--bcher-kva.example", "xn--bcher-kva.example");
    assert_dns("XN--BCHER-KVA.example", "xn--bcher-kva.example");
    assert_dns("*.xn--strae-oqa.example", "*.xn--strae-oqa.example");
}

AC_TEST(false_a_labels_are_refused)
{
    struct ac_error err = { 0 };
    struct ac_identifier identifier = { 0 };
    static const char *const texts[] = {
        "xn--a.example",          /* no Punycode */
        "xn--abc-.example",       /* ASCII only */
        "xn--.example",           /* nothing */
        "www.xn--ls8h.example",   /* a character that IDNA 2008 disallows */
        "xn--bcher-kva-.example", /* trailing hyphen */
    };

    for (size_t i = 0; i < AC_COUNT(texts); i++)
        AC_REQUIRE_CODE(ac_identifier_parse(texts[i], &identifier, &err), AC_E_USAGE);

    /* An upper case U+00DC within comes back as U+00FC, another A-label. */
    assert_refused("xn--bcher-2pa.example",
                   "a label begins with \"xn--\" and is no A-label");
}

AC_TEST(u_labels_that_idna_refuses_are_refused)
{
    assert_refused("\xf0\x9f\x92\xa9.example",
                   "by IDNA 2008: string contains a disallowed character");
    assert_refused("0\xd7\x90.example",
                   "by IDNA 2008: string has forbidden bi-directional properties");
}

AC_TEST(addresses_are_read_in_canonical_form)
{
    assert_ip("192.0.2.1", "192.0.2.1");
    assert_ip("2001:db8::1", "2001:db8::1");
    assert_ip("2001:0DB8:0:0:0:0:0:1", "2001:db8::1");
}

/* RFC 5952 4 and 5, each rule. */
AC_TEST(address_text_follows_rfc_5952)
{
    assert_ip("2001:0db8::0001", "2001:db8::1");
    assert_ip("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1");
    assert_ip("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");
    assert_ip("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1");
    assert_ip("2001:DB8::ABCD", "2001:db8::abcd");
    assert_ip("::ffff:c000:0201", "::ffff:192.0.2.1");
    assert_ip("0:0:0:0:0:0:0:1", "::1");
    assert_ip("::", "::");
    assert_ip("1:0:0:0:0:0:0:0", "1::");
    assert_ip("64:ff9b::192.0.2.33", "64:ff9b::c000:221");
}

AC_TEST(half_addresses_are_refused)
{
    static const char reason[] =
        "its last label is a number, and an IPv4 address is four decimal numbers of 0 "
        "to 255 without leading zeros";

    assert_refused("1.2.3", reason);
    assert_refused("0x7f.1", reason);
    assert_refused("1.2.3.0x4", reason);
    assert_refused("010.1.1.1", reason);
    assert_refused("256.1.1.1", reason);
    assert_refused("1.2.3.4.5", reason);
    assert_refused("2130706433", reason);
    assert_refused("192.0.2.1.", reason);
    assert_refused("host.0", reason);
    assert_refused("*.1.2.3", reason);
    assert_refused("\xef\xbc\x91.2.3.4", reason);
}

AC_TEST(addresses_with_ornament_are_refused)
{
    assert_refused("[2001:db8::1]", "write an address without brackets");
    assert_refused("[192.0.2.1]", "write an address without brackets");
    assert_refused("fe80::1%eth0", "an address with a zone id means nothing elsewhere");
    assert_refused("*.192.0.2.1", "there is no wildcard for addresses");
    assert_refused("*.2001:db8::1", "there is no wildcard for addresses");
    assert_refused("2001:db8:::1", "it is not an IPv6 address");
    assert_refused("2001:db8::12345", "it is not an IPv6 address");
    assert_refused("::ffff:1.2.3.4.5", "it is not an IPv6 address");
    assert_refused("192.0.2.0/24", "no host name has the character \"/\"");
}

AC_TEST(urls_and_ports_are_refused)
{
    assert_refused("https://example.com/", "it is a URL; give the host name alone");
    assert_refused("example.com:443", "a port is not part of a name");
    assert_refused("192.0.2.1:80", "a port is not part of a name");
    assert_refused("*.example.com:443", "a port is not part of a name");
}

AC_TEST(empty_labels_are_refused)
{
    struct ac_error err = { 0 };
    struct ac_identifier identifier = { 0 };

    AC_REQUIRE_CODE(ac_identifier_parse("", &identifier, &err), AC_E_USAGE);
    CU_ASSERT_STRING_EQUAL(err.detail, "a name is empty");
    assert_refused(".", "a label is empty");
    assert_refused("..", "a label is empty");
    assert_refused("a..b", "a label is empty");
    assert_refused(".example.com", "a label is empty");
    assert_refused("example.com..", "a label is empty");
    assert_refused("*.", "a label is empty");
    assert_refused("*..example.com", "a label is empty");
}

AC_TEST(hyphens_at_the_edge_are_refused)
{
    assert_refused("-a.example", "a label begins or ends with a hyphen");
    assert_refused("a-.example", "a label begins or ends with a hyphen");
    assert_refused("a.b-", "a label begins or ends with a hyphen");
    assert_refused("-", "a label begins or ends with a hyphen");
}

AC_TEST(labels_are_at_most_63_long)
{
    assert_dns(LABEL_63 ".example", LABEL_63 ".example");
    assert_refused(LABEL_63 "a.example", "a label is longer than 63 characters");
}

AC_TEST(names_are_at_most_253_long)
{
    assert_dns(NAME_253, NAME_253);
    assert_dns(NAME_253 ".", NAME_253);
    assert_refused(NAME_253 "b", "the name is longer than 253 characters");
    assert_refused("*." LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_61,
                   "the name is longer than 253 characters");
}

AC_TEST(a_text_of_any_length_is_refused_in_one_line)
{
    struct ac_error err = { 0 };
    struct ac_identifier identifier = { 0 };
    char text[5000];

    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '\0';
    AC_REQUIRE_CODE(ac_identifier_parse(text, &identifier, &err), AC_E_USAGE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "...\" cannot be in a certificate: the "
                                              "name is longer than 253 characters"));
}

AC_TEST(characters_that_no_host_name_has_are_refused)
{
    assert_refused("a_b.example", "no host name has the character \"_\"");
    assert_refused("a b.example", "no host name has the character \" \"");
    assert_refused("user@example.com", "no host name has the character \"@\"");
    assert_refused("a%b", "no host name has the character \"%\"");
}

AC_TEST(control_characters_are_shown_escaped)
{
    struct ac_error err = { 0 };
    struct ac_identifier identifier = { 0 };

    AC_REQUIRE_CODE(ac_identifier_parse("a\x1b[2J", &identifier, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NULL(strchr(err.detail, '\x1b'));
    AC_REQUIRE_CODE(ac_identifier_parse("a\n.example", &identifier, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NULL(strchr(err.detail, '\n'));
    AC_REQUIRE_CODE(ac_identifier_parse("a\xff.example", &identifier, &err),
                    AC_E_USAGE);
    CU_ASSERT_PTR_NULL(strchr(err.detail, '\xff'));
}

AC_TEST(wildcards_anywhere_else_are_refused)
{
    assert_refused("*", "\"*\" can only be the whole leftmost label");
    assert_refused("f*.example.com", "\"*\" can only be the whole leftmost label");
    assert_refused("www.*.com", "\"*\" can only be the whole leftmost label");
    assert_refused("*.*.example.com", "\"*\" can only be the whole leftmost label");
    assert_refused("\xef\xbc\x8a.example.com",
                   "\"*\" can only be the whole leftmost label");
}

AC_TEST(a_wildcard_of_a_single_label_is_refused)
{
    assert_refused("*.com", "a wildcard needs at least two labels after \"*.\"");
    assert_refused("*.com.", "a wildcard needs at least two labels after \"*.\"");
}

AC_TEST(a_wildcard_has_a_base)
{
    struct ac_identifier wildcard = make("*.example.com");
    struct ac_identifier name = make("example.com");

    CU_ASSERT_TRUE(ac_identifier_is_wildcard(&wildcard));
    CU_ASSERT_FALSE(ac_identifier_is_wildcard(&name));
    CU_ASSERT_STRING_EQUAL(ac_identifier_base(&wildcard), "example.com");
    CU_ASSERT_STRING_EQUAL(ac_identifier_base(&name), "example.com");
}

AC_TEST(types_have_the_names_of_the_protocol)
{
    CU_ASSERT_STRING_EQUAL(ac_identifier_type_name(AC_IDENTIFIER_DNS), "dns");
    CU_ASSERT_STRING_EQUAL(ac_identifier_type_name(AC_IDENTIFIER_IP), "ip");
}

AC_TEST(a_wildcard_covers_exactly_one_label_more)
{
    CU_ASSERT_TRUE(is_covered("*.example.com", "www.example.com"));
    CU_ASSERT_FALSE(is_covered("*.example.com", "example.com"));
    CU_ASSERT_FALSE(is_covered("*.example.com", "a.www.example.com"));
    CU_ASSERT_FALSE(is_covered("*.example.com", "www.example.org"));
    CU_ASSERT_FALSE(is_covered("*.example.com", "*.example.com"));
    CU_ASSERT_FALSE(is_covered("*.example.com", "*.www.example.com"));
    CU_ASSERT_FALSE(is_covered("*.example.com", "com"));
    CU_ASSERT_FALSE(is_covered("*.example.com", "192.0.2.1"));
    CU_ASSERT_FALSE(is_covered("example.com", "www.example.com"));
}

AC_TEST(octets_are_in_network_order)
{
    struct ac_identifier v4 = make("192.0.2.1");
    struct ac_identifier v6 = make("2001:db8::1");
    struct ac_identifier name = make("example.com");
    static const uint8_t want_v4[] = { 192, 0, 2, 1 };
    static const uint8_t want_v6[] = { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0,
                                       0,    0,    0,    0,    0, 0, 0, 1 };
    uint8_t octets[16] = { 0 };

    CU_ASSERT_EQUAL(ac_identifier_octets(&v4, octets), 4);
    CU_ASSERT_EQUAL(memcmp(octets, want_v4, sizeof want_v4), 0);
    CU_ASSERT_EQUAL(ac_identifier_octets(&v6, octets), 16);
    CU_ASSERT_EQUAL(memcmp(octets, want_v6, sizeof want_v6), 0);
    CU_ASSERT_EQUAL(ac_identifier_octets(&name, octets), 0);
}

AC_TEST(a_list_is_read_in_order_without_doubles)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_identifiers) list = { 0 };
    AC_AUTO(ac_words) words = { 0 };

    AC_REQUIRE_OK(
        ac_identifiers_parse("b.example,\ta.example , B.example.,::1", &list, &err));
    AC_REQUIRE_OK(ac_identifiers_parse("a.example", &list, &err));
    AC_REQUIRE_OK(ac_identifiers_words(&list, &words, &err));

    AC_REQUIRE(words.count == 3);
    CU_ASSERT_STRING_EQUAL(words.items[0], "b.example");
    CU_ASSERT_STRING_EQUAL(words.items[1], "a.example");
    CU_ASSERT_STRING_EQUAL(words.items[2], "::1");
}

AC_TEST(a_list_with_one_wrong_name_adds_none)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_identifiers) list = { 0 };

    AC_REQUIRE_OK(ac_identifiers_parse("first.example", &list, &err));

    AC_REQUIRE_CODE(ac_identifiers_parse("a.example,b_c", &list, &err), AC_E_USAGE);
    CU_ASSERT_EQUAL(list.count, 1);
    AC_REQUIRE_CODE(ac_identifiers_parse("a.example,,b.example", &list, &err),
                    AC_E_USAGE);
    CU_ASSERT_STRING_EQUAL(err.detail, "a name is empty");
    AC_REQUIRE_CODE(ac_identifiers_parse("a.example, ", &list, &err), AC_E_USAGE);
    CU_ASSERT_EQUAL(list.count, 1);
}

AC_TEST(a_list_is_bounded)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_identifiers) list = { 0 };
    struct ac_identifier identifier = { .type = AC_IDENTIFIER_DNS };

    for (int i = 0; i < AC_IDENTIFIERS_MAX; i++) {
        (void)snprintf(identifier.value, sizeof identifier.value, "n%d.example", i);
        AC_REQUIRE_OK(ac_identifiers_add(&list, &identifier, &err));
    }
    (void)snprintf(identifier.value, sizeof identifier.value, "last.example");

    AC_REQUIRE_CODE(ac_identifiers_add(&list, &identifier, &err), AC_E_USAGE);
    CU_ASSERT_EQUAL(list.count, AC_IDENTIFIERS_MAX);
    AC_REQUIRE_OK(ac_identifiers_add(&list, &list.items[0], &err));
}

AC_TEST(a_name_that_a_wildcard_covers_is_named)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_identifiers) list = { 0 };

    AC_REQUIRE_OK(ac_identifiers_parse("www.example.com,*.example.com", &list, &err));
    AC_REQUIRE_CODE(ac_identifiers_check(&list, &err), AC_E_USAGE);

    CU_ASSERT_STRING_EQUAL(
        err.detail,
        "\"www.example.com\" is covered by \"*.example.com\" already; leave it out");
}

AC_TEST(a_wildcard_beside_its_base_is_fine)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_identifiers) list = { 0 };

    AC_REQUIRE_OK(ac_identifiers_parse("example.com,*.example.com,a.b.example.com,::1",
                                       &list, &err));
    AC_REQUIRE_OK(ac_identifiers_check(&list, &err));

    CU_ASSERT_EQUAL(list.count, 4);
}

AC_TEST(sets_are_compared_in_any_order)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_identifiers) a = { 0 };
    AC_AUTO(ac_identifiers) b = { 0 };
    AC_AUTO(ac_identifiers) c = { 0 };

    AC_REQUIRE_OK(ac_identifiers_parse("a.example,b.example", &a, &err));
    AC_REQUIRE_OK(ac_identifiers_parse("b.example,a.example", &b, &err));
    AC_REQUIRE_OK(ac_identifiers_parse("a.example,c.example", &c, &err));

    CU_ASSERT_TRUE(ac_identifiers_is_same_set(&a, &b));
    CU_ASSERT_FALSE(ac_identifiers_is_same_set(&a, &c));
    b.count = 1;
    CU_ASSERT_FALSE(ac_identifiers_is_same_set(&a, &b));
}

AC_SUITE("base/identifier", AC_CASE(names_become_lower_case_without_trailing_dot),
         AC_CASE(a_single_label_is_a_name), AC_CASE(wildcards_are_read),
         AC_CASE(u_labels_become_a_labels), AC_CASE(sharp_s_is_not_ss),
         AC_CASE(other_full_stops_are_dots),
         AC_CASE(a_labels_are_taken_if_they_survive_the_way_back),
         AC_CASE(false_a_labels_are_refused),
         AC_CASE(u_labels_that_idna_refuses_are_refused),
         AC_CASE(addresses_are_read_in_canonical_form),
         AC_CASE(address_text_follows_rfc_5952), AC_CASE(half_addresses_are_refused),
         AC_CASE(addresses_with_ornament_are_refused),
         AC_CASE(urls_and_ports_are_refused), AC_CASE(empty_labels_are_refused),
         AC_CASE(hyphens_at_the_edge_are_refused), AC_CASE(labels_are_at_most_63_long),
         AC_CASE(names_are_at_most_253_long),
         AC_CASE(a_text_of_any_length_is_refused_in_one_line),
         AC_CASE(characters_that_no_host_name_has_are_refused),
         AC_CASE(control_characters_are_shown_escaped),
         AC_CASE(wildcards_anywhere_else_are_refused),
         AC_CASE(a_wildcard_of_a_single_label_is_refused),
         AC_CASE(a_wildcard_has_a_base), AC_CASE(types_have_the_names_of_the_protocol),
         AC_CASE(a_wildcard_covers_exactly_one_label_more),
         AC_CASE(octets_are_in_network_order),
         AC_CASE(a_list_is_read_in_order_without_doubles),
         AC_CASE(a_list_with_one_wrong_name_adds_none), AC_CASE(a_list_is_bounded),
         AC_CASE(a_name_that_a_wildcard_covers_is_named),
         AC_CASE(a_wildcard_beside_its_base_is_fine),
         AC_CASE(sets_are_compared_in_any_order))
