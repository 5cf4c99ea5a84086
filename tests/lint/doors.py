# SPDX-License-Identifier: Apache-2.0
"""One door for each outside thing (STYLE section 1), and what is used nowhere."""
import fnmatch

import common

# What; the words that give it away; the only files that may (fnmatch patterns).
INCLUDES = [
    ("GnuTLS", r"gnutls/", ("core/crypto/*", "core/pluginhost/x509.[ch]", "plugins/tlsalpn01-standalone/*",
                             "plugins/installer-files/pkcs12.c")),
    ("nettle", r"nettle/", ("core/crypto/*", "plugins/dns01-rfc2136/tsig.c")),
    ("Jansson", r"jansson\.h", ("core/base/json*.[ch]", "plugins/*")),
    ("libidn2", r"idn2\.h", ("core/base/identifier.c",)),
    ("libcurl's header", r"curl/", ("core/base/curl.[ch]",)),
    ("libcurl", r"base/curl\.h",
     ("core/base/curl.c", "core/net/http*.[ch]", "core/pluginhost/services*.[ch]",
      "core/pluginhost/served*.[ch]")),
    ("ldns", r"ldns/", ("core/pluginhost/ldns.h", "plugins/dns01-rfc2136/*")),
    ("libldns", r"pluginhost/ldns\.h",
     ("core/pluginhost/ldns.c", "core/pluginhost/dns_message.c")),
    ("libaugeas", r"augeas\.h", ("plugins/installer-apache/section.c",)),
    ("libseccomp", r"seccomp\.h", ("core/pluginhost/filter.c", "core/base/kernel.c")),
    ("libmicrohttpd", r"microhttpd\.h", ("plugins/http01-standalone/*",)),
]
CALLS = [
    ("dlopen", r"dlopen|dlmopen|dlsym",
     ("core/pluginhost/loader.c", "core/pluginhost/library.c", "core/base/curl.c")),
    ("creating files",
     r"creat|fopen|mkstemp|mkostemp|mkdtemp|mkdir|mkdirat|rename|renameat2?"
     r"|symlink|symlinkat|link|linkat|mknod|mkfifo",
     ("core/base/file*.c", "core/base/folder.c", "plugins/*")),
    ("fork", r"fork|vfork|clone|clone3|posix_spawnp?|popen|system|execv\w*|execl\w*",
     # linger: a process of its own sees connections through that outlive the run.
     ("core/host/process*.c", "core/host/child.c", "core/pluginhost/services*.c",
      "plugins/tlsalpn01-standalone/linger.c")),
    ("waiting",
     r"poll|ppoll|select|pselect|epoll_\w+|sleep|usleep|nanosleep|clock_nanosleep"
     r"|sigwait\w*|pause",
     # process: at most AC_PROCESS_GRACE_MS, for a plugin host to end; terminal: a person.
     # terminal: a person is asked; output: a bounded wait for a reader.
     ("core/engine/loop*.c", "core/host/process*.c", "core/pluginhost/*.c",
      "core/cli/terminal.c", "core/cli/output.c", "plugins/dns01-rfc2136/transport.c",
      "plugins/installer-haproxy/talk.c",
      # linger: in that process; the others ask without waiting (epoll_wait of 0 ms).
      "plugins/tlsalpn01-standalone/*.c")),
    ("threads", r"pthread_create|thrd_create", ()),
    ("a function that STYLE bans",
     r"strtok|strtok_r|atoi|atol|atof|sprintf|vsprintf|strcpy|strcat|gets|alloca"
     r"|longjmp|setjmp", ()),
]
WORDS = [
    # filter: it refuses them.
    ("creating files", r"\bO_CREAT\b|\bO_TMPFILE\b",
     ("core/base/file*.c", "core/pluginhost/filter.c", "plugins/*")),
    ("goto", r"\bgoto\b", ()),
]
INCLUDE = r"^[ \t]*#[ \t]*include[ \t]*[<\"](%s)"
# A member of a table (curl->poll) and a longer name (ac_poll) are not the function.
CALL = r"(?<![\w.])(?<!->)(?:%s)\s*\("


def is_allowed(path, doors):
    return any(fnmatch.fnmatchcase(path, door) for door in doors)


def check(root):
    for path, text in common.sources(root, "core", "plugins"):
        code = common.code_of(text)
        rules = [(what, INCLUDE % words, doors, text) for what, words, doors in INCLUDES]
        rules += [(what, CALL % words, doors, code) for what, words, doors in CALLS]
        rules += [(what, words, doors, code) for what, words, doors in WORDS]
        for what, pattern, doors, subject in rules:
            if is_allowed(path, doors):
                continue
            for line, match in common.lines_with(pattern, subject):
                place = ", ".join(doors) if doors else "nowhere"
                found = match.group(0).strip()
                yield f"{path}:{line}: {what} ({found}) belongs in {place}"
        without_urls = text.replace("://", "")
        if "//" in common.code_of(without_urls.replace("//", "\0")).replace("\0", "//"):
            yield f"{path}: a // comment; /* */ only"


GOOD = {
    "core/crypto/key.c": "#include <gnutls/gnutls.h>\n",
    "core/base/json.c": "#include <jansson.h>\n",
    "core/base/file.c": "int f(void) { return open(p, O_CREAT); }\n",
    "core/net/http.c": '#include "base/curl.h"\n'
                       "/* fork() */ char *u = \"https://x/fork()\";\n"
                       "void f(void) { curl->multi_poll(); ac_rename(); t.link(); }\n",
}
BAD = [
    ({"core/acme/x.c": "\n#include <gnutls/x509.h>\n"}, "x.c:2: GnuTLS"),
    ({"core/acme/x.c": "#include <jansson.h>\n"}, "Jansson"),
    ({"core/net/x.c": "#include <curl/curl.h>\n"}, "libcurl's header"),
    ({"core/acme/x.c": '#include "base/curl.h"\n'}, "libcurl"),
    ({"core/host/x.c": "void f(void) { dlopen(0, 0); }\n"}, "x.c:1: dlopen"),
    ({"core/store/x.c": "int f(void) { return open(p, O_CREAT); }\n"}, "creating files"),
    ({"core/store/x.c": "int f(void) { return rename(a, b); }\n"}, "creating files"),
    ({"core/engine/x.c": "int f(void) { return fork(); }\n"}, "fork"),
    ({"core/acme/x.c": "int f(void) { return poll(0, 0, 1); }\n"}, "waiting"),
    ({"core/acme/x.c": "int f(void) { goto out; }\n"}, "goto"),
    ({"core/acme/x.c": "int f(void) { return atoi(x); }\n"}, "STYLE bans"),
    ({"core/acme/x.c": "int f(void); // x\n"}, "// comment"),
    ({"plugins/a/x.c": "#include <microhttpd.h>\n"}, "libmicrohttpd"),
]

if __name__ == "__main__":
    common.main("doors", check, GOOD, BAD)
