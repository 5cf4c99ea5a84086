/* SPDX-License-Identifier: Apache-2.0 */
#include "proofs.h"

#include "certificate.h"

#include <gnutls/x509.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_FIRST 16

static size_t find_first(const struct proofs *proofs, const char *server_name);
static bool is_at(const struct proofs *proofs, size_t slot, const char *server_name);
static size_t find(const struct proofs *proofs, const char *server_name,
                   const char *key_authorization, bool *ret_is_there);
static bool grow(struct proofs *proofs);
static struct proof *new_proof(const struct subject *subject,
                               const char *key_authorization);
static int certify(struct proofs *proofs, struct proof *proof);

enum proofs_added proofs_add(struct proofs *proofs, const struct subject *subject,
                             const char *key_authorization, int *ret_code)
{
    bool is_there = false;
    size_t slot = find(proofs, subject->server_name, key_authorization, &is_there);
    struct proof *proof = NULL;

    if (is_there)
        return PROOFS_ADDED;
    if (proofs->count >= PROOFS_MAX)
        return PROOFS_FULL;
    if (!grow(proofs) || !(proof = new_proof(subject, key_authorization)))
        return PROOFS_NO_MEMORY;
    *ret_code = certify(proofs, proof);
    if (*ret_code != 0) {
        proof_release(proof);
        return PROOFS_NO_CERTIFICATE;
    }
    memmove(&proofs->items[slot + 1], &proofs->items[slot],
            (proofs->count - slot) * sizeof(struct proof *));
    proofs->items[slot] = proof;
    proofs->count++;
    return PROOFS_ADDED;
}

struct proof *proofs_find(const struct proofs *proofs, const char *server_name)
{
    size_t slot = find_first(proofs, server_name);

    return is_at(proofs, slot, server_name) ? proofs->items[slot] : NULL;
}

void proofs_remove(struct proofs *proofs, const struct subject *subject,
                   const char *key_authorization)
{
    bool is_there = false;
    size_t slot = find(proofs, subject->server_name, key_authorization, &is_there);

    if (!is_there)
        return;
    proof_release(proofs->items[slot]);
    proofs->count--;
    memmove(&proofs->items[slot], &proofs->items[slot + 1],
            (proofs->count - slot) * sizeof(struct proof *));
}

struct proof *proof_use(struct proof *proof)
{
    proof->users++;
    return proof;
}

void proof_release(struct proof *proof)
{
    if (!proof || --proof->users > 0)
        return;
    if (proof->credentials)
        gnutls_certificate_free_credentials(proof->credentials);
    free(proof->key_authorization);
    free(proof);
}

void proofs_drop(struct proofs *proofs)
{
    for (size_t i = 0; i < proofs->count; i++)
        proof_release(proofs->items[i]);
    free(proofs->items);
    if (proofs->key)
        gnutls_x509_privkey_deinit(proofs->key);
    *proofs = (struct proofs){ 0 };
}

/* Where the first of this name is or belongs. */
static size_t find_first(const struct proofs *proofs, const char *server_name)
{
    size_t low = 0, high = proofs->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(proofs->items[middle]->subject.server_name, server_name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_at(const struct proofs *proofs, size_t slot, const char *server_name)
{
    return slot < proofs->count
           && strcmp(proofs->items[slot]->subject.server_name, server_name) == 0;
}

/* Where exactly this one is, or behind all others of its name. */
static size_t find(const struct proofs *proofs, const char *server_name,
                   const char *key_authorization, bool *ret_is_there)
{
    size_t slot = find_first(proofs, server_name);

    *ret_is_there = false;
    for (; is_at(proofs, slot, server_name); slot++) {
        if (strcmp(proofs->items[slot]->key_authorization, key_authorization) == 0) {
            *ret_is_there = true;
            return slot;
        }
    }
    return slot;
}

static bool grow(struct proofs *proofs)
{
    size_t capacity = proofs->capacity ? proofs->capacity * 2 : CAPACITY_FIRST;
    struct proof **items = NULL;

    if (proofs->count < proofs->capacity)
        return true;
    items = reallocarray(proofs->items, capacity, sizeof(struct proof *));
    if (!items)
        return false;
    proofs->items = items;
    proofs->capacity = capacity;
    return true;
}

static struct proof *new_proof(const struct subject *subject,
                               const char *key_authorization)
{
    struct proof *proof = calloc(1, sizeof *proof);

    if (!proof)
        return NULL;
    proof->users = 1;
    proof->subject = *subject;
    proof->key_authorization = strdup(key_authorization);
    if (!proof->key_authorization) {
        free(proof);
        return NULL;
    }
    return proof;
}

static int certify(struct proofs *proofs, struct proof *proof)
{
    int code = proofs->key ? 0 : certificate_new_key(&proofs->key);

    if (code != 0)
        return code;
    return certificate_new(proofs->key, &proof->subject, proof->key_authorization,
                           &proof->credentials);
}
