#!/bin/sh
# Brings the stack up: images if they are missing, containers, a wait for their health; then says where it can be reached.
#
#   deploy/up.sh [OVERLAY...]        e.g. deploy/up.sh tls observability: compose.tls.yaml, compose.observability.yaml
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need_engine

for service in $services; do
    have_image "$(image_of "$service")" || { "$deploy/images.sh"; break; }
done

files="-f $deploy/compose.yaml"
add() {
    [ -f "$deploy/compose.$1.yaml" ] || die "there is no overlay $1 (deploy/compose.$1.yaml)"
    files="$files -f $deploy/compose.$1.yaml"
}
has() { case " $files " in *" $deploy/compose.$1.yaml "*) ;; *) return 1 ;; esac; }

for overlay in "$@"; do add "$overlay"; done
# What real Jaeger is told; the trace store, which needs none of it, comes after.
if ! has local && ! has jaeger; then add jaeger; fi
if ! has local && ! have_or_pull "$(setting JAEGER_IMAGE)"; then
    say "$(setting JAEGER_IMAGE) can neither be found nor pulled: our own trace store takes its place (compose.local.yaml)"
    add local
fi
if [ -n "${PLEXUS_LLM_URL:-}" ] && ! has egress; then
    add egress
    case "$PLEXUS_LLM_URL" in
        *//127.0.0.1* | *//localhost*)
            PLEXUS_LLM_URL=$(echo "$PLEXUS_LLM_URL" | sed 's#//\(127\.0\.0\.1\|localhost\)#//host.docker.internal#')
            export PLEXUS_LLM_URL
            say "containers reach this machine as $PLEXUS_LLM_URL; on Linux the model server must listen beyond 127.0.0.1"
            ;;
    esac
fi
if has tls && [ ! -f "$deploy/certs/router/certificate.pem" ] && [ -z "${PLEXUS_CERTS:-}" ]; then "$deploy/secure.sh"; fi

# shellcheck disable=SC2086
compose $files up --detach --no-build --remove-orphans ${PLEXUS_SCALE:-} >&2
# shellcheck disable=SC2046
wait_healthy 120 $(containers) || die "not everything came up; 'make down' removes what there is"

bind=$(setting PLEXUS_BIND)
[ "$bind" != 0.0.0.0 ] || bind=127.0.0.1
at() { # SERVICE PORT: where a port can be reached, nothing where it cannot
    one=$(containers "$1" | head -n 1)
    [ -z "$one" ] || docker port "$one" "$2" 2>/dev/null | head -n 1 | sed "s/^0\.0\.0\.0:/$bind:/"
}
project=$(setting COMPOSE_PROJECT_NAME)
jaeger=http://$(at jaeger 16686)
echo
echo "Plexus is up."
echo "  router      $(at router 50051)"
echo "  traces      $jaeger"
for pair in grafana:3000 prometheus:9090; do
    where=$(at "${pair%:*}" "${pair#*:}")
    [ -z "$where" ] || printf '  %-11s http://%s\n' "${pair%:*}" "$where"
done
echo
echo "Ask it:"
if has tls; then
    echo "  see deploy/README.md, \"Encrypted, and for those only who have a key\""
else
    echo "  docker run --rm --network ${project}_mesh $(image_of plexus) ask --addr router:50051 --jaeger $jaeger --explain 'What is 15% of 240?'"
fi
