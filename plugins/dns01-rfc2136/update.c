/* SPDX-License-Identifier: Apache-2.0 */
#include "update.h"

#include "readback.h"

#include <stdio.h>
#include <string.h>

/* So many names refused alone, and none accepted: then the rest will be, too. */
#define GIVE_UP   4
#define NAMES_MAX 320 /* bytes of a sentence: the longest name, " and 9999 more" */
#define NAMES_FEW 90  /* bytes of several names: the rest of the sentence counts too */

struct work {
    struct session *session;
    struct update_item *const *items;
    size_t count;
    bool is_removal;
    size_t refused_count, accepted_count;
};

static size_t send_all(struct work *work);
static size_t next_count(const struct work *work, size_t at, size_t suspect_end);
static struct reply send_some(struct work *work, size_t first, size_t count);
static size_t fitting(const struct work *work, size_t first);
static void settle(struct work *work, size_t first, size_t count,
                   const struct reply *reply);
static bool is_hopeless(const struct work *work, const struct reply *reply);
static void tell(const struct work *work);
static void tell_like(const struct work *work, size_t first);
static void list_names(const struct work *work, const struct reply *reply, size_t first,
                       char *room, size_t size);

void update_zone(struct session *session, struct update_item *const *items,
                 size_t count, bool is_removal)
{
    struct work work = { session, items, count, is_removal, 0, 0 };
    size_t messages = 0;

    if (count == 0)
        return;
    messages = send_all(&work);
    session->host->log(session->host->ctx, ACMECORE_DEBUG,
                       "update.zone zone=%s records=%zu messages=%zu accepted=%zu",
                       name_format(items[0]->zone).text, count, messages,
                       work.accepted_count);
    if (!is_removal && work.accepted_count > 0)
        readback(session, items, count);
    if (is_removal && work.refused_count > 0)
        readback_absent(session, items, count);
    tell(&work);
}

/* The number of messages. Halves what is refused until one name alone is. */
static size_t send_all(struct work *work)
{
    size_t at = 0, suspect_end = 0, messages = 0;

    while (at < work->count) {
        size_t count = next_count(work, at, suspect_end);
        struct reply reply = send_some(work, at, count);

        messages++;
        if (reply_is_about_content(&reply) && count > 1) {
            suspect_end = at + count;
            continue;
        }
        /* What fails for another reason fails for all. */
        if (is_hopeless(work, &reply))
            count = work->count - at;
        settle(work, at, count, &reply);
        at += count;
        if (reply.kind != REPLY_DONE)
            suspect_end = at;
    }
    return messages;
}

/* Half of what was refused together, since somebody in it is to blame; else all. */
static size_t next_count(const struct work *work, size_t at, size_t suspect_end)
{
    size_t most = fitting(work, at);
    size_t wanted = work->count - at;

    if (at < suspect_end)
        wanted = suspect_end - at > 1 ? (suspect_end - at) / 2 : 1;
    return wanted < most ? wanted : most;
}

static struct reply send_some(struct work *work, size_t first, size_t count)
{
    struct session *session = work->session;
    struct message *request = &session->request;
    AUTO_PACKET packet = NULL;
    uint16_t id = 0;

    if (!message_new_id(&id))
        return (struct reply){ .kind = REPLY_NO_MEMORY };
    message_update(request, id, work->items[first]->zone);
    for (size_t i = first; i < first + count; i++) {
        const struct update_item *item = work->items[i];

        if (work->is_removal) {
            message_delete_txt(request, item->name, item->value);
        } else {
            message_add_txt(request, item->name, session->settings->ttl, item->value);
        }
    }
    if (request->is_full)
        return (struct reply){ .kind = REPLY_TOO_LONG };
    return session_ask(session, &packet);
}

/* How many fit into one message; at least one is tried. */
static size_t fitting(const struct work *work, size_t first)
{
    size_t size =
        MESSAGE_HEADER_SIZE + ldns_rdf_size(work->items[first]->zone) + 4 + TSIG_ROOM;
    size_t i = first;

    for (; i < work->count; i++) {
        size += message_txt_size(work->items[i]->name, work->items[i]->value);
        if (size > MESSAGE_MAX)
            break;
    }
    return i > first ? i - first : 1;
}

static void settle(struct work *work, size_t first, size_t count,
                   const struct reply *reply)
{
    for (size_t i = first; i < first + count; i++)
        work->items[i]->reply = *reply;
    if (reply->kind == REPLY_DONE) {
        work->accepted_count += count;
    } else {
        work->refused_count++;
    }
}

static bool is_hopeless(const struct work *work, const struct reply *reply)
{
    if (reply->kind == REPLY_DONE || reply->kind == REPLY_TOO_LONG)
        return false;
    if (!reply_is_about_content(reply))
        return true;
    return work->accepted_count == 0 && work->refused_count + 1 >= GIVE_UP;
}

static void tell(const struct work *work)
{
    for (size_t i = 0; i < work->count; i++) {
        struct update_item *item = work->items[i];

        if (item->reply.kind == REPLY_DONE) {
            item->status = ACMECORE_OK;
        } else if (!item->is_told) {
            tell_like(work, i);
        }
    }
}

/* One sentence for all that failed like this one. */
static void tell_like(const struct work *work, size_t first)
{
    const struct reply *reply = &work->items[first]->reply;
    struct name_text zone = name_format(work->items[first]->zone);
    char names[NAMES_MAX] = "";
    struct request_words words = { .verb = work->is_removal ? "remove" : "add",
                                   .records = names,
                                   .zone = zone.text,
                                   .key = &work->session->key };
    int status = ACMECORE_OK;

    list_names(work, reply, first, names, sizeof names);
    status = reply_fail(work->session->host, reply, &words);
    for (size_t i = first; i < work->count; i++) {
        if (reply_is_same(&work->items[i]->reply, reply)) {
            work->items[i]->status = status;
            work->items[i]->is_told = true;
        }
    }
}

static void list_names(const struct work *work, const struct reply *reply, size_t first,
                       char *room, size_t size)
{
    const ldns_rdf *last = NULL;
    size_t shown = 0, more = 0, used = 0;

    for (size_t i = first; i < work->count; i++) {
        const struct update_item *item = work->items[i];
        struct name_text text = name_format(item->name);

        if (!reply_is_same(&item->reply, reply)
            || (last && name_is_equal(last, item->name)))
            continue;
        last = item->name;
        if (shown > 0 && used + strlen(text.text) > NAMES_FEW) {
            more++;
            continue;
        }
        used += (size_t)snprintf(room + used, size - used, "%s%s",
                                 shown > 0 ? ", " : "", text.text);
        shown++;
    }
    if (more > 0)
        (void)snprintf(room + used, size - used, " and %zu more", more);
}
