"""The stack with compose.tls.yaml: who has neither certificate nor key gets nothing, and new certificates lose nobody."""

import pathlib
import tempfile
import time

import grpc

import load
from stack import Stack

QUESTION = "What is 15% of 240?"


class Secured(load.Caller):
    """A caller with certificate and key. What there is to call it was told by a mesh that lists it."""

    def __init__(self, address, pool, certs, key, identity="client", trust=None):
        folder, trust = pathlib.Path(certs, identity), pathlib.Path(trust or certs)
        read = lambda name: (folder / name).read_bytes() if identity else None
        credentials = grpc.ssl_channel_credentials((trust / "client/ca.pem").read_bytes(), read("key.pem"), read("certificate.pem"))
        self.door = type("Door", (), {"pool": pool, "channel": grpc.secure_channel(address, credentials)})
        self.stubs, self.metadata = {}, (("authorization", f"Bearer {key}"),) if key else ()

    def ask(self, query, timeout=20, **fields):
        return super().ask(query, timeout=timeout, metadata=self.metadata, **fields)


def refused(what, caller, codes=("UNAVAILABLE", "DEADLINE_EXCEEDED")):
    """Ten calls out of ten; what TLS refuses looks like a connection that never comes."""
    for _ in range(10):
        try:
            caller.ask(QUESTION, timeout=0.5)
        except grpc.RpcError as error:
            assert error.code().name in codes, f"{what}: {error.code()} {error.details()}"
        else:
            raise AssertionError(f"{what} was answered")


def check(plain, environment):
    """`plain`: a stack without certificates, up, to learn from what can be called; it goes down."""
    learned = load.Caller(plain.address)
    learned.ask(QUESTION)
    learned.status()
    pool = learned.door.pool
    plain.down()
    with tempfile.TemporaryDirectory() as folder:
        certs, others = f"{folder}/certs", f"{folder}/others"
        stack = Stack({**environment, "PLEXUS_CERTS": certs, "PLEXUS_KEYS": f"{folder}/keys"})
        stack.overlays.append("tls")
        key = stack.script("secure.sh").split()[-1]
        stack.script("secure.sh", PLEXUS_CERTS=others)
        stack.up()
        try:
            return held(stack, pool, certs, others, key)
        finally:
            stack.down()


def held(stack, pool, certs, others, key):
    caller = Secured(stack.address, pool, certs, key)
    said = caller.ask(QUESTION)
    assert said["answer"] == "15% of 240 = 36" and not said.get("degradations"), said

    keyless = ("UNAUTHENTICATED",)
    refused("no key", Secured(stack.address, pool, certs, None), keyless)
    refused("a key that nobody made", Secured(stack.address, pool, certs, key[:-4] + "AAAA"), keyless)
    refused("no certificate", Secured(stack.address, pool, certs, key, identity=""))
    refused("the certificate of a specialist", Secured(stack.address, pool, certs, key, identity="math"))
    refused("a certificate of another authority", Secured(stack.address, pool, others, key, trust=certs))
    no_reflection(caller)

    address, make = stack.address, lambda address: Secured(address, pool, certs, key)
    with load.Load(address, caller=make) as asked:
        time.sleep(2)
        stack.script("secure.sh")
        time.sleep(8)
        stack.script("secure.sh")
        time.sleep(8)
    report = asked.nothing_lost()
    assert Secured(stack.address, pool, certs, key).ask(QUESTION)["answer"]
    logs = stack.logs()
    assert key not in logs and "BEGIN" not in logs
    return {"refused": 50, "rotations": 2, **report}


def no_reflection(caller):
    """Nobody lists methods, not even to those who may call them."""
    call = caller.door.channel.stream_stream("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
    try:
        next(call(iter([b"\x3a\x00"]), timeout=5, metadata=caller.metadata))
    except grpc.RpcError as error:
        assert error.code().name in ("UNIMPLEMENTED", "PERMISSION_DENIED"), error.code()
    else:
        raise AssertionError("reflection is on")
