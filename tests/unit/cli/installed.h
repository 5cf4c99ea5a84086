/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate that has an installer. After fake_run.h.
 */
#ifndef AC_TESTS_UNIT_CLI_INSTALLED_H
#define AC_TESTS_UNIT_CLI_INSTALLED_H

/* www as runs leave it, with so many versions, and the installer "web". */
static enum ac_code hold_versions(size_t count, struct ac_error *err)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };
    struct ac_solver_spec *spec;

    fake_reset();
    for (size_t i = 0; i < count; i++)
        AC_TRY(hold_certificate("www", "www.example", err));
    AC_TRY(ac_store_open(ac_test_path("state"), &store, err));
    AC_TRY(ac_wanted_load(store, "www", &wanted, err));
    AC_TRY(ac_wanted_add_installer(&wanted, "web", "installer-test", &spec, err));
    return ac_wanted_save(&wanted, store, err);
}

__attribute__((unused)) static enum ac_code hold_with_installer(struct ac_error *err)
{
    return hold_versions(1, err);
}

#endif
