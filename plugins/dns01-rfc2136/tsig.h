/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TSIG (RFC 8945): signs a request, and says whether an answer may be believed.
 */
#ifndef RFC2136_TSIG_H
#define RFC2136_TSIG_H

#include "message.h"

#define TSIG_NAME_MAX   255 /* bytes on the wire */
#define TSIG_SECRET_MAX 512 /* bytes; a hash has 64 at most */
#define TSIG_MAC_MAX    64
#define TSIG_ROOM       400 /* bytes that a signature may take: a name, and 103 more */
#define TSIG_FUDGE_S    300 /* RFC 8945 §10 */

/* Of the extended RCODEs; all travel with RCODE 9 (NOTAUTH). */
enum tsig_error {
    TSIG_NO_ERROR = 0,
    TSIG_BADSIG = 16,
    TSIG_BADKEY = 17,
    TSIG_BADTIME = 18,
    TSIG_BADTRUNC = 22
};

struct tsig_algorithm;

struct tsig_key {
    const struct tsig_algorithm *algorithm; /* NULL: there is no key */
    uint8_t name[TSIG_NAME_MAX];            /* wire form, lower case */
    size_t name_size;
    char text[TSIG_NAME_MAX + 1]; /* the name for people */
    uint8_t secret[TSIG_SECRET_MAX];
    size_t secret_size;
};

/* Text that is a part of something longer. */
struct span {
    const char *text;
    size_t size;
};

struct tsig_mac {
    uint8_t bytes[TSIG_MAC_MAX];
    size_t size;
};

enum tsig_verdict {
    TSIG_GOOD,      /* made by somebody who has the key, for this request, now */
    TSIG_UNSIGNED,  /* no TSIG, or one with an error and without MAC */
    TSIG_OTHER_KEY, /* another key or algorithm than the request */
    TSIG_FORGED,    /* the MAC is wrong */
    TSIG_STALE,     /* the MAC is right, the time is not */
    TSIG_MALFORMED
};

struct tsig_report {
    enum tsig_verdict verdict;
    uint16_t error; /* of the TSIG; believe it only when GOOD */
    int64_t skew_s; /* the server's clock minus ours; GOOD with BADTIME, and STALE */
};

/*
 * Makes a key of its three texts. NULL, or what is wrong; never says the secret.
 */
const char *tsig_key_make(struct span name, struct span algorithm, struct span secret,
                          struct tsig_key *ret_key);

void tsig_key_wipe(struct tsig_key *key);

/* "hmac-sha256" */
const char *tsig_algorithm_name(const struct tsig_key *key);

/*
 * Appends the signature for the time now_s, in seconds since 1970.
 *
 * ret_mac   what the answer's MAC includes
 */
void tsig_sign(const struct tsig_key *key, int64_t now_s, struct message *message,
               struct tsig_mac *ret_mac);

/* Takes the signature off again: what was `size` bytes long before it was signed. */
void tsig_unsign(struct message *message, size_t size);

/* Judges the answer to a request that was signed with `key` and gave `request_mac`. */
struct tsig_report tsig_verify(const struct tsig_key *key,
                               const struct tsig_mac *request_mac, int64_t now_s,
                               const uint8_t *bytes, size_t size);

#endif
