/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/limits.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

#define DOCUMENT "limits.json"
#define UNTIL    "until"        /* of the account: {"at","since","why"} */
#define REFUSED  "certificates" /* name: the same */
#define ORDERS   "orders_full_at"
#define FAILURES "names_full_at" /* name: UTC seconds */
#define IN_A_ROW "refused_in_a_row"

/* So many certificates that are refused one after the other mean the account. */
#define IN_A_ROW_MAX 2

struct ac_limits {
    struct ac_store *store; /* borrowed */
    char *folder;
    struct ac_ca_limits limits;
    struct ac_json *document; /* NULL: not read yet */
};

enum ac_code ac_limits_new(struct ac_store *store, const char *folder,
                           const struct ac_ca_limits *limits,
                           struct ac_limits **ret_limits, struct ac_error *err)
{
    AC_AUTO(ac_limits) *made = NULL;

    AC_TRY(ac_memory_new(1, sizeof *made, (void *)&made, err));
    made->store = store;
    made->limits = *limits;
    AC_TRY(ac_memory_copy_text(folder, &made->folder, err));
    *ret_limits = AC_TAKE(made);
    return AC_OK;
}

void ac_limits_free(struct ac_limits *limits)
{
    if (!limits)
        return;
    free(limits->folder);
    ac_json_free(limits->document);
    free(limits);
}

static enum ac_code load(struct ac_limits *limits, struct ac_error *err)
{
    if (limits->document)
        return AC_OK;
    enum ac_code code = ac_store_load(limits->store, AC_STORE_ACCOUNTS, limits->folder,
                                      DOCUMENT, &limits->document, err);
    if (code == AC_E_NOTFOUND || code == AC_E_STORE)
        return ac_json_new(&limits->document, err, "{}");
    return code;
}

static enum ac_code save(struct ac_limits *limits, struct ac_error *err)
{
    return ac_store_save(limits->store, AC_STORE_ACCOUNTS, limits->folder, DOCUMENT,
                         limits->document, err);
}

/* What is there, as it is changed: an object of the document, without what is over. */
static enum ac_code copy_live(const struct ac_limits *limits, const char *member,
                              int64_t utc, struct ac_json **ret_object,
                              struct ac_error *err)
{
    const struct ac_json *old = ac_json_get(limits->document, member);
    AC_AUTO(ac_json) *object = NULL;
    size_t kept = 0;

    AC_TRY(ac_json_new(&object, err, "{}"));
    for (size_t i = 0; i < ac_json_count(old) && kept < AC_LIMITS_ENTRIES_MAX; i++) {
        const char *name = NULL;
        const struct ac_json *value = ac_json_member(old, i, &name);
        int64_t at = ac_json_is_object(value) ? ac_json_number_or(value, "at", 0)
                                              : ac_json_number_or(old, name, 0);
        AC_AUTO(ac_json) *copy = NULL;

        if (at <= utc)
            continue;
        AC_TRY(ac_json_copy(value, &copy, err));
        AC_TRY(ac_json_set(object, name, &copy, err));
        kept++;
    }
    *ret_object = AC_TAKE(object);
    return AC_OK;
}

/* ---- until when */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t until_of(const struct ac_json *entry, int64_t patience_s, int64_t utc,
                        const char **ret_why)
{
    int64_t at = ac_json_number_or(entry, "at", 0);
    int64_t since = least(ac_json_number_or(entry, "since", 0), utc);

    /* A clock that was set back must not keep us waiting for ever. */
    if (at > utc + AC_LIMITS_WAIT_MAX_S)
        return 0;
    at = least(at, since + patience_s);
    if (at <= utc)
        return 0;
    *ret_why = ac_json_text_or(entry, "why", "");
    return at;
}

int64_t ac_limits_until(struct ac_limits *limits, const char *certificate,
                        int64_t patience_s, int64_t utc, const char **ret_why)
{
    struct ac_error ignored;
    int64_t until;

    *ret_why = "";
    if (load(limits, &ignored) != AC_OK)
        return 0;
    until = until_of(ac_json_get(limits->document, UNTIL), patience_s, utc, ret_why);
    if (until == 0 && certificate) {
        until =
            until_of(ac_json_get(ac_json_get(limits->document, REFUSED), certificate),
                     patience_s, utc, ret_why);
    }
    return until;
}

static enum ac_code make_entry(int64_t wait_s, const char *why, int64_t utc,
                               struct ac_json **ret_entry, struct ac_error *err)
{
    AC_AUTO(ac_json) *entry = NULL;

    if (wait_s <= 0)
        wait_s = AC_LIMITS_PAUSE_S;
    AC_TRY(ac_json_new(&entry, err, "{s:s}", "why", why));
    AC_TRY(ac_json_set_number(entry, "since", utc, err));
    AC_TRY(ac_json_set_number(entry, "at", utc + least(wait_s, AC_LIMITS_WAIT_MAX_S),
                              err));
    *ret_entry = AC_TAKE(entry);
    return AC_OK;
}

static enum ac_code note_of_account(struct ac_limits *limits, int64_t wait_s,
                                    const char *why, int64_t utc, struct ac_error *err)
{
    AC_AUTO(ac_json) *entry = NULL;

    AC_TRY(make_entry(wait_s, why, utc, &entry, err));
    return ac_json_set(limits->document, UNTIL, &entry, err);
}

static enum ac_code note_of_certificate(struct ac_limits *limits,
                                        const char *certificate, int64_t wait_s,
                                        const char *why, int64_t utc,
                                        struct ac_error *err)
{
    AC_AUTO(ac_json) *refused = NULL;
    AC_AUTO(ac_json) *entry = NULL;

    AC_TRY(copy_live(limits, REFUSED, utc, &refused, err));
    AC_TRY(make_entry(wait_s, why, utc, &entry, err));
    AC_TRY(ac_json_set(refused, certificate, &entry, err));
    return ac_json_set(limits->document, REFUSED, &refused, err);
}

/* How long each is refused is its own: what they have in common is a guess, and must
 * not cost the others more than an hour. */
static enum ac_code note_in_a_row(struct ac_limits *limits, int64_t wait_s,
                                  const char *why, int64_t utc, struct ac_error *err)
{
    int64_t in_a_row = ac_json_number_or(limits->document, IN_A_ROW, 0) + 1;

    if (wait_s > 0 && in_a_row >= IN_A_ROW_MAX)
        return note_of_account(limits, least(wait_s, AC_LIMITS_PAUSE_S), why, utc, err);
    return ac_json_set_number(limits->document, IN_A_ROW, in_a_row, err);
}

enum ac_code ac_limits_note_refusal(struct ac_limits *limits, const char *certificate,
                                    int64_t wait_s, const char *why, int64_t utc,
                                    struct ac_error *err)
{
    AC_TRY(load(limits, err));
    if (certificate) {
        AC_TRY(note_of_certificate(limits, certificate, wait_s, why, utc, err));
        AC_TRY(note_in_a_row(limits, wait_s, why, utc, err));
    } else {
        AC_TRY(note_of_account(limits, wait_s, why, utc, err));
    }
    return save(limits, err);
}

/* ---- what is used up: a bucket is known by the moment when it is full again */

static int64_t interval_s(uint32_t count, uint32_t window_s)
{
    int64_t interval = count > 0 ? (int64_t)window_s / count : 0;

    return interval > 0 ? interval : 1;
}

/* When one more may be taken. */
static int64_t next_at(int64_t full_at, uint32_t count, uint32_t window_s, int64_t utc)
{
    if (count == 0 || full_at > utc + window_s + interval_s(count, window_s))
        return utc; /* no limit is known, or the clock was set back */
    return full_at + interval_s(count, window_s) - (int64_t)window_s;
}

static int64_t taken(int64_t full_at, uint32_t count, uint32_t window_s, int64_t utc)
{
    if (full_at < utc || full_at > utc + window_s + interval_s(count, window_s))
        full_at = utc;
    return full_at + interval_s(count, window_s);
}

int64_t ac_limits_order_at(struct ac_limits *limits, int64_t utc)
{
    const struct ac_ca_limits *own = &limits->limits;
    struct ac_error ignored;

    if (own->orders == 0 || load(limits, &ignored) != AC_OK)
        return utc;
    return next_at(ac_json_number_or(limits->document, ORDERS, 0), own->orders,
                   own->orders_window_s, utc);
}

/* Is there anything to be written at all? Most CAs tell no limits. */
static bool has_news(const struct ac_limits *limits, const char *certificate)
{
    const struct ac_json *refused = ac_json_get(limits->document, REFUSED);

    return limits->limits.orders > 0 || ac_json_get(limits->document, IN_A_ROW)
           || ac_json_get(refused, certificate);
}

enum ac_code ac_limits_note_order(struct ac_limits *limits, const char *certificate,
                                  int64_t utc, struct ac_error *err)
{
    const struct ac_ca_limits *own = &limits->limits;
    AC_AUTO(ac_json) *refused = NULL;

    AC_TRY(load(limits, err));
    if (!has_news(limits, certificate))
        return AC_OK;
    if (own->orders > 0) {
        int64_t full_at = ac_json_number_or(limits->document, ORDERS, 0);

        AC_TRY(ac_json_set_number(
            limits->document, ORDERS,
            taken(full_at, own->orders, own->orders_window_s, utc), err));
    }
    ac_json_unset(limits->document, IN_A_ROW);
    AC_TRY(copy_live(limits, REFUSED, utc, &refused, err));
    ac_json_unset(refused, certificate);
    AC_TRY(ac_json_set(limits->document, REFUSED, &refused, err));
    return save(limits, err);
}

int64_t ac_limits_name_at(struct ac_limits *limits, const char *name, int64_t utc)
{
    const struct ac_ca_limits *own = &limits->limits;
    struct ac_error ignored;

    if (own->failures == 0 || load(limits, &ignored) != AC_OK)
        return utc;
    return next_at(ac_json_number_or(ac_json_get(limits->document, FAILURES), name, 0),
                   own->failures, own->failures_window_s, utc);
}

enum ac_code ac_limits_note_failure(struct ac_limits *limits, const char *name,
                                    int64_t utc, struct ac_error *err)
{
    const struct ac_ca_limits *own = &limits->limits;
    AC_AUTO(ac_json) *names = NULL;

    if (own->failures == 0)
        return AC_OK;
    AC_TRY(load(limits, err));
    AC_TRY(copy_live(limits, FAILURES, utc, &names, err));
    AC_TRY(ac_json_set_number(names, name,
                              taken(ac_json_number_or(names, name, 0), own->failures,
                                    own->failures_window_s, utc),
                              err));
    AC_TRY(ac_json_set(limits->document, FAILURES, &names, err));
    return save(limits, err);
}
