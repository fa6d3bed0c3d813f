#!/usr/bin/env python3
"""Writes docs/openapi.json from node/api/routes.def, node/errors.def and what is said here about each route:
what it is for, the schema of its answer, its own errors. `--check` only compares. A route that is in the table and
not here, or the other way round, is an error."""
import json
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def routes():
    """(method, path, rule, parameters), in the table's order."""
    pattern = r'^(?:QUESTION|ACTION)\((\w+), "([^"]+)", (\w+), \w+, (?:\w+, )?"([^"]*)"\)$'
    return [(m, path, rule, names.split()) for m, path, rule, names in re.findall(pattern, read("node/api/routes.def"), re.M)]


ERRORS = {code: (int(status), what) for code, status, what in re.findall(r'^NODE_ERROR\(\w+, "(N\d+)", (\d+), "([^"]+)"', read("node/errors.def"), re.M)}

# ---- schemas ------------------------------------------------------------------------------------


def ref(name):
    return {"$ref": f"#/components/schemas/{name}"}


def text(pattern=None, **more):
    return {"type": "string", **({"pattern": pattern} if pattern else {}), **more}


def array(items):
    return {"type": "array", "items": items}


def record(optional=(), **members):
    """Every member has to be there unless it is optional, and no other may."""
    return {"type": "object", "properties": members, "required": [name for name in members if name not in optional], "additionalProperties": False}


def answer(past=False, optional=(), **members):
    """What every answer begins with, and where it is about the past, how that is said."""
    when = {"at_height": ref("Whole"), "at_root": ref("Hash")} if past else {}
    return record(height=ref("Whole"), root=ref("Hash"), **when, **members, optional=(*when, *optional))


TRAP = {"trap": {"type": "integer", "minimum": 0}, "trap_name": text()}
RECEIPT = {
    "tx": ref("Hash"), "intent": ref("Intent"), "height": ref("Whole"), "duplicate": {"type": "boolean"}, **TRAP, "error": text(), "error_fields": ref("Value"),
    "gas_used": ref("Whole"), "created": ref("Whole"), "result": ref("Value"), "events": array(ref("Event")), "note": text(), "code": ref("Hash"), "items": array(ref("Item")),
}
POSTING = r"^[0-9]+\.[0-9]+\.[0-9]+$"
SCHEMAS = {
    "Whole": {"description": "a whole number; a string above 2^53", "oneOf": [{"type": "integer", "minimum": 0}, text("^[0-9]+$")]},
    "Hash": text("^[0-9a-f]{64}$"),
    "Intent": text("^[0-9a-f]{32}$"),
    "Hex": text("^([0-9a-f]{2})*$"),
    "Date": text("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    "Amount": text(r"^-?[0-9]+(\.[0-9]+)?$", description="with the currency's decimal places"),
    "Currency": text("^[A-Z]{3}$"),
    "Value": {"description": "by the contract's types, see docs/api.md"},
    "Event": record(instance=ref("Whole"), name=text(), fields=ref("Value")),
    "PlacedEvent": record(height=ref("Whole"), instance=ref("Whole"), name=text(), fields=ref("Value")),
    "Item": record(**TRAP, error=text(), gas_used=ref("Whole"), created=ref("Whole"), events=array(ref("Event")), note=text()),
    "Receipt": record(**RECEIPT, optional=("code", "items")),
    "Brief": record(trap=TRAP["trap"], gas_used=ref("Whole"), created=ref("Whole"), height=ref("Whole"), result=ref("Value")),
    "Problem": record(code={"enum": sorted(ERRORS)}, what=text(), fix=text()),
    "Admitted": record(tx=ref("Hash"), intent=ref("Intent"), admitted={"const": True}),
    "Rejected": record(rejected=ref("Problem")),
    "Error": record(error=ref("Problem")),
    "Party": record(id=ref("Whole"), name=text(), key=text("^([0-9a-f]{64}|(p256|sm2):[0-9a-f]{66}|none)$"), roles=array({"enum": ["registrar", "deployer", "clock", "auditor", "officer", "maker", "checker", "operator", "regulator"]}),
                    issuer_of=array(ref("Currency")), institution={"type": ["string", "null"]}, until=ref("Whole"), revoked={"type": "boolean"}, certificate=text("^([0-9a-f]{64})?$")),
    "Institution": record(id=ref("Whole"), name=text(), lei=text("^[0-9A-Z]{18}[0-9]{2}$"), root_certificate=text("^([0-9a-f]{64})?$"), votes={"type": "boolean"}, suspended={"type": "boolean"}, officers=ref("Whole"), officers_needed=ref("Whole"), house=text(), board=text()),
    "Right": record(transaction=text(), needs=text(), roles=array(text()), while_paused={"type": "boolean"}),
    "Parameter": record(name=text(), value={"type": "integer"}, floor={"type": "integer"}, ceiling={"type": "integer"}, meaning=text()),
    "Account": record(id=ref("Whole"), owner=text(), currency=ref("Currency"), balance=ref("Amount")),
    "Instance": record(id=ref("Whole"), module=text(), contract=text(), code=ref("Hash"), parent=ref("Whole"), currency=ref("Currency"), state=text(), fields={"type": "object"}, optional=("parent", "currency", "state")),
    "Clause": record(instance=ref("Whole"), clause=text(), date=ref("Date"), **TRAP, error=text(), gas_used=ref("Whole"), events=array(ref("Event"))),
    "InBlock": record(tx=ref("Hash"), bytes=ref("Hex"), trap=TRAP["trap"], gas_used=ref("Whole"), created=ref("Whole")),
    "Block": record(height=ref("Whole"), date=ref("Date"), parent=ref("Hash"), root=ref("Hash"), clauses=array(ref("Clause")), transactions=array(ref("InBlock"))),
    "PostedItem": record(item=text(r"^[0-9]+\.[0-9]+$"), date=ref("Date"), kind={"enum": ["clause", "transaction"]}, instance=ref("Whole"), clause=text(), clause_date=ref("Date"), tx=ref("Hash"), intent=ref("Intent"), signers=array(text()), trap_name=text(), gas_used=ref("Whole"), optional=("instance", "clause", "clause_date", "tx", "intent", "signers")),
    "Place": record(instance=ref("Whole"), module=text(), contract=text(), function=text(), line=ref("Whole"), entry=text(), law=text(), optional=("entry", "law")),
    "Posting": record(id=text(POSTING), kind={"enum": ["account", "vault", "field", "element"]}, account=ref("Whole"), instance=ref("Whole"), path=text(), currency=ref("Currency"), before={"oneOf": [ref("Amount"), {"type": "null"}]}, after={"oneOf": [ref("Amount"), {"type": "null"}]}, change=ref("Amount"), places=array(ref("Place")), optional=("account", "instance")),
    "Term": record(sign={"enum": ["+", "-"]}, node=ref("Whole")),
    "Node": record(node=ref("Whole"), kind=text(), value=text(), words=text(), inputs=array(ref("Whole")), rounding=text(), since=text(POSTING), module=text(), function=text(), line=ref("Whole"), optional=("rounding", "since", "module", "function", "line")),
    "Row": record(at_height=ref("Whole"), at_root=ref("Hash"), key=ref("Hex"), value={"oneOf": [ref("Hex"), {"type": "null"}]}, ics23=ref("Hex")),
    "Ask": record(instance=ref("Whole"), entry=text(), arguments={"type": "object"}, optional=("arguments",)),
    "Batch": record(transactions={**array(ref("Hex")), "maxItems": 10000}),
}

# ---- what is said about each route --------------------------------------------------------------

PAST = ("N2002", "N3006", "N3007", "N3012")
ROUTES = {
    "GET /v1/status": ("where the ledger stands", answer(chain=text(), business_date=ref("Date"), work_pending={"type": "boolean"}, transactions=ref("Whole"), instances=ref("Whole"), starts=ref("Whole"), version=text()), ()),
    "GET /v1/parties/{party}": ("a party by number or name", answer(past=True, party=ref("Party")), PAST),
    "GET /v1/institutions": ("the institutions of a shared ledger; none on a free one", answer(past=True, institutions=array(ref("Institution")), governance=ref("Whole"), paused_until={"oneOf": [ref("Date"), {"type": "null"}]}), PAST),
    "GET /v1/institutions/{institution}": ("an institution by number or name", answer(past=True, institution=ref("Institution")), PAST),
    "GET /v1/rights": ("who may send what, and the parameters of the ledger", answer(rights=array(ref("Right")), parameters=array(ref("Parameter"))), ()),
    "GET /v1/accounts": ("an account by number, or by owner and currency", answer(past=True, account=ref("Account")), PAST),
    "GET /v1/instances": ("instances by number, a page", answer(past=True, instances=array(ref("Instance")), next={"oneOf": [ref("Whole"), {"type": "null"}]}), PAST),
    "GET /v1/instances/{instance}": ("an instance of a contract", answer(past=True, instance=ref("Instance")), PAST),
    "GET /v1/events": ("events by height, a page", answer(events=array(ref("PlacedEvent")), next_height=ref("Whole"), next_skip=ref("Whole")), ()),
    "GET /v1/events/stream": ("events as they happen, as server-sent events: `id` is HEIGHT.SKIP, `data` an event; without end", ref("PlacedEvent"), ("N3016",)),
    "GET /v1/receipts/{intent}": ("what became of an intent", answer(receipt=ref("Receipt")), ("N3006",)),
    "GET /v1/modules/{name}": ("the module deployed last under this name", answer(name=text(), code=ref("Hash")), ("N3006",)),
    "GET /v1/code/{hash}": ("a module's bytes", answer(name=text(), code=ref("Hash"), module=ref("Hex")), ("N3006",)),
    "GET /v1/blocks/{height}": ("a block", answer(block=ref("Block")), ("N3006",)),
    "POST /v1/view": ("what a view of an instance gives", {"oneOf": [answer(past=True, result=ref("Value")), answer(past=True, failed=ref("Receipt"))]}, (*PAST, "N3002", "N3003")),
    "GET /v1/proofs/rows/{key}": ("a row of the state, or that there is none, with an ICS-23 proof", answer(row=ref("Row")), PAST),
    "GET /v1/proofs/receipts/{intent}": ("a receipt file", answer(proof=ref("Hex")), PAST),
    "GET /v1/postings/{posting}": ("what an item of a block did to money, or one posting with where its sum came from", {"oneOf": [answer(item=ref("PostedItem"), postings=array(ref("Posting"))), answer(item=ref("PostedItem"), posting=ref("Posting"), terms=array(ref("Term")), nodes=array(ref("Node")), cut={"type": "boolean"})]}, ("N2002", "N2015", "N3006", "N3007", "N3012", "N3017")),
    "GET /v1/statements/{party}": ("a statement file of the party's whole book", answer(at_height=ref("Whole"), statement=ref("Hex")), (*PAST, "N3013")),
    "POST /v1/transactions": ("takes transactions; answers when all are final", answer(answers=array({"oneOf": [ref("Receipt"), ref("Brief"), ref("Rejected")]})), ("N3002", "N3003", "N3007", "N3011")),
}
PARTS = {"party": (text(), "its number or name"), "institution": (text(), "its number or name"), "instance": (text("^[0-9]+$"), "its number"), "intent": (ref("Intent"), "32 hexadecimal digits"), "name": (text(), "the module's name"),
         "hash": (ref("Hash"), "64 hexadecimal digits"), "height": (text("^[0-9]+$"), "the block's number"), "posting": (text(), "HEIGHT.ITEM.NUMBER; HEIGHT.ITEM or an intent for all of them"), "key": (ref("Hex"), "a row's key, see docs/formats.md")}
NUMBER = {"type": "integer", "minimum": 0}
PARAMETERS = {
    "at_height": (NUMBER, "the ledger as it was after this block"),
    "on": (ref("Date"), "the ledger as it was after the last block of this business date"),
    "id": (NUMBER, "the account's number"),
    "owner": (text(), "with `currency`: whose account"),
    "currency": (ref("Currency"), "of the owner's account"),
    "from": (NUMBER, "the first instance, 1 unless said otherwise"),
    "limit": ({"type": "integer", "minimum": 1, "maximum": 1000}, "of a page"),
    "from_height": (NUMBER, "the first block, 1 unless said otherwise"),
    "skip": (NUMBER, "events of that block that are known already"),
    "brief": ({"enum": [0, 1]}, "1: short answers"),
    "wait": ({"enum": ["final", "admitted"]}, "admitted: answers 202 as soon as the good ones wait for a block"),
}
BODIES = {
    "POST /v1/view": {"application/json": {"schema": ref("Ask")}},
    "POST /v1/transactions": {"application/json": {"schema": ref("Batch")}, "application/octet-stream": {"schema": {"description": "a count, then each envelope behind its length"}}},
}
# What any request may meet: no HTTP, parameters, rights, too many connections.
ANYWHERE = ("N3001", "N3007", "N3010", "N3014", "N3015")


def parameter(name, place, schema, description):
    return {"name": name, "in": place, "required": place == "path", "description": description, "schema": schema}


def error_answers(codes):
    by_status = {}
    for code in sorted(set(codes) | set(ANYWHERE)):
        by_status.setdefault(str(ERRORS[code][0]), []).append(code)
    wait = {"Retry-After": {"description": "seconds", "schema": {"type": "integer", "minimum": 1}}}
    return {status: {"description": "; ".join(f"{code} {ERRORS[code][1]}" for code in codes), **({"headers": wait} if status == "429" else {}),
                     "content": {"application/json": {"schema": {"allOf": [ref("Error"), {"properties": {"error": {"properties": {"code": {"enum": codes}}}}}]}}}}
            for status, codes in by_status.items()}


def operation(name, path, rule, names):
    summary, schema, codes = ROUTES[name]
    out = {"summary": summary, "x-rule": re.sub("(?<!^)([A-Z])", r"_\1", rule).lower()}
    parts = re.findall(r"{(\w+)}", path)
    kind = "text/event-stream" if path == "/v1/events/stream" else "application/json"
    out["parameters"] = [parameter(p, "path", *PARTS[p]) for p in parts] + [parameter(n, "query", *PARAMETERS[n]) for n in names]
    if path == "/v1/events/stream":
        out["parameters"].append(parameter("Last-Event-ID", "header", text(r"^[0-9]+\.[0-9]+$"), "where to go on; says more than the address"))
    if name in BODIES:
        out["requestBody"] = {"required": True, "content": BODIES[name]}
    out["responses"] = {"200": {"description": "the answer", "content": {kind: {"schema": schema}}}, **error_answers(codes)}
    if "wait" in names:
        waiting = answer(answers=array({"oneOf": [ref("Admitted"), ref("Rejected")]}))
        out["responses"]["202"] = {"description": "those that are good wait for a block", "content": {"application/json": {"schema": waiting}}}
    return out


def document():
    table = routes()
    here, there = set(ROUTES), {f"{method} {path}" for method, path, _, _ in table}
    if here != there:
        sys.exit(f"make_openapi.py and node/api/routes.def differ: {sorted(here ^ there)}")
    paths = {}
    for method, path, rule, names in table:
        paths.setdefault(path, {})[method.lower()] = operation(f"{method} {path}", path, rule, names)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tallystick node", "version": "1", "description": "docs/api.md is the manual. Another method at one of these addresses is N3005, another address N3004."},
        "servers": [{"url": "http://127.0.0.1:7300"}],
        "paths": paths,
        "components": {"schemas": SCHEMAS},
    }


def main():
    full, made = os.path.join(ROOT, "docs/openapi.json"), json.dumps(document(), indent=1) + "\n"
    if "--check" in sys.argv:
        if not os.path.isfile(full) or read("docs/openapi.json") != made:
            sys.exit("docs/openapi.json: not up to date: run tools/make_openapi.py")
        return
    with open(full, "w", encoding="utf-8") as file:
        file.write(made)


if __name__ == "__main__":
    main()
