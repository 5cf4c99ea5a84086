/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

/*
 * Longer than a detail by more than one UTF-8 character, so that text which was cut
 * here is cut again, visibly, by ac_text_clean.
 */
#define RAW_SIZE (AC_ERROR_DETAIL_SIZE + 8)

static const char *const code_names[AC_CODE_COUNT] = {
    [AC_OK] = "ok",
    [AC_E_NOMEM] = "no-memory",
    [AC_E_USAGE] = "usage",
    [AC_E_INVALID] = "invalid",
    [AC_E_NOTFOUND] = "not-found",
    [AC_E_STORE] = "store",
    [AC_E_LOCKED] = "locked",
    [AC_E_NETWORK] = "network",
    [AC_E_PROTOCOL] = "protocol",
    [AC_E_PROBLEM] = "problem",
    [AC_E_RATE_LIMITED] = "rate-limited",
    [AC_E_CHALLENGE] = "challenge",
    [AC_E_PLUGIN] = "plugin",
    [AC_E_INSTALLER] = "installer",
    [AC_E_TIMEOUT] = "timeout",
    [AC_E_CANCELLED] = "cancelled",
    [AC_E_SEVERAL] = "several",
    [AC_E_SYSTEM] = "system",
    [AC_E_FAILING] = "failing",
    [AC_E_EXPIRED] = "expired",
};

static void clean_into(char *buffer, size_t buffer_size, const char *raw)
{
    (void)ac_text_clean(buffer, buffer_size, raw, strlen(raw));
}

static enum ac_code fill(struct ac_error *err, enum ac_code code, const char *where,
                         const char *raw)
{
    *err = (struct ac_error){ .code = code, .where = where };
    clean_into(err->detail, sizeof err->detail, raw);
    return code;
}

enum ac_code ac_error_set(struct ac_error *err, enum ac_code code, const char *where,
                          const char *format, ...)
{
    /* Not straight into *err: an argument may be the text of that very error. */
    char raw[RAW_SIZE] = "";
    va_list args;

    if (!err)
        return code;
    va_start(args, format);
    (void)vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    return fill(err, code, where, raw);
}

enum ac_code ac_error_set_errno(struct ac_error *err, enum ac_code code,
                                int errno_value, const char *where, const char *format,
                                ...)
{
    /* strerror may allocate and follows the locale; this does neither. */
    const char *reason = strerrordesc_np(errno_value);
    char unknown[sizeof "error -2147483648"];
    char raw[RAW_SIZE] = "";
    va_list args;

    if (!err)
        return code;
    va_start(args, format);
    (void)vsnprintf(raw, sizeof raw, format, args);
    va_end(args);

    size_t size = strlen(raw);
    if (!reason) {
        (void)snprintf(unknown, sizeof unknown, "error %d", errno_value);
        reason = unknown;
    }
    (void)snprintf(raw + size, sizeof raw - size, ": %s", reason);
    return fill(err, code, where, raw);
}

void ac_error_about(struct ac_error *err, const char *format, ...)
{
    char raw[RAW_SIZE] = "";
    char subject[AC_ERROR_DETAIL_SIZE];
    char whole[sizeof subject + sizeof ": " + sizeof err->detail];
    va_list args;

    if (!err)
        return;
    va_start(args, format);
    (void)vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    clean_into(subject, sizeof subject, raw);

    size_t size = strlen(subject);
    if (!strncmp(err->detail, subject, size) && !strncmp(err->detail + size, ": ", 2))
        return;
    (void)snprintf(whole, sizeof whole, "%s: %s", subject, err->detail);
    clean_into(err->detail, sizeof err->detail, whole);
}

const char *ac_code_name(enum ac_code code)
{
    if ((unsigned)code >= AC_COUNT(code_names))
        return "unknown";
    return code_names[code];
}
