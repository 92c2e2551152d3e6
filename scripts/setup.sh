#!/usr/bin/env bash
# Installs the packages into the checkout and builds the executables. Safe to run again; does only what is due.
set -eu
cd "$(dirname "${BASH_SOURCE[0]}")/.."

need() { printf 'setup: %s\n' "$1" >&2; exit 69; }
command -v node >/dev/null 2>&1 || need "Node.js 20.19 or later is needed"
command -v npm >/dev/null 2>&1 || need "npm is needed; it comes with Node.js"
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
  need "Node.js 20.19 or later is needed, this is $(node --version)"

# The lock file that was installed last stands beside the packages.
if ! cmp -s package-lock.json node_modules/.rsvpulse-lock.json; then
  printf 'setup: installing the packages\n' >&2
  # Not npm ci: it refuses a lock file in which another platform's optional binary could not be resolved.
  npm install --no-save --no-audit --no-fund --loglevel=error >&2
  cp package-lock.json node_modules/.rsvpulse-lock.json
fi
if [ ! -d dist ] || [ -n "$(find src scripts/build.mjs package.json -newer dist -print -quit)" ]; then
  node scripts/build.mjs
fi
