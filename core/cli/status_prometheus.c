/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/status.h"
#include "engine/deploy/deployment.h"

#include <inttypes.h>
#include <string.h>

/* One family: what it says of one certificate; false: nothing. */
struct family {
    const char *name;
    const char *help;
    bool (*value)(const struct ac_status_item *item, int64_t *ret_value);
};

static bool not_before(const struct ac_status_item *item, int64_t *ret_value)
{
    *ret_value = item->not_before;
    return item->not_after > 0;
}

static bool not_after(const struct ac_status_item *item, int64_t *ret_value)
{
    *ret_value = item->not_after;
    return item->not_after > 0;
}

static bool next_attempt(const struct ac_status_item *item, int64_t *ret_value)
{
    *ret_value = item->plan.attempt_at;
    return !item->is_unwanted && !item->is_unissued && item->plan.attempt_at > 0
           && item->plan.attempt_at < AC_PLAN_NEVER;
}

static bool failures(const struct ac_status_item *item, int64_t *ret_value)
{
    *ret_value = item->state.trouble.failures;
    return true;
}

static bool last_failure(const struct ac_status_item *item, int64_t *ret_value)
{
    *ret_value = item->state.trouble.failed_at;
    return item->state.trouble.failed_at > 0;
}

/* Of certificates that are not for an installer nothing is said. */
static bool not_live(const struct ac_status_item *item, int64_t *ret_value)
{
    const struct ac_state *state = &item->state;

    *ret_value = 0;
    for (size_t i = 0; i < state->deployment_count; i++)
        *ret_value += ac_deployment_is_open(&state->deployments[i], item->version);
    return state->deployment_count > 0;
}

static const struct family families[] = {
    { "acmecore_certificate_not_before_timestamp_seconds",
      "When the certificate that is held begins to be valid.", not_before },
    { "acmecore_certificate_not_after_timestamp_seconds",
      "When the certificate that is held expires.", not_after },
    { "acmecore_certificate_next_attempt_timestamp_seconds",
      "When something is to be done about the certificate next.", next_attempt },
    { "acmecore_certificate_failures",
      "Attempts in a row that failed; 0 after a success.", failures },
    { "acmecore_certificate_last_failure_timestamp_seconds",
      "When the last attempt failed.", last_failure },
    { "acmecore_certificate_deployments_pending",
      "Installers that have not put the current version to use.", not_live },
};

/* A label's value: backslash, quote and line feed are escaped. */
static enum ac_code add_label(struct ac_text *text, const char *name, const char *value,
                              struct ac_error *err)
{
    AC_TRY(ac_text_addf(text, err, "%s=\"", name));
    for (; *value; value++) {
        const char *escape = *value == '\n'   ? "\\n"
                             : *value == '"'  ? "\\\""
                             : *value == '\\' ? "\\\\"
                                              : NULL;

        AC_TRY(escape ? ac_text_add(text, escape, 2, err)
                      : ac_text_add(text, value, 1, err));
    }
    return ac_text_add(text, "\"", 1, err);
}

static enum ac_code begin_family(struct ac_text *text, const char *name,
                                 const char *help, struct ac_error *err)
{
    return ac_text_addf(text, err, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static enum ac_code add_family(const struct ac_status *status,
                               const struct family *family, struct ac_text *text,
                               struct ac_error *err)
{
    AC_TRY(begin_family(text, family->name, family->help, err));
    for (size_t i = 0; i < status->count; i++) {
        int64_t value = 0;

        if (!family->value(&status->items[i], &value))
            continue;
        AC_TRY(ac_text_addf(text, err, "%s{", family->name));
        AC_TRY(add_label(text, "name", status->items[i].name, err));
        AC_TRY(ac_text_addf(text, err, "} %" PRId64 "\n", value));
    }
    return AC_OK;
}

#define LEVEL_FAMILY "acmecore_certificate_level"
#define COUNT_FAMILY "acmecore_certificates"

/* 1 for the level that it has, so that a query can count by name. */
static enum ac_code add_levels(const struct ac_status *status, struct ac_text *text,
                               struct ac_error *err)
{
    AC_TRY(begin_family(text, LEVEL_FAMILY,
                        "1 for the level that the certificate is at.", err));
    for (size_t i = 0; i < status->count; i++) {
        AC_TRY(ac_text_addf(text, err, LEVEL_FAMILY "{"));
        AC_TRY(add_label(text, "name", status->items[i].name, err));
        AC_TRY(ac_text_addf(text, err, ",level=\"%s\"} 1\n",
                            ac_status_level_name(status->items[i].level)));
    }
    AC_TRY(begin_family(text, COUNT_FAMILY, "Certificates at each level.", err));
    for (int level = 0; level < AC_STATUS_LEVELS; level++) {
        AC_TRY(ac_text_addf(text, err, COUNT_FAMILY "{level=\"%s\"} %zu\n",
                            ac_status_level_name((enum ac_status_level)level),
                            status->at_level[level]));
    }
    return AC_OK;
}

enum ac_code ac_status_prometheus(const struct ac_status *status, size_t fault_count,
                                  struct ac_text *text, struct ac_error *err)
{
    for (size_t i = 0; i < AC_COUNT(families); i++)
        AC_TRY(add_family(status, &families[i], text, err));
    AC_TRY(add_levels(status, text, err));
    AC_TRY(begin_family(text, "acmecore_configuration_faults",
                        "What is wrong with the configuration; 0: nothing.", err));
    AC_TRY(ac_text_addf(text, err, "acmecore_configuration_faults %zu\n", fault_count));
    AC_TRY(begin_family(text, "acmecore_status_timestamp_seconds",
                        "When this was written.", err));
    return ac_text_addf(text, err, "acmecore_status_timestamp_seconds %" PRId64 "\n",
                        status->utc);
}
