#!/usr/bin/env python3
"""tests/house/docs_test.py TALLY ROOT: every ```tally fence of README.md and docs/**/*.md checks, and its
tests pass; every ```tally-fail fence gives exactly the one error that its first line states. A ```text fence
that begins with `$ tally check` or `$ tally rights` shows, word for word, what that command says of the fence before it."""
import pathlib
import re
import subprocess
import sys
import tempfile

FENCE = re.compile(r"^```(tally|tally-fail|text)\n(.*?)^```\s*$", re.M | re.S)
SHOWN = re.compile(r"\$ tally (check|rights)(?: \S+)?\n(.*)", re.S)
STATED = re.compile(r"// fails: (T\d{4})$")
ERROR = re.compile(r"^error\[(T\d{4})\]", re.M)
SECONDS = 60


def run(tally, *arguments):
    done = subprocess.run([tally, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS)
    return done.returncode, done.stdout


def fault_of_good(tally, file, text):
    code, said = run(tally, "check", str(file))
    if code != 0:
        return f"`tally check` fails:\n{said}"
    if re.search(r'^test "', text, re.M):
        code, said = run(tally, "test", str(file))
        if code != 0:
            return f"`tally test` fails:\n{said}"
    return None


def fault_of_bad(tally, file, text):
    stated = STATED.match(text.splitlines()[0].strip() if text else "")
    if not stated:
        return "the first line does not say `// fails: T….`"
    code, said = run(tally, "check", str(file))
    if code == 0:  # some limits are found only when the module is made
        code, said = run(tally, "build", "-o", str(file.parent), str(file))
    found = ERROR.findall(said)
    if code == 0 or found != [stated.group(1)]:
        return f"states {stated.group(1)}, gives {', '.join(found) or 'no error'}:\n{said}"
    return None


def fault_of_shown(tally, command, shown, file):
    said = run(tally, command, str(file))[1].replace(str(file), "fence.tally")
    if said.strip() != shown.strip():
        return f"`tally {command}` says something else:\n{said}"
    return None


def main():
    if len(sys.argv) != 3:
        print(__doc__)
        return 2
    tally, root = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2])
    counts, faults = {"tally": 0, "tally-fail": 0, "text": 0}, 0
    for page in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        whole = page.read_text(encoding="utf-8")
        before = ""
        for fence in FENCE.finditer(whole):
            kind, text = fence.groups()
            shown = SHOWN.match(text) if kind == "text" else None
            if kind == "text" and not shown:
                continue
            counts[kind] += 1
            if kind != "text":
                before = text
            with tempfile.TemporaryDirectory() as folder:
                file = pathlib.Path(folder) / "fence.tally"
                file.write_text(before, encoding="utf-8")
                fault = fault_of_shown(tally, *shown.groups(), file) if shown else (fault_of_good if kind == "tally" else fault_of_bad)(tally, file, text)
            if fault:
                faults += 1
                line = whole.count("\n", 0, fence.start()) + 1
                print(f"{page.relative_to(root)}:{line}: {fault.rstrip()}")
    print(f"{counts['tally']} tally fences, {counts['tally-fail']} tally-fail fences, {counts['text']} shown outputs, {faults} faults")
    if counts["tally"] == 0:
        print("no fence was found")
        return 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
