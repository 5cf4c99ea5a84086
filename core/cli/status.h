/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forms of `status`: a table, Prometheus metrics, and a page. A part of cli/status.
 */
#ifndef AC_CLI_STATUS_H
#define AC_CLI_STATUS_H

#include "engine/renewal/status.h"

#define AC_STATUS_TEXT_MAX     ((size_t)256 * 1024 * 1024) /* thousands of certificates */
#define AC_STATUS_PHRASE_SIZE  128
#define AC_STATUS_MESSAGE_SIZE 1024

struct ac_status_look {
    bool has_color;  /* standard output takes colours */
    bool has_blocks; /* … and is a terminal, so the bars may be fine */
};

AC_MUST enum ac_code ac_status_table(const struct ac_status *status,
                                     const struct ac_status_look *look,
                                     struct ac_text *text, struct ac_error *err);
/* The textfile collector's form of the exposition format, version 0.0.4. fault_count:
 * of the configuration. */
AC_MUST enum ac_code ac_status_prometheus(const struct ac_status *status,
                                          size_t fault_count, struct ac_text *text,
                                          struct ac_error *err);
/* One page without anything from elsewhere; the status has lives. */
AC_MUST enum ac_code ac_status_page(const struct ac_status *status,
                                    struct ac_text *text, struct ac_error *err);

/* ---- phrases that the table and the page share; each returns `phrase` */

/* "29 d", "5 h", "12 min"; of a length in seconds. */
char *ac_status_length(int64_t length_s, char phrase[AC_STATUS_PHRASE_SIZE]);
/* "expires in 29 d", "expired 3 h ago", "not issued yet". */
char *ac_status_ends(const struct ac_status_item *item, int64_t utc,
                     char phrase[AC_STATUS_PHRASE_SIZE]);
/* What happens next, when and why: "in 12 d (its age)". */
char *ac_status_next(const struct ac_status_item *item, int64_t utc,
                     char phrase[AC_STATUS_PHRASE_SIZE]);
/* What failed last, fit to be shown. */
char *ac_status_message(const struct ac_status_item *item,
                        char message[AC_STATUS_MESSAGE_SIZE]);
/* "5 certificates: 1 expired, 4 fine". Appended. */
AC_MUST enum ac_code ac_status_summary(const struct ac_status *status,
                                       struct ac_text *text, struct ac_error *err);

#endif
