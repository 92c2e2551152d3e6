#!/usr/bin/env bash
# Shows the toolkit at work on a made-up stream, in one terminal: the first alert comes within a minute.
#
#   scripts/demo.sh [--for SECONDS] [--no-browser]
#
# Installs and builds inside the checkout, starts simulate with a story, the pipeline, the notifier with --dry-run, and
# the live page, which is opened where there is a browser to open it. With a Redis (REDIS_URL, one on port 6379, or
# redis-server or valkey-server on the PATH) it runs the scripts of the three terminals; without one, the same in one
# pipe, in memory. It shows the rate, the entropy of where events come from (bits), the busiest categories, and what
# Slack would be told. Ctrl-C ends it; nothing is left behind.
set -u
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
scripts=$(dirname "$bin")/scripts

limit=
browser=yes
while [ $# -gt 0 ]; do
  case $1 in
  -h | --help)
    help
    exit 0
    ;;
  --no-browser) browser= ;;
  --for)
    limit=${2-}
    case $limit in '' | *[!0-9]*)
      say "--for: expected a number of seconds, got '$limit'"
      exit 64
      ;;
    esac
    shift
    ;;
  *)
    say "unknown option '$1'; --help tells them"
    exit 64
    ;;
  esac
  shift
done

"$scripts/setup.sh" || exit
make_work_folder
# The stream is called demo, and speaks as Meetup's did.
export XDG_STATE_HOME=$work/state RSVPULSE_LOG=text RSVPULSE_SOURCE=meetup-rsvps
pids=() # what is told to end

# The view ends with its input; one that opens a pipe whose writers are gone already would wait for ever.
end_view() {
  local tries
  [ -n "${view-}" ] || return
  for ((tries = 0; tries < 10; tries++)); do
    kill -0 "$view" 2>/dev/null || break
    sleep 0.1
  done
  kill -TERM "$view" 2>/dev/null
  wait "$view" 2>/dev/null
}

# Ends what was started, latest first, waits for each, and forgets the demo's stream.
tidy() {
  trap '' INT TERM HUP
  local i
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
    kill -TERM "${pids[i]}" 2>/dev/null
    wait "${pids[i]}" 2>/dev/null
  done
  end_view
  [ -z "${REDIS_URL-}" ] || node "$scripts/forget-stream.mjs" demo 2>/dev/null
  [ -z "${redis_pid-}" ] || { kill -TERM "$redis_pid" 2>/dev/null; wait "$redis_pid" 2>/dev/null; }
  rm -rf "$work"
  say "ended; nothing is left behind"
}
trap 'tidy' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Waits up to ten seconds for a condition.
wait_for() {
  local tries
  for ((tries = 0; tries < 100; tries++)); do
    "$@" && return
    sleep 0.1
  done
  say "waited in vain for: $*"
  cat "$work"/*.log >&2
  exit 69
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

find_redis() {
  local server
  if [ -n "${REDIS_URL-}" ]; then
    say "with the Redis of REDIS_URL"
  elif listens 6379; then
    export REDIS_URL=redis://127.0.0.1:6379
    say "with the Redis on port 6379"
  else
    server=$(command -v redis-server || command -v valkey-server) || return 1
    # In a process group of its own, so that Ctrl-C does not end it before what is in the pipe is stored.
    set -m
    "$server" --port 0 --unixsocket "$work/redis.sock" --save '' --dir "$work" >"$work/redis.log" 2>&1 &
    redis_pid=$!
    set +m
    wait_for test -S "$work/redis.sock"
    export REDIS_URL=unix://$work/redis.sock
    say "with a Redis of its own ($(basename "$server"))"
  fi
}

# The story's calm part has ten events a second: a mean gap of 0.1 s. Its surge has forty.
# The learned detectors need a minute and more to know what is usual.
rule=(--detect "rate,shift,threshold,silence,blind" --below avg=60ms --clear avg=80ms --for 3s)
window=20s

# Opens the page at a person's own screen; elsewhere its address is told, and that is all.
open_page() {
  local opener
  [ -n "$browser" ] && [ -t 1 ] || return 0
  if [ -n "${DISPLAY-}${WAYLAND_DISPLAY-}" ]; then opener=xdg-open; else opener=open; fi
  [ "$opener" = xdg-open ] || [ "$(uname)" = Darwin ] || return 0
  ! command -v "$opener" >/dev/null 2>&1 || "$opener" "$1" >/dev/null 2>&1 &
}

page_port=8000
! listens $page_port || page_port=0
mkfifo "$work/view" || exit 73
"$bin/simulate" --port 0 --port-file "$work/port" --story demo 2>"$work/simulate.log" &
pids+=($!)
wait_for test -s "$work/port"
url=http://127.0.0.1:$(cat "$work/port")/2/rsvps

if find_redis; then
  say "running scripts/ingest.sh, scripts/notify.sh and scripts/api.sh, as in three terminals"
  RSVPULSE_TTL=$window "$scripts/ingest.sh" --dry-run --url "$url" --stream demo >"$work/view" 2>"$work/ingest.log" &
  pids+=($!)
  "$scripts/notify.sh" --dry-run --stream demo "${rule[@]}" >"$work/view" 2>"$work/notify.log" &
  pids+=($!)
  "$bin/stats" --stream demo >"$work/view" 2>"$work/stats.log" &
  pids+=($!)
  "$scripts/api.sh" --stream demo --port $page_port --port-file "$work/page-port" 2>"$work/api.log" &
  pids+=($!)
else
  say "no Redis here, so all runs in one pipe, in memory; install redis-server to see the three terminals"
  "$scripts/demo-in-memory.sh" "$url" $window $page_port "$work/page-port" "${rule[@]}" >"$work/view" 2>"$work/memory.log" &
  pids+=($!)
fi
node "$scripts/demo-view.mjs" <"$work/view" &
view=$!
wait_for test -s "$work/page-port"
page=http://127.0.0.1:$(cat "$work/page-port")/vis
open_page "$page"
say "the live page is at $page"
say "the stream is calm for half a minute; then its story begins (Ctrl-C ends the demo)"
if [ -n "$limit" ]; then
  for ((seconds = 0; seconds < limit; seconds++)); do
    sleep 1
  done
else
  wait "$view"
fi
