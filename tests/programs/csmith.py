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


def main():
    options = programs.arguments(programs=60, seed=1)
    programs.skip_unless(shutil.which("csmith") is not None, "csmith", "the package csmith")
    programs.skip_unless(pathlib.Path("/usr/include/csmith/safe_math.h").is_file(), "csmith", "the package libcsmith-dev")
    programs.skip_unless(programs.have_clang(), "csmith", programs.CLANG)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        seeds = range(options.seed, options.seed + options.programs)
        made = programs.in_parallel(lambda seed: generate(seed, folder), seeds, options.jobs)
        sources = [source for source in made if source is not None]
        natives = programs.in_parallel(lambda s: [native_sum(s, level, folder) for level in LEVELS], sources, options.jobs)
        sums = dict(zip(sources, natives))
        kept = [s for s in sources if None not in sums[s]]
        wrong, right, large = {}, 0, []
        for level in LEVELS:
            ir = {s: folder / f"{s.stem}.{level}.bc" for s in kept}
            complaints = programs.in_parallel(lambda s: programs.compile_ir(s, level, ir[s], FLAGS), kept, options.jobs)
            found = programs.exec_all(options.tally, list(ir.values()), options.engines, options.jobs)
            for source, complaint in zip(kept, complaints):
                outcomes = found[str(ir[source])]
                if outcomes[0].get("refused") in BEYOND:
                    large.append(f"{source.stem} -O{level} ({outcomes[0]['refused']})")
                    continue
                problems = [complaint] if complaint else [d for o in outcomes if (d := difference(sums[source], o))]
                right += not problems
                if problems:
                    wrong[f"{source.stem} -O{level}"] = "; ".join(problems)
    disputed = [s.stem for s in kept if len(set(sums[s])) > 1]
    print(f"csmith: {right} of {right + len(wrong)} runs right on {options.engines}: {len(kept)} programs at -O0 and -O2; {len(seeds) - len(kept)} seeds left out")
    if large:
        print(f"  beyond the machine's limits: seeds {', '.join(large)}")
    if disputed:
        print(f"  native programs disagree with each other: seeds {' '.join(disputed)}")
    for program, why in sorted(wrong.items()):
        print(f"  wrong: seed {program}: {why}")
    if options.json:
        options.json.write_text(json.dumps({"right": right, "programs": len(kept), "left out": len(seeds) - len(kept), "large": large, "wrong": wrong}, indent=1))
    if wrong or not kept:
        sys.exit("FAILED: csmith")


main()
