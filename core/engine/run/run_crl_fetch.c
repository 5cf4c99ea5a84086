/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "engine/held/revocable.h"
#include "engine/renewal/crl_reach.h"
#include "engine/run/run_crls.h"
#include "engine/run/run_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST           "list.der"
#define VALIDATOR_MAX  200 /* of ETag and Last-Modified; longer ones are not used */
#define HEADER_SIZE    (VALIDATOR_MAX + 32)
#define STATUS_OK      200
#define STATUS_THE_OLD 304

void ac_crl_fetch_end(struct ac_crl_fetch *fetch)
{
    ac_exchange_free(AC_TAKE(fetch->exchange));
    ac_crl_free(AC_TAKE(fetch->crl));
    ac_crl_free(AC_TAKE(fetch->held));
    ac_chain_free(AC_TAKE(fetch->chain));
    ac_lock_free(AC_TAKE(fetch->lock));
}

void ac_crl_fetch_done(struct ac_crl_fetch *fetch)
{
    ac_crl_fetch_end(fetch);
    ac_crl_note_done(&fetch->note);
}

/* ---- asking */

static enum ac_crl_reach reach_of(const struct ac_revocable *held)
{
    struct ac_authority_place place =
        ac_authority_place_of(&held->wanted, held->issuer_url);

    if (!held->issuer_url)
        return AC_CRL_NOT_BY_NAME;
    if (place.is_borrowed) /* roots of another CA do not make this one a private one */
        place = (struct ac_authority_place){ .directory_url = held->issuer_url };
    return ac_crl_reach_of(&place);
}

static enum ac_code take_chain(struct ac_crl_fetch *fetch, struct ac_revocable *held,
                               const char *serial, struct ac_error *err)
{
    for (size_t i = 0; i < held->count && !fetch->chain; i++) {
        if (strcmp(ac_chain_serial(held->chains[i]), serial) == 0)
            fetch->chain = AC_TAKE(held->chains[i]);
    }
    return fetch->chain ? AC_OK
                        : ac_fail(err, AC_E_NOTFOUND, "\"%s\" is another certificate",
                                  held->name);
}

/* One that is stale, damaged or not there is none: the new one comes whole. */
static enum ac_code load_held(struct ac_crl_fetch *fetch, const struct ac_store *store,
                              const char *name, struct ac_error *err)
{
    AC_AUTO(ac_text) der = { 0 };
    struct ac_error why = { 0 };

    enum ac_code code =
        ac_store_read_long(store, AC_STORE_CRLS, name, LIST, &der, &why);
    if (code == AC_OK)
        code = ac_crl_read(&der, fetch->chain, ac_clock_utc(), &fetch->held, &why);
    return code == AC_E_NOMEM ? ac_fail(err, code, "%s", why.detail) : AC_OK;
}

/* RFC 9110 13.1: only where the answer "the same" would be of use. */
static void add_validator(const struct ac_crl_fetch *fetch, char lines[2][HEADER_SIZE],
                          const char *headers[3])
{
    const struct ac_crl_note *note = &fetch->note;
    size_t count = 0;

    if (fetch->held && note->etag) {
        (void)snprintf(lines[0], HEADER_SIZE, "If-None-Match: %s", note->etag);
        headers[count++] = lines[0];
    }
    if (fetch->held && note->last_modified) {
        (void)snprintf(lines[1], HEADER_SIZE, "If-Modified-Since: %s",
                       note->last_modified);
        headers[count++] = lines[1];
    }
    headers[count] = NULL;
}

static enum ac_code ask(struct ac_crl_fetch *fetch, struct ac_run *run,
                        enum ac_crl_reach reach, struct ac_error *err)
{
    char lines[2][HEADER_SIZE];
    const char *headers[3];
    struct ac_http *http;
    const struct ac_http_request request = {
        .method = AC_HTTP_GET,
        .url = fetch->note.url,
        .headers = headers,
        .body_max = AC_CRL_BYTES_MAX,
        .deadline_ms = ac_clock_after_ms(fetch->limit_ms),
        .follows_redirects = true,
        .is_plain = true, /* RFC 5280 8: what is signed needs no TLS */
        .is_foreign = true,
        .stays_public = true,
        .is_public_only = reach == AC_CRL_PUBLIC_ONLY,
        .uses_proxy = true,
    };

    add_validator(fetch, lines, headers);
    AC_TRY(ac_crl_reach_check(reach, fetch->note.url, err));
    AC_TRY(ac_loop_http(run->loop, NULL, &http, err)); /* it is there by now */
    return ac_http_start(http, &request, &fetch->exchange, err);
}

/* One that cannot even be asked for has failed like one that does not come. */
static enum ac_code note_failure(struct ac_crl_fetch *fetch, const struct ac_error *why,
                                 struct ac_error *err)
{
    int64_t utc = ac_clock_utc();
    char since[AC_CLOCK_TEXT_SIZE];

    AC_TRY(ac_crl_note_fail(&fetch->note, why->detail, utc, err));
    ac_log(AC_LOG_INFO, "crl.failed", "url", fetch->note.url, "text", why->detail,
           NULL);
    if (!ac_crl_note_takes_warning(&fetch->note, utc))
        return AC_OK;
    ac_log_say(AC_LOG_WARN,
               "the revocation list %s has been of no use since %s: %s; what this CA "
               "revokes is not noticed (crl-check = off gives that up)",
               fetch->note.url, ac_clock_format(fetch->note.failing_since, since),
               why->detail);
    return AC_OK;
}

enum ac_code ac_crl_fetch_begin(struct ac_crl_fetch *fetch, struct ac_run *run,
                                const char *name, const char *serial,
                                struct ac_error *err)
{
    struct ac_store *store = run->settings.store;
    AC_AUTO(ac_revocable) held = { 0 };
    char folder[AC_SHA256_HEX_SIZE];
    struct ac_error why = { 0 };

    ac_crl_fetch_end(fetch);
    ac_crl_note_name(fetch->note.url, fetch->note.issuer, folder);
    AC_TRY(ac_revocable_find(store, name, &held, err));
    AC_TRY(take_chain(fetch, &held, serial, err));
    AC_TRY(ac_store_lock(store, AC_STORE_CRLS, folder, &fetch->lock, err));
    AC_TRY(load_held(fetch, store, folder, err));
    enum ac_code code = ask(fetch, run, reach_of(&held), &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    return code == AC_OK ? AC_OK : note_failure(fetch, &why, err);
}

bool ac_crl_fetch_is_done(const struct ac_crl_fetch *fetch)
{
    return !fetch->exchange || ac_exchange_is_done(fetch->exchange);
}

/* ---- what came */

static enum ac_code take_validator(const struct ac_exchange *exchange, const char *name,
                                   char **place, struct ac_error *err)
{
    const char *value = ac_exchange_header(exchange, name, 0);
    char *copy = NULL;

    if (value && strlen(value) > 0 && strlen(value) <= VALIDATOR_MAX)
        AC_TRY(ac_memory_copy_text(value, &copy, err));
    free(*place);
    *place = copy;
    return AC_OK;
}

/* The bytes are read as the list of the certificate, and kept when they are newer. Who
 * is on the way may replay an old list; it is not taken over a newer one. */
static enum ac_code take_body(struct ac_crl_fetch *fetch, struct ac_store *store,
                              struct ac_error *err)
{
    AC_AUTO(ac_text) der = { .limit = AC_CRL_BYTES_MAX };
    AC_AUTO(ac_crl) *crl = NULL;
    char folder[AC_SHA256_HEX_SIZE];
    size_t size;

    const char *bytes = ac_exchange_body(fetch->exchange, &size);
    AC_TRY(ac_text_add(&der, bytes, size, err));
    AC_TRY(ac_crl_read(&der, fetch->chain, ac_clock_utc(), &crl, err));
    if (fetch->held && ac_crl_this_update(crl) < ac_crl_this_update(fetch->held)) {
        return ac_fail(err, AC_E_INVALID, "%s gives an older list than it gave before",
                       fetch->note.url);
    }
    ac_crl_note_name(fetch->note.url, fetch->note.issuer, folder);
    AC_TRY(ac_store_write(store, AC_STORE_CRLS, folder, LIST, ac_crl_der(crl), err));
    AC_TRY(take_validator(fetch->exchange, "ETag", &fetch->note.etag, err));
    AC_TRY(take_validator(fetch->exchange, "Last-Modified", &fetch->note.last_modified,
                          err));
    fetch->crl = AC_TAKE(crl);
    return AC_OK;
}

static enum ac_code take_answer(struct ac_crl_fetch *fetch, struct ac_store *store,
                                struct ac_error *err)
{
    AC_TRY(ac_exchange_result(fetch->exchange, err));
    long status = ac_exchange_status(fetch->exchange);
    if (status == STATUS_THE_OLD && fetch->held) {
        fetch->crl = AC_TAKE(fetch->held);
        return AC_OK;
    }
    if (status == STATUS_OK)
        return take_body(fetch, store, err);
    return ac_fail(err, AC_E_NETWORK, "%s answers with HTTP status %ld",
                   ac_exchange_url(fetch->exchange), status);
}

enum ac_code ac_crl_fetch_finish(struct ac_crl_fetch *fetch, struct ac_run *run,
                                 struct ac_error *err)
{
    struct ac_error why = { 0 };
    char count[24];

    if (!fetch->exchange) /* it could not be asked for; that is noted */
        return AC_OK;
    enum ac_code code = take_answer(fetch, run->settings.store, &why);
    ac_exchange_free(AC_TAKE(fetch->exchange));
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK)
        return note_failure(fetch, &why, err);
    ac_crl_note_succeed(&fetch->note, ac_crl_this_update(fetch->crl),
                        ac_crl_next_update(fetch->crl), ac_clock_utc());
    (void)snprintf(count, sizeof count, "%zu", ac_crl_count(fetch->crl));
    ac_log(AC_LOG_INFO, "crl.read", "url", fetch->note.url, "revoked", count, NULL);
    return AC_OK;
}

enum ac_code ac_crl_fetch_keep_note(struct ac_crl_fetch *fetch, struct ac_store *store,
                                    struct ac_error *err)
{
    struct ac_error why = { 0 };
    enum ac_code code = ac_crl_note_save(&fetch->note, store, &why);

    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK) { /* it costs one request more, the next time */
        ac_log(AC_LOG_INFO, "crl.unnoted", "url", fetch->note.url, "text", why.detail,
               NULL);
    }
    return AC_OK;
}
