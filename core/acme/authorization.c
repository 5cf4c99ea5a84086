/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/authorization.h"

#include "acme/challenge.h"
#include "acme/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHAT "authorization"

static const char *const status_names[AC_AUTHORIZATION_STATUS_COUNT] = {
    [AC_AUTHORIZATION_PENDING] = "pending",
    [AC_AUTHORIZATION_VALID] = "valid",
    [AC_AUTHORIZATION_INVALID] = "invalid",
    [AC_AUTHORIZATION_DEACTIVATED] = "deactivated",
    [AC_AUTHORIZATION_EXPIRED] = "expired",
    [AC_AUTHORIZATION_REVOKED] = "revoked",
};

const char *ac_authorization_status_name(enum ac_authorization_status status)
{
    return (unsigned)status < AC_AUTHORIZATION_STATUS_COUNT ? status_names[status]
                                                            : "unknown";
}

static enum ac_code read_status(const struct ac_json *json,
                                enum ac_authorization_status *ret_status,
                                struct ac_error *err)
{
    size_t index = 0;

    AC_TRY(ac_wire_status(json, WHAT, status_names, AC_AUTHORIZATION_STATUS_COUNT,
                          &index, err));
    *ret_status = (enum ac_authorization_status)index;
    return AC_OK;
}

/* 7.1.4: the identifier of a wildcard comes without "*."; false is as good as absent.
 */
static enum ac_code read_identifier(const struct ac_json *json,
                                    struct ac_identifier *ret_identifier,
                                    struct ac_error *err)
{
    struct ac_identifier identifier = { 0 };
    const struct ac_json *object = ac_json_get(json, "identifier");
    char wildcard[AC_IDENTIFIER_SIZE + 2];

    if (object == NULL)
        return ac_fail(err, AC_E_PROTOCOL, "the CA's authorization has no identifier");
    AC_TRY(ac_wire_identifier(object, WHAT, &identifier, err));
    if (ac_json_bool_or(json, "wildcard", false)
        && !ac_identifier_is_wildcard(&identifier)) {
        (void)snprintf(wildcard, sizeof(wildcard), "*.%s", identifier.value);
        if (identifier.type != AC_IDENTIFIER_DNS
            || strlen(wildcard) >= AC_IDENTIFIER_SIZE) {
            return ac_fail(err, AC_E_PROTOCOL,
                           "the CA's authorization is for a wildcard of \"%s\"",
                           identifier.value);
        }
        memcpy(identifier.value, wildcard, strlen(wildcard) + 1);
    }
    *ret_identifier = identifier;
    return AC_OK;
}

static enum ac_code read_challenges(const struct ac_json *json,
                                    struct ac_authorization *authorization,
                                    struct ac_error *err)
{
    const struct ac_json *array = ac_json_get(json, "challenges");
    size_t count = ac_json_is_array(array) ? ac_json_count(array) : 0;

    if (count > AC_AUTHORIZATION_CHALLENGES_MAX) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "the CA's authorization has %zu challenges, %d at most", count,
                       AC_AUTHORIZATION_CHALLENGES_MAX);
    }
    if (count == 0)
        return AC_OK;
    AC_TRY(ac_memory_new(count, sizeof(*authorization->challenges),
                         &authorization->challenges, err));
    for (size_t i = 0; i < count; i++) {
        bool is_usable = false;
        AC_TRY(ac_challenge_parse(
            ac_json_at(array, i),
            &authorization->challenges[authorization->challenge_count], &is_usable,
            err));
        if (is_usable)
            authorization->challenge_count++;
        authorization->has_bad_token |=
            ac_challenge_has_bad_token(ac_json_at(array, i));
    }
    return AC_OK;
}

enum ac_code ac_authorization_parse(const struct ac_json *json, const char *url,
                                    struct ac_authorization *ret_authorization,
                                    struct ac_error *err)
{
    AC_AUTO(ac_authorization) authorization = { 0 };

    if (!ac_json_is_object(json))
        return ac_fail(err, AC_E_PROTOCOL, "the CA's authorization is no JSON object");
    AC_TRY(ac_memory_copy_text(url, &authorization.url, err));
    AC_TRY(read_status(json, &authorization.status, err));
    AC_TRY(read_identifier(json, &authorization.identifier, err));
    authorization.expires = ac_wire_date(json, "expires");
    authorization.allows_subdomains =
        ac_json_bool_or(json, "subdomainAuthAllowed", false);
    AC_TRY(read_challenges(json, &authorization, err));

    *ret_authorization = authorization;
    authorization = (struct ac_authorization){ 0 };
    return AC_OK;
}

void ac_authorization_done(struct ac_authorization *authorization)
{
    for (size_t i = 0; i < authorization->challenge_count; i++)
        ac_challenge_done(&authorization->challenges[i]);
    free(authorization->challenges);
    free(authorization->url);
    *authorization = (struct ac_authorization){ 0 };
}

const struct ac_challenge *ac_authorization_find(
    const struct ac_authorization *authorization, const char *type)
{
    for (size_t i = 0; i < authorization->challenge_count; i++) {
        if (strcmp(authorization->challenges[i].type, type) == 0)
            return &authorization->challenges[i];
    }
    return NULL;
}

enum ac_code ac_authorization_types(const struct ac_authorization *authorization,
                                    struct ac_text *ret_text, struct ac_error *err)
{
    AC_AUTO(ac_words) types = { 0 };

    for (size_t i = 0; i < authorization->challenge_count; i++)
        AC_TRY(ac_words_add(&types, authorization->challenges[i].type, err));
    return ac_words_join(&types, ", ", ret_text, err);
}

const struct ac_problem *ac_authorization_error(
    const struct ac_authorization *authorization)
{
    const struct ac_problem *any = NULL;

    for (size_t i = 0; i < authorization->challenge_count; i++) {
        const struct ac_challenge *challenge = &authorization->challenges[i];
        if (challenge->error && challenge->status == AC_CHALLENGE_INVALID)
            return challenge->error;
        if (any == NULL)
            any = challenge->error;
    }
    return any;
}

enum ac_code ac_authorization_create(struct ac_client *client,
                                     const struct ac_identifier *identifier,
                                     bool allows_subdomains, struct ac_post **ret_post,
                                     struct ac_error *err)
{
    const struct ac_directory *directory = NULL;
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_json) *subject = NULL;
    AC_AUTO_TEXT char *payload = NULL;

    AC_TRY(ac_client_directory(client, &directory, err));
    if (directory->new_authorization == NULL)
        return ac_fail(err, AC_E_USAGE, "the CA has no pre-authorization");
    AC_TRY(ac_json_new(&subject, err, "{s:s, s:s}", "type",
                       ac_identifier_type_name(identifier->type), "value",
                       identifier->value));
    if (allows_subdomains)
        AC_TRY(ac_json_set_bool(subject, "subdomainAuthAllowed", true, err));
    AC_TRY(ac_json_new(&json, err, "{}"));
    AC_TRY(ac_json_set(json, "identifier", &subject, err));
    AC_TRY(ac_json_write(json, &payload, err));

    const struct ac_post_request post = {
        .url = directory->new_authorization,
        .payload = payload,
        .what = "newAuthz",
        .why = "Asks to prove control of this name before there is an order.",
        .section = "RFC 8555 7.4.1",
    };
    return ac_client_post(client, &post, ret_post, err);
}

enum ac_code ac_authorization_created(struct ac_post *post,
                                      struct ac_authorization *ret_authorization,
                                      struct ac_error *err)
{
    const struct ac_json *json = NULL;

    AC_TRY(ac_post_result(post, err));
    if (ac_post_location(post) == NULL) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "the CA's answer to newAuthz does not say the authorization's "
                       "URL (no usable Location)");
    }
    AC_TRY(ac_post_json(post, &json, err));
    return ac_authorization_parse(json, ac_post_location(post), ret_authorization, err);
}

enum ac_code ac_authorization_read(struct ac_client *client, const char *url,
                                   struct ac_post **ret_post, struct ac_error *err)
{
    const struct ac_post_request post = {
        .url = url,
        .what = WHAT,
        .why = "Asks how control of this name can be proven, or how far the proof is.",
        .section = "RFC 8555 7.5",
        .is_repeatable = true,
    };
    return ac_client_post(client, &post, ret_post, err);
}

enum ac_code ac_authorization_update(struct ac_authorization *authorization,
                                     struct ac_post *post, struct ac_error *err)
{
    AC_AUTO(ac_authorization) read = { 0 };
    const struct ac_json *json = NULL;
    /* The first reading has nothing to compare with. */
    bool is_known = authorization->identifier.value[0] != '\0';
    const char *url = authorization->url ? authorization->url : ac_post_url(post);

    AC_TRY(ac_post_result(post, err));
    AC_TRY(ac_post_json(post, &json, err));
    AC_TRY(ac_authorization_parse(json, url, &read, err));
    if (is_known
        && !ac_identifier_is_equal(&authorization->identifier, &read.identifier)) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "the CA's authorization was for %s and is for %s now",
                       authorization->identifier.value, read.identifier.value);
    }

    struct ac_authorization old = *authorization;
    *authorization = read;
    read = old; /* dropped at the end */
    return AC_OK;
}

enum ac_code ac_authorization_deactivate(struct ac_client *client, const char *url,
                                         struct ac_post **ret_post,
                                         struct ac_error *err)
{
    const struct ac_post_request post = {
        .url = url,
        .payload = "{\"status\":\"deactivated\"}",
        .what = "authorization",
        .why = "Gives up an authorization that is not needed any more.",
        .section = "RFC 8555 7.5.2",
        .is_repeatable = true,
    };
    return ac_client_post(client, &post, ret_post, err);
}
