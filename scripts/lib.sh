# shellcheck shell=bash
# What all scripts share: where the tools are, a word to the person, and a folder of the run's own.

# shellcheck disable=SC2034 # the scripts that read this file use it
bin=$(cd "$(dirname "${BASH_SOURCE[0]}")/../bin" && pwd)
script=$(basename "$0")

# Tells what the script itself has to say, as the tools do: text at a terminal, a log record elsewhere.
say() { tell NOTICE "$*"; }

# The same with a severity ($1), on standard error, or where that was put aside.
#
# In a shell of its own, to which no signal matters: bash 5.2 that gets one with a trap just while it looks for the end
# of a command substitution takes it for a syntax error, and exits. So there is none where signals are listened to.
told_on=2
tell() (
  trap '' INT TERM HUP
  local severity=$1 format=${RSVPULSE_LOG-}
  shift
  [ -n "$format" ] || { [ -t "$told_on" ] && format=text; }
  if [ "$format" = text ]; then
    # A tool's status line may stand there.
    [ ! -t "$told_on" ] || printf '\r\033[K' >&"$told_on"
    printf '%s: %s\n' "$script" "$*" >&"$told_on"
  else
    printf '{"time":"%s","severity":"%s","tool":"%s","message":"%s"}\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
      "$severity" "$script" "$(printf '%s' "$*" | sed 's/["\\]/\\&/g')" >&"$told_on"
  fi
)

# Shows the comment at the head of the script, which is its help.
help() { sed -n '2,/^set -u/{/^set -u/d;s/^# \{0,1\}//;p;}' "$0"; }

# A folder of this run's own, removed at the end, whatever the end is.
work=
trap '[ -z "$work" ] || rm -rf "$work"' EXIT
make_work_folder() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/rsvpulse-${script%.sh}.XXXXXX") || exit 73
}

# Where state survives between runs.
state_folder() {
  local folder=${XDG_STATE_HOME:-$HOME/.local/state}/rsvpulse
  mkdir -p "$folder" || exit 73
  printf '%s\n' "$folder"
}

# What the files of a choice of streams ($@) are called after: no choice "all", one stream its name; several, or `--stream
# all`, their names in order with a +, which no single one has. A checksum stands for what does not fit into that.
name_of_choice() {
  local sorted plain sum=
  export LC_ALL=C
  [ $# -gt 0 ] || { printf all; return; }
  sorted=$(printf '%q\n' "$@" | sort -u)
  plain=$(printf '%s' "$sorted" | tr '\n' + | tr -c 'A-Za-z0-9._+-' _)
  case $sorted in
  all) plain=all+ ;;
  *$'\n'*) ;;
  *)
    plain=$(printf '%s' "$1" | tr -c 'A-Za-z0-9._-' _)
    # A plain name keeps its files; two that look alike without their other characters do not share any.
    if [ "$plain" = "$1" ] && [ ${#plain} -le 100 ]; then
      printf '%s' "$plain"
      return
    fi
    sum=yes
    ;;
  esac
  case $sorted in
  *[!A-Za-z0-9._$'\n'-]*) sum=yes ;;
  esac
  if [ -n "$sum" ] || [ ${#plain} -gt 100 ]; then
    plain=${plain:0:80}=$(printf '%s' "$sorted" | cksum | tr ' ' -)
  fi
  printf '%s' "$plain"
}
