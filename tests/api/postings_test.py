#!/usr/bin/env python3
"""postings_test.py BINDIR ROOT: `tally explain-posting` against a node: what a deposit did, each posting back to the
transaction, a clause's, the same text every time, and each mistake refused by a code that says how to go on."""
import json
import sys

from ledger import HERE, fill
from node import Node

BIN = sys.argv[1]


def stop(what):
    raise SystemExit(f"FAILED: {what}")


def main():
    with Node(BIN) as node:
        facts = fill(node)
        explain = lambda *arguments, **more: node.tally("explain-posting", *arguments, **more)
        listed = explain(facts["put"]).stdout
        lines = listed.splitlines()
        if not lines[0].endswith(f"the transaction with intent {facts['put']}, signed by ann, on 2026-01-01"):
            stop(f"the item: {lines[0]}")
        ids = [line.split()[0] for line in lines[1:]]
        if len(ids) < 2 or listed != explain(ids[0].rsplit(".", 1)[0]).stdout:
            stop(f"the postings by item and by intent: {listed}")
        texts = {}
        for posting in ids:
            text = texts[posting] = explain(posting).stdout
            if text != explain(posting).stdout or not text.startswith(posting + "  ") or "where it came from:\n  " not in text:
                stop(f"{posting}: {text}")
        account, vault = texts[ids[0]], texts[ids[1]]
        if "-4.99 USD  account 1, from 250.00 to 245.01" not in account or "- 4.99: argument `cash`" not in account:
            stop(f"the account: {account}")
        if "  4.99 USD  `" not in vault or "+ 4.99: taken out of account 1" not in vault or "that is `put` of instance 1" not in vault:
            stop(f"the vault: {vault}")
        with open(HERE + "/jar.tally", encoding="utf-8") as file:
            source = [line.strip() for line in file]
        shown = explain(ids[1], "--source", HERE + "/jar.tally").stdout
        if not any(" | " + line in shown for line in source if line):
            stop(f"the lines of the contract: {shown}")
        if len(explain(ids[1], "--all").stdout) < len(vault):
            stop("--all shows less")
        as_json = json.loads(explain(ids[1], "--json").stdout)
        if as_json["posting"]["id"] != ids[1] or as_json["posting"]["change"] != "4.99" or as_json["item"]["intent"] != facts["put"]:
            stop(f"--json: {as_json}")
        if "it posted nothing" not in explain("1.1").stdout:
            stop("an item without postings")
        for wrong, code, how in (
            ("x", "N3007", "HEIGHT.ITEM.NUMBER"), ("1.1.1.1", "N3007", "docs/api.md"), ("ff" * 16, "N3006", "no block holds this intent"), ("99999.1.1", "N3017", "there is no block 99999"),
            ("1.2.1", "N3017", "block 1 has 1 items"), ("1.1.1", "N3017", "item 1.1 posted nothing"), (ids[0] + "9", "N3017", "tally explain-posting HEIGHT.ITEM")):
            done = explain(wrong, good=False)
            if done.returncode == 0 or code not in done.stderr or how not in done.stderr:
                stop(f"{wrong}: {done.returncode} {done.stdout}{done.stderr}")
        node.stop()
        node.start("--keep-history", "1")
        node.enrol("bob")
        done = explain(ids[0], good=False)
        if done.returncode == 0 or "N3012" not in done.stderr or "--keep-history" not in done.stderr:
            stop(f"a height that is not kept: {done.stdout}{done.stderr}")
        print(f"api.postings: {len(ids)} postings explained, every mistake says how to go on")


main()
