/* SPDX-License-Identifier: Apache-2.0 */
#include "access.h"

#include "beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE_DIGITS_MAX 4
#define ID_DIGITS_MAX   10 /* of a 32-bit number */

static int read_owner(const struct acmecore_host *host, uid_t *ret_owner);
static int read_group(const struct acmecore_host *host, gid_t *ret_group);
static int read_mode(const struct acmecore_host *host, mode_t *ret_mode);
static bool parse_id(const char *text, uint32_t *ret_id);
static int try_privilege(const struct acmecore_host *host,
                         const struct webroot_access *access);

int webroot_access_read(const struct acmecore_host *host,
                        struct webroot_access *ret_access)
{
    struct webroot_access access = { (uid_t)-1, (gid_t)-1, 0644 };
    int status = read_owner(host, &access.owner);

    if (status == ACMECORE_OK)
        status = read_group(host, &access.group);
    if (status == ACMECORE_OK)
        status = read_mode(host, &access.mode);
    if (status == ACMECORE_OK)
        status = try_privilege(host, &access);
    if (status == ACMECORE_OK)
        *ret_access = access;
    return status;
}

int webroot_access_apply(const struct webroot_access *access, int fd, mode_t mode)
{
    /* The owner first: fchown may clear bits that fchmod has set. */
    if ((access->owner != (uid_t)-1 || access->group != (gid_t)-1)
        && fchown(fd, access->owner, access->group) != 0)
        return -1;
    return fchmod(fd, mode);
}

static int read_owner(const struct acmecore_host *host, uid_t *ret_owner)
{
    const char *text = host->option(host->ctx, "owner", 0);
    const struct passwd *user = NULL;

    if (!text || parse_id(text, ret_owner))
        return ACMECORE_OK;
    user = getpwnam(text);
    if (!user) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option owner: there is no user \"%s\" on this machine",
                          text);
    }
    *ret_owner = user->pw_uid;
    return ACMECORE_OK;
}

static int read_group(const struct acmecore_host *host, gid_t *ret_group)
{
    const char *text = host->option(host->ctx, "group", 0);
    const struct group *group = NULL;

    if (!text || parse_id(text, ret_group))
        return ACMECORE_OK;
    group = getgrnam(text);
    if (!group) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option group: there is no group \"%s\" on this machine",
                          text);
    }
    *ret_group = group->gr_gid;
    return ACMECORE_OK;
}

static int read_mode(const struct acmecore_host *host, mode_t *ret_mode)
{
    const char *text = host->option(host->ctx, "mode", 0);
    size_t size = text ? strnlen(text, MODE_DIGITS_MAX + 1) : 0;
    unsigned long mode = 0;

    if (!text)
        return ACMECORE_OK;
    if (size == 0 || size > MODE_DIGITS_MAX || strspn(text, "01234567") != size) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option mode: \"%s\" is not an octal mode such as 0644",
                          text);
    }
    mode = strtoul(text, NULL, 8);
    /* Cleanup reads the file again, to be sure that it is ours. */
    if (mode > 0777 || !(mode & S_IRUSR)) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option mode: \"%s\" must be within 0400 and 0777 and let "
                          "the owner read",
                          text);
    }
    *ret_mode = (mode_t)mode;
    return ACMECORE_OK;
}

/* False when `text` is no number; it may still be a name. */
static bool parse_id(const char *text, uint32_t *ret_id)
{
    size_t size = strnlen(text, ID_DIGITS_MAX + 1);
    unsigned long long id = 0;

    if (size == 0 || size > ID_DIGITS_MAX || strspn(text, "0123456789") != size)
        return false;
    id = strtoull(text, NULL, 10);
    if (id >= UINT32_MAX) /* all ones means "leave it" to chown */
        return false;
    *ret_id = (uint32_t)id;
    return true;
}

/* A missing privilege is found before a CA is asked, not at the first challenge. */
static int try_privilege(const struct acmecore_host *host,
                         const struct webroot_access *access)
{
    WEBROOT_AUTO_FD fd = open(host->folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

    if (fd < 0) /* not every file system has nameless files; present() will tell */
        return ACMECORE_OK;
    if (webroot_access_apply(access, fd, access->mode) == 0 || errno != EPERM)
        return ACMECORE_OK;
    return host->fail(
        host->ctx, ACMECORE_E_CONFIG,
        "options owner and group: user id %u may not give files away: run "
        "as root or with CAP_CHOWN, or leave both options out",
        (unsigned)geteuid());
}
