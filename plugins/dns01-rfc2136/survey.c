/* SPDX-License-Identifier: Apache-2.0 */
#include "survey.h"

#include "exchange.h"

#define WINDOW 16 /* questions at a time: they fit into any socket's buffer */

/* A question that waits for its answer. */
struct question {
    size_t index;
    uint16_t id;
    struct tsig_mac mac;
    bool is_open;
};

/* A walk through many questions. */
struct survey {
    const ldns_rdf *const *names;
    survey_take *take;
    void *arg;
    struct attempt attempt;
    struct question questions[WINDOW];
    size_t question_count, open_count;
};

static void survey_by_udp(struct session *session, struct survey *survey, size_t count);
static bool send_window(struct session *session, struct survey *survey, size_t first,
                        size_t count);
static bool receive_window(struct session *session, struct survey *survey);
static struct question *find_question(struct survey *survey, uint16_t id);
static void take_answer(struct session *session, struct survey *survey,
                        struct question *question);

void survey_txt(struct session *session, const ldns_rdf *const *names, size_t count,
                survey_take *take, void *arg)
{
    struct survey survey = { .names = names, .take = take, .arg = arg };

    survey.attempt = attempt_at(session, session->current, session->settings->is_udp);
    if (session->settings->is_udp) {
        survey_by_udp(session, &survey, count);
        return;
    }
    for (size_t first = 0; first < count; first += WINDOW) {
        size_t size = count - first < WINDOW ? count - first : WINDOW;

        /* A server may close after each answer; a window is worth a second try. */
        if (send_window(session, &survey, first, size)
            && receive_window(session, &survey))
            continue;
        transport_close(&session->transport);
        if (!send_window(session, &survey, first, size)
            || !receive_window(session, &survey))
            return;
    }
}

static void survey_by_udp(struct session *session, struct survey *survey, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct attempt *attempt = &survey->attempt;
        struct reply reply = { .kind = REPLY_UNUSABLE };
        uint16_t id = 0;

        if (!message_new_id(&id))
            return;
        attempt->is_udp = true;
        message_query(&session->request, id, survey->names[i], LDNS_RR_TYPE_TXT);
        if (exchange(session, attempt) != TRANSPORT_OK)
            return;
        exchange_judge(session, attempt, &reply);
        if (reply.kind == REPLY_DONE)
            survey->take(survey->arg, i, attempt->packet);
        packet_drop(&attempt->packet);
    }
}

static bool send_window(struct session *session, struct survey *survey, size_t first,
                        size_t count)
{
    struct attempt *attempt = &survey->attempt;

    survey->question_count = survey->open_count = 0;
    if (exchange_connect(session, attempt) != TRANSPORT_OK)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct question *question = &survey->questions[i];

        *question = (struct question){ .index = first + i, .is_open = true };
        if (!message_new_id(&question->id))
            return false;
        message_query(&session->request, question->id, survey->names[first + i],
                      LDNS_RR_TYPE_TXT);
        if (!exchange_sign(session, &question->mac)
            || transport_send(&session->transport, &session->request,
                              &attempt->patience, &attempt->error)
                   != TRANSPORT_OK)
            return false;
        survey->open_count = ++survey->question_count;
    }
    return true;
}

/* RFC 7766 §7: answers may come in any order. */
static bool receive_window(struct session *session, struct survey *survey)
{
    struct attempt *attempt = &survey->attempt;

    for (size_t turns = 0; survey->open_count > 0; turns++) {
        struct question *question = NULL;

        if (turns > EXCHANGE_STRANGE_MAX
            || transport_receive(&session->transport, &attempt->patience, 0,
                                 &session->answer, &attempt->error)
                   != TRANSPORT_OK
            || session->answer.size < MESSAGE_HEADER_SIZE)
            return false;
        question = find_question(survey, message_get_u16(session->answer.bytes));
        if (question)
            take_answer(session, survey, question);
    }
    return true;
}

static struct question *find_question(struct survey *survey, uint16_t id)
{
    for (size_t i = 0; i < survey->question_count; i++) {
        if (survey->questions[i].is_open && survey->questions[i].id == id)
            return &survey->questions[i];
    }
    return NULL;
}

static void take_answer(struct session *session, struct survey *survey,
                        struct question *question)
{
    struct attempt *attempt = &survey->attempt;
    struct reply reply = { .kind = REPLY_UNUSABLE };

    message_query(&session->request, question->id, survey->names[question->index],
                  LDNS_RR_TYPE_TXT);
    if (message_read(&session->request, session->answer.bytes, session->answer.size,
                     &attempt->packet)
        != MESSAGE_ANSWERS)
        return;
    question->is_open = false;
    survey->open_count--;
    attempt->mac = question->mac;
    exchange_judge(session, attempt, &reply);
    if (reply.kind == REPLY_DONE)
        survey->take(survey->arg, question->index, attempt->packet);
    packet_drop(&attempt->packet);
}
