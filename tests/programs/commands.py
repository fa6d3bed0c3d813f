#!/usr/bin/env python3
"""commands.py TALLY SOURCE: the exit codes of `tally ir` and `tally exec`, as docs/programs.md has them."""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import programs

tally, plain = sys.argv[1], pathlib.Path(sys.argv[2]) / "tests/golden/plain"
wrong = 0


def expect(wanted, said, *arguments):
    """The exit code, and a text in what is printed."""
    global wrong
    code, out, err = programs.run([tally, *map(str, arguments)])
    if code != wanted or said not in out + err:
        print(f"FAILED: tally {' '.join(map(str, arguments))}: {code} instead of {wanted}, or without `{said}`:\n{out}{err}")
        wrong += 1


with tempfile.TemporaryDirectory() as folder:
    module = pathlib.Path(folder) / "program.module"
    expect(0, "2 functions", "ir", plain / "calls_wrong_shape.ll", "-o", module)
    expect(124, "where: the function `main`", "exec", module)
    expect(0, "", "ir", plain / "ends_main.ll", "-o", module)
    expect(44, "", "exec", module)
    expect(125, "it has no function `other`", "exec", "--entry", "other", module)
    expect(125, "choose of interpreter", "exec", "--engine", "abacus", module)
    expect(124, "the gas limit was reached", "exec", "--gas", "1", module)
    expect(1, "a number with a binary point", "ir", plain / "fail_floats.ll", "-o", module)
    expect(1, "ends_exit.ll: 7", "exec", plain / "ends_exit.ll", plain / "switches.ll")
    module.write_bytes(b"nonsense")
    expect(125, "make it with `tally ir`", "exec", module)
expect(7, "", "exec", plain / "ends_exit.ll")
expect(134, "", "exec", plain / "ends_abort.ll")
expect(124, "memory outside the arena", "exec", plain / "ends_null.ll")
expect(125, "a number with a binary point", "exec", plain / "fail_floats.ll")
expect(125, "it cannot be read", "exec", "no-such-file")
expect(0, '"code": 0', "exec", "--json", plain / "switches.ll")
print("commands: all as documented" if wrong == 0 else f"commands: {wrong} wrong")
sys.exit(wrong != 0)
