/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words that people bring along from other clients, or from what is not built yet, and
 * what to type instead.
 */
#ifndef AC_CLI_FOREIGN_H
#define AC_CLI_FOREIGN_H

/* "here it is --contact" for "--email" (with its dashes, without a value); NULL: never
 * heard of. Static. */
const char *ac_foreign_option(const char *word);
/* The same for a command: "renew". Static. */
const char *ac_foreign_command(const char *word);

#endif
