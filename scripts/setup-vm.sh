#!/usr/bin/env bash
# From a bare Debian 12 machine to a running collector. Run as root; safe to run again: what is there is left as it is.
#
#   sudo scripts/setup-vm.sh [options] [-- options of bin/collect]
#
#     --dry-run        print what would be done, and do nothing
#     --from SOURCE    where the code comes from: an address or a folder (default: the checkout that this script is in)
#     --systemd        run it as a service that comes back after a reboot, instead of in a tmux session
#     --redis          install redis-server too
#     --restart        start the collector anew, with the code that is there now
#     --node MAJOR     which Node.js to install where 20.19 or later is missing (default: 22)
#     --node-dist URL  where Node.js comes from (default: https://nodejs.org/dist)
#
# It installs git, tmux and Node.js, makes the users `rsvpulse` and `rsvpulse-build` that may do nothing, and puts the code
# into /opt/rsvpulse, which is root's. It is built in a copy as rsvpulse-build, for packages run scripts of their own; what
# came of that is taken over. The collector runs as rsvpulse in /var/lib/rsvpulse, with
# /etc/rsvpulse/rsvpulse.config.json and the secrets of /etc/rsvpulse/secrets.env, which are made once and then yours.
# It is in a tmux session `meetup`: sudo -u rsvpulse tmux attach -t meetup. Code is brought up to date where it came from
# a Git repository; a collector that runs goes on with the old one until --restart.
set -euo pipefail

user=rsvpulse
builder=rsvpulse-build
code=/opt/rsvpulse
build=/opt/rsvpulse.build
home=/var/lib/rsvpulse
settings=/etc/rsvpulse
session=meetup
unit=rsvpulse-collect.service

dry=
from=
systemd=
redis=
restart=
work=
node_major=22
node_dist=https://nodejs.org/dist
collect=()

main() {
  read_options "$@"
  [ -n "$dry" ] || [ "$(id -u)" -eq 0 ] || fail 77 "it needs root: run it with sudo, or with --dry-run"
  [ -n "$dry" ] || command -v apt-get >/dev/null || fail 69 "it is for Debian 12 and its like; apt-get is missing"
  # Whatever root's own says: the collector must be able to read the code, and only root to change it.
  umask 022
  trap clean_up EXIT
  install_packages
  install_node
  make_users
  install_code
  make_settings
  if [ -n "$systemd" ]; then start_service; else start_session; fi
}

say() { printf 'setup-vm: %s\n' "$*" >&2; }
fail() {
  local code=$1
  shift
  say "$*"
  exit "$code"
}
help() { sed -n '2,/^set -e/{/^set -e/d;s/^# \{0,1\}//;p;}' "$0"; }

# Runs a command, or prints it.
act() {
  if [ -z "$dry" ]; then "$@"; else printf '%q ' "$@" | sed 's/ $/\n/'; fi
}
# The same as another user, in a folder. Without what names root's tmux, which another user's must not be sought by.
act_as() { act runuser -u "$1" -- env -u TMUX -u TMUX_PANE -u TMUX_TMPDIR -C "$2" "HOME=$2" SHELL=/bin/bash "${@:3}"; }
act_as_user() { act_as "$user" "$home" "$@"; }

# shellcheck disable=SC2317 # the trap calls it
clean_up() {
  [ -z "$work" ] || rm -rf "$work"
  [ -n "$dry" ] || [ "$(id -u)" -ne 0 ] || rm -rf "$build"
}

read_options() {
  while [ $# -gt 0 ]; do
    case $1 in
    -h | --help)
      help
      exit 0
      ;;
    --dry-run) dry=yes ;;
    --systemd) systemd=yes ;;
    --redis) redis=yes ;;
    --restart) restart=yes ;;
    --from | --node | --node-dist)
      [ $# -ge 2 ] || fail 64 "$1: expected a value"
      case $1 in
      --from) from=$2 ;;
      --node) node_major=$2 ;;
      --node-dist) node_dist=${2%/} ;;
      esac
      shift
      ;;
    --)
      shift
      collect=("$@")
      break
      ;;
    *) fail 64 "unknown option $1; --help lists them" ;;
    esac
    shift
  done
  [[ $node_major =~ ^[0-9]+$ ]] || fail 64 "--node: expected a number such as 22, got $node_major"
  [ -n "$from" ] || from=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
  [ -n "$systemd" ] || [ -z "$(service_state)" ] || fail 64 "the service $unit is there: use --systemd, or disable it"
  [ -z "$systemd" ] || [ ${#collect[@]} -eq 0 ] || fail 64 "with --systemd its settings come from the config file alone"
}

install_packages() {
  local package missing=() wanted=(ca-certificates curl xz-utils git tmux)
  [ -z "$redis" ] || wanted+=(redis-server)
  for package in "${wanted[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  act apt-get update -qq
  act env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

node_is_new_enough() {
  command -v node >/dev/null && command -v npm >/dev/null &&
    node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'
}

# Debian 12 has Node.js 18. The official archive is checked against the checksums published beside it.
install_node() {
  local machine list=latest-v$node_major.x/SHASUMS256.txt name folder
  ! node_is_new_enough || return 0
  case $(uname -m) in
  x86_64) machine=x64 ;;
  aarch64) machine=arm64 ;;
  *) fail 69 "there is no Node.js of nodejs.org for $(uname -m)" ;;
  esac
  say "installing Node.js $node_major from $node_dist"
  if [ -n "$dry" ]; then
    printf '# the newest node-v%s.*-linux-%s.tar.xz that %s/%s names, checked, into /opt; links in /usr/local/bin\n' \
      "$node_major" "$machine" "$node_dist" "$list"
    return 0
  fi
  work=$(mktemp -d)
  fetch "$node_dist/$list" "$work/SHASUMS256.txt"
  name=$(grep -oE "node-v$node_major\.[0-9.]+-linux-$machine\.tar\.xz$" "$work/SHASUMS256.txt" | head -n 1) ||
    fail 69 "$node_dist/$list names no Node.js $node_major for linux-$machine"
  folder=${name%.tar.xz}
  fetch "$node_dist/latest-v$node_major.x/$name" "$work/$name"
  (cd "$work" && grep -F "  $name" SHASUMS256.txt | sha256sum --check --status) ||
    fail 69 "$name is not what its checksum says; nothing was installed"
  rm -rf "/opt/$folder.new"
  mkdir "/opt/$folder.new"
  tar -xJf "$work/$name" -C "/opt/$folder.new" --strip-components=1 --no-same-owner
  rm -rf "/opt/${folder:?}"
  mv "/opt/$folder.new" "/opt/$folder"
  for name in node npm npx; do ln -sfn "/opt/$folder/bin/$name" "/usr/local/bin/$name"; done
  hash -r
  node_is_new_enough || fail 69 "Node.js $node_major is not enough: 20.19 or later is needed"
}
fetch() { curl -fsSL --proto '=https,http,file' --retry 3 -o "$2" "$1" || fail 69 "$1 cannot be fetched"; }

make_users() {
  make_user "$user" "$home"
  make_user "$builder" "$build"
  [ -d "$home" ] || act install -d -o "$user" -g "$user" -m 0700 "$home"
}
make_user() {
  getent passwd "$1" >/dev/null ||
    act useradd --system --user-group --home-dir "$2" --no-create-home --shell /usr/sbin/nologin "$1"
}

# Root's at all times, the repository first of all: its hooks and settings are run by root's git.
install_code() {
  if [ -d "$code/.git" ]; then
    own_code
    act git -C "$code" pull --quiet --ff-only || fail 69 "$code cannot be brought up to date: see what git says above"
  elif [ "$from" -ef "$code" ]; then
    say "building what is in $code"
  elif [ -d "$from" ] && [ ! -e "$from/.git" ]; then
    act install -d "$code"
    act cp -a "$from/." "$code/"
  elif [ -e "$code" ]; then
    fail 73 "$code is there and is no Git repository; move it away"
  else
    # Links to the files of another repository would change owners with them.
    act git clone --quiet --no-hardlinks "$from" "$code"
  fi
  own_code
  build_code
}

# Nobody but root can change it, whatever modes it came with; only root sees the repository, whose address may hold a key.
own_code() {
  act chown -Rh root:root "$code"
  act chmod -R a+rX,go-w "$code"
  [ ! -d "$code/.git" ] || act chmod 0700 "$code/.git"
}

# What is built passes through two pipes, so that root works in no folder that the builder could change meanwhile.
build_code() {
  local name new=$code/.new
  act rm -rf "$build" "$new"
  act install -d -o "$builder" -g "$builder" -m 0700 "$build" "$build/code"
  # shellcheck disable=SC2016 # they are for the shell that is started
  act bash -o pipefail -c 'tar -C "$1" --exclude=./.git -cf - . | runuser -u "$3" -- tar -C "$2" -xf -' - \
    "$code" "$build/code" "$builder"
  act_as "$builder" "$build" "$build/code/scripts/setup.sh"
  act install -d -m 0700 "$new"
  # shellcheck disable=SC2016 # they are for the shell that is started
  act bash -o pipefail -c 'runuser -u "$3" -- tar -C "$1" -cf - node_modules dist | tar -C "$2" --no-same-owner -xf -' - \
    "$build/code" "$new" "$builder"
  act chmod -R ug-s,a+rX,go-w "$new"
  for name in node_modules dist; do
    act rm -rf "$code/$name"
    act mv "$new/$name" "$code/$name"
  done
  act rm -rf "$new" "$build"
}

make_settings() {
  [ -d "$settings" ] || act install -d -o root -g "$user" -m 0750 "$settings"
  if [ ! -e "$settings/secrets.env" ]; then
    act install -o root -g "$user" -m 0640 /dev/null "$settings/secrets.env"
    [ -n "$dry" ] || secrets_example >"$settings/secrets.env"
  fi
  [ -e "$settings/rsvpulse.config.json" ] || act install -o root -g "$user" -m 0640 \
    "$code/rsvpulse.config.example.json" "$settings/rsvpulse.config.json"
  # Tools that are started by hand look for it where they run.
  [ -e "$home/rsvpulse.config.json" ] || act ln -sfn "$settings/rsvpulse.config.json" "$home/rsvpulse.config.json"
}
secrets_example() {
  printf '%s\n' '# Secrets of the collector, NAME=value; its user can read them, and nobody else but root.' \
    '#SLACK_WEBHOOK_URL=' '#MEETUP_API_KEY='
}

start_session() {
  local state
  state=$(session_state)
  if [ "$state" = running ] && [ -z "$restart" ]; then
    say "the collector runs already: sudo -u $user tmux attach -t $session; --restart starts it anew"
    return 0
  fi
  [ "$state" != running ] || end_collector
  [ -z "$state" ] || act_as_user tmux kill-session -t "=$session"
  # Set before it begins, so that whoever looks in sees how it ended, however soon.
  act_as_user tmux start-server ';' set-option -g remain-on-exit on ';' \
    new-session -d -s "$session" -c "$home" "$(session_command)"
  [ -z "$dry" ] || return 0
  check_session
  say "the collector runs: sudo -u $user tmux attach -t $session; settings and secrets are in $settings"
}

# For the shell that tmux starts.
session_command() {
  printf 'set -a; . %q; set +a; exec %q --config %q' "$settings/secrets.env" \
    "$code/bin/collect" "$settings/rsvpulse.config.json"
  [ ${#collect[@]} -eq 0 ] || printf ' %q' "${collect[@]}"
}

# What is in flight is finished first; then it is ended all the same.
end_collector() {
  local tries=30
  act_as_user tmux send-keys -t "=$session:" C-c
  [ -z "$dry" ] || return 0
  while [ "$(session_state)" = running ] && [ $((tries -= 1)) -gt 0 ]; do sleep 1; done
}

# What is wrong with its settings ends it at once.
check_session() {
  sleep 3
  [ "$(session_state)" != running ] || return 0
  act_as_user tmux capture-pane -p -S - -t "=$session:" | sed '/^ *$/d' >&2
  fail 70 "the collector ended at once: mend what it says above and run this again"
}

# running, ended, or nothing where there is no session.
session_state() {
  local dead
  { command -v tmux && getent passwd "$user" && command -v runuser; } >/dev/null || return 0
  [ "$(id -u)" -eq 0 ] || return 0
  dead=$(runuser -u "$user" -- env -u TMUX -u TMUX_PANE -u TMUX_TMPDIR tmux list-panes -t "=$session" -F '#{pane_dead}' 2>/dev/null) || return 0
  case $dead in *0*) echo running ;; *) echo ended ;; esac
}

service_state() { [ ! -e "/etc/systemd/system/$unit" ] || echo installed; }

start_service() {
  [ -z "$(session_state)" ] || fail 64 "a tmux session $session of $user is there: end it first, for two would collect the same"
  act install -m 0644 "$code/examples/$unit" "/etc/systemd/system/$unit"
  act sed -i "s#^ExecStart=[^ ]*#ExecStart=$(command -v node || echo /usr/local/bin/node)#" "/etc/systemd/system/$unit"
  act systemctl daemon-reload
  act systemctl enable --now "$unit"
  [ -z "$restart" ] || act systemctl restart "$unit"
  [ -n "$dry" ] || say "the collector runs: systemctl status $unit; settings and secrets are in $settings"
}

main "$@"
exit
