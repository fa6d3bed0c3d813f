"""A node to test against: a ledger of its own, started, asked over raw HTTP, and gone afterwards."""
import http.client
import json
import os
import re
import secrets
import shutil
import subprocess
import tempfile
import time


class Node:
    def __init__(self, bin_dir, *options, name="api", genesis=None):
        self.bin, self.work = os.path.realpath(bin_dir), tempfile.mkdtemp()
        self.directory, self.keys = os.path.join(self.work, "node"), os.path.join(self.work, "node", "keys")
        self.log, self.process, self.port = os.path.join(self.work, "log"), None, 0
        if genesis is None:
            self.run("tallyd", "init", self.directory, "--chain", name)
        else:
            path = os.path.join(self.work, "genesis.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(genesis, file)
            self.run("tallyd", "init", self.directory, "--genesis", path)
        self.start(*options)

    def start(self, *options):
        self.options = options
        listen = () if "--listen" in options else ("--listen", "127.0.0.1:0")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([self.bin + "/tallyd", "start", self.directory, *listen, *options], stdout=subprocess.PIPE, stderr=log, text=True)
        self.said = []
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit(f"the node does not start: {open(self.log).read()}")
            self.said.append(line.strip())
            if line.startswith("listening on"):
                break
        self.url = self.said[-1].split()[-1]
        self.port = int(self.url.rsplit(":", 1)[1])

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)
        return self.process.returncode

    def close(self):
        self.stop()
        shutil.rmtree(self.work, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def run(self, program, *arguments, good=True, **more):
        done = subprocess.run([f"{self.bin}/{program}", *arguments], capture_output=True, text=True, timeout=60, **more)
        if good and done.returncode != 0:
            raise SystemExit(f"{program} {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done

    def tally(self, *arguments, who=None, **more):
        signer = ("--keys", self.keys, "--as", who) if who else ()
        return self.run("tally", *arguments, "--node", self.url, *signer, **more)

    def new_key(self, name):
        return re.search("[0-9a-f]{64}", self.run("tally", "keys", "new", name, "--keys", self.keys).stdout).group(0)

    def enrol(self, name, *more):
        self.tally("enrol", "--name", name, "--key", self.new_key(name), *more, who="operator")

    def ask(self, method, target, body=None, headers=None):
        """Status, headers, body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            try:
                connection.request(method, target, body=body, headers=headers or {})
            except (BrokenPipeError, ConnectionResetError):
                pass # refused before all of the body was sent: the answer is there all the same
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def get(self, target):
        status, _, body = self.ask("GET", target)
        if status != 200:
            raise SystemExit(f"{target}: {status} {body[:300]}")
        return json.loads(body)


def intent():
    return secrets.token_hex(16)


def wait_until(what, true, seconds=10):
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            raise SystemExit(f"{what}: not within {seconds} s")
        time.sleep(0.02)
