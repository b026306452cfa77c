"""What an image is made of, as CycloneDX 1.5: every crate that Cargo.lock lets the program reach.

    sbom.py CARGO.LOCK SERVICE [ONNXRUNTIME MODEL_FOLDER]

Cargo.lock does not tell crates of the program from crates of its tests and of other platforms, so those are listed too.
Nothing in it depends on when or where it is made.
"""

import hashlib
import json
import pathlib
import re
import sys
import uuid


def packages(lock):
    """Cargo.lock, which cargo writes in one way only: no TOML library is needed, nor a recent Python."""
    for block in pathlib.Path(lock).read_text().split("[[package]]")[1:]:
        package = dict(re.findall(r'^(\w+) = "(.*)"$', block, re.M))
        listed = re.search(r"^dependencies = \[\n(.*?)^\]", block, re.M | re.S)
        package["needs"] = re.findall(r'"(.+?)"', listed.group(1)) if listed else []
        yield package


def reach(found, start):
    """The packages below one; a name alone stands where there is one version only, `name version` otherwise."""
    by_name = {}
    for package in found:
        by_name.setdefault(package["name"], []).append(package)
    below, todo = {}, [by_name[start][0]]
    while todo:
        package = todo.pop()
        if purl(package) in below:
            continue
        needs = []
        for need in package["needs"]:
            name, _, version = need.partition(" ")
            version = version.split(" ")[0]
            needs += [one for one in by_name[name] if not version or one["version"] == version]
        below[purl(package)] = (package, sorted(purl(one) for one in needs))
        todo += needs
    return below


def purl(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


def component(reference, package):
    entry = {"type": "library", "bom-ref": reference, "name": package["name"], "version": package["version"], "purl": reference}
    if "checksum" in package:
        entry["hashes"] = [{"alg": "SHA-256", "content": package["checksum"]}]
    else:
        entry["scope"] = "required"
        entry["description"] = "of this project"
    return entry


def file(kind, path, name):
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"type": kind, "bom-ref": f"file:{name}", "name": name, "hashes": [{"alg": "SHA-256", "content": digest}]}


def main(lock, service, library=None, model=None):
    crate = {"plexus": "plexus-cli"}.get(service, f"plexus-{service}")
    below = reach(list(packages(lock)), crate)
    own = f"pkg:cargo/{crate}@{next(p['version'] for p, _ in below.values() if p['name'] == crate)}"
    components = [component(reference, package) for reference, (package, _) in sorted(below.items()) if reference != own]
    if library:
        components.append(file("library", pathlib.Path(library), "libonnxruntime.so"))
        components += [file("machine-learning-model", path, f"models/router/{path.name}") for path in sorted(pathlib.Path(model).iterdir())]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": component(own, below[own][0]) | {"type": "application"}},
        "components": components,
        "dependencies": [{"ref": reference, "dependsOn": needs} for reference, (_, needs) in sorted(below.items())],
    }
    text = json.dumps(document, sort_keys=True)
    document["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, text)}"
    json.dump(document, sys.stdout, indent=1, sort_keys=True)
    print()


if __name__ == "__main__":
    main(*sys.argv[1:])
