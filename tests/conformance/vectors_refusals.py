#!/usr/bin/env python3
"""What `tally vectors` does with files that are wrong: it says where, exits with 1, and goes on with the next case.

    tests/conformance/vectors_refusals.py TALLY
"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile

GOOD = {"terms": {"contractType": "PAM", "contractRole": "RPA", "statusDate": "2025-12-31", "initialExchangeDate": "2026-01-01", "maturityDate": "2026-03-01T00:00:00",
                  "notionalPrincipal": " 1200", "nominalInterestRate": "1.0E-1", "dayCountConvention": "30E360", "cycleOfInterestPayment": "P1ML1",
                  "cycleAnchorDateOfInterestPayment": "2026-02-01", "currency": "USD"},
        "to": "", "dataObserved": {}, "eventsObserved": [],
        "results": [{"eventDate": "2026-01-01T00:00", "eventType": "IED", "payoff": -1.2e3}, {"eventDate": "2026-02-01", "eventType": "IP", "payoff": "10"},
                    {"eventDate": "2026-03-01T00:00:00", "eventType": "IP", "payoff": 10}, {"eventDate": "2026-03-01", "eventType": "MD", "payoff": 1200, "notionalPrincipal": 0, "currency": "USD"}]}

# A term, what it is set to, and what has to be said.
TERMS = [("statusDate", None, "statusDate: it is needed"), ("notionalPrincipal", "many", "notionalPrincipal: `many` is not a number"), ("notionalPrincipal", "1e18", "notionalPrincipal"),
         ("contractRole", "XYZ", "contractRole: `XYZ` is not known"), ("maturityDate", None, "maturityDate"), ("maturityDate", "2026-13-01", "maturityDate"),
         ("maturityDate", "2026-03-01T12:00:00", "00:00:00 or 23:59:59"), ("cycleOfInterestPayment", "P1DL7", "cycleOfInterestPayment"), ("dayCountConvention", "31/361", "dayCountConvention"),
         ("nominalInterestRate", ["0.1"], "nominalInterestRate: it is a text or a number"), ("maturityDate", "2199-01-01", "events"), ("nominalInterestRate", "1e17", "event"),
         ("cycleOfRateReset", "P1ML1", "was not observed"), ("calendar", "MARS", "calendar: `MARS` is not known"), ("purchaseDate", "2301-01-01", "purchaseDate"), ("settlementCurrency", "EUR", "settlementCurrency")]


def run(tally, text):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "cases.json"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return subprocess.run([tally, "vectors", str(path)], capture_output=True, text=True, timeout=120)


def main():
    tally, faults, checks = sys.argv[1], [], 0
    files = [("not JSON", "{", "not a JSON object"), ("an array", "[]", "not a JSON object"), ("deep", "[" * 100000, "not a JSON object"), ("bytes", b"\xff\xfe\x00", "not a JSON object"),
             ("a case that is no object", '{"a": 1}', "a case is an object with terms and results"), ("no terms", '{"a": {"results": []}}', "contract type not supported"),
             ("a type that is not there", '{"a": {"terms": {"contractType": "SWAPS"}, "results": []}}', "contract type not supported: SWAPS (1 cases)"),
             ("no results", json.dumps({"a": {"terms": GOOD["terms"]}}), "results: a list of events is needed")]
    for name, text, said in files:
        done = run(tally, text)
        checks += 1
        if said not in done.stdout + done.stderr or done.returncode != 1:
            faults.append(f"{name}: exit {done.returncode}: {done.stdout}{done.stderr}")
    for term, value, said in TERMS:
        case = copy.deepcopy(GOOD)
        case["terms"][term] = value
        if term == "maturityDate" and value == "2199-01-01":
            case["terms"]["cycleOfInterestPayment"] = "P1ML1"
        done = run(tally, json.dumps({"bad": case, "good": GOOD}))
        checks += 1
        ok = done.returncode == 1 and ": 1/2" in done.stdout and "bad (PAM): " in done.stdout and said in done.stdout
        if not ok:
            faults.append(f"{term} = {value}: exit {done.returncode}: {done.stdout}{done.stderr}")
    done = run(tally, json.dumps({"good": GOOD}))
    if done.returncode != 0 or "1/1 cases pass" not in done.stdout:
        faults.append(f"the good case: {done.stdout}{done.stderr}")
    missing = subprocess.run([tally, "vectors", "nowhere.json"], capture_output=True, text=True)
    if missing.returncode != 1 or "there is no such file" not in missing.stdout:
        faults.append(f"a missing file: {missing.stdout}{missing.stderr}")
    for fault in faults:
        print("WRONG", fault)
    print(f"{checks + 2} wrong files and cases, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
