/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which certificates servers serve, as the engine sees it: asked now, answered later,
 * as often as need be. The handshakes are made in a plugin host without a plugin,
 * because the process that holds keys parses nothing that strangers serve: all it takes
 * is a fingerprint and a few words.
 */
#ifndef AC_HOST_PROOF_H
#define AC_HOST_PROOF_H

#include "host/process.h"

#define AC_PROOF_FINGERPRINT_SIZE 65 /* with the NUL */
#define AC_PROOF_TEXT_SIZE        640
#define AC_PROOF_TARGETS_MAX      AC_MESSAGE_BATCH_MAX /* of one question */

struct ac_proof_target {
    const char *address;  /* host[:port] */
    const char *starttls; /* "smtp" …; NULL: TLS at once */
    const char *name;     /* SNI; an address: none */
};

/* What was seen at a target. */
struct ac_proof_seen {
    char fingerprint[AC_PROOF_FINGERPRINT_SIZE]; /* lower case; "": nothing */
    char text[AC_PROOF_TEXT_SIZE]; /* which certificate, or why there is none; clean */
};

struct ac_proof;

/* Starts a plugin host. */
AC_MUST enum ac_code ac_proof_start(const char *host_path, struct ac_proof **ret_proof,
                                    struct ac_error *err);
void ac_proof_free(struct ac_proof *proof);
AC_DEFINE_DROP(ac_proof, ac_proof_free)
/* Asks about these, once the question before was answered. All is copied. */
AC_MUST enum ac_code ac_proof_ask(struct ac_proof *proof,
                                  const struct ac_proof_target *targets, size_t count,
                                  int64_t deadline_ms, struct ac_error *err);

/* For the loop; as in process.h. */
size_t ac_proof_fds(const struct ac_proof *proof, struct pollfd *fds);
int64_t ac_proof_wake_at_ms(const struct ac_proof *proof);
void ac_proof_step(struct ac_proof *proof);
bool ac_proof_is_done(const struct ac_proof *proof);
/* AC_OK: all were looked at. AC_E_PLUGIN, AC_E_USAGE: nothing could be looked at. */
AC_MUST enum ac_code ac_proof_result(const struct ac_proof *proof,
                                     struct ac_error *err);
/* Lent until the next question. */
const struct ac_proof_seen *ac_proof_seen(const struct ac_proof *proof, size_t index);

#endif
