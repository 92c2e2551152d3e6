#!/usr/bin/env bash
# What demo.sh runs where there is no Redis: the pipeline of both terminals in memory, with all it has to say on
# standard output, for the view.
#
#   scripts/demo-in-memory.sh URL WINDOW [options of check-detect]
#
#   ingest ─ tee ─┬─ stats --stdin ── check-detect ─┬─ slack-push
#                 ├─ unusualness ───────────────────┘
#                 └─ stats --stdin
set -u
# shellcheck source=scripts/pipeline.sh
. "$(dirname "${BASH_SOURCE[0]}")/pipeline.sh"
url=$1
window=$2

make_work_folder
make_pipes tee watched-stats check-detect unusualness slack-push stats
split_among watched-stats unusualness stats
branch "stats | check-detect | slack-push"
start slack-push - --dry-run
start check-detect slack-push "${@:3}"
launch watched-stats check-detect "$bin/stats" --stdin --window "$window"
branch unusualness
start unusualness slack-push
branch stats
start stats - --stdin --window "$window"
start_source ingest tee --url "$url" --stream demo
attend
