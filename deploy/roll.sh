#!/bin/sh
# Replaces the containers of services by new ones, one service after the other, without losing a request.
#
#   deploy/roll.sh [SERVICE...]      default: all of ours
#
# The new ones come first, are healthy and known to their callers; only then the old ones drain. What is published has
# its port for itself: the router drains, then its successor begins; callers that wait for a connection (a setting of any
# gRPC client) notice a pause.
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need_engine

[ $# -gt 0 ] || set -- validator-math validator-code validator-confidence code math language reasoning router
files=$(stack_files)

for service in "$@"; do
    old=$(containers "$service")
    [ -n "$old" ] || die "there is no container of $service"
    began=$(date +%s)
    if [ "$service" = router ] || [ "$service" = jaeger ]; then
        # shellcheck disable=SC2086
        compose $files up --detach --no-build --no-deps --force-recreate "$service" >&2
        # shellcheck disable=SC2046
        wait_healthy 60 $(containers "$service")
    else
        count=$(echo "$old" | wc -l)
        # shellcheck disable=SC2086
        compose $files up --detach --no-build --no-deps --no-recreate --scale "$service=$((count * 2))" "$service" >&2
        # shellcheck disable=SC2046
        wait_healthy 60 $(containers "$service")
        # Names are looked up every 5 s (client.resolve_every).
        sleep 6
        # shellcheck disable=SC2086
        docker stop --time 30 $old >/dev/null
        # shellcheck disable=SC2086
        docker rm $old >/dev/null
    fi
    say "$service rolled in $(($(date +%s) - began)) s"
done
