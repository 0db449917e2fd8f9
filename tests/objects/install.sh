#!/usr/bin/env bash
# Installs the test servers into a folder, once, by the ordinary clients of their registries: Ceph's gateway, which speaks S3, from
# Debian's packages; moto, which speaks it too and can be told to fail, from PyPI; Azurite, which speaks as Azure does, from npm. Where
# one cannot be had that is said, and the tests that need it say so too.
set -uo pipefail
folder="$1"
mkdir -p "$folder"
if ! "$folder/python/bin/python" -c 'import moto.server' 2> /dev/null; then
  rm -rf "$folder/python"
  if ! { python3 -m venv "$folder/python" && "$folder/python/bin/pip" install --quiet 'moto[server,s3]==5.2.5'; }; then
    rm -rf "$folder/python"
    echo "no S3 server for tests could be installed (Python 3 with venv, and moto from PyPI): what needs it will not be tried"
  fi
fi
if ! test -x "$folder/ceph/usr/bin/radosgw"; then
  rm -rf "$folder/ceph" "$folder/ceph.part"
  if command -v apt-get > /dev/null && "$(dirname "$0")/ceph-fetch.sh" "$folder/ceph.part"; then
    mv "$folder/ceph.part" "$folder/ceph"
  else
    rm -rf "$folder/ceph.part"
    echo "no Ceph could be unpacked (apt-get, and Debian's packages): what needs it will not be tried"
  fi
fi
if ! test -e "$folder/node_modules/azurite/dist/src/blob/main.js"; then
  if ! npm install --prefix "$folder" --silent --no-audit --no-fund azurite@3.35.0; then
    rm -rf "$folder/node_modules"
    echo "no Azure server for tests could be installed (npm, and azurite from there): what needs it will not be tried"
  fi
fi
