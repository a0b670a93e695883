#!/usr/bin/env bash
# `npm run demo`: two availability zones learn each other's routes. Arguments go to the demo (`npm run demo -- --keep`).
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH:/usr/sbin:/sbin"

scripts/setup.sh
node scripts/build.mjs --programs >&2
echo "demo: there is nothing to show yet" >&2
exit 1
