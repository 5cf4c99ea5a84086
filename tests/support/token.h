/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A token of SoftHSM in the folder of the test, with keys from tests/data/keys.
 */
#ifndef AC_TESTS_SUPPORT_TOKEN_H
#define AC_TESTS_SUPPORT_TOKEN_H

#include <stdbool.h>

#define AC_TOKEN_TEST_PIN "1234"
/* Of the module alone; nothing that p11-kit is configured for. */
#define AC_TOKEN_TEST_MODULE "module-path=" AC_SOFTHSM_MODULE

/* Makes a token; keys of another test are forgotten. False when that fails. */
bool ac_token_test_begin(const char *label);
/* Puts a key (tests/data/keys/NAME.pem) into it, under that label and id (hex). */
bool ac_token_test_import(const char *label, const char *name, const char *object,
                          const char *id);
/* Lets go of the module, so that the next test gets its own token. A module that was
 * used twice is not let go of: such a test comes last. */
void ac_token_test_end(void);

#endif
