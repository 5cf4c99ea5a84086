/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An account in the store and a client of the fake CA, for what is done with accounts.
 * What the CA says is a list of rules. Included by one source of a test program.
 */
#ifndef AC_TESTS_UNIT_ENGINE_ACCOUNT_STAGE_H
#define AC_TESTS_UNIT_ENGINE_ACCOUNT_STAGE_H

#include "check.h"
#include "conversation.h"
#include "engine/accounts/account_file.h"
#include "store/store.h"

#include <stdlib.h>
#include <unistd.h>

#define ACME          "urn:ietf:params:acme:error:"
#define PROBLEM(type) "{\"type\":\"" ACME type "\",\"detail\":\"so not\"}"
#define ACCOUNT_PATH  "/account/1"
#define KEY_CHANGE    "/key-change"
#define NEW_ACCOUNT   "/new-account"
#define VALID         "{\"status\":\"valid\"}"
#define AT(url)       "Location: " url "\n"
#define OTHER_KID     "https://ca.test/account/2"
#define WITH_KEY_CHANGE                                                                \
    "{\"newNonce\":\"" FAKE_NONCE_URL                                                  \
    "\",\"newAccount\":\"https://ca.test/new-account\","                               \
    "\"newOrder\":\"" FAKE_ORDER_URL                                                   \
    "\",\"keyChange\":\"https://ca.test/key-change\","                                 \
    "\"meta\":{\"termsOfService\":\"https://ca.test/terms\"}}"

/* What syncing is good for shows in base; here it would only take time. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

struct account_stage {
    struct ac_store *store;
    struct ac_client *client;
    char *folder;
};

static inline void account_stage_drop(struct account_stage *stage)
{
    ac_client_free(stage->client);
    ac_store_free(stage->store);
    free(stage->folder);
}

#define ACCOUNT_STAGE __attribute__((cleanup(account_stage_drop))) struct account_stage

static inline void account_says(const char *url, int times, long status,
                                const char *headers, const char *body)
{
    fake_ca_rule((struct fake_rule){ .url = url,
                                     .times = times,
                                     .status = status,
                                     .headers = headers,
                                     .body = body });
}

static inline void account_loses(const char *url, int times)
{
    fake_ca_rule((struct fake_rule){
        .url = url, .times = times, .failure = AC_E_NETWORK, .is_ambiguous = true });
}

/* The CA knows the key that asks, as that of this account; or does not. */
static inline void account_is_known(const char *headers)
{
    account_says(NEW_ACCOUNT, 1, 200, headers, VALID);
}

static inline void account_is_unknown(int times)
{
    account_says(NEW_ACCOUNT, times, 400, NULL, PROBLEM("accountDoesNotExist"));
}

static inline enum ac_code account_save_key(struct account_stage *stage,
                                            const char *item, const char *jwk,
                                            struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;

    AC_TRY(ac_keys_of_jwk(jwk, &key, err));
    return ac_account_file_create_key(stage->store, stage->folder, item, key, err);
}

/* STATE with the account FAKE_KID, whose key is AC_KEYS_EC. */
static inline enum ac_code account_stage_begin(struct account_stage *stage,
                                               const char *directory,
                                               struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    fake_ca_begin();
    account_says("/dir", 1, 200, NULL, directory);
    struct ac_client_settings settings = { .directory_url = FAKE_DIRECTORY,
                                           .deadline_ms = AC_CLOCK_NEVER };
    AC_TRY(ac_client_new(&settings, &stage->client, err));
    AC_TRY(ac_store_open(ac_test_path("state"), &stage->store, err));
    AC_TRY(ac_account_file_folder(FAKE_DIRECTORY, NULL, &stage->folder, err));
    AC_TRY(account_save_key(stage, AC_ACCOUNT_KEY, AC_KEYS_EC, err));
    AC_TRY(ac_json_new(&document, err, "{s:s, s:s, s:s}", "directory", FAKE_DIRECTORY,
                       "url", FAKE_KID, "key_type", "ecdsa-p256"));
    return ac_account_file_save(stage->store, stage->folder, document, err);
}

/* Is this item of the account the key with this thumbprint? */
static inline bool account_has_key(const struct account_stage *stage, const char *item,
                                   const char *thumbprint)
{
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO_TEXT char *its = NULL;
    struct ac_error ignored = { 0 };

    return ac_account_file_load_key(stage->store, stage->folder, item, &key, &ignored)
               == AC_OK
           && ac_key_thumbprint(key, &its, &ignored) == AC_OK
           && strcmp(its, thumbprint) == 0;
}

static inline bool account_has(const struct account_stage *stage, const char *item)
{
    return ac_account_file_has(stage->store, stage->folder, item);
}

#define EC_THUMBPRINT  "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U" /* AC_KEYS_EC */
#define RSA_THUMBPRINT "IsUn6_e04MaShXFIISMp4kG62LWzMIPy_MvSA5pJgX8" /* AC_KEYS_RSA */

/* How many requests went to this path. */
static inline size_t account_asked(const char *path)
{
    size_t count = 0;

    for (size_t i = 0; i < fake_ca.request_count; i++)
        count += strstr(fake_ca.requests[i].url, path) != NULL;
    return count;
}

/* One turn of a loop that drives this client. */
static inline void account_turn(struct account_stage *stage, int64_t wake_at_ms)
{
    int64_t client_at_ms = ac_client_wake_at_ms(stage->client);

    if (client_at_ms < wake_at_ms)
        wake_at_ms = client_at_ms;
    if (fake_ca.under_way > 0)
        fake_ca_turn();
    else if (wake_at_ms != AC_CLOCK_NEVER && wake_at_ms > fake_ca.now_ms)
        fake_ca.now_ms = wake_at_ms;
}

#endif
