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
IMPORT = re.compile(r"^import ([\w.]+) \{([^}]*)\}", re.M)
LABELS = ("units", "rounding", "errors", "source", "example")


class Module:
    def __init__(self, path, items):
        self.path, self.name, self.examples, self.faults = path, f"std.{path.stem}", [], []
        self.imports = {name: {n.strip() for n in names.split(",")} for name, names in IMPORT.findall(path.read_text())}
        public = items(path)[1]
        self.names = {name for _, name, _, _, _ in public}
        for kind, name, _, doc, number in public:
            if kind == "fn":
                self.function(name, number, doc)

    def function(self, name, number, doc):
        said = {text.split()[0] for text in doc if text}
        for label in LABELS:
            if label not in said:
                self.faults.append(f"{self.path}:{number}: the comment of `{name}` says nothing of its {label}")
        first = number - len(doc)
        self.examples += [(name, first + i, text.removeprefix("example").strip()) for i, text in enumerate(doc) if text.startswith("example ")]


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
    sys.path.insert(0, str(root / "tools"))
    from make_stdlib_doc import items  # the one reader of doc comments
    modules = {m.name: m for m in (Module(p, items) for p in sorted((root / "stdlib").glob("*.tally")))}
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
