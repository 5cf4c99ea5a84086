/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/rules.h"

#include "base/kernel.h"
#include "check.h"
#include "confined.h"

#include <acmecore/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct attempt {
    struct ac_profile profile;
    const char *path;
    int flags; /* of open */
};

static int try(const void *arg)
{
    const struct attempt *attempt = arg;
    struct ac_error err = { 0 };

    if (ac_rules_enter(&attempt->profile, &err) != AC_OK)
        return CONFINED_BROKEN;
    int fd = open(attempt->path, attempt->flags | O_CLOEXEC, 0600);
    return fd < 0 ? errno : close(fd);
}

/* Without Landlock all is open. */
static int refused(void)
{
    return ac_kernel_landlock() > 0 ? EACCES : 0;
}

struct place {
    char own[512], named[512], other[512]; /* folders */
    char own_file[640], named_file[640], other_file[640];
};

static bool make_folder(const char *name, char path[512], char file[640])
{
    (void)snprintf(path, 512, "%s", ac_test_path(name));
    (void)snprintf(file, 640, "%s/file", path);
    return mkdir(path, 0700) == 0 && ac_test_write_file(file, "x", 1);
}

static bool make_place(struct place *place)
{
    return make_folder("own", place->own, place->own_file)
           && make_folder("named", place->named, place->named_file)
           && make_folder("other", place->other, place->other_file);
}

static int attempt(const struct place *place, uint32_t uses, const char *path,
                   int flags)
{
    char named[512];
    char *items[] = { named, NULL };
    const struct ac_words words = { .items = items, .count = 1 };
    const struct attempt attempt = {
        { .uses = uses, .folder = place->own, .named = &words }, path, flags
    };

    memcpy(named, place->named, sizeof named);
    return confined(try, &attempt);
}

AC_TEST(own_folder_is_read_and_written)
{
    struct place place;

    AC_REQUIRE(make_place(&place));

    CU_ASSERT_EQUAL(attempt(&place, 0, place.own_file, O_RDWR | O_TRUNC), 0);
    CU_ASSERT_EQUAL(attempt(&place, 0, place.own_file, O_RDONLY), 0);
}

AC_TEST(named_paths_are_read_and_written_by_who_says_so)
{
    struct place place;

    AC_REQUIRE(make_place(&place));

    CU_ASSERT_EQUAL(attempt(&place, 0, place.named_file, O_RDONLY), 0);
    CU_ASSERT_EQUAL(attempt(&place, 0, place.named_file, O_WRONLY), refused());
    CU_ASSERT_EQUAL(
        attempt(&place, ACMECORE_USES_FILES, place.named_file, O_WRONLY | O_TRUNC), 0);
}

AC_TEST(all_else_is_closed_but_what_the_system_needs)
{
    struct place place;

    AC_REQUIRE(make_place(&place));

    CU_ASSERT_EQUAL(attempt(&place, ACMECORE_USES_FILES, place.other_file, O_RDONLY),
                    refused());
    CU_ASSERT_EQUAL(attempt(&place, 0, "/etc/shadow", O_RDONLY),
                    access("/etc/shadow", R_OK) == 0 ? refused() : EACCES);
    CU_ASSERT_EQUAL(attempt(&place, 0, "/dev/urandom", O_RDONLY), 0);
    CU_ASSERT_EQUAL(attempt(&place, 0, "/etc/passwd", O_RDONLY), 0);
}

AC_TEST(a_path_that_is_not_there_opens_the_folder_above_but_never_all)
{
    struct place place;
    char below[700];
    char nowhere[] = "/no-such-folder-here/file";
    char *items[] = { below, nowhere, NULL };
    const struct ac_words words = { .items = items, .count = 2 };
    struct attempt attempt = { { .uses = ACMECORE_USES_FILES, .named = &words },
                               place.named_file,
                               O_WRONLY };

    AC_REQUIRE(make_place(&place));
    (void)snprintf(below, sizeof below, "%s/a/b/c.pem", place.named);

    CU_ASSERT_EQUAL(confined(try, &attempt), 0);
    attempt.path = place.other_file;
    CU_ASSERT_EQUAL(confined(try, &attempt), refused());
}

AC_SUITE("pluginhost/rules", AC_CASE(own_folder_is_read_and_written),
         AC_CASE(named_paths_are_read_and_written_by_who_says_so),
         AC_CASE(all_else_is_closed_but_what_the_system_needs),
         AC_CASE(a_path_that_is_not_there_opens_the_folder_above_but_never_all))
