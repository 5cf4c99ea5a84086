/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

#define LIMIT   64
#define NOBODY  65534
#define FOREIGN 4242 /* whom no file belongs to */

/* Takes the place of libc's. */
static uid_t fake_uid;

uid_t geteuid(void)
{
    return fake_uid != 0 ? fake_uid : (uid_t)syscall(SYS_geteuid);
}

static bool write_file(const char *path, const char *text)
{
    return ac_test_write_file(path, text, strlen(text));
}

static void assert_says(const struct ac_error *err, const char *part)
{
    CU_ASSERT_PTR_NOT_NULL(strstr(err->detail, part));
}

AC_TEST(a_file_is_read_whole_and_ended)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };
    const char *path = ac_test_path("a");

    AC_REQUIRE(ac_test_write_file(path, "one\0two", 7));
    AC_REQUIRE_OK(ac_file_read(path, LIMIT, &text, &err));

    CU_ASSERT_EQUAL(text.size, 7);
    CU_ASSERT_EQUAL(memcmp(text.bytes, "one\0two", 8), 0);
}

AC_TEST(an_empty_file_is_empty_text)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE(write_file(ac_test_path("a"), ""));
    AC_REQUIRE_OK(ac_file_read(ac_test_path("a"), 0, &text, &err));

    CU_ASSERT_EQUAL(text.size, 0);
    AC_REQUIRE(text.bytes != NULL);
    CU_ASSERT_STRING_EQUAL(text.bytes, "");
}

AC_TEST(a_file_without_a_size_is_read_to_its_end)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(ac_file_read("/proc/self/status", 65536, &text, &err));

    CU_ASSERT_TRUE(text.size > 100);
}

AC_TEST(a_missing_file_is_not_found)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };
    const char *path = ac_test_path("absent");

    AC_REQUIRE_CODE(ac_file_read(path, LIMIT, &text, &err), AC_E_NOTFOUND);

    assert_says(&err, path);
    assert_says(&err, "No such file");
}

AC_TEST(a_file_is_read_up_to_its_limit)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE(write_file(ac_test_path("a"), "12345"));

    AC_REQUIRE_OK(ac_file_read(ac_test_path("a"), 5, &text, &err));
    CU_ASSERT_EQUAL(text.size, 5);
}

AC_TEST(a_file_over_its_limit_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };
    AC_AUTO(ac_secret) secret = { 0 };

    AC_REQUIRE(write_file(ac_test_path("a"), "12345"));

    AC_REQUIRE_CODE(ac_file_read(ac_test_path("a"), 4, &text, &err), AC_E_INVALID);
    assert_says(&err, "longer than 4 bytes");
    AC_REQUIRE_CODE(ac_file_read("/proc/self/status", 4, &text, &err), AC_E_INVALID);
    assert_says(&err, "longer than 4 bytes");
    AC_REQUIRE_CODE(ac_file_read_secret(ac_test_path("a"), 4, &secret, &err),
                    AC_E_INVALID);
    CU_ASSERT_PTR_NULL(text.bytes);
}

AC_TEST(what_is_no_regular_file_is_refused_and_does_not_hang)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE(mkfifo(ac_test_path("fifo"), 0600) == 0);

    AC_REQUIRE_CODE(ac_file_read(ac_test_path("fifo"), LIMIT, &text, &err),
                    AC_E_INVALID);
    assert_says(&err, "not a regular file");
    AC_REQUIRE_CODE(ac_file_read(ac_test_folder(), LIMIT, &text, &err), AC_E_INVALID);
    AC_REQUIRE_CODE(ac_file_read("/dev/null", LIMIT, &text, &err), AC_E_INVALID);
    AC_REQUIRE_CODE(ac_file_read(ac_test_path("fifo/x"), LIMIT, &text, &err),
                    AC_E_STORE);
}

AC_TEST(a_private_secret_is_read)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_secret) secret = { 0 };

    AC_REQUIRE(write_file(ac_test_path("key"), "hush"));
    AC_REQUIRE_OK(ac_file_read_secret(ac_test_path("key"), LIMIT, &secret, &err));

    CU_ASSERT_EQUAL(secret.size, 4);
    CU_ASSERT_STRING_EQUAL((const char *)secret.bytes, "hush");
}

AC_TEST(a_secret_that_others_can_read_is_refused_with_the_cure)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_secret) secret = { 0 };
    const char *path = ac_test_path("key");

    AC_REQUIRE(write_file(path, "hush"));
    AC_REQUIRE(chmod(path, 0640) == 0);
    AC_REQUIRE_CODE(ac_file_read_secret(path, LIMIT, &secret, &err), AC_E_USAGE);
    assert_says(&err, "open to others (mode 0640); chmod 600 /");
    assert_says(&err, path);
    AC_REQUIRE(chmod(path, 0602) == 0);
    AC_REQUIRE_CODE(ac_file_read_secret(path, LIMIT, &secret, &err), AC_E_USAGE);

    CU_ASSERT_PTR_NULL(secret.bytes);
}

AC_TEST(a_secret_of_somebody_else_is_refused)
{
    struct ac_error err = { 0 };
    enum ac_code code;
    AC_AUTO(ac_secret) secret = { 0 };
    const char *path = ac_test_path("key");

    AC_REQUIRE(write_file(path, "hush"));
    (void)!chown(path, NOBODY, (gid_t)-1); /* without root it is ours, and we are not */
    fake_uid = FOREIGN;
    code = ac_file_read_secret(path, LIMIT, &secret, &err);
    fake_uid = 0;
    AC_REQUIRE_CODE(code, AC_E_USAGE);

    assert_says(&err, "belongs to user id");
    assert_says(&err, "chown 4242");
}

static void check_password(const char *contents, size_t size, const char *password)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_secret) secret = { 0 };

    AC_REQUIRE(ac_test_write_file(ac_test_path("pin"), contents, size));
    AC_REQUIRE_OK(
        ac_file_read_password(ac_test_path("pin"), "--pin-file", &secret, &err));

    CU_ASSERT_STRING_EQUAL((const char *)secret.bytes, password);
    CU_ASSERT_EQUAL(secret.size, strlen(password));
}

AC_TEST(a_password_is_the_line_without_its_end)
{
    check_password("1234", 4, "1234");
    check_password("1234\n", 5, "1234");
    check_password(" 12 34 \r\n", 9, " 12 34 ");
}

static void refuse_password(const char *contents, size_t size)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_secret) secret = { 0 };

    AC_REQUIRE(ac_test_write_file(ac_test_path("pin"), contents, size));
    AC_REQUIRE_CODE(
        ac_file_read_password(ac_test_path("pin"), "--pin-file", &secret, &err),
        AC_E_USAGE);

    assert_says(&err, "--pin-file: ");
    CU_ASSERT_PTR_NULL(secret.bytes);
}

AC_TEST(what_is_no_password_is_refused)
{
    char longer[AC_PASSWORD_MAX + 2];

    memset(longer, 'a', sizeof longer);

    refuse_password("", 0);
    refuse_password("\n", 1);
    refuse_password("a\nb\n", 4);
    refuse_password("a\0b", 3);
    refuse_password(longer, AC_PASSWORD_MAX + 1);
}

AC_TEST(a_missing_password_file_is_a_mistake_of_usage)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_secret) secret = { 0 };

    AC_REQUIRE_CODE(
        ac_file_read_password(ac_test_path("none"), "--pin-file", &secret, &err),
        AC_E_USAGE);

    assert_says(&err, "--pin-file: cannot read ");
}

AC_SUITE("base/file_read", AC_CASE(a_file_is_read_whole_and_ended),
         AC_CASE(an_empty_file_is_empty_text),
         AC_CASE(a_file_without_a_size_is_read_to_its_end),
         AC_CASE(a_missing_file_is_not_found), AC_CASE(a_file_is_read_up_to_its_limit),
         AC_CASE(a_file_over_its_limit_is_refused),
         AC_CASE(what_is_no_regular_file_is_refused_and_does_not_hang),
         AC_CASE(a_private_secret_is_read),
         AC_CASE(a_secret_that_others_can_read_is_refused_with_the_cure),
         AC_CASE(a_secret_of_somebody_else_is_refused),
         AC_CASE(a_password_is_the_line_without_its_end),
         AC_CASE(what_is_no_password_is_refused),
         AC_CASE(a_missing_password_file_is_a_mistake_of_usage))
