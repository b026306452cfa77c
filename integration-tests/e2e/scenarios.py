"""What the running stack is held to. Each scenario leaves it as it found it, and returns the figures that it saw."""

import itertools
import os
import signal
import time

from load import Caller, Load
from spans import whole
from stack import DEPLOY, PROJECT, docker, eventually, get, run

LIMIT_MEMORY_MB = 500
COMPOUND = "compute 15% of 240 and check this Python: def f(x) return x"
TRACE = [
    "caller -> router:plexus.v1.RouterService/Ask",
    "router:plexus.v1.SpecialistService/Answer -> math:plexus.v1.SpecialistService/Answer",
    "router:plexus.v1.SpecialistService/Answer -> code:plexus.v1.SpecialistService/Answer",
    "math:plexus.v1.SpecialistService/Answer -> math:engine exact",
    "router:plexus.v1.ValidatorService/Validate -> validator:plexus.v1.ValidatorService/Validate",
    "validator:plexus.v1.ValidatorService/Validate -> validator:check math",
    "validator:plexus.v1.ValidatorService/Validate -> validator:check code",
]


def configurations(_stack, thorough=False):
    """Each overlay, each two of them, and all together are valid; thorough: every combination."""
    overlays = sorted(path.name for path in DEPLOY.glob("compose.*.yaml"))
    compose = ["docker", "compose"] if run("docker", "compose", "version", check=False).returncode == 0 else ["docker-compose"]
    tried = 0
    for count in range(len(overlays) + 1):
        if not thorough and 2 < count < len(overlays):
            continue
        for chosen in itertools.combinations(overlays, count):
            files = [word for name in ("compose.yaml", *chosen) for word in ("-f", DEPLOY / name)]
            run(*compose, *files, "config", "--quiet")
            tried += 1
    return {"combinations": tried, "overlays": len(overlays)}


def hardened(stack):
    """Nobody is root, nobody can write into its image, nobody is reachable but the two that should be."""
    published = {}
    for one in stack.inspect():
        name, host = stack.service_of(one), one["HostConfig"]
        assert one["Config"]["User"] == "65532:65532", name
        assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and not host["CapAdd"] and not host["Privileged"], name
        assert any(option.startswith("no-new-privileges") for option in host["SecurityOpt"]), name
        assert host["Memory"] > 0 and host["PidsLimit"] > 0 and host["NanoCpus"] > 0, name
        assert host["LogConfig"]["Config"]["max-size"] and host["RestartPolicy"]["Name"] == "unless-stopped", name
        status = dict(line.split(":\t", 1) for line in open(f"/proc/{one['State']['Pid']}/status").read().splitlines() if ":\t" in line)
        assert status["Uid"].split() == ["65532"] * 4 and int(status["CapEff"], 16) == 0 and status["NoNewPrivs"] == "1", (name, status["Uid"])
        written = docker("cp", DEPLOY / ".env", f"{one['Id']}:/usr/bin/intruder", check=False)
        assert written.returncode != 0, f"{name} took a file"
        bound = [binding for bindings in (one["NetworkSettings"]["Ports"] or {}).values() for binding in bindings or []]
        if bound:
            published[name] = bound
    assert set(published) == {"router", "jaeger"}, published
    assert all(binding["HostIp"] == "127.0.0.1" for bound in published.values() for binding in bound), published
    internal = docker("network", "inspect", f"{PROJECT}_mesh", "--format", "{{.Internal}}")
    assert internal == "true", internal
    return {"containers": len(stack.ids()), "published": sorted(published)}


def idle_memory(stack):
    time.sleep(3)
    used = {name.removeprefix(f"{PROJECT}_").removeprefix(f"{PROJECT}-"): round(size / 1e6, 1) for name, size in stack.memory().items()}
    total = round(sum(used.values()), 1)
    assert total <= LIMIT_MEMORY_MB, used
    return {"total_mb": total, **used}


def answers(stack):
    """A foreign client gets answers through the published port, and their trace goes across containers."""
    caller = Caller(stack.address)
    said = caller.ask(COMPOUND)
    assert said["outcome"] == "OUTCOME_ANSWERED" and "36" in said["answer"] and "line 1" in said["answer"], said
    assert not said.get("degradations"), said
    spans = whole(stack.traces, said["trace_id"], TRACE)
    instances = {span.instance for span in spans}
    assert {span.service for span in spans} == {"router", "math", "code", "validator"}, spans
    assert len(instances) >= 4, instances
    page = get(f"{stack.traces}/trace/{said['trace_id']}")
    assert "<html" in page.lower(), page[:200]
    cli = docker("run", "--rm", "--network", f"{PROJECT}_mesh", image(stack), "ask", "--addr", "router:50051", "What is 15% of 240?")
    assert "36" in cli, cli
    return {"spans": len(spans), "instances": len(instances)}


def image(stack):
    return next(one["Config"]["Image"] for one in stack.inspect() if stack.service_of(one) == "jaeger")


def scale(stack):
    """Three replicas of a service, without a word of configuration."""
    stack.up("code=3", "math=2")
    caller = Caller(stack.address)
    began = time.monotonic()
    eventually("three replicas of code serve", lambda: len(caller.replicas("code")) == 3)
    known = time.monotonic() - began
    with Load(stack.address) as load:
        time.sleep(5)
    shares = [int(one.get("attempts", 0)) for one in caller.replicas("code")]
    assert min(shares) > 0, shares
    return {**load.nothing_lost(), "known_after_s": round(known, 1), "shares": shares}


def two_of_math(stack):
    """Who loses one of two replicas loses no answer."""
    if len(stack.ids("math")) < 2:
        stack.up("math=2")
        caller = Caller(stack.address)
        eventually("two replicas of math serve", lambda: len(caller.replicas("math")) == 2)


def crash(stack):
    """A replica dies under load; the engine starts it again."""
    two_of_math(stack)
    victim = stack.inspect(stack.one("math"))[0]
    with Load(stack.address) as load:
        time.sleep(2)
        os.kill(victim["State"]["Pid"], signal.SIGKILL)
        time.sleep(4)
        stack.healthy("math")
        time.sleep(2)
    again = stack.inspect(victim["Id"])[0]
    assert again["RestartCount"] > victim["RestartCount"], again["RestartCount"]
    return load.nothing_lost()


def killed_for_good(stack):
    """The only container of a validator is killed and stays away: answers come, and say that nobody checked them."""
    only = stack.one("validator-math")
    with Load(stack.address) as load:
        time.sleep(1)
        docker("kill", only)
        time.sleep(4)
        docker("start", only)
        stack.healthy("validator-math")
    report = load.nothing_lost()
    assert report["degraded"].get("VALIDATOR_DOWN"), report
    return report


def pause(stack):
    """A replica freezes under load, and thaws."""
    two_of_math(stack)
    frozen = stack.one("math")
    with Load(stack.address) as load:
        time.sleep(2)
        docker("pause", frozen)
        time.sleep(6)
        docker("unpause", frozen)
        time.sleep(2)
    stack.healthy("math")
    return load.nothing_lost()


def partition(stack):
    """A replica loses the network under load, and gets it back."""
    two_of_math(stack)
    cut, caller = stack.one("math"), Caller(stack.address)
    with Load(stack.address) as load:
        time.sleep(2)
        docker("network", "disconnect", f"{PROJECT}_mesh", cut)
        time.sleep(6)
        docker("network", "connect", "--alias", "math", f"{PROJECT}_mesh", cut)
        began = time.monotonic()
        eventually("both replicas of math serve", lambda: len(caller.replicas("math")) == 2)
        back = time.monotonic() - began
    return {**load.nothing_lost(), "back_after_s": round(back, 1)}


def roll(stack):
    """Every service is replaced, one after the other, under load."""
    before = set(stack.ids())
    with Load(stack.address) as load:
        began = time.monotonic()
        stack.roll()
        took = time.monotonic() - began
        time.sleep(2)
    kept = before & set(stack.ids())
    assert {stack.service_of(one) for one in stack.inspect(*kept)} == {"jaeger"}, kept
    return {**load.nothing_lost(), "took_s": round(took, 1)}


def traces_lost(stack):
    """Who keeps traces stops, freezes, goes: nothing is slower, nothing is lost, nothing piles up."""
    store = stack.one("jaeger")
    figures = {}

    def measure(name, seconds=6):
        with Load(stack.address) as load:
            time.sleep(seconds)
        figures[name] = load.nothing_lost()

    measure("warm", 3)
    measure("there")
    docker("pause", store)
    measure("frozen", 12)
    docker("unpause", store)
    docker("stop", store)
    measure("stopped", 12)
    memory = max(size for name, size in stack.memory().items() if "router" in name)
    docker("start", store)
    stack.healthy("jaeger")
    there, lost = figures["there"], [figures["frozen"], figures["stopped"]]
    for one in lost:
        assert one["p50_ms"] <= there["p50_ms"] * 1.5 + 1, figures
        assert one["p99_ms"] <= there["p99_ms"] * 2 + 20, figures
    short = {name: f"p50 {one['p50_ms']} p99 {one['p99_ms']} ms of {one['requests']}" for name, one in figures.items()}
    return {**short, "router_mb": round(memory / 1e6, 1)}
