/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/serve.h"

#include "base/clock.h"
#include "pluginhost/session.h"

#include <errno.h>
#include <poll.h>

/* The core's socket, and after it what the plugin wants to be woken for. */
struct waiting {
    struct pollfd fds[1 + AC_SERVE_FDS_MAX];
    size_t count; /* of the plugin's */
    int64_t served_at_ms;
};

static enum ac_code handle_messages(struct ac_session *session, struct ac_error *err)
{
    while (!session->is_closed) {
        AC_AUTO(ac_message) message = { 0 };
        enum ac_code code = ac_channel_get(session->channel, &message, err);
        if (code == AC_E_NOTFOUND)
            return AC_OK;
        AC_TRY(code);
        AC_TRY(ac_session_handle(session, &message, err));
    }
    return AC_OK;
}

static bool is_served(const struct ac_session *session)
{
    return session->is_open && session->loaded.has_watch;
}

static void begin_serving(struct ac_session *session)
{
    ac_services_begin(&session->services, ac_clock_after_ms(AC_SERVE_EVERY_MS));
    session->services.is_serving = true;
}

static enum ac_code ask_plugin(struct ac_session *session, struct waiting *waiting,
                               struct ac_error *err)
{
    waiting->count = 0;
    if (!is_served(session))
        return AC_OK;
    begin_serving(session);
    waiting->count =
        session->loaded.solver.watch(session->self, waiting->fds + 1, AC_SERVE_FDS_MAX);
    ac_services_end(&session->services);
    if (waiting->count > AC_SERVE_FDS_MAX) {
        return ac_fail(err, AC_E_PLUGIN, "watch() returned %zu, over %d",
                       waiting->count, AC_SERVE_FDS_MAX);
    }
    return AC_OK;
}

static void serve_plugin(struct ac_session *session, struct waiting *waiting)
{
    int64_t now_ms = ac_clock_now_ms();
    bool is_due = now_ms >= waiting->served_at_ms + AC_SERVE_EVERY_MS;

    for (size_t i = 0; i < waiting->count && !is_due; i++)
        is_due = waiting->fds[1 + i].revents != 0;
    if (!is_served(session) || !is_due)
        return;
    waiting->served_at_ms = now_ms;
    begin_serving(session);
    session->loaded.solver.serve(session->self, waiting->fds + 1, waiting->count);
    ac_services_end(&session->services);
}

static enum ac_code wait_for_events(struct ac_session *session, struct waiting *waiting,
                                    struct ac_error *err)
{
    short events = ac_channel_has_output(session->channel) ? POLLIN | POLLOUT : POLLIN;

    AC_TRY(ask_plugin(session, waiting, err));
    waiting->fds[0] =
        (struct pollfd){ .fd = ac_channel_fd(session->channel), .events = events };
    int timeout_ms = is_served(session) ? AC_SERVE_EVERY_MS : -1;
    if (poll(waiting->fds, (nfds_t)(waiting->count + 1), timeout_ms) < 0
        && errno != EINTR)
        return ac_fail_errno(err, AC_E_SYSTEM, errno, "poll");
    return AC_OK;
}

static enum ac_code serve(struct ac_session *session, struct ac_error *err)
{
    struct waiting waiting = { .served_at_ms = ac_clock_now_ms() };

    while (!session->is_closed) {
        AC_TRY(wait_for_events(session, &waiting, err));
        serve_plugin(session, &waiting);
        AC_TRY(handle_messages(session, err));
        AC_TRY(ac_channel_flush(session->channel, err));
    }
    return AC_OK;
}

enum ac_code ac_serve(struct ac_channel *channel, bool is_confined, int first_fd,
                      int fd_count, struct ac_error *err)
{
    struct ac_session session = { .channel = channel,
                                  .is_confined = is_confined,
                                  .first_socket = first_fd,
                                  .socket_count = fd_count };
    enum ac_code code = serve(&session, err);

    ac_session_done(&session);
    return code == AC_E_NETWORK ? AC_OK : code; /* the core is gone */
}
