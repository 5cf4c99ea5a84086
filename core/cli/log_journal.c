/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/log_journal.h"

#include "cli/prose.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define DATAGRAM_SIZE ((size_t)32 * 1024)
#define FIELD_MAX     64 /* characters of a field's name, as journald takes them */

/* syslog's numbers. */
static const char priorities[] = {
    [AC_LOG_ERROR] = '3', [AC_LOG_WARN] = '4',  [AC_LOG_INFO] = '6',
    [AC_LOG_DEBUG] = '7', [AC_LOG_TRACE] = '7',
};

struct datagram {
    size_t size;
    char bytes[DATAGRAM_SIZE];
};

bool ac_log_journal_is_stream(const char *journal_stream, int fd)
{
    struct stat status;
    char expected[64];

    if (!journal_stream || fstat(fd, &status) != 0)
        return false;
    (void)snprintf(expected, sizeof expected, "%ju:%ju", (uintmax_t)status.st_dev,
                   (uintmax_t)status.st_ino);
    return strcmp(expected, journal_stream) == 0;
}

enum ac_code ac_log_journal_open(const char *path, int *ret_fd, struct ac_error *err)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    AC_AUTO_FD int fd = -1;

    if (strlen(path) >= sizeof address.sun_path)
        return ac_fail(err, AC_E_SYSTEM, "%s is too long for a socket", path);
    memcpy(address.sun_path, path, strlen(path));
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        return ac_fail_errno(err, AC_E_SYSTEM, errno, "the journal at %s", path);
    }
    *ret_fd = fd;
    fd = -1;
    return AC_OK;
}

/* One field, or nothing of it. A clean value has no line break. */
static void add_field(struct datagram *datagram, const char *name, const char *value)
{
    size_t room = sizeof datagram->bytes - datagram->size;
    int size = snprintf(datagram->bytes + datagram->size, room, "%s=%s\n", name, value);

    if (size > 0 && (size_t)size < room)
        datagram->size += (size_t)size;
}

/* "identifiers_count" is IDENTIFIERS_COUNT. False: it cannot be a field; one that
 * begins with "_" is journald's. */
static bool make_name(const char *key, char name[FIELD_MAX + 1])
{
    static const char from[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    static const char to[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t size = strnlen(key, FIELD_MAX);

    for (size_t i = 0; i < size; i++) {
        const char *at = strchr(from, key[i]);
        name[i] = '_';
        if (at)
            name[i] = to[at - from];
    }
    name[size] = '\0';
    return name[0] >= 'A' && name[0] <= 'Z';
}

static void add_pair(struct datagram *datagram, const struct ac_log_pair *pair)
{
    char name[FIELD_MAX + 1];
    char clean[AC_LOG_VALUE_SIZE];

    if (!make_name(pair->key, name))
        return;
    add_field(datagram, name,
              ac_text_clean(clean, sizeof clean, pair->value, strlen(pair->value)));
}

bool ac_log_journal_send(int fd, const struct ac_log_record *record)
{
    struct datagram datagram = { .size = 0 };
    char sentence[AC_LOG_VALUE_SIZE];
    const char priority[] = { priorities[record->level], '\0' };

    add_field(&datagram, "MESSAGE", ac_prose(record->line, sentence, sizeof sentence));
    add_field(&datagram, "PRIORITY", priority);
    add_field(&datagram, "SYSLOG_IDENTIFIER", "acmecore");
    if (record->event)
        add_field(&datagram, "ACMECORE_EVENT", record->event);
    for (size_t i = 0; i < record->count; i++)
        add_pair(&datagram, &record->pairs[i]);
    return send(fd, datagram.bytes, datagram.size, MSG_NOSIGNAL | MSG_DONTWAIT)
           == (ssize_t)datagram.size;
}
