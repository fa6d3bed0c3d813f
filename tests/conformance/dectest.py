#!/usr/bin/env python3
"""General Decimal Arithmetic's own cases (*.decTest) against std.decimal.

    tests/conformance/dectest.py TALLY FOLDER [--json FILE]

A case applies if, in this order,
  1. its operation has a meaning for plain numbers (tables below);
  2. its rounding mode is one of the seven;
  3. operands and result are finite numbers, written in decimal;
  4. every operand is a multiple of 10^-18 below 1.7·10^20 in size: then a Decimal holds it exactly;
  5. the expected result, rounded to the file's precision by its mode, is one too.
What applies must agree. Values are compared, not their spelling: a Decimal has no exponent, no trailing zeros and
no negative zero. The flags behind a result (Inexact, Rounded, …) are not looked at.

The precision is counted in significant digits; std.decimal rounds at a place. The place of the last digit follows
from the size of the exact result, which is worked out here in whole numbers; the rounding itself is the machine's.
"""
import collections
import fractions
import json
import pathlib
import re
import sys

import suite
from sandbox import Sandbox

Fraction = fractions.Fraction
UNIT = Fraction(1, 10**18)
LIMIT = 2**127
APPLY_MIN = 7758
MODES = {"ceiling": "ceiling", "floor": "floor", "down": "toward_zero", "up": "away", "half_even": "half_even", "half_up": "half_up", "half_down": "half_down"}
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$")
TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--.*|\S+")


def value(text):
    """The number and its exponent as it is written, or None."""
    if not NUMBER.match(text):
        return None
    mantissa, _, exponent = text.lower().partition("e")
    exponent = int(exponent or 0)
    whole, _, behind = mantissa.partition(".")
    exponent -= len(behind)
    coefficient = int((whole + behind).lstrip("+-") or 0)
    if abs(exponent) > 2000:
        return (Fraction(0) if coefficient == 0 else None, exponent) if coefficient == 0 else (Fraction(10) ** (2001 if exponent > 0 else -2001), exponent)
    number = coefficient * Fraction(10) ** exponent
    return (-number if text.startswith("-") else number, exponent)


def held(number):
    units = number / UNIT
    return units.denominator == 1 and -LIMIT <= units.numerator < LIMIT


def text(number):
    units = int(number / UNIT)
    digits = f"{abs(units):019d}"
    return ("-" if units < 0 else "") + digits[:-18] + "." + digits[-18:]


def adjusted(number):
    """The exponent of the first significant digit."""
    number = abs(number)
    if number == 0:
        return 0
    guess = len(str(number.numerator)) - len(str(number.denominator))
    return guess if Fraction(10) ** guess <= number else guess - 1


def place(exact, precision):
    return max(-20, min(18, precision - 1 - adjusted(exact)))


# operation -> (view, the exact result). What is None has no exact result that a place follows from.
UNARY = {"plus": ("round", lambda a: a), "abs": ("size", abs), "minus": ("negated", lambda a: -a), "reduce": ("round", lambda a: a), "apply": ("round", lambda a: a)}
BINARY = {"add": ("sum", lambda a, b: a + b), "subtract": ("difference", lambda a, b: a - b), "multiply": ("product", lambda a, b: a * b),
          "divide": ("quotient", lambda a, b: a / b)}
RESTS = {"remainder": "rest", "remaindernear": "nearest_rest"}
REPRESENTATION = {"samequantum", "tosci", "toeng", "scaleb", "class", "canonical", "copy", "copyabs", "copynegate", "copysign"}


def query(case):
    """The view to ask and its arguments, or why the case does not apply."""
    operation, operands, result, context = case
    operation = operation.lower()
    if operation == "power":
        return None, "power, which need not be rounded correctly there"
    known = operation in UNARY or operation in BINARY or operation in RESTS or operation in ("divideint", "fma", "compare", "quantize", "rescale", "tointegral", "tointegralx")
    if not known:
        return None, "about the spelling of numbers" if operation in REPRESENTATION else "no such operation"
    mode = MODES.get(context["rounding"])
    if mode is None:
        return None, "a rounding mode of binary chips (05up)"
    read = [value(o) for o in operands]
    wanted = value(result)
    if any(r is None for r in read) or wanted is None:
        return None, "an operand or the result is no finite number"
    numbers = [r[0] for r in read]
    used = numbers[:1] if operation in ("quantize", "rescale") else numbers
    if not all(held(n) for n in used):
        return None, "an operand does not fit a Decimal"
    if not held(wanted[0]):
        return None, "the result does not fit a Decimal"
    precision = int(context["precision"])
    a = {"a": text(numbers[0])} if used else {}
    if operation in UNARY:
        view, exact = UNARY[operation]
        return (view, {"x": text(numbers[0]), "places": place(exact(numbers[0]), precision), "mode": mode}), None
    if operation in BINARY:
        view, exact = BINARY[operation]
        return (view, {**a, "b": text(numbers[1]), "places": place(exact(*numbers), precision), "mode": mode}), None
    if operation in RESTS:
        rest = numbers[0] - numbers[1] * (int(numbers[0] / numbers[1]) if operation == "remainder" else round(numbers[0] / numbers[1]))
        return (RESTS[operation], {**a, "b": text(numbers[1]), "places": place(rest, precision), "mode": mode}), None
    if operation == "divideint":
        return ("whole_quotient", {**a, "b": text(numbers[1])}), None
    if operation == "compare":
        return ("order", {**a, "b": text(numbers[1])}), None
    if operation == "fma":
        return ("fused_product", {**a, "b": text(numbers[1]), "c": text(numbers[2]), "places": place(numbers[0] * numbers[1] + numbers[2], precision), "mode": mode}), None
    places = 0 if operation.startswith("tointegral") else -int(numbers[1]) if operation == "rescale" else -read[1][1]
    return ("round", {"x": text(numbers[0]), "places": max(-20, min(18, places)), "mode": mode}), None


def cases(path):
    context = {"precision": "9", "rounding": "half_up"}
    for number, line in enumerate(path.read_text(encoding="latin-1").splitlines(), 1):
        if match := re.match(r"(\w+)\s*:\s*(\S+)", line):
            context[match[1].lower()] = match[2].lower()
            continue
        tokens = [t[1:-1] if t[0] in "'\"" else t for t in TOKEN.findall(line) if not t.startswith("--")]
        if not tokens:
            continue
        if "->" not in tokens:
            raise SystemExit(f"error: {path}:{number}: this is no case: {line}")
        arrow = tokens.index("->")
        yield tokens[0], (tokens[1], tokens[2:arrow], tokens[arrow + 1], dict(context))


def main():
    arguments = suite.arguments("folder")
    files = sorted(arguments.folder.glob("*.decTest"))
    suite.skip_unless(files, "dectest", arguments.folder)
    box = Sandbox(arguments.tally, pathlib.Path(__file__).parent / "dectest" / "probe.tally")
    probe = box.ask(do="create", contract="Probe", args={}, **{"as": ["ann"]})["created"]
    report, reasons, applied, wrong = [], collections.Counter(), 0, []
    for path in files:
        queries, refused, total = [], collections.Counter(), 0
        for name, case in cases(path):
            total += 1
            question, reason = query(case)
            if question is None:
                refused[reason] += 1
            else:
                queries.append((name, case, question))
        answers = box.ask_all([{"do": "view", "of": probe, "view": view, "args": args} for _, _, (view, args) in queries])
        bad = []
        for (name, case, question), answer in zip(queries, answers):
            wanted = value(case[2])[0]
            got = answer.get("result")
            if got is None or Fraction(str(got)) != wanted:
                bad.append(f"{name}: {case[0]} {' '.join(case[1])} -> {case[2]}, got {got if got is not None else answer.get('note')}   {question}")
        applied += len(queries)
        wrong += bad
        reasons += refused
        report.append({"file": path.name, "cases": total, "apply": len(queries), "wrong": len(bad), "refused": dict(refused)})
        why = ", ".join(f"{n} {reason}" for reason, n in refused.most_common())
        print(f"{path.name:<24}{total:>6} cases {len(queries):>6} apply {len(bad):>4} wrong   refused: {why or 'none'}")
    box.close()
    for line in wrong[:20]:
        print("WRONG", line)
    print(f"{sum(r['cases'] for r in report)} cases, {applied} apply, {len(wrong)} wrong")
    for reason, count in reasons.most_common():
        print(f"  {count:>6} refused: {reason}")
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps({"files": report, "apply": applied, "wrong": wrong}, indent=1))
    if applied < APPLY_MIN:
        print(f"WRONG only {applied} cases apply, {APPLY_MIN} are known")
    return 0 if not wrong and applied >= APPLY_MIN else 1


if __name__ == "__main__":
    sys.exit(main())
