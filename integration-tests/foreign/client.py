"""A client that knows the mesh only by reflection: no generated code, no .proto file.

    client.py ROUTER [NAME=ADDRESS ...]

Asks the router in every way, asks every service for its health and description, and prints what came as JSON.
"""

import json
import sys

import grpc
from google.protobuf import json_format
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status

QUESTION = "What is 15% of 240?"
TIMEOUT = 20


class Door:
    """One server, known by reflection."""

    def __init__(self, address):
        self.channel = grpc.insecure_channel(address)
        grpc.channel_ready_future(self.channel).result(timeout=TIMEOUT)
        self.reflection = ProtoReflectionDescriptorDatabase(self.channel)
        self.pool = DescriptorPool(self.reflection)

    def services(self):
        return sorted(self.reflection.get_services())

    def call(self, service, method, **fields):
        descriptor = self.pool.FindServiceByName(service).FindMethodByName(method)
        request = GetMessageClass(descriptor.input_type)()
        json_format.ParseDict(fields, request)
        make = self.channel.unary_stream if descriptor.server_streaming else self.channel.unary_unary
        stub = make(
            f"/{service}/{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=GetMessageClass(descriptor.output_type).FromString,
        )
        return stub(request, timeout=TIMEOUT)

    def health(self, service=""):
        stub = health_pb2_grpc.HealthStub(self.channel)
        try:
            response = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=TIMEOUT)
        except grpc.RpcError as error:
            return error.code().name
        return health_pb2.HealthCheckResponse.ServingStatus.Name(response.status)


def plain(message):
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def stream(door):
    events, joined, answer = [], "", None
    for response in door.call("plexus.v1.RouterService", "AskStream", query=QUESTION):
        kind = response.WhichOneof("event")
        events.append(kind)
        if kind == "delta":
            joined += response.delta.text
        elif kind == "done":
            answer = response.done.answer
    return {"events": events, "joined": joined, "answer": answer}


def refused(door):
    """What an error looks like from here."""
    try:
        door.call("plexus.v1.RouterService", "Ask")
    except grpc.RpcError as error:
        status = rpc_status.from_call(error)
        return {"code": error.code().name, "message": error.details(), "details": str(status.details)}
    return {"code": "OK"}


def described(door, own):
    found = {
        "reflection": door.services(),
        "health": door.health(),
        "named_health": door.health(own),
        "unknown_health": door.health("plexus.v1.Nobody"),
    }
    if own != "plexus.v1.RouterService":
        found["describe"] = plain(door.call(own, "Describe"))
    return found


def main(router, others):
    door = Door(router)
    ask = lambda method, **fields: plain(door.call("plexus.v1.RouterService", method, **fields))
    found = {
        "ask": ask("Ask", query=QUESTION),
        "classify": ask("Classify", query=QUESTION),
        "status": ask("GetStatus"),
        "stream": stream(door),
        "refused": refused(door),
        "services": {"router": described(door, "plexus.v1.RouterService")},
    }
    for name, address in others:
        own = "plexus.v1.ValidatorService" if name.startswith("validator") else "plexus.v1.SpecialistService"
        found["services"][name] = described(Door(address), own)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], [pair.split("=", 1) for pair in sys.argv[2:]])
