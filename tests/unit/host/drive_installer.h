/* SPDX-License-Identifier: Apache-2.0 */
/* A small loop for installer-test in a real plugin host, and its mood. */
#ifndef AC_TESTS_UNIT_HOST_DRIVE_INSTALLER_H
#define AC_TESTS_UNIT_HOST_DRIVE_INSTALLER_H

#include "base/clock.h"
#include "base/file.h"
#include "check.h"
#include "host/installer.h"

#include <string.h>

#define DRIVE_LIMIT_MS 20000 /* under valgrind too */

static enum ac_code drive_mood(const char *mood, struct ac_error *err)
{
    AC_TRY(ac_file_make_folders(ac_test_path("site/live"), 0700, err));
    return ac_file_replace(ac_test_path("site/mood"), 0600, mood, strlen(mood), err);
}

static enum ac_code drive_start(const char *plugin, struct ac_installer **ret_installer,
                                struct ac_error *err)
{
    AC_AUTO(ac_words) folders = { 0 };
    AC_AUTO(ac_section) section = { 0 };

    AC_TRY(ac_words_add(&folders, AC_TEST_PLUGINS, err));
    AC_TRY(ac_section_add(&section, "folder", ac_test_path("site"), "test", err));
    const struct ac_plugin_settings settings = {
        .name = "web",
        .plugin = plugin,
        .section = &section,
        .plugin_folders = &folders,
        .host_path = AC_TEST_PLUGIN_HOST,
        .state_folder = ac_test_folder(),
    };
    return ac_installer_start(&settings, ret_installer, err);
}

static enum ac_code drive_batch(struct ac_install_batch *batch, struct ac_error *err)
{
    static const char *const identifiers[] = { "a.example", NULL };
    const struct acmecore_certificate certificate = {
        .struct_size = sizeof certificate,
        .name = "www",
        .identifiers = identifiers,
        .fullchain_path = "/dev/null",
        .cert_path = "/dev/null",
        .chain_path = "/dev/null",
        .folder_path = "/dev",
        .fingerprint =
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    };

    return ac_install_batch_add(batch, &certificate, err);
}

/* One operation to its end. */
static enum ac_code drive(struct ac_installer *installer, enum ac_installer_op op,
                          int64_t span_ms, struct ac_error *err)
{
    AC_AUTO(ac_install_batch) batch = { 0 };
    int64_t until_ms = ac_clock_after_ms(DRIVE_LIMIT_MS);

    AC_TRY(drive_batch(&batch, err));
    AC_TRY(ac_installer_begin(installer, op, &batch, ac_clock_after_ms(span_ms), err));
    ac_installer_step(installer);
    while (!ac_installer_is_done(installer) && ac_clock_now_ms() < until_ms) {
        struct pollfd fds[AC_PROCESS_FDS];
        size_t count = ac_installer_fds(installer, fds);
        int left_ms = ac_clock_left_ms(ac_installer_wake_at_ms(installer));

        (void)poll(fds, (nfds_t)count, left_ms < 1000 ? left_ms : 1000);
        ac_installer_step(installer);
    }
    return ac_installer_result(installer, err);
}

#endif
