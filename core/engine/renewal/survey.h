/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of one certificate: of its state, its files, and what a configuration
 * wants of it; and what is to be done about it. A part of engine/renewal/upkeep.
 */
#ifndef AC_ENGINE_SURVEY_H
#define AC_ENGINE_SURVEY_H

#include "engine/renewal/crl_calendar.h"
#include "engine/renewal/upkeep.h"

struct ac_survey {
    const struct ac_upkeep_settings *settings; /* borrowed, as is source */
    const struct ac_upkeep_source *source;
    struct ac_upkeep_item *item;     /* the one that is looked at; lent */
    struct ac_plan_facts facts;      /* of that one */
    struct ac_crl_calendar calendar; /* of all */
    bool is_ours;                    /* there is something to be looked after */
};

void ac_survey_done(struct ac_survey *survey);
AC_DEFINE_DROP_VALUE(ac_survey, ac_survey_done)

/* Fills the item, which has its name and its place in the configuration. */
AC_MUST enum ac_code ac_survey_one(struct ac_survey *survey, struct ac_error *err);

#endif
