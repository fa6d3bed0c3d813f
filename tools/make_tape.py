#!/usr/bin/env python3
"""make_tape.py N [SEED]: a loan tape with the columns of the Lending Club file, to standard output.

Made up, but of the right shape: amounts, rates and terms of consumer loans, some paid off, some late, some
charged off, and a few rows with the faults that real tapes have. The same seed gives the same tape.
"""
import csv
import random
import sys
from fractions import Fraction

COLUMNS = ("rownames emp_title emp_length state homeownership annual_income verified_income debt_to_income annual_income_joint "
           "verification_income_joint debt_to_income_joint delinq_2y months_since_last_delinq earliest_credit_line inquiries_last_12m "
           "total_credit_lines open_credit_lines total_credit_limit total_credit_utilized num_collections_last_12m "
           "num_historical_failed_to_pay months_since_90d_late current_accounts_delinq total_collection_amount_ever "
           "current_installment_accounts accounts_opened_24m months_since_last_credit_inquiry num_satisfactory_accounts "
           "num_accounts_120d_past_due num_accounts_30d_past_due num_active_debit_accounts total_debit_limit num_total_cc_accounts "
           "num_open_cc_accounts num_cc_carrying_balance num_mort_accounts account_never_delinq_percent tax_liens public_record_bankrupt "
           "loan_purpose application_type loan_amount term interest_rate installment grade sub_grade issue_month loan_status "
           "initial_listing_status disbursement_method balance paid_total paid_principal paid_interest paid_late_fees").split()


def cents(x):
    return "%d.%02d" % (x // 100, x % 100)


def instalment(principal, rate, n):
    r = Fraction(rate, 120000)  # per cent with two decimals, a twelfth of a year
    growth = (1 + r) ** n
    exact = principal * r * growth / (growth - 1)
    return -((-exact.numerator) // exact.denominator)


def row(rng, number):
    principal = rng.randrange(40, 1600) * 2500
    rate = rng.randrange(531, 3099)
    n = rng.choice((36, 36, 60))
    month = rng.randrange(3)
    due = 4 - month
    payment = instalment(principal, rate, n)
    status = rng.choices(("Current", "Fully Paid", "In Grace Period", "Late (16-30 days)", "Late (31-120 days)", "Charged Off"),
                         (920, 45, 10, 6, 10, 3))[0]
    interest = principal * rate // 120000
    if status == "Fully Paid":
        months = rng.randrange(1, 5)
        paid_total, paid_interest = principal + interest * months, interest * months
    else:
        count = due + (rng.randrange(1, 6) if rng.random() < 0.05 else 0) if status == "Current" else rng.randrange(0, due)
        paid_total, paid_interest = payment * count + rng.randrange(0, payment), interest * count
    fee = rng.choice((1500, 1907, 2491)) if rng.random() < 0.01 else 0
    out = dict.fromkeys(COLUMNS, "")
    out.update(rownames=number, emp_title=rng.choice(("teacher", "driver, night", "nurse")), state=rng.choice(("NJ", "CA", "TX")), loan_amount=cents(principal).rstrip("0").rstrip("."),
               term=n, interest_rate=cents(rate), installment=cents(payment), issue_month=("Jan-18", "Feb-18", "Mar-18")[month], loan_status=status,
               paid_total=cents(paid_total) + ("0012" if rng.random() < 0.03 else ""), paid_interest=cents(paid_interest), paid_late_fees=cents(fee))
    return out


def main():
    count = int(sys.argv[1])
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 2016)
    writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for number in range(1, count + 1):
        writer.writerow(row(rng, number))


if __name__ == "__main__":
    main()
