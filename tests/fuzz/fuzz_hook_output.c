/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a hook prints, in pieces as pipes give it: its last words fit where they are
 * shown and have nothing that is withheld, what is handed to cleanup is trimmed, and a
 * native answer has one result for each challenge. The same bytes are tried as an
 * environment file and as a command.
 */
/* NOLINTBEGIN(bugprone-suspicious-include): a plugin is not a layer to link to */
#include "../../plugins/common-exec/answer.c"
#include "../../plugins/common-exec/command.c"
#undef BLANKS
#include "../../plugins/common-exec/environment.c"
#include "../../plugins/common-exec/output.c"
#include "../../plugins/common-exec/withhold.c"
#include "../../plugins/common-exec/words.c"
/* NOLINTEND(bugprone-suspicious-include) */
/* For the libraries of this layer, Jansson among them. */
#include "base/json.h"

#include <stdint.h>

#define PIECE 4096

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        __builtin_trap();
}

static void check_answers(const char *text, size_t size, size_t count)
{
    struct exec_answers *answers = NULL;
    const char *wrong = exec_answers_parse(text, size, count, &answers);

    require(!wrong || !answers);
    for (size_t i = 0; answers && i < count; i++) {
        struct exec_answer answer = exec_answers_at(answers, i);

        require(answer.detail && answer.status != ACMECORE_E_INVALID);
        require(!answer.data || strlen(answer.data) <= EXEC_DATA_MAX);
    }
    exec_answers_drop(&answers);
}

static void check_stream(const uint8_t *data, size_t size)
{
    static struct exec_stream stream;
    EXEC_AUTO_WORDS secrets = { 0 };
    struct exec_tail tail;
    const char *trimmed = NULL;

    exec_stream_reset(&stream);
    for (size_t i = 0; i < size; i += PIECE)
        (void)exec_stream_take(&stream, data + i, least(size - i, PIECE));
    require(stream.total == size && stream.head_size <= EXEC_OUTPUT_MAX);
    exec_words_add(&secrets, "TOKEN=s3cret");
    tail = exec_stream_tail(&stream, secrets.wrong ? NULL : &secrets);
    require(secrets.wrong || !strstr(tail.text, "s3cret"));
    require(strlen(tail.text) <= EXEC_TAIL_MAX && !strchr(tail.text, '\n'));
    check_answers(stream.head, stream.head_size, 1);
    trimmed = exec_stream_trim(&stream);
    require(
        !*trimmed
        || (!strchr(WHITE, *trimmed) && !strchr(WHITE, trimmed[strlen(trimmed) - 1])));
}

static void check_environment(const char *text, size_t size)
{
    EXEC_AUTO_WORDS words = { 0 };
    struct exec_environment_error error = { 0 };
    const char *word = NULL;
    size_t count = 0;

    if (!exec_environment_parse(text, size, &words, &error)) {
        require(error.line > 0 && error.why);
        return;
    }
    while ((word = exec_words_next(&words, word)) != NULL) {
        require(strchr(word, '=') > word && !strpbrk(word, "\r\n"));
        count++;
    }
    require(count == words.count && count <= EXEC_ENVIRONMENT_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* On the heap, so that one octet too far is seen. */
    char *text = malloc(size + 1);
    EXEC_AUTO_WORDS words = { 0 };

    if (!text)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    check_stream(data, size);
    check_answers((const char *)data, size, size % 3);
    check_environment(text, size);
    if (!exec_command_split(text, &words))
        require(words.bytes[0] == '/' && words.count <= EXEC_COMMAND_WORDS_MAX);
    free(text);
    return 0;
}
