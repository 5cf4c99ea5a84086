/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

#include "key_file.h"

#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r\n"

/* What the functions that see a secret need and give. */
struct loading {
    const struct acmecore_host *host;
    struct tsig_key *key;
};

static int read_servers(const struct acmecore_host *host, struct settings *settings);
static int read_zone(const struct acmecore_host *host, struct settings *settings);
static int read_protocol(const struct acmecore_host *host, struct settings *settings);
static int check_key(const struct acmecore_host *host);
static int use_key_file(void *arg, const void *data, size_t size);
static int use_secret(void *arg, const void *data, size_t size);
static int need_none(const struct acmecore_host *host);
static struct span trim(const char *text, size_t size);
static struct span span_of(const char *text);

int settings_read(const struct acmecore_host *host, struct settings *ret_settings)
{
    struct settings settings = { 0 };
    const char *ttl = host->option(host->ctx, "ttl", 0);
    int status = read_servers(host, &settings);

    /* The host has checked that it is a number in its range. */
    settings.ttl = ttl ? (uint32_t)strtoul(ttl, NULL, 10) : 0;
    if (status == ACMECORE_OK)
        status = read_protocol(host, &settings);
    if (status == ACMECORE_OK)
        status = check_key(host);
    if (status == ACMECORE_OK)
        status = read_zone(host, &settings);
    if (status == ACMECORE_OK)
        *ret_settings = settings;
    return status;
}

void settings_drop(struct settings *settings)
{
    name_drop(&settings->zone);
}

int settings_load_key(const struct acmecore_host *host, struct tsig_key *ret_key)
{
    struct tsig_key file_key = { 0 };
    struct tsig_key secret_key = { 0 };
    struct loading from_file = { host, &file_key };
    struct loading from_secret = { host, &secret_key };
    int file = host->secret(host->ctx, "tsig-key-file", use_key_file, &from_file);
    int secret = host->secret(host->ctx, "tsig-secret", use_secret, &from_secret);
    int status = ACMECORE_OK;

    if (file == ACMECORE_E_NOTFOUND && secret == ACMECORE_E_NOTFOUND) {
        status = need_none(host);
    } else if (file != ACMECORE_E_NOTFOUND && secret != ACMECORE_E_NOTFOUND) {
        status = host->fail(host->ctx, ACMECORE_E_CONFIG,
                            "options tsig-key-file and tsig-secret: give one of them");
    } else {
        status = file == ACMECORE_E_NOTFOUND ? secret : file;
    }
    *ret_key = (struct tsig_key){ 0 };
    if (status == ACMECORE_OK)
        *ret_key = file == ACMECORE_OK ? file_key : secret_key;
    tsig_key_wipe(&file_key);
    tsig_key_wipe(&secret_key);
    return status;
}

static int read_servers(const struct acmecore_host *host, struct settings *settings)
{
    const char *text = host->option(host->ctx, "server", 0);

    for (; text; text = host->option(host->ctx, "server", settings->server_count)) {
        if (settings->server_count == SERVERS_MAX) {
            return host->fail(host->ctx, ACMECORE_E_CONFIG,
                              "option server: more than %d servers", SERVERS_MAX);
        }
        if (!server_parse(text, &settings->servers[settings->server_count])) {
            return host->fail(host->ctx, ACMECORE_E_CONFIG,
                              "option server: \"%s\" is no server: write "
                              "ns1.example.com, 192.0.2.1:53 or [2001:db8::1]:53",
                              text);
        }
        settings->server_count++;
    }
    if (settings->server_count == 0) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option server: name the primary server of the zone, such "
                          "as ns1.example.com or 192.0.2.1:53");
    }
    return ACMECORE_OK;
}

static int read_zone(const struct acmecore_host *host, struct settings *settings)
{
    const char *text = host->option(host->ctx, "zone", 0);

    if (!text)
        return ACMECORE_OK;
    settings->zone = name_parse(text);
    if (settings->zone)
        return ACMECORE_OK;
    return host->fail(host->ctx, ACMECORE_E_CONFIG,
                      "option zone: \"%s\" is no domain name: write example.com", text);
}

static int read_protocol(const struct acmecore_host *host, struct settings *settings)
{
    const char *text = host->option(host->ctx, "protocol", 0);

    if (!text || strcmp(text, "tcp") == 0)
        return ACMECORE_OK;
    settings->is_udp = strcmp(text, "udp") == 0;
    if (settings->is_udp)
        return ACMECORE_OK;
    return host->fail(host->ctx, ACMECORE_E_CONFIG,
                      "option protocol: \"%s\" is neither tcp nor udp", text);
}

static int check_key(const struct acmecore_host *host)
{
    struct tsig_key key;
    int status = settings_load_key(host, &key);

    tsig_key_wipe(&key);
    return status;
}

static int use_key_file(void *arg, const void *data, size_t size)
{
    const struct loading *loading = arg;
    const struct acmecore_host *host = loading->host;
    const char *wanted = host->option(host->ctx, "tsig-name", 0);
    struct key_file_fault fault = { 0 };
    struct key_file file = { 0 };

    if (key_file_read(data, size, wanted, &file, &fault)) {
        fault.text =
            tsig_key_make(file.name, file.algorithm, file.secret, loading->key);
    }
    if (!fault.text)
        return ACMECORE_OK;
    if (fault.line > 0) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option tsig-key-file: line %u of the file: %s", fault.line,
                          fault.text);
    }
    return host->fail(host->ctx, ACMECORE_E_CONFIG, "option tsig-key-file: %s",
                      fault.text);
}

static int use_secret(void *arg, const void *data, size_t size)
{
    const struct loading *loading = arg;
    const struct acmecore_host *host = loading->host;
    const char *name = host->option(host->ctx, "tsig-name", 0);
    const char *algorithm = host->option(host->ctx, "tsig-algorithm", 0);
    const char *wrong = NULL;

    if (!name) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option tsig-secret: tsig-name is missing, the name of the "
                          "key as the server knows it");
    }
    wrong = tsig_key_make(span_of(name), span_of(algorithm ? algorithm : "hmac-sha256"),
                          trim(data, size), loading->key);
    if (!wrong)
        return ACMECORE_OK;
    return host->fail(host->ctx, ACMECORE_E_CONFIG,
                      "options tsig-name, tsig-algorithm, tsig-secret: %s", wrong);
}

/* An update without a signature: a server may allow it to our address. */
static int need_none(const struct acmecore_host *host)
{
    if (!host->option(host->ctx, "tsig-name", 0))
        return ACMECORE_OK;
    return host->fail(host->ctx, ACMECORE_E_CONFIG,
                      "option tsig-name: the key's secret is missing: add "
                      "tsig-key-file or tsig-secret");
}

static struct span trim(const char *text, size_t size)
{
    while (size > 0 && text[0] != '\0' && strchr(BLANKS, text[0])) {
        text++;
        size--;
    }
    while (size > 0 && text[size - 1] != '\0' && strchr(BLANKS, text[size - 1]))
        size--;
    return (struct span){ text, size };
}

static struct span span_of(const char *text)
{
    return (struct span){ text, strlen(text) };
}
