#!/usr/bin/env python3
"""torture.py TALLY: GCC's c-torture `execute` programs, from Debian's gcc-12-source, on the machine.

Each program ends with 0 if the compiler was right. Each is compiled by clang at -O0 and -O2 to LLVM IR and run by
`tally exec` on every engine. Excluded and counted: what clang refuses, what the machine has no words for (floats,
vectors, varargs, …), what calls a library that is not there, and what does not end with 0 as a native program of the
same clang either. Of the rest BAR must be right at each level, on each engine.

  --sample N    N programs spread over all; 0, the default, is all
  --engines A,B --jobs N --json FILE
"""
import collections
import json
import pathlib
import re
import sys
import tarfile
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import programs

PACKAGE = pathlib.Path("/usr/src/gcc-12")
FOLDER = "/gcc/testsuite/gcc.c-torture/execute/"
LEVELS = (0, 2)
BAR = 0.98
C_FLAGS = ["-std=gnu89", "-fpermissive"]
# What a program asks of its compiler and clang has too; the rest of its options tunes GCC.
ASKED = ("-fwrapv", "-fgnu89-inline", "-fno-strict-overflow", "-finstrument-functions", "-std=c99", "-std=c89", "-fno-common", "-fno-builtin-abort")
EXCLUDED = {"floats", "vectors", "varargs", "inline assembly", "exceptions", "setjmp", "frames", "constructors", "wide integers", "undefined"}


def unpack(tarball, to):
    with tarfile.open(tarball, "r|xz") as archive:
        for member in archive:
            if member.isfile() and FOLDER in member.name and member.name.endswith(".c"):
                rest = member.name.split(FOLDER)[1]
                if "/" not in rest:
                    (to / rest).write_bytes(archive.extractfile(member).read())
    return sorted(to.glob("*.c"))


def flags_of(source):
    text = source.read_text(errors="replace")
    asked = [word.strip('"{}') for line in re.findall(r"dg-(?:additional-)?options.*", text) for word in line.split()]
    return C_FLAGS + [word for word in asked if word in ASKED]


def reason_of(outcome):
    """Why a program is not asked for more; None: it is."""
    if outcome.get("refused") not in EXCLUDED:
        return None
    named = re.search(r"`([^`]*)`", outcome["what"]) if outcome["refused"] == "undefined" else None
    return "calls what nobody defines" if named else outcome["refused"]


def text_of(outcome):
    if "crash" in outcome:
        return f"`tally exec` ended with {outcome['crash']}"
    if "refused" in outcome:
        return f"refused: {outcome['refused']}: {outcome['what']}"
    return f"{outcome['engine']}: code {outcome['code']} {outcome['trap']} in {outcome['where']}" if outcome["trap"] else f"{outcome['engine']}: code {outcome['code']}"


def is_right(outcome):
    return outcome.get("code") == 0


def judge(level, sources, options, folder):
    """Excluded by reason, wrong by name, and how many were right."""
    excluded, wrong, right, outcomes = collections.Counter(), {}, 0, {}
    ir = {source: folder / f"{source.stem}.{level}.bc" for source in sources}
    complaints = dict(zip(sources, programs.in_parallel(lambda s: programs.compile_ir(s, level, ir[s], flags_of(s)), sources, options.jobs)))
    compiled = [s for s in sources if complaints[s] is None]
    excluded["does not compile with clang"] += len(sources) - len(compiled)
    found = programs.exec_all(options.tally, [ir[s] for s in compiled], options.engines, options.jobs)
    suspects = []
    for source in compiled:
        of = outcomes[source.stem] = found[str(ir[source])]
        reason = reason_of(of[0])
        if reason:
            excluded[reason] += 1
        elif all(map(is_right, of)):
            right += 1
        else:
            suspects.append(source)
    natives = programs.in_parallel(lambda s: programs.run_native(s, level, folder / f"{s.stem}.{level}.native", flags_of(s)), suspects, options.jobs)
    for source, native in zip(suspects, natives):
        if native is None or native[0] != 0:
            excluded["not 0 as a native program of clang"] += 1
        else:
            wrong[source.stem] = "; ".join(text_of(o) for o in outcomes[source.stem] if not is_right(o))
    return excluded, wrong, right, outcomes


def main():
    options = programs.arguments(sample=0)
    tarball = next(iter(sorted(PACKAGE.glob("gcc-12*.tar.xz"))), None)
    programs.skip_unless(tarball is not None, "c-torture", "the package gcc-12-source")
    programs.skip_unless(programs.have_clang(), "c-torture", programs.CLANG)
    report, good = {}, True
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        sources = programs.sampled(unpack(tarball, folder), options.sample)
        for level in LEVELS:
            excluded, wrong, right, outcomes = judge(level, sources, options, folder)
            eligible = right + len(wrong)
            print(f"c-torture -O{level}: {right} of {eligible} right on {options.engines}; {sum(excluded.values())} of {len(sources)} excluded: "
                  + ", ".join(f"{count} {reason}" for reason, count in sorted(excluded.items(), key=lambda e: (-e[1], e[0])) if count))
            for program, why in sorted(wrong.items()):
                print(f"  wrong: {program}: {why}")
            good = good and eligible > 0 and right >= BAR * eligible
            report[f"O{level}"] = {"right": right, "eligible": eligible, "excluded": excluded, "wrong": wrong, "outcomes": outcomes}
    if options.json:
        options.json.write_text(json.dumps(report, indent=1))
    if not good:
        sys.exit(f"FAILED: c-torture: less than {BAR:.0%} right")


main()
