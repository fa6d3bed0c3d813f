#!/usr/bin/env python3
"""house.py ROOT: what a reviewer would have to look for by hand. Each check prints how much it saw; a
violation is printed as file:line, and any makes the exit code 1.
"""
import os
import re
import subprocess
import sys

ROOT = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else ".")
CODE = (".cpp", ".hpp", ".inc", ".def", ".h")
violations = []


def bad(path, line, what):
    violations.append(f"{path}:{line}: {what}")


def report(name, count, unit):
    new = len(violations) - report.before
    report.before = len(violations)
    print(f"{'ok  ' if new == 0 else 'FAIL'}  {name}: {count} {unit}" + (f", {new} violations" if new else ""))


report.before = 0


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as f:
        return f.read()


def sources(*folders):
    for folder in folders:
        for where, dirs, names in os.walk(os.path.join(ROOT, folder)):
            dirs.sort()
            for name in sorted(names):
                if name.endswith(CODE):
                    yield os.path.relpath(os.path.join(where, name), ROOT)


def includes(path):
    for number, line in enumerate(read(path).splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*(<([^>]+)>|"([^"]+)")', line)
        if found:
            yield number, found.group(2), found.group(3)


def tracked():
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, check=True).stdout.decode()
    return [p for p in listed.split("\0") if p and os.path.isfile(os.path.join(ROOT, p))]


# ---- (a) layers: a folder may include what stands behind it, and itself

LAYERS = {
    "vm/value": [],
    "vm/crypto": ["vm/value"],
    "vm/bytecode": ["vm/value", "vm/crypto"],
    "vm/engine": ["vm/value", "vm/crypto", "vm/bytecode"],
    "tree": ["vm"],
    "runtime": ["vm"],
    "proof": ["vm", "tree", "runtime"],
    "compiler/source": [],
    "compiler/diag": ["compiler/source"],
    "compiler/syntax": ["compiler/source"],
    "compiler/parse": ["compiler/source", "compiler/diag", "compiler/syntax", "vm"],
    "compiler/check": ["compiler/source", "compiler/diag", "compiler/syntax", "vm"],
    "compiler/lower": ["compiler/source", "compiler/diag", "compiler/syntax", "compiler/check", "vm"],
    "compiler/emit": ["compiler/source", "compiler/diag", "compiler/lower", "vm"],
    "compiler/plain": ["compiler/diag", "compiler/lower", "compiler/emit", "vm"],
    "compiler": ["vm", "compiler"],
    "node/store": ["vm", "tree", "runtime", "proof", "node"],
    "node": ["vm", "tree", "runtime", "proof"],
    "tools": ["vm", "tree", "runtime", "proof", "compiler", "node"],
    "tests": ["vm", "tree", "runtime", "proof", "compiler", "node", "tools"],
    "contracts": [],
}


def layer_of(path):
    best = ""
    for layer in LAYERS:
        if path.startswith(layer + "/") and len(layer) > len(best):
            best = layer
    return best


def within(path, layer):
    return path.startswith(layer + "/")


def check_layers():
    count = 0
    for path in sources("vm", "tree", "compiler", "runtime", "proof", "node", "tools", "tests"):
        home = layer_of(path)
        if not home:
            bad(path, 1, "is in a folder that no layer knows")
            continue
        for line, _, local in includes(path):
            if local is None or local.startswith("tally_parser/") or local.endswith(".pb.h"): # generated: a foreign library's work
                continue
            count += 1
            if not os.path.isfile(os.path.join(ROOT, local)):
                bad(path, line, f'"{local}" is not written from the root of the repository')
            elif not any(within(local, layer) for layer in [home, *LAYERS[home]]):
                bad(path, line, f'"{local}" points up or sideways from {home}')
    report("layers", count, "includes point down")


# ---- (b) libraries in their home

HOMES = [
    (r"llvm/|llvm-c/", "LLVM", r"compiler/(lower|emit|plain)/"),
    (r"antlr4|tally_parser", "ANTLR", r"compiler/parse/"),
    (r"boost/multiprecision", "Boost.Multiprecision", r"vm/value/([^/]*\.cpp|big\.hpp)$|tests/(oracle|tri)/"),
    (r"rocksdb/", "RocksDB", r"node/store/"),
    (r"boost/(asio|beast|json)", "Boost.Asio, Beast and JSON", r"node/(api|ordering|client|tls)/|tools/"),
    (r"openssl/|sodium", "OpenSSL and libsodium", r"vm/crypto/|node/tls/|node/identity/"),
    (r"doctest/", "doctest", r"tests/"),
    (r"CLI/", "CLI11", r"tools/|tests/(oracle|bench|programs|crash|engine)/"),
    (r".*\.pb\.h|google/protobuf", "Protobuf", r"node/ordering/cometbft/|tests/engine/"),
    (r"toml\+\+/", "toml++", r"node/network/"),
    (r"asmjit/", "asmjit", r"vm/engine/native/"),
    (r"gmp\.h", "GMP", r"tests/oracle/muldiv/"),
    (r"spdlog/", "spdlog", r"(tools|node)/"),
    (r"fmt/", "fmt", r".*\.cpp$"),
]


def check_libraries():
    count = 0
    for path in sources("vm", "tree", "compiler", "runtime", "proof", "node", "tools", "tests"):
        for line, foreign, local in includes(path):
            name = foreign or local
            for pattern, library, home in HOMES:
                if re.match(pattern, name):
                    count += 1
                    if not re.match(home, path):
                        bad(path, line, f"{library} is outside its home")
    report("libraries", count, "foreign includes at home")


# ---- (c) words that would make two machines disagree

BANNED = [r"\bfloat\b", r"\bdouble\b", r"\bunordered_\w+", r"\bstd\s*::\s*hash\b", r"<chrono>", r"\bchrono\b", r"<random>",
          r"\bgetenv\b", r"<thread>", r"<locale>", r"(?<![\w.>])rand\s*\(", r"(?<![\w.>])time\s*\(", r"\bstd\s*::\s*(thread|locale|random_device)\b",
          r"\bmt19937\w*"]


def code_only(text):
    """The text with comments and the insides of strings blanked, line numbers kept."""
    pattern = re.compile(r'R"(\w*)\(.*?\)\1"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', re.S)
    return pattern.sub(lambda m: '""' + "\n" * m.group(0).count("\n"), text)


def check_words():
    lines = 0
    for path in sources("vm", "tree", "runtime"):
        for number, line in enumerate(code_only(read(path)).splitlines(), 1):
            lines += 1
            for pattern in BANNED:
                found = re.search(pattern, line)
                if found:
                    bad(path, number, f"`{found.group(0)}` is banned here: results must not depend on the machine")
    report("banned words", lines, "lines of vm/ and runtime/")


# ---- (d) numbers and codes are never used twice


def table(path, pattern):
    for number, line in enumerate(read(path).splitlines(), 1):
        found = re.match(pattern, line)
        if found:
            yield number, found.groups()


def unique(path, rows, what, seen):
    for line, key in rows:
        if key in seen:
            bad(path, line, f"{what} {key} is taken: {seen[key]}")
        seen[key] = f"{path}:{line}"


def check_tables():
    count = 0
    for path, pattern, what in (("compiler/diag/kinds.def", r'DIAG\((\w+), "(T\d+)"', "code"), ("node/errors.def", r'NODE_ERROR\((\w+), "(N\d+)"', "code"),
                                ("vm/bytecode/traps.def", r"TRAP\((\d+), (\w+)", "trap")):
        rows = list(table(path, pattern))
        count += len(rows)
        if not rows:
            bad(path, 1, "holds no rows that this check can read")
        for column in (0, 1):
            unique(path, [(line, groups[column]) for line, groups in rows], what, {})
    for path, pattern in (("vm/bytecode/opcodes.def", r'OP\((\w+), "([^"]+)"'), ("vm/bytecode/host.def", r'HOST\((\w+), "([^"]+)"')):
        rows = list(table(path, pattern))
        count += len(rows)
        if not 0 < len(rows) <= 256:
            bad(path, 1, f"{len(rows)} rows; a number has 8 bits")
        for column in (0, 1):
            unique(path, [(line, groups[column]) for line, groups in rows], "name", {})
    report("tables", count, "rows with a number of their own")


# ---- (e) docs


def check_docs():
    pages = [p for p in ("README.md",) if os.path.isfile(os.path.join(ROOT, p))]
    for where, _, names in os.walk(os.path.join(ROOT, "docs")):
        pages += [os.path.relpath(os.path.join(where, n), ROOT) for n in sorted(names) if n.endswith(".md")]
    links = 0
    for page in pages:
        fenced = False
        for number, line in enumerate(read(page).splitlines(), 1):
            if line.lstrip().startswith("```"):
                fenced = not fenced
            if fenced:
                continue
            for target in re.findall(r"\]\(([^)\s]+)\)", line):
                if re.match(r"[a-z]+:", target) or target.startswith("#"):
                    continue
                links += 1
                if not os.path.exists(os.path.join(ROOT, os.path.dirname(page), target.split("#")[0])):
                    bad(page, number, f"there is no {target}")
    report("docs", links, f"links on {len(pages)} pages")
    listed = 0
    for page, path, pattern, column in (("docs/bytecode.md", "vm/bytecode/opcodes.def", r'OP\((\w+), "([^"]+)"', 1), ("docs/traps.md", "vm/bytecode/traps.def", r"TRAP\((\d+), (\w+)", 1)):
        if not os.path.isfile(os.path.join(ROOT, page)):
            continue
        text = read(page)
        for line, groups in table(path, pattern):
            listed += 1
            if not re.search(r"(?<![\w.])" + re.escape(groups[column]) + r"(?![\w.])", text):
                bad(path, line, f"`{groups[column]}` is not in {page}")
    report("reference pages", listed, "opcodes and traps listed")


# ---- (f) (g) what git holds

# Tests and the demo may name data that lies beside the repository.
MAY_NAME_DATA = re.compile(r"tests/|\.ci/|tools/test$|tools/demo$|docs/testing\.md$")
PLACES = [re.compile(p) for p in (r"(?<![\w.])/(?:work|root|home|farm|tmp)/\w", r"\.\./shared")]


def check_tracked():
    if not os.path.exists(os.path.join(ROOT, ".git")):
        print("SKIPPED  tracked files: this is no git checkout")
        return
    files = tracked()
    for path in files:
        size = os.path.getsize(os.path.join(ROOT, path))
        if size > 1 << 20:
            bad(path, 1, f"{size} bytes; a file here has at most 1 MiB")
        if MAY_NAME_DATA.match(path):
            continue
        for number, line in enumerate(read(path).splitlines(), 1):
            for place in PLACES:
                if place.search(line):
                    bad(path, number, f"names a place on somebody's machine: {line.strip()[:80]}")
    report("tracked files", len(files), "small, and naming no machine")


check_layers()
check_libraries()
check_words()
check_tables()
check_docs()
check_tracked()
for violation in violations:
    print(violation)
sys.exit(1 if violations else 0)
