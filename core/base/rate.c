/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rate.h"

#define MILLI 1000 /* milli tokens of one token */

static int64_t capacity(const struct ac_rate *rate)
{
    /* A burst of 0 would never give a token. */
    return (rate->burst ? rate->burst : 1) * (int64_t)MILLI;
}

/* n tokens a second are n milli tokens a millisecond. */
static int64_t tokens_at(const struct ac_rate *rate, int64_t now_ms)
{
    int64_t missing = capacity(rate) - rate->milli_tokens;
    int64_t elapsed_ms = now_ms - rate->filled_at_ms;

    if (elapsed_ms <= 0)
        return rate->milli_tokens;
    if (elapsed_ms > missing / rate->per_second)
        return capacity(rate);
    return rate->milli_tokens + elapsed_ms * rate->per_second;
}

void ac_rate_init(struct ac_rate *rate, uint32_t per_second, uint32_t burst)
{
    *rate = (struct ac_rate){ .per_second = per_second, .burst = burst };
    rate->milli_tokens = capacity(rate);
}

bool ac_rate_take(struct ac_rate *rate, int64_t now_ms)
{
    return ac_rate_take_many(rate, 1, now_ms);
}

bool ac_rate_take_many(struct ac_rate *rate, uint32_t count, int64_t now_ms)
{
    int64_t wanted = count * (int64_t)MILLI;

    if (rate->per_second == 0)
        return true;

    int64_t tokens = tokens_at(rate, now_ms);
    if (tokens < wanted)
        return false;
    rate->milli_tokens = tokens - wanted;
    if (now_ms > rate->filled_at_ms)
        rate->filled_at_ms = now_ms;
    return true;
}

int64_t ac_rate_ready_at_ms(const struct ac_rate *rate, int64_t now_ms)
{
    if (rate->per_second == 0)
        return now_ms;

    int64_t tokens = tokens_at(rate, now_ms);
    if (tokens >= MILLI)
        return now_ms;
    return now_ms + (MILLI - tokens + rate->per_second - 1) / rate->per_second;
}
