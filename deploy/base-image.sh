#!/bin/sh
# Makes the images' base from Debian packages, for machines that cannot pull it: C library, C++ library, certificates and
# time zones; no shell, no package manager. It gets the name of the base that the Dockerfile wants, unless that is there.
#
#   deploy/base-image.sh [NAME]
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

name=${1:-$(setting PLEXUS_BASE)}
packages="base-files libc6 libgcc-s1 libstdc++6 ca-certificates tzdata"

need_engine
if have_image "$name"; then say "$name is there already"; exit 0; fi
for tool in apt-get dpkg-deb tar; do
    command -v "$tool" >/dev/null 2>&1 || die "$tool is missing: this needs Debian or a relative; elsewhere pull $name, or load it by 'docker load'"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/packages" "$work/root"
# shellcheck disable=SC2086
(cd "$work/packages" && apt-get -qq -o APT::Sandbox::User= download $packages) \
    || die "cannot get $packages: is there a package index? (apt-get update)"

# One /usr, as in Debian; without the links, /lib and /usr/lib would come to be two folders.
top=$work/root
mkdir -p "$top/usr/bin" "$top/usr/sbin" "$top/usr/lib" "$top/usr/lib64"
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$top/$folder"; done
for package in "$work"/packages/*.deb; do dpkg-deb --extract "$package" "$top"; done

# Debian writes this file when the package is installed.
mkdir -p "$top/etc/ssl/certs"
find "$top/usr/share/ca-certificates" -name '*.crt' | LC_ALL=C sort | xargs cat >"$top/etc/ssl/certs/ca-certificates.crt"
# Licences stay, manuals and translations go; so do the few scripts, for which there is no shell.
find "$top/usr/share/doc" -type f ! -name copyright -delete
rm -rf "$top/usr/share/man" "$top/usr/share/locale" "$top/usr/share/info" "$top/usr/share/lintian" "$top/usr/bin/ldd" \
    "$top/usr/sbin/update-ca-certificates" "$top/usr/sbin/tzconfig" "$top/etc/motd" "$top/etc/update-motd.d"

echo 'hosts: files dns' >"$top/etc/nsswitch.conf"
cat >"$top/etc/passwd" <<'END'
root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
END
printf 'root:x:0:\nnobody:x:65534:\nnonroot:x:65532:\n' >"$top/etc/group"
mkdir -p "$top/home/nonroot" "$top/tmp"
chmod 1777 "$top/tmp"
find "$top" ! -type l -perm /6000 -exec chmod ug-s {} +

versions=$(cd "$work/packages" && find . -name '*.deb' | sed 's|^\./||; s|_[^_]*$||' | LC_ALL=C sort | tr '\n' ' ')
tar --create --directory "$top" --sort=name --mtime="@${SOURCE_DATE_EPOCH:-0}" --owner=0 --group=0 --numeric-owner . |
    docker import --change 'USER 65532:65532' --change 'WORKDIR /home/nonroot' \
        --change 'ENV PATH=/usr/bin SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt' \
        --change "LABEL plexus.base.packages=\"${versions% }\"" - "$name" >/dev/null
say "made $name of $versions"
