# shellcheck shell=bash
# What the pipelines share: where the tools are, a folder for named pipes, and an orderly end.

# shellcheck disable=SC2034 # the scripts that read this file use it
bin=$(cd "$(dirname "${BASH_SOURCE[0]}")/../bin" && pwd)
script=$(basename "$0" .sh)

say() { printf '%s: %s\n' "$script" "$*" >&2; }

# A folder of this run's own, removed at the end, whatever the end is.
make_work_folder() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/rsvpulse-$script.XXXXXX") || exit 73
  trap 'rm -rf "$work"' EXIT
}

# Where state survives between runs.
state_folder() {
  local folder=${XDG_STATE_HOME:-$HOME/.local/state}/rsvpulse
  mkdir -p "$folder" || exit 73
  printf '%s\n' "$folder"
}

# A signal to the script is a signal to its source: the rest of the pipe drains and ends by itself. Ctrl-C has
# reached the source already, for the terminal sends it to all.
signalled=
pass_signals_to() {
  source_pid=$1
  trap 'signalled=1' INT
  trap 'signalled=1; kill -TERM "$source_pid" 2>/dev/null' TERM HUP
}

# Waits for a process to its end and returns its exit code. A signal breaks the wait off, so it is begun again.
await() {
  local code
  while :; do
    signalled=
    wait "$1"
    code=$?
    [ -n "$signalled" ] || return "$code"
  done
}

# The first code that is not 0, else 0. Give sinks first: when they fail, the rest only follows.
first_failure() {
  local code
  for code in "$@"; do
    [ "$code" -eq 0 ] || return "$code"
  done
}
