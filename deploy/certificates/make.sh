#!/bin/sh
# Makes an authority and a certificate for each server of docker-compose.tls.yml, and new
# certificates three months before the old ones end. The authority's key never leaves its volume.
set -eu
umask 077
YEARS_10=3650 YEARS_2=730 MONTHS_3=7776000

if [ ! -s /authority/ca.key ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days $YEARS_10 \
    -subj '/CN=Cliptally of this machine' -addext 'basicConstraints=critical,CA:TRUE' \
    -addext 'keyUsage=critical,keyCertSign,cRLSign' -keyout /authority/ca.key -out /authority/ca.crt
fi
cp /authority/ca.crt /ca/ca.crt && chmod 755 /ca && chmod 444 /ca/ca.crt

# certificate NAME OWNER: /NAME/tls.crt and tls.key, for the host NAME, readable by OWNER alone
certificate() {
  if openssl x509 -in "/$1/tls.crt" -noout -checkend $MONTHS_3 >/dev/null 2>&1 &&
    openssl verify -CAfile /ca/ca.crt "/$1/tls.crt" >/dev/null 2>&1; then return; fi
  printf 'subjectAltName=DNS:%s,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n' "$1" >/tmp/extensions
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" \
    -keyout /tmp/tls.key -out /tmp/tls.csr 2>/dev/null
  openssl x509 -req -in /tmp/tls.csr -CA /authority/ca.crt -CAkey /authority/ca.key -CAcreateserial \
    -CAserial /authority/ca.srl -days $YEARS_2 -sha256 -extfile /tmp/extensions -out "/$1/tls.crt" 2>/dev/null
  cat /tmp/tls.key >"/$1/tls.key" && rm /tmp/tls.key
  chmod 755 "/$1" && chmod 444 "/$1/tls.crt" && chmod 400 "/$1/tls.key" && chown "$2" "/$1/tls.key"
  echo "A new certificate for $1, good for two years: restart $1 if it runs."
}
certificate postgres postgres
certificate nats 0
certificate kurrentdb 1000
