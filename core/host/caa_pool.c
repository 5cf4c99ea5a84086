/* SPDX-License-Identifier: Apache-2.0 */
#include "host/caa_pool.h"

#include "base/memory.h"

#include <stdlib.h>

#define PROCESS_NAME "(CAA)" /* in messages: "plugin (CAA) crashed" */

struct seat {
    struct ac_process *process; /* NULL: free */
    size_t users;
};

struct ac_caa_pool {
    char *host_path;
    struct seat seats[AC_CAA_POOL_MAX];
};

enum ac_code ac_caa_pool_new(const char *host_path, struct ac_caa_pool **ret_pool,
                             struct ac_error *err)
{
    AC_AUTO(ac_caa_pool) *pool = NULL;

    AC_TRY(ac_memory_new(1, sizeof *pool, &pool, err));
    if (host_path)
        AC_TRY(ac_memory_copy_text(host_path, &pool->host_path, err));
    *ret_pool = AC_TAKE(pool);
    return AC_OK;
}

static void empty(struct seat *seat)
{
    ac_process_free(seat->process);
    *seat = (struct seat){ 0 };
}

void ac_caa_pool_free(struct ac_caa_pool *pool)
{
    if (!pool)
        return;
    for (size_t i = 0; i < AC_CAA_POOL_MAX; i++)
        empty(&pool->seats[i]);
    free(pool->host_path);
    free(pool);
}

/* What it costs to wait there: nothing, a start, or those before. */
static size_t cost_of(const struct seat *seat)
{
    if (!seat->process)
        return 1;
    if (!ac_process_is_alive(seat->process))
        return SIZE_MAX;
    return seat->users == 0 ? 0 : 1 + seat->users;
}

static struct seat *find_cheapest(struct ac_caa_pool *pool)
{
    struct seat *best = &pool->seats[0];

    for (size_t i = 0; i < AC_CAA_POOL_MAX; i++) {
        struct seat *seat = &pool->seats[i];

        if (seat->users == 0 && seat->process && !ac_process_is_alive(seat->process))
            empty(seat); /* it died while nobody looked */
        if (cost_of(seat) < cost_of(best))
            best = seat;
    }
    return best;
}

enum ac_code ac_caa_pool_take(struct ac_caa_pool *pool, struct ac_process **ret_process,
                              struct ac_error *err)
{
    const struct ac_process_settings settings = { .host_path = pool->host_path,
                                                  .name = PROCESS_NAME };
    struct seat *seat = find_cheapest(pool);

    if (cost_of(seat) == SIZE_MAX)
        return ac_fail(err, AC_E_PLUGIN, "the plugin hosts that check CAA have died");
    if (!seat->process)
        AC_TRY(ac_process_start(&settings, &seat->process, err));
    seat->users++;
    *ret_process = seat->process;
    return AC_OK;
}

void ac_caa_pool_leave(struct ac_caa_pool *pool, const struct ac_process *process)
{
    for (size_t i = 0; i < AC_CAA_POOL_MAX; i++) {
        struct seat *seat = &pool->seats[i];

        if (!process || seat->process != process)
            continue;
        seat->users--;
        if (seat->users == 0 && !ac_process_is_alive(seat->process))
            empty(seat);
    }
}
