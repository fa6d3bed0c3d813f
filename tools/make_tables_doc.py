#!/usr/bin/env python3
"""Writes the tables of docs/bytecode.md, docs/traps.md, docs/language/messages.md and docs/api.md from the .def files; `--check` only
compares."""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BEGIN, END = "<!-- table: %s -->", "<!-- end -->"


def rows(path, macro):
    text = open(os.path.join(ROOT, path), encoding="utf-8").read()
    out = []
    for line in text.splitlines():
        if line.startswith(macro + "("):
            body = line[len(macro) + 1: line.rindex(")")]
            found = re.finditer(r'"((?:[^"\\]|\\.)*)"|([^,"]+)', body)
            parts = [m.group(1) if m.group(1) is not None else m.group(2).strip() for m in found]
            quoted = [m.group(1) is not None for m in re.finditer(r'"((?:[^"\\]|\\.)*)"|([^,"]+)', body)]
            out.append([p.replace('\\"', '"') for p, q in zip(parts, quoted) if p or q])
    return out


def opcodes():
    out = ["| number | mnemonic | a | b | c | immediate | gas | meaning |", "|---|---|---|---|---|---|---|---|"]
    for number, (name, mnemonic, a, b, c, imm, gas, doc) in enumerate(rows("vm/bytecode/opcodes.def", "OP")):
        cells = [x if x != "None" else "" for x in (a, b, c, imm)]
        out.append("| %d | `%s` | %s | %s | %s | %s | %s | %s |" % (number, mnemonic, *cells, gas, doc.replace("|", "\\|")))
    return out


def hosts():
    out = ["| number | name | signature | kind | gas | per unit | meaning |", "|---|---|---|---|---|---|---|"]
    for number, (name, text, signature, kind, gas, unit, doc) in enumerate(rows("vm/bytecode/host.def", "HOST")):
        out.append("| %d | `%s` | `%s` | %s | %s | %s | %s |" % (number, text, signature, kind, gas, unit, doc.replace("|", "\\|")))
    return out


def traps():
    out = ["| number | name | kind | what | how to go on |", "|---|---|---|---|---|"]
    for number, name, kind, what, fix in rows("vm/bytecode/traps.def", "TRAP"):
        out.append("| %s | %s | %s | %s | %s |" % (number, name, kind, what, fix))
    return out


def messages():
    out = ["| code | message | why | how to mend it |", "|---|---|---|---|"]
    for name, code, *texts in rows("compiler/diag/kinds.def", "DIAG"):
        texts = [t.replace("|", "\\|").replace("{{", "{").replace("}}", "}") for t in (texts + ["", ""])[:3]]
        out.append("| %s | %s | %s | %s |" % (code, *texts))
    return out


def errors():
    out = ["| code | HTTP | what | how to go on |", "|---|---|---|---|"]
    for name, code, http, what, fix in sorted(rows("node/errors.def", "NODE_ERROR"), key=lambda row: row[1]):
        out.append("| %s | %s | %s | %s |" % (code, http, what, fix))
    return out


def fill(path, tables):
    full = os.path.join(ROOT, path)
    text = open(full, encoding="utf-8").read()
    for name, lines in tables.items():
        begin = BEGIN % name
        at = text.index(begin) + len(begin)
        text = text[:at] + "\n" + "\n".join(lines) + "\n" + text[text.index(END, at):]
    return full, text


def main():
    stale = 0
    for path, tables in (("docs/bytecode.md", {"opcodes": opcodes(), "hosts": hosts()}), ("docs/traps.md", {"traps": traps()}),
                         ("docs/api.md", {"errors": errors()}), ("docs/language/messages.md", {"messages": messages()})):
        full, text = fill(path, tables)
        if open(full, encoding="utf-8").read() == text:
            continue
        if "--check" in sys.argv:
            print("%s: not up to date: run tools/make_tables_doc.py" % path)
            stale += 1
        else:
            open(full, "w", encoding="utf-8").write(text)
    sys.exit(1 if stale else 0)


if __name__ == "__main__":
    main()
