# shellcheck shell=bash
# Runs a pipeline that may have branches: starts its programs, tells at once which one ended too early, names the one
# that the others wait for, and ends in order. Written for bash 3.2, which macOS has.
#
#   make_pipes NAME …               a named pipe for each program but the source
#   split_among NAME …              tee, which gives all of these all that it reads
#   branch WORDS; start NAME NEXT [OPTION …]      a tool, what it is part of, and who reads what it writes
#   await_reader NAME               until the tool that was just started has begun to read
#   start_source NAME NEXT [OPTION …]             what all comes from; the last to be started
#   attend                          stays until all have ended; its status is the exit code
#
# A program reads from the pipe in the work folder that has its name. Descriptors: 3 and 4 are on their way to a
# program, 5 to 8 are this file's, 9 is the caller's, and those from 20 on hold pipes. No program inherits them.

# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/ends.sh
. "$(dirname "${BASH_SOURCE[0]}")/ends.sh"
# shellcheck source=scripts/stalls.sh
. "$(dirname "${BASH_SOURCE[0]}")/stalls.sh"

# One entry a program, in the order of their starts.
names=()
pids=()
nexts=()    # who reads what it writes, joined by spaces
branches=() # what it is part of, in words; empty for tee and for the source
codes=()    # its exit code, or 128 and the number of the signal that ended it; empty while it runs
judged=()   # what became of its end: next (to be looked at once more) or all; empty before
excused=()  # not empty when it was ended because nobody is left to read from it

# Both ends of a pipe are open until all have been started, so nobody waits for one that died at its start.
pipes=0
make_pipes() {
  local name
  for name in "$@"; do
    mkfifo "$work/$name" || exit 73
    eval "exec $((20 + pipes))<>\"\$work/\$name\""
    pipes=$((pipes + 1))
  done
}
release_pipes() {
  local i
  for ((i = 0; i < pipes; i++)); do eval "exec $((20 + i))>&-"; done
}

# Nobody writes to this pipe: to read from it is to sleep, which costs no process and hears signals.
sleep_a_tick() {
  [ -p "$work/clock" ] || { mkfifo "$work/clock" && exec 7<>"$work/clock"; } || exit 73
  read -r -t "$tick" <&7
}
case $BASH_VERSION in [1-3].*) tick=1 ;; *) tick=0.2 ;; esac

branch=
branch() { branch=$1; }

start() { launch "$1" "$2" "$bin/$1" "${@:3}"; }

# A blank line, which means nothing to any tool, is taken from its pipe. bash 3 cannot look into a pipe, and does not wait.
await_reader() {
  local pid=$!
  [ "$tick" != 1 ] || return 0
  printf '\n' >"$work/$1"
  while [ -z "$terminated" ] && kill -0 "$pid" 2>/dev/null && read -r -t 0 <>"$work/$1"; do sleep_a_tick; done
}

source_index=
start_source() {
  branch ''
  source_index=${#pids[@]}
  start "$@"
  release_pipes
  guard
  [ -z "$terminated" ] || end_source
}

# Starts a program: its name ($1), who reads what it writes ($2; -: whoever reads from the script), and its command.
launch() {
  local name=$1 next=$2
  shift 2
  if [ -p "$work/$name" ]; then exec 3<"$work/$name"; else exec 3<&0; fi
  if [ "$next" = - ]; then exec 4>&1; else exec 4>"$work/${next%% *}"; fi
  (
    release_pipes
    # bash lets a program that it starts with & ignore Ctrl-C until it listens itself. That is right for one that has
    # to drain; a source that does not listen yet has given nothing, and ends.
    [ "$source_index" != "${#pids[@]}" ] || trap - INT
    exec "$@" <&3 >&4 3<&- 4>&- 5>&- 6>&- 7>&- 9>&-
  ) &
  pids+=($!)
  names+=("$name")
  nexts+=("$next")
  branches+=("$branch")
  codes+=('')
  judged+=('')
  excused+=('')
  exec 3<&- 4>&-
}

# A signal that all of a pipeline gets must not end tee while something lies in its pipe, nor must a reader that is gone:
# it ends with its input, or when all its readers have gone.
split_among() {
  local name options=(-i) copies=()
  ! tee -p </dev/null >/dev/null 2>&1 || options+=(-p)
  for name in "${@:2}"; do copies+=("$work/$name"); done
  # shellcheck disable=SC2016 # sh expands it
  launch tee "$*" sh -c 'trap "" TERM HUP PIPE; exec tee "$@" 2>/dev/null' tee "${options[@]}" "${copies[@]}"
  # tee opens the pipes by their names, and would wait for ever for a reader that died. A blank line comes out of each
  # once they are open; only then may readers be started.
  printf '\n' >"$work/tee"
  for name in "$@"; do
    read -r -t 60 <"$work/$name" || { tell ERROR "tee does not work here"; exit 70; }
  done
}

# SIGTERM and SIGHUP to the script are a SIGTERM to its source: the rest drains and ends by itself. Ctrl-C has reached
# the source already, for the terminal sends it to all; a second one is to end all at once.
terminated=
interrupts=0
signalled=
on_terminate() {
  signalled=1
  terminated=1
  end_source
}
on_interrupt() {
  signalled=1
  interrupts=$((interrupts + 1))
  [ -n "$source_index" ] || terminated=1
}
trap on_interrupt INT
trap on_terminate TERM HUP

end_source() { [ -z "$source_index" ] || signal TERM "$source_index"; }

# Sends a signal ($1) to a program ($2) that has not ended.
signal() { [ -n "${codes[$2]-ended}" ] || kill "-$1" "${pids[$2]}" 2>/dev/null; }

is_over() {
  local code
  for code in "${codes[@]}"; do [ -n "$code" ] || return 1; done
}

# bash has words of its own for a program that was killed, at a moment of its own: they are not heard.
attend() {
  local code
  exec 8>&2 2>/dev/null
  told_on=8
  await_ends
  code=$?
  exec 2>&8 8>&-
  told_on=2
  return "$code"
}

await_ends() {
  local i second=$SECONDS
  until is_over; do
    sleep_a_tick
    gather_ends
    judge_ends
    [ "$interrupts" -lt 2 ] || for i in "${!pids[@]}"; do signal KILL "$i"; done
    if [ $((SECONDS - second)) -ge "$look_seconds" ]; then
      second=$SECONDS
      look_for_stalls
    fi
  done
  [ "$interrupts" -lt 2 ] || return 130
  first_failure
}
