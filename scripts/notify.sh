#!/usr/bin/env bash
# Terminal two: watches what ingest.sh keeps in Redis and tells Slack.
#
#   scripts/notify.sh [--once] [--dry-run] [--stream NAME] [options of check-detect]
#
#     --once      look once and end, for cron; runs never overlap, forget or repeat
#     --dry-run   print what would be posted, and post nothing
#     --stream    which stream; needed only when Redis holds several
#
# avg | check-detect | slack-push. Without options of check-detect it watches for silence, for blindness, and for
# a mean gap that falls below half of what is usual, once that is known (--initial 20s: below 20 s until then).
# Ctrl-C or SIGTERM ends the polling; alerts that were raised are delivered, or kept for the next run.
set -u
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

avg_options=()
push_options=()
detect_options=()
stream=all
while [ $# -gt 0 ]; do
  case $1 in
  -h | --help)
    sed -n '2,/^set -u/{/^set -u/d;s/^# \{0,1\}//;p;}' "$0"
    exit 0
    ;;
  --once) avg_options+=(--once) ;;
  --dry-run) push_options+=(--dry-run) ;;
  --stream)
    [ $# -ge 2 ] || { say "--stream: expected a name"; exit 64; }
    stream=$2
    avg_options+=(--stream "$2")
    shift
    ;;
  *) detect_options+=("$1") ;;
  esac
  shift
done
[ ${#detect_options[@]} -gt 0 ] || detect_options=(--detect "threshold,silence,blind" --initial 0s)

states=$(state_folder) || exit
name=$(printf '%s' "$stream" | tr -c 'A-Za-z0-9._-' _)
make_work_folder

# One notifier a stream: the next one started by cron leaves at once when this one is still at work.
if command -v flock >/dev/null 2>&1; then
  exec 9>"$states/notify-$name.lock" || exit 73
  flock -n 9 || { say "another notify.sh is at work on this stream; nothing done"; exit 0; }
fi
case " ${avg_options[*]-} " in *" --once "*) avg_options+=(--state "$states/avg-$name.json") ;; esac

open_pipe 3 4 # rates
open_pipe 5 6 # alerts

"$bin/slack-push" ${push_options[@]+"${push_options[@]}"} <&5 3<&- 4>&- 5<&- 6>&- 9>&- &
push=$!
"$bin/check-detect" --state "$states/check-detect-$name.json" "${detect_options[@]}" \
  <&3 >&6 3<&- 4>&- 5<&- 6>&- 9>&- &
detect=$!
"$bin/avg" ${avg_options[@]+"${avg_options[@]}"} >&4 3<&- 4>&- 5<&- 6>&- 9>&- &
avg=$!
exec 3<&- 4>&- 5<&- 6>&-
watch_source "$avg"

await "$avg" avg
avg_code=$?
await "$detect" check-detect
detect_code=$?
await "$push" slack-push
push_code=$?
first_failure "$push_code" "$detect_code" "$avg_code"
