"""What the suites of foreign programs have in common: clang to LLVM IR, many files through one `tally exec`,
and the same source as a native program."""
import argparse
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))
from suite import skip_unless  # noqa: E402,F401 the suites of programs call it from here

CLANG = "clang-19"
# No vectors that the source does not have; names for labels, which LLVM cannot read back without.
IR_FLAGS = ["--target=x86_64-linux-gnu", "-w", "-fno-vectorize", "-fno-slp-vectorize", "-fno-discard-value-names", "-c", "-emit-llvm"]
GAS = 20_000_000_000
FILES_PER_PROCESS = 25


def arguments(**defaults):
    parser = argparse.ArgumentParser()
    parser.add_argument("tally")
    parser.add_argument("--engines", default="interpreter", help="names for `tally exec --engine`, with commas")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", type=pathlib.Path, help="writes every outcome to this file")
    for name, default in defaults.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    options.tally = os.path.abspath(options.tally)
    return options


def have_clang():
    return shutil.which(CLANG) is not None


def run(command, timeout=60, **more):
    """Exit code and output; 124 where it took too long."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=timeout, **more)
        return done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired:
        return 124, "", "took too long"


def compile_ir(source, level, to, flags):
    """Nothing, or clang's first complaint."""
    code, _, said = run([CLANG, f"-O{level}", *flags, *IR_FLAGS, str(source), "-o", str(to)], timeout=600)
    return None if code == 0 else next((line for line in said.splitlines() if "error:" in line), "clang failed")


def run_native(source, level, to, flags, timeout=10):
    """Exit code and output of the source as a program of this machine; None where it does not compile."""
    code, _, _ = run([CLANG, f"-O{level}", *flags, "-w", "-fuse-ld=lld", str(source), "-lm", "-o", str(to)])
    return run([str(to)], timeout=timeout)[:2] if code == 0 else None


def exec_files(tally, files, engines):
    """A list of outcomes for each file. One that ends the process is run again alone, and named as a crash."""
    def lines(some):
        code, out, _ = run([tally, "exec", "--json", "--gas", str(GAS), "--engine", engines, *map(str, some)], timeout=600)
        return code, [json.loads(line) for line in out.splitlines() if line.startswith("{")]

    found = {str(file): [] for file in files}
    _, outcomes = lines(files)
    for outcome in outcomes:
        found[outcome["file"]].append(outcome)
    for file in files:
        if not found[str(file)]:
            code, found[str(file)] = lines([file])
            found[str(file)] = found[str(file)] or [{"file": str(file), "crash": code}]
    return found


def exec_all(tally, files, engines, jobs):
    batches = [files[i:i + FILES_PER_PROCESS] for i in range(0, len(files), FILES_PER_PROCESS)]
    found = {}
    for part in in_parallel(lambda batch: exec_files(tally, batch, engines), batches, jobs):
        found.update(part)
    return found


def in_parallel(work, items, jobs):
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(work, items))


def sampled(items, count):
    """`count` of them, spread over all; 0: all."""
    if count <= 0 or count >= len(items):
        return items
    return [items[i * len(items) // count] for i in range(count)]
