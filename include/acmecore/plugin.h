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
 *   State      belongs to the instance (self) or into host->folder, not into
 *              globals: several instances may be in one process
 *   Growth     structs grow at the end only; struct_size says how far they go;
 *              no hidden padding (-Wpadded), or a new field could hide in it
 *   Flags      whoever reads flags ignores bits that it does not know
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

/* The one symbol that a plugin shows, whatever else is hidden. */
#define ACMECORE_EXPORT __attribute__((visibility("default")))
/* Lets the compiler check a format against its arguments. */
#define ACMECORE_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* True when *table, which the host gave, is long enough to hold `field`, and that is
 * not NULL or 0. Of what a plugin gives (a request, a command) only host->abi_minor
 * tells whether the host reads a field that was added later. */
#define ACMECORE_HAS(table, field)                                                     \
    ((table)->struct_size                                                              \
         >= offsetof(__typeof__(*(table)), field) + sizeof((table)->field)             \
     && (table)->field)

/* Results. Numbers are permanent; new ones are added at the end, and only returned to a
 * host whose abi_minor has them: what a host does not know is E_INVALID to it. */
enum acmecore_status {
    ACMECORE_PENDING = 1,       /* probe() alone: not visible yet, ask again */
    ACMECORE_OK = 0,            /* done, or there was nothing to do */
    ACMECORE_E_INVALID = -1,    /* the caller broke this contract */
    ACMECORE_E_CONFIG = -2,     /* a setting is wrong; a person must act */
    ACMECORE_E_REFUSED = -3,    /* the remote side said no */
    ACMECORE_E_NETWORK = -4,    /* no usable answer; may be retried */
    ACMECORE_E_TIMEOUT = -5,    /* deadline passed or run cancelled */
    ACMECORE_E_NOTFOUND = -6,   /* the named thing does not exist */
    ACMECORE_E_SYSTEM = -7,     /* the operating system refused, or no memory */
    ACMECORE_E_UNSUPPORTED = -8 /* not offered by this plugin or host */
};

/* What host->log takes. */
enum acmecore_log_level {
    ACMECORE_ERROR, /* the call fails because of it; but say so with fail() */
    ACMECORE_WARN,  /* something is not as it should be; the call goes on */
    ACMECORE_INFO,  /* what a person wants to know once: a server was reloaded */
    ACMECORE_DEBUG  /* each step */
};

/* ---- values the host passes in ---------------------------------------- */

/* One challenge to answer (RFC 8555 section 8). The host has done the maths. */
struct acmecore_challenge {
    uint32_t struct_size;
    uint32_t flags;                /* none yet */
    const char *type;              /* "http-01", "dns-01", ... */
    const char *identifier;        /* "example.org": lower case, A-labels; or an IP
                                    * address, canonical: "2001:db8::1". Of a wildcard
                                    * without its "*.": the answer is the same */
    const char *token;             /* base64url, section 8.1; dns-persist-01: NULL */
    const char *key_authorization; /* token "." thumbprint; dns-persist-01: NULL */
    const char *record_name;       /* dns types: where the TXT record belongs, without
                                    * final dot: "_acme-challenge.example.org", or
                                    * where its CNAMEs lead; else NULL */
    const char *record_value;      /* dns types: its content, section 8.4; else NULL */
    const char *record_zone;       /* dns types: the apex of the zone that record_name
                                    * lies in: "example.org"; NULL: not found in DNS */
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
    const char *folder_path;        /* where they are: privkey.pem (or privkey.url: the
                                     * token's key), cert.pem, chain.pem, fullchain.pem */
    const char *previous_path;      /* the folder of what this installer deployed last,
                                     * there until finish(); or NULL */
    const char *fingerprint; /* SHA-256 of the leaf's DER, 64 digits, lower case */
    /* The key types of further certificates for the same names, NULL-terminated, empty
     * of a single one. Theirs are in folder_path, too: of "rsa-2048" they are
     * privkey-rsa-2048.pem, fullchain-rsa-2048.pem and so on. */
    const char *const *other_types;
};

/* Receives bytes that are valid only during the call. What is not ACMECORE_OK ends the
 * service that it was given to, which returns it. */
typedef int acmecore_sink(void *arg, const void *data, size_t size);

#define ACMECORE_HARMLESS 1u /* changes nothing: done in a dry run, too */

struct acmecore_request { /* for host->http */
    uint32_t struct_size;
    uint32_t max_body;   /* bytes; a longer answer is E_REFUSED; 0: 1 MiB */
    uint32_t flags;      /* ACMECORE_HARMLESS; GET and HEAD are that anyway */
    uint32_t timeout_ms; /* for this request alone; 0: only the call's deadline */
    const char *method;  /* "GET", "POST": upper case */
    const char *url;     /* https; http to this machine, or to look: see http */
    const char *const *headers; /* "Name: value", NULL-terminated; or NULL */
    const void *body;           /* or NULL */
    size_t body_size;           /* bytes */
    const char *ca_path;        /* PEM file of the CAs to believe instead of the
                                 * system's; or NULL */
    acmecore_sink *answer;      /* each header line of the answer, "Name: value", before
                                 * its body; or NULL */
    void *answer_arg;           /* for that sink */
};

struct acmecore_command { /* for host->run: no shell is involved */
    uint32_t struct_size;
    uint32_t max_output;     /* bytes of stdout, and of stderr, given to the sinks; the
                              * rest is read and dropped */
    uint32_t flags;          /* ACMECORE_HARMLESS */
    uint32_t timeout_ms;     /* for this command alone; 0: only the call's deadline */
    const char *const *argv; /* argv[0] absolute, NULL-terminated */
    const char *const *env;  /* the whole environment, NULL-terminated; or NULL */
    const void *input;       /* stdin; or NULL */
    size_t input_size;       /* bytes */
    acmecore_sink *errors;   /* stderr; NULL: it goes to the log */
    void *errors_arg;        /* for that sink */
};

/* ---- services the host offers ----------------------------------------- */

/* The host's own side of an instance; nothing in it is a plugin's. */
struct acmecore_host_ctx;

/* In host->flags. write_file, remove_file, run and http tell what they would change;
 * what a plugin changes past them, it must leave as it is. */
#define ACMECORE_DRY_RUN 1u

/*
 * Every side effect that a test wants to fake goes through here.
 * Each service takes `ctx` first. All are present in 1.0.
 */
struct acmecore_host {
    uint32_t struct_size;
    uint16_t abi_major, abi_minor; /* of the header the host was compiled with */
    uint32_t flags;                /* ACMECORE_DRY_RUN */
    uint32_t reserved;             /* 0 */
    struct acmecore_host_ctx *ctx; /* opaque; the first argument of each service */
    const char *folder; /* private to this instance, mode 0700, kept between runs; a dry
                         * run has one of its own */

    /* One line, no newline, no secrets. The host adds time and plugin name. */
    void (*log)(struct acmecore_host_ctx *ctx, int level, const char *format, ...)
        ACMECORE_PRINTF(3, 4);

    /* Records why; returns `status`, so that `return h->fail(...)` reads well. When as
     * many were recorded in a call as its results are not OK, each has its own, in
     * their order; else the first is said of all. Results with a reason by fail_at()
     * are left out of this. */
    int (*fail)(struct acmecore_host_ctx *ctx, int status, const char *format, ...)
        ACMECORE_PRINTF(3, 4);

    /* As fail(), of results[index] of this call, whatever else is recorded; the last
     * that is said of an index counts. An empty text (give "%s", ""): what fail() or a
     * service recorded last. Past the results, and in a call without any, it is fail().
     */
    int (*fail_at)(struct acmecore_host_ctx *ctx, size_t index, int status,
                   const char *format, ...) ACMECORE_PRINTF(4, 5);

    /* A setting, checked against `options`; list item `index`; NULL past the end, and
     * when it is not set. Valid until close(). */
    const char *(*option)(struct acmecore_host_ctx *ctx, const char *name,
                          size_t index);

    /* Calls `use` with a secret setting, then wipes it; of a list with each. Returns
     * what `use` did; E_NOTFOUND: not set. */
    int (*secret)(struct acmecore_host_ctx *ctx, const char *name, acmecore_sink *use,
                  void *arg);

    /* Milliseconds left for the current call; <= 0 means stop (also on cancel);
     * INT64_MAX: no limit, as in close(). */
    int64_t (*remaining_ms)(struct acmecore_host_ctx *ctx);

    /*
     * One HTTP exchange within the deadline. *ret_code is the HTTP status, any of which
     * is OK; `body` (or NULL) gets what came with it, whole or in pieces. What goes
     * wrong is recorded as by fail(): E_INVALID, a request that is not allowed;
     * E_NETWORK, no usable answer; E_TIMEOUT; E_REFUSED, over max_body; E_UNSUPPORTED,
     * not in a dry run, or not without ACMECORE_USES_NETWORK.
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

    /* One child process within the deadline; when that passes it is killed and reaped,
     * with all that it started. When it ends by itself, what it left in its process
     * group is killed; a server in a session of its own lives on. `output` gets its
     * stdout; NULL: dropped. What goes wrong is recorded as by fail(), except the end
     * of timeout_ms (E_TIMEOUT): whoever set it knows what to say. E_CONFIG: it cannot
     * be executed; E_UNSUPPORTED: not without ACMECORE_USES_COMMANDS. *ret_exit: exit
     * code, or 128 + signal. */
    int (*run)(struct acmecore_host_ctx *ctx, const struct acmecore_command *command,
               int *ret_exit, acmecore_sink *output, void *arg);

    /* Atomic replace of the file at an absolute path. `mode` (up to 0777) is applied
     * before any byte. A dry run writes in host->folder alone. */
    int (*write_file)(struct acmecore_host_ctx *ctx, const char *path, uint32_t mode,
                      const void *data, size_t size);

    /* Missing is success, so that cleanup can be repeated. Files only, no folders. */
    int (*remove_file)(struct acmecore_host_ctx *ctx, const char *path);
};

/* ---- operations a plugin offers --------------------------------------- */

struct pollfd; /* <poll.h> */

/*
 * A batch is an array of pointers, so that the struct may grow. results[i] belongs
 * to challenges[i] and starts as OK; return OK when all are, else any of the others.
 * An error that is returned while all results are OK is that of all. Several challenges
 * may have one record_name, with different values; `count` may be 0.
 */
typedef int acmecore_batch(void *self,
                           const struct acmecore_challenge *const *challenges,
                           size_t count, int *results);

/* Solver: makes answers to challenges visible, and takes them back. */
struct acmecore_solver {
    uint32_t struct_size;
    uint32_t max_batch;       /* challenges in one call; 0: no limit */
    const char *const *types; /* NULL-terminated: "http-01", "dns-01", ... */

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
     * up to `max` entries and returns how many it wants; serve() gets them back with
     * their revents when one is ready, and once a second. Both return at once. */
    size_t (*watch)(void *self, struct pollfd *fds, size_t max);
    void (*serve)(void *self, const struct pollfd *fds, size_t count); /* see watch */
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

/* Kept for plugins that hold accounts and certificates. No host loads one yet, so what
 * it would have to do is not promised: a later minor says it. */
struct acmecore_store;

/* ---- the one exported symbol ------------------------------------------ */

/* What a plugin is: which of `ops` it fills. */
enum acmecore_kind {
    ACMECORE_SOLVER = 1,    /* struct acmecore_solver */
    ACMECORE_INSTALLER = 2, /* struct acmecore_installer */
    ACMECORE_STORE = 3      /* loaded by no host yet */
};

/* What the value of a setting has to be; its number is that of acmecore_option.type. */
enum acmecore_option_type {
    ACMECORE_OPTION_TEXT = 1,   /* one line, or one of choices */
    ACMECORE_OPTION_NUMBER = 2, /* decimal, minimum..maximum */
    ACMECORE_OPTION_PATH = 3,   /* absolute */
    ACMECORE_OPTION_SECRET = 4, /* says where it is kept; read by host->secret */
    ACMECORE_OPTION_ADDRESS = 5 /* host or host:port */
};

#define ACMECORE_REQUIRED 1u /* no instance without it, unless there is a fallback */
#define ACMECORE_LIST     2u /* may be given several times */

/* One setting. The host rejects unknown, missing and malformed settings. */
struct acmecore_option {
    const char *name;           /* "api-token": lower case, digits, "-", "_" */
    const char *const *choices; /* TEXT only: all that it may be, NULL-terminated; NULL:
                                 * any line */
    uint32_t type;              /* ACMECORE_OPTION_TEXT and so on */
    uint32_t flags;             /* ACMECORE_REQUIRED, ACMECORE_LIST */
    int64_t minimum, maximum;   /* NUMBER only */
    const char *fallback;       /* its value when it is not given; or NULL */
    const char *help;           /* one line for `acmecore plugin show` */
};

/*
 * What a plugin needs beyond its private folder, the system's libraries and, to read,
 * the paths that its settings name. Read from the file before any code of it runs. What
 * is not asked for is refused where the kernel can do that, so ask for the least.
 */

/* Sockets and host->http; for every dns solver, because the host asks the name servers
 * from its process. */
#define ACMECORE_USES_NETWORK 1u

/* It writes where the paths of its settings lead. */
#define ACMECORE_USES_FILES 2u

/* host->run and fork: a command may do anything, so all else is open, too. */
#define ACMECORE_USES_COMMANDS 4u

/* Local (unix) sockets, wherever they are: as root that is as mighty as commands. */
#define ACMECORE_USES_SOCKETS 8u

/* The descriptor: constant data, read before any code of the plugin is called. */
struct acmecore_plugin {
    /* Frozen: these never move, in any major version. */
    uint32_t struct_size;
    uint16_t abi_major, abi_minor; /* of the header it was compiled with */
    uint32_t kind;                 /* ACMECORE_SOLVER, ACMECORE_INSTALLER */
    uint32_t reserved;             /* 0, else refused */
    const char *name;              /* equals the file name without ".so" */
    const char *version;           /* the plugin's own, for people */

    uint32_t needs_minor;  /* lowest host minor it works with */
    uint32_t option_size;  /* sizeof(struct acmecore_option): the host's stride */
    uint32_t option_count; /* entries of options */
    uint32_t flags;        /* ACMECORE_USES_*: what the sandbox has to leave open */
    const struct acmecore_option *options; /* all settings it knows; or NULL */

    /* One instance per configuration section. `host` is valid until close(). Changes
     * nothing outside yet; after an error there is no close(). */
    int (*open)(const struct acmecore_host *host, void **ret_self);
    void (*close)(void *self); /* once after an open() that was OK */

    union { /* that of its kind */
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

/* Yours to define, in C or as extern "C". */
extern ACMECORE_EXPORT const struct acmecore_plugin acmecore_plugin;

#ifdef __cplusplus
}
#endif
#endif /* ACMECORE_PLUGIN_H */
