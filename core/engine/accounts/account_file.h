/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An account as the store has it: which folder it is in, its document and its keys.
 *
 *   accounts/<ca>/             the account of a directory URL
 *   accounts/<ca>@<name>/      a further one of the same CA, by name
 *   accounts/….retired-<n>/    one that was deactivated, set aside
 *     account.json  key.pem    or key-url.json: where the token is that has it
 *                              key-next.pem: only while the key is being changed
 */
#ifndef AC_ENGINE_ACCOUNT_FILE_H
#define AC_ENGINE_ACCOUNT_FILE_H

#include "acme/account.h"
#include "crypto/key.h"
#include "store/store.h"

#define AC_ACCOUNT_DOCUMENT "account.json"
#define AC_ACCOUNT_KEY      "key.pem"
#define AC_ACCOUNT_NEXT_KEY "key-next.pem"
#define AC_ACCOUNT_KEY_URL  "key-url.json" /* in place of key.pem: it is in a token */
/* One that the CA said it took, and did not: kept, in case it did. */
#define AC_ACCOUNT_UNUSED_KEY "key-unused.pem"

#define AC_ACCOUNT_DEFAULT  "default" /* the name of the one without a name */
#define AC_ACCOUNT_NAME_MAX 64

/* AC_E_USAGE: no name of an account: letters, digits, "-" and "_". */
AC_MUST enum ac_code ac_account_file_check_name(const char *name, struct ac_error *err);
/* The folder of an account: of a name, or (NULL, "default") of the CA's own one. Free
 * with free(). */
AC_MUST enum ac_code ac_account_file_folder(const char *directory_url, const char *name,
                                            char **ret_folder, struct ac_error *err);
/* Was it set aside? */
bool ac_account_file_is_retired(const char *folder);

/*
 * account.json, with an account's URL in it. AC_E_NOTFOUND: there is none. AC_E_STORE:
 * damaged, or another CA's (`directory_url`; NULL: any).
 */
AC_MUST enum ac_code ac_account_file_load(const struct ac_store *store,
                                          const char *folder, const char *directory_url,
                                          struct ac_json **ret_document,
                                          struct ac_error *err);
/* AC_E_USAGE: it was deactivated, says the document; and what to do. */
AC_MUST enum ac_code ac_account_file_check(const struct ac_json *document,
                                           struct ac_error *err);
/* The account for the client, of this directory: its key and its URL. *ret_document is
 * for the caller to free. The errors are those of load, check and load_key. */
AC_MUST enum ac_code ac_account_file_open(struct ac_store *store, const char *folder,
                                          const char *directory_url,
                                          struct ac_client *client,
                                          struct ac_json **ret_document,
                                          struct ac_error *err);
/* What is written down of an account that the CA told of. */
struct ac_account_record {
    const char *directory_url;
    const char *name;  /* or NULL */
    const char *terms; /* that were agreed to, or NULL */
    const struct ac_account *account;
    const struct ac_key *key;
};
AC_MUST enum ac_code ac_account_file_record(struct ac_store *store, const char *folder,
                                            const struct ac_account_record *record,
                                            struct ac_error *err);
AC_MUST enum ac_code ac_account_file_save(struct ac_store *store, const char *folder,
                                          struct ac_json *document,
                                          struct ac_error *err);

/*
 * A key of an account: AC_ACCOUNT_KEY (of a token: a handle on it there) or
 * AC_ACCOUNT_NEXT_KEY. The only place that loads one. AC_E_NOTFOUND: there is none.
 * AC_E_STORE: it cannot be used. AC_E_USAGE: the token does not take its PIN.
 */
AC_MUST enum ac_code ac_account_file_load_key(struct ac_store *store,
                                              const char *folder, const char *item,
                                              struct ac_key **ret_key,
                                              struct ac_error *err);
/* The same without asking a token: of its key, the public half. */
AC_MUST enum ac_code ac_account_file_load_public(const struct ac_store *store,
                                                 const char *folder, const char *item,
                                                 struct ac_key **ret_key,
                                                 struct ac_error *err);
/* The URL of the key in a token; NULL in *ret_url: it is in a file, or there is none.
 * Free with free(). */
AC_MUST enum ac_code ac_account_file_key_url(const struct ac_store *store,
                                             const char *folder, char **ret_url,
                                             struct ac_error *err);
/* Notes where the key is: in the token of this URL. pin_file: of its PIN, or NULL. */
AC_MUST enum ac_code ac_account_file_note_url(struct ac_store *store,
                                              const char *folder, const char *url,
                                              const char *pin_file,
                                              const struct ac_key *key,
                                              struct ac_error *err);
/* Writes one that is not there yet. */
AC_MUST enum ac_code ac_account_file_create_key(struct ac_store *store,
                                                const char *folder, const char *item,
                                                const struct ac_key *key,
                                                struct ac_error *err);
/* What its present key is: the word of its type (static) and its thumbprint (RFC 7638,
 * free with free()). */
AC_MUST enum ac_code ac_account_file_describe(const struct ac_store *store,
                                              const char *folder,
                                              const char **ret_key_type,
                                              char **ret_thumbprint,
                                              struct ac_error *err);
bool ac_account_file_has(const struct ac_store *store, const char *folder,
                         const char *item);

/* Sets the folder aside. *ret_folder: its name now; free with free(). */
AC_MUST enum ac_code ac_account_file_retire(struct ac_store *store, const char *folder,
                                            char **ret_folder, struct ac_error *err);
/* The last one that was set aside of this folder. AC_E_NOTFOUND: none was. Free with
 * free(). */
AC_MUST enum ac_code ac_account_file_find_retired(const struct ac_store *store,
                                                  const char *folder, char **ret_folder,
                                                  struct ac_error *err);

#endif
