"""Copies a workspace without its code: manifests, Cargo.lock, and an empty file for each target.

    cargo metadata --no-deps --format-version 1 | skeleton.py WORKSPACE OUT

A build of that compiles the dependencies and nothing else, so its layer holds until a manifest changes.
"""

import json
import pathlib
import shutil
import sys


def main(workspace, out):
    workspace, out = pathlib.Path(workspace).resolve(), pathlib.Path(out)
    for name in ["Cargo.toml", "Cargo.lock"]:
        copy(workspace / name, out / name)
    for package in json.load(sys.stdin)["packages"]:
        manifest = pathlib.Path(package["manifest_path"])
        copy(manifest, out / manifest.relative_to(workspace))
        for target in package["targets"]:
            stub = out / pathlib.Path(target["src_path"]).relative_to(workspace)
            stub.parent.mkdir(parents=True, exist_ok=True)
            stub.write_text("" if "lib" in target["kind"] else "fn main() {}\n")


def copy(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


if __name__ == "__main__":
    main(*sys.argv[1:])
