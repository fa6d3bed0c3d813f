#!/usr/bin/env python3
"""The official ACTUS cases of eleven contract types on the contracts of contracts/actus, by `tally vectors`.

    tests/conformance/actus.py TALLY FOLDER [--json FILE]

Every case passes but those in KNOWN. One of those that passes is said, and is no failure. Then the same files with
one thing changed in each case: every one of them must be found out.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import suite

TYPES = ["pam", "lam", "nam", "ann", "lax", "ump", "clm", "csh", "ceg", "cec", "fxout"]
# Why a case is not met: docs/conformance.md, section ACTUS.
KNOWN = {"clm07": "it lists events behind the date up to which it asks for them"}
CASES_MIN = 117


def run(tally, files):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out.json"
        done = subprocess.run([tally, "vectors", *map(str, files), "--json", str(out)], capture_output=True, text=True)
        if not out.exists():
            raise SystemExit(f"error: {done.stderr or done.stdout}")
        return json.loads(out.read_text())["files"], done


def changed(folder, files):
    """The cases, in one event of each a date moved, another kind, or a payoff, rate, notional or accrued interest raised by a thousandth."""
    out = []
    for file in files:
        cases = json.loads(file.read_text())
        for number, case in enumerate(cases.values()):
            event = case["results"][number % len(case["results"])]
            stated = [name for name in ("nominalInterestRate", "notionalPrincipal", "accruedInterest") if float(event.get(name) or 0) != 0]
            if number % 4 == 3 and stated:
                name = stated[number // 4 % len(stated)]
                event[name] = f"{float(event[name]) * 1.001:.12f}"
            elif number % 3 == 0:
                event["eventDate"] = "2099" + event["eventDate"][4:]
            elif number % 3 == 1:
                event["eventType"] = "AD" if event["eventType"] != "AD" else "IP"
            else:
                payoff = float(event["payoff"])
                event["payoff"] = f"{payoff * 1.001 + 1e-8:.12f}"
        path = pathlib.Path(folder) / file.name
        path.write_text(json.dumps(cases))
        out.append(path)
    return out


def main():
    arguments = suite.arguments("folder")
    paths = [arguments.folder / f"actus-tests-{t}.json" for t in TYPES]
    for path in paths:
        suite.skip_unless(path.exists(), "actus", path)
    files, done = run(arguments.tally, paths)
    print(done.stdout, end="")
    total = sum(f["total"] for f in files)
    bad = []
    for case in (c for f in files for c in f["cases"]):
        if case["outcome"] != "passed" and case["case"] not in KNOWN:
            bad.append(f"{case['case']}: {case['outcome']}: {case['difference']}")
        if case["outcome"] == "passed" and case["case"] in KNOWN:
            print(f"{case['case']} is on the list of known exceptions and passes")
    for name, why in KNOWN.items():
        print(f"known exception: {name}: {why}")
    if total < CASES_MIN:
        bad.append(f"only {total} cases were run, {CASES_MIN} are known")
    with tempfile.TemporaryDirectory() as folder:
        spoilt, _ = run(arguments.tally, changed(folder, paths))
    overlooked = [c["case"] for f in spoilt for c in f["cases"] if c["outcome"] == "passed"]
    print(f"{sum(f['total'] for f in spoilt) - len(overlooked)} of {total} changed cases are found out")
    bad += [f"{name}: a change was overlooked" for name in overlooked]
    for line in bad:
        print("WRONG", line)
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps({"files": files, "known": KNOWN, "wrong": bad}, indent=1))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
