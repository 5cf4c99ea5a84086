/* SPDX-License-Identifier: Apache-2.0 */
#include "wellknown.h"

#include "beneath.h"
#include "created.h"
#include "path.h"
#include "trouble.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RACE_MAX 3 /* another run may remove the empty folder under our feet */

#define FOLDER_FLAGS (O_PATH | O_DIRECTORY | O_CLOEXEC)

/* One step from the root to the challenge folder. */
struct part {
    const char *parent, *name;
    const char *path; /* parent and name, below the root */
};

static const struct part parts[] = {
    { ".", ".well-known", ".well-known" },
    { ".well-known", "acme-challenge", WEBROOT_CHALLENGE_FOLDER },
};

/* What the making of a part needs to know. */
struct site {
    const struct acmecore_host *host;
    const struct webroot_access *access;
    const char *root;
    int root_fd;
};

struct full_path {
    char text[PATH_MAX];
};

static bool has_entry(int folder_fd, const char *name);
static struct full_path path_of(const char *root, const struct part *part);
static int make_part(const struct site *site, const struct part *part);
static int create_part(const struct site *site, const struct part *part,
                       const char *path);
static int dress(const struct site *site, int parent_fd, const struct part *part);
static int unmake_part(int root_fd, const struct part *part);

int webroot_root_check(const struct acmecore_host *host, const char *root)
{
    /* The root itself may be reached through links: the administrator named it. */
    WEBROOT_AUTO_FD root_fd = open(root, FOLDER_FLAGS);
    WEBROOT_AUTO_FD deepest_fd = root_fd < 0 ? -1 : open(root, FOLDER_FLAGS);
    struct full_path path;

    (void)snprintf(path.text, sizeof path.text, "%s", root);
    for (size_t i = 0; deepest_fd >= 0 && i < sizeof parts / sizeof *parts; i++) {
        int next = webroot_open_beneath(root_fd, parts[i].path, FOLDER_FLAGS);

        if (next < 0 && errno == ENOENT && !has_entry(deepest_fd, parts[i].name))
            break;
        path = path_of(root, &parts[i]);
        if (next < 0) { /* ENOENT: a link to nowhere has the name */
            return webroot_trouble(host, ACMECORE_E_CONFIG, "open", path.text,
                                   errno == ENOENT ? ELOOP : errno);
        }
        webroot_fd_drop(&deepest_fd);
        deepest_fd = next;
    }
    /* In the deepest one that is there something will be made. */
    if (deepest_fd < 0 || faccessat(deepest_fd, ".", W_OK | X_OK, AT_EACCESS) != 0) {
        return webroot_trouble(host, ACMECORE_E_CONFIG,
                               deepest_fd < 0 ? "use the web root" : "write into",
                               path.text, errno);
    }
    return ACMECORE_OK;
}

int webroot_folder_make(const struct acmecore_host *host,
                        const struct webroot_access *access, const char *root,
                        int *ret_fd)
{
    WEBROOT_AUTO_FD root_fd = open(root, FOLDER_FLAGS);
    struct site site = { host, access, root, root_fd };
    int fd = -1;

    if (root_fd < 0) {
        return webroot_trouble(host, ACMECORE_E_CONFIG, "use the web root", root,
                               errno);
    }
    for (int attempt = 0; fd < 0 && attempt < RACE_MAX; attempt++) {
        int status = make_part(&site, &parts[0]);

        if (status == ACMECORE_OK)
            status = make_part(&site, &parts[1]);
        if (status != ACMECORE_OK)
            return status;
        fd = webroot_open_beneath(root_fd, parts[1].path, FOLDER_FLAGS);
    }
    if (fd < 0) { /* ENOENT after making it: a link to nowhere has its name */
        return webroot_trouble(host, ACMECORE_E_SYSTEM, "open",
                               path_of(root, &parts[1]).text,
                               errno == ENOENT ? ELOOP : errno);
    }
    *ret_fd = fd;
    return ACMECORE_OK;
}

int webroot_folder_find(const struct acmecore_host *host, const char *root, int *ret_fd)
{
    WEBROOT_AUTO_FD root_fd = open(root, FOLDER_FLAGS);
    int fd =
        root_fd < 0 ? -1 : webroot_open_beneath(root_fd, parts[1].path, FOLDER_FLAGS);

    if (fd >= 0) {
        *ret_fd = fd;
        return ACMECORE_OK;
    }
    /* Where we would never have gone, nothing of ours can be. */
    if (errno == ENOENT || errno == EXDEV || errno == ELOOP || errno == ENOTDIR)
        return ACMECORE_E_NOTFOUND;
    return webroot_trouble(host, ACMECORE_E_SYSTEM, "open",
                           path_of(root, &parts[1]).text, errno);
}

void webroot_folder_unmake(const struct acmecore_host *host, const char *root)
{
    WEBROOT_AUTO_FD root_fd = open(root, FOLDER_FLAGS);

    for (size_t i = sizeof parts / sizeof *parts; root_fd >= 0 && i-- > 0;) {
        struct full_path path = path_of(root, &parts[i]);

        if (!webroot_created_has(host, path.text))
            continue;
        if (unmake_part(root_fd, &parts[i]) == 0 || errno == ENOENT) {
            webroot_created_forget(host, path.text);
        } else if (errno != ENOTEMPTY && errno != EEXIST) {
            host->log(host->ctx, ACMECORE_WARN,
                      "cannot remove the empty folder %s: %s; it stays", path.text,
                      strerror(errno));
        }
    }
}

static bool has_entry(int folder_fd, const char *name)
{
    int error = errno; /* the caller still reports it */
    struct stat status;
    bool is_there = fstatat(folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0;

    errno = error;
    return is_there;
}

static struct full_path path_of(const char *root, const struct part *part)
{
    struct full_path path;

    (void)snprintf(path.text, sizeof path.text, "%.*s/%s", WEBROOT_ROOT_PATH_MAX, root,
                   part->path);
    return path;
}

static int make_part(const struct site *site, const struct part *part)
{
    WEBROOT_AUTO_FD there =
        webroot_open_beneath(site->root_fd, part->path, FOLDER_FLAGS);
    struct full_path path = path_of(site->root, part);
    bool is_new = false;
    int status = ACMECORE_OK;

    if (there >= 0)
        return ACMECORE_OK;
    if (errno != ENOENT)
        return webroot_trouble(site->host, ACMECORE_E_SYSTEM, "open", path.text, errno);

    /* Noted first: killed in between, we may look for a folder that is not there, but
     * never forget one that is. */
    status = webroot_created_note(site->host, path.text, &is_new);
    if (status != ACMECORE_OK || create_part(site, part, path.text) == 0)
        return status;
    /* Somebody else made it, or a link to nowhere has the name: look again. */
    if (errno != EEXIST && errno != ENOENT) {
        status =
            webroot_trouble(site->host, ACMECORE_E_SYSTEM, "create", path.text, errno);
    }
    if (is_new)
        webroot_created_forget(site->host, path.text);
    return status;
}

/* Returns 0, or -1 with errno and nothing left behind. */
static int create_part(const struct site *site, const struct part *part,
                       const char *path)
{
    WEBROOT_AUTO_FD parent_fd =
        webroot_open_beneath(site->root_fd, part->parent, FOLDER_FLAGS);

    if (parent_fd < 0 || mkdirat(parent_fd, part->name, 0700) != 0)
        return -1;
    if (dress(site, parent_fd, part) != 0) {
        int error = errno;

        (void)unlinkat(parent_fd, part->name, AT_REMOVEDIR);
        errno = error;
        return -1;
    }
    site->host->log(site->host->ctx, ACMECORE_DEBUG, "webroot.create folder=%s", path);
    return 0;
}

static int dress(const struct site *site, int parent_fd, const struct part *part)
{
    WEBROOT_AUTO_FD fd =
        openat(parent_fd, part->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    return fd < 0 ? -1 : webroot_access_apply(site->access, fd, WEBROOT_FOLDER_MODE);
}

static int unmake_part(int root_fd, const struct part *part)
{
    WEBROOT_AUTO_FD parent_fd =
        webroot_open_beneath(root_fd, part->parent, FOLDER_FLAGS);

    return parent_fd < 0 ? -1 : unlinkat(parent_fd, part->name, AT_REMOVEDIR);
}
