/* SPDX-License-Identifier: Apache-2.0 */
#include "config/document.h"

#include "config/lexer.h"

#include <stdlib.h>

#define NAME_ALPHABET                                                                  \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
#define NAME_MAX_SIZE 64

struct parser {
    struct ac_lexer lexer;
    struct ac_token token; /* the one that is looked at */
    struct ac_document *document;
    struct ac_faults *faults;
    size_t open[AC_DOCUMENT_DEPTH_MAX]; /* entries of the sections we are in */
    size_t depth;
};

static void parser_drop(struct parser *parser)
{
    ac_lexer_done(&parser->lexer);
    ac_document_free(parser->document);
}

static enum ac_code advance(struct parser *parser, struct ac_error *err)
{
    return ac_lexer_next(&parser->lexer, &parser->token, err);
}

static struct ac_place place_at(const struct parser *parser, unsigned line)
{
    return (struct ac_place){ .path = parser->document->path, .line = line };
}

/* ---- faults, and going on after them */

/* To the next line that looks like a setting or the end of a section. */
static enum ac_code recover(struct parser *parser, struct ac_error *err)
{
    while (parser->token.kind != AC_TOKEN_END
           && !(parser->token.begins_line
                && (parser->token.kind == AC_TOKEN_WORD
                    || parser->token.kind == AC_TOKEN_CLOSE)))
        AC_TRY(advance(parser, err));
    return AC_OK;
}

/* The token is not what the grammar wants here. */
static enum ac_code refuse(struct parser *parser, const char *wanted, const char *after,
                           struct ac_error *err)
{
    const struct ac_token *token = &parser->token;
    struct ac_place place = place_at(parser, token->line);

    if (token->kind == AC_TOKEN_BAD) {
        AC_TRY(ac_faults_add(parser->faults, place, err, "%s", token->text));
        AC_TRY(advance(parser, err));
    } else {
        const char *quote = token->kind == AC_TOKEN_END ? "" : "\"";
        AC_TRY(ac_faults_add(parser->faults, place, err, "%s%s comes %s, not %s%s%s",
                             after[0] ? "after " : "here", after, wanted, quote,
                             token->text, quote));
    }
    return recover(parser, err);
}

/* ---- building */

static enum ac_code add_entry(struct parser *parser, const struct ac_token *name,
                              struct ac_error *err)
{
    struct ac_document *document = parser->document;

    AC_TRY(ac_memory_grow(&document->entries, &document->entry_capacity,
                          document->entry_count + 1, sizeof *document->entries, err));
    struct ac_entry *entry = &document->entries[document->entry_count];
    *entry = (struct ac_entry){ .line = name->line,
                                .end = document->entry_count + 1,
                                .first = document->value_count };
    AC_TRY(ac_memory_copy_text(name->text, &entry->name, err));
    document->entry_count++;
    return AC_OK;
}

static struct ac_entry *last_entry(struct parser *parser)
{
    return &parser->document->entries[parser->document->entry_count - 1];
}

static enum ac_code add_value(struct parser *parser, struct ac_error *err)
{
    struct ac_document *document = parser->document;

    AC_TRY(ac_memory_grow(&document->values, &document->value_capacity,
                          document->value_count + 1, sizeof *document->values, err));
    struct ac_value *value = &document->values[document->value_count];
    value->line = parser->token.line;
    AC_TRY(ac_memory_copy_text(parser->token.text, &value->text, err));
    document->value_count++;
    last_entry(parser)->value_count++;
    return AC_OK;
}

/* ---- the grammar */

/* Half a command must not be run: it is as one that has no value, and no braces. */
static void drop_values(struct ac_entry *entry)
{
    entry->value_count = 0;
    entry->is_list = false;
}

static enum ac_code refuse_list(struct parser *parser, const char *wanted,
                                const char *after, struct ac_error *err)
{
    drop_values(last_entry(parser));
    return refuse(parser, wanted, after, err);
}

/* Behind the "{" of a list; a comma may stand before its "}". */
static enum ac_code read_list(struct parser *parser, struct ac_error *err)
{
    last_entry(parser)->is_list = true;
    for (;;) {
        AC_TRY(advance(parser, err));
        if (parser->token.kind == AC_TOKEN_CLOSE)
            return advance(parser, err);
        if (parser->token.kind != AC_TOKEN_WORD)
            return refuse_list(parser, "a value or \"}\"", "", err);
        AC_TRY(add_value(parser, err));
        AC_TRY(advance(parser, err));
        if (parser->token.kind == AC_TOKEN_CLOSE)
            return advance(parser, err);
        if (parser->token.kind != AC_TOKEN_COMMA)
            return refuse_list(parser, "\",\" or \"}\"", "a value of a list", err);
    }
}

/* Behind the "=". */
static enum ac_code read_value(struct parser *parser, struct ac_error *err)
{
    AC_TRY(advance(parser, err));
    if (parser->token.kind == AC_TOKEN_OPEN)
        return read_list(parser, err);
    if (parser->token.kind != AC_TOKEN_WORD)
        return refuse(parser, "a value", "\"=\"", err);
    AC_TRY(add_value(parser, err));
    return advance(parser, err);
}

/* At the "{" of a section. */
static enum ac_code open_section(struct parser *parser, struct ac_error *err)
{
    last_entry(parser)->is_section = true;
    if (parser->depth == AC_DOCUMENT_DEPTH_MAX) {
        AC_TRY(ac_faults_add(parser->faults, place_at(parser, parser->token.line), err,
                             "sections go no deeper; is a \"}\" missing before?"));
        parser->lexer.at = parser->lexer.size;
        return advance(parser, err);
    }
    parser->open[parser->depth++] = parser->document->entry_count - 1;
    return advance(parser, err);
}

/* A word behind the name: only a section has a title. */
static enum ac_code read_title(struct parser *parser, struct ac_error *err)
{
    struct ac_place place = place_at(parser, parser->token.line);

    AC_TRY(ac_memory_copy_text(parser->token.text, &last_entry(parser)->title, err));
    AC_TRY(advance(parser, err));
    if (parser->token.kind == AC_TOKEN_OPEN)
        return open_section(parser, err);
    AC_TRY(ac_faults_add(parser->faults, place, err,
                         "%s \"%s\": a setting has \"=\" before its value, a section "
                         "\"{\" after its name",
                         last_entry(parser)->name, last_entry(parser)->title));
    return recover(parser, err);
}

/* One that begins like the option of a program is an argument. */
static bool is_name(const char *text)
{
    return text[0] != '-' && ac_text_is_made_of(text, NAME_ALPHABET, 1, NAME_MAX_SIZE);
}

/* Behind a value in its line comes the end of a section or another setting. All else,
 * which is a fault, may have been meant for it. */
static void drop_broken(struct parser *parser)
{
    enum ac_token_kind kind = parser->token.kind;

    if (!parser->token.begins_line && kind != AC_TOKEN_WORD && kind != AC_TOKEN_CLOSE
        && kind != AC_TOKEN_END)
        drop_values(last_entry(parser));
}

static enum ac_code read_entry(struct parser *parser, struct ac_error *err)
{
    if (!is_name(parser->token.text)) {
        AC_TRY(ac_faults_add(parser->faults, place_at(parser, parser->token.line), err,
                             "\"%s\" is not the name of a setting",
                             parser->token.text));
        AC_TRY(advance(parser, err));
        return recover(parser, err);
    }
    AC_TRY(add_entry(parser, &parser->token, err));
    AC_TRY(advance(parser, err));
    if (parser->token.kind == AC_TOKEN_EQUALS) {
        AC_TRY(read_value(parser, err));
        drop_broken(parser);
        return AC_OK;
    }
    if (parser->token.kind == AC_TOKEN_OPEN)
        return open_section(parser, err);
    if (parser->token.kind == AC_TOKEN_WORD && !parser->token.begins_line)
        return read_title(parser, err);
    return refuse(parser, "\"=\" or \"{\"", last_entry(parser)->name, err);
}

/* What stands in the line of a value, and is no setting, may have been meant for it. */
static enum ac_code read_setting(struct parser *parser, struct ac_error *err)
{
    struct ac_document *document = parser->document;
    size_t before = document->entry_count;
    size_t faults = parser->faults->count;
    bool is_behind = !parser->token.begins_line && before > 0;

    AC_TRY(read_entry(parser, err));
    if (is_behind && (parser->faults->count > faults || parser->faults->has_more))
        drop_values(&document->entries[before - 1]);
    return AC_OK;
}

static enum ac_code close_section(struct parser *parser, struct ac_error *err)
{
    if (parser->depth == 0) {
        AC_TRY(ac_faults_add(parser->faults, place_at(parser, parser->token.line), err,
                             "this \"}\" closes nothing"));
        return advance(parser, err);
    }
    parser->depth--;
    parser->document->entries[parser->open[parser->depth]].end =
        parser->document->entry_count;
    return advance(parser, err);
}

static enum ac_code close_rest(struct parser *parser, struct ac_error *err)
{
    while (parser->depth > 0) {
        struct ac_entry *entry =
            &parser->document->entries[parser->open[--parser->depth]];

        entry->end = parser->document->entry_count;
        AC_TRY(ac_faults_add(parser->faults, place_at(parser, entry->line), err,
                             "%s \"%s\" is not closed: a \"}\" is missing", entry->name,
                             entry->title ? entry->title : ""));
    }
    return AC_OK;
}

static enum ac_code read_next(struct parser *parser, struct ac_error *err)
{
    switch (parser->token.kind) {
    case AC_TOKEN_WORD:
        return read_setting(parser, err);
    case AC_TOKEN_CLOSE:
        return close_section(parser, err);
    case AC_TOKEN_BAD:
        AC_TRY(ac_faults_add(parser->faults, place_at(parser, parser->token.line), err,
                             "%s", parser->token.text));
        return advance(parser, err);
    default:
        return refuse(parser, "the name of a setting", "", err);
    }
}

static enum ac_code parse(struct parser *parser, struct ac_error *err)
{
    AC_TRY(advance(parser, err));
    while (parser->token.kind != AC_TOKEN_END)
        AC_TRY(read_next(parser, err));
    return close_rest(parser, err);
}

enum ac_code ac_document_parse(const char *path, const char *bytes, size_t size,
                               struct ac_faults *faults,
                               struct ac_document **ret_document, struct ac_error *err)
{
    __attribute__((cleanup(parser_drop))) struct parser parser = {
        .lexer = { .bytes = bytes, .size = size }, .faults = faults
    };

    AC_TRY(ac_memory_new(1, sizeof *parser.document, &parser.document, err));
    AC_TRY(ac_memory_copy_text(path, &parser.document->path, err));
    AC_TRY(parse(&parser, err));
    *ret_document = AC_TAKE(parser.document);
    return AC_OK;
}

struct ac_place ac_document_place(const struct ac_document *document,
                                  const struct ac_entry *entry)
{
    return (struct ac_place){ .path = document->path, .line = entry->line };
}

struct ac_values ac_document_values(const struct ac_document *document,
                                    const struct ac_entry *entry)
{
    return (struct ac_values){
        .items = document->values ? &document->values[entry->first] : NULL,
        .count = entry->value_count,
        .is_list = entry->is_list,
        .place = ac_document_place(document, entry),
    };
}

void ac_document_free(struct ac_document *document)
{
    if (!document)
        return;
    for (size_t i = 0; i < document->entry_count; i++) {
        free(document->entries[i].name);
        free(document->entries[i].title);
    }
    for (size_t i = 0; i < document->value_count; i++)
        free(document->values[i].text);
    free(document->entries);
    free(document->values);
    free(document->path);
    free(document);
}
