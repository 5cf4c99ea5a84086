/* SPDX-License-Identifier: Apache-2.0 */
#include "blob.h"

#include "beneath.h"
#include "check.h"
#include "fake_host.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

AC_TEST(bytes_are_added_at_the_end)
{
    FILES_AUTO_BLOB blob = { 0 };

    AC_REQUIRE(files_blob_add(&blob, "key", 3));
    AC_REQUIRE(files_blob_add(&blob, NULL, 0));
    AC_REQUIRE(files_blob_add(&blob, "chain", 5));

    CU_ASSERT_EQUAL(blob.size, 8);
    CU_ASSERT_STRING_EQUAL(blob.bytes, "keychain");
}

AC_TEST(blobs_are_the_same_when_all_bytes_are)
{
    char one[] = "abc", other[] = "abd";
    struct files_blob a = { one, 3, 4 }, b = { other, 3, 4 }, shorter = { one, 2, 4 };
    struct files_blob none = { 0 };

    CU_ASSERT_TRUE(files_blob_is(&a, &a));
    CU_ASSERT_TRUE(files_blob_is(&none, &none));
    CU_ASSERT_FALSE(files_blob_is(&a, &b));
    CU_ASSERT_FALSE(files_blob_is(&a, &shorter));
}

AC_TEST(file_over_the_limit_is_refused)
{
    FILES_AUTO_BLOB blob = { 0 };
    WEBROOT_AUTO_FD fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

    AC_REQUIRE(files_blob_fill(&blob, fd, 100000) != 0);

    CU_ASSERT(errno == EFBIG || ac_check_is_torture());
    CU_ASSERT_TRUE(blob.size <= 100000);
}

AC_TEST(file_that_is_missing_is_named)
{
    struct fake_host fake;
    FILES_AUTO_BLOB blob = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL));

    CU_ASSERT_EQUAL(files_blob_load(&fake.host, "/nonexistent/key", &blob),
                    ACMECORE_E_SYSTEM);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "cannot read /nonexistent/key"));
}

AC_SUITE("common-files/blob", AC_CASE(bytes_are_added_at_the_end),
         AC_CASE(blobs_are_the_same_when_all_bytes_are),
         AC_CASE(file_over_the_limit_is_refused),
         AC_CASE(file_that_is_missing_is_named))
