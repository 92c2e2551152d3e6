#!/usr/bin/env bash
# What bin/collect does, with plain pipes: each stream through programs of its own.
#
#   scripts/collect.sh --to PLACE [options]
#
#     --to PLACE          the archive: a folder, or gs://BUCKET
#     --people PLACE      profiles too: a folder, or firestore://COLLECTION
#     --api ADDRESS       who is asked for profiles, where it is not Meetup
#     --source NAME[=ADDRESS]   a stream of the catalogue, at another address; again for more (default: Meetup's five)
#
#   ingest | archive --pass | profiles        for each stream
#
# A pipe that ends is started again, after waits that double from one second up to five minutes; one that does not let us
# in, or whose settings are wrong, stays down. It begins with what is live: what comes while a pipe is down is missing,
# which bin/collect asks for again. Each stream has its own ids of profiles, so who is in two streams is asked for twice.
# Ctrl-C or SIGTERM ends the sources; what they gave is kept before the script ends.
set -u
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

wait_max=300
good_seconds=60
to=
people=
api=()
sources=()

fail() {
  tell ERROR "$1"
  exit "${2-64}"
}

while [ $# -gt 0 ]; do
  case $1 in
  -h | --help)
    help
    exit 0
    ;;
  --to | --people | --api | --source)
    [ $# -ge 2 ] || fail "$1: expected a value"
    case $1 in
    --to) to=$2 ;;
    --people) people=$2 ;;
    --api) api=(--api "$2") ;;
    --source) sources+=("$2") ;;
    esac
    shift
    ;;
  *) fail "unknown option $1; --help lists them" ;;
  esac
  shift
done
[ -n "$to" ] || fail "expected --to PLACE, to say where messages go"
if [ ${#sources[@]} -eq 0 ]; then
  for name in rsvps open-events open-venues event-comments photos; do sources+=("meetup-$name"); done
fi
make_work_folder

# What keeps the events of a stream ($1).
keep() {
  if [ -z "$people" ]; then
    "$bin/archive" --to "$to"
  else
    "$bin/archive" --to "$to" --pass |
      "$bin/profiles" --to "$people" --state "$ids/$1" ${api[@]+"${api[@]}"}
  fi
}

# Waits for a process ($1) whatever signals come, and gives its exit code.
await() {
  local code=0
  while kill -0 "$1" 2>/dev/null; do
    wait "$1"
    code=$?
  done
  return "$code"
}

# One stream ($1: its name, $2: its address, if another) for as long as it can be collected. Run in a shell of its own.
collect_stream() {
  local name=$1 url=() wait=1 begun code head='' stopped=''
  [ -z "$2" ] || url=(--url "$2")
  trap 'stopped=1; [ -z "$head" ] || kill -TERM "$head" 2>/dev/null' TERM INT HUP
  mkfifo "$work/$name" || exit 73
  while [ -z "$stopped" ]; do
    begun=$SECONDS
    # Whom a signal reaches too must not end before what was given is kept.
    (trap '' TERM INT HUP; keep "$name" <"$work/$name") &
    tail=$!
    "$bin/ingest" --source "$name" ${url[@]+"${url[@]}"} >"$work/$name" &
    head=$!
    await "$head"
    code=$?
    await "$tail" || code=$?
    [ -z "$stopped" ] || return 0
    case $code in 64 | 77 | 78) return "$code" ;; esac
    [ $((SECONDS - begun)) -lt "$good_seconds" ] || wait=1
    tell WARNING "$name: the pipe has ended with $code; started again within $wait s"
    sleep $((RANDOM % wait + 1)) &
    head=$!
    await "$head"
    wait=$((wait * 2 > wait_max ? wait_max : wait * 2))
  done
}

ids=$(state_folder)/collect.sh || exit
pids=()
for word in "${sources[@]}"; do
  address=
  [ "$word" = "${word#*=}" ] || address=${word#*=}
  collect_stream "${word%%=*}" "$address" &
  pids+=($!)
done
stopped=
trap 'stopped=1; kill -TERM "${pids[@]}" 2>/dev/null' TERM INT HUP
code=0
for pid in "${pids[@]}"; do
  await "$pid" || code=$?
done
[ -z "$stopped" ] || exit 0
exit "$code"
