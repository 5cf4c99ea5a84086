/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A note is a file whose name is a hash of its challenge and whose first line is the
 * challenge, so that two with the same hash are not taken for each other.
 */
#include "note.h"

#include "challenge.h"
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY_MAX    (3 * EXEC_NAME_MAX + EXEC_VALUE_MAX + 8)
#define NOTE_MAX   (KEY_MAX + EXEC_OUTPUT_MAX)
#define MODE       0600
#define FNV_OFFSET 0xcbf29ce484222325u
#define FNV_PRIME  0x100000001b3u

struct key {
    char text[KEY_MAX + 1];
    size_t size;
};

struct path {
    char text[PATH_MAX];
};

static struct key key_of(const struct acmecore_challenge *challenge);
static struct path path_of(const struct acmecore_host *host, const struct key *key);
static ssize_t read_file(const char *path, char *buffer, size_t size);

int exec_note_put(const struct acmecore_host *host,
                  const struct acmecore_challenge *challenge, const char *text)
{
    struct key key = key_of(challenge);
    size_t size = strnlen(text, EXEC_OUTPUT_MAX);
    char *bytes = NULL;
    int status = ACMECORE_OK;

    if (!*host->folder)
        return ACMECORE_OK;
    bytes = malloc(key.size + size);
    if (!bytes)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "out of memory");
    memcpy(bytes, key.text, key.size);
    memcpy(bytes + key.size, text, size);
    status = host->write_file(host->ctx, path_of(host, &key).text, MODE, bytes,
                              key.size + size);
    free(bytes);
    return status;
}

char *exec_note_get(const struct acmecore_host *host,
                    const struct acmecore_challenge *challenge)
{
    struct key key = key_of(challenge);
    char *bytes = *host->folder ? calloc(NOTE_MAX + 1, 1) : NULL;
    ssize_t size = 0;

    if (!bytes)
        return NULL;
    size = read_file(path_of(host, &key).text, bytes, NOTE_MAX);
    if (size < (ssize_t)key.size || memcmp(bytes, key.text, key.size) != 0) {
        if (size >= 0 || errno != ENOENT) {
            host->log(host->ctx, ACMECORE_WARN,
                      "what the hook said about %s cannot be read; cleanup goes on "
                      "without it",
                      challenge->identifier);
        }
        free(bytes);
        return NULL;
    }
    memmove(bytes, bytes + key.size, (size_t)size - key.size + 1);
    return bytes;
}

int exec_note_remove(const struct acmecore_host *host,
                     const struct acmecore_challenge *challenge)
{
    struct key key = key_of(challenge);

    if (!*host->folder)
        return ACMECORE_OK;
    return host->remove_file(host->ctx, path_of(host, &key).text);
}

static struct key key_of(const struct acmecore_challenge *challenge)
{
    struct key key;
    /* What tells those apart that share a name: base and wildcard. */
    const char *own =
        exec_is_persistent(challenge) ? challenge->record_value : challenge->token;

    (void)snprintf(key.text, sizeof key.text, "%s %s %s %s\n", challenge->type,
                   challenge->identifier, own,
                   challenge->record_name ? challenge->record_name : "-");
    key.size = strlen(key.text);
    return key;
}

/* FNV-1a. */
static struct path path_of(const struct acmecore_host *host, const struct key *key)
{
    struct path path;
    uint64_t hash = FNV_OFFSET;

    for (size_t i = 0; i < key->size; i++)
        hash = (hash ^ (unsigned char)key->text[i]) * FNV_PRIME;
    (void)snprintf(path.text, sizeof path.text, "%s/note-%016" PRIx64, host->folder,
                   hash);
    return path;
}

/* -1: it cannot be read; errno says why. */
static ssize_t read_file(const char *path, char *buffer, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    size_t used = 0;
    ssize_t got = fd < 0 ? -1 : 1;
    int error = 0;

    while (got > 0 && used < size) {
        got = read(fd, buffer + used, size - used);
        used += got > 0 ? (size_t)got : 0;
    }
    error = errno;
    if (fd >= 0)
        (void)close(fd);
    errno = error;
    return got < 0 ? -1 : (ssize_t)used;
}
