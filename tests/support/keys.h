/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys with known numbers: those of the RFCs, and those in tests/data/keys.
 */
#ifndef AC_TESTS_SUPPORT_KEYS_H
#define AC_TESTS_SUPPORT_KEYS_H

#include "crypto/key.h"

/* RFC 7515 A.3, P-256: the public half, canonical as in RFC 7638, and the whole. */
#define AC_KEYS_EC_PUBLIC                                                              \
    "{\"crv\":\"P-256\",\"kty\":\"EC\","                                               \
    "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","                           \
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}"
#define AC_KEYS_EC                                                                     \
    "{\"kty\":\"EC\",\"crv\":\"P-256\","                                               \
    "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","                           \
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\","                           \
    "\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}"

/* RFC 8037 A.1, Ed25519. */
#define AC_KEYS_ED_PUBLIC                                                              \
    "{\"crv\":\"Ed25519\",\"kty\":\"OKP\","                                            \
    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"
#define AC_KEYS_ED                                                                     \
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\","                                            \
    "\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\","                           \
    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"

/* RFC 7515 A.2, RSA of 2048 bits. */
#define AC_KEYS_RSA_N                                                                  \
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2m"  \
    "JPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OM"  \
    "g0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY"  \
    "4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91"  \
    "kzk2PAcDTW9gb54h4FRWyuXpoQ"
#define AC_KEYS_RSA                                                                    \
    "{\"kty\":\"RSA\",\"n\":\"" AC_KEYS_RSA_N "\",\"e\":\"AQAB\","                     \
    "\"d\":\"Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMg"  \
    "vfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJf"  \
    "FNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4eh"  \
    "NYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2S"  \
    "R_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ\","                                            \
    "\"p\":\"4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ"  \
    "3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgI"  \
    "PgtldC-KDV5z-y2XDwGUc\","                                                         \
    "\"q\":\"uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1Z"  \
    "Se7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBy"  \
    "peeF6689rjcJIDEz9RWdc\"}"

/* AC_KEYS_EC and the like. */
AC_MUST enum ac_code ac_keys_of_jwk(const char *jwk, struct ac_key **ret_key,
                                    struct ac_error *err);
/* The contents of a file, and the key in it: AC_TEST_DATA "/keys/p256.pem". */
AC_MUST enum ac_code ac_keys_read(const char *path, struct ac_secret *ret_pem,
                                  struct ac_error *err);
AC_MUST enum ac_code ac_keys_load(const char *path, struct ac_key **ret_key,
                                  struct ac_error *err);

#endif
