/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/rules.h"

#include "base/kernel.h"
#include "base/memory.h"

#include <acmecore/plugin.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's headers of Debian 12 end with version 2. */
#define FS_TRUNCATE         (1ull << 14)
#define FS_IOCTL_DEV        (1ull << 15)
#define NET_BIND_TCP        (1ull << 0)
#define NET_CONNECT_TCP     (1ull << 1)
#define SCOPE_ABSTRACT_UNIX (1ull << 0)
#define SCOPE_SIGNAL        (1ull << 1)

/* struct landlock_ruleset_attr as of version 6; an older kernel takes it when what it
 * does not know is zero. */
struct ruleset {
    uint64_t files, tcp, scopes;
};

#define READ_FILE LANDLOCK_ACCESS_FS_READ_FILE
#define READ      (READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
/* Neither devices nor execution: no path gives these. */
#define CHANGE                                                                         \
    (LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE                    \
     | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG                       \
     | LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER)
#define WRITE_FILE (LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE)
#define OF_A_FILE  (READ_FILE | WRITE_FILE)
#define OF_VERSION_1                                                                   \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | READ                 \
     | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE                  \
     | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR                      \
     | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK                      \
     | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK                    \
     | LANDLOCK_ACCESS_FS_MAKE_SYM)

/* What loading libraries, resolving names and TLS read. What of /etc is secret on some
 * machine is not in it. */
static const char *const system_paths[] = {
    "/usr",
    "/lib",
    "/lib32",
    "/lib64",
    "/nix/store",
    "/gnu/store",
    "/etc/ld.so.cache",
    "/etc/ld.so.preload",
    "/etc/localtime",
    "/etc/resolv.conf",
    "/run/systemd/resolve", /* where it leads, when it is replaced meanwhile */
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/protocols",
    "/etc/passwd",
    "/etc/group",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust",
    "/etc/ca-certificates",
    "/var/lib/ca-certificates",
    "/etc/gnutls",
    "/etc/crypto-policies",
    "/etc/pkcs11",
    "/etc/alternatives",
    "/proc/self",
    "/proc/sys",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/sys/devices/system/cpu",
    "/dev/urandom",
    "/dev/random",
    "/dev/zero",
};

#define DEPTH_MAX   128 /* folders above a private one */
#define ENTRIES_MAX 100000

struct rules {
    int fd;
    uint64_t files; /* what the ruleset handles: no rule may give more */
};

static struct ruleset make_ruleset(int version, uint32_t uses)
{
    struct ruleset ruleset = { .files = OF_VERSION_1 };

    if (version >= AC_LANDLOCK_REFER)
        ruleset.files |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= AC_LANDLOCK_TRUNCATE)
        ruleset.files |= FS_TRUNCATE;
    if (version >= AC_LANDLOCK_TCP && !(uses & ACMECORE_USES_NETWORK))
        ruleset.tcp = NET_BIND_TCP | NET_CONNECT_TCP;
    if (version >= AC_LANDLOCK_DEVICES)
        ruleset.files |= FS_IOCTL_DEV;
    if (version >= AC_LANDLOCK_SCOPES)
        ruleset.scopes = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL;
    return ruleset;
}

/* Links are followed: the rule is for where they lead. False: it cannot be looked at,
 * and then it cannot be used either. */
static bool allow_at(const struct rules *rules, int folder_fd, const char *name,
                     uint64_t access)
{
    AC_AUTO_FD int fd = openat(folder_fd, name, O_PATH | O_CLOEXEC);
    struct landlock_path_beneath_attr rule = { .parent_fd = fd };
    struct stat status;

    if (fd < 0 || fstat(fd, &status) != 0)
        return false;
    if (!S_ISDIR(status.st_mode))
        access &= OF_A_FILE;
    rule.allowed_access = access & rules->files;
    return syscall(SYS_landlock_add_rule, rules->fd, LANDLOCK_RULE_PATH_BENEATH, &rule,
                   0U)
           == 0;
}

static bool allow(const struct rules *rules, const char *path, uint64_t access)
{
    return allow_at(rules, AT_FDCWD, path, access);
}

static void cut_last(char *path)
{
    char *slash = strrchr(path, '/');

    if (slash)
        *slash = '\0';
}

static bool is_same(const struct stat *one, const struct stat *other)
{
    return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

/*
 * By what the folders are, not by their names: links lead anywhere. What cannot be
 * looked at on the way up is closed to this user, too, with all that is above it.
 */
static bool is_above(const struct stat *folder, const char *below)
{
    AC_AUTO_FD int fd = below ? open(below, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    struct stat last = { 0 };
    struct stat status;

    for (int i = 0; fd >= 0 && i < DEPTH_MAX; i++) {
        int above = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        (void)close(fd);
        fd = above;
        if (fd < 0 || fstat(fd, &status) != 0 || is_same(&status, &last))
            return false;
        if (is_same(&status, folder))
            return true;
        last = status;
    }
    return fd >= 0;
}

static bool is_at(const struct stat *folder, const char *path)
{
    struct stat status;

    return path && stat(path, &status) == 0 && is_same(folder, &status);
}

/* Would the store of acmecore be open with it? The private folder lies in there; of a
 * plugin that is only tried out, the store is another one. */
static bool is_closed(const struct stat *folder, const struct ac_profile *profile)
{
    return is_above(folder, profile->folder) || is_above(folder, profile->closed)
           || is_at(folder, profile->closed);
}

static void allow_folder(const struct rules *rules, const struct ac_profile *profile,
                         const char *path, uint64_t access)
{
    struct stat status;

    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)
        && !is_closed(&status, profile))
        (void)allow(rules, path, access);
}

static void close_folder(DIR *const *folder)
{
    if (*folder)
        (void)closedir(*folder);
}

/* But neither the way to the store, nor links, which could lead there. */
static void allow_entries(const struct rules *rules, int folder_fd,
                          const struct stat *way)
{
    int fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    __attribute__((cleanup(close_folder))) DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry = NULL;
    struct stat status;

    for (int i = 0; folder && i < ENTRIES_MAX && (entry = readdir(folder)); i++) {
        if (entry->d_name[0] != '.'
            && fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0
            && !S_ISLNK(status.st_mode) && !is_same(&status, way))
            (void)allow_at(rules, fd, entry->d_name, READ);
    }
}

/* All of `top` but the way from there to the store. */
static void allow_beside(const struct rules *rules, const char *closed,
                         const struct stat *top)
{
    AC_AUTO_FD int fd = open(closed, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct stat way;
    struct stat status;

    for (int i = 0; i < DEPTH_MAX && fstat(fd, &way) == 0; i++) {
        int above = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        (void)close(fd);
        fd = above;
        if (fstat(fd, &status) != 0)
            return;
        allow_entries(rules, fd, &way);
        if (is_same(&status, top))
            return;
    }
}

static void allow_system(const struct rules *rules, const char *closed,
                         const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0 || is_at(&status, closed))
        return;
    if (S_ISDIR(status.st_mode) && is_above(&status, closed)) {
        allow_beside(rules, closed, &status);
    } else {
        (void)allow(rules, path, READ);
    }
}

/* The folder that the last name lies in; of a pattern ("/srv/%n/key.pem"), the last one
 * that is the same for all. */
static void cut_to_folder(char *path)
{
    path[strcspn(path, "%")] = '\0';
    cut_last(path);
}

/*
 * To write a file is to replace it in its folder, and to make it when it is not there
 * yet. No folder further above is opened for what is missing, and none for a socket.
 */
static enum ac_code allow_writing(const struct rules *rules,
                                  const struct ac_profile *profile, const char *named,
                                  struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;
    struct stat status;
    bool is_there = stat(named, &status) == 0;

    if (is_there && S_ISDIR(status.st_mode)) {
        allow_folder(rules, profile, named, READ | CHANGE | WRITE_FILE);
        return AC_OK;
    }
    (void)allow(rules, named, OF_A_FILE);
    if (is_there && !S_ISREG(status.st_mode))
        return AC_OK;
    AC_TRY(ac_memory_copy_text(named, &path, err));
    if (is_there) {
        cut_last(path);
    } else {
        cut_to_folder(path);
    }
    allow_folder(rules, profile, path, READ | CHANGE | WRITE_FILE);
    return AC_OK;
}

static void allow_reading(const struct rules *rules, const struct ac_words *paths)
{
    for (size_t i = 0; paths && i < paths->count; i++)
        (void)allow(rules, paths->items[i], READ);
}

static void allow_named_reading(const struct rules *rules,
                                const struct ac_profile *profile, const char *named)
{
    struct stat status;

    if (stat(named, &status) == 0 && !S_ISDIR(status.st_mode)) {
        (void)allow(rules, named, READ_FILE);
    } else {
        allow_folder(rules, profile, named, READ);
    }
}

static enum ac_code allow_named(const struct rules *rules,
                                const struct ac_profile *profile, struct ac_error *err)
{
    for (size_t i = 0; profile->named && i < profile->named->count; i++) {
        allow_named_reading(rules, profile, profile->named->items[i]);
        if (profile->uses & ACMECORE_USES_FILES)
            AC_TRY(allow_writing(rules, profile, profile->named->items[i], err));
    }
    return AC_OK;
}

/* The libraries beside the plugin, too, but for a folder that the store lies in. */
static enum ac_code allow_plugin(const struct rules *rules,
                                 const struct ac_profile *profile, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    if (!profile->plugin_path)
        return AC_OK;
    (void)allow(rules, profile->plugin_path, READ_FILE); /* where a link leads */
    AC_TRY(ac_memory_copy_text(profile->plugin_path, &path, err));
    cut_last(path);
    allow_folder(rules, profile, path, READ);
    return AC_OK;
}

static enum ac_code fill(const struct rules *rules, const struct ac_profile *profile,
                         struct ac_error *err)
{
    for (size_t i = 0; i < AC_COUNT(system_paths); i++)
        allow_system(rules, profile->closed, system_paths[i]);
    (void)allow(rules, "/dev/null", READ | WRITE_FILE);
    if (profile->folder)
        (void)allow(rules, profile->folder, READ | CHANGE | WRITE_FILE);
    allow_reading(rules, profile->read);
    AC_TRY(allow_plugin(rules, profile, err));
    return allow_named(rules, profile, err);
}

enum ac_code ac_rules_enter(const struct ac_profile *profile, struct ac_error *err)
{
    int version = ac_kernel_landlock();
    struct ruleset ruleset = make_ruleset(version, profile->uses);

    if (version < AC_LANDLOCK_FILES)
        return AC_OK;
    AC_AUTO_FD int fd =
        (int)syscall(SYS_landlock_create_ruleset, &ruleset, sizeof ruleset, 0U);
    if (fd < 0)
        return ac_fail_errno(err, AC_E_SYSTEM, errno, "Landlock refuses a ruleset");
    const struct rules rules = { .fd = fd, .files = ruleset.files };
    AC_TRY(fill(&rules, profile, err));
    if (syscall(SYS_landlock_restrict_self, fd, 0U) != 0)
        return ac_fail_errno(err, AC_E_SYSTEM, errno, "Landlock refuses its rules");
    return AC_OK;
}
