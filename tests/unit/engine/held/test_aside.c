/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/aside.h"

#include "base/log.h"
#include "capture.h"
#include "engine/held/state.h"
#include "engine/journal/journal.h"
#include "holding.h"

#include <string.h>

static char told[1024];

static void hear(void *arg, enum ac_log_level level, const char *line)
{
    (void)arg, (void)level;
    (void)snprintf(told, sizeof told, "%s", line);
}

/* "www" is held, and one of its documents is damaged. */
static enum ac_code damage(const char *item, struct ac_store **ret_store,
                           struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    told[0] = '\0';
    ac_log_to(hear, NULL, AC_LOG_WARN);
    AC_TRY(open_and_hold(ret_store, err));
    AC_TRY(ac_store_path(*ret_store, AC_STORE_CERTIFICATES, "www", item, &path, err));
    return ac_test_write_file(path, "{\"sche", 6)
               ? AC_OK
               : ac_fail(err, AC_E_SYSTEM, "the test cannot write");
}

AC_TEST(what_is_damaged_is_told_and_kept)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    bool was_damaged = false;

    AC_REQUIRE_OK(damage("state.json", &store, &err));
    AC_REQUIRE_OK(ac_aside_make_way(store, "www", "state.json", &was_damaged, &err));
    ac_log_to(NULL, NULL, AC_LOG_ERROR);

    CU_ASSERT_TRUE(was_damaged);
    CU_ASSERT_PTR_NOT_NULL(strstr(told, "state.json of certificate"));
    CU_ASSERT_PTR_NOT_NULL(strstr(told, "state.json.damaged-"));
}

AC_TEST(state_that_could_not_be_loaded_is_not_overwritten)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(damage("state.json", &store, &err));
    AC_REQUIRE_OK(ac_state_save(&state, store, "www", &err));
    ac_log_to(NULL, NULL, AC_LOG_ERROR);

    CU_ASSERT_PTR_NOT_NULL(strstr(told, "state.json.damaged-"));
}

AC_TEST(journal_that_is_damaged_is_not_in_the_way)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO_TEXT char *key = NULL;

    AC_REQUIRE_OK(damage("order.json", &store, &err));
    AC_REQUIRE_OK(ac_store_path(store, AC_STORE_CERTIFICATES, "www", "order-key.pem",
                                &key, &err));
    AC_REQUIRE(ac_test_write_file(key, "key", 3));
    AC_REQUIRE_OK(ac_journal_open(store, "www", &journal, &err));
    ac_log_to(NULL, NULL, AC_LOG_ERROR);

    CU_ASSERT_FALSE(ac_file_exists(key));
    CU_ASSERT_PTR_NOT_NULL(strstr(told, "order-key.pem.damaged-"));
}

AC_SUITE("engine/aside", AC_CASE(what_is_damaged_is_told_and_kept),
         AC_CASE(state_that_could_not_be_loaded_is_not_overwritten),
         AC_CASE(journal_that_is_damaged_is_not_in_the_way))
