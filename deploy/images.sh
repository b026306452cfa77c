#!/bin/sh
# Builds the images. From source inside Docker; where the compiler's image cannot be had, from programs built outside.
#
#   deploy/images.sh [source|prebuilt] [SERVICE...]
#
# PLEXUS_BIN_DIR: where programs built outside are (default: target/release, built if need be).
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
cd "$root"

from=${PLEXUS_IMAGES_FROM:-}
case "${1:-}" in source | prebuilt) from=$1; shift ;; esac
[ $# -gt 0 ] || eval "set -- $services"

need_engine
base=$(setting PLEXUS_BASE) rust=$(setting PLEXUS_RUST)

if [ -z "$from" ]; then
    from=source
    if ! have_or_pull "$rust"; then
        say "$rust can neither be found nor pulled: the images take programs that are built outside"
        from=prebuilt
    fi
fi
have_or_pull "$base" || "$deploy/base-image.sh" "$base"

# The same commit makes the same files; so does the same checkout without git.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
export SOURCE_DATE_EPOCH
created=$(python3 -c 'import datetime, sys; print(datetime.datetime.fromtimestamp(int(sys.argv[1]), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))' "$SOURCE_DATE_EPOCH")
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)

if [ "$from" = prebuilt ]; then
    programs=${PLEXUS_BIN_DIR:-$root/target/release}
    # Without a folder of the caller's, what is run is what the checkout says.
    [ -n "${PLEXUS_BIN_DIR:-}" ] || make --no-print-directory build
    library=$("$root/scripts/onnxruntime")
    deploy/image/assemble.sh "$programs" "$library" target/images "$@"
    context=target/images
else
    context=.
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
for service in "$@"; do
    image=$(image_of "$service")
    [ "$from" = source ] && staged=LICENSE || staged=$service/
    [ "$from" = source ] && target=release || target=prebuilt
    docker build --quiet --file deploy/Dockerfile --target "$target" --tag "$image" \
        --build-arg SERVICE="$service" --build-arg STAGED="$staged" --build-arg BASE="$base" --build-arg RUST="$rust" \
        --build-arg VERSION="$(setting PLEXUS_VERSION)" --build-arg REVISION="$revision" --build-arg CREATED="$created" \
        --build-arg SOURCE_DATE_EPOCH="$SOURCE_DATE_EPOCH" "$context" >"$log" 2>&1 || { cat "$log" >&2; die "$image was not built"; }
    size=$(docker image inspect --format '{{.Size}}' "$image")
    say "$image $((size / 1000000)) MB"
done
