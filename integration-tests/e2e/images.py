"""What is in the images, and what is not."""

import json
import os
import pathlib
import re
import tempfile

from stack import DEPLOY, ROOT, docker, run

LIMIT_MB = 60
NAMES = {"router": "router", "code": "code", "math": "math", "reasoning": "reasoning", "language": "language", "validator": "validator", "plexus": "cli"}


def name_of(service):
    env = dict(line.split("=", 1) for line in (DEPLOY / ".env").read_text().splitlines() if "=" in line and not line.startswith("#"))
    setting = lambda key: os.environ.get(key) or env[key]
    return f"{setting('PLEXUS_IMAGES')}/{NAMES[service]}:{setting('PLEXUS_VERSION')}"


def build():
    run(DEPLOY / "images.sh", "prebuilt", timeout=1800)


def locked():
    """Name, version of every crate of Cargo.lock."""
    return set(re.findall(r'^name = "(.+)"\nversion = "(.+)"$', (ROOT / "Cargo.lock").read_text(), re.M))


def check():
    """Sizes in MB, without what belongs to a model."""
    sizes = {}
    for service in NAMES:
        image = json.loads(docker("image", "inspect", name_of(service)))[0]
        config = image["Config"]
        program = "plexus" if service == "plexus" else f"plexus-{service}"
        assert config["User"] == "65532:65532", (service, config["User"])
        assert config["Entrypoint"] == [f"/usr/bin/{program}"], config["Entrypoint"]
        if service != "plexus":
            assert config["Healthcheck"]["Test"] == ["CMD", f"/usr/bin/{program}", "--health"], config["Healthcheck"]
        missing = {"title", "version", "revision", "licenses", "created"} - {label.rpartition(".")[2] for label in config["Labels"]}
        assert not missing, (service, missing)

        with tempfile.TemporaryDirectory() as folder:
            container = docker("create", name_of(service))
            try:
                docker("export", "--output", f"{folder}/all.tar", container)
            finally:
                docker("rm", container)
            listed = run("tar", "--list", "--verbose", "--numeric-owner", "--file", f"{folder}/all.tar").splitlines()
            run("tar", "--extract", "--file", f"{folder}/all.tar", "--directory", folder, "usr/share/plexus/sbom.cdx.json")
            materials = json.loads(pathlib.Path(folder, "usr/share/plexus/sbom.cdx.json").read_text())
        files = [(line.split()[0], int(line.split()[2]), line.split()[5]) for line in listed]
        shells = [path for _, _, path in files if re.search(r"/(sh|bash|dash|busybox|apt-get|dpkg)$", path)]
        assert not shells, (service, shells)
        privileged = [path for mode, _, path in files if "s" in mode[1:]]
        assert not privileged, (service, privileged)

        model = sum(size for _, size, path in files if "libonnxruntime" in path or "/models/" in path)
        assert (model > 0) == (service in ("router", "language")), (service, model)
        sizes[service] = round((image["Size"] - model) / 1e6, 1)
        assert sizes[service] <= LIMIT_MB, (service, sizes[service])
        bill(service, materials)
    return sizes


def bill(service, materials):
    """The list of parts is CycloneDX and true to Cargo.lock."""
    assert (materials["bomFormat"], materials["specVersion"]) == ("CycloneDX", "1.5")
    crates = {(one["name"], one["version"]) for one in materials["components"] if one.get("purl", "").startswith("pkg:cargo/")}
    assert crates <= locked() and len(crates) > 100, (service, len(crates), sorted(crates - locked())[:5])
    assert {"tokio", "tonic", "prost", "hyper"} <= {name for name, _ in crates}, service
    references = {one["bom-ref"] for one in materials["components"]} | {materials["metadata"]["component"]["bom-ref"]}
    assert all(set(one["dependsOn"]) <= references for one in materials["dependencies"])
    outside = [one for one in materials["components"] if one.get("purl", "").startswith("pkg:cargo/") and not one["name"].startswith("plexus")]
    assert all(one["hashes"] for one in outside)
