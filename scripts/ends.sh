# shellcheck shell=bash
# shellcheck disable=SC2154 # pipeline.sh assigns them
# The second part of pipeline.sh: how programs end, who is told of it, and what is left to do when one has.

# Notes how those ended that did since the last look. A signal breaks the wait off, so it is begun again.
gather_ends() {
  local i
  for i in "${!pids[@]}"; do
    [ -z "${codes[i]}" ] || continue
    ! kill -0 "${pids[i]}" 2>/dev/null || continue
    while :; do
      signalled=
      wait "${pids[i]}" 2>/dev/null
      codes[i]=$?
      [ -n "$signalled" ] || break
    done
  done
}

# The input has ended, or is about to: what ends now ends in its turn.
is_draining() { [ -n "${codes[source_index]}${terminated}" ] || [ "$interrupts" -gt 0 ]; }

# By a signal that is no way of ending it in order.
was_killed() {
  case ${codes[$1]} in 129 | 130 | 143) return 1 ;; esac
  [ "${codes[$1]}" -gt 128 ]
}

# Looks at the ends that are new: a signal's at once, a code's one look later, for at the end of the input a quick reader
# may be seen to have ended before the source is.
judge_ends() {
  local i failed=() others=()
  # After a second Ctrl-C all are killed.
  [ "$interrupts" -lt 2 ] || return 0
  for i in "${!pids[@]}"; do
    [ -n "${codes[i]}" ] || continue
    case ${judged[i]} in
    '') if was_killed "$i"; then failed+=("$i"); else judged[i]=next; fi ;;
    next)
      judged[i]=all
      is_draining || if [ "${codes[i]}" -ne 0 ]; then failed+=("$i"); else others+=("$i"); fi
      ;;
    esac
  done
  # Those that failed come first: those that ended in order only follow them.
  for i in ${failed[@]+"${failed[@]}"} ${others[@]+"${others[@]}"}; do
    judged[i]=all
    take_leave "$i"
  done
}

# Tells how a program ($1) ended before its time, of a branch only the first, and ends what has nobody to read from it.
take_leave() {
  local label=${branches[$1]:-${names[$1]}} severity=ERROR how
  ! is_told "$label" || return 0
  told+="<$label>"
  ending "$1"
  [ "${codes[$1]}" -ne 0 ] || severity=WARNING
  [ "$label" = "${names[$1]}" ] || how+=", and with it $label"
  if is_draining; then
    tell $severity "$how"
  elif [ -z "${branches[$1]}" ]; then
    tell $severity "$how"
    end_unread_source
  elif is_read; then
    tell $severity "$how; the other branches go on"
    end_writers_to "$1"
  else
    tell $severity "$how, so ${names[source_index]} ends too"
    end_writers_to "$1"
    end_unread_source
  fi
}

told=
is_told() { case $told in *"<$1>"*) ;; *) return 1 ;; esac; }

# How a program ($1) ended, into the caller's `how`. Why without a command substitution: see tell.
ending() {
  local name
  if [ "${codes[$1]}" -gt 128 ]; then
    kill -l $((${codes[$1]} - 128)) >"$work/signal"
    read -r name <"$work/signal"
    how="${names[$1]} was ended by SIG$name"
  else
    how="${names[$1]} ended with code ${codes[$1]}"
  fi
}

# A branch of which nothing has ended before its time still runs.
is_read() {
  local i
  for i in "${!pids[@]}"; do
    [ -z "${codes[i]}" ] && [ -n "${branches[i]}" ] && ! is_told "${branches[i]}" && return
  done
  return 1
}

# Ends what writes to a program ($1) in its branch; it might not notice for hours that nobody reads.
end_writers_to() {
  local i reader=${names[$1]}
  for i in "${!pids[@]}"; do
    [ "${branches[i]} ${nexts[i]}" = "${branches[$1]} $reader" ] || continue
    reader=${names[i]}
    excused[i]=1
    signal TERM "$i"
  done
}
end_unread_source() {
  excused[source_index]=1
  terminated=1
  end_source
}

# The first code that is not 0, in the order of the starts but with tee and the source last: when what reads fails,
# what writes only follows.
first_failure() {
  local i pass
  for pass in branches others; do
    for i in "${!pids[@]}"; do
      if [ -n "${branches[i]}" ]; then [ $pass = branches ]; else [ $pass = others ]; fi || continue
      case ${codes[i]}${excused[i]:+ excused} in 0 | 0\ * | '143 excused') ;; *) return "${codes[i]}" ;; esac
    done
  done
}

# A shell that lives until this one ends, or is killed: then nobody holds the other end of its pipe any more. In order,
# it finds nothing left to do; else it ends the source, gives the rest ten seconds to drain, and clears up.
guard() {
  mkfifo "$work/alive" || exit 73
  exec 5<>"$work/alive"
  exec 6>"$work/alive"
  exec 3<"$work/alive" 5>&-
  (
    trap '' INT TERM HUP
    exec 6>&- 9>&-
    read -r <&3
    kill -TERM "${pids[source_index]}" 2>/dev/null
    for ((i = 0; i < 50; i++)); do
      kill -0 "${pids[@]}" 2>/dev/null || break
      sleep 0.2
    done
    kill -KILL "${pids[@]}" 2>/dev/null
    rm -rf "$work"
  ) &
  guard_pid=$!
  exec 3<&-
}
guard_pid=
clear_up() {
  [ -z "$guard_pid" ] || { kill -KILL "$guard_pid"; wait "$guard_pid"; } 2>/dev/null
  [ -z "$work" ] || rm -rf "$work"
}
trap clear_up EXIT
