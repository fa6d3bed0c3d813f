#!/usr/bin/env python3
"""flips.py BIN CONTRACTS [--flips 300] [--seed 1] [--jobs 2] [--json FILE]

Flips one bit in a file of a ledger, and starts it. Half of the ledgers were closed, half were killed. Each flip must
be refused when the ledger is opened, or be found by `tallyd verify`, or have changed nothing that can be read.
What verify and the node accept is held against the ledger without the flip, byte for byte. Silent: an accepted ledger
that is another one. Exits with 1 if there is one.

The control flips the length of a record in the log of a killed ledger whose node.tip was taken away: RocksDB by
itself drops what follows, and this test must see it.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("bin")
arguments.add_argument("contracts")
arguments.add_argument("--flips", type=int, default=300)
arguments.add_argument("--seed", type=int, default=1)
arguments.add_argument("--jobs", type=int, default=os.cpu_count())
arguments.add_argument("--json")
options = arguments.parse_args()

BLOCKS = 200
KILLED_AT = 0.8   # of the operations of a whole run
CONTROLS = 5
LOG_BLOCK = 32 << 10
binaries = os.path.realpath(options.bin)
shared = "/dev/shm"
work = tempfile.mkdtemp(prefix="tally_flips_", dir=shared if os.path.isdir(shared) and shutil.disk_usage(shared).free > 1 << 30 else None)
stream = os.path.join(work, "stream")
started = time.time()


def call(*command, **environment):
    ended = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, timeout=120)
    return ended.returncode, ended.stdout.decode(), ended.stderr.decode(errors="replace").strip()


def node(directory, *more, **environment):
    return call(os.path.join(binaries, "tally_crash_run"), directory, stream, *map(str, more), **environment)


def verify(directory):
    """(contents, words): no contents when something is wrong."""
    code, out, words = call(os.path.join(binaries, "tallyd"), "verify", directory)
    found = re.search(r"^contents\s+(\w+)", out, re.M)
    if code == 0 and found:
        return found.group(1), ""
    if code not in (1, 2) or not re.search(r"\bN\d{4}: ", words):
        raise RuntimeError(f"verify ends with {code}: {words}")
    return None, words


def stop(code, text):
    print(text)
    shutil.rmtree(work, ignore_errors=True)
    sys.exit(code)


def kind_of(path):
    name = os.path.basename(path)
    for pattern, kind in ((r"\d+\.log$", "WAL"), (r"\d+\.sst$", "SST"), (r"MANIFEST-", "MANIFEST"), (r"OPTIONS-", "OPTIONS")):
        if re.match(pattern, name):
            return kind
    return name


def files_in(directory):
    out = collections.defaultdict(list)
    for where, _, names in os.walk(directory):
        for name in sorted(names):
            path = os.path.join(where, name)
            if os.path.getsize(path):
                out[kind_of(path)].append(os.path.relpath(path, directory))
    return {kind: sorted(paths) for kind, paths in out.items()}


# ---- the ledgers

call(os.path.join(binaries, "tally_crash_plan"), options.contracts, str(BLOCKS), stream)
closed, killed = os.path.join(work, "closed"), os.path.join(work, "killed")
log = os.path.join(work, "log")
faults = {"LD_PRELOAD": os.path.join(binaries, "disk_faults.so"), "FAULT_LOG": log}
if node(closed, FAULT_DIR=closed, **faults)[0] != 0:
    stop(2, "flips: the ledger cannot be made")
operations = sum(1 for _ in open(log))
if node(killed, FAULT_DIR=killed, FAULT_AT=str(int(operations * KILLED_AT)), FAULT_MODE="after", **faults)[0] != -9:
    stop(2, "flips: the ledger cannot be killed")
ledgers = {"closed": closed, "killed": killed}
right = {name: verify(path)[0] for name, path in ledgers.items()}
if None in right.values():
    stop(2, f"flips: verify does not accept a ledger without a flip: {[verify(p)[1] for p in ledgers.values()]}")


# ---- one flip

def judge(name, directory):
    """refused, verify, harmless or silent; and the words."""
    contents, words = verify(directory)
    opened, _, complaint = node(directory, 0)  # changes the directory
    if opened in (1, 2) and re.search(r"\bN\d{4}: ", complaint):
        return "refused", complaint
    if opened != 0:
        return "silent", f"the node ends with {opened}: {complaint}"
    if contents is None:
        return "verify", words
    after, words = verify(directory)
    if contents == right[name] and after == right[name]:
        return "harmless", ""
    return "silent", f"{words or 'accepted, and another ledger'}"


def flip(number):
    dice = random.Random(options.seed * 1_000_003 + number)
    name = ("closed", "killed")[number % 2]
    directory = os.path.join(work, f"flip{number}")
    shutil.copytree(ledgers[name], directory)
    files = files_in(directory)
    # The large kinds most often; within one, every byte of all its files is as likely.
    kind = dice.choices(list(files), [{"SST": 8, "WAL": 8, "MANIFEST": 6}.get(k, 1) for k in files])[0]
    path = dice.choices(files[kind], [os.path.getsize(os.path.join(directory, p)) for p in files[kind]])[0]
    with open(os.path.join(directory, path), "r+b") as f:
        size = os.path.getsize(f.name)
        # A quarter near the end, where a log may be torn.
        at = dice.randrange(max(0, size - 512), size) if dice.random() < 0.25 else dice.randrange(size)
        f.seek(at)
        byte = f.read(1)[0]
        f.seek(at)
        f.write(bytes([byte ^ 1 << dice.randrange(8)]))
    verdict, words = judge(name, directory)
    shutil.rmtree(directory)
    return name, kind, verdict, f"{name}, {path} of {size}, byte {at}: {words}"


def control(number):
    """True when the loss of a tail that nothing vouches for is seen."""
    directory = os.path.join(work, f"control{number}")
    shutil.copytree(killed, directory)
    os.unlink(os.path.join(directory, "node.tip"))
    path = os.path.join(directory, files_in(directory)["WAL"][-1])
    with open(path, "r+b") as f:
        data = f.read()
        at = (len(data) - 1) // LOG_BLOCK * LOG_BLOCK
        for _ in range(number):  # so many records on
            at += 7 + int.from_bytes(data[at + 4:at + 6], "little")
        if at + 7 >= len(data):
            at = (len(data) - 1) // LOG_BLOCK * LOG_BLOCK
        f.seek(at + 5)
        f.write(bytes([data[at + 5] ^ 0x80]))
    verdict, _ = judge("killed", directory)
    shutil.rmtree(directory)
    return verdict == "silent"


def hole(path):
    """True when a log file that is not the last, cut short in the same way, is refused as one with a hole."""
    directory = os.path.join(work, "hole" + os.path.basename(path))
    shutil.copytree(killed, directory)
    with open(os.path.join(directory, path), "r+b") as f:
        at = (os.path.getsize(f.name) - 1) // LOG_BLOCK * LOG_BLOCK + 5
        f.seek(at)
        byte = f.read(1)[0]
        f.seek(at)
        f.write(bytes([byte ^ 0x80]))
    _, words = verify(directory)
    shutil.rmtree(directory)
    return "a hole in the log" in words


with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
    holes = list(pool.map(hole, files_in(killed)["WAL"][:-1]))
    results = list(pool.map(flip, range(options.flips)))
    controls = list(pool.map(control, range(CONTROLS)))

table = collections.defaultdict(collections.Counter)
for _, kind, verdict, _ in results:
    table[kind][verdict] += 1
verdicts = ("refused", "verify", "harmless", "silent")
print(f"{'':<12}" + "".join(f"{v:>10}" for v in verdicts))
for kind in sorted(table):
    print(f"{kind:<12}" + "".join(f"{table[kind][v]:>10}" for v in verdicts))
silent = [words for _, _, verdict, words in results if verdict == "silent"]
for words in silent[:20]:
    print(f"FAILED: {words}")
good = not silent and all(controls) and all(holes) and holes
if not all(holes) or not holes:
    print(f"FAILED: {sum(holes)} of {len(holes)} holes between log files were seen")
print(f"holes between log files: seen {sum(holes)} of {len(holes)}")
if not all(controls):
    print(f"FAILED: the control was seen {sum(controls)} of {CONTROLS} times")
seconds = time.time() - started
print(f"control: a log cut short that nothing vouches for: seen {sum(controls)} of {CONTROLS}")
text = f"flips: {len(results)} flips, {len(silent)} silent, {seconds:.0f} s"
if options.json:
    with open(options.json, "w") as f:
        json.dump({"flips": len(results), "silent": len(silent), "control": sum(controls), "holes": sum(holes), "kinds": {k: dict(v) for k, v in table.items()}, "seconds": round(seconds, 1), "good": bool(good)}, f, indent=1)
stop(0 if good else 1, text)
