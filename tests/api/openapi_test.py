#!/usr/bin/env python3
"""openapi_test.py BINDIR ROOT: docs/openapi.json against a real node. Its routes are those of `tallyd routes`; every
route is asked, rightly and wrongly, and every answer's status and body must be what the file says: a member that
no schema names is a failure. Each status of each route must have been seen, but those that need trouble."""
import http.client
import json
import sys

import jsonschema

from ledger import fill
from node import Node, intent

BIN, ROOT = sys.argv[1:3]
API = json.load(open(f"{ROOT}/docs/openapi.json"))
failures, seen, answers = [], set(), 0
# They need a full disk, a damaged store, a thousand connections or a client from elsewhere.
NEED_TROUBLE = {"403", "500", "503", "507"}


def fail(what):
    failures.append(what)


def faults(schema, value):
    """The schema's own references point into the components."""
    validator = jsonschema.Draft202012Validator({**schema, "components": API["components"]})
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(value)]


def check(name, target, status, headers, body):
    """An answer against what the file says of this operation and status."""
    global answers
    answers += 1
    method, path = name.split()
    said = API["paths"][path][method.lower()]["responses"].get(str(status))
    if said is None:
        return fail(f"{name}: {target[:120]} answers {status}, which the file does not know: {body[:200]}")
    seen.add((name, str(status)))
    kind = headers.get("Content-Type", "")
    if kind not in said["content"]:
        return fail(f"{name}: {target[:120]} answers {kind}")
    for fault in faults(said["content"][kind]["schema"], body if isinstance(body, dict) else json.loads(body)):
        fail(f"{name}: {target[:120]} answers {status}: {fault}")


def ask(node, name, target, status, body=None, headers=None, kind="application/json"):
    got, got_headers, text = node.ask(name.split()[0], target, body, {"Content-Type": kind, **(headers or {})} if body is not None else headers)
    if got != status:
        fail(f"{name}: {target[:120]} answers {got} instead of {status}: {text[:200]}")
    check(name, target, got, got_headers, text)
    return text


def same_routes(node):
    served = {tuple(line.split()[:3]): tuple(line.split()[3:]) for line in node.run("tallyd", "routes").stdout.splitlines()}
    written = {}
    for path, methods in API["paths"].items():
        for method, operation in methods.items():
            names = tuple(p["name"] for p in operation["parameters"] if p["in"] == "query")
            written[(method.upper(), path, operation["x-rule"])] = names
    if served != written:
        fail(f"`tallyd routes` and the file differ: {sorted(served.items() ^ written.items())}")
    return {f"{method} {path}" for method, path, _ in written}


def questions(facts):
    """Operation, target, status."""
    zero = "0" * 64
    past = ("?at_height=2", "?on=2026-01-01", "?at_height=0")
    yield from (("GET /v1/status", "/v1/status", 200),)
    yield from (("GET /v1/parties/{party}", "/v1/parties/" + who, 200) for who in ("1", "operator", "ann?at_height=3", "mint?on=2026-01-01"))
    yield from (("GET /v1/parties/{party}", "/v1/parties/" + who, 404) for who in ("99", "nobody", "ann?at_height=0", "ann?on=2000-01-01", "%00%ff%0a"))
    yield from (("GET /v1/institutions", "/v1/institutions" + which, 200) for which in ("", *past))
    yield ("GET /v1/institutions", "/v1/institutions?at_height=99999", 404)
    yield from (("GET /v1/institutions/{institution}", "/v1/institutions/" + which, status) for which, status in (("alpha", 404), ("1", 404), ("ann?at_height=x", 400)))
    yield ("GET /v1/rights", "/v1/rights", 200)
    yield from (("GET /v1/accounts", "/v1/accounts?" + which, 200) for which in ("id=1", "owner=ann&currency=USD", "id=1&at_height=4"))
    yield from (("GET /v1/accounts", "/v1/accounts?" + which, 404) for which in ("id=9", "owner=ann&currency=CNY"))
    yield from (("GET /v1/accounts", "/v1/accounts" + which, 400) for which in ("", "?owner=ann", "?id=x"))
    yield from (("GET /v1/instances", "/v1/instances" + which, 200) for which in ("", "?from=1&limit=1", "?from=9", "?limit=1000", *past))
    yield from (("GET /v1/instances", "/v1/instances?" + which, 400) for which in ("limit=0", "limit=1001", "from=-1", "limit=x"))
    yield ("GET /v1/instances", "/v1/instances?at_height=99999", 404)
    yield from (("GET /v1/instances/{instance}", "/v1/instances/" + which, status) for which, status in (("1", 200), ("9", 404), ("x", 400), ("1?at_height=1", 404)))
    yield from (("GET /v1/events", "/v1/events" + which, 200) for which in ("", "?limit=1", "?limit=1000", "?from_height=9&skip=5&limit=3", "?from_height=99999"))
    yield from (("GET /v1/events", "/v1/events?" + which, 400) for which in ("limit=0", "limit=1001", "skip=-1", "from_height=99999999999999999999"))
    yield from (("GET /v1/receipts/{intent}", "/v1/receipts/" + which, status) for which, status in ((facts["put"], 200), (facts["refused"], 200), (intent(), 404), ("xyz", 400)))
    yield from (("GET /v1/modules/{name}", "/v1/modules/" + which, status) for which, status in (("api.jar", 200), ("no.such", 404), ("%4", 400)))
    yield from (("GET /v1/code/{hash}", "/v1/code/" + which, status) for which, status in ((facts["code"], 200), (zero, 404), ("12", 400)))
    yield from (("GET /v1/blocks/{height}", "/v1/blocks/" + which, status) for which, status in ((*((str(h), 200) for h in range(facts["height"] + 1)), ("99999", 404), ("x", 400))))
    row = "/v1/proofs/rows/"
    yield from (("GET /v1/proofs/rows/{key}", row + which, status) for which, status in (("050000000000000001", 200), ("050000000000000009", 200), ("0", 400), ("05?at_height=3", 200), ("05?at_height=99999", 404)))
    receipt = "/v1/proofs/receipts/"
    yield from (("GET /v1/proofs/receipts/{intent}", receipt + which, status) for which, status in ((facts["put"], 200), (intent(), 404), ("x", 400)))
    posting = "/v1/postings/"
    yield from (("GET /v1/postings/{posting}", posting + which, 200) for which in (facts["put"], facts["issued"], facts["posted"], facts["posted"].rsplit(".", 1)[0], *(f"{h}.1" for h in range(1, facts["height"] + 1))))
    yield from (("GET /v1/postings/{posting}", posting + which, status) for which, status in ((intent(), 404), ("99999.1.1", 404), ("1.9", 404), ("1.1.1", 404), (facts["posted"] + "9", 404), ("x", 400), ("1", 400), ("1.1.1.1", 400), ("0.1.1", 400), ("1.1?at_height=1", 400)))
    yield from (("GET /v1/statements/{party}", "/v1/statements/" + which, status) for which, status in (("ann", 200), ("2?on=2026-01-01", 200), ("nobody", 404), ("ann?at_height=x", 400)))


def views(node):
    name = "POST /v1/view"
    view = lambda entry, **more: json.dumps({"instance": 1, "entry": entry, **more})
    ask(node, name, "/v1/view", 200, view("inside"))
    ask(node, name, "/v1/view?at_height=" + str(node.get("/v1/status")["height"]), 200, view("inside", arguments={}))
    ask(node, name, "/v1/view", 200, view("refuses"))
    ask(node, name, "/v1/view", 404, view("nothing"))
    ask(node, name, "/v1/view?at_height=99999", 404, view("inside"))
    ask(node, name, "/v1/view", 400, "{")
    ask(node, name, "/v1/view", 400, view("inside", arguments={"x": 1}))
    ask(node, name, "/v1/view", 413, " " * ((1 << 20) + 1))


def transactions(node):
    name, target = "POST /v1/transactions", "/v1/transactions"
    block = next(b for b in (node.get(f"/v1/blocks/{h}")["block"] for h in range(1, 99)) if b["transactions"])
    known = block["transactions"][0]["bytes"]
    send = lambda *envelopes: json.dumps({"transactions": list(envelopes)})
    for query in ("", "?brief=0", "?brief=1"):
        ask(node, name, target + query, 200, send(known, "00", known[:-2] + "00"))
    ask(node, name, target, 200, send())
    ask(node, name, target + "?wait=final", 200, send(known))
    for query in ("?wait=admitted", "?wait=admitted&brief=1"):
        ask(node, name, target + query, 202, send(known, "00", known[:-2] + "00"))
    ask(node, name, target + "?wait=for-ever", 400, send())
    for body in ("", "{}", '{"transactions": ["0"]}', '{"transactions": 1}'):
        ask(node, name, target, 400, body)
    ask(node, name, target + "?brief=2", 400, send())
    ask(node, name, target, 413, json.dumps({"transactions": [""] * 10001}))
    ask(node, name, target, 413, b"\x00" * ((8 << 20) + 1), kind="application/octet-stream")
    ask(node, name, target, 200, b"\x00", kind="application/octet-stream")


def stream(node):
    """Its events one by one; stream_test.py looks at the rest."""
    name, target = "GET /v1/events/stream", "/v1/events/stream"
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=30)
    connection.request("GET", target)
    got = connection.getresponse()
    for line in got:
        if line.startswith(b"data: "):
            check(name, target, got.status, dict(got.getheaders()), json.loads(line[6:]))
            break
    got.close()
    for query in ("?from_height=x", "?skip=-1"):
        ask(node, name, target + query, 400)


def misspelt(node, facts, operations):
    """A parameter that the route does not have is refused everywhere."""
    values = {"party": "1", "instance": "1", "intent": facts["put"], "name": "api.jar", "institution": "1", "hash": facts["code"], "height": "1", "key": "05", "posting": "1.1"}
    for name in sorted(operations):
        method, path = name.split()
        ask(node, name, path.format(**values) + "?at_heigth=1", 400, "{}" if method == "POST" else None)


def elsewhere(node):
    for method, target, code in (("GET", "/", "N3004"), ("GET", "/v1/", "N3004"), ("GET", "/v1/parties/", "N3004"), ("DELETE", "/v1/status", "N3005"), ("GET", "/v1/transactions", "N3005"), ("POST", "/v1/events", "N3005")):
        status, _, body = node.ask(method, target)
        error = json.loads(body)
        if status not in (404, 405) or error["error"]["code"] != code or faults(API["components"]["schemas"]["Error"], error):
            fail(f"{method} {target} answers {status} {body[:200]}")


def pruned(operations):
    """What was asked for is not kept any more: 410."""
    with Node(BIN, "--keep-history", "1", "--keep-trees", "1", name="pruned") as node:
        for name in ("ann", "bob", "cai"):
            node.enrol(name)
        values = {"party": "1", "institution": "1", "instance": "1", "key": "05", "posting": "1.1", "intent": node.get("/v1/blocks/3")["block"]["transactions"] and "00" * 16}
        for name in sorted(n for n in operations if "410" in API["paths"][n.split()[1]][n.split()[0].lower()]["responses"]):
            method, path = name.split()
            if path in ("/v1/view", "/v1/proofs/receipts/{intent}"):
                continue # they need an instance; a receipt is looked up first and can always be proven
            when = {"/v1/accounts": "?id=1&at_height=0", "/v1/postings/{posting}": ""}.get(path, "?at_height=0")
            ask(node, name, path.format(**values) + when, 410)


def shared():
    """What only a ledger with institutions has."""
    genesis = {"chain": "shared", "start": "2026-01-01", "institutions": [{"name": "alpha", "lei": "529900T8BM49AURSDO55", "officers": [{"name": "alpha.ann", "key": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"}]}],
               "parties": [{"name": "clock", "key": "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "roles": ["clock"]}]}
    with Node(BIN, genesis=genesis) as node:
        for name, target, status in (("GET /v1/institutions", "/v1/institutions", 200), ("GET /v1/institutions/{institution}", "/v1/institutions/alpha", 200),
                                     ("GET /v1/institutions/{institution}", "/v1/institutions/1?at_height=0", 200), ("GET /v1/institutions/{institution}", "/v1/institutions/alpha.officers", 404),
                                     ("GET /v1/parties/{party}", "/v1/parties/alpha", 200), ("GET /v1/parties/{party}", "/v1/parties/alpha.ann", 200),
                                     ("GET /v1/rights", "/v1/rights", 200), ("GET /v1/instances", "/v1/instances", 200)):
            ask(node, name, target, status)


def too_fast(operations):
    """A client that asks too often: 429, with the seconds to wait."""
    with Node(BIN, "--rate-requests", "1", name="slow") as node:
        values = {"party": "1", "instance": "1", "intent": "00" * 16, "name": "x", "institution": "1", "hash": "00" * 32, "height": "1", "key": "05", "posting": "1.1"}
        while node.ask("GET", "/v1/status")[0] == 200:
            pass
        for name in sorted(operations):
            status, headers, body = node.ask(name.split()[0], name.split()[1].format(**values))
            if status == 429 and not headers.get("Retry-After", "").isdigit():
                fail(f"{name}: 429 without Retry-After: {headers}")
            check(name, "too fast", status, headers, body) if status == 429 else seen.add((name, "429"))


def main():
    with Node(BIN) as node:
        operations = same_routes(node)
        facts = fill(node)
        facts["height"] = node.get("/v1/status")["height"]
        facts["posted"] = node.get("/v1/postings/" + facts["put"])["postings"][0]["id"]
        for name, target, status in questions(facts):
            ask(node, name, target, status)
        views(node)
        transactions(node)
        stream(node)
        misspelt(node, facts, operations)
        elsewhere(node)
    pruned(operations)
    shared()
    too_fast(operations)
    skipped = {("POST /v1/view", "410"), ("GET /v1/proofs/receipts/{intent}", "410"), ("GET /v1/statements/{party}", "413")}
    for path, methods in API["paths"].items():
        for method, operation in methods.items():
            for status in operation["responses"]:
                if status not in NEED_TROUBLE and (f"{method.upper()} {path}", status) not in seen | skipped:
                    fail(f"{method.upper()} {path}: {status} was never seen")
    for failure in failures:
        print("FAILED:", failure)
    if failures:
        sys.exit(1)
    print(f"api.openapi: {len(operations)} routes, {answers} answers, {len(seen)} pairs of route and status, all as docs/openapi.json says")


main()
