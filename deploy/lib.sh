# What the scripts of this folder share; they source it. POSIX sh.
# shellcheck shell=sh disable=SC2034

deploy=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$deploy")

say() { echo "deploy: $*" >&2; }
die() { say "$*"; exit 1; }

# One variable: from the environment, else from deploy/.env.
setting() {
    eval "value=\${$1:-}"
    # shellcheck disable=SC2154
    [ -n "$value" ] || value=$(sed -n "s/^$1=//p" "$deploy/.env" | tail -n 1)
    printf '%s' "$value"
}

need_engine() {
    command -v docker >/dev/null 2>&1 || die "docker is missing: install Docker, https://docs.docker.com/engine/install (Debian: apt-get install docker.io docker-compose)"
    docker version >/dev/null 2>&1 || die "no Docker engine answers: start it (systemctl start docker), or join the group docker"
}

# Compose v2 if it is there, else docker-compose 1.29.
compose() {
    if docker compose version >/dev/null 2>&1; then
        docker compose "$@"
    elif command -v docker-compose >/dev/null 2>&1; then
        docker-compose "$@"
    else
        die "Docker Compose is missing: install the plugin docker-compose-plugin, or docker-compose (Debian: apt-get install docker-compose)"
    fi
}

services="router code math reasoning language validator plexus"

# The image of a service; the command's is called cli.
image_of() {
    case "$1" in plexus) name=cli ;; *) name=$1 ;; esac
    echo "$(setting PLEXUS_IMAGES)/$name:$(setting PLEXUS_VERSION)"
}

have_image() { docker image inspect "$1" >/dev/null 2>&1; }
