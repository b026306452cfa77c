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

have_or_pull() { have_image "$1" || docker pull --quiet "$1" >/dev/null 2>&1; }

# The containers of our project, of one service if it is named.
containers() {
    docker ps --all --quiet --filter "label=com.docker.compose.project=$(setting COMPOSE_PROJECT_NAME)" \
        ${1:+--filter "label=com.docker.compose.service=$1"}
}

# Waits until these containers are healthy; says who is not, and what it wrote.
wait_healthy() {
    patience=$1
    shift
    while :; do
        waiting=$(docker inspect --format '{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}} {{.Name}}' "$@" |
            grep -v -e '^healthy ' -e '^running ' || true)
        [ -n "$waiting" ] || return 0
        if [ "$patience" -le 0 ] || echo "$waiting" | grep -q '^exited '; then
            echo "$waiting" | while read -r state name; do
                say "${name#/} is $state; its last lines:"
                docker logs --tail 5 "${name#/}" >&2 || true
            done
            return 1
        fi
        patience=$((patience - 1))
        sleep 1
    done
}

# The Compose files that the running stack was made of, as arguments.
stack_files() {
    one=$(containers router | head -n 1)
    [ -n "$one" ] || die "the stack is not up: make up"
    docker inspect --format '{{index .Config.Labels "com.docker.compose.project.config_files"}}' "$one" |
        tr ',' '\n' | while read -r file; do printf -- '-f %s/%s ' "$deploy" "$(basename "$file")"; done
}
