#!/usr/bin/env bash
# Terminal one: a stream's events into Redis, as the gaps between them.
#
#   scripts/ingest.sh [options of ingest]       ingest | diff | redis-insert
#
# Settings of diff and redis-insert come from the environment (RSVPULSE_LATENESS=10s, RSVPULSE_TTL=5m, REDIS_URL)
# or from rsvpulse.config.json. Ctrl-C or SIGTERM ends the source; what it gave is stored before the script ends.
set -u
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1-} in -h | --help)
  sed -n '2,/^set -u/{/^set -u/d;s/^# \{0,1\}//;p;}' "$0"
  exit 0
  ;;
esac

make_work_folder
open_pipe 3 4 # events
open_pipe 5 6 # gaps

"$bin/redis-insert" <&5 3<&- 4>&- 5<&- 6>&- &
insert=$!
"$bin/diff" <&3 >&6 3<&- 4>&- 5<&- 6>&- &
diff=$!
"$bin/ingest" "$@" >&4 3<&- 4>&- 5<&- 6>&- &
ingest=$!
exec 3<&- 4>&- 5<&- 6>&-
watch_source "$ingest"

await "$ingest" ingest
ingest_code=$?
await "$diff" diff
diff_code=$?
await "$insert" redis-insert
insert_code=$?
first_failure "$insert_code" "$diff_code" "$ingest_code"
