/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LUA "_by_lua_block"

/* One file on its way through. */
struct reader {
    struct config *config;
    size_t file;
    size_t at;
    size_t parent;
    size_t depth;
};

static int read_file(struct config *config, const char *path, size_t parent,
                     size_t depth);
static int find_file(struct config *config, const char *path, size_t *ret_file);
static int load_file(struct config *config, const char *path, const char *real);
static int read_block(struct reader *reader, bool is_whole_file);
static int read_words(struct reader *reader, struct token token);
static int end_directive(struct reader *reader, struct token token, size_t first);
static int enter_block(struct reader *reader, size_t directive);
static int include(struct reader *reader, size_t directive);
static int include_all(struct reader *reader, const char *pattern, size_t directive);
static void *grow(void *items, size_t count, size_t *room, size_t size, size_t maximum);
static int refuse(const struct reader *reader, size_t offset, const char *why);
static int no_memory(const struct config *config);

void config_drop(struct config *config)
{
    for (size_t i = 0; i < config->file_count; i++) {
        free(config->files[i].path);
        free(config->files[i].real);
        files_blob_drop(&config->files[i].text);
    }
    free(config->files);
    free(config->directives);
    free(config->words);
    *config = (struct config){ 0 };
}

int config_load(const struct acmecore_host *host, const char *path,
                struct config *config)
{
    const char *slash = strrchr(path, '/');

    *config = (struct config){ .host = host, .folder = path };
    config->folder_size = slash ? (size_t)(slash - path) : 0;
    return read_file(config, path, CONFIG_NONE, 0);
}

bool config_is(const struct config *config, size_t directive, const char *name)
{
    char value[TOKEN_VALUE_MAX];

    return config_word(config, directive, 0, value) && strcmp(value, name) == 0;
}

bool config_word(const struct config *config, size_t directive, size_t index,
                 char value[TOKEN_VALUE_MAX])
{
    return index < config->directives[directive].word_count
           && token_value(config_text_of(config, directive)->bytes,
                          config_token(config, directive, index), value);
}

size_t config_next(const struct config *config, size_t block, size_t child)
{
    size_t outside = config->directives[block].parent;

    for (size_t i = child + 1; i < config->count; i++) {
        if (config->directives[i].parent == block)
            return i;
        if (config->directives[i].parent == outside)
            break; /* behind its end */
    }
    return CONFIG_NONE;
}

const struct token *config_token(const struct config *config, size_t directive,
                                 size_t index)
{
    return &config->words[config->directives[directive].first_word + index];
}

const char *config_path_of(const struct config *config, size_t directive)
{
    return config->files[config->directives[directive].file].path;
}

const struct files_blob *config_text_of(const struct config *config, size_t directive)
{
    return &config->files[config->directives[directive].file].text;
}

size_t config_line_of(const struct config *config, size_t directive)
{
    return token_line(config_text_of(config, directive)->bytes,
                      config_token(config, directive, 0)->begin);
}

/* The functions below call each other: includes and blocks are within one another, at
 * most CONFIG_DEPTH_MAX deep. */
/* NOLINTBEGIN(misc-no-recursion) */

static int read_file(struct config *config, const char *path, size_t parent,
                     size_t depth)
{
    struct reader reader = { .config = config, .parent = parent, .depth = depth };
    int status = find_file(config, path, &reader.file);

    return status == ACMECORE_OK ? read_block(&reader, true) : status;
}

/* One text for a file that is included twice, by another path, too: so that it is
 * changed once. */
static int find_file(struct config *config, const char *path, size_t *ret_file)
{
    char real[PATH_MAX];
    void *larger = NULL;

    if (!realpath(path, real))
        (void)snprintf(real, sizeof real, "%s", path); /* reading it says why */
    for (size_t i = 0; i < config->file_count; i++) {
        if (strcmp(config->files[i].real, real) == 0) {
            *ret_file = i;
            return ACMECORE_OK;
        }
    }
    larger = grow(config->files, config->file_count, &config->file_room,
                  sizeof *config->files, CONFIG_FILES_MAX);
    if (!larger)
        return no_memory(config);
    config->files = larger;
    *ret_file = config->file_count;
    return load_file(config, path, real);
}

static int load_file(struct config *config, const char *path, const char *real)
{
    struct config_file *file = &config->files[config->file_count];
    int status = ACMECORE_OK;

    *file = (struct config_file){ 0 };
    status = files_blob_load(config->host, path, &file->text);
    if (status != ACMECORE_OK)
        return status;
    config->file_count++; /* from here on it is dropped with the others */
    file->path = strdup(path);
    file->real = strdup(real);
    return file->path && file->real && files_blob_add(&file->text, "", 0)
               ? ACMECORE_OK
               : no_memory(config);
}

static int read_block(struct reader *reader, bool is_whole_file)
{
    const struct config *config = reader->config;
    int status = ACMECORE_OK;

    if (reader->depth > CONFIG_DEPTH_MAX)
        return refuse(reader, reader->at, "blocks or includes are too deep");
    while (status == ACMECORE_OK) {
        const struct files_blob *text = &config->files[reader->file].text;
        struct token token = token_next(text->bytes, text->size, &reader->at);

        if (token.kind == TOKEN_END || token.kind == TOKEN_CLOSE) {
            return (token.kind == TOKEN_END) == is_whole_file
                       ? ACMECORE_OK
                       : refuse(reader, token.begin,
                                is_whole_file ? "a } too many" : "a } is missing");
        }
        status = token.kind == TOKEN_WORD
                     ? read_words(reader, token)
                     : refuse(reader, token.begin, "a directive was expected");
    }
    return status;
}

/* From the name to the `;` or `{`. */
static int read_words(struct reader *reader, struct token token)
{
    struct config *config = reader->config;
    size_t first = config->word_count;

    while (token.kind == TOKEN_WORD) {
        const struct files_blob *text = &config->files[reader->file].text;
        struct token *larger = grow(config->words, config->word_count,
                                    &config->word_room, sizeof token, CONFIG_WORDS_MAX);

        if (!larger)
            return no_memory(config);
        config->words = larger;
        config->words[config->word_count++] = token;
        token = token_next(text->bytes, text->size, &reader->at);
    }
    if (token.kind != TOKEN_SEMICOLON && token.kind != TOKEN_OPEN) {
        return refuse(reader, config->words[first].begin,
                      "the directive does not end with ; or {");
    }
    return end_directive(reader, token, first);
}

static int end_directive(struct reader *reader, struct token token, size_t first)
{
    struct config *config = reader->config;
    struct config_directive directive = { .file = reader->file,
                                          .parent = reader->parent,
                                          .first_word = first,
                                          .word_count = config->word_count - first,
                                          .end = token.end,
                                          .is_block = token.kind == TOKEN_OPEN };
    size_t index = config->count;
    void *larger = grow(config->directives, index, &config->room, sizeof directive,
                        CONFIG_DIRECTIVES_MAX);

    if (!larger)
        return no_memory(config);
    config->directives = larger;
    config->directives[config->count++] = directive;
    if (directive.is_block)
        return enter_block(reader, index);
    return config_is(config, index, "include") ? include(reader, index) : ACMECORE_OK;
}

static int enter_block(struct reader *reader, size_t directive)
{
    const struct config *config = reader->config;
    const struct files_blob *text = &config->files[reader->file].text;
    struct reader inner = *reader;
    char name[TOKEN_VALUE_MAX];
    size_t size = 0;
    int status = ACMECORE_OK;

    if (!config_word(config, directive, 0, name))
        return refuse(reader, reader->at, "a word is too long");
    size = strlen(name);
    if (size > sizeof LUA - 1 && strcmp(name + size - (sizeof LUA - 1), LUA) == 0) {
        return token_skip_lua(text->bytes, text->size, &reader->at)
                   ? ACMECORE_OK
                   : refuse(reader, reader->at, "the Lua in it has no end");
    }
    inner.parent = directive;
    inner.depth++;
    status = read_block(&inner, false);
    reader->at = inner.at;
    return status;
}

static int include(struct reader *reader, size_t directive)
{
    const struct config *config = reader->config;
    char word[TOKEN_VALUE_MAX];
    char pattern[PATH_MAX + TOKEN_VALUE_MAX];

    if (config->directives[directive].word_count != 2
        || !config_word(config, directive, 1, word)) {
        return refuse(reader, config_token(config, directive, 0)->begin,
                      "include has one file or pattern");
    }
    if (*word == '/') {
        (void)snprintf(pattern, sizeof pattern, "%s", word);
    } else {
        (void)snprintf(pattern, sizeof pattern, "%.*s/%s", (int)config->folder_size,
                       config->folder, word);
    }
    return include_all(reader, pattern, directive);
}

static int include_all(struct reader *reader, const char *pattern, size_t directive)
{
    struct config *config = reader->config;
    bool has_magic = strpbrk(pattern, "*?[") != NULL;
    glob_t found = { 0 };
    int code = glob(pattern, 0, NULL, &found);
    int status = ACMECORE_OK;

    if (code != 0 && (code != GLOB_NOMATCH || !has_magic)) {
        globfree(&found);
        return refuse(reader, config_token(config, directive, 0)->begin,
                      "what it includes cannot be found");
    }
    for (size_t i = 0; status == ACMECORE_OK && i < found.gl_pathc; i++) {
        status =
            read_file(config, found.gl_pathv[i], reader->parent, reader->depth + 1);
    }
    globfree(&found);
    return status;
}

/* NOLINTEND(misc-no-recursion) */

/* NULL: out of memory, or over the maximum. */
static void *grow(void *items, size_t count, size_t *room, size_t size, size_t maximum)
{
    void *larger = items;

    if (count < *room)
        return items;
    if (count >= maximum)
        return NULL;
    larger = reallocarray(items, *room * 2 + 16, size);
    if (larger)
        *room = *room * 2 + 16;
    return larger;
}

static int refuse(const struct reader *reader, size_t offset, const char *why)
{
    const struct acmecore_host *host = reader->config->host;
    const struct config_file *file = &reader->config->files[reader->file];

    return host->fail(host->ctx, ACMECORE_E_CONFIG,
                      "%s:%zu: %s: the configuration is left alone", file->path,
                      token_line(file->text.bytes, offset), why);
}

static int no_memory(const struct config *config)
{
    return config->host->fail(config->host->ctx, ACMECORE_E_SYSTEM,
                              "the configuration is too large, or memory is short");
}
