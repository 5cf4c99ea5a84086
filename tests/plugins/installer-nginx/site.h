/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration of nginx in the folder of the test, and certificates for it. */
#ifndef AC_TESTS_INSTALLER_NGINX_SITE_H
#define AC_TESTS_INSTALLER_NGINX_SITE_H

#include "check.h"
#include "config.h"
#include "fake_host.h"

#include <stdio.h>
#include <string.h>

static const char *const www_names[] = { "www.example.com", "example.com", NULL };
static const char *const mail_names[] = { "mail.example.com", NULL };

__attribute__((unused)) static const struct acmecore_certificate www = {
    .struct_size = sizeof(www),
    .name = "www",
    .identifiers = www_names,
    .fullchain_path = "/s/www/fullchain.pem",
    .key_path = "/s/www/privkey.pem",
    .fingerprint = "aa",
};

__attribute__((unused)) static const struct acmecore_certificate mail = {
    .struct_size = sizeof(mail),
    .name = "mail",
    .identifiers = mail_names,
    .fullchain_path = "/s/mail/fullchain.pem",
    .key_path = "/s/mail/privkey.pem",
    .fingerprint = "bb",
};

__attribute__((
    unused)) static const struct acmecore_certificate *const both[] = { &www, &mail };

__attribute__((unused)) static bool site_write(const char *name, const char *text)
{
    return ac_test_write_file(ac_test_path(name), text, strlen(text));
}

/* Loads nginx.conf of the test's folder with this text; its status. */
__attribute__((unused)) static int site_load(struct fake_host *fake, const char *text,
                                             struct config *config)
{
    static char path[PATH_MAX];

    (void)snprintf(path, sizeof(path), "%s", ac_test_path("nginx.conf"));
    if (!fake_host_start(fake, NULL) || !site_write("nginx.conf", text))
        return ACMECORE_E_INVALID;
    return config_load(&fake->host, path, config);
}

__attribute__((unused)) static bool site_has(const char *name, const char *text)
{
    char found[8192];
    ssize_t size = ac_test_read_file(ac_test_path(name), found, sizeof(found));

    return size == (ssize_t)strlen(text) && strcmp(found, text) == 0;
}

#endif
