/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/renewal/crl_note.h"

#include "base/clock.h"
#include "crypto/digest.h"

#include <stdlib.h>
#include <string.h>

#define DOCUMENT      "list.json"
#define CLOCK_SLACK_S 3600 /* a survey may be of some moments ago */
#define STEP          4    /* times longer after each failure */

void ac_crl_note_done(struct ac_crl_note *note)
{
    free(note->url);
    free(note->issuer);
    free(note->etag);
    free(note->last_modified);
    free(note->message);
    *note = (struct ac_crl_note){ 0 };
}

void ac_crl_note_name(const char *url, const char *issuer, char ret_name[65])
{
    char both[2 * AC_SHA256_HEX_SIZE];

    (void)ac_sha256_hex(issuer, strlen(issuer), both);
    (void)ac_sha256_hex(url, strlen(url), both + AC_SHA256_HEX_SIZE - 1);
    (void)ac_sha256_hex(both, strlen(both), ret_name);
}

/* ---- the document */

struct text_member {
    const char *name;
    size_t offset;
};

#define OF(member) offsetof(struct ac_crl_note, member)

static const struct text_member texts[] = {
    { "url", OF(url) },         { "issuer_key_sha256", OF(issuer) },
    { "etag", OF(etag) },       { "last_modified", OF(last_modified) },
    { "message", OF(message) },
};

static const struct text_member times[] = {
    { "this_update", OF(this_update) },     { "next_update", OF(next_update) },
    { "fetched_at", OF(fetched_at) },       { "next_fetch_at", OF(next_fetch_at) },
    { "failing_since", OF(failing_since) }, { "failed_at", OF(failed_at) },
    { "warned_at", OF(warned_at) },
};

static int64_t read_time(const struct ac_json *json, const char *name)
{
    const char *text = ac_json_text_or(json, name, NULL);
    struct ac_error ignored = { 0 };
    int64_t utc = 0;

    if (!text || ac_clock_parse(text, &utc, &ignored) != AC_OK || utc < 0)
        return 0;
    return utc;
}

/* What a member of each table has, wherever it is in the note. */
static char **text_of(struct ac_crl_note *note, size_t index)
{
    return (char **)(void *)((char *)note + texts[index].offset);
}

static int64_t *time_of(struct ac_crl_note *note, size_t index)
{
    return (int64_t *)(void *)((char *)note + times[index].offset);
}

static enum ac_code read_text(const struct ac_json *json, const char *name,
                              char **ret_text, struct ac_error *err)
{
    const char *text = ac_json_text_or(json, name, NULL);

    return text ? ac_memory_copy_text(text, ret_text, err) : AC_OK;
}

static enum ac_code read_document(const struct ac_json *json, struct ac_crl_note *note,
                                  struct ac_error *err)
{
    for (size_t i = 0; i < AC_COUNT(texts); i++)
        AC_TRY(read_text(json, texts[i].name, text_of(note, i), err));
    for (size_t i = 0; i < AC_COUNT(times); i++)
        *time_of(note, i) = read_time(json, times[i].name);
    note->failures = ac_json_number_or(json, "failures", 0);
    return AC_OK;
}

static bool is_of(const struct ac_crl_note *note, const char *url, const char *issuer)
{
    return note->url && note->issuer && strcmp(note->url, url) == 0
           && strcmp(note->issuer, issuer) == 0;
}

enum ac_code ac_crl_note_load(const struct ac_store *store, const char *url,
                              const char *issuer, struct ac_crl_note *ret_note,
                              struct ac_error *err)
{
    AC_AUTO(ac_crl_note) note = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    char name[AC_SHA256_HEX_SIZE];
    struct ac_error why = { 0 };

    ac_crl_note_name(url, issuer, name);
    enum ac_code code =
        ac_store_load(store, AC_STORE_CRLS, name, DOCUMENT, &json, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code == AC_OK)
        AC_TRY(read_document(json, &note, err));
    if (!is_of(&note, url, issuer)) { /* a note that is lost costs one request */
        ac_crl_note_done(&note);
        AC_TRY(ac_memory_copy_text(url, &note.url, err));
        AC_TRY(ac_memory_copy_text(issuer, &note.issuer, err));
    }
    *ret_note = note;
    note = (struct ac_crl_note){ 0 };
    return AC_OK;
}

static enum ac_code write_text(struct ac_json *json, const char *name, const char *text,
                               struct ac_error *err)
{
    return text ? ac_json_set_text(json, name, text, err) : AC_OK;
}

enum ac_code ac_crl_note_save(struct ac_crl_note *note, struct ac_store *store,
                              struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    char name[AC_SHA256_HEX_SIZE];

    AC_TRY(ac_json_new(&json, err, "{}"));
    for (size_t i = 0; i < AC_COUNT(texts); i++)
        AC_TRY(write_text(json, texts[i].name, *text_of(note, i), err));
    for (size_t i = 0; i < AC_COUNT(times); i++)
        AC_TRY(ac_json_set_time(json, times[i].name, *time_of(note, i), err));
    if (note->failures > 0)
        AC_TRY(ac_json_set_number(json, "failures", note->failures, err));
    ac_crl_note_name(note->url, note->issuer, name);
    return ac_store_save(store, AC_STORE_CRLS, name, DOCUMENT, json, err);
}

/* ---- when */

/* A clock that was set back must not silence it for long. */
bool ac_crl_note_is_due(const struct ac_crl_note *note, int64_t utc)
{
    return note->next_fetch_at <= utc
           || note->next_fetch_at > utc + AC_CRL_FETCH_MAX_S + CLOCK_SLACK_S;
}

void ac_crl_note_succeed(struct ac_crl_note *note, int64_t this_update,
                         int64_t next_update, int64_t utc)
{
    int64_t delay_s = (next_update - this_update) / 2;

    if (delay_s > AC_CRL_FETCH_MAX_S)
        delay_s = AC_CRL_FETCH_MAX_S;
    if (delay_s > next_update - utc)
        delay_s = next_update - utc;
    if (delay_s < AC_CRL_FETCH_MIN_S)
        delay_s = AC_CRL_FETCH_MIN_S;
    note->this_update = this_update;
    note->next_update = next_update;
    note->fetched_at = utc;
    note->next_fetch_at = utc + delay_s;
    note->failures = note->failing_since = note->failed_at = note->warned_at = 0;
    free(note->message);
    note->message = NULL;
}

enum ac_code ac_crl_note_fail(struct ac_crl_note *note, const char *message,
                              int64_t utc, struct ac_error *err)
{
    int64_t delay_s = AC_CRL_FETCH_MIN_S;
    char *copy = NULL;

    AC_TRY(ac_memory_copy_text(message, &copy, err));
    for (int64_t i = 0; i < note->failures && delay_s < AC_CRL_FETCH_MAX_S; i++)
        delay_s *= STEP;
    if (delay_s > AC_CRL_FETCH_MAX_S)
        delay_s = AC_CRL_FETCH_MAX_S;
    if (note->failures == 0 || note->failing_since == 0)
        note->failing_since = utc;
    note->failures++;
    note->failed_at = utc;
    note->next_fetch_at = utc + delay_s;
    free(note->message);
    note->message = copy;
    return AC_OK;
}

bool ac_crl_note_takes_warning(struct ac_crl_note *note, int64_t utc)
{
    if (note->failures == 0 || utc - note->failing_since < AC_CRL_WARN_AFTER_S)
        return false;
    if (note->warned_at <= utc && utc - note->warned_at < AC_CRL_FETCH_MAX_S)
        return false;
    note->warned_at = utc;
    return true;
}

/* ---- lists that nobody needs any more */

static enum ac_code forget_if_old(struct ac_store *store, const char *name, int64_t utc,
                                  struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO_TEXT char *path = NULL;
    struct ac_error why = { 0 };
    int64_t used_at = 0;

    enum ac_code code =
        ac_store_load(store, AC_STORE_CRLS, name, DOCUMENT, &json, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code == AC_OK) {
        int64_t fetched_at = read_time(json, "fetched_at");

        used_at = read_time(json, "failed_at");
        used_at = fetched_at > used_at ? fetched_at : used_at;
    }
    if (code != AC_OK || utc - used_at < AC_CRL_FORGET_S)
        return AC_OK;
    AC_TRY(ac_store_path(store, AC_STORE_CRLS, name, NULL, &path, err));
    return ac_file_remove_tree(path, err);
}

enum ac_code ac_crl_note_forget_old(struct ac_store *store, int64_t utc,
                                    struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_store_list(store, AC_STORE_CRLS, &names, err));
    for (size_t i = 0; i < names.count; i++)
        AC_TRY(forget_if_old(store, names.items[i], utc, err));
    return AC_OK;
}
