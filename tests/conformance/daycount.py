#!/usr/bin/env python3
"""Day counts and year fractions of two libraries' own tests (OpenGamma Strata, QuantLib) against std.daycount.

    tests/conformance/daycount.py TALLY FOLDER [--json FILE]

Each row whose convention is in the library must agree; the others are named. A year fraction
agrees within 10^-14, or 10^-10 where no more than 13 places are printed, which is the bar of those tests themselves;
one that is written as a fraction agrees exactly.
"""
import collections
import csv
import datetime
import fractions
import json
import pathlib
import re
import sys

import suite
from sandbox import Sandbox

Fraction = fractions.Fraction
STRATA = {"ACT_360": "A360", "ACT_365F": "A365", "ACT_ACT_ISDA": "AA", "ACT_ACT_AFB": "AFB", "NL_365": "NL365", "THIRTY_360_ISDA": "A30_360", "THIRTY_E_360": "E30_360"}
QUANTLIB = {"testThirty360_BondBasis": "A30_360", "testThirty360_EurobondBasis": "E30_360", "testThirty360_USA": "U30_360", "testActualActual/ISDA": "AA", "testActualActual/AFB": "AFB"}
ABSENT = {"ONE_ONE": "every period is a year", "ACT_364": "a year of 364 days", "ACT_365_25": "a year of 365.25 days", "ACT_365_ACTUAL": "of one library only",
          "ACT_ACT_YEAR": "of one library only", "NL_360": "no contract asks for it", "THIRTY_360_PSA": "of mortgage pools", "THIRTY_EPLUS_360": "no contract asks for it",
          "THIRTY_E_365": "no contract asks for it", "testThirty365": "no contract asks for it"}
# Where the three examples of ISDA's own table end; the file has their rows one after the other.
ISDA_EXAMPLES = [(6, "2009-08-20"), (12, "2012-02-29"), (10**6, "2008-02-29")]


def months_between(a, b):
    return (int(b[:4]) - int(a[:4])) * 12 + int(b[5:7]) - int(a[5:7])


def thirty(y1, m1, d1, y2, m2, d2):
    return Fraction(360 * (y2 - y1) + 30 * (m2 - m1) + d2 - d1, 360)


def written(expression, row):
    """The value of an expression as a Java test writes it: 62d / 366d, 4d + (1d / 365d), calc360(…), SIMPLE_30_360."""
    expression = expression.strip()
    if expression == "SIMPLE_30_360":
        return thirty(*(int(x) for x in row["start"].split("-")), *(int(x) for x in row["end"].split("-")))
    call = re.fullmatch(r"calc360\(([\d, ]+)\)", expression)
    if call:
        return thirty(*(int(x) for x in call.group(1).split(",")))
    if not re.fullmatch(r"[\d d/+()]+", expression):
        raise ValueError(expression)
    total = Fraction(0)
    for term in expression.replace("(", "").replace(")", "").replace("d", "").split("+"):
        above, _, below = term.partition("/")
        total += Fraction(int(above), int(below or 1))
    return total


def arguments_at_top(text):
    return re.split(r",\s*(?![^(]*\))", text)


def easter(year):
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    m = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    n = h + m - 7 * ((a + 11 * h + 22 * m) // 451) + 114
    return datetime.date(year, n // 31, n % 31 + 1)


def brazil():
    """Days without settlement in Brazil, 2002 to 2007: eight fixed ones, Carnival, Good Friday, Corpus Christi."""
    closed = []
    for year in range(2002, 2008):
        closed += [datetime.date(year, m, d) for m, d in ((1, 1), (4, 21), (5, 1), (9, 7), (10, 12), (11, 2), (11, 15), (12, 25))]
        closed += [easter(year) + datetime.timedelta(days=n) for n in (-48, -47, -2, 60)]
    return {"closed": [d.isoformat() for d in sorted(closed)], "open": [], "from": "2002-01-01", "until": "2007-12-31", "beyond": "Refuse"}


def strata(row):
    """(convention, view, arguments, expected) for each thing that a row asks; or why it is not asked."""
    dates = {"begin": row["start"], "end": row["end"]}
    name, expected = row["convention"], row["expected"]
    if row["set"] in ("strata_yf", "strata_days"):
        if name not in STRATA:
            return ABSENT[name]
        view = "fraction" if row["set"] == "strata_yf" else "count_days"
        return [(STRATA[name], view, {"convention": STRATA[name], **dates}, expected)]
    if name == "30U360":  # without the rule for the end of February, which is bond basis, and with it
        plain, us = arguments_at_top(expected)
        return [("A30_360", "fraction", {"convention": "A30_360", **dates}, written(plain, row)), ("U30_360", "fraction", {"convention": "U30_360", **dates}, written(us, row))]
    if name == "30E360ISDA":  # not the end of the contract, and its end
        inside, last = arguments_at_top(expected)
        until = {"convention": "E30_360_ISDA", **dates}
        return [("E30_360_ISDA", "fraction", until, written(inside, row)), ("E30_360_ISDA", "fraction_until", {**until, "termination": row["end"]}, written(last, row))]
    if name == "ACT365L":
        period, year, month, day, value = arguments_at_top(expected)
        return [("A365L", "by_leap_coupon", {**dates, "period_to": f"{int(year):04}-{int(month):02}-{int(day):02}", "per_year": 12 // int(period[1:-1])}, written(value, row))]
    if name == "ACTACTAFB":
        return [("AFB", "fraction", {"convention": "AFB", **dates}, written(expected, row))]
    return ABSENT[name]


def quantlib(row, seen):
    dates = {"begin": row["start"], "end": row["end"]}
    test = row["test"]
    seen[test] += 1
    if test == "testThirty360_ISDA":
        left = seen[test]
        for count, termination in ISDA_EXAMPLES:
            if left <= count:
                return [("E30_360_ISDA", "fraction_until", {"convention": "E30_360_ISDA", **dates, "termination": termination}, Fraction(int(row["expected"]), 360))]
            left -= count
    if test == "testActualActual/ISMA":
        per_year = 12 // months_between(row["refStart"], row["refEnd"])
        return [("ICMA", "by_coupons", {**dates, "period_from": row["refStart"], "period_to": row["refEnd"], "per_year": per_year}, row["expected"])]
    if test == "testBusiness252(Brazil)":
        return [("B252", "by_business_days", {**dates, "calendar": brazil()}, row["expected"])]
    if test in QUANTLIB:
        view = "fraction" if row["kind"] == "yearfraction" else "count_days"
        return [(QUANTLIB[test], view, {"convention": QUANTLIB[test], **dates}, row["expected"])]
    return ABSENT[test]


def agrees(expected, answer):
    if "result" not in answer:
        return False
    got = Fraction(str(answer["result"]))
    if isinstance(expected, Fraction):
        return got == expected
    digits = len(expected.partition(".")[2])
    allowed = Fraction(1, 10**10) if digits <= 13 else Fraction(1, 10**14)
    return abs(got - Fraction(expected)) <= (allowed if digits else 0)


def main():
    arguments = suite.arguments("folder")
    files = [arguments.folder / "strata_daycount.csv", arguments.folder / "quantlib_daycount.csv"]
    for file in files:
        suite.skip_unless(file.exists(), "daycount", file)
    questions, absent, seen, rows = [], collections.Counter(), collections.Counter(), 0
    for file in files:
        for number, row in enumerate(csv.DictReader(file.open()), 2):
            rows += 1
            asked = strata(row) if "set" in row else quantlib(row, seen)
            if isinstance(asked, str):
                absent[row.get("convention") or row["test"]] += 1
            else:
                questions += [(file.name, number, *question) for question in asked]
    box = Sandbox(arguments.tally, pathlib.Path(__file__).parent / "daycount" / "probe.tally")
    probe = box.ask(do="create", contract="Probe", args={"owner": "owner"}, **{"as": ["owner"]})["created"]
    answers = box.ask_all([{"do": "view", "of": probe, "view": view, "args": args} for _, _, _, view, args, _ in questions])
    box.close()
    right, wrong = collections.Counter(), []
    for (file, number, convention, view, args, expected), answer in zip(questions, answers):
        if agrees(expected, answer):
            right[convention] += 1
        else:
            wrong.append(f"{file}:{number} {convention} {args.get('begin')} {args.get('end')}: expected {expected}, got {answer.get('result', answer.get('note'))}")
    bad = collections.Counter(line.split()[1] for line in wrong)
    print(f"{'convention':<14}{'agree':>6}{'wrong':>7}")
    for convention in sorted(set(right) | set(bad)):
        print(f"{convention:<14}{right[convention]:>6}{bad[convention]:>7}")
    for name, count in sorted(absent.items()):
        print(f"not in the library: {name} ({count} rows): {ABSENT[name]}")
    for line in wrong[:20]:
        print("WRONG", line)
    print(f"{rows} rows, {sum(right.values())} comparisons agree, {len(wrong)} wrong, {sum(absent.values())} rows of conventions that are not in the library")
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps({"rows": rows, "agree": right, "absent": absent, "wrong": wrong}, indent=1))
    return 1 if wrong or not right else 0


if __name__ == "__main__":
    sys.exit(main())
