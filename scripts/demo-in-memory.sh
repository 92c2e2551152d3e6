#!/usr/bin/env bash
# What demo.sh runs where there is no Redis: the pipeline of both terminals in memory, with all it has to say on
# standard output, for the view.
#
#   scripts/demo-in-memory.sh URL WINDOW PORT PORT-FILE [options of check-detect]
#
#   ingest ─ tee ─┬─ stats --stdin ── check-detect ─┬─ slack-push
#                 ├─ unusualness ───────────────────┘
#                 ├─ stats --stdin
#                 └─ api --stdin                        the page, at PORT
set -u
# shellcheck source=scripts/pipeline.sh
. "$(dirname "${BASH_SOURCE[0]}")/pipeline.sh"
url=$1
window=$2
port=$3
port_file=$4
shift 4

make_work_folder
make_pipes tee watched-stats check-detect unusualness slack-push stats api
split_among watched-stats unusualness stats api
branch "stats | check-detect | slack-push"
start slack-push - --dry-run
start check-detect slack-push "$@"
launch watched-stats check-detect "$bin/stats" --stdin --window "$window"
branch unusualness
start unusualness slack-push
branch stats
start stats - --stdin --window "$window"
branch api
start api - --stdin --end-with-input --window "$window" --port "$port" --port-file "$port_file" "$@"
start_source ingest tee --url "$url" --stream demo
attend
