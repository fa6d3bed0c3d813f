#!/usr/bin/env python3
"""metrics_test.py BINDIR ROOT: /metrics is what Prometheus reads, the counters move by what was done, and it is served on
loopback only and not at all unless asked for."""
import http.client
import json
import re
import sys
import urllib.request

from ledger import fill
from node import Node

BIN = sys.argv[1]
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SAMPLE = re.compile(rf'^({NAME})(?:\{{((?:{NAME}="(?:[^"\\\n]|\\["\\n])*",?)*)\}})? (\S+)$')


def stop(what):
    raise SystemExit(f"FAILED: {what}")


def read(text):
    """The exposition format, as strictly as its description: {(name, labels): value}."""
    types, out, current = {}, {}, None
    if not text.endswith("\n"):
        stop("the last line does not end")
    for line in text.splitlines():
        if line.startswith("# HELP "):
            current = line.split()[2]
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            if name != current or name in types or kind not in ("counter", "gauge", "histogram"):
                stop(f"type: {line}")
            types[name] = kind
        else:
            match = SAMPLE.match(line)
            if not match:
                stop(f"no sample: {line}")
            name, labels, value = match.group(1), match.group(2) or "", float(match.group(3))
            family = name if name in types else re.sub("_(bucket|sum|count)$", "", name)
            if family != current or (family != name and types[family] != "histogram"):
                stop(f"a sample outside its family: {line}")
            if types[family] == "counter" and not name.endswith("_total"):
                stop(f"a counter that is not called total: {name}")
            if (name, labels) in out:
                stop(f"twice: {line}")
            out[name, labels] = value
    for family in (f for f, kind in types.items() if kind == "histogram" and (f + "_count", "") in out):
        buckets = [v for (n, _), v in out.items() if n == family + "_bucket"]
        if buckets != sorted(buckets) or buckets[-1] != out[family + "_count", ""] or (family + "_bucket", 'le="+Inf"') not in out:
            stop(f"{family}: {buckets}")
    return out


def main():
    with Node(BIN, "--metrics", "127.0.0.1:0", "--rate-requests", "100000") as node:
        address = next(line.split()[-1] for line in node.said if line.startswith("metrics on"))

        def scrape():
            with urllib.request.urlopen(address, timeout=10) as answer:
                if not answer.headers["Content-Type"].startswith("text/plain; version=0.0.4"):
                    stop(f"type {answer.headers['Content-Type']}")
                return read(answer.read().decode())

        fill(node)
        before = scrape()
        known = node.get("/v1/blocks/1")["block"]["transactions"][0]["bytes"]
        forged = known[:-2] + f"{int(known[-2:], 16) ^ 1:02x}"  # another last byte of the signature, whatever it was
        status, _, _ = node.ask("POST", "/v1/transactions", json.dumps({"transactions": [known, "00", forged]}), {"Content-Type": "application/json"})
        node.tally("account", "open", "--currency", "CNY", who="ann")
        for target in ("/v1/parties/nobody", "/v1/nothing", "/v1/nothing/else", "/v1/blocks/1"):
            node.ask("GET", target)
        stream = http.client.HTTPConnection("127.0.0.1", node.port, timeout=10)
        stream.request("GET", "/v1/events/stream")
        reading = stream.getresponse()
        after = scrape()
        height = node.get("/v1/status")["height"]
        moved = lambda name, labels="": after.get((name, labels), 0) - before.get((name, labels), 0)
        for name, labels, least in (
            ("tally_duplicates_total", "", 1), ("tally_refusals_total", 'code="N1001"', 1), ("tally_refusals_total", 'code="N1003"', 1),
            ("tally_transactions_total", 'trap="None"', 1), ("tally_api_requests_total", 'route="/v1/parties/{party}",status="404"', 1),
            ("tally_api_requests_total", 'route="none",status="404"', 2), ("tally_api_requests_total", 'route="/v1/blocks/{height}",status="200"', 2),
            ("tally_api_requests_total", 'route="/v1/transactions",status="200"', 1), ("tally_api_requests_total", 'route="/v1/events/stream",status="200"', 1),
            ("tally_block_seconds_count", "", 1), ("tally_tree_seconds_count", "", 1), ("tally_commit_seconds_count", "", 1), ("tally_height", "", 1)):
            if moved(name, labels) < least:
                stop(f"{name}{{{labels}}} moved by {moved(name, labels)} instead of {least}")
        if status != 200 or after["tally_height", ""] != height:
            stop(f"height {after['tally_height', '']} instead of {height}")
        if not after["tally_transactions_total", 'trap="Refused"'] >= 1:
            stop("the refusal by a contract is not counted")
        for name, labels, least in (("tally_api_streams", "", 1), ("tally_api_connections", "", 1), ("tally_store_bytes", 'kind="memory"', 1), ("tally_disk_free_bytes", "", 1), ("tally_queue_transactions", "", 0)):
            if after.get((name, labels), -1) < least:
                stop(f"{name} {after.get((name, labels))}")
        for wrong in ("/", "/metrics/x"):
            connection = http.client.HTTPConnection(*address.split("/")[2].split(":"), timeout=10)
            connection.request("GET", wrong)
            if connection.getresponse().status != 404:
                stop(f"{wrong} is answered")
        reading.close()
        stream.close()
        node.stop()
        done = node.run("tallyd", "start", node.directory, "--listen", "127.0.0.1:0", "--metrics", "0.0.0.0:0", good=False)
        if done.returncode != 1 or "N3008" not in done.stderr:
            stop(f"metrics off loopback: {done.returncode} {done.stderr}")
        node.start()
        if any(line.startswith("metrics") for line in node.said):
            stop("metrics are served though nobody asked for them")
        print(f"api.metrics: {len(after)} series, all well formed, and they move")


main()
