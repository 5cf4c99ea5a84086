/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command says is shown, logged, kept and sent; what is in its environment file
 * is for the command alone. Each value of at least EXEC_WITHHELD_MIN bytes is replaced;
 * shorter ones would be found in any text. Of the keys that every environment has
 * (PATH, HOME, LANG) nothing is withheld. A value that is printed in another form, such
 * as base64, is not found.
 */
#ifndef EXEC_WITHHOLD_H
#define EXEC_WITHHOLD_H

#include "words.h"

#define EXEC_WITHHELD     "***"
#define EXEC_WITHHELD_MIN 6 /* bytes; more than the mark has */

/*
 * Replaces in place, and returns the size that is left; no NUL is added.
 *
 * secrets   KEY=VALUE words, or NULL
 * is_cut    the text is the end of a longer one: it may begin with the rest of a value
 */
size_t exec_withhold(const struct exec_words *secrets, bool is_cut, char *text,
                     size_t size);

#endif
