"""A small ledger for the API's tests: parties, an account with money, a contract with an instance, refusals, a clause."""
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))


def found(pattern, text):
    match = re.search(pattern, text)
    if not match:
        raise SystemExit(f"no {pattern} in: {text}")
    return match.group(1)


def fill(node):
    """What the tests need to know of it."""
    node.enrol("ann")
    node.enrol("mint", "--issuer", "USD")
    node.tally("account", "open", "--currency", "USD", who="ann")
    issued = found("intent ([0-9a-f]{32})", node.tally("issue", "--account", "1", "--amount", "250.00", who="mint").stdout)
    node.run("tally", "build", "-o", node.work, HERE + "/jar.tally")
    node.tally("deploy", node.work + "/api.jar.tallymod", who="operator")
    node.tally("create", "api.jar", "Jar", '{"owner": "ann", "least": "1.00", "ripe": "2026-02-01"}', who="ann")
    put = found("intent ([0-9a-f]{32})", node.tally("call", "1", "put", "--cash", "1:4.99", who="ann").stdout)
    refused = node.tally("call", "1", "put", "--cash", "1:0.01", "--intent", "0f" * 16, who="ann", good=False)
    if "TooLittle" not in refused.stderr:
        raise SystemExit(f"a deposit that is too small: {refused.stdout}{refused.stderr}")
    node.tally("call", "1", "chatter", who="ann")
    node.tally("advance", "--to", "2026-02-01", who="operator")
    clause = lambda: any(node.get(f"/v1/blocks/{h}")["block"]["clauses"] for h in range(1, node.get("/v1/status")["height"] + 1))
    from node import wait_until
    wait_until("the clause", clause)
    return {"issued": issued, "put": put, "refused": "0f" * 16, "code": node.get("/v1/modules/api.jar")["code"]}
