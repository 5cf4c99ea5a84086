/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions that deploy scripts of acme.sh call, written from what these scripts
 * expect of them: POSIX sh with curl, openssl and coreutils. What is saved lies in
 * LE_WORKING_DIR, base64 after its name; a variable of the environment comes before it.
 * Bodies and headers of requests go to curl by stdin and by file, never by argv.
 */
#ifndef HELPERS_H
#define HELPERS_H

/* clang-format off */
#define HELPERS \
    "_ac_conf=$LE_WORKING_DIR/saved\n" \
    "_ac_forget() {\n" \
    "    [ -f \"$_ac_conf\" ] || return 0\n" \
    "    grep -v \"^$1=\" \"$_ac_conf\" >\"$_ac_conf.new\"\n" \
    "    mv \"$_ac_conf.new\" \"$_ac_conf\"\n" \
    "}\n" \
    "_ac_save() {\n" \
    "    _ac_forget \"$1\"\n" \
    "    printf '%s=%s\\n' \"$1\" \"$(printf %s \"$2\" | base64 | tr -d '\\n')\" >>\"$_ac_conf\"\n" \
    "}\n" \
    "_ac_saved() {\n" \
    "    [ -f \"$_ac_conf\" ] || return 0\n" \
    "    sed -n \"s/^$1=//p\" \"$_ac_conf\" | tail -n 1 | base64 -d\n" \
    "}\n" \
    "_ac_read() {\n" \
    "    eval \"_ac_value=\\${$1-}\"\n" \
    "    [ -n \"$_ac_value\" ] || _ac_value=$(_ac_saved \"$1\")\n" \
    "    printf %s \"$_ac_value\"\n" \
    "}\n" \
    "_getdeployconf() {\n" \
    "    _ac_value=$(_ac_read \"$1\")\n" \
    "    [ -n \"$_ac_value\" ] || return 0\n" \
    "    eval \"export $1=\\\"\\$_ac_value\\\"\"\n" \
    "}\n" \
    "_savedeployconf() { _ac_save \"$1\" \"$2\"; }\n" \
    "_cleardeployconf() { _ac_forget \"$1\"; }\n" \
    "_migratedeployconf() {\n" \
    "    _ac_value=$(_ac_saved \"$1\")\n" \
    "    [ -z \"$_ac_value\" ] || _ac_save \"$2\" \"$_ac_value\"\n" \
    "    _ac_forget \"$1\"\n" \
    "}\n" \
    "_readdomainconf() { _ac_saved \"$1\"; }\n" \
    "_savedomainconf() { _ac_save \"$1\" \"$2\"; }\n" \
    "_cleardomainconf() { _ac_forget \"$1\"; }\n" \
    "_readaccountconf() { _ac_saved \"$1\"; }\n" \
    "_saveaccountconf() { _ac_save \"$1\" \"$2\"; }\n" \
    "_clearaccountconf() { _ac_forget \"$1\"; }\n" \
    "_readaccountconf_mutable() { _ac_saved \"$1\"; }\n" \
    "_saveaccountconf_mutable() { _ac_save \"$1\" \"$2\"; }\n" \
    "_clearaccountconf_mutable() { _ac_forget \"$1\"; }\n" \
    "_info() { printf '%s\\n' \"$*\"; }\n" \
    "_err() { printf '%s\\n' \"$*\" >&2; return 1; }\n" \
    "_debug() { :; }\n" \
    "_debug2() { :; }\n" \
    "_debug3() { :; }\n" \
    "_secure_debug() { :; }\n" \
    "_secure_debug2() { :; }\n" \
    "_secure_debug3() { :; }\n" \
    "_exists() { command -v \"$1\" >/dev/null 2>&1; }\n" \
    "_contains() { case \"$1\" in *\"$2\"*) return 0 ;; *) return 1 ;; esac; }\n" \
    "_startswith() { case \"$1\" in \"$2\"*) return 0 ;; *) return 1 ;; esac; }\n" \
    "_endswith() { case \"$1\" in *\"$2\") return 0 ;; *) return 1 ;; esac; }\n" \
    "_upper_case() { tr '[:lower:]' '[:upper:]'; }\n" \
    "_lower_case() { tr '[:upper:]' '[:lower:]'; }\n" \
    "_head_n() { head -n \"$1\"; }\n" \
    "_tail_n() { tail -n \"$1\"; }\n" \
    "_egrep_o() { grep -E -o -- \"$1\"; }\n" \
    "_getfield() { printf '%s\\n' \"$1\" | cut -d \"${3:-,}\" -f \"$2\"; }\n" \
    "_math() { printf %s \"$(($*))\"; }\n" \
    "_time() { date -u +%s; }\n" \
    "_utc_date() { date -u '+%Y-%m-%d %H:%M:%S'; }\n" \
    "_sleep() { sleep \"$1\"; }\n" \
    "_mktemp() { mktemp \"${TMPDIR:-/tmp}/acmecore.XXXXXXXX\"; }\n" \
    "_base64() { if [ -n \"${1-}\" ]; then base64; else base64 | tr -d '\\n'; fi; }\n" \
    "_dbase64() { base64 -d; }\n" \
    "_hex_dump() { od -A n -v -t x1 | tr -d '\\n'; }\n" \
    "_url_encode() { od -A n -v -t x1 | tr -d '\\n' | sed 's/ /%/g'; }\n" \
    "_json_encode() { sed 's/\\\\/\\\\\\\\/g; s/\"/\\\\\"/g; s/\\t/\\\\t/g' | awk 'NR > 1 { printf \"\\\\n\" } { printf \"%s\", $0 }'; }\n" \
    "_normalizeJson() { tr -d '\\r\\n' | sed 's/\" *: *\\([\"{[]\\)/\":\\1/g'; }\n" \
    "_digest() {\n" \
    "    if [ -n \"${2-}\" ]; then openssl dgst \"-$1\" -hex | sed 's/.*= *//'\n" \
    "    else openssl dgst \"-$1\" -binary | base64 | tr -d '\\n'; fi\n" \
    "}\n" \
    "_toPkcs() {\n" \
    "    _ac_pass=${5-} openssl pkcs12 -export -out \"$1\" -inkey \"$2\" -in \"$3\" -certfile \"$4\" \\\n" \
    "        -passout env:_ac_pass\n" \
    "}\n" \
    "_inithttp() { :; }\n" \
    "_resethttp() { _H1= _H2= _H3= _H4= _H5=; }\n" \
    "HTTP_HEADER=$LE_WORKING_DIR/http.header\n" \
    "_ac_http() {\n" \
    "    _ac_method=$1 _ac_url=$2 _ac_type=$3 _ac_seconds=$4\n" \
    "    printf '%s\\n' \"${_H1-}\" \"${_H2-}\" \"${_H3-}\" \"${_H4-}\" \"${_H5-}\" | grep -v '^$' \\\n" \
    "        >\"$LE_WORKING_DIR/headers\"\n" \
    "    set -- -sS -g -L --dump-header \"$HTTP_HEADER\" -X \"$_ac_method\" -H \"@$LE_WORKING_DIR/headers\"\n" \
    "    [ -z \"${HTTPS_INSECURE-}\" ] || set -- \"$@\" -k\n" \
    "    [ -z \"$_ac_type\" ] || set -- \"$@\" -H \"Content-Type: $_ac_type\"\n" \
    "    [ -z \"$_ac_seconds\" ] || set -- \"$@\" --max-time \"$_ac_seconds\"\n" \
    "    if [ \"$_ac_method\" = GET ]; then curl \"$@\" \"$_ac_url\"\n" \
    "    else curl \"$@\" --data-binary @- \"$_ac_url\"; fi\n" \
    "}\n" \
    "_post() {\n" \
    "    if [ -n \"${3-}\" ]; then\n" \
    "        printf %s \"$1\" | _ac_http \"${4:-POST}\" \"$2\" \"${5-}\" \"\" | base64 | tr -d '\\n'\n" \
    "    else printf %s \"$1\" | _ac_http \"${4:-POST}\" \"$2\" \"${5-}\" \"\"; fi\n" \
    "}\n" \
    "_get() {\n" \
    "    if [ -n \"${2-}\" ]; then\n" \
    "        _ac_http GET \"$1\" \"\" \"${3-}\" >/dev/null\n" \
    "        cat \"$HTTP_HEADER\"\n" \
    "    else _ac_http GET \"$1\" \"\" \"${3-}\"; fi\n" \
    "}\n"
/* clang-format on */

#endif
