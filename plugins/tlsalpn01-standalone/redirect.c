/* SPDX-License-Identifier: Apache-2.0 */
#include "redirect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NFT         "/usr/sbin/nft"
#define SCRIPT_MAX  768
#define TABLE_MAX   48
#define ERRORS_MAX  200 /* of what nft says, in a message */
#define NFT_TIME_MS 5000

struct words {
    char text[ERRORS_MAX];
    size_t size;
};

static int read_port(const struct acmecore_host *host, uint16_t *ret_port);
static int add_table(const struct redirect *redirect);
static int lease(struct redirect *redirect, int64_t now_ms);
static int check(const struct redirect *redirect, bool has_backend);
static int run(const struct redirect *redirect, const char *script);
static int keep_words(void *arg, const void *data, size_t size);
static int explain(const struct redirect *redirect, int exit_code,
                   const struct words *words);

int redirect_open(const struct acmecore_host *host, uint16_t to, bool has_backend,
                  struct redirect *ret_redirect)
{
    struct redirect redirect = { .host = host, .to = to };
    int status = read_port(host, &redirect.from);

    if (status == ACMECORE_OK && redirect.from != 0)
        status = check(&redirect, has_backend);
    if (status == ACMECORE_OK && redirect.from != 0) {
        redirect.has_table = true;
        status = redirect_end(&redirect);
    }
    if (status == ACMECORE_OK)
        *ret_redirect = redirect;
    return status;
}

int redirect_begin(struct redirect *redirect, int64_t now_ms)
{
    int status = ACMECORE_OK;

    if (redirect->from == 0 || redirect->is_leased)
        return ACMECORE_OK;
    if (!redirect->has_table)
        status = add_table(redirect);
    redirect->has_table |= status == ACMECORE_OK;
    if (status == ACMECORE_OK)
        status = lease(redirect, now_ms);
    return status;
}

void redirect_keep(struct redirect *redirect, int64_t now_ms)
{
    const struct acmecore_host *host = redirect->host;

    if (!redirect->is_leased || now_ms < redirect->renew_at_ms)
        return;
    if (lease(redirect, now_ms) == ACMECORE_OK)
        return;
    host->log(host->ctx, ACMECORE_WARN,
              "the redirection of port %u to port %u could not be renewed, and ends "
              "within %d s",
              (unsigned)redirect->from, (unsigned)redirect->to, REDIRECT_LEASE_S);
}

int redirect_pause(struct redirect *redirect)
{
    char script[SCRIPT_MAX];

    if (!redirect->is_leased)
        return ACMECORE_OK;
    redirect->is_leased = false;
    (void)snprintf(script, sizeof script, "flush set inet acmecore_%u_%u lease\n",
                   (unsigned)redirect->from, (unsigned)redirect->to);
    return run(redirect, script);
}

int redirect_end(struct redirect *redirect)
{
    char script[SCRIPT_MAX];
    unsigned from = redirect->from, to = redirect->to;

    if (!redirect->has_table)
        return ACMECORE_OK;
    redirect->has_table = redirect->is_leased = false;
    /* What is not there cannot be deleted, so it is added first. */
    (void)snprintf(script, sizeof script,
                   "add table inet acmecore_%u_%u\ndelete table inet acmecore_%u_%u\n",
                   from, to, from, to);
    return run(redirect, script);
}

char *const *redirect_hold(struct redirect *redirect)
{
    static char nft[] = NFT, action[] = "delete", what[] = "table", family[] = "inet";
    static char name[TABLE_MAX];
    static char *const command[] = { nft, action, what, family, name, NULL };
    char script[SCRIPT_MAX];

    if (!redirect->has_table)
        return NULL;
    /* A table alone will not do: the kernel tracks connections, and so rewrites their
     * packets, while there is a rule that asks for it. This one does, and no more. */
    (void)snprintf(name, sizeof name, "acmecore_hold_%ld", (long)getpid());
    (void)snprintf(script, sizeof script,
                   "table inet %s {\n"
                   "chain none { type nat hook prerouting priority -101;"
                   " policy accept;\nct state established accept\n}\n}\n",
                   name);
    return run(redirect, script) == ACMECORE_OK ? command : NULL;
}

static int read_port(const struct acmecore_host *host, uint16_t *ret_port)
{
    const char *text = host->option(host->ctx, "redirect", 0);
    char *end = NULL;
    unsigned long port = text ? strtoul(text, &end, 10) : 0;

    if (text && (*end != '\0' || port > UINT16_MAX)) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option redirect: it must be a port from 1 to 65535, or 0");
    }
    *ret_port = (uint16_t)port;
    return ACMECORE_OK;
}

static int check(const struct redirect *redirect, bool has_backend)
{
    const struct acmecore_host *host = redirect->host;

    if (redirect->from == redirect->to) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option redirect: port %u is the one that this plugin "
                          "listens on; set the option port to another, free one",
                          (unsigned)redirect->to);
    }
    if (!has_backend) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option redirect needs the option backend: without it the "
                          "visitors of port %u would be turned away; set "
                          "backend=127.0.0.1:%u",
                          (unsigned)redirect->from, (unsigned)redirect->from);
    }
    return ACMECORE_OK;
}

/* The first packet of a connection only: where the kernel did not track connections so
 * far, those that are under way are new to it, too. Before the usual place (-100), so
 * that no other rule has its way first. */
static int add_table(const struct redirect *redirect)
{
    char script[SCRIPT_MAX];

    (void)snprintf(script, sizeof script,
                   "table inet acmecore_%u_%u {\n"
                   "set lease { type inet_service; flags timeout; timeout %us; }\n"
                   "chain front { type nat hook prerouting priority -101;"
                   " policy accept;\n"
                   "fib daddr type local tcp flags & (fin | syn | rst | ack) == syn"
                   " tcp dport @lease redirect to :%u\n"
                   "}\n}\n",
                   (unsigned)redirect->from, (unsigned)redirect->to,
                   (unsigned)REDIRECT_LEASE_S, (unsigned)redirect->to);
    return run(redirect, script);
}

/* In one step: there is no moment without it. */
static int lease(struct redirect *redirect, int64_t now_ms)
{
    char script[SCRIPT_MAX];
    unsigned from = redirect->from, to = redirect->to;
    int status = ACMECORE_OK;

    (void)snprintf(script, sizeof script,
                   "flush set inet acmecore_%u_%u lease\n"
                   "add element inet acmecore_%u_%u lease { %u }\n",
                   from, to, from, to, from);
    status = run(redirect, script);
    redirect->is_leased |= status == ACMECORE_OK;
    redirect->renew_at_ms = now_ms + REDIRECT_RENEW_MS;
    return status;
}

static int run(const struct redirect *redirect, const char *script)
{
    const struct acmecore_host *host = redirect->host;
    struct words words = { "", 0 };
    const struct acmecore_command command = {
        .struct_size = sizeof command,
        .max_output = 4096,
        .timeout_ms = NFT_TIME_MS,
        .argv = (const char *const[]){ NFT, "-f", "-", NULL },
        .env = (const char *const[]){ "LANG=C.UTF-8", NULL },
        .input = script,
        .input_size = strlen(script),
        .errors = keep_words,
        .errors_arg = &words,
    };
    int exit_code = 0;
    int status = host->run(host->ctx, &command, &exit_code, keep_words, &words);

    if (status == ACMECORE_E_CONFIG && access(NFT, X_OK) != 0) {
        return host->fail(host->ctx, status,
                          "option redirect needs the program " NFT
                          ": install nftables, or leave the option out");
    }
    if (status != ACMECORE_OK)
        return status;
    return exit_code == 0 ? ACMECORE_OK : explain(redirect, exit_code, &words);
}

/* The beginning is enough: nft quotes the whole script behind its reason. */
static int keep_words(void *arg, const void *data, size_t size)
{
    struct words *words = arg;
    size_t room = sizeof words->text - 1 - words->size;

    if (size > room)
        size = room;
    memcpy(words->text + words->size, data, size);
    words->size += size;
    words->text[words->size] = '\0';
    return 0;
}

static int explain(const struct redirect *redirect, int exit_code,
                   const struct words *words)
{
    const struct acmecore_host *host = redirect->host;
    int first_line = (int)strcspn(words->text, "\n");

    return host->fail(host->ctx, ACMECORE_E_CONFIG,
                      "cannot redirect port %u (nft ends with %d: %.*s): run as root "
                      "or with CAP_NET_ADMIN, or leave the option redirect out",
                      (unsigned)redirect->from, exit_code, first_line, words->text);
}
