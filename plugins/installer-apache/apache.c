/* SPDX-License-Identifier: Apache-2.0 */
/*
 * installer-apache: gives the virtual hosts of an Apache httpd their certificates.
 */
#include <acmecore/plugin.h>

#include "reload.h"
#include "stage.h"

#include <stdlib.h>
#include <string.h>

#define NUMBER_BASE 10
#define HTTPS_PORT  443
#define PORT_MAX    65535
#define AGE_MAX     315360000 /* ten years, in seconds */

struct apache {
    const struct acmecore_host *host;
    struct apache_wishes wishes;
};

static int read_answer(const struct acmecore_host *host, const char *option,
                       bool *ret_answer)
{
    const char *value = host->option(host->ctx, option, 0);

    if (value && strcmp(value, "yes") != 0 && strcmp(value, "no") != 0) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option %s: \"%s\" is neither \"yes\" nor \"no\"", option,
                          value);
    }
    *ret_answer = value && !strcmp(value, "yes");
    return ACMECORE_OK;
}

static long read_number(const struct acmecore_host *host, const char *option,
                        long otherwise)
{
    const char *value = host->option(host->ctx, option, 0);

    return value ? strtol(value, NULL, NUMBER_BASE) : otherwise;
}

static int read_options(struct apache *self)
{
    const struct acmecore_host *host = self->host;
    struct apache_wishes *wishes = &self->wishes;
    int status = read_answer(host, "create-hosts", &wishes->can_create);

    wishes->tls_port = (unsigned)read_number(host, "tls-port", HTTPS_PORT);
    wishes->hsts_s = read_number(host, "hsts", 0);
    return status == ACMECORE_OK ? read_answer(host, "redirect", &wishes->redirects)
                                 : status;
}

static int apache_open(const struct acmecore_host *host, void **ret_self)
{
    struct apache *self = calloc(1, sizeof *self);
    int status = ACMECORE_OK;

    if (!self)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "out of memory");
    self->host = host;
    status = read_options(self);
    if (status != ACMECORE_OK) {
        free(self);
        return status;
    }
    *ret_self = self;
    return ACMECORE_OK;
}

static void apache_close(void *self)
{
    free(self);
}

/* What an earlier run left half done is taken back first. */
static int stage(void *self, const struct acmecore_certificate *const *certificates,
                 size_t count, int *results)
{
    const struct apache *apache = self;
    int status = apache_rollback(apache->host);

    if (status == ACMECORE_OK) {
        return apache_stage(apache->host, &apache->wishes, certificates, count,
                            results);
    }
    for (size_t i = 0; i < count; i++)
        results[i] = status;
    return status;
}

static int commit(void *self)
{
    return apache_commit(((struct apache *)self)->host);
}

static int rollback(void *self)
{
    return apache_rollback(((struct apache *)self)->host);
}

static int probe(void *self, const struct acmecore_certificate *const *certificates,
                 size_t count, int *results)
{
    (void)certificates;
    return apache_probe(((struct apache *)self)->host, count, results);
}

static int finish(void *self)
{
    return apache_finish(((struct apache *)self)->host);
}

static const struct acmecore_installer installer = {
    .struct_size = sizeof installer,
    .stage = stage,
    .commit = commit,
    .rollback = rollback,
    .probe = probe,
    .finish = finish,
};

static const char *const answers[] = { "yes", "no", NULL };

static const struct acmecore_option options[] = {
    { .name = "config",
      .type = ACMECORE_OPTION_PATH,
      .help = "Apache's main file, when it is not the program's own" },
    { .name = "control",
      .type = ACMECORE_OPTION_PATH,
      .help = "apache2ctl, httpd or apachectl, when it is not where it usually is" },
    { .name = "tls-port",
      .type = ACMECORE_OPTION_NUMBER,
      .minimum = 1,
      .maximum = PORT_MAX,
      .fallback = "443",
      .help = "port of the virtual hosts with TLS" },
    { .name = "create-hosts",
      .choices = answers,
      .type = ACMECORE_OPTION_TEXT,
      .fallback = "yes",
      .help = "make a virtual host with TLS beside one without" },
    { .name = "redirect",
      .choices = answers,
      .type = ACMECORE_OPTION_TEXT,
      .fallback = "no",
      .help = "send visitors from http to https" },
    { .name = "hsts",
      .type = ACMECORE_OPTION_NUMBER,
      .minimum = 0,
      .maximum = AGE_MAX,
      .fallback = "0",
      .help = "seconds for which browsers shall use https only (RFC 6797); 0: none" },
};

const struct acmecore_plugin acmecore_plugin = {
    ACMECORE_PLUGIN_HEADER(ACMECORE_INSTALLER, "installer-apache", "1.0", 0),
    .flags = ACMECORE_USES_FILES | ACMECORE_USES_COMMANDS,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .open = apache_open,
    .close = apache_close,
    .ops.installer = &installer,
};
