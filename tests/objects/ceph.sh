#!/usr/bin/env bash
# ceph.sh FOLDER: a Ceph monitor, an OSD in memory and a RADOS Gateway, alone on loopback. Prints the gateway's port once it serves;
# lives until standard input ends. FOLDER: new or empty; all that is written is below it. User utfall / not-to-be-told, bucket `bucket`.
# CEPH_ROOT: what ceph-fetch.sh laid.
set -euo pipefail
die() { echo "ceph.sh: $*" >&2; exit 1; }
[ $# = 1 ] || die "usage: CEPH_ROOT=ROOT ceph.sh FOLDER"
root=${CEPH_ROOT:+$(realpath "$CEPH_ROOT")}
lib=$root/usr/lib/x86_64-linux-gnu bin=$root/usr/bin
[ -x "$bin/radosgw" ] || die "no $bin/radosgw: run ceph-fetch.sh ROOT, then say CEPH_ROOT=ROOT"
mkdir -p "$1" && cd "$1" && dir=$PWD
[ -z "$(ls -A)" ] || die "$dir is not empty: give a new folder"
# Below the range that the kernel hands out by itself, so that no client takes one in between.
port() { while p=$((10000 + RANDOM % 20000)); (: < /dev/tcp/127.0.0.1/$p) 2> /dev/null; do :; done; echo $p; }
mon=$(port) gate=$(port) fsid=$(< /proc/sys/kernel/random/uuid) disk=$(< /proc/sys/kernel/random/uuid)
export CEPH_CONF=$dir/ceph.conf
# `crc`: radosgw asks for the secure mode by itself, which `none` cannot give. `hunt`: a daemon that found no monitor yet asks again after
# 3 s otherwise (`tick`: no OSD, 5 s). `propose`: each of the some 15 changes of the map at the start waits 1 s otherwise. `crit`: the
# monitor ends on a disk 95 % full otherwise. `cluster addr`: the OSD listens to other machines otherwise.
cat > ceph.conf << END
[global]
fsid = $fsid
mon host = v2:127.0.0.1:$mon
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
mon client hunt interval = 0.2
objecter tick interval = 0.2
paxos propose interval = 0.05
mon data avail crit = 0
mon cluster log to file = false
keyring = $dir/keyring
run dir = $dir
crash dir = $dir
admin socket =
log file = $dir/\$name.log
mon data = $dir/mon
osd data = $dir/osd
rgw data = $dir/rgw
plugin dir = $lib/ceph
erasure code dir = $lib/ceph/erasure-code
osd class dir = $lib/rados-classes
osd objectstore = memstore
memstore device bytes = 1073741824
osd pool default size = 1
osd pool default pg num = 8
osd pool default pg autoscale mode = off
rgw frontends = beast endpoint=127.0.0.1:$gate
END
# By its own loader: the unpacked binaries find the libraries beside them, and no others do.
with=(env); [ -z "$root" ] || with=("$lib/ld-linux-x86-64.so.2" --library-path "$lib:$lib/ceph")
pids=()
trap '[ ${#pids[@]} = 0 ] || kill -9 "${pids[@]}" 2> /dev/null || :' EXIT
trap 'exit 1' INT TERM HUP
failed() { tail -n 4 ./*.out ./*.log >&2; die "$1 failed: its last words are above, more is in $dir"; }
once() { timeout 30 "${with[@]}" "$bin/$1" "${@:2}" < /dev/null > "$1.out" 2>&1 || failed "$*"; }
# The kernel ends a daemon too when this script is ended the hard way.
daemon() { setpriv --pdeathsig KILL "${with[@]}" "$bin/$1" "${@:2}" < /dev/null > "$1.out" 2>&1 & pids+=($!); }
mkdir mon osd rgw && : > keyring
once monmaptool --create --fsid "$fsid" --addv a "[v2:127.0.0.1:$mon]" monmap
once ceph-mon --mkfs -i a --monmap monmap
daemon ceph-mon -f -i a
once ceph-osd --mkfs -i 0 --osd-uuid "$disk" # asks the monitor
daemon ceph-osd -f -i 0
once radosgw-admin user create --uid utfall --display-name utfall --access-key utfall --secret not-to-be-told
daemon radosgw -f -n client.admin
# The header: without it curl signs a hash of the body that the gateway does not expect.
for ((try = 0; ; try++)); do
  curl -sf -m 20 -X PUT --aws-sigv4 aws:amz:us-east-1:s3 -u utfall:not-to-be-told \
    -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' "http://127.0.0.1:$gate/bucket" > /dev/null && break
  kill -0 $! 2> /dev/null && [ $try -lt 300 ] || failed radosgw
  sleep 0.1
done
echo "$gate"
cat <&0 > /dev/null & pids+=($!) # behind, for `wait` heeds a signal at once
wait $!
