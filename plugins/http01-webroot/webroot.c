/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http01-webroot: puts each answer where a running web server serves it from,
 * ROOT/.well-known/acme-challenge/TOKEN (RFC 8555 §8.3).
 */
#include <acmecore/plugin.h>

#include "access.h"
#include "beneath.h"
#include "file.h"
#include "path.h"
#include "wellknown.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOTS_MAX 4096 /* items of the option `path` */
#define RACE_MAX  3    /* another run may remove the empty folder under our feet */

struct webroot {
    const struct acmecore_host *host;
    struct webroot_access access;
    struct webroot_rule *rules;
    size_t rule_count;
};

/* Where one challenge goes. */
struct place {
    const char *root;
    char path[PATH_MAX];
};

typedef int one_challenge(const struct webroot *self,
                          const struct acmecore_challenge *challenge);

static int webroot_open(const struct acmecore_host *host, void **ret_self);
static void webroot_close(void *self);
static int read_options(struct webroot *self);
static int read_paths(struct webroot *self);
static size_t count_paths(const struct acmecore_host *host);
static int read_path(struct webroot *self, size_t index);
static bool is_taken(const struct webroot *self, const struct webroot_rule *rule);
static int present(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results);
static int cleanup(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results);
static int each(const struct webroot *self, one_challenge *act,
                const struct acmecore_challenge *const *challenges, size_t count,
                int *results);
static int act_in_time(const struct webroot *self, one_challenge *act,
                       const struct acmecore_challenge *challenge);
static int present_one(const struct webroot *self,
                       const struct acmecore_challenge *challenge);
static int cleanup_one(const struct webroot *self,
                       const struct acmecore_challenge *challenge);
static int check(const struct webroot *self,
                 const struct acmecore_challenge *challenge);
static bool find_place(const struct webroot *self,
                       const struct acmecore_challenge *challenge, struct place *ret);
static int put(const struct webroot *self, const struct place *place,
               const struct acmecore_challenge *challenge);

static const struct acmecore_solver solver = {
    .struct_size = sizeof solver,
    .types = (const char *const[]){ "http-01", NULL },
    .present = present,
    .cleanup = cleanup,
};

static const struct acmecore_option options[] = {
    { .name = "path",
      .type = ACMECORE_OPTION_TEXT,
      .flags = ACMECORE_REQUIRED | ACMECORE_LIST,
      .help = "web root, such as /var/www/html; or NAME=/its/root, *.NAME=/its/root" },
    { .name = "owner",
      .type = ACMECORE_OPTION_TEXT,
      .help = "user (name or number) who shall own what is created; needs privileges" },
    { .name = "group",
      .type = ACMECORE_OPTION_TEXT,
      .help = "group (name or number) of what is created; may need privileges" },
    { .name = "mode",
      .type = ACMECORE_OPTION_TEXT,
      .fallback = "0644",
      .help = "octal mode of the challenge file" },
};

const struct acmecore_plugin acmecore_plugin = {
    ACMECORE_PLUGIN_HEADER(ACMECORE_SOLVER, "http01-webroot", "1.0", 0),
    .flags = ACMECORE_USES_FILES,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .open = webroot_open,
    .close = webroot_close,
    .ops.solver = &solver,
};

static int webroot_open(const struct acmecore_host *host, void **ret_self)
{
    struct webroot *self = calloc(1, sizeof *self);
    int status = ACMECORE_OK;

    if (!self)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "out of memory");
    self->host = host;
    status = read_options(self);
    if (status != ACMECORE_OK) {
        webroot_close(self);
        return status;
    }
    *ret_self = self;
    return ACMECORE_OK;
}

static void webroot_close(void *self)
{
    struct webroot *webroot = self;

    free(webroot->rules);
    free(webroot);
}

static int read_options(struct webroot *self)
{
    int status = webroot_access_read(self->host, &self->access);

    return status == ACMECORE_OK ? read_paths(self) : status;
}

static int read_paths(struct webroot *self)
{
    const struct acmecore_host *host = self->host;
    size_t count = count_paths(host);

    if (count == 0 || count > ROOTS_MAX) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option path: between 1 and %d web roots are needed, such as "
                          "/var/www/html",
                          ROOTS_MAX);
    }
    self->rules = calloc(count, sizeof *self->rules);
    if (!self->rules)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "out of memory");
    for (size_t i = 0; i < count; i++) {
        int status = read_path(self, i);

        if (status != ACMECORE_OK)
            return status;
    }
    return ACMECORE_OK;
}

static size_t count_paths(const struct acmecore_host *host)
{
    size_t count = 0;

    while (count <= ROOTS_MAX && host->option(host->ctx, "path", count))
        count++;
    return count;
}

static int read_path(struct webroot *self, size_t index)
{
    const struct acmecore_host *host = self->host;
    const char *value = host->option(host->ctx, "path", index);
    struct webroot_rule rule = { 0 };
    const char *wrong = webroot_rule_parse(value, &rule);

    if (!wrong && is_taken(self, &rule))
        wrong = "another web root is given for the same name";
    if (wrong) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG, "option path: \"%s\": %s",
                          value, wrong);
    }
    self->rules[self->rule_count++] = rule;
    return webroot_root_check(host, rule.root);
}

static bool is_taken(const struct webroot *self, const struct webroot_rule *rule)
{
    for (size_t i = 0; i < self->rule_count; i++) {
        if (webroot_rule_is_same(&self->rules[i], rule))
            return true;
    }
    return false;
}

static int present(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results)
{
    return each(self, present_one, challenges, count, results);
}

static int cleanup(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results)
{
    return each(self, cleanup_one, challenges, count, results);
}

static int each(const struct webroot *self, one_challenge *act,
                const struct acmecore_challenge *const *challenges, size_t count,
                int *results)
{
    int status = ACMECORE_OK;

    for (size_t i = 0; i < count; i++) {
        results[i] = act_in_time(self, act, challenges[i]);
        if (results[i] != ACMECORE_OK)
            status = results[i];
    }
    return status;
}

static int act_in_time(const struct webroot *self, one_challenge *act,
                       const struct acmecore_challenge *challenge)
{
    const struct acmecore_host *host = self->host;

    if (host->remaining_ms(host->ctx) <= 0) {
        return host->fail(host->ctx, ACMECORE_E_TIMEOUT,
                          "the time was over before the turn of %s: is the disk slow?",
                          challenge->identifier);
    }
    return act(self, challenge);
}

static int present_one(const struct webroot *self,
                       const struct acmecore_challenge *challenge)
{
    const struct acmecore_host *host = self->host;
    struct place place;
    int status = check(self, challenge);

    if (status != ACMECORE_OK)
        return status;
    if (!find_place(self, challenge, &place)) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "no web root for %s: add path = \"%s=/its/root\", or a "
                          "path without a name for all others",
                          challenge->identifier, challenge->identifier);
    }
    status = ACMECORE_E_NOTFOUND;
    for (int i = 0; status == ACMECORE_E_NOTFOUND && i < RACE_MAX; i++)
        status = put(self, &place, challenge);
    if (status == ACMECORE_E_NOTFOUND) {
        return host->fail(host->ctx, ACMECORE_E_SYSTEM,
                          "cannot write %s: its folder is removed again and again: "
                          "stop the program that does it",
                          place.path);
    }
    return status;
}

static int cleanup_one(const struct webroot *self,
                       const struct acmecore_challenge *challenge)
{
    WEBROOT_AUTO_FD folder_fd = -1;
    struct place place;
    struct webroot_file file;
    int status = ACMECORE_OK;

    /* What we would have refused to present cannot be there. */
    if (!webroot_token_is_safe(challenge->token)
        || !find_place(self, challenge, &place))
        return ACMECORE_OK;
    status = webroot_folder_find(self->host, place.root, &folder_fd);
    if (status == ACMECORE_OK) {
        file = (struct webroot_file){ folder_fd, place.path, challenge->token,
                                      challenge->key_authorization };
        status = webroot_file_remove(self->host, &file);
    }
    webroot_folder_unmake(self->host, place.root);
    return status == ACMECORE_E_NOTFOUND ? ACMECORE_OK : status;
}

static int check(const struct webroot *self, const struct acmecore_challenge *challenge)
{
    const struct acmecore_host *host = self->host;
    size_t size = strnlen(challenge->key_authorization, WEBROOT_KEY_AUTH_MAX + 1);

    if (!webroot_token_is_safe(challenge->token)) {
        return host->fail(host->ctx, ACMECORE_E_INVALID,
                          "the token for %s is not 1 to %d characters of base64url "
                          "(RFC 8555 section 8.3): nothing was written",
                          challenge->identifier, WEBROOT_TOKEN_MAX);
    }
    if (size == 0 || size > WEBROOT_KEY_AUTH_MAX) {
        return host->fail(host->ctx, ACMECORE_E_INVALID,
                          "the key authorization for %s is not 1 to %d bytes: nothing "
                          "was written",
                          challenge->identifier, WEBROOT_KEY_AUTH_MAX);
    }
    return ACMECORE_OK;
}

/* The token must be safe. */
static bool find_place(const struct webroot *self,
                       const struct acmecore_challenge *challenge, struct place *ret)
{
    const struct webroot_rule *rule =
        webroot_rule_find(self->rules, self->rule_count, challenge->identifier);

    if (!rule)
        return false;
    ret->root = rule->root;
    (void)snprintf(ret->path, sizeof ret->path, "%s/%s/%s", rule->root,
                   WEBROOT_CHALLENGE_FOLDER, challenge->token);
    return true;
}

static int put(const struct webroot *self, const struct place *place,
               const struct acmecore_challenge *challenge)
{
    WEBROOT_AUTO_FD folder_fd = -1;
    struct webroot_file file;
    int status =
        webroot_folder_make(self->host, &self->access, place->root, &folder_fd);

    if (status != ACMECORE_OK)
        return status;
    file = (struct webroot_file){ folder_fd, place->path, challenge->token,
                                  challenge->key_authorization };
    return webroot_file_put(self->host, &self->access, &file);
}
