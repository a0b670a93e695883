#!/usr/bin/env bash
# `npm run bench`: bench/all.ts, which measures everything beside the C programs; or those benchmarks that are named: `npm run
# bench -- framer`. Options go to each of them: `npm run bench -- ctl --json`, `npm run bench -- sync --routes 100000 --against
# /usr/bin/ovn-ic`.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH:/usr/sbin:/sbin"
# Costs every start of Node 38 ms, and would be charged to us only.
unset NODE_EXTRA_CA_CERTS

scripts/setup.sh
node scripts/build.mjs --programs >&2
names=() options=()
# A word that names a benchmark is one; all others are options and their values.
for word in "$@"; do
  if [[ -f bench/$word.ts ]]; then
    names+=("$word")
  elif [[ ${#names[@]} -eq 0 && $word != -* && ${#options[@]} -eq 0 ]]; then
    echo "bench: there is no bench/$word.ts" >&2
    exit 1
  else
    options+=("$word")
  fi
done
if [[ ${#names[@]} -eq 0 ]]; then
  names=(all)
fi
for name in "${names[@]}"; do
  printf '== %s\n' "$name"
  node scripts/run-ts.mjs "bench/$name.ts" ${options[@]+"${options[@]}"}
done
