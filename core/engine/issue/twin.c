/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/twin.h"

#include <string.h>

static bool is_equal(const char *one, const char *other)
{
    return one == other || (one && other && strcmp(one, other) == 0);
}

/* Of a record the name and the value are all there is; what tokens and names of
 * certificates led to them does not matter. */
static bool is_same_record(const struct acmecore_challenge *one,
                           const struct acmecore_challenge *other)
{
    return one->record_value && is_equal(one->record_value, other->record_value)
           && is_equal(one->record_name, other->record_name)
           && is_equal(one->type, other->type);
}

bool ac_answer_is_twin(const struct ac_answer *one, const struct ac_answer *other)
{
    const struct acmecore_challenge *first = ac_answer_challenge(one);
    const struct acmecore_challenge *second = ac_answer_challenge(other);

    if (one->solver != other->solver)
        return false;
    if (first->record_value)
        return is_same_record(first, second);
    return !second->record_value && is_equal(first->token, second->token)
           && is_equal(first->identifier, second->identifier)
           && is_equal(first->type, second->type)
           && is_equal(first->key_authorization, second->key_authorization);
}

/* One whose cleanup has begun may have been cleaned up before ours was presented. */
static bool can_inherit(const struct ac_answer *answer)
{
    return answer->status != AC_ANSWER_CLEANING && answer->status != AC_ANSWER_GONE;
}

struct ac_answer *ac_answer_find_heir(struct ac_answer *const *items, size_t count,
                                      const struct ac_answer *answer)
{
    for (size_t i = 0; i < count; i++) {
        if (items[i] != answer && can_inherit(items[i])
            && ac_answer_is_twin(items[i], answer))
            return items[i];
    }
    return NULL;
}
