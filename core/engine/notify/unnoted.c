/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/notify/unnoted.h"

#include <stdlib.h>
#include <string.h>

static void drop(struct ac_unnoted_item *item)
{
    free(item->certificate);
    free(item->told.notifier);
}

void ac_unnoted_done(struct ac_unnoted *unnoted)
{
    for (size_t i = 0; i < unnoted->count; i++)
        drop(&unnoted->items[i]);
    free(unnoted->items);
    *unnoted = (struct ac_unnoted){ 0 };
}

static struct ac_unnoted_item *find(const struct ac_unnoted *unnoted,
                                    const char *certificate, const char *notifier)
{
    for (size_t i = 0; i < unnoted->count; i++) {
        struct ac_unnoted_item *item = &unnoted->items[i];

        if (strcmp(item->certificate, certificate) == 0
            && strcmp(item->told.notifier, notifier) == 0)
            return item;
    }
    return NULL;
}

/* All but the name of the notifier, which stays the owner's. */
static void copy_values(const struct ac_told *from, struct ac_told *to)
{
    char *notifier = to->notifier;

    *to = *from;
    to->notifier = notifier;
}

static enum ac_code add(struct ac_unnoted *unnoted, const char *certificate,
                        const struct ac_told *told, struct ac_error *err)
{
    AC_AUTO_TEXT char *name = NULL;
    AC_AUTO_TEXT char *notifier = NULL;

    AC_TRY(ac_memory_copy_text(certificate, &name, err));
    AC_TRY(ac_memory_copy_text(told->notifier, &notifier, err));
    AC_TRY(ac_memory_grow(&unnoted->items, &unnoted->capacity, unnoted->count + 1,
                          sizeof *unnoted->items, err));
    struct ac_unnoted_item *item = &unnoted->items[unnoted->count++];
    *item = (struct ac_unnoted_item){ .certificate = AC_TAKE(name), .told = *told };
    item->told.notifier = AC_TAKE(notifier);
    return AC_OK;
}

enum ac_code ac_unnoted_keep(struct ac_unnoted *unnoted, const char *certificate,
                             const struct ac_told *told, struct ac_error *err)
{
    struct ac_unnoted_item *item = find(unnoted, certificate, told->notifier);

    if (!item)
        return add(unnoted, certificate, told, err);
    copy_values(told, &item->told);
    return AC_OK;
}

void ac_unnoted_forget(struct ac_unnoted *unnoted, const char *certificate,
                       const char *notifier)
{
    struct ac_unnoted_item *item = find(unnoted, certificate, notifier);

    if (!item)
        return;
    drop(item);
    *item = unnoted->items[--unnoted->count];
}

void ac_unnoted_recall(const struct ac_unnoted *unnoted, const char *certificate,
                       struct ac_told *told)
{
    const struct ac_unnoted_item *item = find(unnoted, certificate, told->notifier);

    if (item && item->told.version >= told->version)
        copy_values(&item->told, told);
}
