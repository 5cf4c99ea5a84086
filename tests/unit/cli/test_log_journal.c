/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/log_journal.h"

#include "journal_at.h"

#include <stdint.h>
#include <sys/stat.h>

/* Sends a record to a journal of the test's own, and gives what came. */
static const char *sent(const struct ac_log_record *record)
{
    AC_AUTO_FD int journal = journal_at(ac_test_path("journal"));
    AC_AUTO_FD int fd = -1;
    struct ac_error err = { 0 };

    if (ac_log_journal_open(ac_test_path("journal"), &fd, &err) != AC_OK
        || !ac_log_journal_send(fd, record))
        return "it was not sent";
    return journal_read(journal);
}

AC_TEST(record_is_a_field_for_each_pair)
{
    const struct ac_log_pair pairs[] = { { "certificate", "www" },
                                         { "identifiers_count", "3" },
                                         { "text", "no answer" } };
    const struct ac_log_record record = {
        .level = AC_LOG_WARN,
        .event = "issue.warning",
        .line = "issue.warning certificate=www identifiers_count=3 text=\"no answer\"",
        .pairs = pairs,
        .count = 3,
    };

    CU_ASSERT_STRING_EQUAL(sent(&record),
                           "MESSAGE=www: no answer\nPRIORITY=4\n"
                           "SYSLOG_IDENTIFIER=acmecore\nACMECORE_EVENT=issue.warning\n"
                           "CERTIFICATE=www\nIDENTIFIERS_COUNT=3\nTEXT=no answer\n");
}

AC_TEST(priorities_are_those_of_syslog)
{
    static const char *const words[] = { "PRIORITY=3\n", "PRIORITY=4\n", "PRIORITY=6\n",
                                         "PRIORITY=7\n", "PRIORITY=7\n" };

    for (size_t i = 0; i < AC_COUNT(words); i++) {
        const struct ac_log_record record = { .level = (enum ac_log_level)i,
                                              .line = "x" };
        (void)unlink(ac_test_path("journal"));
        CU_ASSERT_PTR_NOT_NULL(strstr(sent(&record), words[i]));
    }
}

AC_TEST(value_cannot_make_a_field_of_its_own)
{
    const struct ac_log_pair pairs[] = { { "text",
                                           "x\nPRIORITY=0\nMESSAGE=fine\033[2J" },
                                         { "_pid", "1" },
                                         { "2nd", "1" } };
    const struct ac_log_record record = {
        .level = AC_LOG_INFO, .event = "e", .line = "e", .pairs = pairs, .count = 3
    };

    CU_ASSERT_STRING_EQUAL(sent(&record),
                           "MESSAGE=e\nPRIORITY=6\nSYSLOG_IDENTIFIER=acmecore\n"
                           "ACMECORE_EVENT=e\n"
                           "TEXT=x\\x0APRIORITY=0\\x0AMESSAGE=fine\\x1B[2J\n");
}

AC_TEST(journal_that_is_not_there_or_full_is_no_wait)
{
    const struct ac_log_record record = { .level = AC_LOG_INFO, .line = "x" };
    AC_AUTO_FD int journal = journal_at(ac_test_path("journal"));
    AC_AUTO_FD int fd = -1;
    AC_AUTO_FD int none = -1;
    struct ac_error err = { 0 };

    AC_REQUIRE(journal >= 0);
    AC_REQUIRE_CODE(ac_log_journal_open(ac_test_path("nowhere"), &none, &err),
                    AC_E_SYSTEM);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "nowhere"));
    AC_REQUIRE_OK(ac_log_journal_open(ac_test_path("journal"), &fd, &err));
    size_t taken = 0;
    while (taken < 100000 && ac_log_journal_send(fd, &record))
        taken++;

    CU_ASSERT_TRUE(taken > 0 && taken < 100000);
}

AC_TEST(stream_is_known_by_device_and_inode)
{
    char stream[64];
    struct stat status;

    AC_REQUIRE(fstat(STDERR_FILENO, &status) == 0);
    (void)snprintf(stream, sizeof stream, "%ju:%ju", (uintmax_t)status.st_dev,
                   (uintmax_t)status.st_ino);

    CU_ASSERT_TRUE(ac_log_journal_is_stream(stream, STDERR_FILENO));
    CU_ASSERT_FALSE(ac_log_journal_is_stream("1:2", STDERR_FILENO));
    CU_ASSERT_FALSE(ac_log_journal_is_stream("", STDERR_FILENO));
    CU_ASSERT_FALSE(ac_log_journal_is_stream(NULL, STDERR_FILENO));
    CU_ASSERT_FALSE(ac_log_journal_is_stream(stream, -1));
}

AC_SUITE("cli/log_journal", AC_CASE(record_is_a_field_for_each_pair),
         AC_CASE(priorities_are_those_of_syslog),
         AC_CASE(value_cannot_make_a_field_of_its_own),
         AC_CASE(journal_that_is_not_there_or_full_is_no_wait),
         AC_CASE(stream_is_known_by_device_and_inode))
