/* SPDX-License-Identifier: Apache-2.0 */
#include "host/options.h"

#include "host/isolation.h"

#include "config/source.h"

#include <inttypes.h>
#include <string.h>

#define VALUE_MAX    4096 /* bytes of one value; a path at most */
#define SETTINGS_MAX 1024 /* in one section */
#define SECRET_MAX   (64u * 1024u)
#define HOST_ALPHABET                                                                  \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._"
#define LITERAL_ALPHABET "0123456789abcdefABCDEF:."
#define HOST_MAX         253
#define PORT_MAX         65535
#define FALLBACK_ORIGIN  "default"

/* What has been gathered for the "open" message. */
struct opening {
    const struct ac_descriptor *descriptor;
    struct ac_json *options;
    struct ac_json *secrets;
    struct ac_secret blob;
};

static void opening_done(struct opening *opening)
{
    ac_json_free(opening->options);
    ac_json_free(opening->secrets);
    ac_secret_wipe(&opening->blob);
}

/* How a message begins: where the setting is written, and which one. */
#define ABOUT            "%s: option \"%s\" of %s"
#define ABOUT_ARGS(o, s) (s)->origin, (s)->name, (o)->descriptor->name

static const struct ac_option *find_option(const struct ac_descriptor *descriptor,
                                           const char *name)
{
    for (size_t i = 0; i < descriptor->option_count; i++) {
        if (!strcmp(descriptor->options[i].name, name))
            return &descriptor->options[i];
    }
    return NULL;
}

static enum ac_code fail_unknown(const struct opening *opening,
                                 const struct ac_setting *setting, struct ac_error *err)
{
    const struct ac_descriptor *descriptor = opening->descriptor;
    AC_AUTO(ac_words) known = { 0 };
    AC_AUTO(ac_text) list = { 0 };

    if (descriptor->option_count == 0) {
        return ac_fail(err, AC_E_USAGE, ABOUT " is unknown; it has no options",
                       ABOUT_ARGS(opening, setting));
    }
    for (size_t i = 0; i < descriptor->option_count; i++)
        AC_TRY(ac_words_add(&known, descriptor->options[i].name, err));
    const char *nearest =
        ac_text_nearest(setting->name, (const char *const *)known.items);
    if (nearest) {
        return ac_fail(err, AC_E_USAGE, ABOUT " is unknown; did you mean \"%s\"?",
                       ABOUT_ARGS(opening, setting), nearest);
    }
    AC_TRY(ac_words_join(&known, ", ", &list, err));
    return ac_fail(err, AC_E_USAGE, ABOUT " is unknown; it has %s",
                   ABOUT_ARGS(opening, setting), ac_text_get(&list));
}

static bool is_one_line(const char *value)
{
    size_t size = strnlen(value, VALUE_MAX + 1);

    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)value[i] < ' ' || value[i] == '\x7F')
            return false;
    }
    return size <= VALUE_MAX;
}

static bool is_number(const char *value, int64_t minimum, int64_t maximum)
{
    struct ac_error ignored = { 0 };
    bool is_negative = value[0] == '-';
    int64_t number = 0;

    if (ac_text_parse_number(value + is_negative, 0, INT64_MAX, &number, &ignored)
        != AC_OK)
        return false;
    number = is_negative ? -number : number;
    return number >= minimum && number <= maximum;
}

static bool is_host(const char *text, size_t size)
{
    return size > 0 && size <= HOST_MAX && strspn(text, HOST_ALPHABET) >= size
           && text[0] != '-' && text[0] != '.';
}

/* "host", "host:port", "192.0.2.1:53", "[2001:db8::1]:53", "2001:db8::1" */
static bool is_address(const char *value)
{
    const char *colon = strrchr(value, ':');
    const char *port = colon ? colon + 1 : NULL;

    if (ac_text_is_made_of(value, LITERAL_ALPHABET, 2, HOST_MAX) && colon
        && strchr(value, ':') != colon)
        return true; /* a bare IPv6 literal */
    if (value[0] == '[') {
        size_t size = strspn(value + 1, LITERAL_ALPHABET);
        const char *rest = value + 1 + size;
        if (size < 2 || rest[0] != ']' || (rest[1] != '\0' && rest[1] != ':'))
            return false;
        return rest[1] == '\0' || is_number(rest + 2, 1, PORT_MAX);
    }
    if (!colon)
        return is_host(value, strlen(value));
    return is_host(value, (size_t)(colon - value)) && is_number(port, 1, PORT_MAX);
}

static enum ac_code check_choice(const struct opening *opening,
                                 const struct ac_option *option,
                                 const struct ac_setting *setting, struct ac_error *err)
{
    AC_AUTO(ac_text) list = { 0 };

    if (option->choices.count == 0 || ac_words_has(&option->choices, setting->value))
        return AC_OK;
    AC_TRY(ac_words_join(&option->choices, ", ", &list, err));
    return ac_fail(err, AC_E_USAGE, ABOUT " is \"%s\", which is none of: %s",
                   ABOUT_ARGS(opening, setting), setting->value, ac_text_get(&list));
}

static enum ac_code check_value(const struct opening *opening,
                                const struct ac_option *option,
                                const struct ac_setting *setting, struct ac_error *err)
{
    const char *value = setting->value;

    if (!is_one_line(value)) {
        return ac_fail(err, AC_E_USAGE,
                       ABOUT " must be one line of at most %d bytes, without control "
                             "characters",
                       ABOUT_ARGS(opening, setting), VALUE_MAX);
    }
    if (option->type == ACMECORE_OPTION_NUMBER
        && !is_number(value, option->minimum, option->maximum)) {
        return ac_fail(err, AC_E_USAGE,
                       ABOUT " is \"%s\", not a number from %" PRId64 " to %" PRId64,
                       ABOUT_ARGS(opening, setting), value, option->minimum,
                       option->maximum);
    }
    if (option->type == ACMECORE_OPTION_PATH && value[0] != '/') {
        return ac_fail(err, AC_E_USAGE, ABOUT " is \"%s\", not an absolute path",
                       ABOUT_ARGS(opening, setting), value);
    }
    if (option->type == ACMECORE_OPTION_ADDRESS && !is_address(value)) {
        return ac_fail(err, AC_E_USAGE, ABOUT " is \"%s\", not a host or host:port",
                       ABOUT_ARGS(opening, setting), value);
    }
    return check_choice(opening, option, setting, err);
}

static enum ac_code append_blob(struct opening *opening, const struct ac_secret *secret,
                                const struct ac_setting *setting, struct ac_error *err)
{
    struct ac_secret joined = { 0 };
    size_t before = opening->blob.size;

    if (secret->size > AC_MESSAGE_BLOB_MAX - before) {
        return ac_fail(err, AC_E_USAGE, ABOUT ": the secrets are over %u bytes",
                       ABOUT_ARGS(opening, setting), AC_MESSAGE_BLOB_MAX);
    }
    AC_TRY(ac_secret_new(before + secret->size, &joined, err));
    if (before > 0)
        memcpy(joined.bytes, opening->blob.bytes, before);
    if (secret->size > 0)
        memcpy(joined.bytes + before, secret->bytes, secret->size);
    ac_secret_wipe(&opening->blob);
    opening->blob = joined;
    return AC_OK;
}

static enum ac_code add_secret(struct opening *opening,
                               const struct ac_setting *setting, struct ac_error *err)
{
    AC_AUTO(ac_secret) secret = { 0 };
    AC_AUTO(ac_json) *entry = NULL;
    enum ac_code code = ac_source_read(setting->value, SECRET_MAX, &secret, err);

    if (code == AC_E_NOMEM)
        return code;
    if (code != AC_OK) {
        struct ac_error why = *err;
        return ac_fail(err, AC_E_USAGE, ABOUT ": %s", ABOUT_ARGS(opening, setting),
                       why.detail);
    }
    AC_TRY(append_blob(opening, &secret, setting, err));
    AC_TRY(ac_json_new(&entry, err, "{s:s, s:I}", "name", setting->name, "size",
                       (int64_t)secret.size));
    return ac_json_append(opening->secrets, &entry, err);
}

static enum ac_code fail_double(const struct opening *opening,
                                const struct ac_setting *setting, struct ac_error *err)
{
    return ac_fail(err, AC_E_USAGE, ABOUT " is given twice, and takes one value",
                   ABOUT_ARGS(opening, setting));
}

/* Checks all values that one option has, in the order given, and keeps them. */
static enum ac_code add_option(struct opening *opening, const struct ac_option *option,
                               const struct ac_section *section, struct ac_error *err)
{
    AC_AUTO(ac_words) values = { 0 };

    for (size_t i = 0; i < section->count; i++) {
        const struct ac_setting *setting = &section->items[i];
        if (strcmp(setting->name, option->name) != 0)
            continue;
        AC_TRY(check_value(opening, option, setting, err));
        if (values.count > 0 && !(option->flags & ACMECORE_LIST)) {
            return fail_double(opening, setting, err);
        }
        AC_TRY(ac_words_add(&values, setting->value, err));
        if (option->type == ACMECORE_OPTION_SECRET)
            AC_TRY(add_secret(opening, setting, err));
    }
    /* A secret's path is of no use to the plugin, but that there is one is. */
    return ac_json_set_words(opening->options, option->name, &values, err);
}

static bool is_given(const struct ac_section *section, const char *name)
{
    for (size_t i = 0; i < section->count; i++) {
        if (!strcmp(section->items[i].name, name))
            return true;
    }
    return false;
}

/* The value an author gave is checked like any other. */
static enum ac_code add_fallback(struct opening *opening,
                                 const struct ac_option *option, struct ac_error *err)
{
    AC_AUTO(ac_section) section = { 0 };

    AC_TRY(
        ac_section_add(&section, option->name, option->fallback, FALLBACK_ORIGIN, err));
    return add_option(opening, option, &section, err);
}

static enum ac_code fail_missing(const struct opening *opening,
                                 const struct ac_option *option, struct ac_error *err)
{
    return ac_fail(err, AC_E_USAGE,
                   "plugin %s needs the option \"%s\" (%s): --set %s.%s=VALUE",
                   opening->descriptor->name, option->name, option->help,
                   opening->descriptor->name, option->name);
}

static enum ac_code fill_option(struct opening *opening, const struct ac_option *option,
                                const struct ac_section *section, struct ac_error *err)
{
    if (is_given(section, option->name))
        return add_option(opening, option, section, err);
    if (option->fallback)
        return add_fallback(opening, option, err);
    if (!(option->flags & ACMECORE_REQUIRED))
        return AC_OK;
    return fail_missing(opening, option, err);
}

static enum ac_code fill_opening(struct opening *opening,
                                 const struct ac_section *section, struct ac_error *err)
{
    const struct ac_descriptor *descriptor = opening->descriptor;

    if (section->count > SETTINGS_MAX) {
        return ac_fail(err, AC_E_USAGE, "plugin %s has over %d settings",
                       descriptor->name, SETTINGS_MAX);
    }
    for (size_t i = 0; i < section->count; i++) {
        if (!find_option(descriptor, section->items[i].name)
            && !ac_isolation_is_setting(section->items[i].name))
            return fail_unknown(opening, &section->items[i], err);
    }
    AC_TRY(ac_json_new(&opening->options, err, "{}"));
    AC_TRY(ac_json_new(&opening->secrets, err, "[]"));
    for (size_t i = 0; i < descriptor->option_count; i++)
        AC_TRY(fill_option(opening, &descriptor->options[i], section, err));
    return AC_OK;
}

enum ac_code ac_options_check(const struct ac_descriptor *descriptor,
                              const struct ac_section *section,
                              struct ac_message *ret_open, struct ac_error *err)
{
    __attribute__((cleanup(opening_done))) struct opening opening = { .descriptor =
                                                                          descriptor };
    AC_AUTO(ac_message) open = { 0 };

    AC_TRY(fill_opening(&opening, section, err));
    AC_TRY(ac_json_new(&open.json, err, "{s:s, s:o, s:o}", "op", "open", "options",
                       (void *)AC_TAKE(opening.options), "secrets",
                       (void *)AC_TAKE(opening.secrets)));
    open.blob = opening.blob;
    opening.blob = (struct ac_secret){ 0 };
    *ret_open = open;
    open = (struct ac_message){ 0 };
    return AC_OK;
}

/* ---- all that is wrong */

/* One setting as if it were alone; its doubles come before it. */
static enum ac_code check_setting(struct opening *opening,
                                  const struct ac_section *section, size_t index,
                                  struct ac_error *err)
{
    const struct ac_setting *setting = &section->items[index];
    const struct ac_option *option = find_option(opening->descriptor, setting->name);

    if (ac_isolation_is_setting(setting->name))
        return ac_isolation_check(setting, err);
    if (!option)
        return fail_unknown(opening, setting, err);
    AC_TRY(check_value(opening, option, setting, err));
    for (size_t i = 0; i < index && !(option->flags & ACMECORE_LIST); i++) {
        if (strcmp(section->items[i].name, setting->name) == 0)
            return fail_double(opening, setting, err);
    }
    if (option->type != ACMECORE_OPTION_SECRET || !ac_source_is_here(setting->value))
        return AC_OK;
    return add_secret(opening, setting, err);
}

static enum ac_code tell(const struct ac_options_listener *listener,
                         const struct ac_setting *setting, const struct ac_error *why,
                         struct ac_error *err)
{
    if (why->code == AC_OK)
        return AC_OK;
    if (why->code == AC_E_USAGE)
        return listener->told(listener->arg, setting, why->detail, err);
    *err = *why;
    return why->code;
}

enum ac_code ac_options_check_all(const struct ac_descriptor *descriptor,
                                  const struct ac_section *section,
                                  const struct ac_options_listener *listener,
                                  struct ac_error *err)
{
    __attribute__((cleanup(opening_done))) struct opening opening = { .descriptor =
                                                                          descriptor };

    AC_TRY(ac_json_new(&opening.secrets, err, "[]"));
    for (size_t i = 0; i < section->count; i++) {
        struct ac_error why = { 0 };

        (void)!check_setting(&opening, section, i, &why);
        AC_TRY(tell(listener, &section->items[i], &why, err));
    }
    for (size_t i = 0; i < descriptor->option_count; i++) {
        const struct ac_option *option = &descriptor->options[i];
        struct ac_error why = { 0 };

        if (!(option->flags & ACMECORE_REQUIRED) || option->fallback
            || is_given(section, option->name))
            continue;
        (void)!ac_fail(&why, AC_E_USAGE, "plugin %s needs the option \"%s\" (%s)",
                       descriptor->name, option->name, option->help);
        AC_TRY(tell(listener, NULL, &why, err));
    }
    return AC_OK;
}
