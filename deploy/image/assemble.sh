#!/bin/sh
# Puts together what an image adds to its base, one folder a service: the program, its list of parts (SBOM), and for those
# that read texts the model and ONNX Runtime. Runs outside, before target `prebuilt`, and inside, for target `release`.
#
#   assemble.sh PROGRAMS ONNXRUNTIME OUT SERVICE...
#
# Modes and times are set, so that the same programs make the same layers (SOURCE_DATE_EPOCH).
set -eu
programs=$1 library=$2 out=$3
shift 3
root=$(cd "$(dirname "$0")/../.." && pwd)

for service in "$@"; do
    case "$service" in plexus) program=plexus ;; *) program=plexus-$service ;; esac
    [ -x "$programs/$program" ] || { echo "assemble: $programs/$program is missing" >&2; exit 1; }
    top=$out/$service
    rm -rf "$top"
    mkdir -p "$top/usr/bin" "$top/usr/share/plexus"
    cp "$programs/$program" "$top/usr/bin/"
    sbom=$top/usr/share/plexus/sbom.cdx.json
    case "$service" in
        router | language)
            mkdir -p "$top/usr/lib" "$top/usr/share/plexus/models"
            cp "$library" "$top/usr/lib/libonnxruntime.so"
            cp -R "$root/models/router" "$top/usr/share/plexus/models/"
            python3 "$root/deploy/image/sbom.py" "$root/Cargo.lock" "$service" "$top/usr/lib/libonnxruntime.so" \
                "$top/usr/share/plexus/models/router" >"$sbom"
            ;;
        *) python3 "$root/deploy/image/sbom.py" "$root/Cargo.lock" "$service" >"$sbom" ;;
    esac
    find "$top" -type d -exec chmod 0755 {} +
    find "$top" -type f -exec chmod 0644 {} +
    chmod 0755 "$top/usr/bin/$program"
    find "$top" -exec touch --no-dereference --date "@${SOURCE_DATE_EPOCH:-0}" {} +
done
