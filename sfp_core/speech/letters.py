"""A pronunciation for words that no dictionary has: English letter-to-sound rules.

The method is the well-known one of context rules tried in order (as in Elovitz et al., NRL Report 7948, 1976); the
table is this project's own, written for names and invented words, which are what a dictionary lacks.
"""

import re

# One rule a line: left context [ letters ] right context -> phones. Contexts: `#` one or more vowels, `:` any number of
# consonants, `^` one consonant, `+` a vowel letter that softens (e i y), `_` the word's edge, `%` an ending (e es ed
# er ing ly, then the edge), letters themselves. The first rule that fits is taken; `-` is silence.
_RULES = """
_[a]_ AH | _[are]_ AA R | [augh] AO | [au] AO | [aw] AO | [ay] EY | [ai]r EH | [ai] EY | [ae] IY
[a]lk AO | [al]k AO | [alm] AA M | [a]ll AO | [ar]r AE R | w[ar] AO R | [are]_ EH R | [ar] AA R | w[a]s AA | w[a]t AA
:[a]_ AH | #^[a]l_ AH | [a]tion EY | [a]^% EY | [a]^e EY | [a]^ia EY | [a]ste EY | [a]ble EY | [a]nge EY | [a] AE

[bb] B | m[b]_ - | [b] B
[ch]r K | _[ch]l K | s[ch]o K | [tch] CH | [ch] CH | [ck] K | [cc]+ K S | [cc] K | [ci]a SH | [ci]o SH | s[c]+ -
[c]+ S | [c] K
[dge] JH | [dg]+ JH | [dd] D | :^[ed]_ D | [d] D

_:[e]_ IY | #:[e]_ - | #:[e]d_ - | d[e]d_ IH | t[e]d_ IH | s[e]s_ IH | z[e]s_ IH | x[e]s_ IH | ch[e]s_ IH
sh[e]s_ IH | g[e]s_ IH | c[e]s_ IH | [e]s_ - | b[eau]t Y UW | [eau] OW | [ea]d EH | [ear]_ IH R | [ear]^ ER
[ea] IY | [ee] IY | [eigh] EY | [ei]n EY | [ei] IY | [eu] Y UW | [ew] Y UW | [ey]_ IY | [ey] EY | [err] EH R
[er]# EH R | [er] ER | [e]ry EH | _:[e]^e_ IY | [e]^e_ IY | [e]v# EH | #:^[e]l_ AH | #:^[e]n_ AH | [e] EH
[ff] F | [f] F
[gh]_ - | i[gh] - | [gh]t - | [gg] G | _[gn] N | [gn]_ N | [gue]_ G | [gu]+ G | n[g]_ - | [g]et G | [g]irl G
[g]+ JH | [g] G
_[h] HH | #[h]# HH | s[h] - | #[h]_ - | #[h]^ - | ^[h]# HH | [h] HH

_[i]_ AY | [igh] AY | [ign]_ AY N | [ier]_ IY ER | [ie]d_ AY | :^[ie]_ IY | [ie]s_ IY | [ie] IY | [ia]_ IY AH
[ian]_ IY AH N | [io]_ IY OW | [ious] IY AH S | [ique] IY K | [irr] IH R | [ire] AY ER | [ir]# IH R | [ir] ER
[ild]_ AY L D | [ind]_ AY N D | [ing]_ IH NG | [i]^%_ AY | [i]^e AY | [i]_ IY | [i]sm_ IH | [i] IH
[j] JH | _[kn] N | [kk] K | [kh] K | [k] K | #:^[le]_ AH L | [ll] L | [l] L
[mm] M | _[mn] N | m[n]_ - | [m] M | [nn] N | [ng]+ NG G | [ng]_ NG | [ng]s_ NG | [ng] NG G | [n]k NG | [n]x NG
[n]q NG | [n] N

[oa] OW | [oar] AO R | [oe]_ OW | [oe] OW | [oi] OY | [oy] OY | [oor] AO R | [ook] UH K | [ood]_ UH D | [oo] UW
[ough]t AO | [ough]_ AH F | [ould] UH D | [oup] UW P | [our] AO R | [ous]_ AH S | [ou] AW | [own]_ AW N | [owe] AW
[ow]_ OW | [ow] AW | [orr] AO R | w[or] ER | [ore] AO R | #:^[or]_ ER | [or] AO R | [old] OW L D | [o]ll OW | [o]st_ OW
[o]_ OW | [o]^%_ OW | [o]^e OW | [o]ni OW | [o]gn OW | #:[on]_ AH N | [o]ther AH | [o] AA
[ph] F | [pp] P | _[ps] S | _[pn] N | [p] P | [que]_ K | [qu] K W | [q] K
[rh] R | [rr] R | #[r]_ R | [r] R
[sch] SH | [sh] SH | [ssi]o SH | [ss] S | #[si]on ZH | [si]on SH | #[s]ure ZH | [sc]+ S | #[s]# Z | [s]m_ Z
:[us]_ AH S | #^[s]_ S | #[s]_ Z | b[s]_ Z | d[s]_ Z | g[s]_ Z | l[s]_ Z | m[s]_ Z | n[s]_ Z | v[s]_ Z | [s] S
_[th]e DH | _[th]is DH | _[th]at DH | [th]er DH | [th] TH | [ti]on SH | [ti]a SH | [tt] T | #[tu]r CH | [tu]a CH UW
[tch] CH | [tz] T S | [t] T
[uy] AY | [ui] UW | [ue] UW | [urr] ER | [ure] Y UH R | [ur] ER | _[un] AH N | _[up] AH P | [u]ll UH | [u]sh UH
_[u]^# Y UW | f[u]^# Y UW | m[u]^# Y UW | c[u]^# Y UW | [u]^% UW | [u]^# UW | [u]_ UW | [u] AH
[vv] V | [v] V | _[wr] R | _[wh]o HH | [wh] W | [w]_ - | [w]^ - | [w] W
_[x] Z | [x]_ K S | [x] K S
_[y]# Y | _[y]^ Y AH | #[y]# Y | _:[y]_ AY | :^[y]_ IY | [y]^e AY | [y]^^ IH | [y]_ IY | #[y] IY | [y] IH
[zz] Z | t[z] S | [z] Z
"""

_CONTEXT = {
    "#": "[aeiouy]+",
    ":": "[^aeiouy_]*",
    "^": "[^aeiouy_]",
    "+": "[eiy]",
    "%": "(?:e|es|ed|er|ing|ely)_",
}
# fmt: off
_NAMES = {
    "a": "EY", "b": "B IY", "c": "S IY", "d": "D IY", "e": "IY", "f": "EH F", "g": "JH IY", "h": "EY CH", "i": "AY",
    "j": "JH EY", "k": "K EY", "l": "EH L", "m": "EH M", "n": "EH N", "o": "OW", "p": "P IY", "q": "K Y UW",
    "r": "AA R", "s": "EH S", "t": "T IY", "u": "Y UW", "v": "V IY", "w": "D AH B AH L Y UW", "x": "EH K S",
    "y": "W AY", "z": "Z IY",
}
# fmt: on


def _compiled() -> dict[str, list[tuple[re.Pattern[str], str, re.Pattern[str], tuple[str, ...]]]]:
    rules: dict[str, list[tuple[re.Pattern[str], str, re.Pattern[str], tuple[str, ...]]]] = {}
    for rule in re.split(r"[|\n]", _RULES):
        if not rule.strip():
            continue
        pattern, _, phones = rule.strip().partition(" ")
        left, letters, right = re.split(r"[\[\]]", pattern)
        found = tuple(phone for phone in phones.split() if phone != "-")
        rules.setdefault(letters[0], []).append(
            (re.compile(_context(left) + r"\Z"), letters, re.compile(_context(right)), found)
        )
    return rules


def _context(text: str) -> str:
    return "".join(_CONTEXT.get(sign, re.escape(sign)) for sign in text)


_TABLE = _compiled()


def pronounced(word: str) -> tuple[str, ...]:
    """ARPABET phones without stress of a word in lower case; never empty for a word with a letter or digit.

    A word without a vowel letter (`brb`, `tv`) is spelt out letter by letter.
    """
    letters = "".join(letter for letter in word.lower() if letter.isascii() and letter.isalpha())
    if not re.search("[aeiouy]", letters):
        return tuple(phone for letter in letters for phone in _NAMES[letter].split()) or ("AH",)
    text = f"_{letters}_"
    phones: list[str] = []
    place = 1
    while place < len(text) - 1:
        for left, middle, right, found in _TABLE[text[place]]:
            if text.startswith(middle, place) and left.search(text[:place]) and right.match(text, place + len(middle)):
                phones += found
                place += len(middle)
                break
        else:  # every letter's last rule has no context
            raise AssertionError(f"no rule for {text[place]!r} in {word!r}")
    return tuple(phones) or ("AH",)
