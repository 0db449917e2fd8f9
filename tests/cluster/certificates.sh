#!/usr/bin/env bash
# An authority for the machines of a cluster, and a certificate for each of them: certificates.sh FOLDER NAME=ADDRESS ...
# ADDRESS is what the others call the machine: a DNS name or an IP number. Each machine gets ca.pem, NAME.pem and NAME.key, and no
# other key; ca.key stays with whoever adds machines.
set -eu
folder=$1; shift
mkdir -p "$folder"; cd "$folder"; umask 077
new=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
test -e ca.key || openssl req -x509 "${new[@]}" -keyout ca.key -out ca.pem -days 3650 -subj "/CN=utfall cluster" \
  -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign"
for machine in "$@"; do
  name=${machine%%=*}; address=${machine#*=}
  kind=DNS; [[ $address =~ ^[0-9.]+$|: ]] && kind=IP
  openssl req "${new[@]}" -keyout "$name.key" -out "$name.csr" -subj "/CN=$name"
  openssl x509 -req -in "$name.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -out "$name.pem" -days 825 \
    -extfile <(printf 'subjectAltName=%s:%s\nextendedKeyUsage=serverAuth,clientAuth\nbasicConstraints=CA:FALSE\n' "$kind" "$address")
  rm "$name.csr"
done
