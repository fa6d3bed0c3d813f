#!/usr/bin/env python3
"""verify.py FILE ROOT            a statement or a receipt
   verify.py row ROOT KEY VALUE|- PROOF   one row, hexadecimal; `-`: that there is none

A second verifier, written from docs/formats.md. It shares nothing with the first one but that page. Of a statement it
checks that every row is proven and that the book is complete, and leaves the reading of records to the first.
"""
import sys
from hashlib import sha256 as _sha256

EMPTY = bytes(32)


def sha256(data):
    return _sha256(data).digest()


class Wrong(Exception):
    pass


def must(holds, what):
    if not holds:
        raise Wrong(what)


class Reader:
    """The canonical encoding: minimal LEB128 numbers, lengths before bytes."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def raw(self, count):
        must(self.at + count <= len(self.data), "it ends too early")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self):
        value = shift = 0
        while True:
            byte = self.raw(1)[0]
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                must(byte or shift == 7, "a number is not minimal")
                return value

    def bytes(self):
        return self.raw(self.number())

    def end(self):
        must(self.at == len(self.data), "bytes are left over")


# ---- the tree

def leaf(key, value):
    return sha256(b"\0" + sha256(key) + sha256(value))


def inner(left, right):
    return sha256(b"\1" + left + right)


def bit(way, depth):
    return way[depth // 8] >> (7 - depth % 8) & 1


def multiproof_root(proof, rows):
    """The root that the proof gives for exactly these rows: {key: value or None}."""
    reader = Reader(proof)
    wanted = sorted((sha256(key), key, value) for key, value in rows.items())

    def side(depth, rows):
        mark = reader.raw(1)[0]
        present = [row for row in rows if row[2] is not None]
        if mark == 0:
            must(not present, "a row stands where the proof says that nothing is")
            return EMPTY
        if mark == 1:
            must(len(present) == 1, "one row stands where the proof says so")
            return leaf(present[0][1], present[0][2])
        if mark == 2:
            way, value = reader.raw(32), reader.raw(32)
            must(rows and not present and all(row[0] != way for row in rows), "another leaf than the wanted ones")
            must(all(bit(way, i) == bit(rows[0][0], i) for i in range(depth)), "a leaf stands at its own place")
            return sha256(b"\0" + way + value)
        if mark == 3:
            must(rows and depth < 256, "an inner node has wanted rows below")
            left = side(depth + 1, [row for row in rows if bit(row[0], depth) == 0])
            return inner(left, side(depth + 1, [row for row in rows if bit(row[0], depth) == 1]))
        must(mark == 4 and not rows, "a hash stands where no row is wanted")
        value = reader.raw(32)
        must(value != EMPTY, "nothing has a mark of its own")
        return value

    root = side(0, wanted)
    reader.end()
    return root


# ---- ICS-23

def fields(data):
    reader, out = Reader(data), []
    while reader.at < len(data):
        tag = reader.number()
        out.append((tag >> 3, reader.number() if tag & 7 == 0 else reader.bytes()))
    return out


def existence(data):
    parts = fields(data)
    key, value = (next((v for f, v in parts if f == n), b"") for n in (1, 2))
    steps = []
    for step in (dict(fields(v)) for f, v in parts if f == 4):
        must(step[1] == 1, "SHA-256")
        steps.append((step.get(2, b""), step.get(3, b"")))
    return key, value, steps


def existence_root(proof):
    key, value, steps = proof
    at = leaf(key, value)
    for prefix, suffix in steps:
        must(prefix[:1] == b"\1" and len(prefix) + len(suffix) == 33, "an inner step")
        at = sha256(prefix + at + suffix)
    return at


def outermost(steps, right):
    """The way keeps to that side: the other one is where it comes from, or nothing is there."""
    return all((len(prefix) == 33) == right or (suffix or prefix[1:]) == EMPTY for prefix, suffix in steps)


def check_row(root, key, value, proof):
    (kind, body), = fields(proof)
    if value is not None:
        must(kind == 1, "a proof of existence")
        proven = existence(body)
        must(proven[:2] == (key, value), "the row is another one")
        must(existence_root(proven) == root, "the proof does not lead to the root")
        return
    must(kind == 2, "a proof of absence")
    parts = dict(fields(body))
    must(parts[1] == key, "the key is another one")
    left, right = (existence(parts[n]) if n in parts else None for n in (2, 3))
    must(left or right, "a neighbour")
    for neighbour in (left, right):
        must(neighbour is None or existence_root(neighbour) == root, "a neighbour does not lead to the root")
    must(left is None or sha256(left[0]) < sha256(key), "the left neighbour lies left")
    must(right is None or sha256(key) < sha256(right[0]), "the right neighbour lies right")
    if left and right:
        a, b = list(left[2]), list(right[2])
        while a and b and a[-1] == b[-1]:
            a.pop(), b.pop()
        must(a and b and len(a.pop()[0]) == 1 and len(b.pop()[0]) == 33, "the neighbours part")
        must(outermost(a, True) and outermost(b, False), "a leaf lies between the neighbours")
    else:
        must(outermost((left or right)[2], right is None), "a leaf lies outside the neighbour")


# ---- files

def statement(reader, root):
    chain, height, party = reader.bytes(), reader.number(), reader.number()
    entries = [(reader.raw(1)[0], reader.number()) for _ in range(reader.number())]
    rows = {}
    for _ in range(reader.number()):
        key = reader.bytes()
        must(not rows or key > max(rows), "rows stand in order")
        rows[key] = reader.bytes() if reader.raw(1) == b"\1" else None
    proof = reader.bytes()
    reader.end()
    must(multiproof_root(proof, rows) == root, "the proof does not lead to the root")
    must(rows[b"\1\1"] == chain, "the chain's name")
    block = [b"\x16" + number.to_bytes(8, "big") for number in (height, height + 1)]
    must((height == 0 or rows[block[0]]) and rows[block[1]] is None, "the height is not that of the root")
    book = Reader(rows[b"\x14" + party.to_bytes(8, "big")] or b"\0" + EMPTY)
    chained = EMPTY
    for kind, number in entries:
        tag = b"tally/book/v1"
        chained = sha256(bytes([len(tag)]) + tag + chained + bytes([kind]) + number.to_bytes(8, "big"))
    must((book.number(), book.raw(32)) == (len(entries), chained), "the book is not complete")
    for kind, number in entries:
        must((b"\5" if kind == 2 else b"\x0c") + number.to_bytes(8, "big") in rows, "a row of an entry")
    return f"statement of party {party} at height {height}: {len(entries)} entries, {len(rows)} rows"


def list_root(item, place, count, path):
    if count == 1:
        must(not path, "the path is too long")
        return item
    must(path, "the path is too short")
    left = 1 << (count - 1).bit_length() - 1
    if place < left:
        return inner(list_root(item, place, left, path[:-1]), path[-1])
    return inner(path[-1], list_root(item, place - left, count - left, path[:-1]))


def receipt(reader, root):
    height, place, count = reader.number(), reader.number(), reader.number()
    item = reader.bytes()
    path = [reader.raw(32) for _ in range(reader.number())]
    row = reader.bytes()
    reader.end()
    (kind, body), = fields(row)
    key, value, _ = existence(body)
    check_row(root, b"\x16" + height.to_bytes(8, "big"), value, row)
    must(key == b"\x16" + height.to_bytes(8, "big"), "the row is another block's")
    digest = Reader(value)
    digest.raw(32)
    items = digest.raw(32)
    must(digest.number() == count and place < count, "the number of items")
    must(list_root(sha256(b"\0" + item), place, count, path) == items, "the item is not in the block")
    return f"item {place} of block {height}"


def main():
    if sys.argv[1] == "row":
        root, key, value, proof = sys.argv[2:]
        check_row(bytes.fromhex(root), bytes.fromhex(key), None if value == "-" else bytes.fromhex(value), bytes.fromhex(proof))
        return print("row", key)
    reader = Reader(open(sys.argv[1], "rb").read())
    kinds = {b"tally/statement/v1": statement, b"tally/receipt/v1": receipt}
    kind = kinds.get(reader.bytes())
    must(kind, "no statement and no receipt")
    print(kind(reader, bytes.fromhex(sys.argv[2])))


try:
    main()
except (Wrong, KeyError, ValueError, IndexError) as fault:
    sys.exit(f"not proven: {fault}")
