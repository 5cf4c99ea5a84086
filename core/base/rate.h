/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Token buckets: at most `burst` at once and `per_second` in the long run. Pure.
 */
#ifndef AC_BASE_RATE_H
#define AC_BASE_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct ac_rate {
    uint32_t per_second; /* 0: no limit */
    uint32_t burst;
    int64_t milli_tokens; /* thousandths; start by ac_rate_init */
    int64_t filled_at_ms;
};

void ac_rate_init(struct ac_rate *rate, uint32_t per_second, uint32_t burst);
/* Takes one token if there is one now. */
bool ac_rate_take(struct ac_rate *rate, int64_t now_ms);
/* Takes so many, or none. */
bool ac_rate_take_many(struct ac_rate *rate, uint32_t count, int64_t now_ms);
/* When the next token is there; now_ms when there is one already. */
int64_t ac_rate_ready_at_ms(const struct ac_rate *rate, int64_t now_ms);

#endif
