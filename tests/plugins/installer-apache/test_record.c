/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include "scene.h"

/* A certificate whose file is there. */
static bool make(struct acmecore_certificate *certificate, const char *path)
{
    *certificate = scene_certificate;
    certificate->fullchain_path = path;
    return ac_test_write_file(path, "pem", 3);
}

AC_TEST(what_was_recorded_is_found_by_its_path)
{
    struct fake_host fake;
    APACHE_AUTO_RECORD empty = { 0 };
    APACHE_AUTO_RECORD record = { 0 };
    struct acmecore_certificate certificate;
    const struct acmecore_certificate *const batch[] = { &certificate };

    AC_REQUIRE(fake_host_start(&fake, NULL) && make(&certificate, ac_test_path("a")));
    AC_REQUIRE(apache_record_load(&fake.host, &empty) == ACMECORE_OK);
    AC_REQUIRE(apache_record_update(&fake.host, &empty, batch, 1) == ACMECORE_OK);
    AC_REQUIRE(apache_record_load(&fake.host, &record) == ACMECORE_OK);

    const struct apache_holder *holder = apache_record_find(&record, ac_test_path("a"));
    AC_REQUIRE(holder != NULL && holder->identifiers.count == 2);
    CU_ASSERT_STRING_EQUAL(holder->identifiers.items[1], "www.a.test");
    CU_ASSERT_PTR_NULL(apache_record_find(&record, "/other"));
}

AC_TEST(a_certificate_that_is_gone_is_forgotten)
{
    struct fake_host fake;
    APACHE_AUTO_RECORD record = { 0 };
    APACHE_AUTO_RECORD later = { 0 };
    struct acmecore_certificate first;
    struct acmecore_certificate second;
    const struct acmecore_certificate *const one[] = { &first };
    const struct acmecore_certificate *const two[] = { &second };

    AC_REQUIRE(fake_host_start(&fake, NULL) && make(&first, ac_test_path("a"))
               && make(&second, ac_test_path("b")));
    AC_REQUIRE(apache_record_update(&fake.host, &record, one, 1) == ACMECORE_OK);
    AC_REQUIRE(apache_record_load(&fake.host, &record) == ACMECORE_OK);
    AC_REQUIRE(unlink(ac_test_path("a")) == 0);

    CU_ASSERT_PTR_NULL(apache_record_find(&record, first.fullchain_path));
    AC_REQUIRE(apache_record_update(&fake.host, &record, two, 1) == ACMECORE_OK);
    AC_REQUIRE(apache_record_load(&fake.host, &later) == ACMECORE_OK);
    CU_ASSERT_EQUAL(later.count, 1);
}

AC_TEST(nothing_new_writes_nothing)
{
    struct fake_host fake;
    APACHE_AUTO_RECORD record = { 0 };
    struct acmecore_certificate certificate;
    const struct acmecore_certificate *const batch[] = { &certificate };

    AC_REQUIRE(fake_host_start(&fake, NULL) && make(&certificate, ac_test_path("a")));
    AC_REQUIRE(apache_record_update(&fake.host, &record, batch, 1) == ACMECORE_OK);
    fake.ctx.file_status = ACMECORE_E_SYSTEM;

    int status = apache_record_update(&fake.host, &record, batch, 1);

    AC_REQUIRE(status == ACMECORE_OK);
    CU_ASSERT_EQUAL(fake.ctx.failure_count, 0);
}

AC_TEST(a_broken_record_is_read_as_far_as_it_goes)
{
    struct fake_host fake;
    APACHE_AUTO_RECORD record = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(scene_write("plugin-folder/certificates",
                           "\tx\nno tab\n/a\t\n/b\tb.test\n/c\tcut"));
    AC_REQUIRE(apache_record_load(&fake.host, &record) == ACMECORE_OK);

    AC_REQUIRE(record.count == 2);
    CU_ASSERT_STRING_EQUAL(record.holders[1].path, "/b");
}

AC_SUITE("installer-apache/record", AC_CASE(what_was_recorded_is_found_by_its_path),
         AC_CASE(a_certificate_that_is_gone_is_forgotten),
         AC_CASE(nothing_new_writes_nothing),
         AC_CASE(a_broken_record_is_read_as_far_as_it_goes))
