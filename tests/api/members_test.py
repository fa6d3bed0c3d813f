"""tests/api/members_test.py BINDIR SOURCE
Three banks and a supervisor found a ledger and live on it: certificates, dual control, proposals, votes, drafts that
are signed one after the other, a new member, new keys, a pause; over TLS each sees what is its own. In the end the
whole ledger is run again from its genesis."""
import json
import os
import re
import sys

from authority import Authority, openssl
from node import Node

BIN, SOURCE = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])
CHAIN = "banks"
LEI = {"alpha": "529900T8BM49AURSDO55", "beta": "HWUPKR0MPOU8FGXBT394", "gamma": "INR2EJN1ERAN0W5ZP974", "watch": "7LTWFZYICNSX8D621K86", "delta": "G5GSEF7VJP5I7OUK5573"}
failures = []


def fail(text):
    failures.append(text)


class Tool:
    """`tally` before there is a node."""

    def __init__(self, work):
        self.work, self.keys = work, os.path.join(work, "keys")

    def run(self, *arguments):
        return Node.run(self, "tally", *arguments, "--keys", self.keys).stdout

    bin = BIN

    def card(self, name, scheme="ed25519", file=None):
        file = file or name
        self.run("keys", "new", file, "--scheme", scheme)
        return json.loads(self.run("keys", "card", file, "--chain", CHAIN, "--name", name))

    def card_file(self, name, scheme="ed25519", file=None):
        path = os.path.join(self.work, (file or name) + ".card")
        with open(path, "w") as out:
            json.dump(self.card(name, scheme, file), out)
        return path

    def certificates(self, authority, name, file=None):
        """A chain for the key, from a request that the authority signs."""
        file, folder = file or name, authority.folder
        with open(f"{folder}/{file}.csr", "w") as out:
            out.write(self.run("keys", "request", file, "--subject", name))
        openssl("x509", "-req", "-in", f"{file}.csr", "-CA", f"{authority.name}.pem", "-CAkey", f"{authority.name}.key", "-CAcreateserial", "-out", f"{file}.pem", "-days", "30", cwd=folder)
        path = f"{folder}/{file}.chain"
        with open(path, "w") as out:
            out.write(open(f"{folder}/{file}.pem").read() + open(authority.file).read())
        return path


def founding(tool, authority):
    der = openssl("x509", "-in", authority.file, "-outform", "DER", "-out", "root.der", cwd=authority.folder)
    digest = __import__("hashlib").sha256(open(f"{authority.folder}/root.der", "rb").read()).hexdigest()
    institution = lambda name, officers, needed=1, **more: {"name": name, "lei": LEI[name], "officers_needed": needed, "officers": [tool.card(f"{name}.{o}") for o in officers], **more}
    return {
        "chain": CHAIN, "start": "2026-01-01",
        "institutions": [institution("alpha", ("ann", "abe", "ada"), 2, root_certificate=digest), institution("beta", ("bob",)), institution("gamma", ("gus",)), institution("watch", ("wim",), votes=False)],
        "parties": [{"name": "clock", "key": tool.card("clock")["key"], "roles": ["clock"]}],
        "rules": {"Deploy": {"votes": "2/3", "delay": 0}, "Admit": {"delay": 0}, "Appoint": {"delay": 0}},
    }


class Ledger:
    def __init__(self, tool, node):
        self.tool, self.node = tool, node

    def tally(self, *arguments, who=None, good=True):
        signer = ("--keys", self.tool.keys, "--as", who) if who else ()
        return self.node.run("tally", *arguments, "--node", self.node.url, *signer, good=good)

    def refused(self, why, *arguments, who):
        done = self.tally(*arguments, who=who, good=False)
        if done.returncode == 0 or why not in done.stderr:
            fail(f"tally {' '.join(arguments)} --as {who}: not refused with {why}: {done.stdout}{done.stderr}")

    def created(self, *arguments, who):
        return re.search(r"^created (\d+)", self.tally(*arguments, who=who).stdout, re.M).group(1)

    def agree(self, *effect, by="alpha.ann,alpha.abe"):
        """Proposed by alpha, voted for by beta and gamma."""
        proposal = self.created("propose", *effect, "--about", "test", who=by)
        self.tally("vote", proposal, who="beta.bob")
        self.tally("vote", proposal, who="gamma.gus")
        return proposal


def bad_chains(tool, authority):
    """Chains for alpha.eve's key that are not what they should be."""
    folder = authority.folder
    good = tool.certificates(authority, "alpha.eve")
    certificates = re.findall("-----BEGIN.*?END CERTIFICATE-----\n", open(good).read(), re.S)

    def chain(name, *parts):
        path = f"{folder}/{name}.chain"
        with open(path, "w") as out:
            out.write("".join(parts))
        return path

    yield "N1009", chain("reversed", *reversed(certificates))
    yield "N1009", chain("no-root", certificates[0])
    yield "N1009", chain("damaged", certificates[0].replace("A", "B"), certificates[1])
    yield "N1009", chain("nothing", "")
    yield "N1009", chain("rest", *certificates, "-----BEGIN CERTIFICATE-----\nxx\n")
    os.makedirs(f"{tool.work}/other", exist_ok=True)
    other = Authority(f"{tool.work}/other", "other")
    foreign = tool.certificates(other, "alpha.eve", "alpha.eve")
    yield "BadArgument", foreign                               # whole, but not alpha's root
    yield "N1009", chain("mixed", re.findall("-----BEGIN.*?END CERTIFICATE-----\n", open(foreign).read(), re.S)[0], certificates[1])
    with open(f"{folder}/alpha.eve.ext", "w") as out:
        out.write("basicConstraints=CA:FALSE\n")
    authority.sign_until("alpha.eve", "20210101000000Z")
    yield "N1009", chain("expired", open(f"{folder}/alpha.eve.pem").read(), certificates[1])


def people(ledger, authority):
    tool = ledger.tool
    for name, role in (("max", "maker"), ("cho", "checker"), ("aud", "auditor"), ("ops", "operator")):
        card, chain = tool.card_file(f"alpha.{name}", "p256"), None
        chain = tool.certificates(authority, f"alpha.{name}")
        enrol = ("enrol", "--card", card, "--institution", "alpha", "--role", role, "--certificates", chain)
        ledger.refused("NotAuthorised", *enrol, who="alpha.ann")       # two officers are needed
        ledger.refused("NotAuthorised", *enrol, who="beta.bob")
        ledger.tally(*enrol, who="alpha.ann,alpha.ada")
    stranger = tool.card_file("alpha.eve", "p256")
    ledger.refused("N1009", "enrol", "--card", stranger, "--institution", "alpha", "--role", "maker", "--certificates", f"{authority.folder}/alpha.max.chain", who="alpha.ann,alpha.ada")
    ledger.refused("MalformedInput", "enrol", "--card", stranger, "--institution", "alpha", "--role", "maker", who="alpha.ann,alpha.ada")
    for why, chain in bad_chains(tool, authority):
        ledger.refused(why, "enrol", "--card", stranger, "--institution", "alpha", "--role", "maker", "--certificates", chain, who="alpha.ann,alpha.ada")
    for name, role in (("bea", "maker"), ("ben", "checker")):
        ledger.tally("enrol", "--card", tool.card_file(f"beta.{name}"), "--institution", "beta", "--role", role, who="beta.bob")
    ledger.tally("enrol", "--card", tool.card_file("watch.reg"), "--institution", "watch", "--role", "regulator", who="watch.wim")
    ledger.refused("BadArgument", "enrol", "--card", tool.card_file("beta.reg"), "--institution", "beta", "--role", "regulator", who="beta.bob")


def money(ledger):
    appointed = ledger.agree("appoint", "USD", "beta")
    ledger.tally("enact", "appoint", "USD", "beta", "--proposal", appointed, who="gamma.gus")
    ledger.refused("WrongState", "enact", "appoint", "USD", "beta", "--proposal", appointed, who="gamma.gus")
    ledger.refused("NotAuthorised", "account", "open", "--currency", "USD", "--owner", "alpha", who="alpha.max")
    account = ledger.created("account", "open", "--currency", "USD", "--owner", "alpha", who="alpha.max,alpha.cho")
    ledger.refused("NotAuthorised", "issue", "--account", account, "--amount", "10.00", who="beta.bea")
    ledger.tally("issue", "--account", account, "--amount", "10.00", who="beta.bea,beta.ben")
    return account


def module(ledger, work):
    ledger.node.run("tally", "build", f"{SOURCE}/tests/api/jar.tally", "-o", work)
    path = f"{work}/api.jar.tallymod"
    ledger.refused("NotAuthorised", "deploy", path, who="alpha.ann,alpha.abe")
    agreed = ledger.agree("deploy", path)
    ledger.refused("Refused" if False else "OtherSubject", "enact", "suspend", "gamma", "--proposal", agreed, who="alpha.ann")
    ledger.tally("enact", "deploy", path, "--proposal", agreed, who="alpha.ann")
    jar = ledger.created("create", "api.jar", "Jar", json.dumps({"owner": "alpha", "least": "1.00", "ripe": "2026-02-01"}), who="alpha.max,alpha.cho")
    ledger.refused("NotAuthorised", "call", jar, "put", "--cash", "1:4.00", who="alpha.max")
    ledger.tally("call", jar, "put", "--cash", "1:4.00", who="alpha.max,alpha.cho")


def admission(ledger, work):
    """Two officers of alpha who never meet sign one draft."""
    path, draft = f"{work}/delta.json", f"{work}/draft.json"
    with open(path, "w") as out:
        json.dump({"name": "delta", "lei": LEI["delta"], "officers": [ledger.tool.card("delta.dee")]}, out)
    apart = f"{work}/apart"
    os.makedirs(apart)
    os.rename(f"{ledger.tool.keys}/alpha.abe.key", f"{apart}/alpha.abe.key")
    ledger.tally("propose", "admit", path, "--draft", draft, who="alpha.ann,alpha.abe")
    unsigned = ledger.node.run("tally", "send", draft, "--node", ledger.node.url, good=False)
    if unsigned.returncode == 0 or "alpha.abe has not signed" not in unsigned.stderr:
        fail("a draft with a signature missing was sent")
    shown = ledger.node.run("tally", "sign", draft, "--keys", apart).stdout
    if "create Proposal" not in shown:
        fail(f"who signs does not see what: {shown}")
    led_out = json.load(open(draft))
    led_out["signers"] = ["../apart/alpha.abe"]
    with open(draft + ".out", "w") as out:
        json.dump(led_out, out)
    if ledger.node.run("tally", "sign", draft + ".out", "--keys", ledger.tool.keys, good=False).returncode == 0:
        fail("a draft led out of the folder of keys")
    said = ledger.node.run("tally", "send", draft, "--node", ledger.node.url).stdout
    proposal = re.search(r"^created (\d+)", said, re.M).group(1)
    os.rename(f"{apart}/alpha.abe.key", f"{ledger.tool.keys}/alpha.abe.key")
    ledger.tally("vote", proposal, who="beta.bob")
    ledger.tally("vote", proposal, who="gamma.gus")
    ledger.tally("enact", "admit", path, "--proposal", proposal, who="beta.bob")
    member = json.loads(ledger.tally("query", "institution", "delta").stdout)
    if member["board"] != "delta.officers" or member["suspended"]:
        fail(f"delta was admitted as {member}")
    # Four members: beta and gamma alone are no two thirds any more.
    proposal = ledger.agree("pause", "2026-01-03")
    ledger.refused("WrongState", "enact", "pause", "2026-01-03", "--proposal", proposal, who="delta.dee")
    ledger.tally("vote", proposal, who="delta.dee")
    ledger.tally("enact", "pause", "2026-01-03", "--proposal", proposal, who="delta.dee")
    ledger.refused("paused until 2026-01-03", "pay", "--from", "1", "--to", "1", "--amount", "1.00", who="alpha.max,alpha.cho")
    ledger.tally("advance", "--to", "2026-01-04", who="clock")


def keys(ledger, authority):
    card, chain = ledger.tool.card_file("alpha.max", "p256", "alpha.max.2"), ledger.tool.certificates(authority, "alpha.max", "alpha.max.2")
    ledger.tally("rotate", "--card", card, "--certificates", chain, who="alpha.max")
    ledger.refused("N1003", "account", "open", "--currency", "EUR", "--owner", "alpha", who="alpha.max,alpha.cho") # the old key
    os.replace(f"{ledger.tool.keys}/alpha.max.2.key", f"{ledger.tool.keys}/alpha.max.key")
    ledger.tally("account", "open", "--currency", "EUR", "--owner", "alpha", who="alpha.max,alpha.cho")
    ledger.tally("revoke", "alpha.cho", who="alpha.ann,alpha.abe")
    ledger.refused("revoked", "account", "open", "--currency", "CNY", "--owner", "alpha", who="alpha.max,alpha.cho")
    ledger.refused("BadArgument", "revoke", "beta.bob", who="beta.bob") # its only officer


def over_tls(ledger, authority, work):
    """What the auditor and the operator of alpha may see, with the certificates that they were enrolled with."""
    node, folder = ledger.node, authority.folder
    node.stop()
    certificate, key = authority.sign("server", usage="serverAuth")
    node.start("--tls-certificate", certificate, "--tls-key", key, "--tls-clients", authority.file)

    def client(name, *arguments):
        pem = f"{work}/{name}.tls"
        if not os.path.exists(pem):
            ledger.tool.run("keys", "pem", name, "--out", pem)
        return node.run("tally", *arguments, "--node", node.url, "--tls-certificate", f"{folder}/{name}.pem", "--tls-key", pem, "--tls-authority", authority.file, good=False)

    for name, arguments, allowed in (("alpha.aud", ("query", "account", "1"), True), ("alpha.aud", ("query", "block", "1"), False), ("alpha.ops", ("query", "block", "1"), True),
                                     ("alpha.aud", ("query", "account", "beta", "--currency", "USD"), False), ("alpha.aud", ("query", "institutions"), True), ("alpha.aud", ("query", "rights"), True),
                                     ("alpha.cho", ("query", "account", "1"), False)): # revoked
        done = client(name, *arguments)
        if (done.returncode == 0) != allowed or (not allowed and "N3014" not in done.stderr):
            fail(f"{name} {' '.join(arguments)}: {done.stdout[:100]}{done.stderr}")
    node.stop()


def main():
    tool_work = __import__("tempfile").mkdtemp()
    try:
        tool, authority = Tool(tool_work), Authority(tool_work, "root")
        with Node(BIN, genesis=founding(tool, authority)) as node:
            ledger = Ledger(tool, node)
            people(ledger, authority)
            money(ledger)
            module(ledger, tool_work)
            admission(ledger, tool_work)
            keys(ledger, authority)
            over_tls(ledger, authority, tool_work)
            said = node.run("tallyd", "verify", "--replay", node.directory).stdout
            for line in failures:
                print("FAILED:", line)
            if failures:
                sys.exit(1)
            print("api.members: founded, enrolled, agreed, admitted, paused, rotated, revoked; run again:", said.strip().splitlines()[-1])
    finally:
        __import__("shutil").rmtree(tool_work)


main()
