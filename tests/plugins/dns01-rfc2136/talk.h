/* SPDX-License-Identifier: Apache-2.0 */
/* A session of the plugin with a name server of the test. */
#ifndef TESTS_RFC2136_TALK_H
#define TESTS_RFC2136_TALK_H

#include "session.h"

#include "check.h"
#include "dns_server.h"
#include "fake_host.h"

#define TALK_STEPS(steps) (steps), sizeof(steps) / sizeof *(steps)

extern const struct acmecore_plugin acmecore_plugin;

struct talk {
    struct fake_host fake;
    struct dns_server server;
    struct settings settings;
    struct session *session;
};

/* A server that answers like this, and a host that knows it and its key. */
static inline bool talk_listen(struct talk *talk, const struct dns_step *steps,
                               size_t count)
{
    memset(&talk->settings, 0, sizeof talk->settings);
    talk->session = NULL;
    if (!fake_host_start(&talk->fake, &acmecore_plugin)
        || !dns_start(&talk->server, steps, count))
        return false;
    fake_host_set(&talk->fake, "server", talk->server.text);
    fake_host_set(&talk->fake, "tsig-key-file", DNS_KEY_FILE);
    return true;
}

/* With the options that were set since talk_listen(). */
static inline bool talk_open(struct talk *talk)
{
    int status = ACMECORE_OK;

    if (settings_read(&talk->fake.host, &talk->settings) != ACMECORE_OK)
        return false;
    talk->session = session_new(&talk->fake.host, &talk->settings, &status);
    return talk->session != NULL;
}

static inline void talk_close(struct talk *talk)
{
    session_free(talk->session);
    settings_drop(&talk->settings);
    dns_stop(&talk->server);
}

#endif
