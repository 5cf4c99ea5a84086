/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/jws.h"

#include "base/json.h"
#include "crypto/base64url.h"

#include <string.h>

#define MAC_KEY_MIN 16 /* octets; less is no secret */

static const char *const mac_names[] = {
    [AC_HMAC_SHA256] = "HS256",
    [AC_HMAC_SHA384] = "HS384",
    [AC_HMAC_SHA512] = "HS512",
};

static enum ac_code jwk_of(const struct ac_key *key, struct ac_json **ret_jwk,
                           struct ac_error *err)
{
    AC_AUTO(ac_text) jwk = { 0 };

    AC_TRY(ac_key_jwk(key, &jwk, err));
    return ac_json_parse(jwk.bytes, jwk.size, ret_jwk, err);
}

/* 6.2: exactly one of jwk and kid. */
static enum ac_code add_signer(struct ac_json *header, const struct ac_key *key,
                               const char *kid, struct ac_error *err)
{
    AC_AUTO(ac_json) *jwk = NULL;

    if (kid)
        return ac_json_set_text(header, "kid", kid, err);
    AC_TRY(jwk_of(key, &jwk, err));
    return ac_json_set(header, "jwk", &jwk, err);
}

static enum ac_code write_header(const struct ac_key *key,
                                 const struct ac_jws_header *header, char **ret_text,
                                 struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "{s:s, s:s}", "alg", ac_key_jws_algorithm(key),
                       "url", header->url));
    if (header->nonce)
        AC_TRY(ac_json_set_text(json, "nonce", header->nonce, err));
    AC_TRY(add_signer(json, key, header->kid, err));
    return ac_json_write(json, ret_text, err);
}

/* base64url(protected) "." base64url(payload): RFC 7515 5.1 */
static enum ac_code write_input(const char *header, const char *payload,
                                struct ac_text *input, struct ac_error *err)
{
    AC_TRY(ac_base64url_add(input, header, strlen(header), err));
    AC_TRY(ac_text_add(input, ".", 1, err));
    return ac_base64url_add(input, payload, strlen(payload), err);
}

static enum ac_code write_body(const struct ac_text *input, const void *signature,
                               size_t signature_size, struct ac_text *ret_body,
                               struct ac_error *err)
{
    AC_AUTO(ac_text) body = { .limit = ret_body->limit };
    size_t header_size = strcspn(input->bytes, ".");
    const char *payload = input->bytes + header_size + 1;

    AC_TRY(ac_text_addf(&body, err, "{\"protected\":\"%.*s\",\"payload\":\"%s\",",
                        (int)header_size, input->bytes, payload));
    AC_TRY(ac_text_addf(&body, err, "\"signature\":\""));
    AC_TRY(ac_base64url_add(&body, signature, signature_size, err));
    AC_TRY(ac_text_addf(&body, err, "\"}"));

    ac_text_done(ret_body);
    *ret_body = body;
    body = (struct ac_text){ 0 };
    return AC_OK;
}

enum ac_code ac_jws_sign(const struct ac_key *key, const struct ac_jws_header *header,
                         const char *payload, struct ac_text *ret_body,
                         struct ac_error *err)
{
    AC_AUTO_TEXT char *text = NULL;
    AC_AUTO(ac_text) input = { 0 };
    AC_AUTO(ac_text) signature = { 0 };

    AC_TRY(write_header(key, header, &text, err));
    AC_TRY(write_input(text, payload ? payload : "", &input, err));
    AC_TRY(ac_key_sign(key, input.bytes, input.size, &signature, err));
    return write_body(&input, signature.bytes, signature.size, ret_body, err);
}

enum ac_code ac_jws_bind(const struct ac_key *account_key,
                         const struct ac_jws_binding *binding, struct ac_text *ret_body,
                         struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO_TEXT char *header = NULL;
    AC_AUTO(ac_text) jwk = { 0 };
    AC_AUTO(ac_text) input = { 0 };
    uint8_t mac[AC_HMAC_SIZE_MAX];

    if (binding->mac_key->size < MAC_KEY_MIN) {
        return ac_fail(err, AC_E_USAGE,
                       "the MAC key of the external account binding has %zu octets, at "
                       "least %d are needed",
                       binding->mac_key->size, MAC_KEY_MIN);
    }
    AC_TRY(ac_json_new(&json, err, "{s:s, s:s, s:s}", "alg",
                       mac_names[binding->algorithm], "kid", binding->kid, "url",
                       binding->url));
    AC_TRY(ac_json_write(json, &header, err));
    AC_TRY(ac_key_jwk(account_key, &jwk, err));
    AC_TRY(write_input(header, ac_text_get(&jwk), &input, err));

    size_t size =
        ac_hmac(binding->algorithm, binding->mac_key, input.bytes, input.size, mac);
    return write_body(&input, mac, size, ret_body, err);
}

enum ac_code ac_jws_change_key(const struct ac_key *new_key,
                               const struct ac_jws_change *change,
                               struct ac_text *ret_body, struct ac_error *err)
{
    const struct ac_jws_header header = { .url = change->url };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_json) *old_jwk = NULL;
    AC_AUTO_TEXT char *payload = NULL;

    AC_TRY(jwk_of(change->old_key, &old_jwk, err));
    AC_TRY(ac_json_new(&json, err, "{s:s}", "account", change->account));
    AC_TRY(ac_json_set(json, "oldKey", &old_jwk, err));
    AC_TRY(ac_json_write(json, &payload, err));
    return ac_jws_sign(new_key, &header, payload, ret_body, err);
}
