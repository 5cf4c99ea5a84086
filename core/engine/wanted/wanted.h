/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a certificate is to be: identifiers, CA, key type, and who answers for which
 * name. Made from the command line or a configuration; remembered as certificate.json.
 */
#ifndef AC_ENGINE_WANTED_H
#define AC_ENGINE_WANTED_H

#include "base/identifier.h"
#include "config/section.h"
#include "crypto/digest.h"
#include "crypto/key.h"
#include "store/store.h"

/* One instance of a solver or an installer, and its settings. */
struct ac_solver_spec {
    char *name;   /* the instance; on the command line the plugin's name */
    char *plugin; /* "http01-webroot" */
    struct ac_section section;
};

void ac_solver_spec_done(struct ac_solver_spec *spec);
AC_DEFINE_DROP_VALUE(ac_solver_spec, ac_solver_spec_done)

/* Which instance answers for which names, in the order given. */
struct ac_solver_rule {
    char *pattern; /* "*.corp.example" or a name; NULL: a default */
    char *solver;  /* name of a spec */
};
void ac_solver_rule_done(struct ac_solver_rule *rule);
AC_DEFINE_DROP_VALUE(ac_solver_rule, ac_solver_rule_done)

#define AC_WANTED_CAS_MAX  8
#define AC_WANTED_DOCUMENT "certificate.json" /* of a name in the store */
#define AC_WANTED_KEYS_MAX 4 /* certificates of one set, each with its type of key */

struct ac_wanted {
    char *name;
    char *directory_url;
    struct ac_words further; /* those of CAs that are asked, in order, where it fails */
    struct ac_wanted *further_own; /* what is of each (wanted_further); none: as here */
    size_t further_own_count, further_own_capacity;
    struct ac_identifiers identifiers;
    enum ac_key_type key_type; /* of the key; of a set: the first (wanted_keys) */
    enum ac_key_type more_key_types[AC_WANTED_KEYS_MAX - 1];
    size_t more_key_count;

    /* Simple ones, each a row of engine/wanted_members. */
    char *account; /* its name among those of the CA; NULL: the CA's own one */
    char *ca_file; /* roots for the CA's own HTTPS, absolute; or NULL */
    bool can_use_plain_http;
    char *self_check;             /* a word of ac_selfcheck_parse; NULL: the default */
    char *self_check_via;         /* or NULL */
    bool preauthorizes;           /* names are proven before there is an order */
    struct ac_words ancestors;    /* domains proven in the place of names below */
    char *not_before, *not_after; /* moments as in engine/validity; or NULL */
    char *caa_check;              /* a word of ac_preflight_parse; NULL: the default */
    struct ac_words challenges;   /* types in order, and no others; none: any */
    struct ac_words experimental; /* types that may be used though experimental */
    char *profile;                /* taken where the CA offers it; or NULL */
    char *required_profile;       /* and no other; or NULL */
    char *preferred_chain;        /* an issuer's name or a SHA-256; or NULL */
    char *persist_for; /* days that records of dns-persist-01 last; NULL: for ever */
    char *key;         /* whose key: a file, absolute, or a token's URL; NULL: ours */
    char *pin_file;    /* for that URL; or NULL */
    char *csr;         /* a request of somebody else, base64url of its DER; or NULL */
    bool reuse_key;    /* the next version has the key of this one */
    bool must_staple;  /* RFC 7633 */
    char *pkcs12_password_file; /* each version gets a PKCS#12 file, too; or NULL */
    /* Commands of the user's: paths, names of sections, or "none" (engine/command). */
    struct ac_words notify;
    struct ac_words pre_hooks, post_hooks, failure_hooks;

    char *configuration; /* the file that wants it, absolute; NULL: a command line */
    struct ac_solver_spec *specs;
    size_t spec_count, spec_capacity;
    struct ac_solver_rule *rules;
    size_t rule_count, rule_capacity;
    struct ac_solver_spec *installers; /* who puts it to use, in this order */
    size_t installer_count, installer_capacity;
};

/* A spec is added once by name; a further one of the same name is an AC_E_USAGE.
 * *ret_spec is lent until the next one is added. */
AC_MUST enum ac_code ac_wanted_add_spec(struct ac_wanted *wanted, const char *name,
                                        const char *plugin,
                                        struct ac_solver_spec **ret_spec,
                                        struct ac_error *err);
struct ac_solver_spec *ac_wanted_find_spec(const struct ac_wanted *wanted,
                                           const char *name);
/* The same for installers. */
AC_MUST enum ac_code ac_wanted_add_installer(struct ac_wanted *wanted, const char *name,
                                             const char *plugin,
                                             struct ac_solver_spec **ret_spec,
                                             struct ac_error *err);
struct ac_solver_spec *ac_wanted_find_installer(const struct ac_wanted *wanted,
                                                const char *name);
AC_MUST enum ac_code ac_wanted_copy_installers(struct ac_wanted *to,
                                               const struct ac_wanted *from,
                                               struct ac_error *err);
/* What a deployment by it depends on, as hex digits of a SHA-256. */
AC_MUST enum ac_code ac_wanted_spec_digest(const struct ac_solver_spec *spec,
                                           char ret_digest[AC_SHA256_HEX_SIZE],
                                           struct ac_error *err);
/* pattern NULL: a default. A name, or "*." and a name, in any form; kept in canonical
 * form. AC_E_USAGE: neither. */
AC_MUST enum ac_code ac_wanted_add_rule(struct ac_wanted *wanted, const char *pattern,
                                        const char *solver, struct ac_error *err);
/* Copies specs and rules of one that is remembered. */
AC_MUST enum ac_code ac_wanted_copy_solvers(struct ac_wanted *to,
                                            const struct ac_wanted *from,
                                            struct ac_error *err);
void ac_wanted_done(struct ac_wanted *wanted);
AC_DEFINE_DROP_VALUE(ac_wanted, ac_wanted_done)

/* A name for a certificate nobody named: its first identifier; "_" for the wildcard's
 * "*"; the longest are cut and end in digits of their SHA-256. Free with free(). */
AC_MUST enum ac_code ac_wanted_default_name(const struct ac_identifiers *identifiers,
                                            char **ret_name, struct ac_error *err);

/* Are solvers, rules, their settings and those of the self-check and the CA's
 * connection the same? Asks nothing of the names, the CA or the key type. */
AC_MUST enum ac_code ac_wanted_has_same_settings(const struct ac_wanted *a,
                                                 const struct ac_wanted *b,
                                                 bool *ret_is_same,
                                                 struct ac_error *err);
/* What makes it another certificate when it changes (names, CA, key type, profile …),
 * as hex digits of a SHA-256. */
AC_MUST enum ac_code ac_wanted_identity(const struct ac_wanted *wanted,
                                        char ret_digest[AC_SHA256_HEX_SIZE],
                                        struct ac_error *err);
/* The document of certificate.json, and of "wanted" in --json. */
AC_MUST enum ac_code ac_wanted_to_json(const struct ac_wanted *wanted,
                                       struct ac_json **ret_json, struct ac_error *err);
AC_MUST enum ac_code ac_wanted_save(const struct ac_wanted *wanted,
                                    struct ac_store *store, struct ac_error *err);
/* AC_E_NOTFOUND: no such certificate. AC_E_STORE: damaged. */
AC_MUST enum ac_code ac_wanted_load(const struct ac_store *store, const char *name,
                                    struct ac_wanted *ret_wanted, struct ac_error *err);
/* False: its document is there and has no member of that name, or cannot be read. True:
 * it may have one. Cheap, for thousands: bytes are looked for, nothing is parsed;
 * member is written without escapes. */
bool ac_wanted_may_have(const struct ac_store *store, const char *name,
                        const char *member);

#endif
