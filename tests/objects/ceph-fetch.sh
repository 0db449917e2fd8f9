#!/usr/bin/env bash
# ceph-fetch.sh ROOT: Debian testing's Ceph 20 for ceph.sh, unpacked below ROOT (new or empty) and not installed: nothing of it runs by
# itself, and the machine's own libraries stay as they are. Debian 12's own Ceph, 16.2, refuses each If-Match on a PUT that has its
# quotes (ceph/ceph#63348).
set -euo pipefail
mkdir -p "$1" && cd "$1" && mkdir -p apt/lists/partial apt/cache/archives/partial debs
echo 'deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian forky main' > apt/list
: > apt/status # nothing is there: so all that is needed is listed, with its own C library
apt=(apt-get -qq -o "Dir::Etc::SourceList=$PWD/apt/list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$PWD/apt/lists"
  -o "Dir::State::status=$PWD/apt/status" -o "Dir::Cache=$PWD/apt/cache" -o APT::Sandbox::User=root
  -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false -o Acquire::Languages=none)
"${apt[@]}" update
# Of the ~200 packages only the daemons and the libraries: no Python, no systemd, no disk tools.
"${apt[@]}" install -s --no-install-recommends ceph-mon ceph-osd radosgw |
  awk '/^Inst/ && $2 ~ /^(lib.*|zlib1g|ceph-(mon|osd|base|common)|radosgw)$/ { print $2 }' > apt/names
(cd debs && "${apt[@]}" download $(< ../apt/names))
for deb in debs/*.deb; do
  dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink --exclude=./usr/share --exclude=./usr/sbin --exclude=./etc --exclude=./var
done
rm -rf apt debs
lib="$PWD/usr/lib/x86_64-linux-gnu"
"$lib/ld-linux-x86-64.so.2" --library-path "$lib:$lib/ceph" usr/bin/radosgw --version
