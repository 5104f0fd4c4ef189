"""Text to hashed features, exactly as shared/nlu/net/tokens.ts does it (a fixture holds the two together).

A text becomes tokens (words of most scripts; single Chinese and Japanese characters), a token becomes rows of the
embedding table: itself, itself with its predecessor, and its character 3- to 5-grams; for a Chinese character itself
and its n-grams with its neighbours. Hashing is 32-bit FNV-1a over UTF-16 units with a final mix, so it needs neither
a vocabulary nor a download, and both languages compute it alike.
"""

import re
import unicodedata
from functools import lru_cache

MASK = 0xFFFFFFFF
LONGEST_TEXT = 1_000  # UTF-16 units that are read
MOST_TOKENS = 64
LONGEST_WORD = 14  # units of a word that make n-grams
BITS = 15  # 32,768 rows

_PIECE = re.compile(
    "([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])"
    "|([^\\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+)"
)


def units(text):
    """UTF-16 code units, as a JavaScript string has them."""
    raw = text.encode("utf-16-le", "surrogatepass")
    return [raw[i] | raw[i + 1] << 8 for i in range(0, len(raw), 2)]


def mix(h):
    """The finaliser of MurmurHash3: without it the low bits of FNV are too regular to take rows from."""
    h ^= h >> 16
    h = h * 0x85EBCA6B & MASK
    h ^= h >> 13
    h = h * 0xC2B2AE35 & MASK
    return h ^ h >> 16


def fnv(values, h):
    for value in values:
        h = (h ^ value) * 0x01000193 & MASK
    return h


WORD, GRAM, PAIR, NEXT, THREE = (0x811C9DC5 ^ salt for salt in (0, 0x1000193, 0x51ED27, 0x2C1B3C6D, 0x297A2D39))


def tokens(text):
    """At most 64 tokens; any digit is 0, apostrophes do not divide."""
    raw = text.encode("utf-16-le", "surrogatepass")[: 2 * LONGEST_TEXT]
    plain = unicodedata.normalize("NFKC", raw.decode("utf-16-le", "replace")).lower()
    plain = re.sub("['\u2019\u2018]", "", plain)
    plain = re.sub("[0-9]", "0", plain)
    return [m.group(0) for m in _PIECE.finditer(plain)][:MOST_TOKENS]


@lru_cache(maxsize=200_000)
def _own(token):
    """Whether it is a single Chinese or Japanese character, its hash, and the hashes of its n-grams."""
    u = units(token)
    ideograph = len(u) == 1 and (0x3040 <= u[0] <= 0x30FF or 0x3400 <= u[0] <= 0x9FFF or 0xF900 <= u[0] <= 0xFAFF)
    h = fnv(u, WORD)
    if ideograph:
        return True, h, ()
    framed = [0x3C, *u[:LONGEST_WORD], 0x3E]
    grams = []
    for start in range(len(framed) - 2):
        g = fnv(framed[start : start + 2], GRAM)
        for end in range(start + 2, min(start + 5, len(framed))):
            g = (g ^ framed[end]) * 0x01000193 & MASK
            grams.append(g)
    return False, h, tuple(grams)


def features(text, bits=BITS):
    """One list of rows for each token."""
    own = [_own(t) for t in tokens(text)]
    shift = 32 - bits
    out = []
    for i, (ideograph, h, grams) in enumerate(own):
        before = own[i - 1][1] if i > 0 else 1
        hashes = [h, fnv((before, h), PAIR), *grams]
        if ideograph:
            after = own[i + 1][1] if i + 1 < len(own) else 2
            hashes += [fnv((h, after), NEXT), fnv((before, h, after), THREE)]
        out.append([mix(v) >> shift for v in hashes])
    return out
