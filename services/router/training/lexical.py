"""What the first stage reads of a text: hashed words, pairs, character n-grams and shape. No tokenizer, no model.

The program that runs the model computes the same numbers (`shared/classifier/src/lexical.rs`); `report.json` holds vectors to check
it with. Weinberger et al. 2009 (hashing), Joulin et al. 2016 (bags of n-grams).
"""

import zlib

import numpy as np

HEAD, TAIL = 4096, 2048  # bytes read of a long text
WORD = 48  # characters of a word that n-grams are taken of
SPACES = frozenset("\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000")
# first and last code point of ranges outside ASCII that are symbols, not letters
SYMBOLS = ((0x80, 0xBF), (0xD7, 0xD7), (0xF7, 0xF7), (0x60C, 0x60C), (0x61B, 0x61B), (0x61F, 0x61F), (0x6D4, 0x6D4), (0x964, 0x965), (0x2000, 0x206F), (0x20A0, 0x20CF),
           (0x2190, 0x2BFF), (0x3000, 0x303F), (0xFE10, 0xFE6F), (0xFF00, 0xFF0F), (0xFF1A, 0xFF20), (0xFF3B, 0xFF40), (0xFF5B, 0xFF65), (0x1F000, 0x1FAFF))
DIGITS = ((0x30, 0x39), (0x660, 0x669), (0x6F0, 0x6F9), (0x966, 0x96F), (0x9E6, 0x9EF), (0xFF10, 0xFF19))
SPACE, LETTER, SYMBOL, DIGIT = range(4)
PARTS = (0.01, 0.03, 0.06, 0.1, 0.15, 0.25, 0.4)
_kinds = {}


def kind(c):
    k = _kinds.get(c)
    if k is None:
        o = ord(c)
        if c in SPACES:
            k = SPACE
        elif any(a <= o <= b for a, b in DIGITS):
            k = DIGIT
        elif o < 0x80:
            k = LETTER if c.isalpha() else SYMBOL
        else:
            k = SYMBOL if any(a <= o <= b for a, b in SYMBOLS) else LETTER
        _kinds[c] = k
    return k


def ends(text):
    """The text, or its head and tail, cut between characters and joined by a line break."""
    b = text.encode()
    if len(b) <= HEAD + TAIL:
        return text
    return b[:HEAD].decode(errors="ignore") + "\n" + b[-TAIL:].decode(errors="ignore")


def tokens(text):
    """(kind, token): words in lower case (each character by itself), runs of at most three symbols, numbers as one to three zeros."""
    out, cur, last = [], [], SPACE
    for c in text:
        k = kind(c)
        if k != last or (k == SYMBOL and len(cur) == 3):
            if cur:
                out.append((last, "".join(cur)))
            cur, last = [], k
        if k == LETTER:
            cur.append(c.lower())
        elif k == SYMBOL:
            cur.append(c)
        elif k == DIGIT and len(cur) < 3:
            cur.append("0")
    if cur:
        out.append((last, "".join(cur)))
    return out


def bucket(x, edges):
    return sum(x >= e for e in edges)


def features(text):
    """Hashes (CRC-32) of the two groups: words with pairs, places and shape; character n-grams."""
    h = zlib.crc32
    t = ends(text)
    toks = tokens(t)
    words, chars = [], []
    previous = b"^"
    for i, (k, w) in enumerate(toks):
        b = w.encode()
        words.append(h(b"w" + b))
        words.append(h(b"p" + previous + b" " + b))
        if i < 2:
            words.append(h(b"f%d" % i + b))
        previous = b
        if k == LETTER:
            s = "<" + w[:WORD] + ">"
            for size in (2, 3, 4):
                for j in range(len(s) - size + 1):
                    chars.append(h(s[j : j + size].encode()))
            if ord(w[0]) >= 0x2E80:  # scripts without spaces: single characters carry meaning
                chars += [h(c.encode()) for c in s[1:-1]]
    words += [h(b"l" + w.encode()) for _, w in toks[-2:]]
    n = max(1, len(t))
    counts = [0] * 4
    high = lines = 0
    for c in t:
        counts[kind(c)] += 1
        high += ord(c) >= 0x80
        lines += c == "\n"
    digits, symbols = counts[DIGIT] / n, counts[SYMBOL] / n
    asks = next((c for c in reversed(t) if kind(c) != SPACE), "") in ("?", "？", "؟")
    shape = (b"sd%d" % bucket(digits, PARTS), b"ss%d" % bucket(symbols, PARTS), b"sn%d" % bucket(len(toks), (4, 8, 16, 32, 64, 128, 256)), b"sl%d" % bucket(lines, (1, 3, 8, 20)),
             b"sh%d" % bucket(high / n, (0.01, 0.1, 0.5)), b"sx%d,%d" % (bucket(digits, PARTS[::2]), bucket(symbols, PARTS[::2])), b"sq%d" % asks)
    words += [h(s) for s in shape]
    return words, chars


def slots(hashes, bits):
    """Rows of a table of 2**bits: the high bits of a multiplicative hash (Knuth) of the CRC."""
    return ((np.array(hashes, np.uint64) * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)) >> np.uint64(32 - bits)
