#!/usr/bin/env bash
# Terminal one: a stream's events into Redis, as gaps and as counts, and the improbable ones to Slack.
#
#   scripts/ingest.sh [--dry-run] [options of ingest]
#
#     --dry-run   print what would be posted, and post nothing; so too where no webhook is configured
#     --redis URL the Redis of all of them (a password belongs into REDIS_URL)
#
#   ingest ─ tee ─┬─ diff | redis-insert
#                 ├─ insert-distribution
#                 └─ unusualness | slack-push       its alerts go into Redis too, where bin/api finds them
#
# Settings of the tools come from the environment (RSVPULSE_LATENESS=10s, RSVPULSE_TTL=5m, RSVPULSE_FALSE_ALARMS=2/day,
# REDIS_URL, SLACK_WEBHOOK_URL) or from rsvpulse.config.json. A branch that ends does not end the others; one that does
# not read on is named after ten seconds. It goes on where an earlier run had got to (ingest --resume), and takes the stream
# over from one that still lives. Ctrl-C or SIGTERM ends the source; what it gave reaches every branch before
# the script ends. A second Ctrl-C ends all at once.
set -u
# shellcheck source=scripts/pipeline.sh
. "$(dirname "${BASH_SOURCE[0]}")/pipeline.sh"

ingest_options=()
push_options=()
while [ $# -gt 0 ]; do
  word=$1
  case $word in
  -h | --help)
    help
    exit 0
    ;;
  --dry-run) push_options=(--dry-run) ;;
  # All of them have to use the same one.
  --redis=*) export REDIS_URL=${word#--redis=} ;;
  --redis)
    [ $# -gt 1 ] || { tell ERROR "--redis: expected an address behind it" && exit 64; }
    export REDIS_URL=$2
    shift
    ;;
  *) ingest_options+=("$word") ;;
  esac
  shift
done

# Where slack-push finds the address of a webhook.
has_webhook() {
  [ -n "${SLACK_WEBHOOK_URL-}${RSVPULSE_SLACK_PUSH_SLACK_CONFIG-}${RSVPULSE_SLACK_CONFIG-}" ] ||
    [ -e CONFIG_SLACK.json ] || grep -qs slackConfig rsvpulse.config.json
}
if [ ${#push_options[@]} -eq 0 ] && ! has_webhook; then
  say "no webhook (SLACK_WEBHOOK_URL or CONFIG_SLACK.json), so what would be posted is printed, as with --dry-run"
  push_options=(--dry-run)
fi

make_work_folder
make_pipes tee diff redis-insert insert-distribution unusualness slack-push
split_among diff insert-distribution unusualness

branch "diff | redis-insert"
start redis-insert -
start diff redis-insert
branch insert-distribution
start insert-distribution -
branch "unusualness | slack-push"
start slack-push - ${push_options[@]+"${push_options[@]}"}
start unusualness slack-push --warm-start --publish
# It begins with what the branch before it has counted so far, which must not be what it is about to read itself.
await_reader unusualness
start_source ingest tee --resume ${ingest_options[@]+"${ingest_options[@]}"}
attend
