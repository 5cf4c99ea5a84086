/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files: bounded reads, atomic replacement, locks. The only place that creates files.
 *
 * Every write is a temporary file in the same folder, fsync, rename, fsync of the
 * folder: after a crash the old or the new contents are there, never a mixture.
 */
#ifndef AC_BASE_FILE_H
#define AC_BASE_FILE_H

#include "base/secret.h"
#include "base/text.h"

#include <stdbool.h>
#include <sys/types.h>

/*
 * Where a file is: the path that messages name, and what openat(2) is given of it. For
 * thousands of files below a folder that is open, so that the way to it is not walked
 * again for each. Both are lent.
 */
struct ac_file_at {
    const char *path;
    int folder_fd;    /* AT_FDCWD: name is the path */
    const char *name; /* within path */
};
/* A path as it is. */
struct ac_file_at ac_file_at(const char *path);

/*
 * Reads a regular file of at most `limit` bytes; text->bytes is NUL-terminated.
 * AC_E_NOTFOUND: it is not there. AC_E_STORE: anything else, the detail names the path.
 * AC_E_INVALID: longer than limit, or not a regular file.
 */
AC_MUST enum ac_code ac_file_read(const char *path, size_t limit,
                                  struct ac_text *ret_text, struct ac_error *err);
AC_MUST enum ac_code ac_file_read_at(const struct ac_file_at *file, size_t limit,
                                     struct ac_text *ret_text, struct ac_error *err);

/*
 * As ac_file_read for a secret; also refuses (AC_E_USAGE) a file that is readable or
 * writable by group or others or belongs to somebody else (root's is fine), saying
 * which chmod mends it.
 */
AC_MUST enum ac_code ac_file_read_secret(const char *path, size_t limit,
                                         struct ac_secret *ret_secret,
                                         struct ac_error *err);

/*
 * A password or a PIN: the file's only line, without its end, 1 to AC_PASSWORD_MAX
 * octets. AC_E_USAGE: it is not there, empty, longer, of several lines, or open to
 * others as above; the detail begins with `option`.
 */
AC_MUST enum ac_code ac_file_read_password(const char *path, const char *option,
                                           struct ac_secret *ret_password,
                                           struct ac_error *err);
#define AC_PASSWORD_MAX 256

/*
 * As ac_file_read_secret, without a look at owner and mode: for a file in the folder
 * that systemd made for our credentials, which only we can enter. Its access list looks
 * like a right of the group.
 */
AC_MUST enum ac_code ac_file_read_credential(const char *path, size_t limit,
                                             struct ac_secret *ret_secret,
                                             struct ac_error *err);

/* A word that is another one when the file is replaced or written. AC_E_NOTFOUND: it is
 * not there. Free with free(). */
AC_MUST enum ac_code ac_file_stamp(const char *path, char **ret_stamp,
                                   struct ac_error *err);

/* Replaces path atomically; mode is set before the first byte, whatever the umask. */
AC_MUST enum ac_code ac_file_replace(const char *path, mode_t mode, const void *bytes,
                                     size_t size, struct ac_error *err);

/* As ac_file_replace, but AC_E_STORE when the path exists already: keys are never
 * overwritten silently. */
AC_MUST enum ac_code ac_file_create(const char *path, mode_t mode, const void *bytes,
                                    size_t size, struct ac_error *err);

/*
 * Could a file of so many bytes be written in the folder of path now? Made under a
 * draft's name, given its room, and removed; what is at path does not matter.
 */
AC_MUST enum ac_code ac_file_check_room(const char *path, size_t size,
                                        struct ac_error *err);

/* A file of a folder that is written whole; all are lent. */
struct ac_file_part {
    const char *name;
    mode_t mode;
    const void *bytes;
    size_t size;
};
/*
 * Makes a folder, 0700, with these files, all on disk. It is the draft: nothing may
 * lead to it until ac_file_rename gives it its name and syncs the folder above, which
 * is why that is not done here. AC_E_STORE when it exists already.
 */
AC_MUST enum ac_code ac_file_draft_folder(const char *path,
                                          const struct ac_file_part *parts,
                                          size_t count, struct ac_error *err);

/* Makes one folder with this mode (its parent must exist); an existing one is fine. */
AC_MUST enum ac_code ac_file_make_folder(const char *path, mode_t mode,
                                         struct ac_error *err);
/* The same for a whole path; those made get `mode`. */
AC_MUST enum ac_code ac_file_make_folders(const char *path, mode_t mode,
                                          struct ac_error *err);

/* rename(2), then fsync of the folder of `to`. */
AC_MUST enum ac_code ac_file_rename(const char *from, const char *to,
                                    struct ac_error *err);
/* Points a symbolic link at target by one rename, then fsyncs the folder. */
AC_MUST enum ac_code ac_file_replace_link(const char *path, const char *target,
                                          struct ac_error *err);
/* Then fsyncs its folder. Missing is fine. */
AC_MUST enum ac_code ac_file_remove(const char *path, struct ac_error *err);
/* Removes a folder and all below it, never following links. Missing is fine. */
AC_MUST enum ac_code ac_file_remove_tree(const char *path, struct ac_error *err);
/* Names in a folder except dot files, sorted. A missing folder has none. */
AC_MUST enum ac_code ac_file_list(const char *path, struct ac_words *ret_names,
                                  struct ac_error *err);
bool ac_file_exists(const char *path);
/* In bytes; -1: it is not there, or cannot be looked at. */
int64_t ac_file_size_at(const struct ac_file_at *file);
/* Are all these in the folder? For thousands: cheaper than its list. */
bool ac_file_holds_at(const struct ac_file_at *folder, const char *const *names,
                      size_t count);
/*
 * Removes what a run that was killed amid a write left in this folder: nothing but
 * files and links under the names that drafts have. Folders below and links are not
 * entered; a missing folder, or a link in its place, has nothing. Looks at a bounded
 * number of entries. For whoever holds the lock of the folder: a draft under way looks
 * the same. Where there is no lock, age_s: only what is older than so many seconds.
 */
AC_MUST enum ac_code ac_file_sweep(const char *path, int64_t age_s,
                                   struct ac_error *err);

/*
 * May code or settings from this file be trusted? It, each folder above it and each
 * link on the way must belong to root or to us and not be writable by group or others
 * (a sticky folder such as /tmp is taken). AC_E_USAGE names the first part that fails
 * and what to do; AC_E_NOTFOUND: a part is not there; AC_E_STORE: it cannot be looked
 * at.
 */
AC_MUST enum ac_code ac_file_check_trust(const char *path, struct ac_error *err);

/* A lock: flock on a file that says who holds it. Gone with the process. */
struct ac_lock;
/*
 * Takes the lock at once or fails. AC_E_LOCKED: the detail says which process holds it,
 * since when. The file stays after release, empty.
 */
AC_MUST enum ac_code ac_lock_take(const char *path, struct ac_lock **ret_lock,
                                  struct ac_error *err);
/* The same with others who share it; nobody can take it then. AC_E_LOCKED: somebody has
 * taken it. */
AC_MUST enum ac_code ac_lock_share(const char *path, struct ac_lock **ret_lock,
                                   struct ac_error *err);
void ac_lock_free(struct ac_lock *lock);
AC_DEFINE_DROP(ac_lock, ac_lock_free)

#endif
