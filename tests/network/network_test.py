#!/usr/bin/env python3
"""network_test.py BINDIR: four nodes keep one ledger, whatever happens to one of them; two that stop stop it, and it
goes on when they do; and the same transactions on a ledger of one node lead to the same roots."""
import concurrent.futures
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import network
from network import Network

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
from ledger import fill  # noqa: E402
from node import Node, intent, wait_until  # noqa: E402

BIN = sys.argv[1]


def stop(what):
    raise SystemExit(f"FAILED: {what}")


def same_under_one_node(net, height):
    """Every block of the network, its transactions one after the other on a node that orders alone."""
    member = net.members[2]
    alone = Node.__new__(Node)
    alone.bin, alone.work, alone.log = member.bin, net.work, os.path.join(net.work, "alone.log")
    alone.directory = os.path.join(net.work, "alone")
    # The ledger as it was before the first block, without the network.
    shutil.copytree(os.path.join(net.work, "bundles", "1"), alone.directory)
    shutil.rmtree(os.path.join(alone.directory, "engine"))
    os.remove(os.path.join(alone.directory, "tally.toml"))
    alone.start()
    try:
        for at in range(1, height + 1):
            block = member.get(f"/v1/blocks/{at}")["block"]
            for transaction in block["transactions"]:
                status, _, body = alone.ask("POST", "/v1/transactions", json.dumps({"transactions": [transaction["bytes"]]}), {"Content-Type": "application/json"})
                if status != 200:
                    stop(f"block {at} alone: {status} {body}")
            wait_until(f"block {at} alone", lambda: alone.get("/v1/status")["height"] >= at)
            own = alone.get(f"/v1/blocks/{at}")["block"]
            if own["root"] != block["root"]:
                stop(f"block {at} has the root {own['root']} alone and {block['root']} in the network")
    finally:
        alone.stop()


def issue(member):
    member.tally("issue", "--account", "1", "--amount", "1.00", who="mint")


def cents(member):
    return int(member.get("/v1/accounts?id=1")["account"]["balance"].replace(".", ""))


def main():
    if network.engine() is None:
        print("SKIPPED: network: there is no cometbft on this machine (tools/setup installs it where Go is)")
        return
    with Network(BIN) as net:
        one, two, three, four = net.members
        fill(one)
        height, root = net.agree()
        same_under_one_node(net, height)
        print(f"network: four nodes at height {height}, root {root[:16]}…; a node alone has the same roots")

        # The same transaction to all at once: it counts once, and each says so.
        start = cents(one)
        again = intent()
        pay = lambda member: member.tally("issue", "--account", "1", "--amount", "1.00", "--intent", again, who="mint").stdout
        with concurrent.futures.ThreadPoolExecutor() as pool:
            heights = {said.split("height ")[1].split(",")[0] for said in pool.map(pay, net.members)}
        if len(heights) != 1:
            stop(f"one transaction at the heights {heights}")

        four.kill_nine()
        for member in (one, two, three):
            issue(member)
        behind = net.agree([one, two, three])
        four.start()
        if net.agree() != behind:
            stop("the node that came back is elsewhere")
        issue(four)

        three.kill_nine()
        net.wipe(2)
        issue(two)
        three.start()
        net.agree()
        issue(three)
        print("network: killed and wiped nodes catch up")

        before = one.tip()
        for member in (three, four):
            member.signal(signal.SIGSTOP)
        again = intent()
        held = subprocess.Popen([net.bin + "/tally", "issue", "--account", "1", "--amount", "2.00", "--intent", again, "--node", one.url, "--keys", one.keys, "--as", "mint"],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        time.sleep(4)
        if held.poll() is not None or one.tip() != before or two.tip() != before:
            stop(f"two of four went on: {held.stdout.read() if held.poll() is not None else one.tip()}")
        for member in (three, four):
            member.signal(signal.SIGCONT)
        said = held.communicate(timeout=60)[0]
        if held.returncode != 0 or "final at height" not in said:
            stop(f"after the halt: {said}")
        net.agree()
        after = [cents(member) for member in net.members]
        if after != [start + 9_00] * 4:  # seven times 1.00, however often it was sent, and once 2.00
            stop(f"the balances went from {start} to {after}")
        for member in net.members:
            if member.stop() != 0:
                stop(f"a node ended with {member.process.returncode}")
            done = subprocess.run([net.bin + "/tallyd", "verify", "--replay", member.directory], capture_output=True, text=True)
            if done.returncode != 0:
                stop(f"tallyd verify: {done.stdout}{done.stderr}")
        print("network: two of four stop it, nothing is lost or doubled when they come back, and every node's ledger verifies")


main()
