/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include "withhold.h"

#include <string.h>

#define WHITE     " \t\r\n\f\v"
#define KEY_MARK  "PRIVATE KEY-----"
#define KEY_SHOWN "(a private key, which is not shown)"

static size_t copy_shown(const struct exec_stream *stream,
                         const struct exec_words *secrets,
                         char shown[EXEC_STREAM_TAIL]);
static size_t least(size_t one, size_t other);
static void add_tail(struct exec_stream *stream, const char *bytes, size_t size);
static bool has_key(const struct exec_stream *stream);
static const char *skip_broken(const char *text, const char *end);
static void join(const char *text, size_t size, struct exec_tail *tail);

void exec_stream_reset(struct exec_stream *stream)
{
    explicit_bzero(stream->head, stream->head_size + 1);
    stream->head_size = 0;
    stream->tail_size = 0;
    stream->total = 0;
}

int exec_stream_take(void *arg, const void *data, size_t size)
{
    struct exec_stream *stream = arg;
    size_t fits = least(size, EXEC_OUTPUT_MAX - stream->head_size);

    memcpy(stream->head + stream->head_size, data, fits);
    stream->head_size += fits;
    stream->head[stream->head_size] = '\0';
    stream->total += size;
    add_tail(stream, data, size);
    return 0;
}

bool exec_stream_is_whole(const struct exec_stream *stream)
{
    return stream->total == stream->head_size
           && strlen(stream->head) == stream->head_size;
}

struct exec_tail exec_stream_tail(const struct exec_stream *stream,
                                  const struct exec_words *secrets)
{
    struct exec_tail tail = { "" };
    char shown[EXEC_STREAM_TAIL];
    const char *begin = shown;
    const char *end = begin + copy_shown(stream, secrets, shown);
    const char *line = NULL;
    int lines = 0;

    if (has_key(stream))
        return (struct exec_tail){ KEY_SHOWN };
    while (end > begin && strchr(WHITE, end[-1]) && end[-1] != '\0')
        end--;
    line = end;
    while (line > begin && (size_t)(end - line) < EXEC_TAIL_MAX - 16) {
        if (line[-1] == '\n' && ++lines == EXEC_TAIL_LINES)
            break;
        line--;
    }
    line = skip_broken(line, end);
    join(line, (size_t)(end - line), &tail);
    /* What was left out of the text may have stood amid a value. */
    tail.text[exec_withhold(secrets, false, tail.text, strlen(tail.text))] = '\0';
    return tail;
}

char *exec_stream_trim(struct exec_stream *stream)
{
    char *text = stream->head + strspn(stream->head, WHITE);
    size_t size = strlen(text);

    while (size > 0 && strchr(WHITE, text[size - 1]))
        size--;
    text[size] = '\0';
    return text;
}

/* Before it is cut to lines, so that no part of a secret is taken for something else.
 */
static size_t copy_shown(const struct exec_stream *stream,
                         const struct exec_words *secrets, char shown[EXEC_STREAM_TAIL])
{
    memcpy(shown, stream->tail, stream->tail_size);
    return exec_withhold(secrets, stream->total > stream->tail_size, shown,
                         stream->tail_size);
}

static size_t least(size_t one, size_t other)
{
    return one < other ? one : other;
}

static void add_tail(struct exec_stream *stream, const char *bytes, size_t size)
{
    size_t taken = least(size, EXEC_STREAM_TAIL);
    size_t kept = least(stream->tail_size, EXEC_STREAM_TAIL - taken);

    memmove(stream->tail, stream->tail + stream->tail_size - kept, kept);
    memcpy(stream->tail + kept, bytes + size - taken, taken);
    stream->tail_size = kept + taken;
}

/* What is shown is kept, sent and read by others. */
static bool has_key(const struct exec_stream *stream)
{
    return memmem(stream->head, stream->head_size, KEY_MARK, strlen(KEY_MARK))
           || memmem(stream->tail, stream->tail_size, KEY_MARK, strlen(KEY_MARK));
}

/* The rest of a character of UTF-8 whose beginning was cut off. */
static const char *skip_broken(const char *text, const char *end)
{
    while (text < end && ((unsigned char)*text & 0xC0u) == 0x80u)
        text++;
    return text;
}

static void join(const char *text, size_t size, struct exec_tail *tail)
{
    size_t used = 0;

    for (size_t i = 0; i < size && used + 3 < EXEC_TAIL_MAX; i++) {
        if (text[i] == '\n') {
            memcpy(tail->text + used, " | ", 3);
            used += 3;
        } else if (text[i] != '\r' && text[i] != '\0') {
            tail->text[used++] = text[i];
        }
    }
    tail->text[used] = '\0';
}
