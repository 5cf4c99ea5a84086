/* SPDX-License-Identifier: Apache-2.0 */
#include "beneath.h"

#include <fcntl.h>

#include "site.h"

#define FOLDER (O_PATH | O_DIRECTORY)

enum child_result {
    CHILD_GOOD,
    CHILD_CANNOT_START,
    CHILD_BAD_INSIDE,
    CHILD_BAD_OUTSIDE,
    CHILD_BAD_DOTS,
    CHILD_BAD_LENGTH
};

static bool opens(int root_fd, const char *path, int flags)
{
    WEBROOT_AUTO_FD fd = webroot_open_beneath(root_fd, path, flags);

    return fd >= 0;
}

static bool refuses(int root_fd, const char *path)
{
    return !opens(root_fd, path, FOLDER)
           && (errno == EXDEV || errno == ELOOP || errno == ENOTDIR);
}

/* www/a/b, www/inside -> a, www/out -> .., www/abs -> /, www/a/out -> ../../outside */
static int make_site(void)
{
    int root_fd;

    (void)site_root();
    (void)mkdir(ac_test_path("outside"), 0755);
    (void)mkdir(ac_test_path("www/a"), 0755);
    (void)mkdir(ac_test_path("www/a/b"), 0755);
    (void)ac_test_write_file(ac_test_path("www/a/file"), "x", 1);
    if (symlink("a", ac_test_path("www/inside")) != 0
        || symlink("..", ac_test_path("www/out")) != 0
        || symlink("/", ac_test_path("www/abs")) != 0
        || symlink("../../outside", ac_test_path("www/a/out")) != 0)
        return -1;
    root_fd = open(ac_test_path("www"), FOLDER | O_CLOEXEC);
    return root_fd;
}

static int check_without_openat2(unsigned error)
{
    char longest[300];
    WEBROOT_AUTO_FD root_fd = make_site();

    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    if (root_fd < 0 || !site_deny(SYS_openat2, error))
        return CHILD_CANNOT_START;
    if (!opens(root_fd, "a/b", FOLDER) || !opens(root_fd, ".", FOLDER)
        || !opens(root_fd, "a/file", O_RDONLY))
        return CHILD_BAD_INSIDE;
    if (!refuses(root_fd, "inside/b") || !refuses(root_fd, "out")
        || !refuses(root_fd, "abs") || !refuses(root_fd, "a/out"))
        return CHILD_BAD_OUTSIDE;
    if (!refuses(root_fd, "..") || !refuses(root_fd, "a/../../outside"))
        return CHILD_BAD_DOTS;
    if (opens(root_fd, longest, FOLDER) || errno != ENAMETOOLONG)
        return CHILD_BAD_LENGTH;
    return CHILD_GOOD;
}

static int check_with_enosys(void)
{
    return check_without_openat2(ENOSYS);
}

static int check_with_eperm(void)
{
    return check_without_openat2(EPERM);
}

AC_TEST(what_lies_inside_is_opened)
{
    WEBROOT_AUTO_FD root_fd = make_site();

    AC_REQUIRE(root_fd >= 0);

    CU_ASSERT_TRUE(opens(root_fd, "a/b", FOLDER));
    CU_ASSERT_EQUAL(opens(root_fd, "inside/b", FOLDER), site_has_openat2());
    CU_ASSERT_TRUE(opens(root_fd, "a/file", O_RDONLY));
}

AC_TEST(link_out_of_the_folder_is_refused)
{
    WEBROOT_AUTO_FD root_fd = make_site();

    AC_REQUIRE(root_fd >= 0);

    CU_ASSERT_TRUE(refuses(root_fd, "out"));
    CU_ASSERT_TRUE(refuses(root_fd, "abs"));
    CU_ASSERT_TRUE(refuses(root_fd, "a/out"));
    CU_ASSERT_TRUE(refuses(root_fd, "inside/out"));
    CU_ASSERT_TRUE(refuses(root_fd, ".."));
}

AC_TEST(missing_path_is_told_apart)
{
    WEBROOT_AUTO_FD root_fd = make_site();

    AC_REQUIRE(root_fd >= 0);

    CU_ASSERT_FALSE(opens(root_fd, "a/nothing", FOLDER));
    CU_ASSERT_EQUAL(errno, ENOENT);
}

AC_TEST(kernel_without_openat2_is_no_less_safe)
{
    CU_ASSERT_EQUAL(site_in_child(check_with_enosys), CHILD_GOOD);
}

AC_TEST(filter_that_forbids_openat2_is_no_less_safe)
{
    CU_ASSERT_EQUAL(site_in_child(check_with_eperm), CHILD_GOOD);
}

AC_TEST(dropping_keeps_errno)
{
    int fd = open("/", FOLDER | O_CLOEXEC);

    errno = EXDEV;
    webroot_fd_drop(&fd);

    CU_ASSERT_EQUAL(errno, EXDEV);
    CU_ASSERT_EQUAL(fcntl(fd, F_GETFD), -1);
}

AC_SUITE("http01-webroot/beneath", AC_CASE(what_lies_inside_is_opened),
         AC_CASE(link_out_of_the_folder_is_refused),
         AC_CASE(missing_path_is_told_apart),
         AC_CASE(kernel_without_openat2_is_no_less_safe),
         AC_CASE(filter_that_forbids_openat2_is_no_less_safe),
         AC_CASE(dropping_keeps_errno))
