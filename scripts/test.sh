#!/usr/bin/env bash
# `npm test`: set-up if needed, lint, types, import rules, width of comments, dead code, build, tests.
# Arguments go to vitest, and limit the tests only: `npm test -- packages/ovsdb-client-ts`. The last line counts:
# `N passed, N failed`. The exit status is 0 only if every step succeeded.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH:/usr/sbin:/sbin"

report=$(mktemp)
step=set-up
# Whatever ends this script, its last line is the count; a step that failed before the tests ran counts as one failure.
finish() {
  local status=$?
  if [[ -s $report ]]; then
    node scripts/count-tests.mjs "$report" "$status"
  else
    printf 'npm test: %s failed\n0 passed, 1 failed\n' "$step"
  fi
  rm -f "$report"
}
trap finish EXIT

begin() {
  step=$1
  printf '== %s\n' "$step"
}

scripts/setup.sh
begin lint
biome ci --colors=off .
begin types
tsc -p .
tsc -p packages/ovsdb-client-ts --noEmit
begin "import rules"
node scripts/check-imports.mjs
begin "width of comments"
node scripts/check-comments.mjs
begin "dead code"
knip --no-progress
begin build
node scripts/build.mjs
begin tests
vitest run --reporter=default --reporter=json --outputFile.json="$report" "$@"
