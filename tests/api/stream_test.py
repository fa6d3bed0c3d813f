#!/usr/bin/env python3
"""stream_test.py BINDIR ROOT: the stream of events against the pages. It is read, cut at many places, taken up again
and must give each event once, in order, with those that happen meanwhile; it ends when the node does; a reader that
does not read holds up nobody; one stream too many is refused."""
import http.client
import json
import os
import re
import socket
import sys
import threading
import time

from ledger import fill
from node import Node, wait_until

BIN = sys.argv[1]
STREAMS_MAX = 64


def all_events(node):
    out, height, skip = [], 1, 0
    while True:
        page = node.get(f"/v1/events?from_height={height}&skip={skip}&limit=37")
        out += page["events"]
        height, skip = page["next_height"], page["next_skip"]
        if height > page["height"]:
            return out


class Stream:
    """Reads events of one connection; `last` is where to go on."""

    def __init__(self, node, query="", last=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=30)
        self.connection.request("GET", "/v1/events/stream" + query, headers={"Last-Event-ID": last} if last else {})
        self.answer = self.connection.getresponse()
        self.last = last
        if self.answer.status != 200 or self.answer.getheader("Content-Type") != "text/event-stream":
            raise SystemExit(f"a stream answers {self.answer.status} {self.answer.read()}")

    def event(self):
        """The next one; nothing when the stream ended in order."""
        identity = data = None
        while True:
            line = self.answer.readline()
            if not line:
                return None
            line = line.decode().rstrip("\n")
            if line.startswith("id: "):
                identity = line[4:]
            elif line.startswith("data: "):
                data = json.loads(line[6:])
            elif line == "" and data is not None:
                self.last = identity
                return data

    def close(self):
        if self.answer.fp:
            self.answer.fp.close()
        self.connection.close()


def in_pieces(node, sizes, count):
    """`count` events over connections that are cut after so many events each."""
    out, last, turn = [], None, 0
    while len(out) < count:
        stream = Stream(node, "?from_height=1", last) # the header says more than the address
        for _ in range(min(sizes[turn % len(sizes)], count - len(out))):
            out.append(stream.event())
        last, turn = stream.last, turn + 1
        stream.close()
    return out


def same(name, left, right):
    if left != right:
        at = next((i for i, (a, b) in enumerate(zip(left, right)) if a != b), min(len(left), len(right)))
        raise SystemExit(f"{name}: {len(left)} and {len(right)} events, the first difference is number {at}")


def follows(node):
    """Events that happen while the stream is open, with a cut in between."""
    known = len(all_events(node))
    stream, got = Stream(node), []
    for _ in range(known):
        got.append(stream.event())
    begun = time.monotonic()
    node.tally("call", "2", "put", "--cash", "1:1.00", who="ann")
    got.append(stream.event())
    took = time.monotonic() - begun
    stream.close()
    node.tally("call", "2", "put", "--cash", "1:1.25", who="ann")
    stream = Stream(node, last=stream.last)
    got.append(stream.event())
    node.tally("call", "2", "chatter", who="ann")
    got += [stream.event() for _ in range(200)]
    same("while it is open", got, all_events(node))
    if took > 5:
        raise SystemExit(f"an event came after {took:.1f} s")
    return stream


def not_read(node):
    """Readers that take nothing: transactions and other readers do not wait, and memory does not grow with them."""
    memory = lambda: int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{node.process.pid}/status").read()).group(1))
    lazy = []
    for _ in range(STREAMS_MAX):
        one = socket.create_connection(("127.0.0.1", node.port))
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.sendall(b"GET /v1/events/stream HTTP/1.1\r\nHost: x\r\n\r\n")
        lazy.append(one)
    time.sleep(0.3)
    before = memory()
    for _ in range(10):
        begun = time.monotonic()
        node.tally("call", "2", "chatter", who="ann")
        if time.monotonic() - begun > 5:
            raise SystemExit("a reader that does not read holds up a block")
    grown = memory() - before
    if grown > 64 * 1024:
        raise SystemExit(f"{grown} KiB more memory for readers that do not read")
    status, _, body = node.ask("GET", "/v1/events/stream")
    if status != 503 or b"N3016" not in body:
        raise SystemExit(f"a stream too many answers {status} {body}")
    for one in lazy:
        one.close()

    def again():
        try:
            Stream(node).close()
            return True
        except SystemExit:
            return False
    wait_until("room for streams again", again)


def refusals(node):
    for query, headers in (("?skip=x", {}), ("?from_height=-1", {}), ("?limit=5", {}), ("", {"Last-Event-ID": "7"}), ("", {"Last-Event-ID": "a.b"}), ("", {"Last-Event-ID": "7.1.1"})):
        status, _, body = node.ask("GET", "/v1/events/stream" + query, headers=headers)
        if status != 400 or b"N3007" not in body:
            raise SystemExit(f"stream{query} {headers} answers {status} {body}")


def main():
    with Node(BIN) as node:
        fill(node)
        node.tally("create", "api.jar", "Jar", '{"owner": "ann", "least": "1.00", "ripe": "2027-02-01"}', who="ann")
        for _ in range(5):
            node.tally("call", "2", "chatter", who="ann")
        pages = all_events(node)
        same("in one go", in_pieces(node, [len(pages)], len(pages)), pages)
        same("in pieces", in_pieces(node, [1, 7, 199, 200, 201, 2], len(pages)), pages)
        middle = next(i for i, e in enumerate(pages) if e["height"] == pages[-1]["height"])
        stream = Stream(node, f"?from_height={pages[-1]['height']}&skip=13")
        same("from the middle of a block", [stream.event() for _ in range(len(pages) - middle - 13)], pages[middle + 13:])
        stream.close()
        refusals(node)
        stream = follows(node)
        not_read(node)
        # The node stops: what is open ends in order, after whole events.
        ends = []
        reader = threading.Thread(target=lambda: ends.append(read_out(stream)))
        reader.start()
        code = node.stop()
        reader.join(30)
        if code != 0 or not ends or ends[0] is None:
            raise SystemExit(f"the stream does not end in order: exit code {code}, {ends}")
        # It goes on with the node that comes next.
        node.start()
        node.tally("call", "2", "put", "--cash", "1:1.50", who="ann")
        whole = all_events(node)
        stream = Stream(node, last=stream.last)
        if stream.event() != whole[-1]:
            raise SystemExit("after a start of the node the stream goes on elsewhere")
        stream.close()
        print(f"api.stream: {len(whole)} events, none lost and none twice, over cuts and a stop of the node")


def read_out(stream):
    """What was left, or nothing when the connection broke off instead of ending."""
    out = []
    try:
        while (event := stream.event()) is not None:
            out.append(event)
    except (http.client.IncompleteRead, ConnectionError):
        return None
    return out


main()
