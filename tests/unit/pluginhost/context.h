/* SPDX-License-Identifier: Apache-2.0 */
/* A context of services over a socketpair, for the tests of each service. */
#ifndef AC_TESTS_UNIT_PLUGINHOST_CONTEXT_H
#define AC_TESTS_UNIT_PLUGINHOST_CONTEXT_H

#include "base/clock.h"
#include "check.h"
#include "pluginhost/services.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct context {
    struct acmecore_host_ctx services;
    struct ac_channel *channel;
    struct ac_channel *core; /* the other end */
    char got[4096];          /* by take */
    size_t size;
    int answer; /* of take */
};

/* A sink that keeps what it is given. */
__attribute__((unused)) static int take(void *arg, const void *data, size_t size)
{
    struct context *context = arg;

    if (size < sizeof context->got - context->size) {
        memcpy(context->got + context->size, data, size);
        context->size += size;
        context->got[context->size] = '\0';
    }
    return context->answer;
}

static void context_done(struct context *context)
{
    ac_services_done(&context->services);
    ac_channel_free(context->channel);
    ac_channel_free(context->core);
}

/* In a call with this much time. */
static enum ac_code context_begin(struct context *context, int64_t span_ms,
                                  struct ac_error *err)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return ac_fail(err, AC_E_SYSTEM, "socketpair");
    AC_AUTO_FD int first = ends[0];
    AC_AUTO_FD int second = ends[1];
    AC_TRY(ac_channel_new(&first, &context->channel, err));
    AC_TRY(ac_channel_new(&second, &context->core, err));
    AC_TRY(ac_services_init(&context->services, context->channel, "/folder", err));
    ac_services_begin(&context->services, ac_clock_after_ms(span_ms));
    return AC_OK;
}

/* The core says that the call is to stop. */
__attribute__((unused)) static enum ac_code context_stop(struct context *context,
                                                         struct ac_error *err)
{
    AC_AUTO(ac_message) message = { 0 };

    AC_TRY(ac_json_new(&message.json, err, "{s:s}", "event", "cancel"));
    AC_TRY(ac_channel_put(context->core, &message, err));
    return ac_channel_flush(context->core, err);
}

/* A sink that has it say so. */
__attribute__((unused)) static int take_and_stop(void *arg, const void *data,
                                                 size_t size)
{
    struct ac_error ignored = { 0 };

    (void)data, (void)size;
    return context_stop(arg, &ignored) == AC_OK ? ACMECORE_OK : ACMECORE_E_SYSTEM;
}

#define CONTEXT(name)                                                                  \
    __attribute__((cleanup(context_done))) struct context name = { .got = "" };        \
    struct ac_error err = { 0 }

#endif
