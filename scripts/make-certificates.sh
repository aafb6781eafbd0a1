#!/bin/sh
# Makes the certificates that the tests show and trust, in test/origin/certificates. Run it only to replace them all.
set -eu
cd "$(dirname "$0")/../test/origin/certificates"

years=36500
names='subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1'

new_key() {
  openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1-key.pem"
}

# issue NAME SUBJECT EXTENSIONS [further options of openssl x509]
issue() {
  name=$1 subject=$2 extensions=$3
  shift 3
  new_key "$name"
  printf '%s\n' "$extensions" >extensions.txt
  openssl req -new -key "$name-key.pem" -subj "$subject" -out request.pem
  openssl x509 -req -in request.pem -CA authority.pem -CAkey authority-key.pem -CAcreateserial \
    -extfile extensions.txt -out "$name.pem" "$@"
  rm request.pem extensions.txt
}

new_key authority
openssl req -x509 -new -key authority-key.pem -subj '/CN=ferry test authority' -days "$years" -out authority.pem

issue good '/CN=localhost' "$names" -days "$years"
issue wrong-name '/CN=elsewhere.invalid' 'subjectAltName=DNS:elsewhere.invalid' -days "$years"
issue client '/CN=ferry test client' 'extendedKeyUsage=clientAuth' -days "$years"
openssl pkcs12 -export -in client.pem -inkey client-key.pem -passout 'pass:open sesame' -out client.p12

# openssl x509 cannot set a past period before version 3.4; openssl ca can.
new_key expired
mkdir ledger
: >ledger/index
printf '[ca]\ndefault_ca=test\n[test]\ndatabase=ledger/index\nnew_certs_dir=ledger\nrand_serial=yes\n' >ledger/ca.conf
printf 'default_md=sha256\npolicy=any\nx509_extensions=san\n[any]\ncommonName=supplied\n[san]\n%s\n' "$names" >>ledger/ca.conf
openssl req -new -key expired-key.pem -subj '/CN=localhost' -out ledger/request.pem
openssl ca -batch -config ledger/ca.conf -cert authority.pem -keyfile authority-key.pem -notext \
  -startdate 20200101000000Z -enddate 20200201000000Z -in ledger/request.pem -out expired.pem

new_key unknown-authority
openssl req -x509 -new -key unknown-authority-key.pem -subj '/CN=localhost' -addext "$names" -days "$years" \
  -out unknown-authority.pem

rm -r ledger authority.srl authority-key.pem
