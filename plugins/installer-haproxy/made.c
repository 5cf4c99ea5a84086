/* SPDX-License-Identifier: Apache-2.0 */
#include "made.h"

#include "list.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#define MADE_FILE "made"
#define MADE_MODE 0600

static void path_of(const struct acmecore_host *host, char path[PATH_MAX]);

int made_note(const struct acmecore_host *host, const struct runtime_item *items,
              size_t count)
{
    FILES_AUTO_BLOB made = { 0 };
    char path[PATH_MAX];
    size_t before = 0;
    int status = made_load(host, &made);

    if (status != ACMECORE_OK)
        return status;
    before = made.size;
    for (size_t i = 0; i < count; i++) {
        if (items[i].is_idle && !list_has(&made, items[i].path)
            && !list_add(&made, items[i].path))
            return host->fail(host->ctx, ACMECORE_E_SYSTEM, FILES_NO_MEMORY);
    }
    if (made.size == before)
        return ACMECORE_OK;
    path_of(host, path);
    return host->write_file(host->ctx, path, MADE_MODE, made.bytes, made.size);
}

int made_load(const struct acmecore_host *host, struct files_blob *made)
{
    char path[PATH_MAX];

    path_of(host, path);
    return access(path, F_OK) == 0 ? files_blob_load(host, path, made) : ACMECORE_OK;
}

int made_forget(const struct acmecore_host *host)
{
    char path[PATH_MAX];

    path_of(host, path);
    return access(path, F_OK) == 0 ? host->remove_file(host->ctx, path) : ACMECORE_OK;
}

static void path_of(const struct acmecore_host *host, char path[PATH_MAX])
{
    (void)snprintf(path, PATH_MAX, "%s/" MADE_FILE, host->folder);
}
