/* SPDX-License-Identifier: Apache-2.0 */
#include "store/migrate.h"

#include "store/store.h"

#include <string.h>

/* Schema 1 is the first there is; a second one brings its steps here. */
const struct ac_migrations ac_store_migrations = { .schema = AC_STORE_SCHEMA };

enum ac_code ac_migrate(const struct ac_migrations *migrations, const char *item,
                        struct ac_json *document, struct ac_error *err)
{
    int64_t schema = ac_json_number_or(document, "schema", migrations->schema);

    if (schema >= migrations->schema)
        return AC_OK;
    for (size_t i = 0; i < migrations->count; i++) {
        const struct ac_migration *step = &migrations->steps[i];

        if (step->from >= schema && strcmp(step->item, item) == 0)
            AC_TRY(step->change(document, err));
    }
    return ac_json_set_number(document, "schema", migrations->schema, err);
}
