#!/usr/bin/env bash
# Sets up whatever the checks need, then runs every one of them: types, lint, import directions, shell scripts,
# dead code and the tests. On Debian, as root or with sudo, it installs what is missing; elsewhere it says what is.
set -eu
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=()
has() { command -v "$1" >/dev/null 2>&1; }
has redis-server || packages+=(redis-server)
has shellcheck || packages+=(shellcheck)
has jq || packages+=(jq)
has tmux || packages+=(tmux)
has chromium || has chromium-browser || has google-chrome || [ -n "${RSVPULSE_CHROMIUM-}" ] || packages+=(chromium)
has flock || packages+=(util-linux)

if [ ${#packages[@]} -gt 0 ]; then
  sudo=()
  [ "$(id -u)" -eq 0 ] || sudo=(sudo -n)
  if ! has apt-get || { [ "$(id -u)" -ne 0 ] && ! { has sudo && sudo -n true 2>/dev/null; }; }; then
    printf 'test: missing: %s; install them and run this again\n' "${packages[*]}" >&2
    exit 69
  fi
  export DEBIAN_FRONTEND=noninteractive
  ${sudo[@]+"${sudo[@]}"} apt-get update -qq >&2
  ${sudo[@]+"${sudo[@]}"} apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

scripts/setup.sh
npm run --silent check
