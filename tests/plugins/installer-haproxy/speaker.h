/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HAProxy's runtime socket as a test wants it: a process that takes one command a
 * connection, writes it down, and answers with the next of a list of texts.
 */
#ifndef AC_TESTS_INSTALLER_HAPROXY_SPEAKER_H
#define AC_TESTS_INSTALLER_HAPROXY_SPEAKER_H

#include "check.h"
#include "fake_host.h"
#include "runtime.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SPEAKER_HANGS "(hangs)"

#define SPEAKER_FOUND   "Filename: /a.pem\nStatus: Used\n\n"
#define SPEAKER_FOUND_B "Filename: /b.pem\nStatus: Used\n\n"
#define SPEAKER_IDLE    "Filename: /a.pem\nStatus: Unused\n\n"
#define SPEAKER_CALM    "No ongoing transaction!\n\n"
#define SPEAKER_UNKNOWN "Can't display the certificate: Not found or a bundle!\n\n"
#define SPEAKER_SET     "Transaction created for certificate /a.pem!\n\n"
#define SPEAKER_SET_B   "Transaction created for certificate /b.pem!\n\n"
#define SPEAKER_DONE    "Committing /a.pem.\nSuccess!\n\n"
#define SPEAKER_ABORTED "Transaction aborted for certificate '/a.pem'!\n\n"

static void speaker_answer(int listener, int record, const char *const *answers)
{
    for (; *answers; answers++) {
        char question[4096];
        int fd = accept(listener, NULL, NULL);
        ssize_t got = fd >= 0 ? read(fd, question, sizeof(question)) : -1;

        if (got > 0)
            (void)!write(record, question, (size_t)got);
        if (strcmp(*answers, SPEAKER_HANGS) == 0)
            (void)pause();
        (void)!write(fd, *answers, strlen(*answers));
        (void)close(fd);
    }
    _exit(0);
}

/* answers: NULL-terminated. 0: it cannot be started. */
__attribute__((unused)) static pid_t speaker_start(const char *const *answers)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    FILE *record = fopen(ac_test_path("asked"), "w");
    pid_t child = 0;

    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s",
                   ac_test_path("sock"));
    if (!record || listener < 0
        || bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0
        || listen(listener, 8) != 0)
        return 0;
    child = fork();
    if (child == 0) {
        (void)alarm(20);
        speaker_answer(listener, fileno(record), answers);
    }
    (void)close(listener);
    (void)fclose(record);
    return child > 0 ? child : 0;
}

__attribute__((unused)) static void speaker_stop(const pid_t *child)
{
    if (*child > 0) {
        (void)kill(*child, SIGKILL);
        (void)waitpid(*child, NULL, 0);
    }
}

/* What was asked, one after the other. */
__attribute__((unused)) static const char *speaker_record(void)
{
    static char text[16384];

    if (ac_test_read_file(ac_test_path("asked"), text, sizeof(text)) < 0)
        text[0] = '\0';
    return text;
}

#define SPEAKER(...)                                                                   \
    const char *const speaker_answers[] = { __VA_ARGS__, NULL };                       \
    __attribute__((cleanup(speaker_stop))) pid_t speaker =                             \
        speaker_start(speaker_answers);                                                \
                                                                                       \
    AC_REQUIRE(speaker > 0)

__attribute__((unused)) static bool speaker_runtime(struct fake_host *fake,
                                                    const char *list,
                                                    struct runtime *ret_runtime)
{
    *ret_runtime = (struct runtime){ .list = list };
    ret_runtime->talk.host = &fake->host;
    ret_runtime->talk.timeout_ms = 5000;
    return fake_host_start(fake, NULL)
           && !address_parse(ac_test_path("sock"), &ret_runtime->talk.address);
}

#endif
