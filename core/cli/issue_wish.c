/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/issue_wish.h"

#include "base/log.h"
#include "cli/configuration.h"
#include "cli/wish.h"
#include "config/ca.h"
#include "engine/wanted/wanted_further.h"
#include "engine/wanted/wanted_members.h"

#include <stdlib.h>
#include <string.h>

/* What the configuration says of reaching this CA counts for a certificate that the
 * command line made, too. */
static enum ac_code take_ca_file(struct ac_context *context, struct ac_error *err)
{
    const struct ac_wanted_member *member = ac_wanted_member_find("ca-file");

    if (context->options->ca_file || !ac_configured_ca_member(&context->ca, "ca-file"))
        return AC_OK;
    return ac_wanted_member_set(&context->wanted, member, context->ca_file, err);
}

/* The CAs that --server names after the first. */
static enum ac_code find_further(const struct ac_context *context,
                                 struct ac_words *further, struct ac_error *err)
{
    const struct ac_words *servers = &context->options->servers;

    for (size_t i = 1; i < servers->count; i++) {
        struct ac_configured_ca ca;

        AC_TRY(ac_configured_ca(context->config, servers->items[i], &ca, err));
        if (strcmp(ca.directory_url, context->directory_url) != 0
            && !ac_words_has(further, ca.directory_url))
            AC_TRY(ac_words_add(further, ca.directory_url, err));
    }
    return AC_OK;
}

/* A trial is not for the CA that counts what goes wrong, where it has another one. */
static enum ac_code use_staging_of(const char *directory_url, char **ret_url,
                                   struct ac_error *err)
{
    const struct ac_ca *staging = ac_ca_staging(directory_url);

    if (!staging)
        return ac_memory_copy_text(directory_url, ret_url, err);
    if (strcmp(staging->directory_url, directory_url) != 0) {
        ac_log_say(AC_LOG_WARN, "dry run: asking %s in the place of %s", staging->title,
                   directory_url);
    }
    return ac_memory_copy_text(staging->directory_url, ret_url, err);
}

static void take_further(struct ac_wanted *wanted, struct ac_wanted *before)
{
    before->further = wanted->further;
    before->further_own = wanted->further_own;
    before->further_own_count = wanted->further_own_count;
    wanted->further = (struct ac_words){ 0 };
    wanted->further_own = NULL;
    wanted->further_own_count = wanted->further_own_capacity = 0;
}

/* Number `index` of those before, at its new URL. */
static enum ac_code move_further(struct ac_wanted *wanted, const char *url,
                                 struct ac_wanted *before, size_t index,
                                 struct ac_error *err)
{
    if (before->further_own_count == 0)
        return ac_words_add(&wanted->further, url, err);
    return ac_wanted_add_further(wanted, url, &before->further_own[index], err);
}

static enum ac_code use_staging(struct ac_wanted *wanted, struct ac_error *err)
{
    AC_AUTO_TEXT char *first = NULL;
    AC_AUTO(ac_wanted) before = { 0 };

    AC_TRY(use_staging_of(wanted->directory_url, &first, err));
    free(wanted->directory_url);
    wanted->directory_url = AC_TAKE(first);
    take_further(wanted, &before);
    for (size_t i = 0; i < before.further.count; i++) {
        AC_AUTO_TEXT char *url = NULL;

        AC_TRY(use_staging_of(before.further.items[i], &url, err));
        if (!ac_wanted_at_url(wanted, url))
            AC_TRY(move_further(wanted, url, &before, i, err));
    }
    return AC_OK;
}

enum ac_code ac_issue_wish_read(struct ac_context *context, struct ac_error *err)
{
    struct ac_wanted *wanted = &context->wanted;
    bool is_given = context->options->servers.count > 0;
    AC_AUTO(ac_words) further = { 0 };
    const struct ac_wish_places places = {
        .store = context->store,
        .directory_url = is_given ? context->directory_url : NULL,
        .further = is_given ? &further : NULL,
        .default_url = context->directory_url,
    };

    AC_TRY(find_further(context, &further, err));
    AC_TRY(ac_wish_read(context->options, &places, wanted, err));
    if (context->options->is_dry_run)
        AC_TRY(use_staging(wanted, err));
    AC_TRY(ac_configuration_use_ca(context, wanted->directory_url, err));
    AC_TRY(take_ca_file(context, err));
    if (context->can_use_plain_http)
        wanted->can_use_plain_http = true;
    context->account = wanted->account;
    context->ca_file = wanted->ca_file;
    context->can_use_plain_http = wanted->can_use_plain_http;
    return AC_OK;
}
