/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/table.h"

#include <string.h>

#define WIDTH  79
#define INDENT 6

#define COMMAND_COLUMN 26

static const char exit_codes[] =
    "Exit status: 0 done or nothing due, 1 several certificates failed differently, "
    "2 usage or configuration, 3 the CA refused, 4 a challenge did not validate, "
    "5 the CA cannot be reached or broke the protocol, 6 a plugin failed, "
    "7 issued but not installed, 8 another run holds the lock, "
    "9 the store (or the machine) cannot be used, 10 rate limited, "
    "20 (status, renew) a certificate is due and failing, 21 (status) one has expired, "
    "128+N ended by signal N.";

/* Breaks a sentence into lines of WIDTH, each indented. */
static enum ac_code add_wrapped(struct ac_text *text, const char *sentence, int indent,
                                struct ac_error *err)
{
    size_t column = (size_t)indent;

    AC_TRY(ac_text_addf(text, err, "%*s", indent, ""));
    while (*sentence != '\0') {
        size_t size = strcspn(sentence, " ");
        size_t gap = strspn(sentence + size, " ");
        bool fits = column + size + 1 + strcspn(sentence + size + gap, " ") <= WIDTH;

        AC_TRY(ac_text_add(text, sentence, size, err));
        sentence += size + gap;
        column = fits ? column + size + 1 : (size_t)indent;
        if (*sentence == '\0')
            break;
        AC_TRY(
            ac_text_addf(text, err, "%s%*s", fits ? " " : "\n", fits ? 0 : indent, ""));
    }
    return ac_text_add(text, "\n", 1, err);
}

static enum ac_code add_option(struct ac_text *text, const struct ac_option_rule *rule,
                               struct ac_error *err)
{
    if (rule->letter) {
        AC_TRY(ac_text_addf(text, err, "  -%c, ", rule->letter));
    } else {
        AC_TRY(ac_text_addf(text, err, "  "));
    }
    AC_TRY(ac_text_addf(text, err, "--%s%s%s\n", rule->name, rule->argument ? " " : "",
                        rule->argument ? rule->argument : ""));
    return add_wrapped(text, rule->help, INDENT, err);
}

/* Those that a command takes, so that a script may always give them, and that change
 * nothing for it. */
static bool is_idle(const struct ac_option_rule *rule, enum ac_command command)
{
    static const struct {
        const char *name;
        unsigned commands;
    } idle[] = {
        { "timeout", AC_BIT(STATUS) | AC_BIT(LIST) | AC_BIT(SHOW) | AC_BIT(ACCOUNT_LIST)
                         | AC_BIT(PLUGIN_NEW) },
        { "plugin-dir",
          ~(AC_BIT(ISSUE) | AC_BIT(RENEW) | AC_BIT(CLEANUP) | AC_BIT(REVOKE)
            | AC_BIT(DEPLOY) | AC_BIT(ROLLBACK) | AC_BIT(PLUGIN_LIST)
            | AC_BIT(PLUGIN_SHOW) | AC_BIT(PLUGIN_CHECK) | AC_BIT(CONFIG_CHECK)) },
        { "state-dir", AC_BIT(DIRECTORY) | AC_BIT(PLUGIN_LIST) | AC_BIT(PLUGIN_NEW)
                           | AC_BIT(PLUGIN_SHOW) | AC_BIT(CONFIG_CHECK) },
        { "trace", AC_BIT(STATUS) | AC_BIT(PLUGIN_NEW) | AC_BIT(ROLLBACK) | AC_BIT(LIST)
                       | AC_BIT(SHOW) | AC_BIT(ACCOUNT_LIST) | AC_BIT(PLUGIN_LIST)
                       | AC_BIT(PLUGIN_SHOW) | AC_BIT(CONFIG_CHECK) },
    };

    for (size_t i = 0; i < AC_COUNT(idle); i++) {
        if (strcmp(idle[i].name, rule->name) == 0)
            return (idle[i].commands & (1u << command)) != 0;
    }
    return false;
}

/* Options of the command alone, or those that all commands share. */
static enum ac_code add_options(struct ac_text *text, enum ac_command command,
                                bool are_common, struct ac_error *err)
{
    for (size_t i = 0; i < ac_option_rule_count; i++) {
        const struct ac_option_rule *rule = &ac_option_rules[i];

        if ((rule->commands == AC_FOR_ALL) == are_common
            && (rule->commands & (1u << command)) && !is_idle(rule, command))
            AC_TRY(add_option(text, rule, err));
    }
    return AC_OK;
}

/* Two columns: what is typed, and what it does. */
static enum ac_code add_command(struct ac_text *text,
                                const struct ac_command_rule *rule,
                                struct ac_error *err)
{
    size_t used = strlen(rule->words) + 1 + strlen(rule->arguments);
    int gap = used < COMMAND_COLUMN ? (int)(COMMAND_COLUMN - used) : 1;

    return ac_text_addf(text, err, "  %s %s%*s%s\n", rule->words, rule->arguments, gap,
                        "", rule->summary);
}

static enum ac_code add_general(struct ac_text *text, struct ac_error *err)
{
    AC_TRY(
        ac_text_addf(text, err,
                     "acmecore obtains TLS certificates from an ACME (RFC 8555) CA.\n"
                     "\n"
                     "  acmecore -d example.com --solver http01-standalone\n"
                     "\n"
                     "Commands (acmecore COMMAND --help says more):\n"));
    for (size_t i = 0; i < AC_COMMAND_COUNT; i++) {
        const struct ac_command_rule *rule = &ac_command_rules[i];

        AC_TRY(add_command(text, rule, err));
    }
    AC_TRY(ac_text_addf(text, err, "\nOptions of all commands:\n"));
    return add_options(text, AC_COMMAND_ISSUE, true, err);
}

enum ac_code ac_options_help(enum ac_command command, bool is_general,
                             struct ac_text *text, struct ac_error *err)
{
    const struct ac_command_rule *rule = &ac_command_rules[command];

    if (is_general)
        AC_TRY(add_general(text, err));
    AC_TRY(ac_text_addf(text, err, "%sacmecore %s%s%s [OPTION]...: %s\n",
                        is_general ? "\n" : "", rule->words,
                        rule->arguments[0] != '\0' ? " " : "", rule->arguments,
                        rule->summary));
    AC_TRY(add_options(text, command, false, err));
    if (!is_general) {
        AC_TRY(ac_text_addf(text, err, "\nOptions of all commands:\n"));
        AC_TRY(add_options(text, command, true, err));
    }
    AC_TRY(ac_text_add(text, "\n", 1, err));
    return add_wrapped(text, exit_codes, 0, err);
}

enum ac_code ac_options_help_group(const char *group, struct ac_text *text,
                                   struct ac_error *err)
{
    size_t size = strlen(group);

    AC_TRY(ac_text_addf(text, err, "acmecore %s COMMAND (--help after it says more):\n",
                        group));
    for (size_t i = 0; i < AC_COMMAND_COUNT; i++) {
        const struct ac_command_rule *rule = &ac_command_rules[i];

        if (strncmp(rule->words, group, size) != 0 || rule->words[size] != ' ')
            continue;
        AC_TRY(add_command(text, rule, err));
    }
    return AC_OK;
}
