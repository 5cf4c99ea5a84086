/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nginx's configuration as it is read: the directives of the main file and of all that
 * it includes, each with its place, so that the text can be changed there and nowhere
 * else.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include "blob.h"
#include "lexer.h"

#define CONFIG_FILES_MAX      5000
#define CONFIG_DIRECTIVES_MAX 1000000
#define CONFIG_WORDS_MAX      4000000
#define CONFIG_DEPTH_MAX      32 /* of blocks and of files */
#define CONFIG_NONE           ((size_t)-1)

struct config_file {
    char *path; /* as it was included first */
    char *real; /* the same without links */
    struct files_blob text;
};

struct config_directive {
    size_t file;
    size_t parent;                 /* the block that it is in; CONFIG_NONE: none */
    size_t first_word, word_count; /* its name first */
    size_t end;                    /* offset behind its `;` or `{` */
    bool is_block;
};

struct config {
    const struct acmecore_host *host;
    const char *folder; /* that of the main file, for includes */
    size_t folder_size;
    struct config_file *files;
    size_t file_count, file_room;
    struct config_directive *directives;
    size_t count, room;
    struct token *words;
    size_t word_count, word_room;
};

#define AUTO_CONFIG __attribute__((cleanup(config_drop))) struct config

void config_drop(struct config *config);

/* E_CONFIG: it cannot be read or understood; the reason names file and line. */
int config_load(const struct acmecore_host *host, const char *path,
                struct config *config);

/* True when the directive has this name. */
bool config_is(const struct config *config, size_t directive, const char *name);

/* What its nth word says, its name being the 0th. False: there is none, or it is too
 * long. */
bool config_word(const struct config *config, size_t directive, size_t index,
                 char value[TOKEN_VALUE_MAX]);

/* The next directive of a block after `child`, which is the block itself at first;
 * CONFIG_NONE: there is none. */
size_t config_next(const struct config *config, size_t block, size_t child);

const struct token *config_token(const struct config *config, size_t directive,
                                 size_t index);
const char *config_path_of(const struct config *config, size_t directive);
const struct files_blob *config_text_of(const struct config *config, size_t directive);
size_t config_line_of(const struct config *config, size_t directive);

#endif
