/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

const struct ac_command_rule ac_command_rules[AC_COMMAND_COUNT] = {
    [AC_COMMAND_ISSUE] = { "issue", "", "obtain a certificate (bare options mean this)",
                           0, 0 },
    [AC_COMMAND_RENEW] = { "renew", "[NAME...]", "renew what is due", 0, SIZE_MAX },
    [AC_COMMAND_LIST] = { "list", "", "the certificates that are held", 0, 0 },
    [AC_COMMAND_SHOW] = { "show", "NAME", "everything about one certificate", 1, 1 },
    [AC_COMMAND_REVOKE] = { "revoke", "[NAME]",
                            "revoke a certificate, held or in a file", 0, 1 },
    [AC_COMMAND_CLEANUP] = { "cleanup", "NAME",
                             "remove what earlier runs left in place", 1, 1 },
    [AC_COMMAND_DEPLOY] = { "deploy", "NAME", "bring a certificate to its servers", 1,
                            1 },
    [AC_COMMAND_ACCOUNT_REGISTER] = { "account register", "",
                                      "register an account with the CA", 0, 0 },
    [AC_COMMAND_ACCOUNT_SHOW] = { "account show", "", "the account as the CA has it", 0,
                                  0 },
    [AC_COMMAND_ACCOUNT_LIST] = { "account list", "", "the accounts that are held", 0,
                                  0 },
    [AC_COMMAND_ACCOUNT_UPDATE] = { "account update", "",
                                    "change the contacts of the account", 0, 0 },
    [AC_COMMAND_ACCOUNT_ROLLOVER] = { "account rollover", "",
                                      "give the account another key", 0, 0 },
    [AC_COMMAND_ACCOUNT_DEACTIVATE] = { "account deactivate", "",
                                        "end the account, for ever", 0, 0 },
    [AC_COMMAND_ACCOUNT_IMPORT] = { "account import", "FILE",
                                    "take over an account by its key", 1, 1 },
    [AC_COMMAND_DIRECTORY] = { "directory", "", "what the CA offers", 0, 0 },
    [AC_COMMAND_PLUGIN_LIST] = { "plugin list", "", "the plugins that are installed", 0,
                                 0 },
    [AC_COMMAND_PLUGIN_SHOW] = { "plugin show", "PLUGIN|FILE",
                                 "what a plugin does, its options", 1, 1 },
    [AC_COMMAND_PLUGIN_NEW] = { "plugin new", "NAME [FOLDER]",
                                "begin a plugin of your own", 1, 2 },
    [AC_COMMAND_PLUGIN_CHECK] = { "plugin check", "PLUGIN|FILE",
                                  "does it keep its contract?", 1, 1 },
    [AC_COMMAND_CONFIG_CHECK] = { "config check", "",
                                  "all that is wrong with the configuration", 0, 0 },
    [AC_COMMAND_ROLLBACK] = { "rollback", "NAME [VERSION]",
                              "make an earlier version current", 1, 2 },
    [AC_COMMAND_DELETE] = { "delete", "NAME", "forget a certificate and its keys", 1,
                            1 },
    [AC_COMMAND_STATUS] = { "status", "[NAME...]",
                            "how all certificates are, urgent first", 0, SIZE_MAX },
};

#define AT(member)    offsetof(struct ac_options, member)
#define FOR_ISSUE     AC_BIT(ISSUE)
#define FOR_GIVEN_KEY (AC_BIT(ISSUE) | AC_BIT(ACCOUNT_REGISTER) | AC_BIT(REVOKE))
#define FOR_NEW_ACCOUNT                                                                \
    (AC_BIT(ISSUE) | AC_BIT(ACCOUNT_REGISTER) | AC_BIT(ACCOUNT_IMPORT))
#define FOR_HELD_ACCOUNT                                                               \
    (AC_BIT(ACCOUNT_SHOW) | AC_BIT(ACCOUNT_UPDATE) | AC_BIT(ACCOUNT_ROLLOVER)          \
     | AC_BIT(ACCOUNT_DEACTIVATE))
#define FOR_ANY_ACCOUNT (FOR_NEW_ACCOUNT | FOR_HELD_ACCOUNT | AC_BIT(REVOKE))
#define FOR_CA          (FOR_ANY_ACCOUNT | AC_BIT(DIRECTORY))

const struct ac_option_rule ac_option_rules[] = {
    { "domain", 'd', AC_OPTION_WORDS, AT(domains), FOR_ISSUE | AC_BIT(PLUGIN_CHECK),
      "NAME", 0, 0,
      "a DNS name, a wildcard, a U-label or an IP address; several with commas or by "
      "repeating; with plugin check: a domain in which a real record is tried" },
    { "solver", 0, AC_OPTION_WORDS, AT(solvers), FOR_ISSUE,
      "[PATTERN=][INSTANCE:]PLUGIN", 0, 0,
      "who answers the CA's challenges; with a pattern (\"*.corp.example\") for the "
      "names that match, the longest match first; with a name of its own for a plugin "
      "that is there twice; default: as the certificate has it" },
    { "installer", 0, AC_OPTION_WORDS, AT(installers), FOR_ISSUE | AC_BIT(DEPLOY),
      "[INSTANCE:]PLUGIN", 0, 0,
      "who brings the certificate to the server that uses it, after this issue and "
      "each "
      "renewal; repeated: one after the other; remembered; with deploy: this one "
      "only" },
    { "set", 0, AC_OPTION_WORDS, AT(sets), FOR_ISSUE | AC_BIT(PLUGIN_CHECK),
      "PLUGIN.OPTION=VALUE", 0, 0,
      "a setting of a plugin, or INSTANCE.OPTION=VALUE of one that has a name (see: "
      "acmecore plugin show PLUGIN); without --solver it "
      "replaces the one that is remembered" },
    { "name", 0, AC_OPTION_TEXT, AT(name), FOR_ISSUE, "NAME", 0, 0,
      "what to call the certificate; default: its first name; alone: issue that one "
      "again, for the names it has" },
    { "key-type", 0, AC_OPTION_TEXT, AT(key_type), FOR_ISSUE | AC_BIT(ACCOUNT_ROLLOVER),
      "TYPE", 0, 0,
      "ecdsa-p256, ecdsa-p384, rsa-2048, rsa-3072 or rsa-4096 (ecdsa-p521 and ed25519 "
      "where the CA takes them); several with commas: a certificate for each, kept as "
      "one; default: as the certificate (account rollover: the old key) has it, else "
      "ecdsa-p256" },
    { "key", 0, AC_OPTION_TEXT, AT(key), FOR_ISSUE | AC_BIT(REVOKE), "FILE|URL", 0, 0,
      "use this private key: a PEM file, or the URL of a key in a token (pkcs11:…), "
      "which it never leaves; remembered; with revoke: the certificate's own, which "
      "needs no account" },
    { "pin-file", 0, AC_OPTION_TEXT, AT(pin_file), FOR_GIVEN_KEY, "FILE", 0, 0,
      "file with the PIN of the token, readable by you only; remembered" },
    { "csr", 0, AC_OPTION_TEXT, AT(csr), FOR_ISSUE, "FILE", 0, 0,
      "have this request signed (PEM or DER) instead of making key and request; its "
      "names are the certificate's; remembered" },
    { "reuse-key", 0, AC_OPTION_FLAG, AT(reuses_key), FOR_ISSUE, NULL, 0, 0,
      "keep the key when the certificate is issued again; remembered (--forget "
      "reuse-key: a new key each time)" },
    { "must-staple", 0, AC_OPTION_FLAG, AT(must_staple), FOR_ISSUE, NULL, 0, 0,
      "ask for a certificate that is good only with a stapled OCSP response (RFC "
      "7633); remembered" },
    { "pkcs12-password-file", 0, AC_OPTION_TEXT, AT(pkcs12_password_file), FOR_ISSUE,
      "FILE", 0, 0,
      "write certificate.p12 (PKCS#12) beside the PEM files, with the password in "
      "this file; remembered" },
    { "preauthorize", 0, AC_OPTION_FLAG, AT(preauthorizes), FOR_ISSUE, NULL, 0, 0,
      "prove the names before there is an order, where the CA can do that (RFC 8555 "
      "7.4.1); wildcards are proven with the order; remembered" },
    { "ancestor-domain", 0, AC_OPTION_WORDS, AT(ancestors), FOR_ISSUE, "DOMAIN", 0, 0,
      "prove this domain in the place of the names below it, where the CA can do that "
      "(RFC 9444); remembered" },
    { "not-before", 0, AC_OPTION_TEXT, AT(not_before), FOR_ISSUE, "MOMENT", 0, 0,
      "ask for a certificate that is valid from then on: 2027-01-31T12:00:00Z, or +2d "
      "from now (s, m, h, d, w); few CAs do that; remembered" },
    { "not-after", 0, AC_OPTION_TEXT, AT(not_after), FOR_ISSUE, "MOMENT", 0, 0,
      "the same for its end; remembered, so that +30d is from each issue on" },
    { "profile", 0, AC_OPTION_TEXT, AT(profile), FOR_ISSUE, "NAME", 0, 0,
      "the CA's kind of certificate (acmecore directory lists them), where it is "
      "offered; else the CA's default, with a warning; remembered" },
    { "required-profile", 0, AC_OPTION_TEXT, AT(required_profile), FOR_ISSUE, "NAME", 0,
      0, "the same, and nothing is ordered where it is not offered; remembered" },
    { "preferred-chain", 0, AC_OPTION_TEXT, AT(preferred_chain), FOR_ISSUE,
      "ISSUER|SHA256", 0, 0,
      "of the chains that the CA offers the one with this issuer's common name, or "
      "with "
      "the certificate of this fingerprint; else the CA's default, with a warning; "
      "remembered" },
    { "force", 0, AC_OPTION_FLAG, AT(is_forced),
      AC_BIT(DELETE) | AC_BIT(DEPLOY) | FOR_ISSUE | AC_BIT(RENEW), NULL, 0, 0,
      "issue although the certificate held is still fresh, with another order unless "
      "the CA may have been sent the request of one; with deploy: although it is "
      "live; with delete: although something of an earlier run is still presented, or "
      "a "
      "server uses it" },
    { "jobs", 0, AC_OPTION_NUMBER, AT(jobs), AC_BIT(RENEW), "N", 1, AC_JOBS_MAX,
      "certificates that are worked on at a time; default 8" },
    { "prune", 0, AC_OPTION_FLAG, AT(is_pruning), AC_BIT(RENEW), NULL, 0, 0,
      "move certificates that the configuration wants no more to the archive" },
    { "trust-clock", 0, AC_OPTION_FLAG, AT(trusts_clock), FOR_ISSUE | AC_BIT(RENEW),
      NULL, 0, 0,
      "this machine's clock is right, whatever the CA's says; else the CA's counts "
      "where "
      "they are more than half an hour apart" },
    { "watch", 0, AC_OPTION_FLAG, AT(is_watching), AC_BIT(RENEW), NULL, 0, 0,
      "stay, and look again when something is due; SIGHUP looks at once" },
    { "dry-run", 0, AC_OPTION_FLAG, AT(is_dry_run),
      FOR_ISSUE | AC_BIT(RENEW) | AC_BIT(DEPLOY), NULL, 0, 0,
      "issue: try it all out at the CA (at its staging CA where we know one) and keep "
      "nothing; renew, deploy: say what is due and why, or what would be changed; ask "
      "no CA and change nothing" },
    { "no-crl-check", 0, AC_OPTION_FLAG, AT(has_no_crl_check), AC_BIT(RENEW), NULL, 0,
      0, "do not look into the CAs' revocation lists" },
    { "self-check", 0, AC_OPTION_TEXT, AT(self_check), FOR_ISSUE, "MODE", 0, 0,
      "look at http-01 answers before the CA does: warn, require or off; default: as "
      "the "
      "certificate has it, else warn" },
    { "self-check-via", 0, AC_OPTION_TEXT, AT(self_check_via), FOR_ISSUE, "HOST[:PORT]",
      0, 0,
      "connect there (port 80 if none is given) for the self-check instead of to "
      "each name's port 80; remembered" },
    { "challenge", 0, AC_OPTION_WORDS, AT(challenges), FOR_ISSUE, "TYPE", 0, 0,
      "prove control by these challenge types only, in this order (dns-account-01, …); "
      "default: any, as the solver prefers" },
    { "experimental", 0, AC_OPTION_WORDS, AT(experimental), FOR_ISSUE, "TYPE", 0, 0,
      "allow what may still change: dns-persist-01" },
    { "cert", 0, AC_OPTION_TEXT, AT(certificate_file), AC_BIT(REVOKE), "FILE", 0, 0,
      "revoke the first certificate of this file (PEM or DER), held or not" },
    { "reason", 0, AC_OPTION_TEXT, AT(reason), AC_BIT(REVOKE) | AC_BIT(DELETE),
      "REASON", 0, 0,
      "unspecified, keyCompromise, affiliationChanged, superseded or "
      "cessationOfOperation, or its number" },
    { "replace", 0, AC_OPTION_FLAG, AT(is_replacing), AC_BIT(REVOKE), NULL, 0, 0,
      "then issue another one in its place" },
    { "persistent", 0, AC_OPTION_FLAG, AT(takes_persistent), AC_BIT(CLEANUP), NULL, 0,
      0,
      "remove the records of dns-persist-01 that were written for it, too; without "
      "them "
      "its next issue writes new ones" },
    { "persist-for", 0, AC_OPTION_TEXT, AT(persist_for), FOR_ISSUE, "DAYS", 0, 0,
      "let records of dns-persist-01 that are written end after so many days; default: "
      "ever, they do not end" },
    { "notify", 0, AC_OPTION_WORDS, AT(notifiers), FOR_ISSUE, "PROGRAM|NAME", 0, 0,
      "tell this program (an absolute path), or this notify section of the "
      "configuration, when the certificate is renewed, fails, expires or is revoked; "
      "none: nobody; remembered" },
    { "pre-hook", 0, AC_OPTION_WORDS, AT(pre_hooks), FOR_ISSUE, "PROGRAM|NAME", 0, 0,
      "run this program, or this hook section of the configuration, before it is "
      "issued; where that fails it is not issued; remembered" },
    { "post-hook", 0, AC_OPTION_WORDS, AT(post_hooks), FOR_ISSUE, "PROGRAM|NAME", 0, 0,
      "the same afterwards, whatever came of it; remembered" },
    { "failure-hook", 0, AC_OPTION_WORDS, AT(failure_hooks), FOR_ISSUE, "PROGRAM|NAME",
      0, 0, "the same when it failed; remembered" },
    { "caa-check", 0, AC_OPTION_TEXT, AT(caa_check), FOR_ISSUE, "MODE", 0, 0,
      "warn when CAA records forbid the CA to issue: auto (default: where a dns solver "
      "answers), warn, off" },
    { "forget", 0, AC_OPTION_WORDS, AT(forgotten), FOR_ISSUE, "OPTION", 0, 0,
      "go back to the default of an option that is remembered (--forget caa-check)" },
    { "contact", 0, AC_OPTION_WORDS, AT(contacts),
      FOR_NEW_ACCOUNT | AC_BIT(ACCOUNT_UPDATE), "ADDRESS", 0, 0,
      "mail address for a new account; with update: these take the place of the old "
      "ones" },
    { "clear-contacts", 0, AC_OPTION_FLAG, AT(clears_contacts), AC_BIT(ACCOUNT_UPDATE),
      NULL, 0, 0, "the account is to have no contact any more" },
    { "agree-tos", 0, AC_OPTION_FLAG, AT(agrees_to_terms),
      FOR_NEW_ACCOUNT | AC_BIT(ACCOUNT_UPDATE), NULL, 0, 0,
      "agree to the CA's terms of service for a new account; with update: to those "
      "that "
      "changed" },
    { "orders", 0, AC_OPTION_FLAG, AT(shows_orders), AC_BIT(ACCOUNT_SHOW), NULL, 0, 0,
      "list the account's orders, too, where the CA tells them: the last 100" },
    { "only-existing", 0, AC_OPTION_FLAG, AT(only_existing), AC_BIT(ACCOUNT_REGISTER),
      NULL, 0, 0, "find the account that belongs to the key, and make none" },
    { "account-key", 0, AC_OPTION_TEXT, AT(account_key), FOR_GIVEN_KEY, "FILE|URL", 0,
      0,
      "use this key for a new account: a PEM file, which is copied, or the URL of a "
      "key "
      "in a token (pkcs11:…), which it never leaves (--pin-file has its PIN)" },
    { "eab-kid", 0, AC_OPTION_TEXT, AT(eab_kid), FOR_NEW_ACCOUNT, "ID", 0, 0,
      "key id of an external account binding" },
    { "eab-hmac-key-file", 0, AC_OPTION_TEXT, AT(eab_key_file), FOR_NEW_ACCOUNT, "FILE",
      0, 0, "file with its MAC key (base64url), readable by you only" },
    { "eab-hmac-alg", 0, AC_OPTION_TEXT, AT(eab_algorithm), FOR_NEW_ACCOUNT, "ALG", 0,
      0, "HS256 (default), HS384 or HS512" },
    { "account", 0, AC_OPTION_TEXT, AT(account), FOR_ANY_ACCOUNT, "NAME", 0, 0,
      "which of several accounts with this CA; default: the one of the certificate, "
      "else "
      "the one without a name (\"default\")" },
    { "server", 0, AC_OPTION_WORDS, AT(servers), FOR_CA, "URL|ALIAS", 0, 0,
      "the CA's directory, or letsencrypt, letsencrypt-staging, google, "
      "google-staging, "
      "zerossl, sslcom, actalis; repeated for issue: the next one is asked when one "
      "cannot or will not issue; default: the CAs of the certificate, else "
      "letsencrypt" },
    { "ca-file", 0, AC_OPTION_TEXT, AT(ca_file), FOR_CA, "FILE", 0, 0,
      "trust these root certificates for the CA's own HTTPS, too; remembered" },
    { "insecure-http", 0, AC_OPTION_FLAG, AT(can_use_plain_http), FOR_CA, NULL, 0, 0,
      "let the CA's URLs be http:// (for a lab only: nothing is protected); "
      "remembered" },
    { "yes", 0, AC_OPTION_FLAG, AT(has_consent),
      AC_BIT(DELETE) | AC_BIT(ACCOUNT_DEACTIVATE), NULL, 0, 0, "do not ask" },
    { "archive", 0, AC_OPTION_FLAG, AT(is_archived), AC_BIT(DELETE), NULL, 0, 0,
      "keep its files, with the keys, in the folder archive of the state folder" },
    { "revoke", 0, AC_OPTION_FLAG, AT(is_revoking), AC_BIT(DELETE), NULL, 0, 0,
      "revoke it first; when the CA does not, it stays" },
    { "format", 0, AC_OPTION_TEXT, AT(format), AC_BIT(STATUS), "table|prometheus", 0, 0,
      "a table (default), or metrics for the textfile collector" },
    { "html", 0, AC_OPTION_TEXT, AT(html_file), AC_BIT(STATUS), "FILE", 0, 0,
      "write a page with a timeline of all certificates' lives" },
    { "timeout", 0, AC_OPTION_NUMBER, AT(timeout_s), AC_FOR_ALL, "S", 1,
      AC_TIMEOUT_MAX_S, "seconds for the whole run; default 600" },
    { "config", 0, AC_OPTION_TEXT, AT(config_file), AC_FOR_ALL, "FILE", 0, 0,
      "the configuration; default /etc/acmecore/acmecore.conf where it is there" },
    { "state-dir", 0, AC_OPTION_TEXT, AT(state_dir), AC_FOR_ALL, "DIR", 0, 0,
      "where accounts and certificates are kept; default /var/lib/acmecore for root, "
      "else $XDG_STATE_HOME/acmecore, else ~/.local/state/acmecore" },
    { "plugin-dir", 0, AC_OPTION_WORDS, AT(plugin_dirs), AC_FOR_ALL, "DIR", 0, 0,
      "look for plugins here first" },
    { "json", 0, AC_OPTION_FLAG, AT(is_json), AC_FOR_ALL, NULL, 0, 0,
      "one JSON document on standard output (docs/json.md)" },
    { "verbose", 'v', AC_OPTION_COUNT, AT(verbosity), AC_FOR_ALL, NULL, 0, 0,
      "say more on standard error; twice: say all" },
    { "quiet", 'q', AC_OPTION_FLAG, AT(is_quiet), AC_FOR_ALL, NULL, 0, 0,
      "say nothing but errors; what was asked for is printed all the same" },
    { "log-format", 0, AC_OPTION_TEXT, AT(log_format), AC_FOR_ALL, "FORMAT", 0, 0,
      "what goes to standard error: lines (default), json (an object a line), or "
      "journal (systemd's, with fields; default where standard error is that)" },
    { "trace", 0, AC_OPTION_FLAG, AT(is_traced), AC_FOR_ALL, NULL, 0, 0,
      "narrate every exchange with the CA: what, why, which RFC section, what came "
      "back" },
    { "no-color", 0, AC_OPTION_FLAG, AT(has_no_color), AC_FOR_ALL, NULL, 0, 0,
      "no colours on a terminal; NO_COLOR in the environment means the same" },
    { "version", 0, AC_OPTION_FLAG, AT(wants_version), AC_FOR_ALL, NULL, 0, 0,
      "print the version and end" },
    { "help", 'h', AC_OPTION_FLAG, AT(wants_help), AC_FOR_ALL, NULL, 0, 0,
      "print this and end" },
};
_Static_assert(AC_COUNT(ac_option_rules) <= AC_OPTION_RULES_MAX,
               "a place for each option");
const size_t ac_option_rule_count = AC_COUNT(ac_option_rules);
