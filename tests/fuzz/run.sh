#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh TARGET SEEDS CORPUS: fuzzes for $FUZZ_S seconds (5), keeping finds in CORPUS.
set -eu
mkdir -p "$3"
[ -d "$2" ] || { echo "no seeds in $2" >&2; exit 1; }
exec "$1" -max_total_time="${FUZZ_S:-5}" -timeout=10 -rss_limit_mb=512 -print_final_stats=1 \
    -artifact_prefix="$3/" "$3" "$2"
