"""The stack under test: deploy's own scripts under a project name and ports of its own, and what Docker knows of it."""

import json
import os
import pathlib
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PROJECT = "plexus-e2e"
OURS = ["router", "code", "math", "reasoning", "language", "validator-math", "validator-code", "validator-confidence"]


def run(*command, check=True, env=None, timeout=600):
    """What a command says on standard output; its whole output where it fails."""
    ended = subprocess.run([str(word) for word in command], capture_output=True, text=True, env=env, timeout=timeout)
    if check and ended.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))} ended with {ended.returncode}: {ended.stdout[-2000:]}{ended.stderr[-4000:]}")
    return ended.stdout.strip() if check else ended


def docker(*arguments, **options):
    return run("docker", *arguments, **options)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def eventually(what, look, patience=30, pause=0.2):
    """Waits until `look` returns something true; tells the last thing that it said otherwise."""
    end, last = time.monotonic() + patience, None
    while time.monotonic() < end:
        try:
            found = look()
            if found:
                return found
        except (AssertionError, OSError, urllib.error.URLError, KeyError) as error:
            last = error
        time.sleep(pause)
    raise AssertionError(f"never: {what}" + (f" ({last})" if last else ""))


def get(url, timeout=5):
    with urllib.request.urlopen(url, timeout=timeout) as response:
        return response.read().decode()


class Stack:
    def __init__(self, environment=()):
        self.router_port, self.traces_port = free_port(), free_port()
        self.env = {
            **os.environ,
            "COMPOSE_PROJECT_NAME": PROJECT,
            "PLEXUS_ROUTER_PORT": str(self.router_port),
            "PLEXUS_JAEGER_PORT": str(self.traces_port),
            **dict(environment),
        }
        self.overlays = ["local", *filter(None, os.environ.get("PLEXUS_E2E_OVERLAYS", "").split(","))]

    @property
    def address(self):
        return f"127.0.0.1:{self.router_port}"

    @property
    def traces(self):
        return f"http://127.0.0.1:{self.traces_port}"

    def script(self, name, *arguments, **more):
        return run(DEPLOY / name, *arguments, env={**self.env, **more})

    def up(self, *scales):
        scale = " ".join(f"--scale {one}" for one in scales)
        return self.script("up.sh", *self.overlays, PLEXUS_SCALE=scale)

    def down(self):
        return self.script("down.sh")

    def roll(self, *services):
        return self.script("roll.sh", *services)

    def ids(self, service=None):
        found = docker("ps", "--all", "--quiet", "--filter", f"label=com.docker.compose.project={PROJECT}",
                       *(["--filter", f"label=com.docker.compose.service={service}"] if service else []))
        return found.split()

    def one(self, service):
        return self.ids(service)[0]

    def inspect(self, *ids):
        return json.loads(docker("inspect", *(ids or self.ids())))

    def service_of(self, container):
        return container["Config"]["Labels"]["com.docker.compose.service"]

    def ip(self, container):
        return container["NetworkSettings"]["Networks"][f"{PROJECT}_mesh"]["IPAddress"]

    def metrics(self):
        """What every process of ours tells Prometheus, by container."""
        told = {}
        for container in self.inspect():
            if self.service_of(container) in OURS and container["State"]["Running"]:
                told[container["Name"]] = get(f"http://{self.ip(container)}:9464/metrics")
        return told

    def logs(self):
        both = (docker("logs", one, check=False) for one in self.ids())
        return "\n".join(ended.stdout + ended.stderr for ended in both)

    def memory(self):
        """Resident memory of each container, bytes."""
        units = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
        told = {}
        for line in docker("stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}", *self.ids()).splitlines():
            name, used = line.split(" ", 1)
            number, unit = re.match(r"([\d.]+)\s*(\w+)", used).groups()
            told[name] = int(float(number) * units[unit])
        return told

    def healthy(self, *services):
        def look():
            states = [(self.service_of(one), one["State"].get("Health", {}).get("Status")) for one in self.inspect()]
            ours = [state for state in states if not services or state[0] in services]
            assert ours and all(status == "healthy" for _, status in ours), states
            return True

        eventually("all containers are healthy", look, patience=60)
