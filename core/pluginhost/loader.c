/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/loader.h"

#include "pluginhost/elf.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define FROZEN_SIZE     (offsetof(struct acmecore_plugin, version) + sizeof(const char *))
#define PLUGIN_1_0      (offsetof(struct acmecore_plugin, ops) + sizeof(void *))
#define SOLVER_1_0      (offsetof(struct acmecore_solver, serve) + sizeof(void *))
#define INSTALL_1_0     (offsetof(struct acmecore_installer, finish) + sizeof(void *))
#define OPTION_1_0      (offsetof(struct acmecore_option, help) + sizeof(void *))
#define OPTION_MAX      4096 /* bytes of one option, in any version to come */
#define OPTIONS_MAX     128
#define TYPES_MAX       16
#define TEXT_MAX        512 /* bytes of help, fallback, version */
#define CHOICES_MAX     64
#define CHOICE_SIZE     64
#define NAME_SIZE       64
#define TYPE_SIZE       32
#define TYPE_ALPHABET   "abcdefghijklmnopqrstuvwxyz0123456789-"
#define OPTION_ALPHABET TYPE_ALPHABET "_"
/* What is wrong with the plugin itself; nobody who only uses it can mend that. */
#define TELL_AUTHOR "install another version of it, or tell its author"

static int settle_as_ok(void *self, const struct acmecore_challenge *const *challenges,
                        size_t count, int *results)
{
    (void)self, (void)challenges, (void)count, (void)results;
    return ACMECORE_OK;
}

static size_t watch_nothing(void *self, struct pollfd *fds, size_t max)
{
    (void)self, (void)fds, (void)max;
    return 0;
}

static void serve_nothing(void *self, const struct pollfd *fds, size_t count)
{
    (void)self, (void)fds, (void)count;
}

/* Copies what the plugin has and leaves zero where it is older than we are. */
static void copy_sized(void *to, size_t to_size, const void *from, size_t from_size)
{
    memset(to, 0, to_size);
    memcpy(to, from, from_size < to_size ? from_size : to_size);
}

static bool is_short(const char *text, size_t maximum)
{
    return strnlen(text, maximum + 1) <= maximum;
}

/* ---- the descriptor ----------------------------------------------------- */

static enum ac_code check_major(uint16_t major, uint16_t minor, struct ac_error *err)
{
    if (major == ACMECORE_ABI_MAJOR)
        return AC_OK;
    return ac_fail(err, AC_E_PLUGIN,
                   "it is built for plugin ABI %u.%u, this acmecore has %d.%d; %s",
                   major, minor, ACMECORE_ABI_MAJOR, ACMECORE_ABI_MINOR,
                   major > ACMECORE_ABI_MAJOR
                       ? "update acmecore, or install an older version of it"
                       : "install a newer version of it, or build it again");
}

/* What no version may move; the size of the object is what the file says. */
static enum ac_code check_frozen(const struct acmecore_plugin *plugin, size_t size,
                                 struct ac_error *err)
{
    if (size < FROZEN_SIZE) {
        return ac_fail(err, AC_E_PLUGIN,
                       "its descriptor has %zu bytes, under %zu; " TELL_AUTHOR, size,
                       FROZEN_SIZE);
    }
    AC_TRY(check_major(plugin->abi_major, plugin->abi_minor, err));
    if (plugin->reserved != 0) {
        return ac_fail(err, AC_E_PLUGIN,
                       "the reserved field of its descriptor is %u, and has to be "
                       "0; " TELL_AUTHOR,
                       plugin->reserved);
    }
    if (plugin->struct_size < PLUGIN_1_0 || plugin->struct_size > size) {
        return ac_fail(err, AC_E_PLUGIN,
                       "its descriptor says it has %u bytes; it has %zu, and ABI 1.0 "
                       "%zu; " TELL_AUTHOR,
                       plugin->struct_size, size, PLUGIN_1_0);
    }
    return AC_OK;
}

static enum ac_code check_name(const char *its, const char *name, struct ac_error *err)
{
    if (!its || !its[0])
        return ac_fail(err, AC_E_PLUGIN, "it has no name; " TELL_AUTHOR);
    if (!is_short(its, NAME_SIZE)) {
        return ac_fail(err, AC_E_PLUGIN, "its name is over %d bytes; " TELL_AUTHOR,
                       NAME_SIZE);
    }
    if (strcmp(its, name) == 0)
        return AC_OK;
    return ac_fail(err, AC_E_PLUGIN,
                   "it calls itself \"%s\", which is not its file name; its file must "
                   "be called %s.so",
                   its, its);
}

static enum ac_code check_kind(const struct acmecore_plugin *plugin,
                               struct ac_error *err)
{
    if (plugin->kind == ACMECORE_SOLVER || plugin->kind == ACMECORE_INSTALLER)
        return AC_OK;
    if (plugin->kind == ACMECORE_STORE)
        return ac_fail(err, AC_E_PLUGIN, "it is a store, which no acmecore loads yet");
    return ac_fail(err, AC_E_PLUGIN,
                   "its kind %u is unknown to this acmecore, which knows solvers and "
                   "installers; update acmecore, or do without it",
                   plugin->kind);
}

static enum ac_code check_identity(const struct acmecore_plugin *plugin,
                                   const char *name, struct ac_error *err)
{
    if (plugin->needs_minor > ACMECORE_ABI_MINOR) {
        return ac_fail(err, AC_E_PLUGIN,
                       "it needs a newer acmecore (plugin ABI %u.%u, this one has "
                       "%d.%d); update acmecore, or install an older version of it",
                       plugin->abi_major, plugin->needs_minor, ACMECORE_ABI_MAJOR,
                       ACMECORE_ABI_MINOR);
    }
    AC_TRY(check_name(plugin->name, name, err));
    if (!plugin->version || !is_short(plugin->version, NAME_SIZE)) {
        return ac_fail(err, AC_E_PLUGIN,
                       "its version is missing or over %d bytes; " TELL_AUTHOR,
                       NAME_SIZE);
    }
    return AC_OK;
}

/* ---- operations --------------------------------------------------------- */

static enum ac_code check_types(const char *const *types, struct ac_error *err)
{
    size_t count = 0;

    for (; count <= TYPES_MAX && types[count]; count++) {
        if (!ac_text_is_made_of(types[count], TYPE_ALPHABET, 1, TYPE_SIZE)) {
            return ac_fail(err, AC_E_PLUGIN,
                           "its challenge type \"%.*s\" is none; " TELL_AUTHOR,
                           TYPE_SIZE, types[count]);
        }
    }
    if (count == 0 || count > TYPES_MAX) {
        return ac_fail(err, AC_E_PLUGIN,
                       "its list of challenge types has %s entries (1 to %d are "
                       "allowed); " TELL_AUTHOR,
                       count ? "too many" : "no", TYPES_MAX);
    }
    return AC_OK;
}

static void settle_solver(struct ac_loaded *loaded)
{
    struct acmecore_solver *solver = &loaded->solver;

    loaded->has_probe = solver->probe != NULL;
    loaded->has_watch = solver->watch && solver->serve;
    if (!loaded->has_probe)
        solver->probe = settle_as_ok;
    if (!loaded->has_watch) {
        solver->watch = watch_nothing;
        solver->serve = serve_nothing;
    }
    solver->struct_size = sizeof *solver;
}

static enum ac_code adopt_solver(struct ac_loaded *loaded, struct ac_error *err)
{
    const struct acmecore_solver *solver = loaded->plugin.ops.solver;

    if (!solver || solver->struct_size < SOLVER_1_0) {
        return ac_fail(err, AC_E_PLUGIN,
                       "it has no operations of a solver; " TELL_AUTHOR);
    }
    copy_sized(&loaded->solver, sizeof loaded->solver, solver, solver->struct_size);
    if (!loaded->solver.present || !loaded->solver.cleanup) {
        return ac_fail(err, AC_E_PLUGIN,
                       "it has no %s operation, which is required; " TELL_AUTHOR,
                       loaded->solver.present ? "cleanup" : "present");
    }
    if (!loaded->solver.types) {
        return ac_fail(err, AC_E_PLUGIN,
                       "it has no list of challenge types; " TELL_AUTHOR);
    }
    settle_solver(loaded);
    return check_types(loaded->solver.types, err);
}

static int served_as_it_is(void *self,
                           const struct acmecore_certificate *const *certificates,
                           size_t count, int *results)
{
    (void)self, (void)certificates, (void)count, (void)results;
    return ACMECORE_OK;
}

static int finish_nothing(void *self)
{
    (void)self;
    return ACMECORE_OK;
}

static enum ac_code adopt_installer(struct ac_loaded *loaded, struct ac_error *err)
{
    const struct acmecore_installer *installer = loaded->plugin.ops.installer;

    if (!installer || installer->struct_size < INSTALL_1_0) {
        return ac_fail(err, AC_E_PLUGIN,
                       "it has no operations of an installer; " TELL_AUTHOR);
    }
    copy_sized(&loaded->installer, sizeof loaded->installer, installer,
               installer->struct_size);
    if (!loaded->installer.stage || !loaded->installer.commit
        || !loaded->installer.rollback) {
        return ac_fail(
            err, AC_E_PLUGIN,
            "it lacks stage, commit or rollback, which are required; " TELL_AUTHOR);
    }
    if (!loaded->installer.probe)
        loaded->installer.probe = served_as_it_is;
    if (!loaded->installer.finish)
        loaded->installer.finish = finish_nothing;
    loaded->installer.struct_size = sizeof loaded->installer;
    return AC_OK;
}

static enum ac_code adopt_operations(struct ac_loaded *loaded, struct ac_error *err)
{
    AC_TRY(check_kind(&loaded->plugin, err));
    if (!loaded->plugin.open || !loaded->plugin.close) {
        return ac_fail(err, AC_E_PLUGIN,
                       "it has no %s operation, which is required; " TELL_AUTHOR,
                       loaded->plugin.open ? "close" : "open");
    }
    if (loaded->plugin.kind == ACMECORE_SOLVER)
        return adopt_solver(loaded, err);
    return adopt_installer(loaded, err);
}

/* ---- options ------------------------------------------------------------ */

void ac_loader_option(const struct ac_loaded *loaded, size_t index,
                      struct acmecore_option *ret_option)
{
    const struct acmecore_plugin *plugin = &loaded->plugin;

    copy_sized(ret_option, sizeof *ret_option,
               (const char *)plugin->options + index * plugin->option_size,
               plugin->option_size);
}

static enum ac_code check_choices(const struct acmecore_option *option,
                                  struct ac_error *err)
{
    size_t count = 0;

    if (!option->choices)
        return AC_OK;
    for (; count <= CHOICES_MAX && option->choices[count]; count++) {
        if (!is_short(option->choices[count], CHOICE_SIZE)) {
            return ac_fail(err, AC_E_PLUGIN,
                           "its option \"%s\" has a choice over %d bytes; " TELL_AUTHOR,
                           option->name, CHOICE_SIZE);
        }
    }
    if (option->type == ACMECORE_OPTION_TEXT && count > 0 && count <= CHOICES_MAX)
        return AC_OK;
    return ac_fail(
        err, AC_E_PLUGIN,
        "its option \"%s\" has choices, which are for a text, 1 to %d; " TELL_AUTHOR,
        option->name, CHOICES_MAX);
}

static enum ac_code check_option(const struct acmecore_option *option, size_t index,
                                 struct ac_error *err)
{
    if (!ac_text_is_made_of(option->name, OPTION_ALPHABET, 1, NAME_SIZE)) {
        return ac_fail(err, AC_E_PLUGIN, "its option %zu has a bad name; " TELL_AUTHOR,
                       index);
    }
    if (option->type < ACMECORE_OPTION_TEXT || option->type > ACMECORE_OPTION_ADDRESS) {
        return ac_fail(err, AC_E_PLUGIN,
                       "its option \"%s\" has the unknown type %u; " TELL_AUTHOR,
                       option->name, option->type);
    }
    if ((option->fallback && !is_short(option->fallback, TEXT_MAX))
        || (option->help && !is_short(option->help, TEXT_MAX))) {
        return ac_fail(err, AC_E_PLUGIN,
                       "its option \"%s\" has a text over %d bytes; " TELL_AUTHOR,
                       option->name, TEXT_MAX);
    }
    return check_choices(option, err);
}

static enum ac_code check_options(const struct ac_loaded *loaded, struct ac_error *err)
{
    const struct acmecore_plugin *plugin = &loaded->plugin;
    struct acmecore_option option;

    if (plugin->option_count == 0)
        return AC_OK;
    if (plugin->option_count > OPTIONS_MAX || !plugin->options) {
        return ac_fail(
            err, AC_E_PLUGIN, "it says it has %u options%s (at most %d); " TELL_AUTHOR,
            plugin->option_count, plugin->options ? "" : " and has none", OPTIONS_MAX);
    }
    if (plugin->option_size < OPTION_1_0 || plugin->option_size > OPTION_MAX
        || plugin->option_size % _Alignof(struct acmecore_option) != 0) {
        return ac_fail(err, AC_E_PLUGIN, "it says an option has %u bytes; " TELL_AUTHOR,
                       plugin->option_size);
    }
    for (size_t i = 0; i < plugin->option_count; i++) {
        ac_loader_option(loaded, i, &option);
        AC_TRY(check_option(&option, i, err));
    }
    return AC_OK;
}

enum ac_code ac_loader_adopt(const struct acmecore_plugin *plugin, size_t size,
                             const char *name, struct ac_loaded *ret_loaded,
                             struct ac_error *err)
{
    struct ac_loaded loaded = { 0 };

    AC_TRY(check_frozen(plugin, size, err));
    copy_sized(&loaded.plugin, sizeof loaded.plugin, plugin, plugin->struct_size);
    loaded.plugin.struct_size = sizeof loaded.plugin;
    AC_TRY(check_identity(&loaded.plugin, name, err));
    AC_TRY(adopt_operations(&loaded, err));
    AC_TRY(check_options(&loaded, err));
    *ret_loaded = loaded;
    return AC_OK;
}

/* The first fields of a descriptor, as they are in the file. */
struct frozen {
    uint32_t struct_size;
    uint16_t abi_major, abi_minor;
};
_Static_assert(offsetof(struct acmecore_plugin, abi_minor)
                   == offsetof(struct frozen, abi_minor),
               "the frozen fields have not moved");

/* ---- the file ----------------------------------------------------------- */

static enum ac_code check_file(const char *path, size_t *ret_size, struct ac_error *err)
{
    AC_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return ac_fail_errno(err, AC_E_PLUGIN, errno, "%s cannot be opened", path);
    if (ac_elf_check(fd, ret_size, err) == AC_OK)
        return AC_OK;
    err->code = AC_E_PLUGIN;
    return err->code;
}

/* What glibc and musl say of a library that is not there, and of a function that none
 * of them has. */
static enum ac_code explain_dlopen(const char *text, struct ac_error *err)
{
    static const char function[] = "undefined symbol: ";
    const char *missing = strstr(text, ": cannot open shared object file");
    const char *undefined = strstr(text, function);

    if (missing) {
        return ac_fail(err, AC_E_PLUGIN,
                       "it needs the library %.*s, which is not here; install the "
                       "package that has it",
                       (int)(missing - text), text);
    }
    if (undefined) {
        undefined += strlen(function);
        return ac_fail(err, AC_E_PLUGIN,
                       "it needs \"%.*s\", which no library here has; install the "
                       "version of the library it was built with, or build it again "
                       "with -Wl,--no-undefined",
                       (int)strcspn(undefined, ", "), undefined);
    }
    return ac_fail(err, AC_E_PLUGIN,
                   "it cannot be loaded: %s; install a version of it for this system",
                   text);
}

/* dlerror says "PATH: why" or "libother.so.1: why"; the path is known already. */
static enum ac_code fail_dlopen(const char *path, struct ac_error *err)
{
    const char *text = dlerror();
    size_t size = strlen(path);

    if (!text)
        text = "no reason given";
    if (!strncmp(text, path, size) && text[size] == ':')
        text += size + 1;
    return explain_dlopen(text + strspn(text, " "), err);
}

enum ac_code ac_loader_uses(const char *path, uint32_t *ret_uses, struct ac_error *err)
{
    AC_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct ac_error ignored = { 0 };
    struct frozen head;
    size_t size = 0;

    *ret_uses = 0;
    AC_TRY(check_file(path, &size, err));
    if (size < FROZEN_SIZE || ac_elf_read(fd, 0, &head, sizeof head, &ignored) != AC_OK)
        return AC_OK;
    /* Another major may have anything else where this one has its flags. */
    AC_TRY(check_major(head.abi_major, head.abi_minor, err));
    if (head.struct_size < PLUGIN_1_0
        || ac_elf_read(fd, offsetof(struct acmecore_plugin, flags), ret_uses,
                       sizeof *ret_uses, &ignored)
               != AC_OK)
        *ret_uses = 0;
    return AC_OK;
}

enum ac_code ac_loader_load(const char *path, const char *name,
                            struct ac_loaded *ret_loaded, struct ac_error *err)
{
    size_t size = 0;

    AC_TRY(check_file(path, &size, err));
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return fail_dlopen(path, err);
    const struct acmecore_plugin *plugin = dlsym(library, AC_ELF_SYMBOL);
    if (!plugin)
        return ac_fail(err, AC_E_PLUGIN, "it does not export " AC_ELF_SYMBOL);
    return ac_loader_adopt(plugin, size, name, ret_loaded, err);
}
