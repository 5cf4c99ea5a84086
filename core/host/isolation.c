/* SPDX-License-Identifier: Apache-2.0 */
#include "host/isolation.h"

#include "host/options.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORD_SIZE            16384 /* of one user in the system's list */
#define ENTRIES_MAX            100000
#define NAMES_PLAINLY(setting) (setting)->origin, (setting)->name + 1

bool ac_isolation_is_setting(const char *name)
{
    return strcmp(name, AC_CONFIG_USER) == 0 || strcmp(name, AC_CONFIG_ISOLATION) == 0;
}

/* ---- the settings */

static enum ac_code find_user(const struct ac_setting *setting, char *record,
                              struct passwd *ret_user, struct ac_error *err)
{
    struct passwd *found = NULL;
    int error = getpwnam_r(setting->value, ret_user, record, RECORD_SIZE, &found);

    if (found)
        return AC_OK;
    if (error != 0 && error != ENOENT) {
        return ac_fail_errno(err, AC_E_SYSTEM, error, "%s: user \"%s\" cannot be found",
                             setting->origin, setting->value);
    }
    return ac_fail(err, AC_E_USAGE, "%s: %s = \"%s\": there is no such user",
                   NAMES_PLAINLY(setting), setting->value);
}

static enum ac_code read_user(const struct ac_setting *setting,
                              struct ac_identity *identity, struct ac_error *err)
{
    AC_AUTO_TEXT char *record = NULL;
    struct passwd user;
    int count = AC_IDENTITY_GROUPS_MAX;

    AC_TRY(ac_memory_new(RECORD_SIZE, 1, &record, err));
    AC_TRY(find_user(setting, record, &user, err));
    if (geteuid() != 0) {
        return ac_fail(err, AC_E_USAGE,
                       "%s: %s = \"%s\": only root can run a plugin as another user; "
                       "run acmecore as root, or leave it out",
                       NAMES_PLAINLY(setting), setting->value);
    }
    identity->uid = user.pw_uid;
    identity->gid = user.pw_gid;
    if (getgrouplist(user.pw_name, user.pw_gid, identity->groups, &count) < 0) {
        return ac_fail(err, AC_E_USAGE, "%s: %s = \"%s\": it is in over %d groups",
                       NAMES_PLAINLY(setting), setting->value, AC_IDENTITY_GROUPS_MAX);
    }
    identity->group_count = (size_t)count;
    return AC_OK;
}

static enum ac_code read_setting(const struct ac_setting *setting,
                                 struct ac_isolation *isolation, struct ac_error *err)
{
    if (strcmp(setting->name, AC_CONFIG_USER) == 0) {
        isolation->has_identity = true;
        return read_user(setting, &isolation->identity, err);
    }
    isolation->is_none = strcmp(setting->value, "none") == 0;
    if (isolation->is_none || strcmp(setting->value, "process") == 0)
        return AC_OK;
    return ac_fail(err, AC_E_USAGE, "%s: %s is process or none, not \"%s\"",
                   NAMES_PLAINLY(setting), setting->value);
}

enum ac_code ac_isolation_check(const struct ac_setting *setting, struct ac_error *err)
{
    struct ac_isolation ignored = { 0 };

    return read_setting(setting, &ignored, err);
}

enum ac_code ac_isolation_read(const struct ac_section *section,
                               struct ac_isolation *ret_isolation, struct ac_error *err)
{
    struct ac_isolation isolation = { 0 };

    for (size_t i = 0; i < section->count; i++) {
        if (ac_isolation_is_setting(section->items[i].name))
            AC_TRY(read_setting(&section->items[i], &isolation, err));
    }
    *ret_isolation = isolation;
    return AC_OK;
}

/* ---- paths */

/* "/srv/www" and "example.org=/srv/www" name /srv/www. */
static const char *path_of(const char *value)
{
    const char *equals = strchr(value, '=');

    if (value[0] == '/')
        return value;
    return equals && equals[1] == '/' ? equals + 1 : NULL;
}

static bool is_private_file(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode)
           && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

static bool may_be_secret(const struct ac_setting *setting,
                          const struct ac_descriptor *descriptor)
{
    if (!descriptor)
        return is_private_file(setting->value);
    for (size_t i = 0; i < descriptor->option_count; i++) {
        if (strcmp(descriptor->options[i].name, setting->name) == 0)
            return descriptor->options[i].type == ACMECORE_OPTION_SECRET;
    }
    return false;
}

enum ac_code ac_isolation_paths(const struct ac_section *section,
                                const struct ac_descriptor *descriptor,
                                struct ac_words *ret_paths, struct ac_error *err)
{
    AC_AUTO(ac_words) paths = { 0 };

    for (size_t i = 0; i < section->count; i++) {
        const struct ac_setting *setting = &section->items[i];
        const char *path = path_of(setting->value);

        if (path && !ac_isolation_is_setting(setting->name)
            && !may_be_secret(setting, descriptor))
            AC_TRY(ac_words_add(&paths, path, err));
    }
    *ret_paths = paths;
    paths = (struct ac_words){ 0 };
    return AC_OK;
}

/* ---- the private folder */

static void close_folder(DIR *const *folder)
{
    if (*folder)
        (void)closedir(*folder);
}

/* Ours until now, so that nobody else has put anything there; links stay links. */
static enum ac_code give_entries(int fd, const struct ac_identity *identity,
                                 struct ac_error *err)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    __attribute__((cleanup(close_folder))) DIR *folder =
        copy >= 0 ? fdopendir(copy) : NULL;
    const struct dirent *entry = NULL;

    if (!folder)
        return ac_fail_errno(err, AC_E_STORE, errno, "a plugin's folder");
    for (int i = 0; i < ENTRIES_MAX && (entry = readdir(folder)); i++) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (fchownat(fd, entry->d_name, identity->uid, identity->gid,
                     AT_SYMLINK_NOFOLLOW)
            != 0) {
            return ac_fail_errno(err, AC_E_STORE, errno, "%s cannot be given away",
                                 entry->d_name);
        }
    }
    return AC_OK;
}

enum ac_code ac_isolation_give(const char *folder, const struct ac_identity *identity,
                               struct ac_error *err)
{
    AC_AUTO_FD int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;

    if (fd < 0 || fstat(fd, &status) != 0)
        return ac_fail_errno(err, AC_E_STORE, errno, "%s", folder);
    if (status.st_uid == identity->uid)
        return AC_OK;
    if (status.st_uid != geteuid()) {
        return ac_fail(err, AC_E_USAGE,
                       "%s belongs to user id %u, as whom this plugin ran before; give "
                       "it to the new one (chown -R) or remove it",
                       folder, (unsigned)status.st_uid);
    }
    AC_TRY(give_entries(fd, identity, err));
    if (fchown(fd, identity->uid, identity->gid) != 0)
        return ac_fail_errno(err, AC_E_STORE, errno, "%s cannot be given away", folder);
    return AC_OK;
}
