#!/usr/bin/env python3
"""csmith.py TALLY: random C programs of csmith; the checksum on the machine must be the native one.

Each program is compiled by clang at -O0 and -O2, to LLVM IR for `tally exec` and to a native program; the four
checksums must be one. Left out and counted: a program that runs long as a native one, one that is larger than a
module may be, and one whose bit-fields clang keeps in integers of more than 128 bits. Whatever else the machine
refuses is wrong.

  --programs N   how many (60)
  --seed N       the first one's seed (1); the others follow
  --engines A,B --jobs N --json FILE
"""
import json
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import programs

LEVELS = (0, 2)
# Structs as the machine lays them out; no main with arguments, which nobody gives here.
OPTIONS = ["--no-argc", "--no-float", "--concise"]
RUNTIME = pathlib.Path(__file__).parent / "csmith_runtime"
FLAGS = ["-std=gnu11", f"-I{RUNTIME}", "-I/usr/include"]
LONG_SECONDS = 3
BEYOND = ("size", "wide integers")


def generate(seed, folder):
    source = folder / f"{seed}.c"
    code, _, _ = programs.run(["csmith", *OPTIONS, "-s", str(seed), "-o", str(source)], cwd=folder)
    return source if code == 0 else None


def native_sum(source, level, folder):
    """None where it runs too long."""
    got = programs.run_native(source, level, folder / f"{source.stem}.{level}.native", [*FLAGS, "-DNATIVE"], timeout=LONG_SECONDS)
    return int(got[1]) if got is not None and got[1].strip() else None


def difference(sums, outcome):
    """What is wrong with a run of the machine; None: nothing."""
    if "crash" in outcome:
        return f"`tally exec` ended with {outcome['crash']}"
    if "refused" in outcome:
        return f"refused: {outcome['refused']}: {outcome['what']} in {outcome['where']}"
    if outcome["trap"] != "Exit":
        return f"{outcome['engine']}: {outcome['trap'] or 'no checksum'} in {outcome['where']}"
    got = int(outcome["result"]) & 0xFFFFFFFF
    return None if got == sums[0] else f"{outcome['engine']}: {got:08x}, natively {sums[0]:08x}"


class Tally:
    """What came of the programs so far."""

    def __init__(self):
        self.right, self.programs, self.left_out = 0, 0, 0
        self.wrong, self.large, self.disputed = {}, [], []

    def run(self, seeds, options, folder):
        made = programs.in_parallel(lambda seed: generate(seed, folder), seeds, options.jobs)
        sources = [source for source in made if source is not None]
        natives = programs.in_parallel(lambda s: [native_sum(s, level, folder) for level in LEVELS], sources, options.jobs)
        sums = dict(zip(sources, natives))
        kept = [s for s in sources if None not in sums[s]]
        ran = set()
        for level in LEVELS:
            ir = {s: folder / f"{s.stem}.{level}.bc" for s in kept}
            complaints = programs.in_parallel(lambda s: programs.compile_ir(s, level, ir[s], FLAGS), kept, options.jobs)
            found = programs.exec_all(options.tally, list(ir.values()), options.engines, options.jobs)
            for source, complaint in zip(kept, complaints):
                if self.judge(f"{source.stem} -O{level}", complaint, sums[source], found[str(ir[source])]):
                    ran.add(source)
        self.disputed += [s.stem for s in kept if len(set(sums[s])) > 1]
        self.programs += len(ran)
        self.left_out += len(seeds) - len(ran)

    def judge(self, name, complaint, sums, outcomes):
        """Whether it is a program for this machine."""
        if outcomes[0].get("refused") in BEYOND:
            self.large.append(f"{name} ({outcomes[0]['refused']})")
            return False
        problems = [complaint] if complaint else [d for o in outcomes if (d := difference(sums, o))]
        self.right += not problems
        if problems:
            self.wrong[name] = "; ".join(problems)
        return True


def main():
    options = programs.arguments(programs=60, seed=1)
    programs.skip_unless(shutil.which("csmith") is not None, "csmith", "the package csmith")
    programs.skip_unless(pathlib.Path("/usr/include/csmith/safe_math.h").is_file(), "csmith", "the package libcsmith-dev")
    programs.skip_unless(programs.have_clang(), "csmith", programs.CLANG)
    tally, seed = Tally(), options.seed
    with tempfile.TemporaryDirectory() as name:
        while tally.programs < options.programs:  # until so many ran: one in eight seeds runs for ever or is too large
            count = options.programs - tally.programs
            tally.run(range(seed, seed + count), options, pathlib.Path(name))
            seed += count
    print(f"csmith: {tally.right} of {tally.right + len(tally.wrong)} runs right on {options.engines}: {tally.programs} programs at -O0 and -O2; {tally.left_out} seeds left out")
    if tally.large:
        print(f"  beyond the machine's limits: seeds {', '.join(tally.large)}")
    if tally.disputed:
        print(f"  native programs disagree with each other: seeds {' '.join(tally.disputed)}")
    for program, why in sorted(tally.wrong.items()):
        print(f"  wrong: seed {program}: {why}")
    if options.json:
        options.json.write_text(json.dumps({"right": tally.right, "programs": tally.programs, "left out": tally.left_out, "large": tally.large, "wrong": tally.wrong}, indent=1))
    if tally.wrong:
        sys.exit("FAILED: csmith")


main()
