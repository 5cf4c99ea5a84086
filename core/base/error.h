/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One error type for the whole program: a value on the caller's stack.
 *
 * A failing function returns a code and fills the caller's struct ac_error. No
 * thread-local state, no allocation on the failing path. Knows no HTTP and no ACME
 * beyond the fields that carry their facts.
 */
#ifndef AC_BASE_ERROR_H
#define AC_BASE_ERROR_H

#include <stdarg.h>
#include <stdint.h>

#define AC_MUST __attribute__((warn_unused_result))

/* What a caller may branch on. The command line maps each to an exit code. */
enum ac_code {
    AC_OK = 0,
    AC_E_NOMEM,        /* an allocation failed */
    AC_E_USAGE,        /* an option or a setting is wrong; a person must act */
    AC_E_INVALID,      /* bytes from outside are not what they should be */
    AC_E_NOTFOUND,     /* the named thing does not exist */
    AC_E_STORE,        /* a file or folder cannot be read or written */
    AC_E_LOCKED,       /* another run holds the lock */
    AC_E_NETWORK,      /* no usable answer: connect, TLS, reset, deadline */
    AC_E_PROTOCOL,     /* an answer came and breaks the protocol */
    AC_E_PROBLEM,      /* the CA refused; err->problem says why (RFC 8555 6.7) */
    AC_E_RATE_LIMITED, /* the CA said not now; err->retry_after says when */
    AC_E_CHALLENGE,    /* a challenge did not validate */
    AC_E_PLUGIN,       /* a plugin failed, crashed, hung or was refused */
    AC_E_INSTALLER,    /* issued and stored, but not installed */
    AC_E_TIMEOUT,      /* our own deadline passed */
    AC_E_CANCELLED,    /* a signal asked us to end */
    AC_E_SEVERAL,      /* several things failed, for different reasons */
    AC_E_SYSTEM,       /* the operating system refused something else */
    AC_E_FAILING,      /* status: something is due and does not succeed */
    AC_E_EXPIRED,      /* status: something has expired */
    AC_CODE_COUNT
};

#define AC_ERROR_PROBLEM_SIZE 64
#define AC_ERROR_DETAIL_SIZE  768 /* holds a path and a sentence */

struct ac_error {
    enum ac_code code;                   /* what a caller may branch on */
    const char *where;                   /* "core/acme/order.c:118" */
    long http_status;                    /* 0: there was no HTTP answer */
    uint32_t retry_after;                /* [s] from Retry-After; 0: not given */
    char problem[AC_ERROR_PROBLEM_SIZE]; /* RFC 8555 6.7, "rateLimited"; "" if none */
    char detail[AC_ERROR_DETAIL_SIZE];   /* for a person; never a secret; clean text */
};

#define AC_STRINGIFY_(x) #x
#define AC_STRINGIFY(x)  AC_STRINGIFY_(x)
#define AC_HERE          __FILE__ ":" AC_STRINGIFY(__LINE__)

/*
 * Fills *err (code, where, detail; the rest is cleared) and returns the code, so that
 * `return ac_fail(err, AC_E_PROTOCOL, "order has no finalize URL");` reads well.
 * Control characters and broken UTF-8 in the result are escaped (ac_text_clean rules).
 */
#ifndef __clang_analyzer__
#define ac_fail(err, code, ...) ac_error_set((err), (code), AC_HERE, __VA_ARGS__)
#else /* it looks at one file at a time and must see which code comes back */
#define ac_fail(err, code, ...)                                                        \
    (ac_error_set((err), (code), AC_HERE, __VA_ARGS__), (code))
#endif

/* As ac_fail, with ": " and the meaning of errno_value added. */
#ifndef __clang_analyzer__
#define ac_fail_errno(err, code, errno_value, ...)                                     \
    ac_error_set_errno((err), (code), (errno_value), AC_HERE, __VA_ARGS__)
#else
#define ac_fail_errno(err, code, errno_value, ...)                                     \
    (ac_error_set_errno((err), (code), (errno_value), AC_HERE, __VA_ARGS__), (code))
#endif

/* Passes a failure on. The only macro that hides control flow. */
#define AC_TRY(call)                                                                   \
    do {                                                                               \
        enum ac_code ac_try_code_ = (call);                                            \
        if (ac_try_code_ != AC_OK)                                                     \
            return ac_try_code_;                                                       \
    } while (0)

enum ac_code ac_error_set(struct ac_error *err, enum ac_code code, const char *where,
                          const char *format, ...)
    __attribute__((format(printf, 4, 5)));
enum ac_code ac_error_set_errno(struct ac_error *err, enum ac_code code,
                                int errno_value, const char *where, const char *format,
                                ...) __attribute__((format(printf, 5, 6)));

/* Puts "subject: " before the detail, once (a detail that begins so is left alone). */
void ac_error_about(struct ac_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Stable lower-case word for a code ("network"); for logs and JSON. Never NULL. */
const char *ac_code_name(enum ac_code code);

#endif
