#!/bin/sh
# What compose.tls.yaml mounts: certificates of an authority for development, a folder for each service and one for callers
# (deploy/certs/client), and a first API key, which is shown once (deploy/keys/keys.toml keeps its hash).
# Run it again for new certificates of the same authority; services that are up take them within seconds.
#
#   deploy/secure.sh [HOST...]         names by which callers know the router (default: localhost, 127.0.0.1)
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
run() { docker run --rm --user "$(id -u):$(id -g)" --read-only --cap-drop ALL --network none "$@"; }

# Services run as another user, who must be able to read their keys; nobody else on this machine gets past this folder.
mkdir -p "$certs/authority" "$keys"
chmod 0700 "$certs"
chmod 0755 "$keys"
hosts=
for host in "$@"; do hosts="$hosts --host $host"; done
# shellcheck disable=SC2086
run --volume "$certs/authority:/certs" "$cli" certs --out /certs --shared $hosts >&2

for service in router code math reasoning language validator-math validator-code validator-confidence client; do
    mkdir -p "$certs/$service"
    # The certificate last: who looks in between finds a key that does not fit, and waits.
    for pair in ca.pem=ca.pem "$service.key=key.pem" "$service.pem=certificate.pem"; do
        cp "$certs/authority/${pair%=*}" "$certs/$service/.new"
        chmod 0644 "$certs/$service/.new"
        mv "$certs/$service/.new" "$certs/$service/${pair#*=}"
    done
done
say "certificates are in $certs"

if [ ! -f "$keys/keys.toml" ]; then
    say "a key for callers:"
    run --volume "$keys:/keys" "$cli" keys add first --scope ask,status --file /keys/keys.toml
fi
