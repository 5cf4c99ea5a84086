/* SPDX-License-Identifier: Apache-2.0 */
#include "edit.h"

#include <stdlib.h>
#include <string.h>

#define EDITS_MAX 200000
#define PLAIN     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-@+=:,%"

static bool make_room(struct edits *edits);
static void drop_text(const char *text);

void edits_drop(struct edits *edits)
{
    for (size_t i = 0; i < edits->count; i++)
        drop_text(edits->items[i].text);
    free(edits->items);
    *edits = (struct edits){ 0 };
}

enum edit_result edits_add(struct edits *edits, const struct edit *edit)
{
    const struct edit *there = edits_find(edits, edit->file, edit->begin);
    struct edit *place = NULL;
    char *text = NULL;
    size_t after = 0;

    if (there)
        return strcmp(there->text, edit->text) == 0 ? EDIT_DONE : EDIT_CONFLICT;
    if (!make_room(edits))
        return EDIT_NO_MEMORY;
    text = strdup(edit->text);
    if (!text)
        return EDIT_NO_MEMORY;
    /* In the order of the text. */
    while (after < edits->count && edits->items[after].begin < edit->begin)
        after++;
    place = &edits->items[after];
    memmove(place + 1, place, (edits->count - after) * sizeof *place);
    *place = *edit;
    place->text = text;
    edits->count++;
    return EDIT_DONE;
}

void edits_forget(struct edits *edits, size_t certificate)
{
    size_t kept = 0;

    for (size_t i = 0; i < edits->count; i++) {
        if (edits->items[i].certificate == certificate) {
            drop_text(edits->items[i].text);
        } else {
            edits->items[kept++] = edits->items[i];
        }
    }
    edits->count = kept;
}

const struct edit *edits_find(const struct edits *edits, size_t file, size_t begin)
{
    for (size_t i = 0; i < edits->count; i++) {
        if (edits->items[i].file == file && edits->items[i].begin == begin)
            return &edits->items[i];
    }
    return NULL;
}

bool edits_apply(const struct edits *edits, size_t file, const struct files_blob *text,
                 struct files_blob *ret_text)
{
    size_t done = 0;
    bool is_good = files_blob_add(ret_text, "", 0);

    for (size_t i = 0; is_good && i < edits->count; i++) {
        const struct edit *edit = &edits->items[i];

        if (edit->file != file)
            continue;
        is_good = files_blob_add(ret_text, text->bytes + done, edit->begin - done)
                  && files_blob_add(ret_text, edit->text, strlen(edit->text));
        done = edit->end;
    }
    return is_good && files_blob_add(ret_text, text->bytes + done, text->size - done);
}

bool edits_has(const struct edits *edits, size_t file)
{
    for (size_t i = 0; i < edits->count; i++) {
        if (edits->items[i].file == file)
            return true;
    }
    return false;
}

bool edit_quote(const char *path, char text[EDIT_TEXT_MAX])
{
    bool is_plain = path[strspn(path, PLAIN)] == '\0';
    size_t used = 0;

    if (strpbrk(path, "$\n\r") || strlen(path) > EDIT_TEXT_MAX / 2 - 2)
        return false;
    if (!is_plain)
        text[used++] = '"';
    for (; *path; path++) {
        if (*path == '"' || *path == '\\')
            text[used++] = '\\';
        text[used++] = *path;
    }
    if (!is_plain)
        text[used++] = '"';
    text[used] = '\0';
    return true;
}

static bool make_room(struct edits *edits)
{
    size_t room = edits->room * 2 + 8;
    struct edit *larger = NULL;

    if (edits->count < edits->room)
        return true;
    if (edits->count < EDITS_MAX)
        larger = reallocarray(edits->items, room, sizeof *larger);
    if (!larger)
        return false;
    edits->items = larger;
    edits->room = room;
    return true;
}

/* free() takes it without const. */
static void drop_text(const char *text)
{
    char *own = NULL;

    memcpy(&own, &text, sizeof own);
    free(own);
}
