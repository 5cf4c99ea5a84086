/* SPDX-License-Identifier: Apache-2.0 */
#include "config/ca.h"

#include "base/memory.h"
#include "base/text.h"

#include <string.h>

/* PROTOCOL C.2: request rates per address, where the answer past them is 503, and what
 * one account may do. */
#define LETSENCRYPT_LIMITS                                                             \
    {                                                                                  \
        .nonce_per_second = 20, .nonce_burst = 10, .order_per_second = 300,            \
        .order_burst = 200, .other_per_second = 250, .other_burst = 125,               \
        .orders = 300, .orders_window_s = 3 * 3600, .failures = 5,                     \
        .failures_window_s = 3600                                                      \
    }
#define LETSENCRYPT_STAGING_LIMITS                                                     \
    {                                                                                  \
        .nonce_per_second = 20, .nonce_burst = 10, .order_per_second = 20,             \
        .order_burst = 40, .other_per_second = 20, .other_burst = 20, .orders = 1500,  \
        .orders_window_s = 3 * 3600, .failures = 200, .failures_window_s = 3600        \
    }

static const struct ac_ca cas[] = {
    { .alias = AC_CA_DEFAULT,
      .directory_url = "https://acme-v02.api.letsencrypt.org/directory",
      .title = "Let's Encrypt",
      .staging = "letsencrypt-staging",
      .limits = LETSENCRYPT_LIMITS },
    { .alias = "letsencrypt-staging",
      .directory_url = "https://acme-staging-v02.api.letsencrypt.org/directory",
      .title = "Let's Encrypt, staging (certificates nobody trusts)",
      .staging = "letsencrypt-staging",
      .limits = LETSENCRYPT_STAGING_LIMITS },
    { .alias = "google",
      .directory_url = "https://dv.acme-v02.api.pki.goog/directory",
      .title = "Google Trust Services",
      .needs_eab = true,
      .staging = "google-staging" },
    { .alias = "google-staging",
      .directory_url = "https://dv.acme-v02.test-api.pki.goog/directory",
      .title = "Google Trust Services, staging",
      .needs_eab = true,
      .staging = "google-staging" },
    { .alias = "zerossl",
      .directory_url = "https://acme.zerossl.com/v2/DV90",
      .title = "ZeroSSL",
      .needs_eab = true },
    { .alias = "sslcom",
      .directory_url = "https://acme.ssl.com/sslcom-dv-ecc",
      .title = "SSL.com (ECC; its RSA directory has another URL)",
      .needs_eab = true },
    { .alias = "actalis",
      .directory_url = "https://acme-api.actalis.com/acme/directory",
      .title = "Actalis",
      .needs_eab = true },
};

static const char *const aliases[AC_COUNT(cas) + 1] = {
    "letsencrypt", "letsencrypt-staging",
    "google",      "google-staging",
    "zerossl",     "sslcom",
    "actalis",
};

const struct ac_ca *ac_ca_find(const char *alias)
{
    for (size_t i = 0; i < AC_COUNT(cas); i++) {
        if (strcmp(cas[i].alias, alias) == 0)
            return &cas[i];
    }
    return NULL;
}

const struct ac_ca *ac_ca_by_url(const char *directory_url)
{
    for (size_t i = 0; i < AC_COUNT(cas); i++) {
        if (strcmp(cas[i].directory_url, directory_url) == 0)
            return &cas[i];
    }
    return NULL;
}

const struct ac_ca *ac_ca_staging(const char *directory_url)
{
    const struct ac_ca *ca = ac_ca_by_url(directory_url);

    return ca && ca->staging ? ac_ca_find(ca->staging) : NULL;
}

const char *const *ac_ca_aliases(void)
{
    return aliases;
}

enum ac_code ac_ca_resolve(const char *server, const char **ret_url,
                           struct ac_error *err)
{
    const struct ac_ca *ca = ac_ca_find(server);

    if (ca || strstr(server, "://")) {
        *ret_url = ca ? ca->directory_url : server;
        return AC_OK;
    }
    const char *nearest = ac_text_nearest(server, ac_ca_aliases());
    if (nearest) {
        return ac_fail(err, AC_E_USAGE, "there is no CA \"%s\"; did you mean \"%s\"?",
                       server, nearest);
    }
    return ac_fail(err, AC_E_USAGE,
                   "there is no CA \"%s\"; give the URL of its directory, or one of "
                   "letsencrypt, letsencrypt-staging, google, google-staging, zerossl, "
                   "sslcom, actalis",
                   server);
}
