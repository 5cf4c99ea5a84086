/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is kept between runs, below one folder (DESIGN 3). The only writer under it.
 *
 *   accounts/<ca>/account.json, key.pem       <ca>: ac_store_ca_name; for further
 *   accounts/<ca>@<name>/…                    accounts of a CA
 *   certs/<name>/certificate.json             what is wanted
 *   certs/<name>/state.json                   what is known
 *   certs/<name>/order.json, order-key.pem    only while an order is in flight
 *   certs/<name>/persistent.json              records that stay (dns-persist-01)
 *   certs/<name>/versions/0007/…              see version.h
 *   certs/<name>/deployed/<installer>         see deployed.h
 *   tokens/<digest>/pin.json                  a PIN that a token did not take
 *   crls/<digest>/list.json, list.der         a CA's revocation list, kept for a while
 *   runs/renew/pace.json                      when `renew` looked
 *   installers/<instance>/staged.json         what an installer is amid, and with what
 *   installers/<instance>/given-up.json       what it deployed and could not finish
 *   plugins/<instance>@<plugin>/              private folders of plugins
 *   locks/<group>-<name>.lock, .use
 *
 * A document is a JSON object; the store adds and checks its "schema". One of an older
 * schema is brought to today's when it is loaded (store/migrate). Every write is
 * atomic (base/file). Knows files and names, not what the documents say.
 */
#ifndef AC_STORE_STORE_H
#define AC_STORE_STORE_H

#include "base/file.h"
#include "base/json.h"

#define AC_STORE_SCHEMA       1
#define AC_STORE_DOCUMENT_MAX (4u * 1024u * 1024u)
#define AC_STORE_LONG_MAX     (16u * 1024u * 1024u)
#define AC_STORE_KEY_MAX      (64u * 1024u)
#define AC_STORE_NAME_MAX     200 /* a file name is 255; room for ".lock" and the like */

#define AC_STORE_ACCOUNTS     "accounts"
#define AC_STORE_CERTIFICATES "certs"
#define AC_STORE_TOKENS       "tokens"
#define AC_STORE_CRLS         "crls"

/* Below a name, while a version is written or removed; only a killed run leaves them.
 */
#define AC_STORE_VERSIONS "versions"
#define AC_STORE_DRAFT    AC_STORE_VERSIONS "/.new"
#define AC_STORE_RETIRED  AC_STORE_VERSIONS "/.old"

struct ac_store;

/*
 * Opens the store; no folder is made before something is written. AC_E_STORE: the
 * folder is there and cannot be used (not ours, readable by others, no folder).
 * AC_E_USAGE: "".
 */
AC_MUST enum ac_code ac_store_open(const char *folder, struct ac_store **ret_store,
                                   struct ac_error *err);
void ac_store_free(struct ac_store *store);
AC_DEFINE_DROP(ac_store, ac_store_free)
const char *ac_store_folder(const struct ac_store *store);

/* AC_E_USAGE: empty, too long, begins with ".", or has a character that is no letter,
 * digit, ".", "-", "_", ":" or "@". For --name and everything used as a folder name. */
AC_MUST enum ac_code ac_store_check_name(const char *name, struct ac_error *err);
/* A folder name for a directory URL: host, port, and 12 digits of its SHA-256, so that
 * two URLs never share one. Free with free(). */
AC_MUST enum ac_code ac_store_ca_name(const char *directory_url, char **ret_name,
                                      struct ac_error *err);
/* STATE/group/name/item; item may be NULL. Free with free(). */
AC_MUST enum ac_code ac_store_path(const struct ac_store *store, const char *group,
                                   const char *name, const char *item, char **ret_path,
                                   struct ac_error *err);

/*
 * Holds the folder of a group open until it is let go: what is asked of a file or a
 * version below it is then found from there. For a look at thousands in one go, in
 * which nothing is written; where the folder cannot be opened, it is slower and no
 * more.
 */
void ac_store_hold(struct ac_store *store, const char *group);
void ac_store_let_go(struct ac_store *store);

/* Is there a file of that name? Cheap, for thousands; says nothing of what is in it. */
bool ac_store_has(const struct ac_store *store, const char *group, const char *name,
                  const char *item);
/* In bytes; -1: it is not there, or cannot be looked at. */
int64_t ac_store_size(const struct ac_store *store, const char *group, const char *name,
                      const char *item);
/* The bytes of a file, at most AC_STORE_DOCUMENT_MAX. AC_E_NOTFOUND: there is none.
 * AC_E_STORE: anything else. */
AC_MUST enum ac_code ac_store_read(const struct ac_store *store, const char *group,
                                   const char *name, const char *item,
                                   struct ac_text *ret_bytes, struct ac_error *err);
/* Of a file that may be longer: at most AC_STORE_LONG_MAX, as many as a
 * revocation list may have (crypto/crl.h). Fails as above. */
AC_MUST enum ac_code ac_store_read_long(const struct ac_store *store, const char *group,
                                        const char *name, const char *item,
                                        struct ac_text *ret_bytes,
                                        struct ac_error *err);
/*
 * AC_E_NOTFOUND: there is none. AC_E_STORE: unreadable, damaged, or written by a newer
 * acmecore; the detail names the file and what to do.
 */
AC_MUST enum ac_code ac_store_load(const struct ac_store *store, const char *group,
                                   const char *name, const char *item,
                                   struct ac_json **ret_document, struct ac_error *err);
/*
 * Renames a file of a name to ITEM.damaged-TIME beside it: what is damaged is never
 * overwritten. *ret_path is where it is now, NULL: it was not there. Free with free().
 */
AC_MUST enum ac_code ac_store_keep_damaged(struct ac_store *store, const char *group,
                                           const char *name, const char *item,
                                           char **ret_path, struct ac_error *err);
/*
 * Before a document is written that was not loaded: one that is damaged is set aside
 * (*ret_path as above). AC_E_STORE: one is there that a newer acmecore wrote, or that
 * cannot be read.
 */
AC_MUST enum ac_code ac_store_make_way(struct ac_store *store, const char *group,
                                       const char *name, const char *item,
                                       char **ret_path, struct ac_error *err);
/* Makes the folders (0700) and replaces the file (0600). Sets "schema". */
AC_MUST enum ac_code ac_store_save(struct ac_store *store, const char *group,
                                   const char *name, const char *item,
                                   struct ac_json *document, struct ac_error *err);
/* Bytes as they are, that are no document: likewise. */
AC_MUST enum ac_code ac_store_write(struct ac_store *store, const char *group,
                                    const char *name, const char *item,
                                    const struct ac_text *bytes, struct ac_error *err);
/* Makes the folders, and sees whether so many bytes more could be written there. */
AC_MUST enum ac_code ac_store_check_room(struct ac_store *store, const char *group,
                                         const char *name, const char *item,
                                         size_t size, struct ac_error *err);
AC_MUST enum ac_code ac_store_remove(struct ac_store *store, const char *group,
                                     const char *name, const char *item,
                                     struct ac_error *err);

/* Keys: 0600 and ours, checked when loaded, never overwritten (AC_E_STORE).
 * AC_E_NOTFOUND: there is none to load. */
AC_MUST enum ac_code ac_store_load_key(const struct ac_store *store, const char *group,
                                       const char *name, const char *item,
                                       struct ac_secret *ret_pem, struct ac_error *err);
AC_MUST enum ac_code ac_store_create_key(struct ac_store *store, const char *group,
                                         const char *name, const char *item,
                                         const struct ac_secret *pem,
                                         struct ac_error *err);

/* Gives a file below the name another one, over what was there: one rename. */
AC_MUST enum ac_code ac_store_move_item(struct ac_store *store, const char *group,
                                        const char *name, const char *from,
                                        const char *to, struct ac_error *err);
/* Gives the whole folder another name. AC_E_STORE: that one is taken. */
AC_MUST enum ac_code ac_store_set_aside(struct ac_store *store, const char *group,
                                        const char *name, const char *new_name,
                                        struct ac_error *err);

/* The names in a group, sorted; none when there is no store yet. Entries whose names
 * ac_store_check_name refuses are somebody else's and passed over. */
AC_MUST enum ac_code ac_store_list(const struct ac_store *store, const char *group,
                                   struct ac_words *ret_names, struct ac_error *err);
/* Removes the folder of a name whose documents are all gone; anything left keeps it. */
AC_MUST enum ac_code ac_store_forget_empty(struct ac_store *store, const char *group,
                                           const char *name, struct ac_error *err);
/* One run at a time for this name. AC_E_LOCKED says who holds it. What a killed run
 * left half-written below the name is swept. */
AC_MUST enum ac_code ac_store_lock(struct ac_store *store, const char *group,
                                   const char *name, struct ac_lock **ret_lock,
                                   struct ac_error *err);
/* Beside that lock: this run relies on what stands below the name, as others may.
 * AC_E_LOCKED: a run has claimed it. */
AC_MUST enum ac_code ac_store_use(struct ac_store *store, const char *group,
                                  const char *name, struct ac_lock **ret_lock,
                                  struct ac_error *err);
/* No run relies on it, and none begins to. AC_E_LOCKED: some do. */
AC_MUST enum ac_code ac_store_claim(struct ac_store *store, const char *group,
                                    const char *name, struct ac_lock **ret_lock,
                                    struct ac_error *err);

#endif
