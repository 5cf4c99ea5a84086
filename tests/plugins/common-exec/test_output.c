/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "output.h"

#include <string.h>

static struct exec_stream stream;

static void say(const char *text)
{
    (void)exec_stream_take(&stream, text, strlen(text));
}

AC_TEST(beginning_is_kept_and_the_rest_counted)
{
    char block[1000];

    memset(block, 'x', sizeof(block));
    exec_stream_reset(&stream);
    say("head");
    for (int i = 0; i < 100; i++)
        (void)exec_stream_take(&stream, block, sizeof(block));

    CU_ASSERT_EQUAL(stream.total, 100004);
    CU_ASSERT_EQUAL(stream.head_size, EXEC_OUTPUT_MAX);
    CU_ASSERT_EQUAL(strlen(stream.head), EXEC_OUTPUT_MAX);
    CU_ASSERT_EQUAL(strncmp(stream.head, "headxxx", 7), 0);
    CU_ASSERT_FALSE(exec_stream_is_whole(&stream));
}

AC_TEST(last_three_lines_are_shown)
{
    exec_stream_reset(&stream);
    say("one\ntwo\nth");
    say("ree\r\nfour\n\n");

    CU_ASSERT_STRING_EQUAL(exec_stream_tail(&stream, NULL).text, "two | three | four");
    CU_ASSERT_TRUE(exec_stream_is_whole(&stream));
}

AC_TEST(silence_has_no_last_words)
{
    exec_stream_reset(&stream);
    CU_ASSERT_STRING_EQUAL(exec_stream_tail(&stream, NULL).text, "");
    say("\n \n");
    CU_ASSERT_STRING_EQUAL(exec_stream_tail(&stream, NULL).text, "");
}

AC_TEST(private_key_is_not_shown)
{
    exec_stream_reset(&stream);
    say("-----BEGIN PRIVATE KEY-----\nMIGH\nAgEA\nMBMG\nByqG\n");

    CU_ASSERT_STRING_EQUAL(exec_stream_tail(&stream, NULL).text,
                           "(a private key, which is not shown)");
}

AC_TEST(long_line_is_cut_between_characters)
{
    exec_stream_reset(&stream);
    for (int i = 0; i < 1000; i++)
        say("\xC3\xA4");
    say("!");

    struct exec_tail tail = exec_stream_tail(&stream, NULL);
    CU_ASSERT(strlen(tail.text) > 200 && strlen(tail.text) <= EXEC_TAIL_MAX);
    CU_ASSERT_EQUAL((unsigned char)tail.text[0], 0xC3);
}

AC_TEST(nul_is_seen_and_left_out)
{
    exec_stream_reset(&stream);
    (void)exec_stream_take(&stream, "a\0b", 3);

    CU_ASSERT_FALSE(exec_stream_is_whole(&stream));
    CU_ASSERT_STRING_EQUAL(exec_stream_tail(&stream, NULL).text, "ab");
}

AC_TEST(white_space_is_trimmed_at_both_ends)
{
    exec_stream_reset(&stream);
    say("\n\t id 7\nand more \r\n");
    CU_ASSERT_STRING_EQUAL(exec_stream_trim(&stream), "id 7\nand more");
    exec_stream_reset(&stream);
    say(" \n ");
    CU_ASSERT_STRING_EQUAL(exec_stream_trim(&stream), "");
}

AC_TEST(nothing_of_the_environment_file_is_shown)
{
    EXEC_AUTO_WORDS secrets = { 0 };
    char block[EXEC_STREAM_TAIL];

    exec_words_add(&secrets, "TOKEN=s3cret-token");
    AC_REQUIRE(!secrets.wrong);
    exec_stream_reset(&stream);
    say("the token s3cret-token\nis s3cr\ret-token, I say\n");
    CU_ASSERT_STRING_EQUAL(exec_stream_tail(&stream, &secrets).text,
                           "the token *** | is ***, I say");
    exec_stream_reset(&stream);
    memset(block, '\n', sizeof block);
    say("s3cret-");
    say("token");
    (void)exec_stream_take(&stream, block, sizeof block - sizeof "ret-token" + 1);

    CU_ASSERT_STRING_EQUAL(exec_stream_tail(&stream, &secrets).text, "***");
}

AC_SUITE("common-exec/output", AC_CASE(beginning_is_kept_and_the_rest_counted),
         AC_CASE(last_three_lines_are_shown), AC_CASE(silence_has_no_last_words),
         AC_CASE(private_key_is_not_shown),
         AC_CASE(long_line_is_cut_between_characters),
         AC_CASE(nul_is_seen_and_left_out),
         AC_CASE(white_space_is_trimmed_at_both_ends),
         AC_CASE(nothing_of_the_environment_file_is_shown))
