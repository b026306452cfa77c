"""Somebody who goes on asking, and what came of it. Knows the mesh by reflection only, as ../foreign does."""

import collections
import itertools
import pathlib
import statistics
import sys
import threading
import time

import grpc
from google.protobuf import json_format
from google.protobuf.message_factory import GetMessageClass

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "foreign"))
import client as foreign  # noqa: E402

ROUTER = "plexus.v1.RouterService"
Reply = collections.namedtuple("Reply", "at took ok right outcome reasons error")


class Caller:
    """One connection to the router. Waits for a connection, as any client may; never asks twice by itself."""

    def __init__(self, address):
        self.door = foreign.Door(address)
        self.stubs = {}

    def ask(self, query, timeout=20, metadata=(), method="Ask", **fields):
        if method not in self.stubs:
            descriptor = self.door.pool.FindServiceByName(ROUTER).FindMethodByName(method)
            request, response = GetMessageClass(descriptor.input_type), GetMessageClass(descriptor.output_type)
            stub = self.door.channel.unary_unary(
                f"/{ROUTER}/{method}", request_serializer=lambda message: message.SerializeToString(), response_deserializer=response.FromString)
            self.stubs[method] = (request, stub)
        request, stub = self.stubs[method]
        message = json_format.ParseDict({"query": query, **fields} if query is not None else fields, request())
        response = stub(message, timeout=timeout, metadata=metadata, wait_for_ready=True)
        return json_format.MessageToDict(response, preserving_proto_field_name=True)

    def status(self):
        return self.ask(None, method="GetStatus")

    def replicas(self, upstream):
        """Those of an upstream that serve."""
        status = self.status()
        found = next(one for one in status["upstreams"] if one["name"] == upstream)
        return [one for one in found["replicas"] if one["state"].endswith("_SERVING") and "NOT" not in one["state"]]


def questions():
    """Questions that exact engines answer, and what a right answer contains; no two the same, so that nothing is kept."""
    for number in itertools.count(int(time.time() * 1000) % 10_000):
        yield f"What is {number} * 37?", f"{number * 37}"
        yield f'Is this JSON valid? {{"number": {number},}}', "line 1"
        yield f"What is {number} * 41? Then double the result.", f"{number * 82}"


class Load:
    """Asks from a few threads until it is left: `with Load(address) as load: …`, then `load.replies`."""

    def __init__(self, address, threads=4, pause=0.02, caller=Caller):
        self.address, self.pause, self.caller = address, pause, caller
        self.replies, self.going = [], True
        self.questions, self.lock = questions(), threading.Lock()
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(threads)]

    def work(self):
        caller = self.caller(self.address)
        while self.going:
            with self.lock:
                query, expected = next(self.questions)
            began = time.monotonic()
            try:
                said = caller.ask(query)
                reply = Reply(began, time.monotonic() - began, True, expected in said.get("answer", "").replace(",", ""), said.get("outcome"),
                              [one["reason"].removeprefix("DEGRADATION_REASON_") for one in said.get("degradations", [])], "")
            except grpc.RpcError as error:
                reply = Reply(began, time.monotonic() - began, False, False, None, [], f"{error.code().name}: {error.details()}")
            self.replies.append(reply)
            time.sleep(self.pause)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.going = False
        for thread in self.threads:
            thread.join(timeout=30)

    def report(self):
        took = sorted(reply.took for reply in self.replies if reply.ok)
        reasons = collections.Counter(reason for reply in self.replies for reason in reply.reasons)
        return {
            "requests": len(self.replies),
            "failed": sum(not reply.ok for reply in self.replies),
            "wrong": sum(reply.ok and not reply.right for reply in self.replies),
            "degraded": dict(reasons),
            "p50_ms": round(statistics.median(took) * 1000, 2) if took else None,
            "p99_ms": round(took[int(len(took) * 0.99)] * 1000, 2) if took else None,
            "longest_ms": round(took[-1] * 1000, 1) if took else None,
            "errors": sorted({reply.error for reply in self.replies if reply.error})[:3],
        }

    def nothing_lost(self):
        report = self.report()
        assert report["requests"] > 50 and report["failed"] == 0 and report["wrong"] == 0, report
        return report
