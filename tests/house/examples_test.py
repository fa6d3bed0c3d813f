#!/usr/bin/env python3
"""Runs the examples of the standard library: every `///     example  CONDITION` in stdlib/ as an `expect`.

    tests/house/examples_test.py TALLY ROOT

Each public function has a doc comment with units, rounding, errors, source and at least one example. `ann`, `bob` and `cyd` are parties.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

NAME = re.compile(r"[A-Za-z_]\w*")
PARTIES = ("ann", "bob", "cyd")
PUBLIC = re.compile(r"^pub (?:native )?(?:fn|record|enum|error|event|const) (\w+)")
FUNCTION = re.compile(r"^pub (?:native )?fn (\w+)")
ENUM = re.compile(r"^pub enum \w+ \{([^}]*)\}")


class Module:
    def __init__(self, path):
        self.path, self.names, self.examples, self.faults, self.imports = path, set(), [], [], {}
        doc = []
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if line.startswith("///"):
                doc.append((number, line[3:].strip()))
                continue
            if match := re.match(r"^module ([\w.]+) version", line):
                self.name = match[1]
            if match := re.match(r"^import ([\w.]+) \{([^}]*)\}", line):
                self.imports[match[1]] = {n.strip() for n in match[2].split(",")}
            if match := PUBLIC.match(line):
                self.names.add(match[1])
            if match := FUNCTION.match(line):
                self.function(match[1], number, doc)
            if line.strip():
                doc = []

    def function(self, name, number, doc):
        examples = [(n, text[len("example"):].strip()) for n, text in doc if text.startswith("example ")]
        if not doc:
            self.faults.append(f"{self.path}:{number}: `{name}` has no doc comment")
        elif not examples:
            self.faults.append(f"{self.path}:{number}: `{name}` has no example: `///     example  {name}(…) == …`")
        said = {text.split()[0] for _, text in doc if text}
        for label in ("units", "rounding", "errors", "source"):
            if doc and label not in said:
                self.faults.append(f"{self.path}:{number}: the comment of `{name}` says nothing of its {label}")
        self.examples += [(name, n, text) for n, text in examples]


def program(module, modules):
    used = {n for _, _, text in module.examples for n in NAME.findall(text)}
    known = {module.name: module.names, **{name: modules[name].names if name in modules else names for name, names in module.imports.items()}}
    lines = [f"module examples.of_{module.name.split('.')[-1]} version 1;"]
    taken = set()
    for name, names in known.items():
        wanted = sorted((names & used) - taken)
        taken |= set(wanted)
        if wanted:
            lines.append(f"import {name} {{ {', '.join(wanted)} }};")
    for function, number, text in module.examples:
        lines.append(f'test "{function}, line {number}" {{')
        lines += [f'    let {party} = test.party("{party}");' for party in PARTIES if party in NAME.findall(text)]
        lines += [f"    expect {text};", "}"]
    return "\n".join(lines) + "\n"


def main():
    tally, root = sys.argv[1], pathlib.Path(sys.argv[2])
    modules = {m.name: m for m in (Module(p) for p in sorted((root / "stdlib").glob("*.tally")))}
    faults = [f for m in modules.values() for f in m.faults]
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        for module in modules.values():
            if not module.examples:
                continue
            path = pathlib.Path(folder) / f"{module.name}.tally"
            path.write_text(program(module, modules))
            result = subprocess.run([tally, "test", str(path)], capture_output=True, text=True)
            count += len(module.examples)
            if result.returncode != 0:
                faults.append(f"{module.path}: an example does not hold\n{result.stdout[-3000:]}{result.stderr[-3000:]}")
    for fault in faults:
        print(fault)
    print(f"{count} examples of {len(modules)} modules run, {len(faults)} faults")
    return 1 if faults or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
