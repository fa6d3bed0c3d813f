#!/usr/bin/env python3
"""Each day of two Chinese calendars, 2007 to 2026: the lists of contracts/calendars, published on a board.

    tests/conformance/business_days.py TALLY ROOT FILE.csv [--json FILE]
"""
import csv
import json
import pathlib
import sys

import suite
from sandbox import Sandbox

CALENDARS = {"china_government": "gov_workday", "china_interbank": "quantlib_interbank_open"}


def board(box, path):
    notices = json.loads(path.read_text())
    number = box.ask(do="create", contract="CalendarBoard", args={"publisher": "publisher", "place": notices["place"]}, **{"as": ["publisher"]})["created"]
    for year, days in notices["years"].items():
        answer = box.ask(do="call", of=number, action="publish", args={"year": int(year), **days}, **{"as": ["publisher"]})
        if "trap" in answer:
            raise SystemExit(f"error: {path.name}, {year}: {answer['note']}")
    return number


def main():
    arguments = suite.arguments("root", "days")
    suite.skip_unless(arguments.days.exists(), "business_days", arguments.days)
    days = list(csv.DictReader(arguments.days.open()))
    box = Sandbox(arguments.tally, arguments.root / "contracts" / "calendars" / "board.tally")
    wrong, report = [], {}
    for name, column in CALENDARS.items():
        number = board(box, arguments.root / "contracts" / "calendars" / "lists" / f"{name}.json")
        answers = box.ask_all([{"do": "view", "of": number, "view": "is_business_day", "args": {"day": d["date"]}} for d in days])
        bad = [f"{name} {d['date']}: expected {d[column]}, got {a.get('result', a.get('note'))}" for d, a in zip(days, answers) if a.get("result") != (d[column] == "1")]
        report[name] = {"days": len(days), "wrong": len(bad)}
        print(f"{name:<20}{len(days):>6} days {len(bad):>4} wrong")
        beyond = box.ask(do="view", of=number, view="is_business_day", args={"day": "2027-01-04"})
        if beyond.get("error") != "consortium.calendars.NotPublished":
            bad.append(f"{name}: a day that is not published was answered: {beyond}")
        wrong += bad
    box.close()
    for line in wrong[:20]:
        print("WRONG", line)
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps({**report, "wrong_days": wrong}, indent=1))
    return 1 if wrong or len(days) < 7305 else 0


if __name__ == "__main__":
    sys.exit(main())
