#!/bin/sh
# check.sh ACMECORE PLUGIN.so: runs the conformance suite on the plugin. With a file
# "settings" beside it (lines NAME=VALUE, and DOMAIN=example.com for a name to try) a real
# record is written, looked for at the name servers, and removed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
acmecore=$1
plugin=$2
umask 077
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf 'no real token' >"$folder/token"

# Nothing listens on port 1: each call fails, as it does when the provider is away.
set -- --set url=http://127.0.0.1:1 --set "api-token=$folder/token"
if [ -e "$here/settings" ]; then
    set --
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
            DOMAIN=*) set -- "$@" -d "${line#DOMAIN=}" ;;
            ?*=*) set -- "$@" --set "$line" ;;
        esac
    done <"$here/settings"
fi
"$acmecore" plugin check "$plugin" --state-dir "$folder/state" "$@"
