#!/usr/bin/env bash
# Terminal three: what ingest.sh keeps in Redis, over HTTP and as a live page at http://127.0.0.1:8000/vis.
#
#   scripts/api.sh [options of api]
#
#     --stream NAME   which stream; needed only when Redis holds several
#     --port 8000     another port; --host 0.0.0.0 lets other machines in, and has no password: put a proxy before it
#
# Alerts are on the page when notify.sh and ingest.sh run, improbable events with the latter. Without Redis there is
# bin/ingest | bin/api --stdin. Ctrl-C or SIGTERM ends it.
set -u
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

for word in "$@"; do
  case $word in -h | --help)
    help
    exit 0
    ;;
  esac
done

exec "$bin/api" "$@"
