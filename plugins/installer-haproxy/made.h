/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which certificates HAProxy serves only since it was told of them: a rollback takes
 * out these, and none that it served before. Written down in the private folder, so
 * that a later process knows it after a crash.
 */
#ifndef MADE_H
#define MADE_H

#include "runtime.h"

/* Adds those that HAProxy was seen not to serve. One that is noted stays so: what
 * serves it now is a commit that did not come to its end. */
int made_note(const struct acmecore_host *host, const struct runtime_item *items,
              size_t count);

/* Adds the noted paths, a line each (list.h); none is success. */
int made_load(const struct acmecore_host *host, struct files_blob *made);

int made_forget(const struct acmecore_host *host);

#endif
