/* SPDX-License-Identifier: Apache-2.0 */
/*
 * acmecore plugin ABI: everything a third-party plugin may know.
 *
 * A plugin is one shared object that exports one symbol, `acmecore_plugin`.
 * It is handed a table of host services and returns a table of operations.
 * Nothing else is shared: no allocator, no globals, no core symbols.
 *
 * Rules for the whole file
 *   Lifetime   every pointer argument is borrowed until the call returns
 *   Strings    NUL-terminated UTF-8; never NULL unless marked "or NULL"
 *   Threads    the host calls from one thread, one call at a time; only that
 *              thread, and only during a call, may use host services
 *   Growth     structs grow at the end only; struct_size says how far they go;
 *              no hidden padding (-Wpadded), or a new field could hide in it
 *   Enums      travel as int or uint32_t, so their size can never move
 */
#ifndef ACMECORE_PLUGIN_H
#define ACMECORE_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ACMECORE_ABI_MAJOR 1 /* differs: refused */
#define ACMECORE_ABI_MINOR 0 /* differs: fields missing at the end */

#define ACMECORE_EXPORT       __attribute__((visibility("default")))
#define ACMECORE_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* True when *table is long enough to hold `field` and the slot is filled. */
#define ACMECORE_HAS(table, field)                                                     \
    ((table)->struct_size                                                              \
         >= offsetof(__typeof__(*(table)), field) + sizeof((table)->field)             \
     && (table)->field)

/* Results. Numbers are permanent; new ones are added at the end. */
enum acmecore_status {
    ACMECORE_PENDING = 1, /* probe(): not visible yet, ask again */
    ACMECORE_OK = 0,
    ACMECORE_E_INVALID = -1,    /* the caller broke this contract */
    ACMECORE_E_CONFIG = -2,     /* a setting is wrong; a person must act */
    ACMECORE_E_REFUSED = -3,    /* the remote side said no */
    ACMECORE_E_NETWORK = -4,    /* no usable answer; may be retried */
    ACMECORE_E_TIMEOUT = -5,    /* deadline passed or run cancelled */
    ACMECORE_E_NOTFOUND = -6,   /* the named thing does not exist */
    ACMECORE_E_SYSTEM = -7,     /* the operating system refused, or no memory */
    ACMECORE_E_UNSUPPORTED = -8 /* not offered by this plugin or host */
};

enum acmecore_log_level {
    ACMECORE_ERROR,
    ACMECORE_WARN,
    ACMECORE_INFO,
    ACMECORE_DEBUG
};

/* ---- values the host passes in ---------------------------------------- */

/* One challenge to answer (RFC 8555 section 8). The host has done the maths. */
struct acmecore_challenge {
    uint32_t struct_size;
    uint32_t flags;                /* none yet */
    const char *type;              /* "http-01", "dns-01", ... */
    const char *identifier;        /* "example.org": lower case, A-labels, no "*."; or
                                    * an IP address, canonical: "2001:db8::1" */
    const char *token;             /* base64url, section 8.1; dns-persist-01: NULL */
    const char *key_authorization; /* token "." thumbprint; dns-persist-01: NULL */
    const char *record_name;       /* dns-01: "_acme-challenge.example.org"; or NULL */
    const char *record_value;      /* dns-01: TXT content, section 8.4; or NULL */
    /* dns: the apex of the zone that record_name really lies in ("example.org"), after
     * the host has followed CNAMEs from _acme-challenge; NULL when it was not looked
     * up. */
    const char *record_zone;
};

/*
 * One certificate to install. Paths, not bytes: keys stay in the store.
 *
 * The paths of a certificate are the same at each renewal, and belong to this installer
 * alone: before stage() the host lets them lead to the new version, and before
 * rollback() back to the one that was deployed last. So a server may be told of them
 * once.
 */
struct acmecore_certificate {
    uint32_t struct_size;
    uint32_t flags;                 /* none yet */
    const char *name;               /* as in the configuration */
    const char *const *identifiers; /* NULL-terminated; an IP address is canonical */
    const char *fullchain_path;     /* leaf first, PEM */
    const char *key_path;           /* PEM, mode 0600; NULL: the key is in a token */
    int64_t not_after;              /* seconds since 1970, UTC */
    const char *cert_path;          /* the leaf alone, PEM */
    const char *chain_path;         /* what follows the leaf, PEM; may be empty */
    const char *folder_path;        /* where they are: privkey.pem, cert.pem, chain.pem,
                                     * fullchain.pem */
    const char *previous_path;      /* the folder of what this installer deployed last,
                                     * there until finish(); or NULL */
    const char *fingerprint; /* SHA-256 of the leaf's DER, 64 digits, lower case */
};

struct acmecore_request { /* for host->http */
    uint32_t struct_size;
    uint32_t max_body; /* bytes; a longer answer is E_REFUSED */
    const char *method;
    const char *url;            /* https; http to this machine, or to look: see http */
    const char *const *headers; /* "Name: value", NULL-terminated; or NULL */
    const void *body;           /* or NULL */
    size_t body_size;
    const char *ca_path; /* PEM file of the CAs to believe instead of the system's; or
                          * NULL */
};

#define ACMECORE_HARMLESS 1u /* changes nothing: runs under --dry-run too */

/* Receives bytes that are valid only during the call. */
typedef int acmecore_sink(void *arg, const void *data, size_t size);

struct acmecore_command { /* for host->run: no shell is involved */
    uint32_t struct_size;
    uint32_t max_output;     /* bytes of stdout, and of stderr, given to the sinks */
    uint32_t flags;          /* ACMECORE_HARMLESS */
    uint32_t timeout_ms;     /* for this command alone; 0: only the call's deadline */
    const char *const *argv; /* argv[0] absolute, NULL-terminated */
    const char *const *env;  /* the whole environment, NULL-terminated */
    const void *input;       /* stdin; or NULL */
    size_t input_size;
    acmecore_sink *errors; /* stderr; NULL: it goes to the log */
    void *errors_arg;
};

/* ---- services the host offers ----------------------------------------- */

struct acmecore_host_ctx;

/*
 * Every side effect that a test wants to fake goes through here.
 * Each service takes `ctx` first. All are present in 1.0.
 */
struct acmecore_host {
    uint32_t struct_size;
    uint16_t abi_major, abi_minor;
    struct acmecore_host_ctx *ctx;
    const char *folder; /* private to this instance, mode 0700, kept between runs */

    /* One line, no newline, no secrets. The host adds time and plugin name. */
    void (*log)(struct acmecore_host_ctx *ctx, int level, const char *format, ...)
        ACMECORE_PRINTF(3, 4);

    /* Records why; returns `status`, so that `return h->fail(...)` reads well. */
    int (*fail)(struct acmecore_host_ctx *ctx, int status, const char *format, ...)
        ACMECORE_PRINTF(3, 4);

    /* A setting, checked against `options`; list item `index`; NULL past the end.
     * Valid until close(). */
    const char *(*option)(struct acmecore_host_ctx *ctx, const char *name,
                          size_t index);

    /* Calls `use` with a secret setting, then wipes it. */
    int (*secret)(struct acmecore_host_ctx *ctx, const char *name, acmecore_sink *use,
                  void *arg);

    /* Milliseconds left for the current call; <= 0 means stop (also on cancel). */
    int64_t (*remaining_ms)(struct acmecore_host_ctx *ctx);

    /*
     * One HTTP exchange within the deadline. *ret_code is the HTTP status; `body` gets
     * what came with it, whole or in pieces.
     *
     * https only, and the server's certificate is verified; no redirects. Plain http
     * for two things: any request to this very machine (localhost, 127.0.0.0/8, ::1),
     * and a GET without headers and body to anywhere, to look at a challenge's answer
     * as validators do (RFC 8555 section 8.3).
     *
     * The host repeats it, up to three times in all and as Retry-After says, when the
     * server could not be reached, or said 429 or 503; and what may be repeated (GET,
     * HEAD, PUT, DELETE) also after 502, 504 and a broken connection. So a plugin does
     * not. */
    int (*http)(struct acmecore_host_ctx *ctx, const struct acmecore_request *request,
                long *ret_code, acmecore_sink *body, void *arg);

    /* One child process within the deadline; killed and reaped when it passes. What
     * goes wrong is recorded as by fail(), except the end of timeout_ms (E_TIMEOUT):
     * whoever set it knows what to say. *ret_exit: exit code, or 128 + signal. */
    int (*run)(struct acmecore_host_ctx *ctx, const struct acmecore_command *command,
               int *ret_exit, acmecore_sink *output, void *arg);

    /* Atomic replace; honours --dry-run. `mode` is applied before any byte. */
    int (*write_file)(struct acmecore_host_ctx *ctx, const char *path, uint32_t mode,
                      const void *data, size_t size);

    /* Missing is success, so that cleanup can be repeated. */
    int (*remove_file)(struct acmecore_host_ctx *ctx, const char *path);
};

/* ---- operations a plugin offers --------------------------------------- */

struct pollfd; /* <poll.h> */

/*
 * A batch is an array of pointers, so that the struct may grow. results[i] belongs
 * to challenges[i] and starts as OK; return OK when all are, else any of the others.
 */
typedef int acmecore_batch(void *self,
                           const struct acmecore_challenge *const *challenges,
                           size_t count, int *results);

struct acmecore_solver {
    uint32_t struct_size;
    uint32_t max_batch;       /* 0: no limit */
    const char *const *types; /* NULL-terminated */

    /* Make the answers visible. Repeating a present is harmless. */
    acmecore_batch *present;

    /* Undo, knowing only the challenges: it may run in a later process, after
     * a crash, twice, or for an answer that was never presented. */
    acmecore_batch *cleanup;

    /* Optional: are the answers visible to a validator? PENDING: ask again.
     * The host waits between calls; a plugin never sleeps.
     *
     * For challenges with a record_name the host asks the name servers itself, as its
     * options resolver, visibility, visibility-timeout and quorum say. A probe comes
     * before that: it says what only the plugin can know (the provider has taken the
     * change), and what it calls OK is then looked for. A plugin that declares an
     * option named "visibility" itself does that look alone, and the host does not. */
    acmecore_batch *probe;

    /* Optional pair: descriptors to serve while the host waits. watch() fills
     * up to `max` entries and returns how many it wants. */
    size_t (*watch)(void *self, struct pollfd *fds, size_t max);
    void (*serve)(void *self, const struct pollfd *fds, size_t count);
};

/* As acmecore_batch, for certificates. */
typedef int acmecore_install(void *self,
                             const struct acmecore_certificate *const *certificates,
                             size_t count, int *results);

/*
 * Installer: stage all, then one commit, then probe until all are served, then finish;
 * or at any point one rollback. Each may be called in a process of its own: what one
 * must know of another is in host->folder.
 */
struct acmecore_installer {
    uint32_t struct_size;
    uint32_t flags; /* none yet */

    /* Prepare, and write down in host->folder how to undo it before changing anything.
     * What is served stays as it is. Of a batch only those with OK are committed.
     * Staging what is in place already changes nothing. */
    acmecore_install *stage;

    /* Test the configuration, then reload once. */
    int (*commit)(void *self);

    /* Undo the last stage, committed or not, also in a later process after a crash:
     * files as they were, byte for byte, and the server told if it was told before.
     * Harmless when there is nothing to undo. */
    int (*rollback)(void *self);

    /* Optional: are they served? PENDING: ask again; the host waits between calls. It
     * comes beside the host's own look at what the option `probe` names. */
    acmecore_install *probe;

    /* Optional: all is proven; what was kept for a rollback may go. */
    int (*finish)(void *self);
};

/* Store: named blobs in groups, e.g. ("orders", "www", "order.json"). */
struct acmecore_store {
    uint32_t struct_size;
    uint32_t flags; /* none yet */

    int (*load)(void *self, const char *group, const char *name, const char *item,
                acmecore_sink *sink, void *arg);
    int (*save)(void *self, const char *group, const char *name, const char *item,
                const void *data, size_t size, uint32_t mode); /* atomic */
    int (*remove)(void *self, const char *group, const char *name, const char *item);
    int (*list)(void *self, const char *group, acmecore_sink *each_name, void *arg);
    int (*lock)(void *self, const char *group, const char *name);
    int (*unlock)(void *self, const char *group, const char *name);
};

/* ---- the one exported symbol ------------------------------------------ */

enum acmecore_kind {
    ACMECORE_SOLVER = 1,
    ACMECORE_INSTALLER = 2,
    ACMECORE_STORE = 3
};

enum acmecore_option_type {
    ACMECORE_OPTION_TEXT = 1,
    ACMECORE_OPTION_NUMBER = 2, /* decimal, minimum..maximum */
    ACMECORE_OPTION_PATH = 3,   /* absolute */
    ACMECORE_OPTION_SECRET = 4, /* says where it is kept; read by host->secret */
    ACMECORE_OPTION_ADDRESS = 5 /* host or host:port */
};

#define ACMECORE_REQUIRED 1u
#define ACMECORE_LIST     2u

/* One setting. The host rejects unknown, missing and malformed settings. */
struct acmecore_option {
    const char *name;
    uint32_t type, flags;
    int64_t minimum, maximum; /* NUMBER only */
    const char *fallback;     /* or NULL */
    const char *help;         /* one line for `acmecore plugin show` */
};

/*
 * What a plugin needs beyond its private folder, the system's libraries and, to read,
 * the paths that its settings name. Read from the file before any code of it runs. What
 * is not asked for is refused where the kernel can do that, so ask for the least.
 *
 *   NETWORK   sockets and host->http; every dns solver, because the host asks the name
 *             servers from its process
 *   FILES     writes where the paths of its settings lead, and talks to sockets there
 *   COMMANDS  host->run and fork: a command may do anything, so all else is open, too
 */
#define ACMECORE_USES_NETWORK  1u
#define ACMECORE_USES_FILES    2u
#define ACMECORE_USES_COMMANDS 4u

struct acmecore_plugin {
    /* Frozen: these never move, in any major version. */
    uint32_t struct_size;
    uint16_t abi_major, abi_minor; /* of the header it was compiled with */
    uint32_t kind, reserved;       /* reserved: 0 */
    const char *name;              /* equals the file name without ".so" */
    const char *version;           /* the plugin's own, for people */

    uint32_t needs_minor; /* lowest host minor it works with */
    uint32_t flags;       /* ACMECORE_USES_*: what the sandbox has to leave open */
    uint32_t option_size; /* sizeof(struct acmecore_option): the host's stride */
    uint32_t option_count;
    const struct acmecore_option *options;

    /* One instance per configuration section. `host` is valid until close(). */
    int (*open)(const struct acmecore_host *host, void **ret_self);
    void (*close)(void *self);

    union {
        const struct acmecore_solver *solver;
        const struct acmecore_installer *installer;
        const struct acmecore_store *store;
    } ops;
};

/* clang-format off */
/* Fills in what a plugin author must not get wrong. */
#define ACMECORE_PLUGIN_HEADER(kind_, name_, version_, needs_minor_)           \
    .struct_size = sizeof(struct acmecore_plugin),                             \
    .abi_major = ACMECORE_ABI_MAJOR, .abi_minor = ACMECORE_ABI_MINOR,          \
    .kind = (kind_), .name = (name_), .version = (version_),                   \
    .needs_minor = (needs_minor_), .option_size = sizeof(struct acmecore_option)
/* clang-format on */

extern ACMECORE_EXPORT const struct acmecore_plugin acmecore_plugin;

#ifdef __cplusplus
}
#endif
#endif /* ACMECORE_PLUGIN_H */
