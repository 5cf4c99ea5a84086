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

/* What opening `path` to write gives, with this private folder and this setting. */
static int write_with(const char *folder, const char *setting, const char *path)
{
    char named[768];
    char *items[] = { named, NULL };
    const struct ac_words words = { .items = items, .count = 1 };
    const struct attempt attempt = {
        { .uses = ACMECORE_USES_FILES, .folder = folder, .named = &words },
        path,
        O_WRONLY
    };

    (void)snprintf(named, sizeof named, "%s", setting);
    return confined(try, &attempt);
}

AC_TEST(a_path_that_is_not_there_opens_its_folder_and_none_above)
{
    struct place place;
    char setting[768];

    AC_REQUIRE(make_place(&place));

    (void)snprintf(setting, sizeof setting, "%s/new.pem", place.named);
    CU_ASSERT_EQUAL(write_with(NULL, setting, place.named_file), 0);
    CU_ASSERT_EQUAL(write_with(NULL, setting, place.other_file), refused());
    (void)snprintf(setting, sizeof setting, "%s/%%n/a/%%n.pem", place.named);
    CU_ASSERT_EQUAL(write_with(NULL, setting, place.named_file), 0);
    (void)snprintf(setting, sizeof setting, "%s/a/new.pem", place.named);
    CU_ASSERT_EQUAL(write_with(NULL, setting, place.named_file), refused());
    CU_ASSERT_EQUAL(write_with(NULL, "/no-such-folder-here/x", place.named_file),
                    refused());
}

AC_TEST(a_folder_that_the_private_one_lies_in_is_never_opened)
{
    struct place place;
    char private[600];
    char setting[768];

    AC_REQUIRE(make_place(&place));
    (void)snprintf(private, sizeof private, "%s/plugins", place.named);
    AC_REQUIRE(mkdir(private, 0700) == 0);

    CU_ASSERT_EQUAL(write_with(private, place.named, place.named_file), refused());
    (void)snprintf(setting, sizeof setting, "%s/new", place.named);
    CU_ASSERT_EQUAL(write_with(private, setting, place.named_file), refused());
    CU_ASSERT_EQUAL(write_with(private, "/", place.named_file), refused());
    /* A file that lies there is itself open. */
    CU_ASSERT_EQUAL(write_with(private, place.named_file, place.named_file), 0);
}

AC_TEST(a_folder_with_the_private_one_in_it_is_not_read_either)
{
    struct place place;
    char private[600];
    char named[512];
    char *items[] = { named, NULL };
    const struct ac_words words = { .items = items, .count = 1 };
    const struct attempt attempt = { { .folder = private, .named = &words },
                                     place.named_file,
                                     O_RDONLY };

    AC_REQUIRE(make_place(&place));
    memcpy(named, place.named, sizeof named);
    (void)snprintf(private, sizeof private, "%s/plugins", place.named);
    AC_REQUIRE(mkdir(private, 0700) == 0);

    CU_ASSERT_EQUAL(confined(try, &attempt), refused());
}

/* What opening `path` to read gives; the store is at place->named. */
static int read_beside_store(const char *plugin, const char *setting, const char *path)
{
    char named[768];
    char store[512];
    char *items[] = { named, NULL };
    const struct ac_words words = { .items = items, .count = 1 };
    const struct attempt attempt = {
        { .plugin_path = plugin, .closed = store, .named = &words }, path, O_RDONLY
    };

    (void)snprintf(named, sizeof named, "%s", setting);
    (void)snprintf(store, sizeof store, "%s", ac_test_path("named"));
    return confined(try, &attempt);
}

AC_TEST(a_folder_that_the_store_lies_in_is_not_opened_for_a_plugin_in_it)
{
    struct place place;
    char plugin[600];
    char beside[640];

    AC_REQUIRE(make_place(&place));
    (void)snprintf(plugin, sizeof plugin, "%s", ac_test_path("x.so"));
    AC_REQUIRE(ac_test_write_file(plugin, "x", 1));
    (void)snprintf(beside, sizeof beside, "%s/x.so", place.other);
    AC_REQUIRE(ac_test_write_file(beside, "x", 1));

    CU_ASSERT_EQUAL(read_beside_store(plugin, "/no/x", place.named_file), refused());
    CU_ASSERT_EQUAL(read_beside_store(plugin, "/no/x", place.other_file), refused());
    CU_ASSERT_EQUAL(read_beside_store(plugin, "/no/x", plugin), 0);
    /* The libraries beside one elsewhere are open; in the store itself none are. */
    CU_ASSERT_EQUAL(read_beside_store(beside, "/no/x", place.other_file), 0);
    (void)snprintf(plugin, sizeof plugin, "%s/x.so", place.named);
    CU_ASSERT_EQUAL(read_beside_store(plugin, "/no/x", place.named_file), refused());
}

AC_TEST(the_store_and_what_it_lies_in_are_opened_by_no_setting)
{
    struct place place;

    AC_REQUIRE(make_place(&place));

    CU_ASSERT_EQUAL(read_beside_store(NULL, place.named, place.named_file), refused());
    CU_ASSERT_EQUAL(read_beside_store(NULL, ac_test_folder(), place.named_file),
                    refused());
    CU_ASSERT_EQUAL(read_beside_store(NULL, place.other, place.other_file), 0);
}

AC_TEST(of_a_folder_of_the_system_with_the_store_in_it_only_the_rest_is_open)
{
    struct attempt attempt = { .profile = { .closed = "/usr/share/misc" },
                               .flags = O_RDONLY | O_DIRECTORY };

    AC_REQUIRE(access("/usr/share/misc", R_OK) == 0);

    attempt.path = "/usr/share/misc";
    CU_ASSERT_EQUAL(confined(try, &attempt), refused());
    attempt.path = "/usr/share";
    CU_ASSERT_EQUAL(confined(try, &attempt), refused());
    attempt.path = "/usr/share/doc";
    CU_ASSERT_EQUAL(confined(try, &attempt), 0);
    attempt.path = "/usr/bin";
    CU_ASSERT_EQUAL(confined(try, &attempt), 0);
    attempt.path = "/etc/ssl/certs";
    CU_ASSERT_EQUAL(confined(try, &attempt), 0);
}

AC_TEST(a_socket_opens_nothing_beside_it)
{
    struct place place;
    char pipe[600];

    AC_REQUIRE(make_place(&place));
    (void)snprintf(pipe, sizeof pipe, "%s/pipe", place.named);
    AC_REQUIRE(mkfifo(pipe, 0600) == 0);

    CU_ASSERT_EQUAL(write_with(NULL, pipe, place.named_file), refused());
    CU_ASSERT_EQUAL(write_with(NULL, place.other_file, place.named_file), refused());
}

AC_SUITE("pluginhost/rules", AC_CASE(own_folder_is_read_and_written),
         AC_CASE(named_paths_are_read_and_written_by_who_says_so),
         AC_CASE(all_else_is_closed_but_what_the_system_needs),
         AC_CASE(a_path_that_is_not_there_opens_its_folder_and_none_above),
         AC_CASE(a_folder_that_the_private_one_lies_in_is_never_opened),
         AC_CASE(a_folder_with_the_private_one_in_it_is_not_read_either),
         AC_CASE(a_folder_that_the_store_lies_in_is_not_opened_for_a_plugin_in_it),
         AC_CASE(the_store_and_what_it_lies_in_are_opened_by_no_setting),
         AC_CASE(of_a_folder_of_the_system_with_the_store_in_it_only_the_rest_is_open),
         AC_CASE(a_socket_opens_nothing_beside_it))
