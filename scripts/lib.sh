# shellcheck shell=bash
# What the pipelines share: where the tools are, a folder for named pipes, and an orderly end.

# shellcheck disable=SC2034 # the scripts that read this file use it
bin=$(cd "$(dirname "${BASH_SOURCE[0]}")/../bin" && pwd)
script=$(basename "$0" .sh)

# Tells what the script itself has to say, as the tools do: text at a terminal, a log record elsewhere.
say() {
  local format=${RSVPULSE_LOG-}
  [ -n "$format" ] || { [ -t 2 ] && format=text; }
  if [ "$format" = text ]; then
    printf '%s: %s\n' "$script" "$*" >&2
  else
    printf '{"time":"%s","severity":"NOTICE","tool":"%s","message":"%s"}\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
      "$script" "$(printf '%s' "$*" | sed 's/["\\]/\\&/g')" >&2
  fi
}

# A folder of this run's own, removed at the end, whatever the end is.
work=
trap '[ -z "$work" ] || rm -rf "$work"' EXIT
make_work_folder() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/rsvpulse-$script.XXXXXX") || exit 73
}

# Makes a pipe with its read end at descriptor $1 and its write end at descriptor $2. Both ends are open before anybody
# uses them, so a program that dies at its start cannot leave its neighbour waiting for it.
open_pipe() {
  mkfifo "$work/pipe" || exit 73
  eval "exec 8<>\"\$work/pipe\" $1<\"\$work/pipe\" $2>\"\$work/pipe\" 8>&-"
  rm "$work/pipe"
}

# Where state survives between runs.
state_folder() {
  local folder=${XDG_STATE_HOME:-$HOME/.local/state}/rsvpulse
  mkdir -p "$folder" || exit 73
  printf '%s\n' "$folder"
}

# A signal to the script is a signal to its source: the rest of the pipe drains and ends by itself. Ctrl-C has
# reached a source that runs already, for the terminal sends it to all. One that comes before is kept for it.
signalled=
stopping=
source_pid=
on_terminate() {
  signalled=1
  stopping=1
  [ -z "$source_pid" ] || kill -TERM "$source_pid" 2>/dev/null
}
on_interrupt() {
  signalled=1
  [ -n "$source_pid" ] || stopping=1
}
trap on_interrupt INT
trap on_terminate TERM HUP

# Names the source, once it has been started.
watch_source() {
  source_pid=$1
  [ -z "$stopping" ] || kill -TERM "$source_pid" 2>/dev/null
}

# Waits for a process ($1: its id, $2: its name) to its end and returns its exit code. A signal breaks the wait off, so
# it is begun again. Tells who was killed; the shell's own words for it would be a line of its source.
await() {
  local code
  while :; do
    signalled=
    wait "$1" 2>/dev/null
    code=$?
    [ -z "$signalled" ] || continue
    case $code in
    130 | 143) ;;
    129 | 13[1-9] | 14? | 15?) say "$2 was ended by signal $((code - 128))" ;;
    esac
    return "$code"
  done
}

# The first code that is not 0, else 0. Give sinks first: when they fail, the rest only follows.
first_failure() {
  local code
  for code in "$@"; do
    [ "$code" -eq 0 ] || return "$code"
  done
}
