"""Traces as Jaeger's query API tells them."""

import json
import urllib.error

from stack import eventually, get


class Span:
    def __init__(self, span, processes):
        process = processes[span["processID"]]
        self.service, self.name, self.id = process["serviceName"], span["operationName"], span["spanID"]
        self.instance = next((tag["value"] for tag in process["tags"] if tag["key"] == "service.instance.id"), None)
        self.parent = next((one["spanID"] for one in span["references"] if one["refType"] == "CHILD_OF"), None)

    @property
    def label(self):
        return f"{self.service}:{self.name}"


def trace(traces, identity):
    found = json.loads(get(f"{traces}/api/traces/{identity}"))["data"]
    return [Span(span, found[0]["processes"]) for span in found[0]["spans"]] if found else []


def edges(spans):
    """Who called whom: `parent -> child`."""
    by_id = {span.id: span.label for span in spans}
    return {f"{by_id.get(span.parent, 'caller')} -> {span.label}" for span in spans}


def whole(traces, identity, expected):
    """The spans of a trace, once all of these edges are there."""
    def look():
        try:
            spans = trace(traces, identity)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{error.code} for {identity}") from error
        missing = set(expected) - edges(spans)
        assert not missing, f"missing {sorted(missing)}, there are {sorted(edges(spans))}"
        return spans

    return eventually("the trace is whole", look, patience=20)


def everything(traces, services, since, until):
    """All spans that the store has of these services, as text."""
    told = [get(f"{traces}/api/v3/services")]
    for service in services:
        query = f"query.serviceName={service}&query.startTimeMin={since}&query.startTimeMax={until}&query.searchDepth=1000"
        try:
            told.append(get(f"{traces}/api/v3/traces?{query}", timeout=30))
        except urllib.error.HTTPError as error:
            assert error.code == 404, error
    return "\n".join(told)
