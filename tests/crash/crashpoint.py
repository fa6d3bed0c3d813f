#!/usr/bin/env python3
"""crashpoint.py BIN CONTRACTS [--blocks 200] [--plan ci|long] [--every K] [--jobs 2] [--json FILE]

Stops a node at every operation on its disk, and looks at what it finds when it is started again: nothing that was
acknowledged may be missing, every root must be that of a run without a fault, and 20 more blocks must lead to the
reference root too. Exits with 1 when a point falls short.

  ci     before every operation; after half of every write; a power cut after every operation;
         some short writes, signals, EIO and ENOSPC; and that a disk which only says that it synced is found out
  long   also: after every operation; a power cut before each and in every write; EIO and ENOSPC once and from then
         on; short writes; EINTR; and a second crash at every operation of the recovery
"""
import argparse
import collections
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("bin")
arguments.add_argument("contracts")
arguments.add_argument("--blocks", type=int, default=200)
arguments.add_argument("--plan", choices=("ci", "long"), default="ci")
arguments.add_argument("--every", type=int, default=1, help="only every K-th operation")
arguments.add_argument("--jobs", type=int, default=os.cpu_count())
arguments.add_argument("--json")
arguments.add_argument("--work", help="a folder for the ledgers; by default in memory where there is room")
options = arguments.parse_args()

MORE = 20         # blocks after a recovery
CONTROLS = 20     # runs on the disk that lies
DOUBLES = 25      # first crashes whose recovery is crashed at every operation
MISSED_MAX = 0.08 # RocksDB's threads merge files when they come to it: a run on a busy machine has fewer operations

binaries = os.path.realpath(options.bin)
shared = "/dev/shm"
base = options.work or (shared if os.path.isdir(shared) and shutil.disk_usage(shared).free > 1 << 30 else None)
work = tempfile.mkdtemp(prefix="tally_crashpoint_", dir=base)
stream = os.path.join(work, "stream")


class Found(Exception):
    """What a point does wrong."""


def run(directory, *more, **fault):
    """Lines of the program, exit code (negative: signal), last words."""
    environment = dict(os.environ)
    if fault:
        environment.update({"LD_PRELOAD": os.path.join(binaries, "disk_faults.so"), "FAULT_DIR": directory})
        environment.update({"FAULT_" + key.upper(): str(value) for key, value in fault.items()})
    # A file and not a pipe: what the program said before it was killed is there whole.
    with tempfile.TemporaryFile(dir=work) as out:
        ended = subprocess.run([os.path.join(binaries, "tally_crash_run"), directory, stream, *map(str, more)],
                               env=environment, stdout=out, stderr=subprocess.PIPE, timeout=120)
        out.seek(0)
        return out.read().decode().splitlines(), ended.returncode, ended.stderr.decode(errors="replace").strip()


def tips(lines):
    """(height, root) of every line that has them."""
    return [(int(line.split()[1]), line.split()[2]) for line in lines if line.startswith(("open ", "block "))]


def check_roots(lines):
    for height, root in tips(lines):
        if reference.get(height) != root:
            raise Found(f"the root at height {height} is not the reference's")


def logged(log):
    """(number, call, file) of every line; digits of a file's name left out."""
    found = []
    if os.path.exists(log):
        with open(log) as f:
            for line in f:
                number, call, *name = line.split()
                found.append((int(number), call, kind_of(name[0] if name else "")))
    return found


def kind_of(path):
    name = os.path.basename(path)
    for pattern, kind in ((r".*\.dbtmp$", "temporary"), (r"\d+\.log$", "WAL"), (r"\d+\.sst$", "SST"), (r"MANIFEST-", "MANIFEST"), (r"OPTIONS-", "OPTIONS"),
                          (r"(db)?$", "directory")):
        if re.match(pattern, name):
            return kind
    return name


def recover(directory, lines, **fault):
    """The node is started again after `lines` were said. What it says then."""
    acknowledged = tips(lines)
    after, code, words = run(directory, MORE, **fault)
    if fault and code == -9:
        check_roots(after)
        return after
    if code == 1 and not acknowledged and "made" not in lines:
        # A ledger that was not made yet: nobody was told that it was. It says so, and is made again.
        if not re.search(r"N2009", words):
            raise Found(f"a ledger that was being made is called something else: {words}")
        shutil.rmtree(directory)
        after, code, words = run(directory, MORE)
    if code != 0:
        raise Found(f"does not start again: exit {code}, {words}")
    check_roots(after)
    found = tips(after)
    if acknowledged and found[0][0] < acknowledged[-1][0]:
        raise Found(f"lost: {acknowledged[-1][0]} was acknowledged, {found[0][0]} is there")
    if found[-1][0] < min(found[0][0] + MORE, max(reference)):
        raise Found(f"does not go on behind height {found[-1][0]}")
    return after


def crash(directory, log, **fault):
    """Lines of a run with this fault, or None if it was over before the fault's number."""
    lines, code, words = run(directory, log=log, **fault)
    if not logged(log):
        return None
    mode = fault["mode"]
    if mode in ("before", "after", "torn") and code != -9:
        raise Found(f"exit {code} where it was killed: {words}")
    if mode not in ("before", "after", "torn"):
        if code not in (0, 1, 2):
            raise Found(f"exit {code}: {words}")
        if code != 0 and not re.search(r"\bN\d{4}: ", words):
            raise Found(f"exit {code} without a code: {words}")
        if mode in ("short", "eintr") and code != 0:
            raise Found(f"a legal answer of the system stops it: {words}")
    check_roots(lines)
    return lines


counter = threading.Lock()
serial = 0


def place():
    global serial
    with counter:
        serial += 1
        return os.path.join(work, str(serial))


def point(name, **fault):
    """One crash. (suite, what was hit, problem); nothing was hit: the run was over before."""
    directory, log = place(), place()
    hit = None
    try:
        lines = crash(directory, log, **fault)
        hit = logged(log)[0] if lines is not None else None
        if lines is not None:
            recover(directory, lines)
        return name, hit, None
    except Found as found:
        hit = hit or (logged(log) or [None])[0]
        return name, hit, f"{fault}, {hit}: {found}"
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        if os.path.exists(log):
            os.unlink(log)


def double(name, number, power):
    """A crash, and then one at every operation of the recovery. A list of points."""
    golden, log = place(), place()
    out = []
    try:
        lines = crash(golden, log, at=number, mode="after", power=power)
        if lines is None:
            return [(name, None, None)]
        for second in range(1, 1000):
            directory, second_log = place(), place()
            shutil.copytree(golden, directory)
            fault = {"at": second, "mode": ("before", "after", "torn")[second % 3], "power": power, "log": second_log}
            try:
                again = recover(directory, lines, **fault)
                hit = (logged(second_log) or [None])[0]
                if hit is None:
                    return out
                recover(directory, lines + [line for line in again if line != "done"])
                out.append((name, hit, None))
            except Found as found:
                out.append((name, (second, "?", "?"), f"first {number}, then {fault}: {found}"))
            finally:
                shutil.rmtree(directory, ignore_errors=True)
                if os.path.exists(second_log):
                    os.unlink(second_log)
        return out
    except Found as found:
        return [(name, None, f"first {number}: {found}")]
    finally:
        shutil.rmtree(golden, ignore_errors=True)


def finish(code):
    shutil.rmtree(work, ignore_errors=True)
    sys.exit(code)


# ---- the reference, and what there is to hit

print(subprocess.run([os.path.join(binaries, "tally_crash_plan"), options.contracts, str(options.blocks), stream], check=True, capture_output=True, text=True).stdout, end="")
started = time.time()
lines, code, words = run(place())
if code != 0 or lines[-1] != "done":
    print(f"crashpoint: the run without a fault ends with {code}: {words}")
    finish(2)
reference = dict(tips(lines))
count_log = place()
lines, code, words = run(place(), log=count_log)
operations = logged(count_log)
total = len(operations)
if code != 0 or total < options.blocks:
    print(f"crashpoint: {total} operations were counted, exit {code}: {words}")
    finish(2)
check_roots(lines)
writes = [n for n, call, _ in operations if call == "write"]
numbers = range(1, total + 1, options.every)
print(f"{max(reference)} blocks, {total} operations on the disk:")
for (call, kind), n in sorted(collections.Counter((call, kind) for _, call, kind in operations).items(), key=lambda item: -item[1]):
    print(f"  {n:5} {call:<9} {kind}")

suites = [("kill before", [dict(at=n, mode="before") for n in numbers]),
          ("kill in a write", [dict(at=n, mode="torn") for n in writes[::options.every]]),
          ("power cut after", [dict(at=n, mode="after", power=1) for n in numbers])]
if options.plan == "ci":
    suites += [(f"{mode}, every 10th", [dict(at=n, mode=mode) for n in writes[::10 * options.every]]) for mode in ("short", "eintr")]
    suites += [(f"{mode} from then on, every 20th", [dict(at=n, mode=mode, stays=1) for n in numbers[::20]]) for mode in ("eio", "enospc")]
if options.plan == "long":
    suites += [("kill after", [dict(at=n, mode="after") for n in numbers]),
               ("power cut before", [dict(at=n, mode="before", power=1) for n in numbers]),
               ("power cut in a write", [dict(at=n, mode="torn", power=1) for n in writes[::options.every]])]
    for mode in ("eio", "enospc"):
        suites += [(f"{mode} once", [dict(at=n, mode=mode) for n in numbers]), (f"{mode} from then on", [dict(at=n, mode=mode, stays=1) for n in numbers])]
    for mode in ("short", "eintr"):
        suites.append((f"{mode}", [dict(at=n, mode=mode) for n in writes[::options.every]]))

pool = concurrent.futures.ThreadPoolExecutor(options.jobs)
results = [pool.submit(lambda n, f: [point(n, **f)], name, fault) for name, faults in suites for fault in faults]
if options.plan == "long":
    firsts = range(1, total + 1, max(1, total // DOUBLES) * max(1, options.every // 4))
    results += [pool.submit(double, f"second crash{', power cuts' if power else ''}", n, power) for n in firsts for power in (0, 1)]
liar = [pool.submit(point, "control", at=n, mode="after", power=1, lie=1) for n in range(total // 4, total, max(1, total * 3 // 4 // CONTROLS))]

survived, missed, problems = collections.Counter(), collections.Counter(), []
for result in results:
    for name, hit, problem in result.result():
        if problem:
            problems.append((name, problem))
        (survived if hit and not problem else missed if not hit and not problem else collections.Counter())[name] += 1
caught = [r.result() for r in liar]
found = sum(1 for _, _, problem in caught if problem)

# ---- the verdict

failed = collections.Counter(name for name, _ in problems)
rows = []
for name in dict.fromkeys([*survived, *missed, *failed]):
    tried = survived[name] + failed[name]
    rows.append({"suite": name, "points": tried, "survived": survived[name], "not_reached": missed[name]})
    print(f"{name:<32} {tried:5} points, {survived[name]:5} survived, {missed[name]} not reached")
    if missed[name] > max(3, MISSED_MAX * (tried + missed[name])):
        problems.append((name, f"{missed[name]} points were not reached"))
for name, problem in problems[:20]:
    print(f"FAILED: {name}: {problem}")
print(f"{'control: a disk that lies':<32} {len(caught):5} points, {found:5} found out")
good = not problems and found == len(caught) and caught
points = sum(row["points"] for row in rows)
seconds = time.time() - started
print(f"crashpoint: {points} points, {points - sum(failed.values())} survived, {seconds:.0f} s: {'all' if good else 'NOT ALL'} as it must be")
if options.json:
    with open(options.json, "w") as f:
        json.dump({"blocks": max(reference), "operations": total, "suites": rows, "control": {"points": len(caught), "found": found},
                   "problems": [list(p) for p in problems], "seconds": round(seconds, 1), "good": bool(good)}, f, indent=1)
finish(0 if good else 1)
