/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/account.h"

#include <string.h>
#include <strings.h>

#define CONTACT_MAX 320 /* RFC 3696 erratum 1690, and room for the scheme */
#define MAILTO      "mailto:"
#define SHOWN_MAX   100

static enum ac_code refuse(const char *text, const char *reason, struct ac_error *err)
{
    return ac_fail(err, AC_E_USAGE, "contact \"%.*s\": %s", SHOWN_MAX, text, reason);
}

static bool is_graphic(const char *text)
{
    for (; *text; text++) {
        if (*text <= ' ' || *text > '~')
            return false;
    }
    return true;
}

/* 7.3: no header fields, no more than one address */
static enum ac_code check_address(const char *text, const char *address,
                                  struct ac_error *err)
{
    const char *at = strchr(address, '@');

    if (strchr(address, '?')) {
        return refuse(text, "header fields (\"?…\") are not allowed (RFC 8555 7.3)",
                      err);
    }
    if (strchr(address, ',')) {
        return refuse(text, "one address only (RFC 8555 7.3); give several contacts",
                      err);
    }
    if (at == NULL || at == address || at[1] == '\0' || strchr(at + 1, '@')
        || strpbrk(address, "<>\"\\"))
        return refuse(text, "this is no mail address", err);
    return AC_OK;
}

enum ac_code ac_account_contact(const char *text, char **ret_contact,
                                struct ac_error *err)
{
    bool has_scheme = strncasecmp(text, MAILTO, strlen(MAILTO)) == 0;
    const char *address = has_scheme ? text + strlen(MAILTO) : text;

    if (strnlen(text, CONTACT_MAX + 1) > CONTACT_MAX)
        return refuse(text, "too long", err);
    if (!is_graphic(text)) {
        return refuse(
            text, "spaces, control and other special characters are not allowed", err);
    }
    if (strncasecmp(text, "tel:", 4) == 0 && text[4] != '\0')
        return ac_memory_copy_text(text, ret_contact, err);
    if (!has_scheme && strchr(text, ':'))
        return refuse(text, "only mailto: and tel: are known", err);
    AC_TRY(check_address(text, address, err));
    return ac_memory_format(ret_contact, err, MAILTO "%s", address);
}
