/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 1024
#define PARTS      4 /* of one word */

static void check_lines(struct exec_words *words, const char *text);
static bool make_room(struct exec_words *words, size_t size);
static void append(struct exec_words *words, const char *text, size_t size);
static void finish(struct exec_words *words);
static void add_parts(struct exec_words *words, const char *const parts[PARTS]);
static char *find(const struct exec_words *words, const char *key);
static void remove_key(struct exec_words *words, const char *key);

void exec_words_drop(struct exec_words *words)
{
    if (words->bytes)
        explicit_bzero(words->bytes, words->room);
    free(words->bytes);
    *words = (struct exec_words){ 0 };
}

void exec_words_add(struct exec_words *words, const char *text)
{
    exec_words_add_joined(words, text, "", "");
}

void exec_words_add_joined(struct exec_words *words, const char *first,
                           const char *second, const char *third)
{
    check_lines(words, first);
    check_lines(words, second);
    check_lines(words, third);
    add_parts(words, (const char *const[PARTS]){ first, second, third, "" });
}

void exec_words_add_script(struct exec_words *words, const char *text)
{
    add_parts(words, (const char *const[PARTS]){ text, "", "", "" });
}

void exec_words_set(struct exec_words *words, const char *key, const char *value)
{
    exec_words_set_joined(words, key, value, "");
}

void exec_words_set_joined(struct exec_words *words, const char *key, const char *first,
                           const char *second)
{
    check_lines(words, first);
    check_lines(words, second);
    remove_key(words, key);
    add_parts(words, (const char *const[PARTS]){ key, "=", first, second });
}

void exec_words_set_as_is(struct exec_words *words, const char *key, const char *value)
{
    remove_key(words, key);
    add_parts(words, (const char *const[PARTS]){ key, "=", value, "" });
}

void exec_words_default(struct exec_words *words, const char *key, const char *value)
{
    if (!find(words, key))
        exec_words_set(words, key, value);
}

bool exec_words_have_room(const struct exec_words *words, const struct exec_words *more)
{
    return words->size + more->size <= EXEC_WORDS_MAX;
}

const char *exec_words_get(const struct exec_words *words, const char *key)
{
    const char *word = find(words, key);

    return word ? word + strlen(key) + 1 : NULL;
}

const char *exec_words_next(const struct exec_words *words, const char *word)
{
    const char *next = word ? word + strlen(word) + 1 : words->bytes;
    bool is_whole = !words->wrong && words->size > 0;

    return is_whole && next < words->bytes + words->size ? next : NULL;
}

void exec_words_copy(struct exec_words *words, const struct exec_words *from)
{
    const char *word = NULL;

    if (from->wrong && !words->wrong)
        words->wrong = from->wrong;
    while ((word = exec_words_next(from, word)) != NULL)
        exec_words_add(words, word);
}

const char **exec_words_pointers(const struct exec_words *words)
{
    const char **pointers = calloc(words->count + 1, sizeof *pointers);
    const char *word = NULL;

    for (size_t i = 0; pointers && (word = exec_words_next(words, word)) != NULL; i++)
        pointers[i] = word;
    return pointers;
}

static void check_lines(struct exec_words *words, const char *text)
{
    if (!words->wrong && strpbrk(text, "\r\n"))
        words->wrong = "a value has a line break";
}

/* Never realloc: it would leave a copy behind that nobody wipes. */
static bool make_room(struct exec_words *words, size_t size)
{
    size_t room = words->room > 0 ? words->room : ROOM_FIRST;
    char *bytes = NULL;

    if (size <= words->room)
        return true;
    while (room < size)
        room *= 2;
    bytes = malloc(room);
    if (!bytes)
        return false;
    if (words->bytes) {
        memcpy(bytes, words->bytes, words->size);
        explicit_bzero(words->bytes, words->room);
        free(words->bytes);
    }
    words->bytes = bytes;
    words->room = room;
    return true;
}

static void append(struct exec_words *words, const char *text, size_t size)
{
    if (words->wrong)
        return;
    if (size > EXEC_WORD_MAX || words->size + size + 1 > EXEC_WORDS_MAX) {
        words->wrong = EXEC_TOO_LONG;
        return;
    }
    if (!make_room(words, words->size + size + 1)) {
        words->wrong = EXEC_NO_MEMORY;
        return;
    }
    memcpy(words->bytes + words->size, text, size);
    words->size += size;
}

static void finish(struct exec_words *words)
{
    if (words->wrong) /* make_room left a place for this, or append said no */
        return;
    words->bytes[words->size++] = '\0';
    words->count++;
}

static void add_parts(struct exec_words *words, const char *const parts[PARTS])
{
    size_t size = 0;

    for (int i = 0; i < PARTS; i++)
        size += strlen(parts[i]);
    if (size > EXEC_WORD_MAX && !words->wrong)
        words->wrong = EXEC_TOO_LONG;
    for (int i = 0; i < PARTS; i++)
        append(words, parts[i], strlen(parts[i]));
    finish(words);
}

static char *find(const struct exec_words *words, const char *key)
{
    size_t size = strlen(key);
    char *word = words->bytes;

    for (size_t i = 0; i < words->count; i++) {
        if (strncmp(word, key, size) == 0 && word[size] == '=')
            return word;
        word += strlen(word) + 1;
    }
    return NULL;
}

static void remove_key(struct exec_words *words, const char *key)
{
    char *word = words->wrong ? NULL : find(words, key);
    size_t size = word ? strlen(word) + 1 : 0;
    size_t after = word ? words->size - (size_t)(word - words->bytes) - size : 0;

    if (!word)
        return;
    memmove(word, word + size, after);
    words->size -= size;
    explicit_bzero(words->bytes + words->size, size);
    words->count--;
}
