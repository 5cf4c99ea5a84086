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

struct reply {
    enum answer_kind kind;
    char why[ANSWER_WHY_MAX];
};

static int ask(const struct runtime *runtime, enum answer_verb verb, const char *path,
               const struct files_blob *pem, struct reply *ret_reply);
static int refuse(const struct runtime *runtime, enum answer_verb verb,
                  const char *path, const struct reply *reply);
static bool write_question(const struct runtime *runtime, enum answer_verb verb,
                           const char *path, const struct files_blob *pem,
                           struct files_blob *question);
static bool add_payload(const struct files_blob *pem, struct files_blob *question);
static int demand(const struct runtime *runtime, enum answer_verb verb,
                  const char *path, const struct files_blob *pem);
static int look(const struct runtime *runtime, struct runtime_item *item);
static int tell_kept(const struct runtime *runtime, const char *path);
static int make_room(const struct runtime *runtime, const struct runtime_item *item);
static int put(const struct runtime *runtime, const struct runtime_item *item,
               struct runtime_outcome *outcome);

int runtime_look(const struct runtime *runtime, struct runtime_item *items,
                 size_t count, struct runtime_outcome *ret_outcome)
{
    int status = ACMECORE_OK;

    *ret_outcome = (struct runtime_outcome){ .is_running = true };
    for (size_t i = 0; status == ACMECORE_OK && i < count; i++)
        status = look(runtime, &items[i]);
    if (status != ACMECORE_E_NOTFOUND)
        return status;
    ret_outcome->is_running = false;
    return ACMECORE_OK;
}

int runtime_replace(const struct runtime *runtime, const struct runtime_item *items,
                    size_t count, struct runtime_outcome *outcome)
{
    int status = ACMECORE_OK;

    /* All before the first is changed. */
    for (size_t i = 0; status == ACMECORE_OK && i < count; i++)
        status = items[i].is_idle ? make_room(runtime, &items[i]) : ACMECORE_OK;
    for (size_t i = 0; status == ACMECORE_OK && i < count; i++) {
        status = put(runtime, &items[i], outcome);
        if (status == ACMECORE_OK && items[i].is_idle)
            status = demand(runtime, ANSWER_ADD, items[i].path, NULL);
    }
    return status;
}

int runtime_bring_back(const struct runtime *runtime, const struct runtime_item *items,
                       size_t count, struct runtime_outcome *outcome)
{
    int status = ACMECORE_OK;

    for (size_t i = 0; status == ACMECORE_OK && i < count; i++) {
        if (!items[i].is_idle)
            status = put(runtime, &items[i], outcome);
    }
    return status;
}

/* What a killed run left open is in the way of all that follows. */
int runtime_remove(const struct runtime *runtime, const char *path)
{
    static const enum answer_verb verbs[] = { ANSWER_ABORT, ANSWER_DELETE_LINE,
                                              ANSWER_DELETE };
    struct reply reply = { .kind = ANSWER_REFUSED };
    int status = ACMECORE_OK;

    for (size_t i = 0; status == ACMECORE_OK && i < sizeof verbs / sizeof *verbs; i++) {
        if (verbs[i] != ANSWER_DELETE_LINE || runtime->list)
            status = ask(runtime, verbs[i], path, NULL, &reply);
    }
    if (status == ACMECORE_OK && reply.kind != ANSWER_GOOD)
        status = tell_kept(runtime, path);
    return status == ACMECORE_E_NOTFOUND ? ACMECORE_OK : status;
}

const char *runtime_check_path(const char *path)
{
    return path[strspn(path, ALPHABET)] == '\0'
               ? NULL
               : "HAProxy is told of paths of letters, digits and / . _ - @ + = : , "
                 "only";
}

/* E_NOTFOUND: nobody listens. A refusal is not recorded. */
static int ask(const struct runtime *runtime, enum answer_verb verb, const char *path,
               const struct files_blob *pem, struct reply *ret_reply)
{
    FILES_AUTO_BLOB question = { 0 };
    FILES_AUTO_BLOB answer = { 0 };
    const struct acmecore_host *host = runtime->talk.host;
    int status = ACMECORE_OK;

    if (!write_question(runtime, verb, path, pem, &question))
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, FILES_NO_MEMORY);
    status = talk_ask(&runtime->talk, &question, &answer);
    if (status != ACMECORE_OK)
        return status;
    ret_reply->kind = answer_read(
        verb, path,
        &(struct answer_text){ answer.bytes ? answer.bytes : "", answer.size },
        ret_reply->why);
    return ACMECORE_OK;
}

static int refuse(const struct runtime *runtime, enum answer_verb verb,
                  const char *path, const struct reply *reply)
{
    const struct acmecore_host *host = runtime->talk.host;

    return host->fail(host->ctx, ACMECORE_E_REFUSED, "HAProxy refused \"%s%s\": %s",
                      commands[verb], path, reply->why);
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
    struct reply reply = { .kind = ANSWER_REFUSED };
    int status = ask(runtime, verb, path, pem, &reply);

    if (status == ACMECORE_E_NOTFOUND) {
        const struct acmecore_host *host = runtime->talk.host;

        return host->fail(host->ctx, ACMECORE_E_NETWORK,
                          "HAProxy went away while it was told of %s", path);
    }
    if (status != ACMECORE_OK || reply.kind == ANSWER_GOOD)
        return status;
    return refuse(runtime, verb, path, &reply);
}

static int look(const struct runtime *runtime, struct runtime_item *item)
{
    struct reply reply = { .kind = ANSWER_REFUSED };
    int status = ask(runtime, ANSWER_SHOW, item->path, NULL, &reply);

    if (status != ACMECORE_OK)
        return status;
    item->is_known = reply.kind != ANSWER_UNKNOWN;
    item->is_idle = reply.kind == ANSWER_UNKNOWN || reply.kind == ANSWER_IDLE;
    return reply.kind == ANSWER_REFUSED
               ? refuse(runtime, ANSWER_SHOW, item->path, &reply)
               : ACMECORE_OK;
}

/* A refusal to remove it may as well mean that it is not there. */
static int tell_kept(const struct runtime *runtime, const char *path)
{
    const struct acmecore_host *host = runtime->talk.host;
    struct reply reply = { .kind = ANSWER_REFUSED };
    int status = ask(runtime, ANSWER_SHOW, path, NULL, &reply);

    if (status == ACMECORE_OK && reply.kind != ANSWER_UNKNOWN) {
        host->log(host->ctx, ACMECORE_WARN,
                  "HAProxy keeps %s in memory until its next start", path);
    }
    return status;
}

static int make_room(const struct runtime *runtime, const struct runtime_item *item)
{
    const struct acmecore_host *host = runtime->talk.host;

    if (!runtime->list) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "the running HAProxy does not have %s: name it in its "
                          "configuration (bind ... ssl crt) and reload it once, or set "
                          "the option crt-list",
                          item->path);
    }
    return item->is_known ? ACMECORE_OK : demand(runtime, ANSWER_NEW, item->path, NULL);
}

/* A transaction that a killed run left is in the way, and so is one of somebody else:
 * that one is theirs to end, and HAProxy says whose it is. */
static int put(const struct runtime *runtime, const struct runtime_item *item,
               struct runtime_outcome *outcome)
{
    struct reply reply = { .kind = ANSWER_REFUSED };
    int status = demand(runtime, ANSWER_ABORT, item->path, NULL);

    if (status != ACMECORE_OK)
        return status;
    outcome->has_begun = true;
    status = demand(runtime, ANSWER_SET, item->path, &item->pem);
    if (status == ACMECORE_OK)
        status = demand(runtime, ANSWER_COMMIT, item->path, NULL);
    if (status != ACMECORE_OK)
        (void)ask(runtime, ANSWER_ABORT, item->path, NULL, &reply);
    return status;
}
