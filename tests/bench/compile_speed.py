#!/usr/bin/env python3
"""tests/bench/compile_speed.py BINDIR [--runs N] [--json FILE] [--no-bars]

How long the compiler takes, from a cold process: `tally check` and `tally build` of a contract of a thousand
lines, each beside clang-19 on C of the same length and content; then how the time grows with the source, up
to the limit of 1 MiB. Every figure is the median of N runs (7). Ends with 1 when a bar is missed; with
--no-bars only when something does not work, for machines whose time says nothing.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

LINES = 1000
SOURCE_BYTES_MAX = 1024 * 1024
CHECK_MS_MAX, BUILD_MS_MAX = 100, 1000
# Time for a byte in the largest source against the smallest. The smallest pays for starting the process, so a
# linear compiler comes out below 1; without the start, which is measured with an empty module, it comes out at 1.
GROWTH_MAX, NET_GROWTH_MAX = 1.5, 2.0

TALLY_HEAD = """module bench.loans version 1;
import std.schedule { monthly };

record Row { due: Date; interest: Amount<USD>; principal: Amount<USD>; }
enum Bucket { Current, Late, Lost }
error Refused(left: Money<USD>) "more than is owed";
event Paid { on: Date; amount: Amount<USD>; }
"""

CONTRACT_HEAD = """
contract Loan@C@ {
    role lead: Party;
    role borrower: Party;
    const rate: Rate;
    const first_due: Date;
    var paid: Int = 0;
    var rows: List<Row, max 60> = [];
    lifecycle { initial Active; Active -> Settled; final Settled; }
    create(lead: Party, borrower: Party, rate: Rate, first_due: Date) by all of (lead, borrower) {
        become Active;
    }
    action settle() by lead in Active { become Settled; }
"""

GROUP = """
    var principal_@G@: Amount<USD> = 0.00 USD;
    var interest_@G@: Amount<USD> = 0.00 USD;
    invariant within_@G@: interest_@G@ <= principal_@G@ + 1_000.00 USD;
    fn accrued_@G@(count_of_days: Int) -> Money<USD> {
        if count_of_days <= 0 { return 0.00 USD; }
        return round(principal_@G@ * rate * (count_of_days / 365), half_even);
    }
    view owed_@G@(on: Date) -> Money<USD> {
        return principal_@G@ + interest_@G@ + accrued_@G@(count(on - first_due));
    }
    view bucket_@G@(days_late: Int) -> Bucket {
        if days_late <= 0 { return Current; }
        if days_late <= 90 { return Late; }
        return Lost;
    }
    action draw_@G@(amount: Amount<USD>) by borrower in Active
        require amount > 0.00 USD else Refused(left: principal_@G@)
    {
        principal_@G@ += amount;
        rows.push(Row { due: monthly(first_due, paid), interest: 0.00 USD, principal: amount });
    }
    action repay_@G@(amount: Amount<USD>) by borrower in Active
        require amount <= principal_@G@ + interest_@G@ else Refused(left: principal_@G@)
    {
        let first = min(amount, interest_@G@);
        interest_@G@ -= first;
        principal_@G@ -= amount - first;
        for (i, row) in rows {
            if row.principal > amount { rows[i].principal -= amount; }
            else { rows[i].principal = 0.00 USD; }
        }
        paid += 1;
        emit Paid { on: today, amount: amount };
    }
"""

C_HEAD = """#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef __int128 money_t;
enum { ROWS_MAX = 60 };
enum bucket { CURRENT, LATE, LOST };
enum outcome { DONE, REFUSED, FULL };
struct row { int64_t due; money_t interest; money_t principal; };
struct loan { int64_t first_due, paid, rate; size_t count; struct row rows[ROWS_MAX]; money_t principal[200], interest[200]; };
static money_t divide_half_even(money_t numerator, money_t denominator) {
    const money_t quotient = numerator / denominator, rest = numerator % denominator;
    if (2 * rest > denominator || (2 * rest == denominator && (quotient & 1) != 0)) return quotient + 1;
    return quotient;
}
"""

C_GROUP = """
static bool within_@G@(const struct loan *loan) {
    return loan->interest[@G@] <= loan->principal[@G@] + 100000;
}
static money_t accrued_@G@(const struct loan *loan, int64_t count_of_days) {
    if (count_of_days <= 0) return 0;
    return divide_half_even(loan->principal[@G@] * loan->rate * count_of_days, (money_t)365 * 1000000);
}
money_t owed_@G@(const struct loan *loan, int64_t on) {
    return loan->principal[@G@] + loan->interest[@G@] + accrued_@G@(loan, on - loan->first_due);
}
enum bucket bucket_@G@(int64_t days_late) {
    if (days_late <= 0) return CURRENT;
    if (days_late <= 90) return LATE;
    return LOST;
}
enum outcome draw_@G@(struct loan *loan, money_t amount) {
    if (amount <= 0) return REFUSED;
    loan->principal[@G@] += amount;
    if (loan->count == ROWS_MAX) return FULL;
    loan->rows[loan->count++] = (struct row){loan->first_due + 30 * loan->paid, 0, amount};
    return within_@G@(loan) ? DONE : REFUSED;
}
enum outcome repay_@G@(struct loan *loan, money_t amount) {
    if (amount > loan->principal[@G@] + loan->interest[@G@]) return REFUSED;
    const money_t first = amount < loan->interest[@G@] ? amount : loan->interest[@G@];
    loan->interest[@G@] -= first;
    loan->principal[@G@] -= amount - first;
    for (size_t i = 0; i < loan->count; ++i) {
        if (loan->rows[i].principal > amount) loan->rows[i].principal -= amount;
        else loan->rows[i].principal = 0;
    }
    loan->paid += 1;
    return within_@G@(loan) ? DONE : REFUSED;
}
"""


def filled(text, **values):
    for name, value in values.items():
        text = text.replace("@" + name + "@", str(value))
    return text


def contract(number, lines):
    """One contract of about so many lines."""
    out = filled(CONTRACT_HEAD, C=number)
    groups = (lines - out.count("\n") - 1) // GROUP.count("\n")
    return out + "".join(filled(GROUP, G=g) for g in range(groups)) + "}\n"


def padded(text, lines, comment):
    missing = lines - text.count("\n")
    return text + (comment + "\n") * missing


def tally_source(contracts):
    if contracts == 1:
        return padded(TALLY_HEAD + contract(0, LINES - TALLY_HEAD.count("\n")), LINES, "// end")
    return TALLY_HEAD + "".join(contract(c, LINES) for c in range(contracts))


def c_source(lines):
    groups = (lines - C_HEAD.count("\n")) // C_GROUP.count("\n")
    return padded(C_HEAD + "".join(filled(C_GROUP, G=g) for g in range(groups)), lines, "// end")


def seconds(command, runs, folder):
    """The median time of a command; it must succeed every time."""
    taken = []
    for _ in range(runs):
        begin = time.perf_counter()
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder)
        taken.append(time.perf_counter() - begin)
        if done.returncode != 0:
            raise RuntimeError("`%s` failed:\n%s" % (" ".join(command), done.stdout[:2000]))
    return statistics.median(taken)


def write(folder, name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def beside_c(tally, clang, runs, folder):
    source = write(folder, "one/loan.tally", tally_source(1))
    c = write(folder, "loan.c", c_source(LINES))
    check = seconds([tally, "check", source], runs, folder)
    build = seconds([tally, "build", "-o", folder, source], runs, folder)
    out = {"lines": LINES, "check_ms": check * 1e3, "build_ms": build * 1e3}
    print("%-34s %8.1f ms   (bar %d ms)" % ("tally check, 1,000 lines", check * 1e3, CHECK_MS_MAX))
    print("%-34s %8.1f ms   (bar %d ms)" % ("tally build, 1,000 lines", build * 1e3, BUILD_MS_MAX))
    if clang is None:
        print("SKIPPED: there is no clang-19 to compare with")
        return out
    syntax = seconds([clang, "-fsyntax-only", c], runs, folder)
    compile_ = seconds([clang, "-O2", "-c", "-o", os.path.join(folder, "loan.o"), c], runs, folder)
    out.update(clang_syntax_ms=syntax * 1e3, clang_o2_ms=compile_ * 1e3, check_ratio=check / syntax, build_ratio=build / compile_)
    print("%-34s %8.1f ms   tally check takes %.2f of it" % ("clang-19 -fsyntax-only, 1,000 lines", syntax * 1e3, check / syntax))
    print("%-34s %8.1f ms   tally build takes %.2f of it" % ("clang-19 -O2 -c, 1,000 lines", compile_ * 1e3, build / compile_))
    return out


def growth(name, command, sizes, runs, folder):
    """Time by size, and the time for a byte in the largest against the smallest."""
    rows = []
    start = seconds(command(write(folder, "0/loan.tally", "module bench.loans version 1;\n")), max(3, runs // 2), folder)
    for contracts in sizes:
        text = tally_source(contracts)
        path = write(folder, "%d/loan.tally" % contracts, text)
        size = len(text.encode())
        taken = seconds(command(path), max(3, runs // 2), folder)
        rows.append({"contracts": contracts, "bytes": size, "ms": taken * 1e3, "ns_per_byte": taken * 1e9 / size})
        print("tally %-5s %9d bytes %9.1f ms %8.1f ns/byte" % (name, size, taken * 1e3, rows[-1]["ns_per_byte"]))
    ratio = rows[-1]["ns_per_byte"] / rows[0]["ns_per_byte"]
    net = [(row["ms"] - start * 1e3) / row["bytes"] for row in (rows[-1], rows[0])]
    net_ratio = net[0] / net[1] if net[1] > 0 else float("inf")
    print("tally %-5s largest / smallest: %.2f of the time for a byte   (bar %.1f); without the start of the process, %.1f ms: %.2f   (bar %.1f)"
          % (name, ratio, GROWTH_MAX, start * 1e3, net_ratio, NET_GROWTH_MAX))
    return {"rows": rows, "start_ms": start * 1e3, "ratio": ratio, "net_ratio": net_ratio}


def doubling(limit):
    sizes, n = [], 1
    while n < limit:
        sizes.append(n)
        n *= 2
    return sizes + [limit]


def largest_that_fits():
    n = 1
    while len(tally_source(n + 1).encode()) <= SOURCE_BYTES_MAX:
        n += 1
    return n


def largest_that_builds(tally, folder, most):
    """A module has at most 512 KiB and 65,536 instructions: what a source may build to ends before 1 MiB."""
    good = 1
    for n in doubling(most)[1:]:
        path = write(folder, "try/loan.tally", tally_source(n))
        done = subprocess.run([tally, "build", "-o", folder, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            if "T7004" not in done.stdout:
                raise RuntimeError(done.stdout[:2000])
            break
        good = n
    return good


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("bindir")
    arguments.add_argument("--runs", type=int, default=7)
    arguments.add_argument("--json")
    arguments.add_argument("--no-bars", action="store_true")
    options = arguments.parse_args()
    tally = os.path.abspath(os.path.join(options.bindir, "tally"))
    with tempfile.TemporaryDirectory() as folder:
        result = {"one": beside_c(tally, shutil.which("clang-19"), options.runs, folder)}
        most = largest_that_fits()
        result["check"] = growth("check", lambda path: [tally, "check", path], doubling(most), options.runs, folder)
        builds = doubling(largest_that_builds(tally, folder, most))
        result["build"] = growth("build", lambda path: [tally, "build", "-o", folder, path], builds, options.runs, folder)
    short = [text for missed, text in (
        (result["one"]["check_ms"] > CHECK_MS_MAX, "tally check of 1,000 lines"),
        (result["one"]["build_ms"] > BUILD_MS_MAX, "tally build of 1,000 lines"),
        *((result[name]["ratio"] > GROWTH_MAX or result[name]["net_ratio"] > NET_GROWTH_MAX, "the growth of tally " + name) for name in ("check", "build"))) if missed]
    result["short"] = short
    if options.json:
        with open(options.json, "w", encoding="utf-8") as f:
            json.dump(result, f, indent=1)
    for text in short:
        print("SHORT: " + text)
    return 1 if short and not options.no_bars else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as fault:
        print("FAILED: %s" % fault)
        sys.exit(2)
