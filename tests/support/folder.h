/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of one test, made at first use; see check.h for what tests call. */
#ifndef AC_TESTS_SUPPORT_FOLDER_H
#define AC_TESTS_SUPPORT_FOLDER_H

/* Removes the folder with all that is in it; harmless when there is none. */
void ac_folder_remove(void);

/*
 * Folders made between the two, also by children that crash, are within one that the
 * second removes.
 */
void ac_folder_nest(void);
void ac_folder_unnest(void);

#endif
