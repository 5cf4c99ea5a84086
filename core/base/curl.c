/* SPDX-License-Identifier: Apache-2.0 */
#include "base/curl.h"

#include "base/memory.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* curl_easy_nextheader came with 7.83 and is sound since 7.84. */
#define VERSION_MIN      0x075400u
#define VERSION_MIN_TEXT "7.84"

struct entry {
    const char *symbol;
    size_t offset; /* of its pointer in struct ac_curl */
};

static const struct entry entries[] = {
#define ENTRY(name) { "curl_" #name, offsetof(struct ac_curl, name) },
    AC_CURL_FUNCTIONS(ENTRY)
#undef ENTRY
};

/* In order of preference: the GnuTLS flavour is what we are tested with. */
static const char *const sonames[] = { "libcurl-gnutls.so.4", "libcurl.so.4" };

/*
 * What libcurl brings along, through libssh2, and neither it nor we use. Four thousand
 * symbols that it has itself are looked up when it is opened: in thirty libraries one
 * after the other, unless it is there before libcurl and looks at itself first. That
 * halves the instructions that opening libcurl takes.
 */
#define EAGER_LIBRARY "libcrypto.so.3"

/* The sanitizers see to all memory, and do not run with a library that binds so. */
#ifdef __SANITIZE_ADDRESS__
#define CAN_BIND_DEEP false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CAN_BIND_DEEP false
#endif
#endif
#ifndef CAN_BIND_DEEP
#define CAN_BIND_DEEP true
#endif

_Static_assert(sizeof(void *) == sizeof(void (*)(void)), "dlsym gives functions");

static const char *last_message(void)
{
    const char *message = dlerror();

    return message == NULL ? "unknown reason" : message;
}

static enum ac_code fill_table(void *library, struct ac_curl *table,
                               struct ac_error *err)
{
    for (size_t i = 0; i < AC_COUNT(entries); i++) {
        void *symbol = dlsym(library, entries[i].symbol);

        if (symbol == NULL)
            return ac_fail(err, AC_E_SYSTEM, "%s", last_message());
        /* ISO C has no cast from an object pointer to a function pointer. */
        memcpy((unsigned char *)table + entries[i].offset, &symbol, sizeof symbol);
    }
    return AC_OK;
}

static enum ac_code start_library(const struct ac_curl *table, const char *soname,
                                  struct ac_error *err)
{
    const curl_version_info_data *info = table->version_info(CURLVERSION_NOW);
    CURLcode result;

    if (info->version_num < VERSION_MIN) {
        return ac_fail(err, AC_E_SYSTEM,
                       "%s is version %s, and " VERSION_MIN_TEXT
                       " is the oldest that works",
                       soname, info->version);
    }
    result = table->global_init(CURL_GLOBAL_DEFAULT);
    if (result == CURLE_OUT_OF_MEMORY)
        return ac_fail(err, AC_E_NOMEM, "no memory to start %s", soname);
    if (result != CURLE_OK) {
        return ac_fail(err, AC_E_SYSTEM, "%s does not start: %s", soname,
                       table->easy_strerror(result));
    }
    return AC_OK;
}

/* Where it is not there, libcurl does without it or fails for itself. */
static void open_eager_library(void)
{
    if (CAN_BIND_DEEP && !dlopen(EAGER_LIBRARY, RTLD_LAZY | RTLD_LOCAL | RTLD_DEEPBIND))
        (void)dlerror();
}

static enum ac_code open_library(const char *soname, struct ac_curl *table,
                                 struct ac_error *err)
{
    enum ac_code code;
    void *library = dlopen(soname, RTLD_LAZY | RTLD_LOCAL);

    if (library == NULL)
        return ac_fail(err, AC_E_SYSTEM, "%s", last_message());
    code = fill_table(library, table, err);
    if (code == AC_OK)
        code = start_library(table, soname, err);
    if (code != AC_OK)
        (void)dlclose(library); /* else it stays open for the life of the process */
    return code;
}

enum ac_code ac_curl_get(const struct ac_curl **ret_curl, struct ac_error *err)
{
    static struct ac_curl table;
    static bool is_open;
    struct ac_error first = { 0 };

    if (!is_open)
        open_eager_library();
    for (size_t i = 0; i < AC_COUNT(sonames) && !is_open; i++) {
        struct ac_error reason = { 0 };

        is_open = open_library(sonames[i], &table, &reason) == AC_OK;
        if (i == 0)
            first = reason;
    }
    if (!is_open) {
        return ac_fail(err, first.code,
                       "libcurl is needed to talk to a CA: %s; install the package "
                       "libcurl3-gnutls (Debian) or libcurl 7.84 or newer",
                       first.detail);
    }
    *ret_curl = &table;
    return AC_OK;
}
