#!/usr/bin/env python3
"""logs_test.py BINDIR ROOT: one search for an intent in the log gives its whole life, in either format; requests are there
at debug level; what comes from outside is escaped, and no key is ever written."""
import json
import re
import socket
import sys

from ledger import fill
from node import Node, intent

BIN = sys.argv[1]


def stop(what):
    raise SystemExit(f"FAILED: {what}")


def lives(node, who):
    """An intent that goes well, one that a contract refuses, and one whose signature does not hold."""
    good, bad, forged = intent(), intent(), intent()
    node.tally("account", "open", "--currency", who, "--intent", good, who="ann")
    node.tally("create", "api.jar", "Jar", '{"owner": "ann", "least": "1.00", "ripe": "2027-02-01"}', who="ann")
    node.tally("call", "2", "put", "--cash", "1:0.01", "--intent", bad, who="ann", good=False)
    known = node.get("/v1/blocks/1")["block"]["transactions"][0]["bytes"]
    made = json.loads(node.ask("POST", "/v1/transactions", json.dumps({"transactions": [known]}))[2])["answers"][0]["intent"]
    envelope = known.replace(made, forged)
    node.ask("POST", "/v1/transactions", json.dumps({"transactions": [envelope, "00"]}))
    return good, bad, forged, made


def nasty(node):
    """Bytes that would end a line, colour a terminal or look like a field."""
    for target in ("/v1/parties/a%0aintent=00%1b[31m", "/v1/\x9b2J\xff", "/v1/status?a=\"b\""):
        with socket.create_connection(("127.0.0.1", node.port)) as one:
            one.sendall(f"GET {target} HTTP/1.1\r\nConnection: close\r\n\r\n".encode("latin-1"))
            one.recv(1000)


def grep(node, word):
    return [line for line in open(node.log, "rb").read().decode("ascii").splitlines() if word in line]


def life(node, format_, word, *expected):
    lines = grep(node, word)
    if format_ == "json":
        lines = [json.loads(line) for line in lines]
        said = [line["what"] for line in lines if line.get("intent") == word]
    else:
        said = [re.search(r"\] (transaction [a-z ]+?) intent=" + word, line) for line in lines]
        said = [match.group(1) for match in said if match]
    if said != list(expected):
        stop(f"{format_}: the life of {word} is {said} instead of {list(expected)}")
    return lines


def main():
    for format_ in ("text", "json"):
        with Node(BIN, "--log-format", format_, "--log-level", "debug") as node:
            fill(node)
            good, bad, forged, made = lives(node, "CNY")
            nasty(node)
            taken, in_block = "transaction taken", "transaction in block"
            first = life(node, format_, good, taken, in_block)
            second = life(node, format_, bad, taken, in_block)
            third = life(node, format_, forged, "transaction refused")
            life(node, format_, made, taken, in_block, taken, "transaction was in block before")
            if format_ == "json":
                lines = [json.loads(line) for line in grep(node, "")]
                if first[1]["trap"] != "None" or first[1]["height"] < 1 or second[1]["trap"] != "Refused" or second[1]["error"] != "api.jar.TooLittle" or third[0]["code"] != "N1003":
                    stop(f"fields: {first} {second} {third}")
                requests = [line for line in lines if line["what"] == "request"]
                if not any(r["route"] == "/v1/transactions" and r["status"] == 200 and r["client"] == "127.0.0.1" for r in requests):
                    stop("no line for a request")
            else:
                if "trap=Refused error=api.jar.TooLittle" not in second[1] or "code=N1003" not in third[0]:
                    stop(f"fields: {second} {third}")
                if not grep(node, "[debug] request method=POST route=/v1/transactions status=200 client=127.0.0.1"):
                    stop("no line for a request")
            if re.search(rb"[^\n\x20-\x7e]", open(node.log, "rb").read()):
                stop("a byte that no log should hold")
            for name in ("operator", "ann", "mint"):
                if grep(node, open(f"{node.keys}/{name}.key").read().strip()):
                    stop("a key is in the log")
            node.stop()
    with Node(BIN) as node: # at the usual level
        node.enrol("ann")
        if grep(node, "request method") or not grep(node, "transaction in block"):
            stop("the usual level")
    print("api.logs: each intent's whole life with one search, in text and in JSON")


main()
