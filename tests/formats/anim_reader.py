"""A reader of .anim and .atom files for tests; it shares no code with the writers. The unknown is an error."""

import re

HEADER = {"animVersion", "atomVersion", "mayaVersion", "mayaSceneFile", "timeUnit", "linearUnit", "angularUnit"}
HEADER |= {"startTime", "endTime"}
SETTINGS = ["input", "output", "weighted", "preInfinity", "postInfinity"]


class Words:
    """Tokens of a file, taken one by one."""

    def __init__(self, text):
        self.tokens = re.findall(r"[;{}]|[^\s;{}]+", text)
        self.place = 0

    def __bool__(self):
        return self.place < len(self.tokens)

    def next(self):
        self.place += 1
        return self.tokens[self.place - 1]

    def peek(self):
        return self.tokens[self.place]

    def expect(self, word):
        found = self.next()
        assert found == word, f"{found!r} instead of {word!r}"

    def statement(self):
        words = []
        while (word := self.next()) != ";":
            assert word not in "{}"
            words.append(word)
        return words


def _data(words):
    """One animData block: settings, and keys as (frame, value, in type, out type, lock, angles by side)."""
    words.expect("animData")
    words.expect("{")
    settings = {}
    while words.peek() != "keys":
        name, value = words.statement()
        settings[name] = value
    assert list(settings) == SETTINGS
    words.expect("keys")
    words.expect("{")
    keys = []
    while words.peek() != "}":
        frame, value, in_type, out_type, lock, weight_lock, breakdown, *rest = words.statement()
        angles = {}
        for side, kind in (("in", in_type), ("out", out_type)):
            if kind == "fixed":
                angle, weight, *rest = rest
                assert weight == "1"
                angles[side] = float(angle)
        assert not rest and (weight_lock, breakdown) == ("1", "0")
        keys.append((float(frame), float(value), in_type, out_type, lock, angles))
    words.expect("}")
    words.expect("}")
    return settings, keys


def header_of(words):
    found = {}
    while words and words.peek() in HEADER:
        name, *values = words.statement()
        found[name] = values[0] if values else ""
    return found


def read_anim(text):
    """Header, and entries (full, own, node, row, children, index, settings, keys); a place holder has no names."""
    words = Words(text)
    header, entries = header_of(words), []
    while words:
        line = words.statement()
        assert line[0] == "anim"
        if len(line) == 5:
            entries.append((None, None, *line[1:], None, None))
        else:
            assert len(line) == 7
            entries.append((*line[1:], *_data(words)))
    return header, entries


def read_atom(text):
    """Header, and nodes by name: depth, children, and by attribute ("anim", settings, keys) or ("static", value)."""
    words = Words(text)
    header, nodes = header_of(words), {}
    while words:
        words.expect("dagNode")
        words.expect("{")
        name, depth, children = words.statement()
        attributes = {}
        while words.peek() != "}":
            kind, full, own, index = words.statement()
            assert full.endswith(own) and int(index) == len(attributes)
            if kind == "static":
                words.expect("{")
                attributes[own] = ("static", float(words.next()))
                words.expect("}")
            else:
                assert kind == "anim"
                attributes[own] = ("anim", *_data(words))
        words.expect("}")
        assert name not in nodes
        nodes[name] = (int(depth), int(children), attributes)
    return header, nodes
