/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The acmecore_host table: what a plugin instance may ask of us, during a call only.
 */
#ifndef AC_PLUGINHOST_SERVICES_H
#define AC_PLUGINHOST_SERVICES_H

#include "host/message.h"

#define AC_SERVICES_FAILS_MAX AC_MESSAGE_BATCH_MAX /* reasons kept of one call */

/* The ABI's opaque context: one plugin instance. */
struct acmecore_host_ctx {
    struct acmecore_host host;  /* what the plugin gets; its ctx leads here */
    struct ac_channel *channel; /* lent */
    char *folder;               /* or NULL */
    struct ac_json *options;    /* {"name": ["value", ...]}; NULL before open */
    struct ac_json *secrets;    /* [{"name": "...", "size": 1}, ...] */
    struct ac_secret blob;      /* the secrets' bytes, in that order */
    uint32_t uses;              /* ACMECORE_USES_*: what is not in it is refused */
    bool is_calling;
    int64_t stop_by_ms; /* until then what changes something may end; 0: no stop yet */
    bool is_serving;    /* watch() or serve(): a message is what comes next, no stop */
    bool is_hasty;      /* http: one try is all */
    bool is_dry_run;    /* nothing is changed, and what would be is told */
    int64_t deadline_ms;
    size_t request_count;    /* of http, so far */
    size_t refused_count;    /* of http and run, by plugin check */
    struct ac_words changes; /* what a dry run would have changed in this call */
    struct ac_words fails;   /* what fail() recorded in this call, in order */
    size_t first_result;     /* of those that the plugin is at: its index 0 */
    size_t result_count;     /* 0: the call has none */
    char *fails_at[AC_SERVICES_FAILS_MAX]; /* what fail_at() recorded; owned, or NULL */
};

/* The context must not move from then on: the table leads to it. folder: or NULL. */
AC_MUST enum ac_code ac_services_init(struct acmecore_host_ctx *ctx,
                                      struct ac_channel *channel, const char *folder,
                                      struct ac_error *err);
/* From now on nothing is changed, and what would be is told. */
void ac_services_dry(struct acmecore_host_ctx *ctx);
/* Takes options and secrets of an "open" message, after checking them. */
AC_MUST enum ac_code ac_services_configure(struct acmecore_host_ctx *ctx,
                                           struct ac_message *open,
                                           struct ac_error *err);
/* Around each call into the plugin. What fail() recorded stays until the next begin. */
void ac_services_begin(struct acmecore_host_ctx *ctx, int64_t deadline_ms);
void ac_services_end(struct acmecore_host_ctx *ctx);
/*
 * The core sends nothing during a call but that it is to stop, or is gone: to be waited
 * for (POLLIN) by whatever waits in a call. -1: there is nothing to wait for.
 */
int ac_services_stop_fd(const struct acmecore_host_ctx *ctx);
bool ac_services_is_stopped(const struct acmecore_host_ctx *ctx);
/* Of the call, for what changes something outside: once it is to stop, that has a
 * moment to end by itself. Half done, a cleanup at once could come before it, and miss
 * it. */
int64_t ac_services_left_ms(struct acmecore_host_ctx *ctx);
/* Between the two, of a batch: index 0 of what the plugin gets next is result `first`.
 */
void ac_services_expect(struct acmecore_host_ctx *ctx, size_t first, size_t count);
/*
 * What to say about the nth (from 0) of `failed` results that are not OK: the reasons
 * in order when there are as many, else the first for all; "" if none.
 */
const char *ac_services_reason(const struct acmecore_host_ctx *ctx, size_t nth,
                               size_t failed);
/* The same for result `index` of a batch, which may have a reason of its own (fail_at);
 * *nth counts those that have none, `unexplained` is how many these are in all. */
const char *ac_services_reason_at(const struct acmecore_host_ctx *ctx, size_t index,
                                  size_t *nth, size_t unexplained);
size_t ac_services_unexplained(const struct acmecore_host_ctx *ctx, const int *results,
                               size_t first, size_t count);
void ac_services_done(struct acmecore_host_ctx *ctx);
AC_DEFINE_DROP_VALUE(acmecore_host_ctx, ac_services_done)

/* host->http, as plugin.h promises. max_body 0: AC_SERVICES_BODY_MAX. */
int ac_service_http(struct acmecore_host_ctx *ctx,
                    const struct acmecore_request *request, long *ret_code,
                    acmecore_sink *body, void *arg);
#define AC_SERVICES_BODY_MAX (1024u * 1024u)

/*
 * host->run. A process group of its own, stderr to the log unless the command has a
 * sink for it. It ends with its first process: what is left in the group is killed soon
 * after, so an open stdout holds nobody up; what made a session of its own lives on
 * (services_keeper.h). When its time is up nothing of it does, of any session. More
 * than max_output is read and dropped. *ret_exit: the exit code, or 128 + the signal.
 */
int ac_service_run(struct acmecore_host_ctx *ctx,
                   const struct acmecore_command *command, int *ret_exit,
                   acmecore_sink *output, void *arg);

#endif
