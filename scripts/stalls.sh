# shellcheck shell=bash
# shellcheck disable=SC2154 # pipeline.sh assigns them
# The third part of pipeline.sh: who holds the others up.

# How long a program may leave alone what waits in its pipe before it is named, and how often that is looked at, s.
# Where there is no /proc, only a program that was stopped (SIGSTOP) is seen, and a look costs a process.
STALL_SECONDS=10
look_seconds=1
[ -r /proc/self/io ] || look_seconds=5

reads=() # how much each program had read at the last look, bytes
idle=()  # for how long it has left its input alone, s; 0: it has not
named=() # not empty while the person knows

look_for_stalls() {
  local i
  for i in "${!pids[@]}"; do
    if [ -n "${codes[i]}" ] || [ "$i" -eq "$source_index" ]; then
      continue
    elif ! is_idle "$i"; then
      idle[i]=0
      [ -z "${named[i]-}" ] || say "${names[i]} reads again"
      named[i]=
    elif [ "${idle[i]-0}" -eq 0 ] || waits_for_next "$i"; then
      idle[i]=1
    else
      idle[i]=$((idle[i] + look_seconds))
      if [ "${idle[i]}" -le $STALL_SECONDS ] || [ -n "${named[i]-}" ]; then continue; fi
      named[i]=yes
      tell WARNING "${names[i]} has not read for $STALL_SECONDS s; the others wait for it"
    fi
  done
}

# It has read nothing since the last look, though something waits in its pipe. The pipe is open for no longer than the
# look takes: else a writer would not learn that its reader has gone.
is_idle() {
  local count before=${reads[$1]-}
  if [ "$look_seconds" -gt 1 ]; then
    case $(ps -o stat= -p "${pids[$1]}") in T* | t*) return ;; *) return 1 ;; esac
  fi
  { read -r _ count <"/proc/${pids[$1]}/io"; } 2>/dev/null || return
  reads[$1]=$count
  [ "$count" = "$before" ] && read -r -t 0 <>"$work/${names[$1]}"
}

# One that waits for whoever reads what it writes is not the one to name.
waits_for_next() {
  local i
  for i in "${!pids[@]}"; do
    case " ${nexts[$1]} " in
    *" ${names[i]} "*) [ -n "${codes[i]}" ] || [ "${idle[i]-0}" -eq 0 ] || return 0 ;;
    esac
  done
  return 1
}
