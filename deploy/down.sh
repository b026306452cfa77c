#!/bin/sh
# Ends the stack and leaves nothing of it: no container, no network, no volume. Images stay.
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need_engine

label="label=com.docker.compose.project=$(setting COMPOSE_PROJECT_NAME)"
# Orphans of the first file are what overlays added.
compose -f "$deploy/compose.yaml" down --volumes --remove-orphans >&2
for network in $(docker network ls --quiet --filter "$label"); do docker network rm "$network" >/dev/null; done
for volume in $(docker volume ls --quiet --filter "$label"); do docker volume rm "$volume" >/dev/null; done
