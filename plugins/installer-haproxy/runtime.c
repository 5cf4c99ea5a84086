/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime.h"

#include "answer.h"

#include <string.h>

/* Its command line has quotes, escapes and separators; a path with none of these needs
 * none of them. */
#define ALPHABET                                                                       \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-@+=:,"

/* How each command is written. */
static const char *const commands[] = {
    [ANSWER_SHOW] = "show ssl cert ",   [ANSWER_NEW] = "new ssl cert ",
    [ANSWER_SET] = "set ssl cert ",     [ANSWER_COMMIT] = "commit ssl cert ",
    [ANSWER_ABORT] = "abort ssl cert ", [ANSWER_ADD] = "add ssl crt-list ",
    [ANSWER_DELETE] = "del ssl cert ",  [ANSWER_DELETE_LINE] = "del ssl crt-list ",
};

static int ask(const struct runtime *runtime, enum answer_verb verb, const char *path,
               const struct files_blob *pem, enum answer_kind *ret_kind);
static bool write_question(const struct runtime *runtime, enum answer_verb verb,
                           const char *path, const struct files_blob *pem,
                           struct files_blob *question);
static bool add_payload(const struct files_blob *pem, struct files_blob *question);
static int demand(const struct runtime *runtime, enum answer_verb verb,
                  const char *path, const struct files_blob *pem);
static int look(const struct runtime *runtime, struct runtime_item *item);
static int set_all(const struct runtime *runtime, const struct runtime_item *items,
                   size_t count);
static void abort_all(const struct runtime *runtime, const struct runtime_item *items,
                      size_t count);

int runtime_replace(const struct runtime *runtime, struct runtime_item *items,
                    size_t count, bool *ret_running)
{
    int status = ACMECORE_OK;

    *ret_running = true;
    for (size_t i = 0; status == ACMECORE_OK && i < count; i++)
        status = look(runtime, &items[i]);
    if (status == ACMECORE_E_NOTFOUND) {
        *ret_running = false;
        return ACMECORE_OK;
    }
    if (status == ACMECORE_OK)
        status = set_all(runtime, items, count);
    for (size_t i = 0; status == ACMECORE_OK && i < count; i++)
        status = demand(runtime, ANSWER_COMMIT, items[i].path, NULL);
    for (size_t i = 0; status == ACMECORE_OK && i < count; i++) {
        if (items[i].is_new)
            status = demand(runtime, ANSWER_ADD, items[i].path, NULL);
    }
    return status;
}

void runtime_remove(const struct runtime *runtime, const char *path)
{
    const struct acmecore_host *host = runtime->talk.host;
    enum answer_kind kind = ANSWER_REFUSED;

    if (runtime->list)
        (void)ask(runtime, ANSWER_DELETE_LINE, path, NULL, &kind);
    if (ask(runtime, ANSWER_DELETE, path, NULL, &kind) == ACMECORE_OK
        && kind != ANSWER_GOOD) {
        host->log(host->ctx, ACMECORE_WARN,
                  "HAProxy keeps %s in memory until its next start", path);
    }
}

const char *runtime_check_path(const char *path)
{
    return path[strspn(path, ALPHABET)] == '\0'
               ? NULL
               : "HAProxy is told of paths of letters, digits and / . _ - @ + = : , "
                 "only";
}

/* E_NOTFOUND: nobody listens. */
static int ask(const struct runtime *runtime, enum answer_verb verb, const char *path,
               const struct files_blob *pem, enum answer_kind *ret_kind)
{
    FILES_AUTO_BLOB question = { 0 };
    FILES_AUTO_BLOB answer = { 0 };
    const struct acmecore_host *host = runtime->talk.host;
    char why[ANSWER_WHY_MAX];
    int status = ACMECORE_OK;

    if (!write_question(runtime, verb, path, pem, &question))
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, FILES_NO_MEMORY);
    status = talk_ask(&runtime->talk, &question, &answer);
    if (status != ACMECORE_OK)
        return status;
    *ret_kind = answer_read(verb, answer.bytes ? answer.bytes : "", answer.size, why);
    if (*ret_kind == ANSWER_REFUSED) {
        (void)host->fail(host->ctx, ACMECORE_E_REFUSED, "HAProxy refused \"%s%s\": %s",
                         commands[verb], path, why);
    }
    return ACMECORE_OK;
}

static bool write_question(const struct runtime *runtime, enum answer_verb verb,
                           const char *path, const struct files_blob *pem,
                           struct files_blob *question)
{
    bool has_list = verb == ANSWER_ADD || verb == ANSWER_DELETE_LINE;
    const char *list = has_list && runtime->list ? runtime->list : "";

    return files_blob_add(question, commands[verb], strlen(commands[verb]))
           && files_blob_add(question, list, strlen(list))
           && (!*list || files_blob_add(question, " ", 1))
           && files_blob_add(question, path, strlen(path))
           && (!pem || add_payload(pem, question)) && files_blob_add(question, "\n", 1);
}

/* Ends with an empty line, so it must not have one within. */
static bool add_payload(const struct files_blob *pem, struct files_blob *question)
{
    const char *line = pem->bytes;
    bool is_good = files_blob_add(question, " <<\n", sizeof " <<\n" - 1);

    while (is_good && line && *line) {
        size_t size = strcspn(line, "\r\n");

        if (size > 0) {
            is_good = files_blob_add(question, line, size)
                      && files_blob_add(question, "\n", 1);
        }
        line += size + strspn(line + size, "\r\n");
    }
    return is_good;
}

static int demand(const struct runtime *runtime, enum answer_verb verb,
                  const char *path, const struct files_blob *pem)
{
    enum answer_kind kind = ANSWER_REFUSED;
    int status = ask(runtime, verb, path, pem, &kind);

    if (status == ACMECORE_E_NOTFOUND) {
        const struct acmecore_host *host = runtime->talk.host;

        return host->fail(host->ctx, ACMECORE_E_NETWORK,
                          "HAProxy went away while it was told of %s", path);
    }
    if (status == ACMECORE_OK && kind != ANSWER_GOOD)
        return ACMECORE_E_REFUSED; /* the reason is recorded */
    return status;
}

static int look(const struct runtime *runtime, struct runtime_item *item)
{
    const struct acmecore_host *host = runtime->talk.host;
    enum answer_kind kind = ANSWER_REFUSED;
    int status = ask(runtime, ANSWER_SHOW, item->path, NULL, &kind);

    if (status != ACMECORE_OK)
        return status;
    if (kind == ANSWER_REFUSED)
        return ACMECORE_E_REFUSED;
    item->is_new = kind == ANSWER_UNKNOWN;
    if (item->is_new && !runtime->list) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "the running HAProxy does not have %s: name it in its "
                          "configuration (bind ... ssl crt) and reload it once, or set "
                          "the option crt-list",
                          item->path);
    }
    return item->is_new ? demand(runtime, ANSWER_NEW, item->path, NULL) : ACMECORE_OK;
}

static int set_all(const struct runtime *runtime, const struct runtime_item *items,
                   size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int status = demand(runtime, ANSWER_SET, items[i].path, &items[i].pem);

        if (status != ACMECORE_OK) {
            abort_all(runtime, items, i);
            return status;
        }
    }
    return ACMECORE_OK;
}

static void abort_all(const struct runtime *runtime, const struct runtime_item *items,
                      size_t count)
{
    enum answer_kind kind = ANSWER_REFUSED;

    for (size_t i = 0; i < count; i++)
        (void)ask(runtime, ANSWER_ABORT, items[i].path, NULL, &kind);
}
