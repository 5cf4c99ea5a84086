/* SPDX-License-Identifier: Apache-2.0 */
#include "key_file.h"

#include <string.h>

#define BLANKS      " \t\r\n"
#define PUNCTUATION "{};"

enum kind {
    END,
    WORD,
    QUOTED,
    OPEN,  /* { */
    CLOSE, /* } */
    SEMICOLON,
    BROKEN
};

struct token {
    enum kind kind;
    struct span span;
};

struct reader {
    const char *at, *end;
    unsigned line;
    bool is_yaml; /* only # starts a comment, and nothing is punctuation */
    const char *wanted;
    struct key_file chosen;
    size_t match_count, key_count;
    struct key_file_fault *fault;
};

static struct token next(struct reader *reader);
static bool skip_blank(struct reader *reader);
static bool skip_comment(struct reader *reader, bool *ret_is_open);
static void skip_until(struct reader *reader, const char *end);
static struct token next_quoted(struct reader *reader);
static struct token next_word(struct reader *reader);
static bool is_one_of(char byte, const char *set);
static bool is_word(const struct token *token, const char *word);
static bool is_value(const struct token *token);
static bool fail(struct reader *reader, const char *text);
static bool read_bind(struct reader *reader, struct token token);
static bool read_statement(struct reader *reader);
static bool read_clause(struct reader *reader, const struct token *name,
                        struct key_file *key);
static bool read_yaml(struct reader *reader);
static bool read_pair(struct reader *reader, const struct token *name,
                      struct key_file *key);
static bool keep(struct reader *reader, const struct key_file *key);
static bool is_wanted(const char *wanted, struct span name);
static struct span without_dot(struct span name);
static bool choose(struct reader *reader, struct key_file *ret_key);
static const char *explain(const struct token *token);

bool key_file_read(const char *text, size_t size, const char *wanted,
                   struct key_file *ret_key, struct key_file_fault *ret_fault)
{
    struct reader reader = { .at = text, .line = 1, .wanted = wanted };
    struct token token;
    bool is_good = false;

    reader.fault = ret_fault;
    *ret_fault = (struct key_file_fault){ 0, "it is over 64 KiB" };
    if (size > KEY_FILE_MAX)
        return false;
    reader.end = text + size;
    *ret_fault = (struct key_file_fault){ 0, "there is no key in it" };
    token = next(&reader);
    reader.is_yaml = is_word(&token, "key:");
    is_good = reader.is_yaml ? read_yaml(&reader) : read_bind(&reader, token);
    return is_good && choose(&reader, ret_key);
}

static struct token next(struct reader *reader)
{
    static const enum kind kinds[] = { OPEN, CLOSE, SEMICOLON };
    struct token token = { END, { reader->at, 0 } };
    const char *found = NULL;

    if (!skip_blank(reader))
        return (struct token){ BROKEN, { reader->at, 0 } };
    if (reader->at == reader->end)
        return token;
    if (*reader->at == '"')
        return next_quoted(reader);
    found = *reader->at && !reader->is_yaml ? strchr(PUNCTUATION, *reader->at) : NULL;
    if (!found)
        return next_word(reader);
    token.kind = kinds[found - PUNCTUATION];
    token.span = (struct span){ reader->at++, 1 };
    return token;
}

static bool skip_blank(struct reader *reader)
{
    bool is_open = true;

    while (is_open) {
        while (reader->at < reader->end && is_one_of(*reader->at, BLANKS))
            reader->line += *reader->at++ == '\n';
        if (!skip_comment(reader, &is_open))
            return false;
    }
    return true;
}

/* ret_is_open: there was one, so that more may follow. */
static bool skip_comment(struct reader *reader, bool *ret_is_open)
{
    size_t left = (size_t)(reader->end - reader->at);

    *ret_is_open = true;
    if (left >= 1 && *reader->at == '#') {
        skip_until(reader, "\n");
        return true;
    }
    if (left >= 2 && !reader->is_yaml && memcmp(reader->at, "//", 2) == 0) {
        skip_until(reader, "\n");
        return true;
    }
    if (left >= 2 && !reader->is_yaml && memcmp(reader->at, "/*", 2) == 0) {
        reader->at += 2;
        skip_until(reader, "*/");
        if (reader->at == reader->end)
            return fail(reader, "a comment is not closed");
        reader->at += 2;
        return true;
    }
    *ret_is_open = false;
    return true;
}

static void skip_until(struct reader *reader, const char *end)
{
    size_t size = strlen(end);
    const char *found =
        memmem(reader->at, (size_t)(reader->end - reader->at), end, size);
    const char *stop = found ? found : reader->end;

    for (; reader->at < stop; reader->at++)
        reader->line += *reader->at == '\n';
}

static struct token next_quoted(struct reader *reader)
{
    struct token token = { QUOTED, { ++reader->at, 0 } };

    while (reader->at < reader->end && !is_one_of(*reader->at, "\"\n\\"))
        reader->at++;
    token.span.size = (size_t)(reader->at - token.span.text);
    if (reader->at == reader->end || *reader->at != '"') {
        (void)fail(reader, "a quote is not closed on its line, or holds a backslash");
        token.kind = BROKEN;
        return token;
    }
    reader->at++;
    return token;
}

static struct token next_word(struct reader *reader)
{
    struct token token = { WORD, { reader->at, 0 } };

    while (reader->at < reader->end && !is_one_of(*reader->at, BLANKS)
           && (reader->is_yaml || !is_one_of(*reader->at, PUNCTUATION "\"")))
        reader->at++;
    token.span.size = (size_t)(reader->at - token.span.text);
    return token;
}

static bool is_one_of(char byte, const char *set)
{
    return byte != '\0' && strchr(set, byte);
}

static bool is_word(const struct token *token, const char *word)
{
    return token->kind == WORD && token->span.size == strlen(word)
           && strncasecmp(token->span.text, word, token->span.size) == 0;
}

static bool is_value(const struct token *token)
{
    return (token->kind == WORD || token->kind == QUOTED) && token->span.size > 0;
}

/* The first complaint is the best one. */
static bool fail(struct reader *reader, const char *text)
{
    if (reader->fault->line == 0)
        *reader->fault = (struct key_file_fault){ reader->line, text };
    return false;
}

static bool read_bind(struct reader *reader, struct token token)
{
    for (; token.kind != END; token = next(reader)) {
        if (token.kind == SEMICOLON)
            continue;
        if (!is_word(&token, "key"))
            return fail(reader, explain(&token));
        if (!read_statement(reader))
            return false;
    }
    return true;
}

/* Behind the word `key`. */
static bool read_statement(struct reader *reader)
{
    struct token name = next(reader);
    struct token token = next(reader);
    struct key_file key = { .name = name.span };

    if (!is_value(&name) || token.kind != OPEN)
        return fail(reader, "behind the word key belong a name and {");
    for (token = next(reader); token.kind != CLOSE; token = next(reader)) {
        if (token.kind == SEMICOLON)
            continue;
        if (!read_clause(reader, &token, &key))
            return false;
    }
    return keep(reader, &key);
}

static bool read_clause(struct reader *reader, const struct token *name,
                        struct key_file *key)
{
    struct token value;
    struct span *place = is_word(name, "algorithm") ? &key->algorithm
                         : is_word(name, "secret")  ? &key->secret
                                                    : NULL;

    if (!place)
        return fail(reader, "a key has an algorithm and a secret, and ends with };");
    if (place->size > 0)
        return fail(reader, "the algorithm or the secret is given twice");
    value = next(reader);
    if (!is_value(&value))
        return fail(reader, "a value is missing");
    *place = value.span;
    value = next(reader);
    return value.kind == SEMICOLON || fail(reader, "a semicolon is missing");
}

/* Behind the line `key:`. A list item starts with "- ". */
static bool read_yaml(struct reader *reader)
{
    struct token token = next(reader);
    struct key_file key = { 0 };
    bool is_inside = false;

    for (; token.kind != END; token = next(reader)) {
        if (is_word(&token, "-")) {
            if (is_inside && !keep(reader, &key))
                return false;
            key = (struct key_file){ 0 };
            is_inside = true;
        } else if (!is_word(&token, "key:")
                   && (!is_inside || !read_pair(reader, &token, &key))) {
            return fail(reader, "only the section key: is read, with - id:, algorithm: "
                                "and secret:");
        }
    }
    return !is_inside || keep(reader, &key);
}

static bool read_pair(struct reader *reader, const struct token *name,
                      struct key_file *key)
{
    struct token value;
    struct span *place = is_word(name, "id:")          ? &key->name
                         : is_word(name, "algorithm:") ? &key->algorithm
                         : is_word(name, "secret:")    ? &key->secret
                                                       : NULL;

    if (!place)
        return false;
    if (place->size > 0)
        return fail(reader, "a value is given twice");
    value = next(reader);
    if (!is_value(&value))
        return fail(reader, "a value is missing");
    *place = value.span;
    return true;
}

static bool keep(struct reader *reader, const struct key_file *key)
{
    if (key->name.size == 0)
        return fail(reader, "a key has no name");
    if (key->algorithm.size == 0)
        return fail(reader, "a key has no algorithm");
    if (key->secret.size == 0)
        return fail(reader, "a key has no secret");
    reader->key_count++;
    if (!is_wanted(reader->wanted, key->name))
        return true;
    reader->chosen = *key;
    reader->match_count++;
    return true;
}

static bool is_wanted(const char *wanted, struct span name)
{
    struct span asked = { wanted, wanted ? strlen(wanted) : 0 };

    if (!wanted)
        return true;
    asked = without_dot(asked);
    name = without_dot(name);
    return asked.size == name.size
           && strncasecmp(asked.text, name.text, asked.size) == 0;
}

static struct span without_dot(struct span name)
{
    if (name.size > 1 && name.text[name.size - 1] == '.')
        name.size--;
    return name;
}

static bool choose(struct reader *reader, struct key_file *ret_key)
{
    reader->fault->line = 0;
    if (reader->match_count == 1) {
        *ret_key = reader->chosen;
        return true;
    }
    if (reader->key_count == 0) {
        reader->fault->text = "there is no key in it";
    } else if (reader->match_count == 0) {
        reader->fault->text = "the key that tsig-name names is not in it";
    } else if (reader->wanted) {
        reader->fault->text = "the key that tsig-name names is in it twice";
    } else {
        reader->fault->text = "there are several keys in it: name one with tsig-name";
    }
    return false;
}

static const char *explain(const struct token *token)
{
    static const char private_key[] = "Private-key-format:";
    static const char pem[] = "-----BEGIN";
    struct span span = token->span;

    if (token->kind == WORD && span.size == sizeof private_key - 1
        && memcmp(span.text, private_key, span.size) == 0) {
        return "this is the private half of dnssec-keygen's files: write its key as "
               "key \"name\" { algorithm hmac-sha256; secret \"...\"; };";
    }
    if (token->kind == WORD && span.size == sizeof pem - 1
        && memcmp(span.text, pem, span.size) == 0)
        return "this is a PEM file, not a TSIG key";
    return "a key must look like key \"name\" { algorithm hmac-sha256; secret "
           "\"...\"; }; or be what keymgr -t prints";
}
