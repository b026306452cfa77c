"""Canaries: secrets put wherever one can be put, then looked for wherever one must not come out."""

import datetime
import secrets

import grpc

from load import Caller
from spans import everything
from stack import PROJECT, docker

SERVICES = ["router", "code", "math", "reasoning", "language", "validator"]


class Canaries:
    def __init__(self):
        self.engine_key = f"canary-engine-{secrets.token_hex(8)}"
        self.prompt = f"canary-prompt-{secrets.token_hex(8)}"
        self.caller_key = f"canary-caller-{secrets.token_hex(8)}"
        self.baggage = f"canary-baggage-{secrets.token_hex(8)}"
        self.began = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=1)

    def all(self):
        return {name: value for name, value in vars(self).items() if isinstance(value, str)}

    def environment(self, model):
        """What the stack is started with."""
        return {"PLEXUS_LLM_URL": model.url, "PLEXUS_LLM_MODEL": "m", "PLEXUS_LLM_KEY_ENV": "PLEXUS_LLM_KEY", "PLEXUS_LLM_KEY": self.engine_key}

    def scatter(self, stack):
        """Questions with canaries, answered and failed; what errors said comes back."""
        caller, errors = Caller(stack.address), []
        metadata = (("authorization", f"Bearer {self.caller_key}"), ("x-plexus-caller", self.caller_key), ("baggage", f"secret={self.baggage}"))
        wishes = [
            {"query": f"Write a poem about {self.prompt} and the sea"},
            {"query": f"Please break down, and quote {self.prompt}"},
            {"query": f"{self.prompt} " * 60_000},
            {"query": f"Is this Python right? {self.prompt} = = 1"},
            {"query": "", "session_id": self.prompt},
            {"query": "Summarise it", "task": self.prompt},
            {"query": "What is 2^10?", "json_schema": self.prompt},
        ]
        for wish in wishes:
            try:
                said = caller.ask(metadata=metadata, **wish)
                # Answers are the caller's own; what else is said is not.
                told = {key: value for key, value in said.items() if key in ("degradations", "verdicts", "usage")}
                errors.append(str(told))
            except grpc.RpcError as error:
                errors.append(f"{error.code()} {error.details()} {error.trailing_metadata()}")
        return "\n".join(errors)


def check(stack, canaries, model):
    said = canaries.scatter(stack)
    reached = "\n".join(header + body for header, body in model.asked)
    assert canaries.engine_key in reached and canaries.prompt in reached, "the model server saw nothing: this would prove nothing"
    assert canaries.caller_key not in reached and canaries.baggage not in reached, "what callers send beside their question reached the model"
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=1)
    stamp = lambda time: time.strftime("%Y-%m-%dT%H:%M:%SZ")
    places = {
        "logs": stack.logs(),
        "spans": everything(stack.traces, SERVICES, stamp(canaries.began), stamp(until)),
        "metrics": "\n".join(stack.metrics().values()),
        "status": str(Caller(stack.address).status()),
        "errors": said,
    }
    for place, text in places.items():
        assert len(text) > 100, f"nothing to look through in {place}"
    # A prompt in an error is the caller's own word; everybody else's secret is not.
    leaks = [f"{name} in {place}" for place, text in places.items() for name, value in canaries.all().items()
             if value in text and (place, name) != ("errors", "prompt")]
    assert not leaks, leaks
    arguments = docker("ps", "--no-trunc", "--format", "{{.Command}}", "--filter", f"label=com.docker.compose.project={PROJECT}")
    assert not any(value in arguments for value in canaries.all().values())
    return {place: f"{len(text) // 1024} KiB" for place, text in places.items()} | {"questions_to_the_model": len(model.asked)}
