/* SPDX-License-Identifier: Apache-2.0 */
#include "blob.h"

#include "beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE 16384

void files_blob_drop(struct files_blob *blob)
{
    if (blob->bytes)
        explicit_bzero(blob->bytes, blob->size);
    free(blob->bytes);
    *blob = (struct files_blob){ 0 };
}

/* Not realloc: it would leave a copy of a key behind. */
bool files_blob_add(struct files_blob *blob, const void *bytes, size_t size)
{
    struct files_blob larger = { 0 };

    if (!blob->bytes || blob->room - blob->size <= size) {
        larger.room = blob->room * 2 + size + 1;
        larger.bytes = malloc(larger.room);
        if (!larger.bytes)
            return false;
        if (blob->bytes)
            memcpy(larger.bytes, blob->bytes, blob->size);
        larger.size = blob->size;
        files_blob_drop(blob);
        *blob = larger;
    }
    if (size > 0)
        memcpy(blob->bytes + blob->size, bytes, size);
    blob->size += size;
    blob->bytes[blob->size] = '\0';
    return true;
}

bool files_blob_is(const struct files_blob *blob, const struct files_blob *other)
{
    return blob->size == other->size
           && (blob->size == 0 || memcmp(blob->bytes, other->bytes, blob->size) == 0);
}

int files_blob_fill(struct files_blob *blob, int fd, size_t maximum)
{
    char piece[PIECE];
    ssize_t got = 0;

    while ((got = read(fd, piece, sizeof piece)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got > 0 && blob->size + (size_t)got > maximum) {
            errno = EFBIG;
            got = -1;
        }
        if (got > 0 && !files_blob_add(blob, piece, (size_t)got)) {
            errno = ENOMEM;
            got = -1;
        }
        if (got < 0)
            break;
    }
    explicit_bzero(piece, sizeof piece);
    return got < 0 ? -1 : 0;
}

int files_blob_load(const struct acmecore_host *host, const char *path,
                    struct files_blob *blob)
{
    WEBROOT_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd >= 0 && files_blob_fill(blob, fd, FILES_BLOB_MAX) == 0)
        return ACMECORE_OK;
    return host->fail(host->ctx, ACMECORE_E_SYSTEM, "cannot read %s: %s", path,
                      strerror(errno));
}
