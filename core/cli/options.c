/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include "cli/foreign.h"
#include "cli/table.h"

#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define SHORT_SIZE (3 + 2 * AC_OPTION_RULES_MAX)
#define WORD_CODE  1               /* getopt's value of a word that is no option */
#define FIRST_CODE (UCHAR_MAX + 1) /* getopt's value of rule 0: no letter's value */

/* The tables in getopt's form. */
struct getopt_tables {
    struct option options[AC_OPTION_RULES_MAX + 1];
    char letters[SHORT_SIZE];
};

static void make_tables(struct getopt_tables *tables)
{
    size_t letter_count = 0;

    *tables = (struct getopt_tables){ 0 };
    tables->letters[letter_count++] = '-'; /* words in their place, whatever the shell's
                                              environment says of POSIX */
    tables->letters[letter_count++] =
        ':'; /* tell a missing value from an unknown word */
    for (size_t i = 0; i < ac_option_rule_count; i++) {
        const struct ac_option_rule *rule = &ac_option_rules[i];

        tables->options[i] = (struct option){
            .name = rule->name,
            .has_arg = rule->argument ? required_argument : no_argument,
            .val = FIRST_CODE + (int)i,
        };
        if (!rule->letter)
            continue;
        tables->letters[letter_count++] = rule->letter;
        if (rule->argument)
            tables->letters[letter_count++] = ':';
    }
}

static const struct ac_option_rule *rule_for(int code)
{
    if (code >= FIRST_CODE)
        return &ac_option_rules[code - FIRST_CODE];
    for (size_t i = 0; i < ac_option_rule_count; i++) {
        if (ac_option_rules[i].letter == code)
            return &ac_option_rules[i];
    }
    return NULL;
}

const char *ac_command_name(enum ac_command command)
{
    return ac_command_rules[command].words;
}

/* ---- unknown words, and what may have been meant */

static enum ac_code unknown_option(const char *word, struct ac_error *err)
{
    const char *names[AC_OPTION_RULES_MAX + 1] = { NULL };
    AC_AUTO_TEXT char *bare = NULL;

    for (size_t i = 0; i < ac_option_rule_count; i++)
        names[i] = ac_option_rules[i].name;
    const char *start = word + strspn(word, "-");
    AC_TRY(ac_memory_copy_bytes(word, strcspn(word, "="), &bare, err));
    const char *advice = ac_foreign_option(bare);
    if (advice)
        return ac_fail(err, AC_E_USAGE, "unknown option %s: %s", bare, advice);
    free(AC_TAKE(bare));
    AC_TRY(ac_memory_copy_bytes(start, strcspn(start, "="), &bare, err));
    const char *nearest = ac_text_nearest(bare, names);
    if (nearest) {
        return ac_fail(err, AC_E_USAGE, "unknown option %s; did you mean --%s?", word,
                       nearest);
    }
    return ac_fail(err, AC_E_USAGE, "unknown option %s; see acmecore --help", word);
}

static enum ac_code unknown_command(const char *word, struct ac_error *err)
{
    const char *names[AC_COMMAND_COUNT + 1] = { NULL };

    const char *advice = ac_foreign_command(word);
    if (advice)
        return ac_fail(err, AC_E_USAGE, "there is no command \"%s\": %s", word, advice);
    for (size_t i = 0; i < AC_COMMAND_COUNT; i++)
        names[i] = ac_command_rules[i].words;
    const char *nearest = ac_text_nearest(word, names);
    if (nearest) {
        return ac_fail(err, AC_E_USAGE,
                       "there is no command \"%s\"; did you mean \"%s\"?", word,
                       nearest);
    }
    if (strchr(word, '.')) {
        return ac_fail(err, AC_E_USAGE,
                       "there is no command \"%s\"; a name is given by -d", word);
    }
    return ac_fail(err, AC_E_USAGE, "there is no command \"%s\"; see acmecore --help",
                   word);
}

/* ---- one option into the value */

static enum ac_code set_text(const struct ac_option_rule *rule, char **member,
                             const char *value, struct ac_error *err)
{
    if (*member)
        return ac_fail(err, AC_E_USAGE, "--%s was given twice", rule->name);
    return ac_memory_copy_text(value, member, err);
}

static enum ac_code set_number(const struct ac_option_rule *rule, int64_t *member,
                               const char *value, struct ac_error *err)
{
    enum ac_code code =
        ac_text_parse_number(value, rule->minimum, rule->maximum, member, err);

    if (code != AC_E_INVALID)
        return code;
    ac_error_about(err, "--%s", rule->name);
    return err->code = AC_E_USAGE;
}

static enum ac_code apply(struct ac_options *options, const struct ac_option_rule *rule,
                          const char *value, struct ac_error *err)
{
    void *member = (char *)options + rule->offset;

    if (rule->argument && value[0] == '\0') {
        return ac_fail(err, AC_E_USAGE, "--%s wants a value, not an empty text: %s",
                       rule->name, rule->argument);
    }
    switch (rule->kind) {
    case AC_OPTION_FLAG:
        *(bool *)member = true;
        return AC_OK;
    case AC_OPTION_COUNT:
        (*(unsigned *)member)++;
        return AC_OK;
    case AC_OPTION_TEXT:
        return set_text(rule, member, value, err);
    case AC_OPTION_WORDS:
        return ac_words_add(member, value, err);
    case AC_OPTION_NUMBER:
        return set_number(rule, member, value, err);
    }
    return AC_OK;
}

/* ---- the walk */

/* getopt takes any beginning of a long name; a script must not depend on that. */
static bool is_whole(const char *word, const struct ac_option_rule *rule)
{
    size_t size = strlen(rule->name);

    return strncmp(word, "--", 2) == 0 && strncmp(word + 2, rule->name, size) == 0
           && (word[2 + size] == '\0' || word[2 + size] == '=');
}

/* The word of argv that this option came from. */
static const char *word_at(char **argv, const struct ac_option_rule *rule)
{
    const char *last = argv[optind - 1];

    return rule->argument && last == optarg ? argv[optind - 2] : last;
}

static enum ac_code refuse(int code, char **argv, struct ac_error *err)
{
    const struct ac_option_rule *rule = optopt ? rule_for(optopt) : NULL;

    if (code == ':' && rule) {
        return ac_fail(err, AC_E_USAGE, "--%s wants a value: %s", rule->name,
                       rule->argument);
    }
    if (code == '?' && rule && !rule->argument)
        return ac_fail(err, AC_E_USAGE, "--%s takes no value", rule->name);
    if (optopt != 0 && optopt < FIRST_CODE) { /* a letter; negative past ASCII */
        const char letter[] = { '-', (char)optopt, '\0' };
        const char *advice = ac_foreign_option(letter);

        if (advice)
            return ac_fail(err, AC_E_USAGE, "unknown option %s: %s", letter, advice);
        return ac_fail(err, AC_E_USAGE, "unknown option -%c; see acmecore --help",
                       optopt);
    }
    return unknown_option(argv[optind - 1], err);
}

static enum ac_code take(int code, bool is_long, char **argv,
                         struct ac_options *options, bool *seen, struct ac_error *err)
{
    const struct ac_option_rule *rule = rule_for(code);

    if (code == WORD_CODE)
        return ac_words_add(&options->arguments, optarg, err);
    if (!rule) /* '?' or ':' */
        return refuse(code, argv, err);
    if (is_long && !is_whole(word_at(argv, rule), rule))
        return unknown_option(word_at(argv, rule), err);
    seen[rule - ac_option_rules] = true;
    return apply(options, rule, optarg, err);
}

/* Takes all words; seen[i] says whether rule i was used. */
static enum ac_code walk(int argc, char **argv, struct ac_options *options, bool *seen,
                         struct ac_error *err)
{
    struct getopt_tables tables;
    int code;

    make_tables(&tables);
    optind = 0; /* a fresh start, also for the tests */
    opterr = 0;
    do {
        int index = -1; /* stays so for letters: "-vv" is not argv's last word yet */

        code = getopt_long(argc, argv, tables.letters, tables.options, &index);
        if (code != -1)
            AC_TRY(take(code, index >= 0, argv, options, seen, err));
    } while (code != -1);
    for (int i = optind; i < argc; i++) /* after "--" */
        AC_TRY(ac_words_add(&options->arguments, argv[i], err));
    return AC_OK;
}

/* How many of the words are this command's; 0: another command. */
static size_t match(const char *command, const struct ac_words *words)
{
    size_t count = 0;

    for (size_t i = 0; i < words->count; i++) {
        size_t size = strlen(words->items[i]);

        if (strncmp(command, words->items[i], size) != 0
            || (command[size] != ' ' && command[size] != '\0'))
            return 0;
        count++;
        if (command[size] == '\0')
            return count;
        command += size + 1;
    }
    return 0;
}

/* The word if it begins several commands and is none itself; else NULL. */
static const char *find_group(const char *word)
{
    static const char *const groups[] = { "account", "plugin", "config" };

    for (size_t i = 0; i < AC_COUNT(groups); i++) {
        if (strcmp(groups[i], word) == 0)
            return groups[i];
    }
    return NULL;
}

static enum ac_code no_match(const struct ac_words *words, struct ac_error *err)
{
    AC_AUTO(ac_text) two = { 0 };
    const char *first = words->items[0];
    const char *group = strcmp(first, "account") == 0
                            ? "account register, show, list, update, rollover, "
                              "deactivate or import"
                        : strcmp(first, "plugin") == 0
                            ? "plugin list, show, check or new"
                        : strcmp(first, "config") == 0 ? "config check"
                                                       : NULL;

    if (group && words->count == 1)
        return ac_fail(err, AC_E_USAGE, "\"%s\" is not whole: %s?", first, group);
    AC_TRY(ac_text_addf(&two, err, "%s%s%s", first, group ? " " : "",
                        group ? words->items[1] : ""));
    return unknown_command(ac_text_get(&two), err);
}

/* The first words say the command; none means issue. They are taken off. */
static enum ac_code find_command(struct ac_options *options, struct ac_error *err)
{
    AC_AUTO(ac_words) rest = { 0 };
    size_t taken = 0;

    options->command = AC_COMMAND_ISSUE;
    options->is_general_help = options->arguments.count == 0;
    if (options->is_general_help)
        return AC_OK;
    if (options->wants_help && options->arguments.count == 1)
        options->group = find_group(options->arguments.items[0]);
    if (options->group)
        return AC_OK;
    for (size_t i = 0; i < AC_COMMAND_COUNT && taken == 0; i++) {
        taken = match(ac_command_rules[i].words, &options->arguments);
        if (taken > 0)
            options->command = (enum ac_command)i;
    }
    if (taken == 0)
        return no_match(&options->arguments, err);
    for (size_t i = taken; i < options->arguments.count; i++)
        AC_TRY(ac_words_add(&rest, options->arguments.items[i], err));
    struct ac_words all = options->arguments;
    options->arguments = rest;
    rest = all;
    return AC_OK;
}

static bool has_option(enum ac_command command, const char *name)
{
    for (size_t i = 0; i < ac_option_rule_count; i++) {
        if (strcmp(ac_option_rules[i].name, name) == 0)
            return (ac_option_rules[i].commands & (1u << command)) != 0;
    }
    return false;
}

static enum ac_code check(const struct ac_options *options, const bool *seen,
                          struct ac_error *err)
{
    const struct ac_command_rule *command = &ac_command_rules[options->command];

    for (size_t i = 0; i < ac_option_rule_count; i++) {
        if (seen[i] && !(ac_option_rules[i].commands & (1u << options->command))) {
            return ac_fail(err, AC_E_USAGE, "\"%s\" has no option --%s", command->words,
                           ac_option_rules[i].name);
        }
    }
    if (options->arguments.count < command->minimum) {
        return ac_fail(err, AC_E_USAGE, "\"%s\" wants an argument: %s", command->words,
                       command->arguments);
    }
    if (options->arguments.count > command->maximum) {
        const char *hint =
            options->command == AC_COMMAND_ISSUE     ? "; a name is given by -d"
            : has_option(options->command, "server") ? "; a CA is given by --server"
                                                     : "";
        return ac_fail(err, AC_E_USAGE, "\"%s\" does not take the argument \"%s\"%s",
                       command->words, options->arguments.items[command->maximum],
                       hint);
    }
    return AC_OK;
}

enum ac_code ac_options_parse(int argc, char **argv, struct ac_options *ret_options,
                              struct ac_error *err)
{
    AC_AUTO(ac_options) options = { .timeout_s = AC_TIMEOUT_DEFAULT_S,
                                    .jobs = AC_JOBS_DEFAULT };
    bool seen[AC_OPTION_RULES_MAX] = { false };

    AC_TRY(walk(argc, argv, &options, seen, err));
    if (!options.wants_version) {
        AC_TRY(find_command(&options, err));
        if (!options.wants_help)
            AC_TRY(check(&options, seen, err));
    }
    *ret_options = options;
    options = (struct ac_options){ 0 };
    return AC_OK;
}

bool ac_options_want_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--json") == 0)
            return true;
    }
    return false;
}

void ac_options_done(struct ac_options *options)
{
    for (size_t i = 0; i < ac_option_rule_count; i++) {
        void *member = (char *)options + ac_option_rules[i].offset;

        if (ac_option_rules[i].kind == AC_OPTION_TEXT) {
            free(*(char **)member);
        } else if (ac_option_rules[i].kind == AC_OPTION_WORDS) {
            ac_words_done(member);
        }
    }
    ac_words_done(&options->arguments);
    *options = (struct ac_options){ 0 };
}
