#!/usr/bin/env python3
"""TOML documents and what Python's own parser makes of each.

Writes records to standard output: "<bytes> <bytes>\n", the document, and its
value in the notation of tests/unit/parse/test_toml.c, or "invalid". The same
documents every time.
"""
import datetime
import random
import struct
import sys
import tomllib


def tell(v):
    if isinstance(v, bool):
        return "b1" if v else "b0"
    if isinstance(v, int):
        if not -(2**63) <= v < 2**63:
            raise ValueError("past 64 bits")
        return f"i{v}"
    if isinstance(v, float):
        return "rnan" if v != v else "r" + struct.pack(">d", v).hex()
    if isinstance(v, str):
        return "s" + v.encode().hex()
    if isinstance(v, list):
        return "[" + "".join(tell(x) + "," for x in v) + "]"
    if isinstance(v, dict):
        keys = sorted(v, key=lambda k: k.encode())
        return "{" + "".join(
            k.encode().hex() + "=" + tell(v[k]) + ";" for k in keys) + "}"
    assert isinstance(v, (datetime.date, datetime.time, datetime.datetime))
    return "t"


def judge(doc):
    try:
        return tell(tomllib.loads(doc.decode()))
    except (ValueError, RecursionError):
        return "invalid"


VALUES = [
    "1", "-0", "+7", "1_000", "0x1F", "0o17", "0b101", "1.5", "1e3", "-1.5E-3",
    "1_0.0_1e1_0", "inf", "-nan", "+inf", "true", "false", '"a"', "'a\\'",
    '"\\u00e9\\t\\U0001F600\\""', '"""x\ny\\\n   z"""', "'''\nq'q''r'''",
    '""""a"""""', "''''b'''''", "1979-05-27", "07:32:00.5",
    "1979-05-27T07:32:00Z", "1979-05-27 07:32:00-07:00", "2024-02-29",
    "[]", "[1, 2,]", "[\n1, # c\n\n2\n]", "[[1], ['a']]", "{}", "{a = 1}",
    "{a.b = 1, a.c = 2}", "{ a = { b = [ {c = 1} ] } }", '"é"', "0", "0.0",
    "9223372036854775807", "-9223372036854775808",
]
BROKEN = [
    "", "01", "1_", "_1", "1__0", "0x", "0X1", "+0x1", "1.", ".5", "1e", "1.e1",
    "tru", "True", '"a', '"\\q"', '"\\ud800"', "'''a", '"""a', "1979-13-01",
    "2023-02-29", "1979-05-27T", "24:00:00", "07:32", "1979-5-27", "[1 2]",
    "[1,,2]", "[,]", "{a = 1,}", "{a = 1\n}", "{a = 1, a = 2}", "1 2",
    "{a = {}, a.b = 1}", "{a.b = 1, a = 2}", '"a\x01"', '"a\x7f"', "[", "{",
    "9223372036854775808", "-9223372036854775809", "0xFFFFFFFFFFFFFFFFF",
    '"""a\\ b"""', "inf_", "0b2", "0o8", "\x00",
]
KEYS = ["a", "b", "a.b", "a.b.c", '"a"', "'b'.c", '"é"', "1", "a . b", '""',
        "A", "-", "_", '"a.b"', "a.a"]
BROKENKEYS = ["", ".", "a.", ".a", "é", "a b", '"""a"""', "a\nb", "a..b", '"a']


def line(rng):
    roll = rng.random()
    key = rng.choice(KEYS if rng.random() < .97 else BROKENKEYS)
    if roll < .25:
        return f"[{key}]"
    if roll < .4:
        return f"[[{key}]]"
    if roll < .45:
        return "# note"
    value = rng.choice(VALUES if rng.random() < .95 else BROKEN)
    return f"{key} = {value}" + (" # note" if rng.random() < .1 else "")


def mutate(rng, doc):
    doc = bytearray(doc)
    for _ in range(rng.randrange(1, 3)):
        at = rng.randrange(len(doc) + 1)
        what = rng.randrange(3)
        if what == 0:
            doc[at:at] = bytes([rng.choice(b"\"'[]{}=.,#\\\n\r\t -_+0e:\x00\xff")])
        elif what == 1:
            del doc[at:at + 1]
        else:
            doc[at:at] = doc[at:at + rng.randrange(20)]
    return bytes(doc)


def documents(count):
    rng = random.Random(1)
    for v in VALUES + BROKEN:
        yield f"k = {v}".encode()
        yield f"k = {v}\n".replace("\n", "\r\n").encode()
    for k in KEYS + BROKENKEYS:
        yield f"{k} = 1\n".encode()
        yield f"[{k}]\n".encode()
        yield f"[[{k}]]\n[{k}.z]\n".encode()
    for _ in range(count):
        doc = "\n".join(line(rng) for _ in range(rng.randrange(1, 7))) + "\n"
        doc = doc.encode()
        yield mutate(rng, doc) if rng.random() < .4 else doc


def main():
    out = sys.stdout.buffer
    for doc in documents(int(sys.argv[1])):
        told = judge(doc).encode()
        out.write(b"%d %d\n" % (len(doc), len(told)) + doc + told)


main()
