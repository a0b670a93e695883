#!/usr/bin/env bash
# `npm run docs`: API documentation of ovsdb-client-ts, from its doc comments, as HTML in docs/api.
#
# typedoc reads TypeScript through the compiler's JavaScript interface, which TypeScript 7 no longer has; so it has a
# compiler of its own in tools/docs, installed when it is first needed.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh --npm
installed=tools/docs/node_modules/.package-lock.json
if [[ ! -e $installed || tools/docs/package-lock.json -nt $installed ]]; then
  npm ci --prefix tools/docs --no-audit --no-fund --loglevel=error >&2
  touch "$installed"
fi
rm -rf docs/api
cd packages/ovsdb-client-ts
node ../../tools/docs/node_modules/typedoc/bin/typedoc "$@"
