/* SPDX-License-Identifier: Apache-2.0 */
#include "answers.h"

#include <stdlib.h>
#include <string.h>

#define CAPACITY_FIRST 16

static size_t find_slot(const struct answers *answers, const char *token);
static bool is_at(const struct answers *answers, size_t slot, const char *token);
static bool grow(struct answers *answers);
static bool insert(struct answers *answers, size_t slot, const char *token,
                   const char *key_authorization);

bool answers_token_is_safe(const char *token)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t size = strnlen(token, ANSWERS_TOKEN_MAX + 1);

    return size >= 1 && size <= ANSWERS_TOKEN_MAX && strspn(token, alphabet) == size;
}

enum answers_added answers_add(struct answers *answers, const char *token,
                               const char *key_authorization)
{
    size_t slot = find_slot(answers, token);

    if (is_at(answers, slot, token)) {
        return strcmp(answers->items[slot].key_authorization, key_authorization) == 0
                   ? ANSWERS_ADDED
                   : ANSWERS_CONFLICT;
    }
    if (answers->count >= ANSWERS_MAX)
        return ANSWERS_FULL;
    if (!grow(answers) || !insert(answers, slot, token, key_authorization))
        return ANSWERS_NO_MEMORY;
    return ANSWERS_ADDED;
}

char *answers_find(const struct answers *answers, const char *token)
{
    size_t slot = find_slot(answers, token);

    return is_at(answers, slot, token) ? answers->items[slot].key_authorization : NULL;
}

void answers_remove(struct answers *answers, const char *token,
                    const char *key_authorization)
{
    size_t slot = find_slot(answers, token);
    struct answer *place = NULL;

    if (!is_at(answers, slot, token))
        return;
    place = &answers->items[slot];
    if (strcmp(place->key_authorization, key_authorization) != 0)
        return;
    free(place->token);
    answers->count--;
    memmove(place, place + 1, (answers->count - slot) * sizeof *place);
}

void answers_drop(struct answers *answers)
{
    for (size_t i = 0; i < answers->count; i++)
        free(answers->items[i].token);
    free(answers->items);
    *answers = (struct answers){ 0 };
}

/* Where the token is or belongs. */
static size_t find_slot(const struct answers *answers, const char *token)
{
    size_t low = 0, high = answers->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(answers->items[middle].token, token) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_at(const struct answers *answers, size_t slot, const char *token)
{
    return slot < answers->count && strcmp(answers->items[slot].token, token) == 0;
}

static bool grow(struct answers *answers)
{
    size_t capacity = answers->capacity ? answers->capacity * 2 : CAPACITY_FIRST;
    struct answer *items = NULL;

    if (answers->count < answers->capacity)
        return true;
    items = reallocarray(answers->items, capacity, sizeof *items);
    if (!items)
        return false;
    answers->items = items;
    answers->capacity = capacity;
    return true;
}

static bool insert(struct answers *answers, size_t slot, const char *token,
                   const char *key_authorization)
{
    struct answer *place = &answers->items[slot];
    size_t token_size = strlen(token) + 1;
    size_t size = strlen(key_authorization) + 1;
    char *text = malloc(token_size + size);

    if (!text)
        return false;
    memcpy(text, token, token_size);
    memcpy(text + token_size, key_authorization, size);
    memmove(place + 1, place, (answers->count - slot) * sizeof *place);
    place->token = text;
    place->key_authorization = text + token_size;
    answers->count++;
    return true;
}
