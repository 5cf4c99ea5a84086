/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcurl, opened when the first exchange needs it.
 *
 * Linking it costs every command 3 ms and 4 MiB at start, also those that ask no server
 * (measured: --version 5.9 ms linked, 2.9 ms so). The table has one typed pointer for
 * each function we call; curl_easy_setopt and curl_easy_getinfo lose curl's
 * type-checking macros, so pass long as 1L.
 */
#ifndef AC_BASE_CURL_H
#define AC_BASE_CURL_H

#include "base/error.h"

#include <curl/curl.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

#define AC_CURL_FUNCTIONS(X)                                                           \
    X(global_init)                                                                     \
    X(version_info)                                                                    \
    X(free)                                                                            \
    X(slist_append)                                                                    \
    X(slist_free_all)                                                                  \
    X(easy_init)                                                                       \
    X(easy_reset)                                                                      \
    X(easy_setopt)                                                                     \
    X(easy_getinfo)                                                                    \
    X(easy_perform)                                                                    \
    X(easy_strerror)                                                                   \
    X(easy_cleanup)                                                                    \
    X(easy_nextheader)                                                                 \
    X(multi_init)                                                                      \
    X(multi_setopt)                                                                    \
    X(multi_add_handle)                                                                \
    X(multi_remove_handle)                                                             \
    X(multi_perform)                                                                   \
    X(multi_poll)                                                                      \
    X(multi_info_read)                                                                 \
    X(multi_strerror)                                                                  \
    X(multi_cleanup)                                                                   \
    X(url)                                                                             \
    X(url_set)                                                                         \
    X(url_get)                                                                         \
    X(url_cleanup)

struct ac_curl {
#define AC_CURL_MEMBER(name) __typeof__(&curl_##name) name;
    AC_CURL_FUNCTIONS(AC_CURL_MEMBER)
#undef AC_CURL_MEMBER
};

/*
 * The table, after curl_global_init; opened once for the life of the process and lent.
 * AC_E_SYSTEM: the library or a function in it is missing; says which package has it.
 */
AC_MUST enum ac_code ac_curl_get(const struct ac_curl **ret_curl, struct ac_error *err);

#endif
