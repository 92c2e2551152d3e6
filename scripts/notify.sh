#!/usr/bin/env bash
# Terminal two: watches what ingest.sh keeps in Redis and tells Slack.
#
#   scripts/notify.sh [--once] [--dry-run] [--stream NAME]… [options of check-detect]
#
#     --once      look once and end, for cron; runs never overlap, forget or repeat
#     --dry-run   print what would be posted, and post nothing; remembers apart, so that nothing is kept from Slack
#     --stream    which stream, again for more, or all: those there are and those that appear; needed only when Redis
#                 holds several
#
#   stats | check-detect | slack-push
#
# Alerts are put into Redis too, where bin/api finds them; --scores gives none.
# Without options of check-detect it watches for changes of the rate and of the shares of categories, for silence and for
# blindness, with a false alarm a day (--false-alarms 1/week). --below avg=20s, --above entropy=4.2 or --below
# share.CA=15% watch for these instead, and more by giving them again.
# Ctrl-C or SIGTERM ends the polling; alerts that were raised are delivered, or kept for the next run. A second Ctrl-C
# ends all at once.
set -u
# shellcheck source=scripts/pipeline.sh
. "$(dirname "${BASH_SOURCE[0]}")/pipeline.sh"

once=
stats_options=()
push_options=()
detect_options=()
publish=(--publish)
streams=()
while [ $# -gt 0 ]; do
  case $1 in
  -h | --help)
    help
    exit 0
    ;;
  --once) once=yes ;;
  --dry-run) push_options=(--dry-run) ;;
  --stream)
    [ $# -ge 2 ] || { tell ERROR "--stream: expected a name"; exit 64; }
    streams+=("$2")
    stats_options+=(--stream "$2")
    shift
    ;;
  --stream=*)
    streams+=("${1#*=}")
    stats_options+=("$1")
    ;;
  --scores)
    publish=()
    detect_options+=("$1")
    ;;
  *) detect_options+=("$1") ;;
  esac
  shift
done

states=$(state_folder) || exit
name=$(name_of_choice ${streams[@]+"${streams[@]}"})${push_options[0]-}
[ -z "$once" ] || stats_options+=(--once --state "$states/stats-$name.json")

# One notifier a choice: the next one started by cron leaves at once when this one is still at work.
if command -v flock >/dev/null 2>&1; then
  exec 9>"$states/notify-$name.lock" || exit 73
  flock -n 9 || { say "another notify.sh is at work on the same choice of streams; nothing done"; exit 0; }
fi

make_work_folder
make_pipes check-detect slack-push
branch "check-detect | slack-push"
start slack-push - ${push_options[@]+"${push_options[@]}"}
start check-detect slack-push --state "$states/check-detect-$name.json" ${publish[@]+"${publish[@]}"} \
  ${detect_options[@]+"${detect_options[@]}"}
start_source stats check-detect ${stats_options[@]+"${stats_options[@]}"}
attend
