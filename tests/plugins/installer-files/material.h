/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key, its certificate and the CA that signed it, as files of a version; and the
 * plugin on a fake host with them. Nobody looks at their dates.
 */
#ifndef AC_TESTS_INSTALLER_FILES_MATERIAL_H
#define AC_TESTS_INSTALLER_FILES_MATERIAL_H

#include "hook_run.h"

#define MATERIAL_KEY                                                                   \
    "-----BEGIN PRIVATE KEY-----\n"                                                    \
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgob0LXMPsiKyE3Fkp\n"               \
    "7XpQuKR/fwuR39TL9lIHC8Zvq1yhRANCAASdODtbSUzO7kV8ARxEwdL9ihRy60JV\n"               \
    "EutkrijWzQp7ZPG81H1jSGuzja1pp0i+FoKib1ULLeFwMJC0joEqexLe\n"                       \
    "-----END PRIVATE KEY-----\n"

#define MATERIAL_CERT                                                                  \
    "-----BEGIN CERTIFICATE-----\n"                                                    \
    "MIIBJjCBzgIUZL1R8lH7i6F4EXtPpWKQzXr92FYwCgYIKoZIzj0EAwIwEjEQMA4G\n"               \
    "A1UEAwwHVGVzdCBDQTAeFw0yNjExMjIxMDQ5MjZaFw0zNjExMTkxMDQ5MjZaMBsx\n"               \
    "GTAXBgNVBAMMEHd3dy5leGFtcGxlLnRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMB\n"               \
    "BwNCAASdODtbSUzO7kV8ARxEwdL9ihRy60JVEutkrijWzQp7ZPG81H1jSGuzja1p\n"               \
    "p0i+FoKib1ULLeFwMJC0joEqexLeMAoGCCqGSM49BAMCA0cAMEQCICQNWJf0GubF\n"               \
    "VpVgpfSN9IgTQnkEVUhm7sGXlIy9sKS8AiBo+x7RHrV18c6n/a5OIDCgF9Vb3EVU\n"               \
    "I4q8VTYZvB8gOw==\n"                                                               \
    "-----END CERTIFICATE-----\n"

#define MATERIAL_CHAIN                                                                 \
    "-----BEGIN CERTIFICATE-----\n"                                                    \
    "MIIBejCCAR+gAwIBAgIUFnGQDlCUNptTIKSwZo+SETquAacwCgYIKoZIzj0EAwIw\n"               \
    "EjEQMA4GA1UEAwwHVGVzdCBDQTAeFw0yNjExMjIxMDQ5MjZaFw0zNjExMTkxMDQ5\n"               \
    "MjZaMBIxEDAOBgNVBAMMB1Rlc3QgQ0EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\n"               \
    "AATxLiYnqDZp4HlcjcvIkpo5y6pbdLq08AvwCN7bVjm7u/2xoTGFXVYuxaIIdjSI\n"               \
    "s280U0puybnbXqfS7TAKC5FHo1MwUTAdBgNVHQ4EFgQUtiWlmB4KFZK+usWb+Hep\n"               \
    "/9etdWIwHwYDVR0jBBgwFoAUtiWlmB4KFZK+usWb+Hep/9etdWIwDwYDVR0TAQH/\n"               \
    "BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEApd19o2VGM/RgGLXf0w/LoiEYhwyf\n"               \
    "iUlY5pyxNg1f1F4CIQDPwoHpKJexqSati9tBI0weA4lH09yllS12TuZkTRWmGQ==\n"               \
    "-----END CERTIFICATE-----\n"

#define MATERIAL_OTHER_KEY                                                             \
    "-----BEGIN PRIVATE KEY-----\n"                                                    \
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgpmSQzkGhKiRZi9if\n"               \
    "0JSJxHsATgXfIKJ79DMmhYfHCU2hRANCAATxLiYnqDZp4HlcjcvIkpo5y6pbdLq0\n"               \
    "8AvwCN7bVjm7u/2xoTGFXVYuxaIIdjSIs280U0puybnbXqfS7TAKC5FH\n"                       \
    "-----END PRIVATE KEY-----\n"

static char material_paths[4][PATH_MAX];

static const char *const material_names[] = { "www.example.test", NULL };

static struct acmecore_certificate material = {
    .struct_size = sizeof(material),
    .name = "www",
    .identifiers = material_names,
    .key_path = material_paths[0],
    .cert_path = material_paths[1],
    .chain_path = material_paths[2],
    .fullchain_path = material_paths[3],
};

static const struct acmecore_certificate *const material_batch[] = { &material };

static bool material_put(size_t index, const char *name, const char *text)
{
    (void)snprintf(material_paths[index], PATH_MAX, "%s", ac_test_path(name));
    return ac_test_write_file(material_paths[index], text, strlen(text));
}

/* Writes the four files. */
__attribute__((unused)) static bool material_write(void)
{
    return material_put(0, "privkey.pem", MATERIAL_KEY)
           && material_put(1, "cert.pem", MATERIAL_CERT)
           && material_put(2, "chain.pem", MATERIAL_CHAIN)
           && material_put(3, "fullchain.pem", MATERIAL_CERT MATERIAL_CHAIN);
}

/* True when the file of the test has this text. */
__attribute__((unused)) static bool material_is(const char *name, const char *text)
{
    char found[16384];
    ssize_t size = ac_test_read_file(ac_test_path(name), found, sizeof(found));

    return size == (ssize_t)strlen(text) && memcmp(found, text, (size_t)size) == 0;
}

/* Permission bits; 0: there is no such file. */
__attribute__((unused)) static unsigned material_mode(const char *name)
{
    struct stat status;

    return lstat(ac_test_path(name), &status) == 0 ? status.st_mode & 07777u : 0;
}

#endif
