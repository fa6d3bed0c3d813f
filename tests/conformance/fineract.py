#!/usr/bin/env python3
"""Apache Fineract's end-to-end loan scenarios, played on the loan contract in fineract/.

    fineract.py BIN_DIR DATA_FILE [--json FILE] [--only TEXT] [-v]

Reads the scenarios' English steps, gives them to the contract as actions through `tally sandbox`, and compares every
cell of every repayment schedule, every total row and every amount that a step states with what the contract's views
answer. No amount is computed here. A scenario is left out for what its steps contain, never for its result.
"""
import argparse
import json
import os
import re
import sys
from datetime import datetime
from decimal import Decimal, InvalidOperation

import suite
from sandbox import Sandbox

BARS = {"passed": 200, "interest": 30}

# What a product's name stands for. Source: apache/fineract, fineract-e2e-tests-core,
# LoanProductGlobalInitializerStep and LoanProductsRequestFactory (Apache-2.0).
FUTURES = {"usual": "Next", "goodwill": "Last", "merchant": "ReAmortise", "payout": "Next"}
LP1 = {"schedule": "Cumulative", "multiple": "1.00", "down_payment": "0", "auto": False}
LP2 = {"schedule": "Cumulative", "multiple": "1.00", "down_payment": "0.25", "auto": False}
RECALCULATED = {**LP1, "recalculates": True, "rest": "Daily", "excess": "ReduceInstalment"}
PROGRESSIVE = {**LP2, "schedule": "Progressive", "multiple": "0.00"}
DAILY_360_30 = {**PROGRESSIVE, "down_payment": "0", "days_in_month": 30, "recalculates": True, "rest": "Daily",
                "futures": {"usual": "Last"}}
PRODUCTS = {
    "LP1": LP1,
    "LP1_INTEREST_FLAT": LP1,
    "LP1_INTEREST_FLAT_OVERDUE_FROM_AMOUNT": {**LP1, "overdue_fee": "0.015"},
    "LP1_INTEREST_FLAT_OVERDUE_FROM_AMOUNT_INTEREST": {**LP1, "overdue_fee": "0.015", "overdue_of_interest": True},
    "LP1_INTEREST_DECLINING_BALANCE_PERIOD_DAILY": LP1,
    "LP1_INTEREST_DECLINING_BALANCE_PERIOD_SAME_AS_PAYMENT": LP1,
    "LP1_PAYMENT_STRATEGY_DUE_IN_ADVANCE": LP1,
    "LP1_PAYMENT_STRATEGY_DUE_IN_ADVANCE_INTEREST_FLAT": LP1,
    "LP1_PAYMENT_STRATEGY_DUE_IN_ADVANCE_PENALTY_INTEREST_PRINCIPAL_FEE": LP1,
    "LP1_INTEREST_DECLINING_BALANCE_DAILY_RECALCULATION_COMPOUNDING_NONE": RECALCULATED,
    "LP1_INTEREST_DECLINING_BALANCE_DAILY_RECALCULATION_COMPOUNDING_NONE_RESCHEDULE_REDUCE_NR_INST":
        {**RECALCULATED, "excess": "ReduceNumber"},
    "LP1_INTEREST_DECLINING_BALANCE_DAILY_RECALCULATION_COMPOUNDING_NONE_RESCHEDULE_RESCH_NEXT_REP":
        {**RECALCULATED, "excess": "NextRepayments"},
    "LP1_INTEREST_DECLINING_BALANCE_DAILY_RECALCULATION_SAME_AS_REPAYMENT_COMPOUNDING_NONE":
        {**RECALCULATED, "rest": "SameAsRepaymentPeriod"},
    "LP1_INTEREST_DECLINING_BALANCE_SAR_RECALCULATION_SAME_AS_REPAYMENT_COMPOUNDING_NONE_MULTIDISB":
        {**RECALCULATED, "rest": "SameAsRepaymentPeriod"},
    "LP1_INTEREST_DECLINING_BALANCE_SAR_RECALCULATION_SAME_AS_REPAYMENT_COMPOUNDING_NONE_MULTI_DISBURSEMENT":
        {**RECALCULATED, "rest": "SameAsRepaymentPeriod"},
    "LP2_DOWNPAYMENT": LP2,
    "LP2_DOWNPAYMENT_AUTO": {**LP2, "auto": True},
    "LP2_DOWNPAYMENT_INTEREST": LP2,
    "LP2_DOWNPAYMENT_AUTO_ADVANCED_PAYMENT_ALLOCATION": {**LP2, "schedule": "Progressive", "auto": True},
    "LP2_ADV_PMT_ALLOC_PROGRESSIVE_LOAN_SCHEDULE_HORIZONTAL": {**PROGRESSIVE, "down_payment": "0"},
    "LP2_DOWNPAYMENT_ADV_PMT_ALLOC_PROGRESSIVE_LOAN_SCHEDULE_HORIZONTAL": PROGRESSIVE,
    "LP2_DOWNPAYMENT_ADV_PMT_ALLOC_PROGRESSIVE_LOAN_SCHEDULE_VERTICAL": {**PROGRESSIVE, "by_instalment": False},
    "LP2_DOWNPAYMENT_ADV_PMT_ALLOC_PROG_SCHEDULE_HOR_INST_LVL_DELINQUENCY_CREDIT_ALLOCATION":
        {**PROGRESSIVE, "credit_components": True},
    "LP2_ADV_PYMNT_INTEREST_DAILY_EMI_360_30_INTEREST_RECALCULATION_TILL_PRECLOSE": DAILY_360_30,
    "LP2_ADV_PYMNT_INTEREST_DAILY_EMI_360_30_INTEREST_RECALCULATION_TILL_REST_FREQUENCY":
        {**DAILY_360_30, "rest": "SameAsRepaymentPeriod"},
}
# Charges by name (ChargeGlobalInitializerStep): whether it is a penalty, and the amount where no step gives one.
CHARGES = {"LOAN_NSF_FEE": {"penalty": True, "amount": "10.00"}, "LOAN_SNOOZE_FEE": {"penalty": False}}
# The loan that a step calls the default one (LoanRequestFactory); the day is the step's.
DEFAULT_LOAN = {
    "LoanProduct": "LP1", "submitted on date": None, "with Principal": "1000", "ANNUAL interest rate %": "0", "interest type": "DECLINING_BALANCE",
    "interest calculation period": "SAME_AS_REPAYMENT_PERIOD", "amortization type": "EQUAL_INSTALLMENTS", "loanTermFrequency": "30",
    "loanTermFrequencyType": "DAYS", "repaymentEvery": "30", "repaymentFrequencyType": "DAYS", "numberOfRepayments": "1",
    "graceOnPrincipalPayment": "0", "graceOnInterestPayment": "0", "interest free period": "0",
    "Payment strategy": "PENALTIES_FEES_INTEREST_PRINCIPAL_ORDER",
}
# Days of delinquency (DelinquencyGlobalInitializerStep), counted behind the grace that every product has, and the names of
# the ranges above each number of days.
GRACE_DAYS = 3
RANGES = [("RANGE_1", 0), ("RANGE_3", 3), ("RANGE_30", 30), ("RANGE_60", 60), ("RANGE_90", 90), ("RANGE_120", 120), ("RANGE_150", 150),
          ("RANGE_180", 180), ("RANGE_240", 240)]
STRATEGIES = {
    "PENALTIES_FEES_INTEREST_PRINCIPAL_ORDER": "MifosStandard",
    "DUE_PENALTY_FEE_INTEREST_PRINCIPAL_IN_ADVANCE_PRINCIPAL_PENALTY_FEE_INTEREST": "DuePenaltyFeeInterestPrincipal",
    "DUE_PENALTY_INTEREST_PRINCIPAL_FEE_IN_ADVANCE_PENALTY_INTEREST_PRINCIPAL_FEE": "DuePenaltyInterestPrincipalFee",
    "ADVANCED_PAYMENT_ALLOCATION": "AdvancedPaymentAllocation",
}
WORDS = {
    "FLAT": "Flat", "DECLINING_BALANCE": "DecliningBalance", "DAILY": "Daily", "SAME_AS_REPAYMENT_PERIOD": "SameAsRepaymentPeriod",
    "EQUAL_INSTALLMENTS": "EqualInstalments", "EQUAL_PRINCIPAL_PAYMENTS": "EqualPrincipal", "DAYS": "Days", "MONTHS": "Months",
    "NEXT_INSTALLMENT": "Next", "LAST_INSTALLMENT": "Last", "REAMORTIZATION": "ReAmortise",
}
TRANSACTIONS = {"DEFAULT": "usual", "GOODWILL_CREDIT": "goodwill", "MERCHANT_ISSUED_REFUND": "merchant", "PAYOUT_REFUND": "payout"}
PAYMENTS = {"REPAYMENT": "Repaid", "GOODWILL_CREDIT": "GoodwillCredit", "MERCHANT_ISSUED_REFUND": "MerchantRefund",
            "PAYOUT_REFUND": "PayoutRefund"}
STATUSES = {"APPROVED": "Approved", "ACTIVE": "Active", "CLOSED": "Closed", "CLOSED_OBLIGATIONS_MET": "Closed", "OVERPAID": "Overpaid"}
COLUMNS = {
    "Nr": "number", "Days": "days", "Date": "date", "Paid date": "paid_date", "Balance of loan": "balance", "Principal due": "principal",
    "Interest": "interest", "Fees": "fees", "Penalties": "penalties", "Due": "due", "Paid": "paid", "In advance": "in_advance",
    "Late": "late", "Waived": "waived", "Outstanding": "outstanding",
}
WHOLE, DATES = {"number", "days"}, {"date", "paid_date"}


class LeftOut(Exception):
    """The scenario needs something that is not there; the text is the reason."""


class Unreadable(Exception):
    """The data or the contract's answers are not what they should be."""


def iso(text):
    text = text.strip()
    for form in ("%d %B %Y", "%Y%m%d", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date().isoformat()
        except ValueError:
            pass
    raise Unreadable(f"a date that cannot be read: {text}")


def money(text):
    """Decimal text with two places, as the contract takes it; no arithmetic."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise Unreadable(f"an amount that cannot be read: {text}")
    if value != value.quantize(Decimal("0.01")):
        raise Unreadable(f"an amount with more than two decimal places: {text}")
    return str(value.quantize(Decimal("0.01")))


def cents(text):
    return int(Decimal(text).scaleb(2))


def share(per_cent):
    return str(Decimal(per_cent).scaleb(-2))


class Loans(Sandbox):
    def ask(self, **command):
        try:
            answer = super().ask(**command)
        except (RuntimeError, BrokenPipeError) as why:
            sys.exit(f"FAILED: {why} (exit code {self.process.wait()})")
        if "error" in answer or "trap" in answer:
            raise Unreadable(f"{command.get('do')} {command.get('action') or command.get('view') or ''}: {json.dumps(answer)}")
        return answer


class Play:
    """One scenario on one loan."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.today = None
        self.terms = None
        self.loan = None
        self.changed = {}           # settings of products that steps change
        self.transactions = []      # (day, kind, entry)
        self.charges = []           # (name, due, entry)
        self.last = {}              # the last entry of a kind
        self.tables = self.cells = self.off = 0
        self.differences = []

    def call(self, action, **args):
        if self.loan is None:
            self.create()
        return self.sandbox.ask(do="call", of=self.loan, action=action, args=args, **{"as": ["bank"]})["result"]

    def view(self, view):
        if self.loan is None:
            self.create()
        return self.sandbox.ask(do="view", of=self.loan, view=view, args={"on": self.today})["result"]

    def create(self):
        if self.terms is None:
            raise LeftOut("no loan is made")
        self.loan = self.sandbox.ask(do="create", contract="fineract.loan.Loan", currency="EUR",
                                     args={"bank": "bank", "terms": self.terms}, **{"as": ["bank"]})["created"]

    # Steps. Each takes what its pattern found and the step's table.
    def nothing(self, *_):
        pass

    def day(self, table, text):
        self.today = iso(text)

    def future(self, table, product, kind, rule):
        if kind not in TRANSACTIONS or rule not in WORDS:
            raise LeftOut(f"an allocation rule that is not known: {kind} {rule}")
        self.changed.setdefault(product, {})[TRANSACTIONS[kind]] = WORDS[rule]

    def start_type(self, table, product, kind):
        self.changed.setdefault(product, {})["start"] = "FromSubmission" if kind == "SUBMITTED_ON_DATE" else "FromDisbursement"

    def apply(self, table):
        if self.terms is not None:
            raise LeftOut("several loans")
        row = dict(zip(table[0], table[1]))
        name = row["LoanProduct"]
        if name not in PRODUCTS:
            raise LeftOut(f"a product whose settings are not known: {name}")
        for grace in ("graceOnPrincipalPayment", "graceOnInterestPayment", "interest free period"):
            if row[grace] != "0":
                raise LeftOut(f"{grace}")
        for column in ("interest type", "interest calculation period", "amortization type", "repaymentFrequencyType"):
            if row[column] not in WORDS:
                raise LeftOut(f"{column} {row[column]}")
        if row["Payment strategy"] not in STRATEGIES:
            raise LeftOut(f"a payment strategy that is not known: {row['Payment strategy']}")
        product, changed = PRODUCTS[name], dict(self.changed.get(name, {}))
        start = changed.pop("start", "FromDisbursement")
        self.terms = {
            "submitted": iso(row["submitted on date"]), "expected": iso(row["submitted on date"]), "approved": money(row["with Principal"]),
            "rate": share(row["ANNUAL interest rate %"]), "periods": int(row["numberOfRepayments"]), "length": int(row["repaymentEvery"]),
            "unit": WORDS[row["repaymentFrequencyType"]], "schedule": product["schedule"], "interest": WORDS[row["interest type"]],
            "interest_period": WORDS[row["interest calculation period"]], "amortisation": WORDS[row["amortization type"]],
            "days_in_month": product.get("days_in_month", 0), "multiple": product["multiple"], "down_payment": product["down_payment"],
            "auto_down_payment": product["auto"], "start": start, "strategy": STRATEGIES[row["Payment strategy"]],
            "futures": {**FUTURES, **product.get("futures", {}), **changed}, "by_instalment": product.get("by_instalment", True),
            "credit_components": product.get("credit_components", False), "recalculates": product.get("recalculates", False),
            "rest": product.get("rest", "Daily"), "excess": product.get("excess", "ReduceInstalment"),
            "overdue_fee": product.get("overdue_fee", "0"), "overdue_of_interest": product.get("overdue_of_interest", False),
            "grace_days": GRACE_DAYS, "buckets": {"above": [days for _, days in RANGES]},
        }

    def apply_default(self, table, day):
        self.apply([list(DEFAULT_LOAN), [day if v is None else v for v in DEFAULT_LOAN.values()]])

    def apply_customised(self, table, day, principal, term, periods):
        changed = {"submitted on date": day, "with Principal": principal, "loanTermFrequency": term, "loanTermFrequencyType": "MONTHS",
                   "repaymentEvery": "1", "repaymentFrequencyType": "MONTHS", "numberOfRepayments": periods}
        self.apply([list(DEFAULT_LOAN), list({**DEFAULT_LOAN, **changed}.values())])

    def approve(self, table, day, amount, expected):
        self.call("approve", amount=money(amount), expected=iso(expected))

    def disburse(self, table, day, amount):
        drawn = self.call("disburse", on=self.today, value=iso(day), amount=money(amount))
        self.transactions.append((iso(day), "DISBURSEMENT", drawn["entry"]))
        self.last["drawn"] = drawn
        if drawn["down_payment"] is not None:
            self.transactions.append((iso(day), "DOWN_PAYMENT", drawn["down_payment"]))

    def pay(self, day, amount, name):
        if name not in PAYMENTS:
            raise LeftOut(f"a transaction that is not known: {name}")
        entry = self.call("pay", on=self.today, value=iso(day), amount=money(amount), kind=PAYMENTS[name])
        self.transactions.append((iso(day), name, entry))
        self.last["paid"] = entry

    def repay(self, table, day, amount):
        self.pay(day, amount, "REPAYMENT")

    def transact(self, table, name, day, amount):
        self.pay(day, amount, name)

    def pay_off(self, table, day):
        entry = self.call("pay_off", on=iso(day))
        self.transactions.append((iso(day), "REPAYMENT", entry))

    def charge(self, table, name, due, amount):
        if name not in CHARGES:
            raise LeftOut(f"a charge that is not known: {name}")
        entry = self.call("charge", on=self.today, due=iso(due), amount=money(amount), penalty=CHARGES[name]["penalty"])
        self.charges.append((name, iso(due), entry))

    def bounce(self, table, day):
        self.charge(table, "LOAN_NSF_FEE", day, CHARGES["LOAN_NSF_FEE"]["amount"])

    def processing(self, table, per_cent, day):
        entry = self.call("charge_share", on=self.today, due=iso(day), share=share(per_cent))
        self.charges.append(("PROCESSING", iso(day), entry))

    def adjust(self, table, name, due, amount):
        entry = self.call("pay", on=self.today, value=self.today, amount=money(amount), kind="ChargeAdjusted")
        self.transactions.append((self.today, "CHARGE_ADJUSTMENT", entry))

    def waive(self, table):
        self.last["waived"] = self.call("waive", on=self.today, entry=self.charges[-1][2])

    def waive_undone(self, table):
        self.call("undo", entry=self.last["waived"])

    def charge_back(self, table, amount, which=None, nr=None):
        kinds = {"Payment": "REPAYMENT", "Downpayment": "DOWN_PAYMENT"}
        if which is None:
            of = [t for t in self.transactions if t[1] in PAYMENTS]
            nr = len(of)
        else:
            of = [t for t in self.transactions if t[1] == kinds[which]]
        if not 0 < int(nr) <= len(of):
            raise LeftOut("a chargeback of a transaction that no step makes")
        entry = self.call("charge_back", on=self.today, entry=of[int(nr) - 1][2], amount=money(amount))
        self.transactions.append((self.today, "CHARGEBACK", entry))

    def refund_credit(self, table, day, amount):
        entry = self.call("refund_credit", on=iso(day), amount=money(amount))
        self.transactions.append((iso(day), "CREDIT_BALANCE_REFUND", entry))

    def undo_one(self, of, nr):
        if not 0 < int(nr) <= len(of):
            raise LeftOut("the undo of a transaction that no step makes")
        self.call("undo", entry=of[int(nr) - 1][2])

    def undo(self, table, nr, day):
        self.undo_one([t for t in self.transactions if t[0] == iso(day)], nr)

    def undo_kind(self, table, nr, kind, day):
        name = kind.upper().replace(" ", "_")
        self.undo_one([t for t in self.transactions if t[0] == iso(day) and t[1] == name], nr)

    def undo_repayment(self, table, nr, day):
        self.undo_one([t for t in self.transactions if t[1] == "REPAYMENT"], nr)

    def undo_last_repayment(self, table, day):
        of = [t for t in self.transactions if t[1] == "REPAYMENT"]
        self.undo_one(of, len(of))

    def undo_disbursal(self, table):
        for _, _, entry in self.transactions:
            self.call("undo", entry=entry)

    def undo_last_disbursal(self, table):
        for _, _, entry in self.transactions:
            if entry >= self.last["drawn"]["entry"]:
                self.call("undo", entry=entry)

    def charge_off(self, table, day):
        self.last["charge_off"] = self.call("charge_off", on=iso(day))

    def undo_charge_off(self, table):
        self.call("undo", entry=self.last["charge_off"])

    def close_day(self, table):
        self.call("close_day", on=self.today)

    def re_age(self, table):
        row = dict(zip(table[0], table[1]))
        if row["frequencyType"] not in ("DAYS", "MONTHS"):
            raise LeftOut(f"re-aging by {row['frequencyType']}")
        self.last["re_age"] = self.call("re_age", on=self.today, first=iso(row["startDate"]), periods=int(row["numberOfInstallments"]),
                                        length=int(row["frequencyNumber"]), months=row["frequencyType"] == "MONTHS")

    def undo_re_age(self, table):
        self.call("undo", entry=self.last["re_age"])

    def re_amortise(self, table, *_):
        self.last["re_amortise"] = self.call("re_amortise", on=self.today)

    def undo_re_amortise(self, table):
        self.call("undo", entry=self.last["re_amortise"])

    def batch_reschedule(self, table, old, new):
        self.call("move_due", on=self.today, **{"from": iso(old), "to": iso(new)})

    def reschedule(self, table):
        row = dict(zip(table[0], table[1]))
        for name in ("graceOnInterest", "newInterestRate"):
            if row.get(name):
                raise LeftOut(f"a reschedule with {name}")
        day = iso(row["rescheduleFromDate"])
        if row["adjustedDueDate"]:
            self.call("move_due", on=self.today, **{"from": day, "to": iso(row["adjustedDueDate"])})
        if row["graceOnPrincipal"]:
            self.call("grant_grace", on=self.today, periods=int(row["graceOnPrincipal"]), **{"from": day})
        if row["extraTerms"]:
            self.call("extend", on=self.today, periods=int(row["extraTerms"]), **{"from": day})

    # What is compared.
    def compare(self, where, column, wanted, found):
        self.cells += 1
        field = COLUMNS.get(column, column)
        wanted = (wanted or "").strip()
        if wanted == "":
            same = found is None
            wanted_value = None
        elif field in WHOLE:
            wanted_value = int(wanted)
            same = found == wanted_value
        elif field in DATES:
            wanted_value = iso(wanted)
            same = found == wanted_value
        else:
            wanted_value = money(wanted)
            same = found is not None and cents(found) == cents(wanted_value)
            if found is not None and not same:
                self.off += abs(cents(found) - cents(wanted_value))
        if not same:
            self.differences.append(f"{where}, {column}: {wanted_value} is wanted, {found} is there")

    @staticmethod
    def by_day(rows):
        """The lines of a table; disbursements that stand side by side in order of their days, which few tables mix up."""
        lines = list(rows)
        for i in range(1, len(lines)):
            k = i
            while k and not lines[k][0] and not lines[k - 1][0] and iso(lines[k][2]) < iso(lines[k - 1][2]):
                lines[k - 1], lines[k] = lines[k], lines[k - 1]
                k -= 1
        return lines

    def schedule(self, table, periods):
        if table[0][:3] != ["Nr", "Days", "Date"]:
            raise Unreadable("a schedule that does not begin with Nr, Days, Date")
        self.tables += 1
        lines = self.view("schedule")
        where = f"schedule {self.tables} on {self.today}"
        numbered = len([line for line in lines if line["number"] is not None])
        if numbered != int(periods):
            self.differences.append(f"{where}: {periods} periods are wanted, {numbered} are there")
        if len(lines) != len(table) - 1:
            self.differences.append(f"{where}: {len(table) - 1} lines are wanted, {len(lines)} are there")
        for i, (wanted, line) in enumerate(zip(self.by_day(table[1:]), lines)):
            for column, cell in zip(table[0], wanted):
                if column not in COLUMNS:
                    raise LeftOut(f"a column that is not known: {column}")
                self.compare(f"{where}, line {i + 1}", column, cell, line[COLUMNS[column]])

    def totals(self, table):
        self.tables += 1
        found = self.view("totals")
        for column, cell in zip(table[0], table[1]):
            self.compare(f"totals on {self.today}", column, cell, found[COLUMNS[column]])

    def status(self, table, text):
        if text.split(" ")[0].upper() not in STATUSES:
            raise LeftOut(f"a status that is not known: {text}")
        self.cells += 1
        found = self.view("status")
        if found != STATUSES[text.split(" ")[0].upper()]:
            self.differences.append(f"on {self.today}, status: {text} is wanted, {found} is there")

    def delinquent(self, table, name, day):
        found = self.view("delinquency")
        names = ["NO_DELINQUENCY"] + [range_name for range_name, _ in RANGES]
        if name not in names:
            raise LeftOut(f"a delinquency range that is not known: {name}")
        self.cells += 2
        if (names[found["bucket"]], found["since"] or "") != (name, day):
            self.differences.append(f"on {self.today}, delinquency: {name} since {day} is wanted, {found} is there")

    def posted(self, table):
        """Every transaction that stands is in the table, with these components."""
        wanted = {}
        for row in table[1:]:
            row = dict(zip(table[0], row))
            key = (iso(row["Transaction date"]), row["Transaction Type"].upper().replace(" ", "_"), cents(money(row["Amount"])))
            wanted.setdefault(key, []).append(row)
        names = {entry: name for _, name, entry in self.transactions}
        for found in self.view("transactions"):
            name = names.get(found["number"])
            if name is None:
                continue
            rows = wanted.get((found["date"], name, cents(found["amount"])), [])
            parts = {"Principal": "principal", "Interest": "interest", "Fees": "fees", "Penalties": "penalties"}
            self.cells += len(parts)
            if not any(all(cents(money(row[c])) == cents(found[f]) for c, f in parts.items()) for row in rows):
                self.differences.append(f"transactions on {self.today}: {found} is there, {rows} is wanted")

    def amount(self, table, amount, view):
        self.compare(f"on {self.today}", view, amount, self.view(view))


D, N = r'"([^"]*)"', r"([\d.]+)"
STEPS = [(re.compile(pattern + "$"), act) for pattern, act in [
    (rf"Admin sets the business date to {D}", Play.day),
    (rf"Admin set {D} loan product {D} transaction type to {D} future installment allocation rule", Play.future),
    (rf"Admin sets repaymentStartDateType for {D} loan product to {D}", Play.start_type),
    (r"Admin creates a fully customized loan with the following data:", Play.apply),
    (rf"Admin creates a new default Loan with date: {D}", Play.apply_default),
    (rf"Admin successfully creates a new customised Loan submitted on date: {D}, with Principal: {D}, a loanTermFrequency: (\d+) months, "
     r"and numberOfRepayments: (\d+)", Play.apply_customised),
    (rf"Admin successfully approves the loan on {D} with {D} amount and expected disbursement date on {D}", Play.approve),
    (rf"Admin successfully disburse the loan on {D} with {D} EUR transaction amount", Play.disburse),
    (rf'Customer makes "(?:[A-Z_]+)" repayment on {D} with {N} EUR transaction amount', Play.repay),
    (rf'(?:Customer|Admin) makes {D} transaction with "[A-Z_]+" payment type on {D} with {N} EUR transaction amount'
     r'(?: and (?:system|self)-generated Idempotency key)?', Play.transact),
    (rf"Loan Pay-off is made on {D}", Play.pay_off),
    (rf"Admin adds {D} due date charge with {D} due date and {N} EUR transaction amount", Play.charge),
    (rf"Admin adds an NSF fee because of payment bounce with {D} transaction date", Play.bounce),
    (rf'Admin adds a {N} % Processing charge to the loan with "en" locale on date: {D}', Play.processing),
    (rf'Admin makes a charge adjustment for the last {D} type charge which is due on {D} with {N} EUR transaction amount and externalId ""',
     Play.adjust),
    (r"Admin waives (?:due date )?charge", Play.waive),
    (r"Admin makes waive undone for charge", Play.waive_undone),
    (rf'Admin makes "[A-Z_]+" chargeback with {N} EUR transaction amount(?: for (Payment|Downpayment) nr. (\d+))?', Play.charge_back),
    (rf"Admin makes Credit Balance Refund transaction on {D} with {N} EUR transaction amount", Play.refund_credit),
    (rf'Customer undo "(\d+)"th transaction made on {D}', Play.undo),
    (rf'Customer undo "(\d+)"th {D} transaction made on {D}', Play.undo_kind),
    (rf'Customer undo "(\d+)"th repayment on {D}', Play.undo_repayment),
    (rf"Customer makes a repayment undo on {D}", Play.undo_last_repayment),
    (r"Admin successfully undo disbursal", Play.undo_disbursal),
    (r"Admin successfully undo last disbursal", Play.undo_last_disbursal),
    (rf"Admin does charge-off the loan on {D}", Play.charge_off),
    (r"Admin does a charge-off undo the loan", Play.undo_charge_off),
    (r"Admin runs (?:inline COB job for Loan|COB job)", Play.close_day),
    (r"Admin creates a Loan re-aging transaction (?:by Loan external ID )?with the following data:", Play.re_age),
    (r"Admin successfully undo Loan re-aging transaction", Play.undo_re_age),
    (r"(?:When )?Admin creates a Loan re-amortization transaction on current business date( by loan external ID)?", Play.re_amortise),
    (r"(?:When )?Admin undo Loan re-amortization transaction on current business date", Play.undo_re_amortise),
    (rf'Batch API call with steps: rescheduleLoan from {D} to {D} submitted on date: "[^"]*", approveReschedule on date: "[^"]*" '
     r'runs with enclosingTransaction: "true"', Play.batch_reschedule),
    (r"Admin creates and approves Loan reschedule with the following data:", Play.reschedule),
    (r"Loan Repayment schedule has (\d+) periods, with the following data for periods:", Play.schedule),
    (r"Loan Repayment schedule has the following data in Total row:", Play.totals),
    (rf"Loan has {N} (outstanding) amount", Play.amount),
    (rf"Loan has {N} (overpaid) amount", Play.amount),
    (rf"Loan status (?:will be|has changed to) {D}", Play.status),
    (rf"Admin checks that delinquency range is: {D} and has delinquentDate {D}", Play.delinquent),
    (r"Loan Transactions tab has the following data:", Play.posted),
    # Steps that say nothing of the schedule or its amounts: configuration, events, journals, delinquency, status.
    (r"Admin creates a client with random data", Play.nothing),
    (rf"Global config(?:uration)? {D} .*", Play.nothing),
    (r"Loan's all installments have obligations met", Play.nothing),
    (r"Loan Transactions tab has a .*", Play.nothing),
    (r"Loan Charges tab has .*", Play.nothing),
    (r"On Loan Transactions tab the .* is reverted", Play.nothing),
    (r"No new event with type .* has been raised for the loan", Play.nothing),
    (r"Admin (?:puts|removes) .* business step into LOAN_CLOSE_OF_BUSINESS workflow", Play.nothing),
]]


def matched(text):
    for pattern, act in STEPS:
        found = pattern.match(text)
        if found:
            return act, [g for g in found.groups()]
    kind = re.sub(r'"[^"]*"', '"…"', re.sub(r"[0-9.]+", "#", text))
    raise LeftOut(f"a step that is not supported: {kind}")


def play(sandbox, scenario):
    steps = [(*matched(step["text"]), step.get("table")) for step in scenario["steps"]]
    sandbox.ask(do="reset")
    game = Play(sandbox)
    for act, found, table in steps:
        if table is not None and any(len(row) != len(table[0]) for row in table):
            raise Unreadable("a table whose rows are not alike")
        act(game, table, *found)
    return game


def carries(scenario):
    texts = [step["text"] for step in scenario["steps"]]
    return any("Loan Repayment schedule has" in t for t in texts)


def has_terms(scenario):
    return any("fully customized loan" in step["text"] for step in scenario["steps"])


def bears_interest(scenario):
    for step in scenario["steps"]:
        if "fully customized loan" in step["text"]:
            return Decimal(dict(zip(step["table"][0], step["table"][1]))["ANNUAL interest rate %"]) != 0
    return False


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("bin_dir")
    options.add_argument("data_file")
    options.add_argument("--json")
    options.add_argument("--only", help="scenarios whose name contains this")
    options.add_argument("-v", "--verbose", action="store_true")
    options = options.parse_args()
    suite.skip_unless(os.path.exists(options.data_file), "fineract", options.data_file)
    try:
        with open(options.data_file, encoding="utf-8") as file:
            scenarios = [s for s in (json.loads(line) for line in file if line.strip()) if carries(s)]
        if not scenarios:
            raise ValueError("it holds no scenario with a schedule")
        for s in scenarios:
            bears_interest(s)
    except (OSError, ValueError, KeyError, TypeError, IndexError, InvalidOperation) as why:
        sys.exit(f"FAILED: {options.data_file} cannot be read: {why!r}")
    if options.only:
        scenarios = [s for s in scenarios if options.only in s["scenario"]]
    tally = os.path.join(options.bin_dir, "tally")
    if not os.access(tally, os.X_OK):
        sys.exit(f"FAILED: {tally} is no program")
    sandbox = Loans(tally, os.path.join(os.path.dirname(os.path.abspath(__file__)), "fineract"))
    results, left_out = [], {}
    for scenario in scenarios:
        name = scenario["scenario"]
        result = {"scenario": name, "terms": has_terms(scenario), "interest": bears_interest(scenario)}
        results.append(result)
        game, differences = None, []
        try:
            game = play(sandbox, scenario)
            differences = game.differences
        except LeftOut as why:
            left_out.setdefault(str(why), []).append(name)
            result.update(result="left out", reason=str(why))
            continue
        except (Unreadable, KeyError, TypeError, ValueError, IndexError) as why:
            differences = [f"{type(why).__name__}: {why}"]
        result.update(result="failed" if differences else "passed", differences=differences, tables=game.tables if game else 0,
                      cells=game.cells if game else 0, cents_off=game.off if game else 0)
        if results[-1]["result"] == "failed":
            print(f"FAILED  {name}")
            shown = results[-1]["differences"]
            for difference in shown if options.verbose else shown[:3]:
                print(f"        {difference}")
        elif options.verbose:
            print(f"passed  {name}")
    sandbox.close()
    run = [r for r in results if r["result"] != "left out"]
    passed = [r for r in run if r["result"] == "passed"]
    summary = {"scenarios": len(results), "run": len(run), "passed": len(passed), "interest_passed": len([r for r in passed if r["interest"]]),
               "tables": sum(r["tables"] for r in run), "cells": sum(r["cells"] for r in run), "cents_off": sum(r["cents_off"] for r in run),
               "left_out": len(results) - len(run)}
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"summary": summary, "results": results}, file, indent=1)
    with_terms = [r for r in results if r["terms"]]
    print(f"{summary['scenarios']} scenarios with a schedule: {summary['run']} run, {summary['passed']} passed, "
          f"{summary['interest_passed']} of those bear interest; {len(with_terms)} have a table of terms, "
          f"{len([r for r in with_terms if r['result'] == 'passed'])} of those passed; {summary['tables']} tables, {summary['cells']} cells compared, "
          f"{summary['cents_off']} cents off")
    for reason, names in sorted(left_out.items(), key=lambda item: -len(item[1])):
        print(f"left out, {reason}: {len(names)}")
        for name in names:
            print(f"        {name}")
    missed = [] if options.only else [f"{what}: {summary[key]} of {bar}" for what, key, bar in
                                      (("passed", "passed", BARS["passed"]), ("bear interest", "interest_passed", BARS["interest"])) if summary[key] < bar]
    for bar in missed:
        print(f"FAILED: the bar is missed: {bar}")
    return 1 if missed or len(passed) != len(run) else 0


if __name__ == "__main__":
    sys.exit(main())
