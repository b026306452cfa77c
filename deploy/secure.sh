#!/bin/sh
# What compose.tls.yaml mounts: an authority for development, a certificate for each service (deploy/certs/SERVICE), one for
# callers (deploy/certs/client), and a first API key, which is shown once (deploy/keys). Again: all certificates anew, of a
# new authority; the keys stay.
#
#   deploy/secure.sh
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need_engine
cli=$(image_of plexus)
have_image "$cli" || "$deploy/images.sh" plexus

folder() { # A setting's folder; relative ones lie here.
    case "$(setting "$1")" in /*) setting "$1" ;; *) echo "$deploy/$(setting "$1")" ;; esac
}
certs=$(folder PLEXUS_CERTS) keys=$(folder PLEXUS_KEYS)
fresh=$certs/.new
rm -rf "$fresh"
mkdir -p "$fresh" "$keys"
# Written by the user of the services, who alone can read keys; the folders are ours, so that they can be removed.
chmod 1777 "$fresh" "$keys"
run() { docker run --rm --user 65532:65532 --read-only --cap-drop ALL --network none "$@"; }

run --volume "$fresh:/certs" "$cli" certs --out /certs >&2
chmod 0755 "$fresh"
for service in router code math reasoning language validator-math validator-code validator-confidence client; do
    file=$service
    [ -f "$fresh/$file.pem" ] || file=${service%%-*}
    [ -f "$fresh/$file.pem" ] || die "'plexus certs' made no certificate for $service"
    mkdir -p "$certs/$service"
    # Key and certificate change together for who looks at both; cp keeps the validators' shared one for the next.
    cp -p "$fresh/ca.pem" "$certs/$service/.ca.pem"
    cp -p "$fresh/$file.pem" "$certs/$service/.certificate.pem"
    cp -p "$fresh/$file.key" "$certs/$service/.key.pem"
    for part in key ca certificate; do mv "$certs/$service/.$part.pem" "$certs/$service/$part.pem"; done
done
rm -rf "$fresh"

if [ ! -f "$keys/keys" ]; then
    say "a key for callers, shown this once:"
    run --volume "$keys:/keys" "$cli" keys add first --scope ask --file /keys/keys
fi
chmod 0755 "$keys"
say "certificates are in $certs"
