/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/filter.h"

#include "base/memory.h"
#include "check.h"
#include "confined.h"

#include <acmecore/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

/* A sanitizer's leak check needs processes (filter.c). */
#ifdef AC_SANITIZED
#define REFUSED 0
#else
#define REFUSED EPERM
#endif

struct attempt {
    uint32_t uses;
    int (*call)(void); /* 0, or what errno is then */
};

static int try(const void *arg)
{
    const struct attempt *attempt = arg;
    struct ac_error err = { 0 };

    if (ac_filter_enter(attempt->uses, &err) != AC_OK)
        return CONFINED_BROKEN;
    return attempt->call();
}

static int open_socket(int family)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    return fd < 0 ? errno : close(fd);
}

static int connect_internet(void)
{
    return open_socket(AF_INET);
}

static int connect_here(void)
{
    return open_socket(AF_UNIX);
}

static int open_packets(void)
{
    return open_socket(AF_PACKET);
}

static int begin_process(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    return pid < 0 ? errno : 0;
}

static int signal_parent(void)
{
    return kill(getppid(), 0) == 0 ? 0 : errno;
}

static int read_parent(void)
{
    char byte = 0;
    struct iovec place = { &byte, 1 };

    (void)process_vm_readv(getppid(), &place, 1, &place, 1, 0);
    return errno;
}

/* ---- files: /dev/null is everybody's, and gets what it has */

static int change_mode(void)
{
    struct stat status;

    if (stat("/dev/null", &status) != 0)
        return CONFINED_BROKEN;
    return chmod("/dev/null", status.st_mode) == 0 ? 0 : errno;
}

static int change_own_mode(mode_t mode)
{
    int fd = open(ac_test_path("own"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        return CONFINED_BROKEN;
    return fchmod(fd, mode) == 0 ? 0 : errno;
}

static int change_open_mode(void)
{
    return change_own_mode(0640);
}

static int change_open_to_set_uid(void)
{
    return change_own_mode(04700);
}

static int open_own(int flags, mode_t mode)
{
    int fd = open(ac_test_path("own"), flags | O_CREAT | O_CLOEXEC, mode);

    return fd < 0 ? errno : close(fd);
}

static int make_set_uid(void)
{
    return open_own(O_WRONLY, 04700);
}

static int make_set_gid(void)
{
    return open_own(O_WRONLY, 02700);
}

static int make_nameless_set_uid(void)
{
    int fd = open(ac_test_folder(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 04700);

    return fd < 0 ? errno : close(fd);
}

static int truncate_to_write(void)
{
    return open_own(O_WRONLY | O_TRUNC, 0600);
}

static int truncate_to_read(void)
{
    return open_own(O_RDONLY | O_TRUNC, 0600);
}

static int truncate_without_access(void)
{
    return open_own(O_ACCMODE | O_TRUNC, 0600);
}

static int truncate_by_name(void)
{
    return truncate(ac_test_folder(), 0) == 0 ? 0 : errno;
}

/* ---- descriptors */

static int make_pair(int type)
{
    int fds[2];

    return socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds) == 0 ? 0 : errno;
}

static int make_stream_pair(void)
{
    return make_pair(SOCK_STREAM);
}

static int make_datagram_pair(void)
{
    return make_pair(SOCK_DGRAM);
}

static int make_raw_pair(void)
{
    return make_pair(SOCK_RAW);
}

/* Where the kernel has no TIPC, it would be EAFNOSUPPORT. */
static int make_foreign_pair(void)
{
    int fds[2];

    return socketpair(AF_TIPC, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0 ? 0 : errno;
}

/* ---- what is shared without a file; what it made is removed */

static int share_memory(void)
{
    int id = shmget(IPC_PRIVATE, 1, 0600);

    return id < 0 ? errno : shmctl(id, IPC_RMID, NULL);
}

static int share_messages(void)
{
    int id = msgget(IPC_PRIVATE, 0600);

    return id < 0 ? errno : msgctl(id, IPC_RMID, NULL);
}

static int share_semaphores(void)
{
    int id = semget(IPC_PRIVATE, 1, 0600);

    return id < 0 ? errno : semctl(id, 0, IPC_RMID);
}

static int share_queue(void)
{
    mqd_t queue = mq_open("/acmecore-no-such-queue", O_RDONLY);

    return queue == (mqd_t)-1 ? errno : mq_close(queue);
}

/* ---- calls by which a filter would be passed */

static int make_ring(void)
{
    return syscall(SYS_io_uring_setup, 1, NULL) < 0 ? errno : 0;
}

static int open_by_memory(void)
{
    return syscall(SYS_openat2, AT_FDCWD, "/", NULL, (size_t)0) < 0 ? errno : 0;
}

static int look_for_keys(void)
{
    return syscall(SYS_keyctl, 0L, -3L, 0L) < 0 ? errno : 0; /* of the session */
}

static int run_memory(void)
{
    char *const none[] = { NULL };
    int fd = memfd_create("x", MFD_CLOEXEC);

    if (fd < 0)
        return CONFINED_BROKEN;
    (void)syscall(SYS_execveat, fd, "", none, none, AT_EMPTY_PATH);
    return errno;
}

static int type_at_terminal(void)
{
    return ioctl(STDIN_FILENO, TIOCSTI, "x") == 0 ? 0 : errno;
}

static int own_by_fcntl(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    return fcntl(fd, F_SETOWN, getppid()) == 0 ? 0 : errno;
}

/* The kernel does not look at the upper half of a request. */
static int own_by_ioctl(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pid_t pid = getppid();

    return syscall(SYS_ioctl, fd, 0x100000000ul | FIOSETOWN, &pid) == 0 ? 0 : errno;
}

#if defined(__x86_64__) && !defined(AC_SANITIZED)
#define READ_OF_32_BITS 347 /* process_vm_readv */

/* EFAULT where nothing refuses it: there is nothing to read. A kernel without these
 * calls ends the process. */
static int read_by_32_bits(void)
{
    long status = READ_OF_32_BITS;

    __asm__ volatile("int $0x80"
                     : "+a"(status)
                     : "b"((long)getppid()), "c"(8L), "d"(1L), "S"(8L), "D"(0L)
                     : "memory", "r8", "r9", "r10", "r11");
    return (int)-status;
}
#endif

static int run_attempt(uint32_t uses, int (*call)(void))
{
    const struct attempt attempt = { uses, call };

    return confined(try, &attempt);
}

AC_TEST(sockets_are_for_those_who_say_so)
{
    CU_ASSERT_EQUAL(run_attempt(0, connect_internet), EACCES);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_FILES, connect_internet), EACCES);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_NETWORK, connect_internet), 0);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_NETWORK, connect_here), EACCES);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_FILES, connect_here), EACCES);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_SOCKETS, connect_here), 0);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_SOCKETS, connect_internet), EACCES);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_NETWORK, open_packets), EACCES);
}

AC_TEST(processes_and_signals_are_for_those_who_run_commands)
{
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_NETWORK, begin_process), REFUSED);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_NETWORK, signal_parent), REFUSED);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_COMMANDS, begin_process), 0);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_COMMANDS, signal_parent), 0);
}

AC_TEST(reaching_into_another_process_ends_a_plugin)
{
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_NETWORK, read_parent), 128 + SIGSYS);
}

AC_TEST(a_pair_of_sockets_stays_with_itself)
{
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_FILES, make_stream_pair), 0);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_FILES, make_datagram_pair), EACCES);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_FILES, make_raw_pair), EACCES);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_SOCKETS, make_datagram_pair), 0);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_FILES, make_foreign_pair), EACCES);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_SOCKETS, make_foreign_pair), EACCES);
}

AC_TEST(nothing_is_shared_with_other_processes_but_files)
{
    static int (*const calls[])(void) = { share_memory, share_messages,
                                          share_semaphores, share_queue };

    for (size_t i = 0; i < AC_COUNT(calls); i++) {
        CU_ASSERT_EQUAL(run_attempt(0, calls[i]), EPERM);
        CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_SOCKETS, calls[i]), EPERM);
        CU_ASSERT_NOT_EQUAL(run_attempt(ACMECORE_USES_COMMANDS, calls[i]), EPERM);
    }
}

AC_TEST(ways_around_a_filter_are_closed)
{
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_NETWORK, make_ring), ENOSYS);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_NETWORK, open_by_memory), ENOSYS);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_NETWORK, look_for_keys), EPERM);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_NETWORK, type_at_terminal), EPERM);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_NETWORK, run_memory),
                    REFUSED ? REFUSED : ENOEXEC);
}

AC_TEST(modes_are_changed_by_descriptor_and_by_who_uses_files)
{
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_NETWORK, change_mode), EPERM);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_FILES, change_mode), EPERM);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_NETWORK, change_open_mode), EPERM);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_FILES, change_open_mode), 0);
}

AC_TEST(no_file_becomes_set_uid_or_set_gid)
{
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_FILES, change_open_to_set_uid), EPERM);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_FILES, make_set_uid), EPERM);
    CU_ASSERT_EQUAL(run_attempt(0, make_set_uid), EPERM);
    CU_ASSERT_EQUAL(run_attempt(0, make_set_gid), EPERM);
    CU_ASSERT_EQUAL(run_attempt(0, make_nameless_set_uid), EPERM);
}

AC_TEST(a_file_is_emptied_only_by_who_opens_it_to_write)
{
    CU_ASSERT_EQUAL(run_attempt(0, truncate_to_write), 0);
    CU_ASSERT_EQUAL(run_attempt(0, truncate_by_name), EPERM);
    CU_ASSERT_EQUAL(run_attempt(0, truncate_to_read), EPERM);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_FILES, truncate_to_read), EPERM);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_FILES, truncate_without_access), EPERM);
}

AC_TEST(no_descriptor_signals_another_process)
{
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_NETWORK, own_by_fcntl), EPERM);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_NETWORK, own_by_ioctl), EPERM);
}

#if defined(__x86_64__) && !defined(AC_SANITIZED)
AC_TEST(calls_of_the_other_word_size_are_refused_to_commands_too)
{
    int seen = run_attempt(ACMECORE_USES_COMMANDS, read_by_32_bits);

    CU_ASSERT_TRUE(seen == EPERM || seen == 128 + SIGSEGV);
}
#define OTHER_WORD_SIZE                                                                \
    , AC_CASE(calls_of_the_other_word_size_are_refused_to_commands_too)
#else
#define OTHER_WORD_SIZE
#endif

AC_SUITE("pluginhost/filter", AC_CASE(sockets_are_for_those_who_say_so),
         AC_CASE(a_pair_of_sockets_stays_with_itself),
         AC_CASE(nothing_is_shared_with_other_processes_but_files),
         AC_CASE(ways_around_a_filter_are_closed),
         AC_CASE(modes_are_changed_by_descriptor_and_by_who_uses_files),
         AC_CASE(no_file_becomes_set_uid_or_set_gid),
         AC_CASE(a_file_is_emptied_only_by_who_opens_it_to_write),
         AC_CASE(no_descriptor_signals_another_process),
         AC_CASE(processes_and_signals_are_for_those_who_run_commands),
         AC_CASE(reaching_into_another_process_ends_a_plugin) OTHER_WORD_SIZE)
