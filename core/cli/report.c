/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"

#include "base/clock.h"
#include "cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ESCAPE_SIZE 4 /* "\\xNN", for one octet */

enum exit_code {
    EXIT_DONE = 0,
    EXIT_SEVERAL = 1,
    EXIT_USAGE = 2,
    EXIT_REFUSED = 3,
    EXIT_CHALLENGE = 4,
    EXIT_CA = 5,
    EXIT_PLUGIN = 6,
    EXIT_INSTALLER = 7,
    EXIT_LOCKED = 8,
    EXIT_STORE = 9,
    EXIT_RATE_LIMITED = 10,
    EXIT_FAILING = 20, /* of status, for a monitor */
    EXIT_EXPIRED = 21,
    EXIT_SIGNAL = 128
};

/* Each code: how the run ends, its stable word, and what a person does next. */
static const struct code_rule {
    int exit;
    const char *hint_id;
    const char *hint;
} code_rules[AC_CODE_COUNT] = {
    [AC_OK] = { EXIT_DONE, "ok", "" },
    [AC_E_NOMEM] = { EXIT_STORE, "no-memory", "Free some memory and run it again." },
    [AC_E_USAGE] = { EXIT_USAGE, "usage", "" },
    [AC_E_INVALID] = { EXIT_CA, "invalid", "" },
    [AC_E_NOTFOUND] = { EXIT_USAGE, "not-found", "" },
    [AC_E_STORE] = { EXIT_STORE, "store",
                     "Mend this, or name another folder with --state-dir, and run it "
                     "again." },
    [AC_E_LOCKED] = { EXIT_LOCKED, "locked",
                      "Wait for the other run to end, then run it again." },
    [AC_E_NETWORK] = { EXIT_CA, "ca-unreachable",
                       "Check the network and --server, then run the same command "
                       "again." },
    [AC_E_PROTOCOL] = { EXIT_CA, "ca-protocol",
                        "Check --server: is that the URL of a CA's directory? If it "
                        "is and this stays so, tell the CA's operator; --trace shows "
                        "the exchange." },
    [AC_E_PROBLEM] = { EXIT_REFUSED, "ca-refused", "" },
    [AC_E_RATE_LIMITED] = { EXIT_RATE_LIMITED, "rate-limited", "" },
    [AC_E_CHALLENGE] = { EXIT_CHALLENGE, "challenge-failed",
                         "Make the answer visible to the CA (name, port, firewall, "
                         "redirects), then run it again; every failure counts against "
                         "the "
                         "CA's limits." },
    [AC_E_PLUGIN] = { EXIT_PLUGIN, "plugin-failed",
                      "acmecore plugin show PLUGIN lists its options; -vv shows what "
                      "it "
                      "logged." },
    [AC_E_INSTALLER] = { EXIT_INSTALLER, "installer-failed",
                         "It is tried again by the next renew." },
    [AC_E_TIMEOUT] = { EXIT_CA, "timeout",
                       "Run the same command again: it continues where this one "
                       "ended." },
    [AC_E_CANCELLED] = { EXIT_SIGNAL, "cancelled",
                         "Run the same command again: it continues where this one "
                         "ended." },
    [AC_E_SEVERAL] = { EXIT_SEVERAL, "several", "" },
    [AC_E_SYSTEM] = { EXIT_STORE, "system", "" },
    [AC_E_FAILING] = { EXIT_FAILING, "failing", "" },
    [AC_E_EXPIRED] = { EXIT_EXPIRED, "expired", "" },
};

/* Problem types that ask for something else than their code's advice (RFC 8555 6.7). */
static const struct problem_rule {
    const char *type;
    const char *hint_id;
    const char *hint;
} problem_rules[] = {
    { "badCSR", "bad-csr",
      "Try another --key-type: all CAs take ecdsa-p256 and rsa-2048, most take "
      "ecdsa-p384, rsa-3072 and rsa-4096, few take ecdsa-p521 or ed25519." },
    { "badPublicKey", "bad-key",
      "Try another key: all CAs take ecdsa-p256 and rsa-2048, most take ecdsa-p384, "
      "rsa-3072 and rsa-4096, few take ecdsa-p521 or ed25519 (--key-type)." },
    { "badSignatureAlgorithm", "bad-algorithm",
      "The CA takes another kind of account key." },
    { "caa", "caa",
      "Check the CAA records of the name and of the domains above it: they must allow "
      "this "
      "CA." },
    { "externalAccountRequired", "eab-required",
      "Get a key id and a MAC key from the CA and give --eab-kid and "
      "--eab-hmac-key-file." },
    { "invalidProfile", "profile",
      "acmecore directory lists the profiles of the CA; give another one, or --profile "
      "in place of --required-profile." },
    { "invalidContact", "contact", "Give another --contact." },
    { "unsupportedContact", "contact", "Give a mail address with --contact." },
    { "rejectedIdentifier", "rejected-name",
      "The CA does not issue for a name of these; leave it out or ask another CA." },
    { "unsupportedIdentifier", "unsupported-name",
      "The CA does not issue for this kind of name; ask another CA." },
    { "userActionRequired", "user-action",
      "Visit the URL in the message; then run it again with --agree-tos." },
    { "accountDoesNotExist", "no-account",
      "Has the CA lost its accounts? acmecore account register --agree-tos, with the "
      "same "
      "--server and --state-dir, registers it again." },
    { "unauthorized", "unauthorized", "" },
    { "serverInternal", "ca-trouble",
      "The CA has trouble of its own; try again later." },
};

#define BROKEN_PLUGIN                                                                  \
    "That is a fault of the plugin, and costs nothing else: acmecore plugin check "    \
    "PLUGIN finds out more; install another version of it, or tell its author."

#define FAILED_COMMAND                                                                 \
    "That is the command's failure, not ours: run it by hand to see all that it "      \
    "says. "                                                                           \
    "The next run tries again."

#define WITH_FORCE "--force would begin"
#define WITHOUT_FORCE                                                                  \
    "Run the same command again without --force: it continues where this one ended."

/* What can be told from our own words alone. */
static const struct detail_rule {
    enum ac_code code;
    const char *part; /* of the detail */
    const char *hint;
    const char *problem; /* the CA's; NULL: any, or none */
} detail_rules[] = {
    { AC_E_PROBLEM, "newOrder: ",
      "Was the account deactivated or revoked at the CA? Then acmecore account "
      "deactivate "
      "sets it aside here, and acmecore account register makes a new one.",
      "unauthorized" },
    { AC_E_CHALLENGE, "self-check: ",
      "The CA was not asked yet, so this counts against no limit. Make the answer "
      "visible from here, look elsewhere with --self-check-via HOST:PORT, or leave it "
      "to the CA with --self-check=warn.",
      NULL },
    { AC_E_PLUGIN, ": it ended with exit code ", FAILED_COMMAND, NULL },
    { AC_E_PLUGIN, "-hook: ", FAILED_COMMAND, NULL },
    { AC_E_PLUGIN, " crashed in ", BROKEN_PLUGIN, NULL },
    { AC_E_PLUGIN, " was killed in ", BROKEN_PLUGIN, NULL },
    { AC_E_PLUGIN, " hung in ", BROKEN_PLUGIN, NULL },
    { AC_E_PLUGIN, " flooded its ", BROKEN_PLUGIN, NULL },
    { AC_E_PLUGIN, " with exit code ", BROKEN_PLUGIN, NULL },
    { AC_E_PLUGIN, "which is no result", BROKEN_PLUGIN, NULL },
    { AC_E_CANCELLED, "order was given up", "The same command begins another one.",
      NULL },
    { AC_E_CANCELLED, WITH_FORCE, WITHOUT_FORCE, NULL },
    { AC_E_TIMEOUT, WITH_FORCE, WITHOUT_FORCE, NULL },
    { AC_E_USAGE, " is refused: ",
      "acmecore plugin list says of each plugin whether it can be used, and acmecore "
      "plugin check FILE what else is wrong with it.",
      NULL },
    { AC_E_NETWORK, "unexpected TLS packet",
      "What answers at that port speaks no TLS: it is probably a plain HTTP port; "
      "check "
      "the port in --server.",
      NULL },
};

static const char *detail_hint(const struct ac_error *err)
{
    for (size_t i = 0; i < AC_COUNT(detail_rules); i++) {
        const struct detail_rule *rule = &detail_rules[i];

        if (err->code == rule->code && strstr(err->detail, rule->part)
            && (!rule->problem || strcmp(rule->problem, err->problem) == 0))
            return rule->hint;
    }
    return NULL;
}

static const struct problem_rule *problem_rule(const struct ac_error *err)
{
    for (size_t i = 0; i < AC_COUNT(problem_rules); i++) {
        if (err->code == AC_E_PROBLEM
            && strcmp(problem_rules[i].type, err->problem) == 0)
            return &problem_rules[i];
    }
    return NULL;
}

int ac_report_exit_code(const struct ac_error *err)
{
    if (err->code == AC_E_CANCELLED)
        return EXIT_SIGNAL + ac_clock_cancelled();
    return code_rules[err->code].exit;
}

const char *ac_report_hint_id(const struct ac_error *err)
{
    const struct problem_rule *rule = problem_rule(err);

    return rule ? rule->hint_id : code_rules[err->code].hint_id;
}

const char *ac_report_hint(const struct ac_error *err)
{
    const struct problem_rule *rule = problem_rule(err);
    const char *hint = detail_hint(err);

    if (hint)
        return hint;
    return rule ? rule->hint : code_rules[err->code].hint;
}

/* "2026-11-22T03:48:30Z": when to come back; "" when the CA did not say. */
static const char *come_back(const struct ac_error *err, char text[AC_CLOCK_TEXT_SIZE])
{
    if (err->retry_after == 0)
        return "";
    return ac_clock_format(ac_clock_utc() + err->retry_after, text);
}

enum ac_code ac_report_error_json(const struct ac_error *err, struct ac_json **ret_json,
                                  struct ac_error *ret_err)
{
    AC_AUTO(ac_json) *json = NULL;
    char back[AC_CLOCK_TEXT_SIZE];

    AC_TRY(ac_json_new(&json, ret_err, "{s:s, s:i, s:s, s:s, s:s}", "code",
                       ac_code_name(err->code), "exit", ac_report_exit_code(err),
                       "hint", ac_report_hint_id(err), "message", err->detail, "advice",
                       ac_report_hint(err)));
    if (err->problem[0] != '\0')
        AC_TRY(ac_json_set_text(json, "problem_type", err->problem, ret_err));
    if (err->http_status > 0)
        AC_TRY(ac_json_set_number(json, "http_status", err->http_status, ret_err));
    if (err->retry_after > 0) {
        AC_TRY(ac_json_set_number(json, "retry_after_s", err->retry_after, ret_err));
        AC_TRY(ac_json_set_text(json, "retry_at", come_back(err, back), ret_err));
    }
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

/* ---- printing: nothing from outside moves a cursor or is in disguise */

enum ac_code ac_report_print(const char *text, struct ac_error *err)
{
    AC_AUTO_TEXT char *clean = NULL;

    /* Room for the longest escape of each octet, and for a NUL. */
    AC_TRY(ac_memory_new(strlen(text) + 1, ESCAPE_SIZE, &clean, err));
    for (char *at = clean; *text != '\0';) {
        size_t size = strcspn(text, "\n");

        (void)ac_text_clean(at, size * ESCAPE_SIZE + 1, text, size);
        at += strlen(at);
        text += size;
        if (*text == '\n')
            *at++ = *text++;
    }
    return ac_output_print(clean, err);
}

/*
 * The character at `text` if it is one of those that ac_text_clean escapes and JSON may
 * hold as it is: DEL, C1, and the bidirectional overrides. *ret_size: its octets.
 */
static unsigned disguise_at(const char *text, size_t *ret_size)
{
    static const char *const lead[] = { "\x7F", "\xC2", "\xE2\x80", "\xE2\x81" };
    static const struct {
        unsigned char first, last; /* octet after the lead */
        unsigned base;             /* character = base + octet */
    } ranges[] = {
        { 0, 0, 0x7F },
        { 0x80, 0x9F, 0 },
        { 0xAA, 0xAE, 0x2000 - 0x80 },
        { 0xA6, 0xA9, 0x2040 - 0x80 },
    };

    for (size_t i = 0; i < AC_COUNT(lead); i++) {
        size_t size = strlen(lead[i]);
        unsigned char next;

        if (strncmp(text, lead[i], size) != 0)
            continue;
        next = ranges[i].last ? (unsigned char)text[size++] : 0;
        *ret_size = size;
        if (next >= ranges[i].first && next <= ranges[i].last)
            return ranges[i].base + next;
    }
    return 0;
}

enum ac_code ac_report_print_json(const struct ac_json *json, struct ac_error *err)
{
    AC_AUTO_TEXT char *text = NULL;
    AC_AUTO(ac_text) safe = { .limit = SIZE_MAX };
    const char *begin;
    size_t size = 0;

    AC_TRY(ac_json_write_pretty(json, &text, err));
    begin = text;
    for (const char *at = text; *at != '\0'; at += size) {
        unsigned character = disguise_at(at, &size);

        if (character == 0) {
            size = 1;
            continue;
        }
        AC_TRY(ac_text_add(&safe, begin, (size_t)(at - begin), err));
        AC_TRY(ac_text_addf(&safe, err, "\\u%04x", character));
        begin = at + size;
    }
    AC_TRY(ac_text_add(&safe, begin, strlen(begin), err));
    return ac_output_print(ac_text_get(&safe), err);
}

bool ac_report_is_broken_pipe(const struct ac_error *err)
{
    return err->code == AC_E_SYSTEM
           && strncmp(err->detail, AC_OUTPUT_CANNOT_PRINT,
                      strlen(AC_OUTPUT_CANNOT_PRINT))
                  == 0
           && strstr(err->detail, strerror(EPIPE)) != NULL;
}

void ac_report_print_error(const struct ac_error *err, bool has_color)
{
    char back[AC_CLOCK_TEXT_SIZE];
    const char *hint = ac_report_hint(err);

    ac_output_say("%sacmecore:%s %s\n", has_color ? "\033[31m" : "",
                  has_color ? "\033[0m" : "", err->detail);
    if (err->retry_after > 0) {
        ac_output_say("Come back after %s.\n", come_back(err, back));
    } else if (err->code == AC_E_RATE_LIMITED) {
        ac_output_say("The CA did not say when to come back; wait an hour.\n");
    }
    if (hint[0] != '\0')
        ac_output_say("%s\n", hint);
}
