#!/usr/bin/env python3
"""Writes docs/stdlib.md from the doc comments of stdlib/; with --check only says whether it is up to date."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "stdlib.md"
PUBLIC = re.compile(r"^pub (?:native )?(fn|record|enum|error|event) (\w+)")
LABEL = re.compile(r"^(units|rounding|errors|source|example)\s+(.*)$")
HEAD = """# The standard library

What `import std.… { … };` brings. Made by `tools/make_stdlib_doc.py` from the comments in `stdlib/`; every example is run by `ctest -R stdlib.examples`. Nothing here moves money: a function says how much, the contract moves it. Amounts are rounded only where a mode is named.

"""


def items(path):
    """The module's comment, and (kind, name, signature, doc lines, line number) of what is public."""
    head, out, doc, lines = [], [], [], path.read_text().splitlines()
    for number, line in enumerate(lines):
        if line.startswith("///"):
            doc.append(line[3:].strip())
            continue
        if line.startswith("// ") and not out:
            head.append(line[3:].strip())
        if match := PUBLIC.match(line):
            signature = line
            for more in lines[number + 1:]:
                if match[1] in ("record", "enum") and "}" not in signature or match[1] == "fn" and "{" not in signature and ";" not in signature:
                    signature += " " + more.strip()
                else:
                    break
            out.append((match[1], match[2], re.sub(r"\s+", " ", signature), doc, number + 1))
        if line.strip():
            doc = []
    return head, out


def described(doc):
    """Text, and the labelled lines behind it; a line without a label goes on with the one before."""
    text, labelled = [], []
    for line in doc:
        if match := LABEL.match(line):
            labelled.append([match[1], match[2]])
        elif labelled and labelled[-1][0] != "example":
            labelled[-1][1] += " " + line
        else:
            text.append(line)
    return " ".join(text), labelled


def escaped(text):
    return text.replace("<", "&lt;").replace("|", "\\|")


def section(path):
    head, public = items(path)
    out = [f"## std.{path.stem}", ""]
    if head:
        out += [escaped(" ".join(head)), ""]
    values = [i for i in public if i[0] != "fn"]
    for kind, _, signature, doc, _ in values:
        text, _ = described(doc)
        out.append(f"- `{signature.removeprefix('pub ')}` {escaped(text)}".rstrip())
    if values:
        out.append("")
    for kind, _, signature, doc, _ in public:
        if kind != "fn":
            continue
        signature = re.sub(r"^pub (native )?fn ", "", signature.split(" {")[0].rstrip(";"))
        text, labelled = described(doc)
        out += [f"**`{signature}`**  ", escaped(text)]
        for label, value in labelled:
            out.append(f"- {label}: " + (f"`{value}`" if label == "example" else escaped(value)))
        out.append("")
    return out


def main():
    modules = sorted((ROOT / "stdlib").glob("*.tally"))
    page = HEAD + " · ".join(f"[{p.stem}](#std{p.stem})" for p in modules) + "\n\n"
    for path in modules:
        page += "\n".join(section(path)) + "\n"
    page = page.rstrip() + "\n"
    if "--check" in sys.argv:
        if PAGE.exists() and PAGE.read_text() == page:
            return 0
        print("docs/stdlib.md is not what stdlib/ says: run tools/make_stdlib_doc.py")
        return 1
    PAGE.write_text(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
