"""The whole stack in real containers, held to what the mesh promises. `make e2e` runs it.

    run.py [--only NAME,NAME] [--no-build] [--keep] [--all-combinations]

Needs a Docker engine with Compose, programs in target/release (or PLEXUS_BIN_DIR), and root or the group docker; container
addresses must be reachable from here (Linux). Prints a line a scenario and writes target/e2e.json.
"""

import argparse
import functools
import json
import shutil
import sys
import time

import images
import scenarios
import secured
from load import Caller
from model import Model
from secrets_kept import Canaries, check as kept
from stack import PROJECT, ROOT, Stack, docker, run

LIMIT_START = 15


def engine():
    return shutil.which("docker") and run("docker", "version", check=False).returncode == 0


def cold_start(stack):
    """From nothing to the first answer; images are there."""
    began = time.monotonic()
    stack.up()
    up = time.monotonic() - began
    said = Caller(stack.address).ask("What is 15% of 240?")
    took = time.monotonic() - began
    assert said["answer"] == "15% of 240 = 36" and took <= LIMIT_START, (said, took)
    return {"healthy_s": round(up, 1), "first_answer_s": round(took, 1)}


def nothing_left(stack):
    stack.down()
    label = f"label=com.docker.compose.project={PROJECT}"
    left = [docker(*words, "--quiet", "--filter", label) for words in (("ps", "--all"), ("network", "ls"), ("volume", "ls"))]
    named = [docker(*words, "--format", "{{.Name}}") for words in (("network", "ls"), ("volume", "ls"))]
    assert not any(left) and not any(PROJECT in names for names in named), (left, named)
    return {}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--only", default="")
    arguments.add_argument("--no-build", action="store_true")
    arguments.add_argument("--keep", action="store_true", help="leave the stack up")
    arguments.add_argument("--all-combinations", action="store_true", help="of overlays; some minutes")
    arguments = arguments.parse_args()
    if not engine():
        print("e2e: skipped, no Docker engine answers here (docker version)")
        return 0

    model, canaries = Model(), Canaries()
    stack = Stack(canaries.environment(model))
    steps = [
        ("build", lambda _: images.build() or {}),
        ("images", lambda _: images.check()),
        ("configurations", functools.partial(scenarios.configurations, thorough=arguments.all_combinations)),
        ("cold_start", cold_start),
        ("hardened", scenarios.hardened),
        ("idle_memory", scenarios.idle_memory),
        ("answers", scenarios.answers),
        ("secrets", functools.partial(kept, canaries=canaries, model=model)),
        ("scale", scenarios.scale),
        ("crash", scenarios.crash),
        ("pause", scenarios.pause),
        ("partition", scenarios.partition),
        ("killed_for_good", scenarios.killed_for_good),
        ("traces_lost", scenarios.traces_lost),
        ("roll", scenarios.roll),
        ("secured", lambda stack: secured.check(stack, canaries.environment(model))),
        ("nothing_left", nothing_left),
    ]
    only = set(filter(None, arguments.only.split(",")))
    unknown = only - {name for name, _ in steps}
    if unknown:
        print(f"e2e: no scenario is called {', '.join(sorted(unknown))}; there are {', '.join(name for name, _ in steps)}")
        return 64
    needed = only | {"cold_start"} if only - {"build", "images", "configurations"} else only

    results, failed = {}, False
    stack.down()
    try:
        for name, step in steps:
            skipped = (only and name not in needed) or (name == "build" and arguments.no_build) or (name == "nothing_left" and arguments.keep)
            if skipped:
                continue
            began = time.monotonic()
            try:
                figures = step(stack)
                mark = "ok    "
            except Exception as error:  # noqa: BLE001 - one scenario's end is not the others'
                figures, mark, failed = {"error": f"{type(error).__name__}: {error}"[:3000]}, "FAILED", True
            took = round(time.monotonic() - began, 1)
            results[name] = {"ok": mark == "ok    ", "took_s": took, **figures}
            print(f"{mark} {name:16} {took:6.1f} s  {json.dumps(figures) if figures else ''}", flush=True)
            if mark == "FAILED" and name in ("build", "cold_start"):
                break
    finally:
        if not arguments.keep:
            stack.down()
    (ROOT / "target").mkdir(exist_ok=True)
    (ROOT / "target/e2e.json").write_text(json.dumps(results, indent=1) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
