#!/bin/sh
# check.sh ACMECORE PLUGIN.so: runs the conformance suite on the plugin. Settings for it
# may stand in a file "settings" beside this one, in lines NAME=VALUE.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
acmecore=$1
plugin=$2
umask 077
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/served"

set -- --set "path=$folder/served"
if [ -e "$here/settings" ]; then
    set --
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
            ?*=*) set -- "$@" --set "$line" ;;
        esac
    done <"$here/settings"
fi
"$acmecore" plugin check "$plugin" --state-dir "$folder/state" "$@"
