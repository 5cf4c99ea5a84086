/* SPDX-License-Identifier: Apache-2.0 */
#include "token.h"

#include <gnutls/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"

#define COMMAND_SIZE 2048

static bool write_configuration(void)
{
    char text[COMMAND_SIZE];
    const char *tokens = ac_test_path("tokens");
    const char *path = ac_test_path("softhsm2.conf");
    int size = snprintf(text, sizeof(text),
                        "directories.tokendir = %s\nobjectstore.backend = file\n"
                        "log.level = ERROR\n",
                        tokens);

    return size > 0 && (size_t)size < sizeof(text) && mkdir(tokens, 0700) == 0
           && ac_test_write_file(path, text, (size_t)size)
           && setenv("SOFTHSM2_CONF", path, 1) == 0;
}

static bool run(const char *command)
{
    return system(command) == 0; /* NOLINT(cert-env33-c): a test's own words */
}

bool ac_token_test_begin(const char *label)
{
    char command[COMMAND_SIZE];

    (void)snprintf(command, sizeof(command),
                   "softhsm2-util --init-token --free --label '%s' --so-pin 87654321 "
                   "--pin " AC_TOKEN_TEST_PIN " >/dev/null",
                   label);
    return write_configuration() && run(command);
}

bool ac_token_test_import(const char *label, const char *name, const char *object,
                          const char *id)
{
    char command[COMMAND_SIZE];

    (void)snprintf(command, sizeof(command),
                   "softhsm2-util --import '" AC_TEST_DATA "/keys/%s.pem' --token '%s' "
                   "--label '%s' --id %s --force --pin " AC_TOKEN_TEST_PIN
                   " >/dev/null",
                   name, label, object, id);
    return run(command);
}

void ac_token_test_end(void)
{
    gnutls_pkcs11_deinit();
}
