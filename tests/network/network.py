"""Nodes of a network on this machine, each a process of its own with its engine, to be killed, paused and wiped."""
import glob
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
from node import Node, wait_until  # noqa: E402


def engine():
    """Where CometBFT is. Without it the suite says that it was skipped; in CI it must be there."""
    places = [shutil.which("cometbft"), os.path.join(os.environ.get("GOPATH", os.path.expanduser("~/go")), "bin", "cometbft")]
    found = next((place for place in places if place and os.access(place, os.X_OK)), None)
    if found is None and os.environ.get("CI"):
        raise SystemExit("FAILED: no cometbft, and this is CI")
    return found


def free_ports(count):
    """The first of so many ports in a row that nobody listens on."""
    while True:
        first = random.randrange(20000, 30000)
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue


class Member(Node):
    """One node of a network, in a folder that `tallyd network new` made."""

    def __init__(self, bin_dir, work, directory, keys):
        self.bin, self.work, self.directory, self.keys = os.path.realpath(bin_dir), work, directory, keys
        self.log, self.process, self.port = directory + ".log", None, 0
        self.start()

    def engines(self):
        out = []
        for file in glob.glob(f"/proc/{self.process.pid}/task/*/children"):
            with open(file, encoding="ascii") as children:
                out += [int(pid) for pid in children.read().split()]
        return out

    def signal(self, what):
        """To the node and to its engine."""
        for pid in [self.process.pid, *self.engines()]:
            os.kill(pid, what)

    def kill_nine(self):
        self.process.kill()
        self.process.wait()

    def tip(self):
        status = self.get("/v1/status")
        return status["height"], status["root"]


class Network:
    def __init__(self, bin_dir, nodes=4, genesis=None):
        self.work = tempfile.mkdtemp()
        self.folder = os.path.join(self.work, "net")
        self.bin = os.path.realpath(bin_dir)
        more = ("--genesis", genesis) if genesis else ()
        made = subprocess.run([self.bin + "/tallyd", "network", "new", self.folder, "--local", str(nodes), "--port", str(free_ports(3 * nodes)), "--chain", "network", *more],
                              capture_output=True, text=True, timeout=60)
        if made.returncode != 0:
            raise SystemExit(f"tallyd network new: {made.stdout}{made.stderr}")
        shutil.copytree(self.folder, os.path.join(self.work, "bundles"))
        keys = os.path.join(self.folder, "1", "keys")
        self.members = [Member(bin_dir, self.work, os.path.join(self.folder, str(i + 1)), keys) for i in range(nodes)]

    def wipe(self, number):
        """The disk is gone; what the node was set up with is still at hand."""
        shutil.rmtree(self.members[number].directory)
        shutil.copytree(os.path.join(self.work, "bundles", str(number + 1)), self.members[number].directory)

    def agree(self, members=None, seconds=30):
        """All are at the same height with the same root: what that is."""
        members = members or self.members
        wait_until("the same height everywhere", lambda: len({member.tip() for member in members}) == 1, seconds)
        return members[0].tip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for member in self.members:
            if member.process.poll() is None:
                member.signal(signal.SIGCONT)
                member.process.terminate()
        for member in self.members:
            member.process.wait(30)
        shutil.rmtree(self.work, ignore_errors=True)
