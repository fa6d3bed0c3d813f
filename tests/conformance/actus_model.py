#!/usr/bin/env python3
"""PAM, LAM, NAM and ANN with terms made up at random, worked out a second time in exact fractions.

    tests/conformance/actus_model.py TALLY [--cases N] [--seed N]

The model below knows the same rules (contracts/actus/TERMS.md) and shares no code with the contracts: dates come
from Python's calendar, numbers are fractions that are never rounded. It writes a file of cases in the official format
and has `tally vectors` run it. All must agree to 10^-9.
"""
import argparse
import calendar
import datetime
import json
import pathlib
import random
import subprocess
import sys
import tempfile
from fractions import Fraction

Date = datetime.date
MONTHS = {"M": 1, "Q": 3, "H": 6, "Y": 12}
PLACES = {"IED": 1, "PR": 3, "IP": 7, "RR": 11, "PRF": 12, "MD": 19}


def plus(day, n):
    return day + datetime.timedelta(days=n)


def last_of_month(year, month):
    return calendar.monthrange(year, month)[1]


def nth(anchor, cycle, n, month_end):
    length, unit, _ = cycle
    if unit in "DW":
        return plus(anchor, n * length * (7 if unit == "W" else 1))
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + n * length * MONTHS[unit], 12)
    last = last_of_month(year, month + 1)
    to_the_end = month_end == "EOM" and anchor.day == last_of_month(anchor.year, anchor.month)
    return Date(year, month + 1, last if to_the_end else min(anchor.day, last))


def schedule(anchor, cycle, end, month_end, with_end):
    out = []
    while nth(anchor, cycle, len(out), month_end) < end:
        out.append(nth(anchor, cycle, len(out), month_end))
    if nth(anchor, cycle, len(out), month_end) != end and cycle[2] == "L0" and len(out) > (1 if with_end else 2):
        out.pop()
    return out + [end] if with_end else out


def shifted(day, convention):
    if convention == "NOS" or day.weekday() < 5:
        return day
    following = plus(day, 7 - day.weekday())
    preceding = plus(day, 4 - day.weekday())
    return {"F": following, "P": preceding, "MF": following if following.month == day.month else preceding,
            "MP": preceding if preceding.month == day.month else following}[convention[2:]]


def counted(day, convention):
    return day if convention.startswith("CS") else shifted(day, convention)


def years(a, b, day_count):
    if b <= a:
        return Fraction(0)
    if day_count == "A360":
        return Fraction((b - a).days, 360)
    if day_count == "A365":
        return Fraction((b - a).days, 365)
    if day_count == "30E360":
        return Fraction(360 * (b.year - a.year) + 30 * (b.month - a.month) + min(b.day, 30) - min(a.day, 30), 360)
    return sum((Fraction((min(b, Date(y + 1, 1, 1)) - max(a, Date(y, 1, 1))).days, 366 if calendar.isleap(y) else 365) for y in range(a.year, b.year + 1)), Fraction(0))


def planned(t):
    """(day, place, day before it was shifted, kind, fixed) in order."""
    end, convention, month_end, kind = t["end"], t["business_days"], t["month_end"], t["type"]
    events = {(t["start"], PLACES["IED"], t["start"], "IED", True)}

    def add(what, days):
        events.update((shifted(d, convention), PLACES[what], d, what, False) for d in days)
    if kind in ("PAM", "ANN"):
        events.add((end, PLACES["MD"], end, "MD", True))
    else:
        add("MD", [end])
    if kind != "ANN":
        add("IP", schedule(t["interest_from"], t["interest"], end, month_end, True))
    else:
        if (t["interest_from"], t["interest"]) != (t["principal_from"], t["principal"]):
            until = nth(t["principal_from"], t["principal"], -1, "SD")
            add("IP", [d for d in schedule(t["interest_from"], (*t["interest"][:2], "L1"), until, month_end, False)] + [until])
        add("IP", schedule(t["principal_from"], t["principal"], end, month_end, True))
    if kind != "PAM":
        add("PR", schedule(t["principal_from"], t["principal"], end, month_end, False))
    if kind == "ANN":
        add("PRF", [plus(t["principal_from"], -1)])
    if t["resets"]:
        days = schedule(t["resets_from"], t["resets"], end, month_end, False)
        add("RR", days)
        if kind == "ANN":
            add("PRF", days)
    return sorted(e for e in events if e[0] >= t["start"])


def run(t):
    """The rows of a contract: day, kind, payoff, notional, rate, accrued."""
    sign, convention = (1 if t["role"] == "RPA" else -1), t["business_days"]
    notional = accrued = rate = payment = Fraction(0)
    last, rows = t["start"], []

    def annuity(now, now_too):
        days = [d for d in schedule(t["principal_from"], t["principal"], t["end"], t["month_end"], True) if d > now or now_too and d == now]
        if not days:
            return Fraction(0)
        owed, worth, discount = notional + accrued + notional * rate * years(last, days[0], t["day_count"]), Fraction(1), Fraction(1)
        for a, b in zip(days, days[1:]):
            discount /= 1 + rate * years(a, b, t["day_count"])
            worth += discount
        return owed / worth

    def at_most(part):
        return min(part, notional) if notional >= 0 else max(part, notional)

    for day, _, source, kind, _ in planned(t):
        to = counted(source, convention)
        accrued += notional * rate * years(last, to, t["day_count"])
        last, payoff = max(last, to), Fraction(0)
        if kind == "IED":
            notional, rate, last, payoff = sign * t["notional"], t["rate"], to, -sign * t["notional"]
            accrued = notional * rate * years(counted(t["interest_from"], convention), to, t["day_count"]) if t["interest_from"] < t["start"] else Fraction(0)
            payment = annuity(t["start"], True) if t["type"] == "ANN" else sign * t["payment"]
        elif kind == "IP":
            payoff, accrued = accrued, Fraction(0)
        elif kind == "MD":
            payoff, notional, accrued = notional, Fraction(0), Fraction(0)
        elif kind == "PR":
            payoff = at_most(payment if t["type"] == "LAM" else payment - accrued)
            notional -= payoff
        elif kind == "RR":
            rate = ([v for d, v in t["market"] if d <= source] or [t["market"][0][1]])[-1] + t["spread"]
        elif kind == "PRF":
            payment = annuity(source, False)
        rows.append((day, kind, payoff, notional, rate, accrued))
    return rows


def made_up(dice):
    def later(day, days):
        return plus(day, dice.randint(0, days))

    def cycle():
        if dice.random() < 0.8:
            return dice.choice([1, 2, 3]), dice.choice("MMMQ"), dice.choice(["L0", "L1"])
        return dice.choice([10, 17, 45]), dice.choice("DW"), dice.choice(["L0", "L1"])
    start = later(Date(2013, 1, 1), 700) if dice.random() < 0.7 else dice.choice([Date(2013, 1, 31), Date(2012, 2, 29), Date(2014, 4, 30)])
    t = {"type": dice.choice(["PAM", "LAM", "NAM", "ANN"]), "role": dice.choice(["RPA", "RPL"]), "start": start, "notional": Fraction(dice.randint(100, 10**6)),
         "rate": Fraction(dice.randint(-20, 150), 1000), "day_count": dice.choice(["A360", "A365", "30E360", "AA"]), "month_end": dice.choice(["SD", "EOM"]),
         "business_days": dice.choice(["NOS", "SCF", "SCMF", "CSF", "CSMF", "SCP", "SCMP", "CSP", "CSMP"]), "interest": cycle(), "principal": cycle(),
         "interest_from": later(start, 60), "principal_from": later(plus(start, 2), 90), "payment": Fraction(dice.randint(10, 20000)), "resets": None}
    if dice.random() < 0.3:  # both at the end of a month
        year, month = divmod(start.year * 12 + start.month, 12)
        t["principal_from"] = t["interest_from"] = Date(year, month + 1, last_of_month(year, month + 1))
    t["end"] = later(plus(t["principal_from"], 60), 1200)
    if dice.random() < 0.6:
        t.update(resets=cycle(), resets_from=later(plus(start, 1), 200), spread=Fraction(dice.randint(-10, 30), 1000),
                 market=[(Date(2013 + n // 2, 1 + 6 * (n % 2), 1), Fraction(dice.randint(-5, 60), 1000)) for n in range(10)])
    return t


def decimal(number):
    whole, rest = divmod(round(abs(number) * 10**18), 10**18)
    return f"{'-' if number < 0 else ''}{whole}.{rest:018d}"


def case(t):
    def text(cycle):
        return "P%d%s%s" % cycle
    terms = {"contractType": t["type"], "contractRole": t["role"], "statusDate": str(plus(t["start"], -1)), "initialExchangeDate": str(t["start"]), "maturityDate": str(t["end"]),
             "notionalPrincipal": decimal(t["notional"]), "nominalInterestRate": decimal(t["rate"]), "dayCountConvention": t["day_count"], "calendar": "MF",
             "businessDayConvention": t["business_days"], "endOfMonthConvention": t["month_end"], "cycleAnchorDateOfInterestPayment": str(t["interest_from"]),
             "cycleOfInterestPayment": text(t["interest"])}
    observed = {}
    if t["type"] != "PAM":
        terms |= {"cycleAnchorDateOfPrincipalRedemption": str(t["principal_from"]), "cycleOfPrincipalRedemption": text(t["principal"])}
    if t["type"] in ("LAM", "NAM"):
        terms["nextPrincipalRedemptionPayment"] = decimal(t["payment"])
    if t["resets"]:
        terms |= {"cycleAnchorDateOfRateReset": str(t["resets_from"]), "cycleOfRateReset": text(t["resets"]), "rateSpread": decimal(t["spread"]), "marketObjectCodeOfRateReset": "X"}
        observed = {"X": {"data": [{"timestamp": str(d), "value": decimal(v)} for d, v in t["market"]]}}
    names = ("payoff", "notionalPrincipal", "nominalInterestRate", "accruedInterest")
    results = [{"eventDate": str(day), "eventType": kind, **dict(zip(names, map(decimal, numbers)))} for day, kind, *numbers in run(t)]
    return {"terms": terms, "to": "", "dataObserved": observed, "eventsObserved": [], "results": results}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tally")
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seed", type=int, default=20260101)
    arguments = parser.parse_args()
    dice = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.json"
        path.write_text(json.dumps({f"model{n}": case(made_up(dice)) for n in range(arguments.cases)}))
        done = subprocess.run([arguments.tally, "vectors", str(path)], capture_output=True, text=True)
    lines = done.stdout.splitlines()
    print(lines[-1] if lines else done.stderr)
    for line in [line for line in lines if line.startswith("  model")][:10]:
        print("WRONG", line.strip())
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
