/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/revocation.h"

#include "base/json.h"
#include "crypto/base64url.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* RFC 5280 5.3.1 without what is for CAs, attributes and holds: what the Baseline
 * Requirements (4.9.1.1, 7.2.2) leave to a subscriber. */
static const struct {
    const char *name;
    int number;
} reasons[] = {
    { "unspecified", 0 },          { "keyCompromise", AC_REVOCATION_KEY_COMPROMISE },
    { "affiliationChanged", 3 },   { "superseded", 4 },
    { "cessationOfOperation", 5 },
};

static bool is_number(const char *text, int number)
{
    return text[0] == (char)('0' + number) && text[1] == '\0';
}

enum ac_code ac_revocation_reason_parse(const char *text, int *ret_reason,
                                        struct ac_error *err)
{
    for (size_t i = 0; i < AC_COUNT(reasons); i++) {
        if (strcasecmp(text, reasons[i].name) != 0
            && !is_number(text, reasons[i].number))
            continue;
        *ret_reason = reasons[i].number;
        return AC_OK;
    }
    return ac_fail(err, AC_E_USAGE,
                   "\"%s\" is no reason that a holder may give: unspecified (0), "
                   "keyCompromise (1), affiliationChanged (3), superseded (4) or "
                   "cessationOfOperation (5)",
                   text);
}

const char *ac_revocation_reason_name(int reason)
{
    for (size_t i = 0; i < AC_COUNT(reasons); i++) {
        if (reasons[i].number == reason)
            return reasons[i].name;
    }
    return reasons[0].name;
}

static enum ac_code write_request(const struct ac_revocation_request *request,
                                  char **ret_payload, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO_TEXT char *encoded = NULL;

    AC_TRY(ac_base64url_encode(request->der, request->der_size, &encoded, err));
    AC_TRY(ac_json_new(&json, err, "{s:s}", "certificate", encoded));
    if (request->reason != AC_REVOCATION_NO_REASON)
        AC_TRY(ac_json_set_number(json, "reason", request->reason, err));
    return ac_json_write(json, ret_payload, err);
}

enum ac_code ac_revocation_begin(struct ac_client *client,
                                 const struct ac_revocation_request *request,
                                 struct ac_post **ret_post, struct ac_error *err)
{
    const struct ac_directory *directory = NULL;
    AC_AUTO_TEXT char *payload = NULL;

    AC_TRY(ac_client_directory(client, &directory, err));
    if (directory->revoke_certificate == NULL) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "the CA's directory has no revokeCert: certificates cannot be "
                       "revoked by ACME there");
    }
    AC_TRY(write_request(request, &payload, err));

    const struct ac_post_request post = {
        .url = directory->revoke_certificate,
        .payload = payload,
        .what = "revokeCert",
        .why = request->is_keyed ? "Revokes the certificate; its own key is the proof."
                                 : "Revokes the certificate; the account is the proof.",
        .section = "RFC 8555 7.6",
        .is_keyed = request->is_keyed,
        .is_repeatable = true, /* the second answer is alreadyRevoked */
    };
    return ac_client_post(client, &post, ret_post, err);
}

enum ac_code ac_revocation_finish(const struct ac_post *post, bool *ret_was_before,
                                  struct ac_error *err)
{
    struct ac_error why = { 0 };
    enum ac_code code = ac_post_result(post, &why);
    bool was_before = ac_problem_is(ac_post_problem(post), "alreadyRevoked");

    if (code != AC_OK && !was_before) {
        *err = why;
        return code;
    }
    *ret_was_before = was_before;
    return AC_OK;
}
