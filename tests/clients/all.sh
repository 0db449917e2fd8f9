#!/usr/bin/env bash
# Publishes the demonstration and reads it with the programs of its readers, from their registries: one line per program and kind of file.
#
#   tests/clients/all.sh PROGRAM FOLDER
#
# PROGRAM is utfall, FOLDER where programs and pages are kept. What cannot be had here is skipped, and said; with UTFALL_CLIENTS=all it is an
# error. Exits 1 if any program reads another number than was published, or refuses what it is given.
set -uo pipefail

program="$(realpath "$1")"
here="$(cd "$(dirname "$0")" && pwd)"
mkdir -p "$2"
folder="$(cd "$2" && pwd)"
failed=0

# What is not here is skipped, unless all of it is asked for.
lacking() {
  echo "skipped: $1"
  if [ "${UTFALL_CLIENTS:-}" = all ]; then failed=1; fi
}

# Runs a check and tells how it ended.
try() {
  echo "== $1"
  shift
  "$@" || failed=1
}

python="$folder/python/bin/python"
if ! cmp -s "$here/requirements.txt" "$folder/requirements.txt"; then
  if python3 -m venv "$folder/python" && "$python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"; then
    cp "$here/requirements.txt" "$folder/"
  fi
fi
export UTFALL_NODE_MODULES="$folder/node_modules"
if ! cmp -s "$here/package.json" "$folder/package.json.installed"; then
  cp "$here/package.json" "$folder/"
  if command -v npm > /dev/null && (cd "$folder" && npm install --silent --no-audit --no-fund); then
    cp "$here/package.json" "$folder/package.json.installed"
  fi
fi

# The demonstration, with a ledger of its own each time.
rm -rf "$folder/place"
mkdir -p "$folder/place"
export UTFALL_CONFIG='' UTFALL_DATA="$folder/place/data" UTFALL_KEYS="$folder/place/keys" UTFALL_OUT="$folder/place/out"
UTFALL_HOME="$(cd "$here/../.." && pwd)"
export UTFALL_HOME
out="$UTFALL_OUT"
"$program" demo "$folder/place/lists" > /dev/null || exit 1
"$program" init --epsilon 15 --delta 1e-5 --demonstration > /dev/null || exit 1
"$program" run --inbox "$folder/place/lists" > /dev/null || exit 1

# Every file is as it was published.
for release in "$out"/*/; do
  (cd "$release" && sha256sum --quiet --check SHA256SUMS) || failed=1
done

if cmp -s "$here/requirements.txt" "$folder/requirements.txt"; then
  releases=("$out"/*/)
  try "files" "$python" "$here/files.py" "${releases[@]}"
  for release in "${releases[@]}"; do
    try "tables of $(basename "$release")" "$python" "$here/tables.py" "$release"
  done
  try "catalogue" "$python" "$here/catalogue.py" "$out"
  port=$((20000 + RANDOM % 20000))
  "$program" serve --address "127.0.0.1:$port" --base "http://127.0.0.1:$port/" --calls 1000000 > "$folder/serve.log" 2>&1 &
  server=$!
  for _ in $(seq 50); do
    if (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then break; fi
    sleep 0.2
  done
  try "interface" "$python" "$here/api.py" "http://127.0.0.1:$port/api/v2" "$out"
  kill "$server" 2> /dev/null
  wait "$server" 2> /dev/null
else
  lacking "the programs of requirements.txt could not be installed; files, tables, catalogue and interface were not read"
fi

if cmp -s "$here/package.json" "$folder/package.json.installed" && [ -x "${UTFALL_CHROMIUM:-/usr/bin/chromium}" ] && command -v java > /dev/null; then
  try "pages" node "$here/pages.mjs" "$out"
else
  lacking "Node with the programs of package.json, Chromium and Java are needed; pages were not read"
fi
exit "$failed"
