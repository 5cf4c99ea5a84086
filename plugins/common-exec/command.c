/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_MAX 4096
#define BLANKS   " \t"

static const char *take_word(const char **text, char *word);

const char *exec_command_split(const char *text, struct exec_words *words)
{
    char word[TEXT_MAX + 1];

    if (strlen(text) > TEXT_MAX)
        return "it is longer than 4096 bytes";
    text += strspn(text, BLANKS);
    if (*text != '/' && *text != '"' && *text != '\'')
        return "it must begin with the absolute path of a program";
    while (*text) {
        const char *why = take_word(&text, word);

        if (why)
            return why;
        if (words->count == EXEC_COMMAND_WORDS_MAX)
            return "it has more than 64 words";
        exec_words_add(words, word);
        text += strspn(text, BLANKS);
    }
    if (words->wrong)
        return words->wrong;
    return words->bytes[0] == '/' ? NULL
                                  : "it must begin with the absolute path of a program";
}

const char *exec_command_check(const char *path)
{
    const char *why = exec_command_check_script(path);

    if (why || access(path, X_OK) == 0)
        return why;
    return errno == EACCES ? "it is not executable: chmod +x" : strerror(errno);
}

const char *exec_command_check_script(const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return strerror(errno);
    if (!S_ISREG(status.st_mode))
        return "it is not a file";
    /* Who can write it can do whatever we can. */
    if (status.st_mode & S_IWOTH)
        return "everybody may write it: chmod o-w";
    return NULL;
}

/* Quotes may begin within a word, as shells have it: --name="a b". */
static const char *take_word(const char **text, char *word)
{
    const char *from = *text;
    char quote = '\0';

    for (; *from && (quote || !strchr(BLANKS, *from)); from++) {
        bool is_opening = !quote && (*from == '\'' || *from == '"');

        if (is_opening) {
            quote = *from;
        } else if (*from == quote) {
            quote = '\0';
        } else {
            *word++ = *from;
        }
    }
    *word = '\0';
    *text = from;
    return quote ? "a quote in it is not closed" : NULL;
}
