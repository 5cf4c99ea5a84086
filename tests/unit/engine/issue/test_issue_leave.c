/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "engine/issue/issue_steps.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CERT "state/certs/" STAGE_CERT "/"
#define DIRECTORY                                                                      \
    "{\"newNonce\":\"" FAKE_NONCE_URL                                                  \
    "\",\"newAccount\":\"https://ca.test/new-account\",\"newOrder\":\"" FAKE_ORDER_URL \
    "\",\"renewalInfo\":\"https://ca.test/renewal\"}"
#define WINDOW                                                                         \
    "{\"suggestedWindow\":{\"start\":\"2023-12-01T00:00:00Z\","                        \
    "\"end\":\"2023-12-02T00:00:00Z\"}}"
#define FILE_SIZE 16384

static struct {
    size_t of_state, of_journal; /* files that got these names */
} writes;

/* Each document comes to its name this way. */
int renameat(int oldfd, const char *old, int newfd, const char *new)
{
    writes.of_state += strcmp(new, "state.json") == 0;
    writes.of_journal += strcmp(new, "order.json") == 0;
    return (int)syscall(SYS_renameat2, oldfd, old, newfd, new, 0);
}

/* What a run leaves that is killed when its certificate is in place. */
static struct {
    char journal[FILE_SIZE], key[FILE_SIZE];
    ssize_t journal_size, key_size;
    bool has_certificate;
} killed;

static void take_picture(const char *phase)
{
    if (strcmp(phase, "cleanup") != 0 || killed.journal_size > 0)
        return;
    killed.journal_size = ac_test_read_file(ac_test_path(CERT "order.json"),
                                            killed.journal, sizeof killed.journal);
    killed.key_size = ac_test_read_file(ac_test_path(CERT "order-key.pem"), killed.key,
                                        sizeof killed.key);
    killed.has_certificate = stage_has_file("current/cert.pem");
}

static bool restore_picture(void)
{
    return ac_test_write_file(ac_test_path(CERT "order.json"), killed.journal,
                              (size_t)killed.journal_size)
           && ac_test_write_file(ac_test_path(CERT "order-key.pem"), killed.key,
                                 (size_t)killed.key_size)
           && unlink(ac_test_path(CERT "state.json")) == 0;
}

static void begin_at_a_ca_with_windows(void)
{
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca_rule(
        (struct fake_rule){ .url = FAKE_DIRECTORY, .times = 9, .body = DIRECTORY });
    fake_ca_rule((struct fake_rule){ .url = "/renewal", .times = 9, .body = WINDOW });
    memset(&writes, 0, sizeof writes);
    memset(&killed, 0, sizeof killed);
}

static enum ac_code load(struct ac_state *state, struct ac_error *err)
{
    AC_AUTO(ac_store) *store = NULL;

    AC_TRY(ac_store_open(ac_test_path("state"), &store, err));
    return ac_state_load(store, STAGE_CERT, state, err);
}

AC_TEST(what_is_known_of_a_new_certificate_is_one_write)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    begin_at_a_ca_with_windows();
    AC_REQUIRE_OK(stage_run("http", &err));
    AC_REQUIRE_OK(load(&state, &err));

    AC_REQUIRE_OK(stage.code);
    CU_ASSERT_EQUAL(writes.of_state, 1);
    CU_ASSERT(state.origin.serial != NULL && state.renewal.selected_at > 0);
}

/* Of the order, of what is presented, and of the request; then it is removed. */
AC_TEST(journal_is_written_three_times)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    begin_at_a_ca_with_windows();
    AC_REQUIRE_OK(stage_run("http", &err));

    AC_REQUIRE_OK(stage.code);
    CU_ASSERT_EQUAL(writes.of_journal, 3);
    CU_ASSERT_FALSE(stage_has_file("order.json"));
    CU_ASSERT_FALSE(stage_has_file("order-key.pem"));
}

AC_TEST(run_that_is_killed_in_cleanup_is_taken_up)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    begin_at_a_ca_with_windows();
    stage.keeps_chain = true;
    stage.hook = take_picture;
    AC_REQUIRE_OK(stage_run("http", &err));
    AC_REQUIRE(killed.has_certificate && killed.journal_size > 0);
    AC_REQUIRE(killed.key_size > 0 && restore_picture());
    AC_REQUIRE_OK(stage_run("http", &err));
    AC_REQUIRE_OK(load(&state, &err));

    AC_REQUIRE_OK(stage.code);
    CU_ASSERT_TRUE(stage.is_resumed);
    CU_ASSERT_EQUAL(stage.orders, 1);
    CU_ASSERT_EQUAL(stage.version, 1);
    CU_ASSERT(state.origin.serial != NULL && state.renewal.selected_at > 0);
    CU_ASSERT_FALSE(stage_has_file("order.json"));
    CU_ASSERT_FALSE(stage_has_file("order-key.pem"));
}

static void put_folder_in_the_way(const char *phase)
{
    if (strcmp(phase, "cleanup") == 0)
        (void)mkdir(ac_test_path(CERT "state.json"), 0700);
}

AC_TEST(knowledge_that_cannot_be_saved_is_told_and_leaves_the_order)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    begin_at_a_ca_with_windows();
    stage.hook = put_folder_in_the_way;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_STORE);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "in place (version 1)"));
    CU_ASSERT_TRUE(stage_has_file("order.json"));
    CU_ASSERT_TRUE(stage_has_file("order-key.pem"));
    CU_ASSERT_EQUAL(fake_solvers_did("present"), fake_solvers_did("cleanup"));
}

AC_SUITE("engine/issue_leave", AC_CASE(what_is_known_of_a_new_certificate_is_one_write),
         AC_CASE(journal_is_written_three_times),
         AC_CASE(run_that_is_killed_in_cleanup_is_taken_up),
         AC_CASE(knowledge_that_cannot_be_saved_is_told_and_leaves_the_order))
