/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokens that are presented and not cleaned up, with what each is answered.
 */
#ifndef STANDALONE_ANSWERS_H
#define STANDALONE_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>

#define ANSWERS_MAX               100000
#define ANSWERS_TOKEN_MAX         128  /* characters; RFC 8555 asks for >= 22 */
#define ANSWERS_AUTHORIZATION_MAX 1024 /* bytes; usually 87 */

/* One allocation, which begins with the token. */
struct answer {
    char *token;
    char *key_authorization;
};

/* Zeroed is empty. */
struct answers {
    struct answer *items; /* sorted by token */
    size_t count, capacity;
};

enum answers_added {
    ANSWERS_ADDED, /* also when it was there with the same value */
    ANSWERS_CONFLICT,
    ANSWERS_FULL,
    ANSWERS_NO_MEMORY
};

/* True for 1..ANSWERS_TOKEN_MAX characters of base64url (RFC 8555 §8.3). */
bool answers_token_is_safe(const char *token);

enum answers_added answers_add(struct answers *answers, const char *token,
                               const char *key_authorization);

/* The key authorization, lent; or NULL. */
char *answers_find(const struct answers *answers, const char *token);

/* Forgets the token if it has this value; anything else is left alone. */
void answers_remove(struct answers *answers, const char *token,
                    const char *key_authorization);

void answers_drop(struct answers *answers);

#endif
