/* SPDX-License-Identifier: Apache-2.0 */
/* Items of one zone, a.test, as the plugin sorts them. */
#ifndef TESTS_RFC2136_ITEMS_H
#define TESTS_RFC2136_ITEMS_H

#include "update.h"

#include <stdio.h>

#define ITEMS_MAX 2000

struct items {
    struct update_item items[ITEMS_MAX];
    struct update_item *pointers[ITEMS_MAX];
    size_t count;
};

/* "_acme-challenge.h0001.a.test", and so on; with "bad" in it where is_bad says so. */
static inline bool items_make(struct items *items, size_t count, const bool *is_bad)
{
    items->count = count;
    for (size_t i = 0; i < count; i++) {
        char text[64];

        (void)snprintf(text, sizeof text, "_acme-challenge.h%04zu%s.a.test", i,
                       is_bad && is_bad[i] ? "bad" : "");
        items->items[i] = (struct update_item){ .value = "v",
                                                .name = name_parse(text),
                                                .zone = name_parse("a.test") };
        items->pointers[i] = &items->items[i];
        if (!items->items[i].name || !items->items[i].zone)
            return false;
    }
    return true;
}

static inline void items_drop(struct items *items)
{
    for (size_t i = 0; i < items->count; i++) {
        name_drop(&items->items[i].name);
        name_drop(&items->items[i].zone);
    }
}

/* How many have this status. */
static inline size_t items_with(const struct items *items, int status)
{
    size_t count = 0;

    for (size_t i = 0; i < items->count; i++)
        count += items->items[i].status == status ? 1u : 0u;
    return count;
}

#endif
