/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include "check.h"

#include <string.h>

static enum answer_kind read_text(enum answer_verb verb, const char *text, size_t size,
                                  char why[ANSWER_WHY_MAX])
{
    return answer_read(verb, "/a.pem", &(struct answer_text){ text, size }, why);
}

AC_TEST(answers_of_haproxy_2_6_are_understood)
{
    static const struct {
        enum answer_verb verb;
        const char *text;
        enum answer_kind kind;
    } answers[] = {
        { ANSWER_SHOW, "Filename: /a.pem\nStatus: Used\n\n", ANSWER_GOOD },
        { ANSWER_SHOW,
          "Can't display the certificate: Not found or the certificate is a "
          "bundle!\n\n",
          ANSWER_UNKNOWN },
        { ANSWER_SHOW, "Filename: /a.pem\nStatus: Unused\n\n", ANSWER_IDLE },
        { ANSWER_SHOW, "Filename: /a.pem\nStatus: Empty\n\n", ANSWER_IDLE },
        { ANSWER_NEW, "New empty certificate store '/a.pem'!\n\n", ANSWER_GOOD },
        { ANSWER_SET, "Transaction created for certificate /a.pem!\n\n", ANSWER_GOOD },
        { ANSWER_SET, "Transaction updated for certificate /a.pem!\n\n", ANSWER_GOOD },
        { ANSWER_SET,
          "unable to load certificate from file '/a.pem'.\nCan't load the payload\n"
          "Can't update /a.pem!\n\n",
          ANSWER_REFUSED },
        { ANSWER_COMMIT, "Committing /a.pem..\nSuccess!\n\n", ANSWER_GOOD },
        { ANSWER_COMMIT, "No ongoing transaction! !\nCan't commit /a.pem!\n\n",
          ANSWER_REFUSED },
        { ANSWER_ABORT, "Transaction aborted for certificate '/a.pem'!\n\n",
          ANSWER_GOOD },
        { ANSWER_ABORT, "No ongoing transaction!\n\n", ANSWER_GOOD },
        { ANSWER_ABORT,
          "The ongoing transaction is about '/b.pem' but you are trying to abort a "
          "transaction for '/a.pem'\n\n",
          ANSWER_REFUSED },
        { ANSWER_ADD, "Inserting certificate '/a.pem' in crt-list '/l'.\nSuccess!\n\n",
          ANSWER_GOOD },
        { ANSWER_DELETE_LINE, "Entry '/a.pem' deleted in crtlist '/l'!\n\n",
          ANSWER_GOOD },
        { ANSWER_SHOW, "Permission denied\n\n", ANSWER_REFUSED },
        { ANSWER_COMMIT, "Unknown command, but maybe one of the following ones\n\n",
          ANSWER_REFUSED },
    };
    char why[ANSWER_WHY_MAX];

    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        CU_ASSERT_EQUAL(
            read_text(answers[i].verb, answers[i].text, strlen(answers[i].text), why),
            answers[i].kind);
    }
}

AC_TEST(good_words_within_a_line_are_no_success)
{
    static const char text[] = "Can't commit 'Success!': Success!\n";
    char why[ANSWER_WHY_MAX];

    CU_ASSERT_EQUAL(read_text(ANSWER_COMMIT, text, sizeof(text) - 1, why),
                    ANSWER_REFUSED);
    CU_ASSERT_STRING_EQUAL(why, "Can't commit 'Success!': Success!");
}

AC_TEST(transaction_of_another_certificate_is_no_success)
{
    static const char *const texts[] = {
        "Transaction updated for certificate /b.pem!\n",
        "Transaction updated for certificate /a.pem.old!\n",
        "Transaction updated for certificate /a.pem",
        "Transaction updated for certificate ",
    };
    char why[ANSWER_WHY_MAX];

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        CU_ASSERT_EQUAL(read_text(ANSWER_SET, texts[i], strlen(texts[i]), why),
                        ANSWER_REFUSED);
    }
}

AC_TEST(words_of_a_refusal_are_one_printable_line)
{
    static const char text[] = "Can't\x1b[31m do\0it\xff\n\n\nreally\n";
    char why[ANSWER_WHY_MAX];

    (void)read_text(ANSWER_SET, text, sizeof(text) - 1, why);

    CU_ASSERT_STRING_EQUAL(why, "Can't[31m doit | really");
}

AC_TEST(long_or_empty_answer_is_bounded)
{
    static char text[100000];
    char why[ANSWER_WHY_MAX];

    memset(text, 'x', sizeof(text));
    CU_ASSERT_EQUAL(read_text(ANSWER_SET, text, sizeof(text), why), ANSWER_REFUSED);
    CU_ASSERT_EQUAL(strlen(why), ANSWER_WHY_MAX - 1);
    CU_ASSERT_EQUAL(read_text(ANSWER_SET, "", 0, why), ANSWER_REFUSED);
    CU_ASSERT_STRING_EQUAL(why, "it said nothing");
}

AC_SUITE("installer-haproxy/answer", AC_CASE(answers_of_haproxy_2_6_are_understood),
         AC_CASE(good_words_within_a_line_are_no_success),
         AC_CASE(transaction_of_another_certificate_is_no_success),
         AC_CASE(words_of_a_refusal_are_one_printable_line),
         AC_CASE(long_or_empty_answer_is_bounded))
