#!/usr/bin/env python3
"""tls_test.py BINDIR ROOT: mutual TLS. Who has no certificate, a foreign one, one that has expired or is for a server,
or speaks an older TLS, gets nothing; a good client works; off loopback there is no listening without TLS; keys that
others may read are refused; certificates change while connections stay; the doctor counts the days."""
import datetime
import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile

from authority import Authority
from ledger import fill
from node import Node, wait_until

BIN = sys.argv[1]
failures = []


def check(good, what):
    if not good:
        failures.append(what)


class Client:
    """Keeps one connection."""

    def __init__(self, port, authority, files=None, most=None, least=None):
        self.context = ssl.create_default_context(cafile=authority.file)
        if files:
            self.context.load_cert_chain(*files)
        if most:
            self.context.minimum_version, self.context.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, most
        self.connection = http.client.HTTPSConnection("127.0.0.1", port, context=self.context, timeout=10)

    def get(self, target="/v1/status"):
        self.connection.request("GET", target)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def presented(self):
        """The node's certificate."""
        return self.connection.sock.getpeercert(binary_form=True)


def refused(name, port, *arguments, **more):
    try:
        status, body = Client(port, *arguments, **more).get()
        failures.append(f"{name}: answered {status} {body[:80]}")
    except (ssl.SSLError, ConnectionError, http.client.RemoteDisconnected):
        pass


def start_refused(node, name, code, *options):
    """With a ledger that nobody runs."""
    done = node.run("tallyd", "start", node.directory, *options, good=False)
    check(done.returncode == 1 and code in done.stderr, f"{name}: exit code {done.returncode}, {done.stderr}")


def in_days(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days, hours=1)).strftime("%Y%m%d%H%M%SZ")


def main():
    work = tempfile.mkdtemp()
    os.mkdir(work + "/foreign")
    ours, foreign = Authority(work, "ours"), Authority(work + "/foreign", "foreign")
    server, bank = ours.sign("server", "serverAuth"), ours.sign("bank-a", subject="/O=Bank A/CN=bank-a\x07\xe9")
    stranger, expired = foreign.sign("stranger"), ours.sign("expired", not_after="20210101000000Z")
    pretender, late = ours.sign("pretender", "serverAuth"), ours.sign("late", not_after="20210101000000Z", usage="serverAuth")
    files = lambda one: ("--tls-certificate", one[0], "--tls-key", one[1], "--tls-clients", ours.file)
    with Node(BIN, *files(server), "--log-level", "debug") as node:
        check(node.url.startswith("https://127.0.0.1:"), f"listens on {node.url}")
        mine = ("--tls-certificate", bank[0], "--tls-key", bank[1], "--tls-authority", ours.file)

        # A good client: the tool and Python's, with transactions.
        plain = node.tally
        node.tally = lambda *a, **k: plain(*a, *mine, **k)
        node.get = lambda target: json.loads(Client(node.port, ours, bank).get(target)[1])
        fill(node)
        status, body = Client(node.port, ours, bank).get()
        check(status == 200 and b'"chain": "api"' in body, f"a good client: {status} {body}")
        check(Client(node.port, ours, bank).get("/v1/parties/ann")[0] == 200, "a party's question")
        said = node.run("tallyd", "status", node.directory, "--tls-certificate", bank[0], "--tls-key", bank[1], "--tls-authority", ours.file)
        check("chain" in said.stdout, f"tallyd status: {said.stdout}{said.stderr}")

        # A stream of events: what the pages say, and an end in order when the node stops.
        stream = Client(node.port, ours, bank)
        stream.connection.request("GET", "/v1/events/stream")
        reading = stream.connection.getresponse()
        pages = node.get("/v1/events")["events"]
        got = []
        while len(got) < len(pages):
            line = reading.readline()
            if line.startswith(b"data: "):
                got.append(json.loads(line[6:]))
        check(got == pages, f"a stream over TLS: {len(got)} events of {len(pages)}")

        # Nobody else.
        refused("no certificate", node.port, ours)
        refused("a foreign authority", node.port, ours, stranger)
        refused("an expired certificate", node.port, ours, expired)
        refused("a server's certificate", node.port, ours, pretender)
        refused("TLS 1.2", node.port, ours, bank, most=ssl.TLSVersion.TLSv1_2)
        refused("a client that trusts another authority", node.port, foreign, bank)
        try:
            connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=10)
            connection.request("GET", "/v1/status")
            failures.append(f"without TLS: {connection.getresponse().read()}")
        except (ConnectionError, http.client.HTTPException):
            pass
        for name, arguments in (("no files", ()), ("no authority", mine[:4]), ("a foreign certificate", ("--tls-certificate", stranger[0], "--tls-key", stranger[1], "--tls-authority", ours.file)),
                                ("another authority", ("--tls-certificate", bank[0], "--tls-key", bank[1], "--tls-authority", foreign.file))):
            done = plain("status", *arguments, good=False)
            check(done.returncode == 1 and ("N4008" in done.stderr or "N2018" in done.stderr), f"tally with {name}: {done.returncode} {done.stdout}{done.stderr}")
        done = node.run("tally", "status", "--node", node.url.replace("127.0.0.1", "localhost"), *mine, good=False)
        check(done.returncode == 0, f"by name: {done.stderr}")

        # Who it was is in the log, whatever a certificate calls itself.
        log = open(node.log, "rb").read()
        check(b"client=" + ours.fingerprint(bank[0]).encode() in log and b"CN=bank-a" in log, "the client is not in the log")
        check(b"client turned away client=127.0.0.1 why=" in log, "those that were turned away are not in the log")
        check(not any(byte > 0x7e or (byte < 0x20 and byte != 10) for byte in log), "a byte that no log should hold")

        # Other certificates without a restart: who is connected stays, who comes meets the new one.
        stays = Client(node.port, ours, bank)
        stays.get()
        before = stays.presented()
        renewed = ours.sign("renewed", "serverAuth")
        for new, old in zip(renewed, server):
            shutil.copyfile(new, old)
        os.chmod(server[1], 0o600)
        node.process.send_signal(signal.SIGHUP)

        def changed():
            one = Client(node.port, ours, bank)
            one.get()
            return one.presented() != before
        wait_until("the new certificate", changed)
        check(stays.get()[0] == 200 and stays.presented() == before, "a connection of before does not stay")
        # Files that are no good change nothing.
        shutil.copyfile(stranger[1], server[1])
        node.process.send_signal(signal.SIGHUP)
        wait_until("a word about bad files", lambda: "N2018" in open(node.log).read())
        check(Client(node.port, ours, bank).get()[0] == 200, "after files that are no good nobody gets in")
        shutil.copyfile(renewed[1], server[1])

        # The doctor, while it runs.
        done = node.run("tallyd", "doctor", node.directory)
        check("a node runs with TLS" in done.stdout and "server.pem" in done.stdout, f"doctor: {done.stdout}")
        check(node.stop() == 0, "the node does not end in order")
        check(reading.read().strip(b":\n") == b"", "the stream over TLS does not end in order")
        start_refused(node, "off loopback without TLS", "N3008", "--listen", "0.0.0.0:0")
        start_refused(node, "half of the files", "N2018", "--tls-certificate", server[0])
        os.chmod(server[1], 0o640)
        start_refused(node, "a key that others may read", "N2018", *files(server))
        os.chmod(server[1], 0o600)
        start_refused(node, "another certificate's key", "N2018", "--tls-certificate", server[0], "--tls-key", bank[1], "--tls-clients", ours.file)
        start_refused(node, "no authority there", "N2018", "--tls-certificate", server[0], "--tls-key", server[1], "--tls-clients", work + "/nothing.pem")

        # Off loopback with TLS.
        node.start("--listen", "0.0.0.0:0", "--rate-requests", "20", *files(server))
        check(node.url.startswith("https://0.0.0.0:"), f"listens on {node.url}")
        check(Client(node.port, ours, bank).get("/v1/parties/ann")[0] == 200, "a good client, off loopback")
        refused("no certificate, off loopback", node.port, ours)
        # Each certificate has a rate of its own, whatever address it comes from.
        eager = Client(node.port, ours, bank)
        statuses = [eager.get()[0] for _ in range(100)]
        check(statuses[0] == 200 and statuses[-1] == 429, f"a hundred requests at once: {statuses}")
        check(Client(node.port, ours, ours.sign("other")).get()[0] == 200, "another client waits for the first one")
        node.stop()

        # The days that a certificate has left.
        for days, level, word in ((200, "ok", "expires in"), (80, "warn", "ask for a new one"), (20, "warn", "this month"), (5, "FAIL", "now"), (-2, "FAIL", "has expired")):
            soon = ours.sign(f"soon{days}", "serverAuth", not_after=in_days(days))
            node.start(*files(soon))
            node.stop()
            done = node.run("tallyd", "doctor", node.directory, good=False)
            lines = done.stdout.splitlines()
            at = next((i for i, line in enumerate(lines) if f"soon{days}.pem" in line), None)
            check(at is not None and lines[at].startswith(level) and any(word in line for line in lines[at:at + 2]), f"doctor, {days} days: {done.stdout}")
            check((done.returncode == 1) == (level == "FAIL"), f"doctor, {days} days: exit code {done.returncode}")
        # A node whose own certificate has ended finds no clients.
        node.start(*files(late))
        done = plain("status", *mine, good=False)
        check(done.returncode == 1 and "N4008" in done.stderr, f"a node that has expired: {done.stdout}{done.stderr}")
    shutil.rmtree(work)
    for failure in failures:
        print("FAILED:", failure)
    if failures:
        sys.exit(1)
    print("api.tls: a good client works, eight kinds of bad ones get nothing, certificates change in place")


main()
