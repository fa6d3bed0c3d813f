#!/usr/bin/env python3
"""The joint loan, a second time: exact rationals in Python, sharing nothing with the contract.

Reads the loan tape, lives every row by the rules written in contracts/joint_loan/TERMS.md, and compares
every figure with what the ledger says. Used by tools/demo and by the tests.

  joint_loan.py --book TAPE.csv --ledger FIGURES.json [--loans N] [--json OUT.json]

Exit code 0 when nothing differs, 1 otherwise. Differences are printed, the first twenty in full.
"""
import argparse
import csv
import json
import re
import sys
from datetime import date
from fractions import Fraction as F

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
PARTNERS = 5
LEAD, SERVICER = "lead", "servicer"
PENAL = F(3, 2)
DECIMAL = re.compile(r"\d+(\.\d+)?\Z")


# ---- exact money: whole cents -------------------------------------------------------------------

def half_up(x):
    """Nearest whole number, a tie away from zero (x ≥ 0 here)."""
    return int(x + F(1, 2)) if x >= 0 else -int(-x + F(1, 2))


def ceiling(x):
    return -((-x.numerator) // x.denominator)


def shares_of(total, weights):
    """Largest remainder, a tie to the earlier row."""
    whole = sum(weights)
    if whole == 0:
        assert total == 0
        return [0] * len(weights)
    exact = [F(total * w, whole) for w in weights]
    parts = [int(e) for e in exact]
    order = sorted(range(len(weights)), key=lambda i: (-(exact[i] - parts[i]), i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts


def cents(text):
    """Exact cents of a decimal text and whether digits below a cent were cut off (toward zero)."""
    if not DECIMAL.match(text):
        raise ValueError(text)
    exact = F(text) * 100
    return int(exact), exact.denominator != 1


# ---- dates --------------------------------------------------------------------------------------

def fifteenth(month):
    return date(month // 12, month % 12 + 1, 15)


def month_end(month):
    following = month + 1
    return date.fromordinal(date(following // 12, following % 12 + 1, 1).toordinal() - 1)


def month_of(text):
    name, year = text.split("-")
    return (2000 + int(year)) * 12 + MONTHS.index(name)


# ---- the tape -----------------------------------------------------------------------------------

class Row:
    def __init__(self, number, record):
        self.number = number
        self.cut = False

        def money(column):
            value, cut = cents(record[column])
            self.cut = self.cut or cut
            return value

        self.principal = money("loan_amount")
        self.rate = F(record["interest_rate"]) / 100
        self.periods = int(record["term"])
        self.month = month_of(record["issue_month"])
        self.status = record["loan_status"]
        self.paid_total = money("paid_total")
        self.paid_interest = money("paid_interest")
        self.late_fees = money("paid_late_fees")
        self.real_instalment = money("installment")
        if not (self.principal > 0 and 1 <= self.periods <= 60 and self.rate >= 0):
            raise ValueError("out of range")


def read_tape(path, limit):
    rows, bad = [], []
    with open(path, newline="", encoding="utf-8") as tape:
        for number, record in enumerate(csv.DictReader(tape), start=1):
            if limit and number > limit:
                break
            try:
                row = Row(number, record)
            except (ValueError, KeyError, TypeError, ZeroDivisionError):
                bad.append(number)
                continue
            if row.cut:
                bad.append(number)
            rows.append(row)
    return rows, bad


# ---- one loan -----------------------------------------------------------------------------------

class Loan:
    FUNDS, INTEREST, FEES = [30, 70], [40, 60], [50, 50]

    def __init__(self, row, book):
        self.row, self.book = row, book
        self.banks = [LEAD, "partner-%d" % ((row.number - 1) % PARTNERS + 1)]
        self.state = "Active"
        n, r = row.periods, row.rate / 12
        growth = (1 + r) ** n
        self.instalment = ceiling(row.principal * r * growth / (growth - 1) if r else F(row.principal, n))
        self.undue, self.due, self.fee_due, self.credit = row.principal, 0, 0, 0
        self.rows, self.billed = [], 0
        self.outstanding = shares_of(row.principal, self.FUNDS)
        self.funded = list(self.outstanding)
        self.interest, self.fees, self.lost = [0, 0], [0, 0], [0, 0]
        self.penalty, self.penalty_from = F(0), fifteenth(row.month)
        book.owe(self.banks[1], LEAD, self.outstanding[1])

    def accrue(self, today):
        self.penalty += self.due * self.row.rate * PENAL * F((today - self.penalty_from).days, 365)
        self.penalty_from = today

    def bill(self, today):
        if self.state != "Active" or self.billed == self.row.periods:
            return
        self.accrue(today)
        interest = half_up(self.undue * self.row.rate / 12)
        last = self.billed + 1 == self.row.periods
        principal = self.undue if last else max(0, min(self.instalment - interest, self.undue))
        self.undue -= principal
        self.due += principal
        self.billed += 1
        if interest + principal:
            self.rows.append([today, interest, principal])
        if self.credit:
            self.receive(0, today)

    def owed(self):
        return self.undue + self.due + self.fee_due + sum(r[1] for r in self.rows) - self.credit

    def receive(self, amount, today):
        self.accrue(today)
        penalty = half_up(self.penalty)
        self.penalty -= penalty
        left = amount + self.credit
        taken_penalty = min(left, penalty)
        assert taken_penalty == penalty, "the tape never pays less than its penalty"
        left -= taken_penalty
        fee = min(left, self.fee_due)
        self.fee_due -= fee
        left -= fee
        interest = principal = 0
        for row in self.rows:
            for part in (1, 2):
                paid = min(left, row[part])
                row[part] -= paid
                left -= paid
                if part == 1:
                    interest += paid
                else:
                    principal += paid
        self.rows = [r for r in self.rows if r[1] + r[2]]
        self.due -= principal
        self.credit = left
        self.hand_out(principal, interest, fee + taken_penalty)
        if self.owed() == 0 and not self.credit and not self.rows:
            self.state = "Settled"

    def hand_out(self, principal, interest, fees):
        capital = shares_of(principal, self.outstanding)
        income, fines = shares_of(interest, self.INTEREST), shares_of(fees, self.FEES)
        for i in range(2):
            self.outstanding[i] -= capital[i]
            self.interest[i] += income[i]
            self.fees[i] += fines[i]
            self.book.owe(SERVICER, self.banks[i], capital[i] + income[i] + fines[i])

    def pay_off(self, today):
        self.rows.append([today, 0, self.undue])
        self.due += self.undue
        self.undue = 0
        self.receive(max(0, self.owed()), today)

    def write_off(self, today):
        for i in range(2):
            self.lost[i] += self.outstanding[i]
            self.outstanding[i] = 0
        self.undue = self.due = self.fee_due = 0
        self.penalty = F(0)
        self.rows = []
        self.state = "WrittenOff"

    def payoff_amount(self, today):
        self.accrue(today)
        from_date = fifteenth(self.row.month + self.billed)
        broken = half_up(self.undue * self.row.rate * F((today - from_date).days, 365)) if self.billed < self.row.periods else 0
        return self.owed() + half_up(self.penalty) + broken


class Plan:
    """What the borrower of a row does, and when: due dates count from 1."""

    def __init__(self, row, loan, due_dates):
        whole = row.paid_total // loan.instalment
        self.payoff = self.write_off = False
        self.ahead = 0
        if row.status == "Fully Paid":
            month = max(1, half_up(row.principal * row.rate / 12))
            self.count = max(1, min(row.paid_interest // month, due_dates))
            self.payoff = True
        elif row.status == "Current":
            self.count = min(whole, due_dates)
            self.ahead = max(0, whole - due_dates)
        else:
            self.count = min(whole, max(0, due_dates - 1))
            self.write_off = row.status == "Charged Off"
        self.fee_at = max(1, self.count)


class Book:
    def __init__(self):
        self.net, self.months = {}, []

    def owe(self, debtor, creditor, amount):
        self.net[debtor] = self.net.get(debtor, 0) - amount
        self.net[creditor] = self.net.get(creditor, 0) + amount

    def cut(self, on):
        self.months.append((on, self.net))
        self.net = {}


def live(rows):
    book, loans = Book(), []
    first, last = min(r.month for r in rows), max(r.month for r in rows)
    horizon = last + 2
    for month in range(first, horizon + 1):
        today = fifteenth(month)
        for loan in loans:
            loan.bill(today)
        for row in rows:
            if row.month == month:
                loans.append(Loan(row, book))
                loans[-1].plan = Plan(row, loans[-1], horizon - row.month)
        for loan in loans:
            due = month - loan.row.month
            plan = loan.plan
            if due < 1 or loan.state != "Active" or due > max(plan.count, plan.fee_at):
                continue
            fee = loan.row.late_fees if due == plan.fee_at else 0
            loan.fee_due += fee
            if plan.payoff and due == plan.count:
                loan.pay_off(today)
                continue
            amount = (loan.instalment if due <= plan.count else 0) + fee
            if due == plan.count and plan.ahead:
                amount = min(amount + plan.ahead * loan.instalment, loan.owed())
            if amount:
                loan.receive(amount, today)
        if month == horizon:
            for loan in loans:
                if loan.plan.write_off and loan.state == "Active":
                    loan.accrue(month_end(month))
                    loan.write_off(month_end(month))
        book.cut(month_end(month))
    return loans, book, date.fromordinal(month_end(horizon).toordinal() + 1)


# ---- comparison -----------------------------------------------------------------------------------

def text(amount):
    sign = "-" if amount < 0 else ""
    return "%s%d.%02d" % (sign, abs(amount) // 100, abs(amount) % 100)


class Differences:
    def __init__(self):
        self.count = 0

    def check(self, what, ledger, ours):
        if ledger == ours:
            return
        self.count += 1
        if self.count <= 20:
            print("differs: %s: ledger %s, oracle %s" % (what, ledger, ours))


def compare(ledger, rows, bad, out):
    loans, book, end = live(rows)
    d = Differences()
    d.check("number of loans", len(ledger["loans"]), len(loans))
    d.check("end date", ledger["end"], end.isoformat())
    by_row = {entry["row"]: entry for entry in ledger["loans"]}
    banks = {}
    for loan in loans:
        entry = by_row.get(loan.row.number)
        name = "row %d" % loan.row.number
        if entry is None:
            d.check(name, "missing", "there")
            continue
        figures = {"state": loan.state, "instalment": text(loan.instalment), "undue": text(loan.undue), "due": text(loan.due),
                   "credit": text(loan.credit), "fee_due": text(loan.fee_due)}
        for key, value in figures.items():
            d.check("%s %s" % (name, key), entry[key], value)
        if loan.state == "Active":
            d.check(name + " payoff", entry["payoff"], text(loan.payoff_amount(end)))
        for i, bank in enumerate(loan.banks):
            share = entry["shares"][i]
            for key, value in (("bank", bank), ("outstanding", text(loan.outstanding[i])), ("interest", text(loan.interest[i])),
                               ("fees", text(loan.fees[i])), ("lost", text(loan.lost[i]))):
                d.check("%s %s %s" % (name, bank, key), share[key], value)
            total = banks.setdefault(bank, [0, 0, 0, 0, 0])
            for k, value in enumerate((loan.funded[i], loan.outstanding[i], loan.interest[i], loan.fees[i])):
                total[k] += value
    banks.setdefault(SERVICER, [0, 0, 0, 0, 0])
    d.check("months", len(ledger["months"]), len(book.months))
    for (on, net), entry in zip(book.months, ledger["months"]):
        d.check("cut date", entry["on"], on.isoformat())
        for bank in sorted(banks):
            d.check("%s net of %s" % (on, bank), entry["net"].get(bank, "0.00"), text(net.get(bank, 0)))
            banks[bank][4] += net.get(bank, 0)
    for bank, values in sorted(banks.items()):
        for key, value in zip(("funded", "outstanding", "interest", "fees", "net"), values):
            d.check("%s %s" % (bank, key), ledger["banks"][bank][key], text(value))
    matched = sum(1 for loan in loans if loan.instalment == loan.row.real_instalment)
    d.check("instalments matched", ledger["instalments_matched"], matched)
    result = {"loans": len(loans), "differences": d.count, "instalments_matched": matched, "bad_rows": len(bad),
              "figures": len(loans) * 17 + len(banks) * 5 + len(book.months) * len(banks)}
    print("oracle: %d loans, %d figures compared, %d differ" % (len(loans), result["figures"], d.count))
    if out:
        with open(out, "w", encoding="utf-8") as f:
            json.dump(result, f)
    return d.count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--book", required=True)
    parser.add_argument("--ledger", required=True)
    parser.add_argument("--loans", type=int, default=0)
    parser.add_argument("--json")
    args = parser.parse_args()
    rows, bad = read_tape(args.book, args.loans)
    with open(args.ledger, encoding="utf-8") as f:
        ledger = json.load(f)
    sys.exit(1 if compare(ledger, rows, bad, args.json) else 0)


if __name__ == "__main__":
    main()
