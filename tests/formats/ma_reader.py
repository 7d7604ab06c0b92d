"""A reader of Maya ASCII for tests; it shares no code with the writer. Everything it does not know is an error."""

import re

_WORD = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|(;)|([^\s";]+))', re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_KNOWN = {
    *("requires", "currentUnit", "fileInfo", "createNode", "rename", "setAttr", "addAttr", "connectAttr"),
    *("select", "lockNode", "relationship", "file", "parent", "dataStructure"),
}


def statements(text):
    """Lists of words; a quoted word is a tuple of one, so that "yes" and yes differ."""
    text = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE).rstrip()
    words, place = [], 0
    while place < len(text):
        match = _WORD.match(text, place)
        assert match, f"cannot read: {text[place : place + 60]!r}"
        place = match.end()
        quoted, end, plain = match.groups()
        if end:
            yield words
            words = []
        elif plain is not None:
            words.append(plain)
        else:
            words.append((re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), quoted, flags=re.DOTALL),))
    assert not words, f"a statement without end: {words[:5]}"


class Scene:
    """nodes[name] = {"type", "parent", "attributes": {".ty": [words]}, "arrays": {"ktv": {0: [..]}}, "added": {}}"""

    def __init__(self, text):
        assert text.startswith("//Maya ASCII "), "Maya knows the format by its first line"
        self.nodes, self.connections, self.units, self.requires = {}, [], {}, []
        current = None
        for command, *words in statements(text):
            assert command in _KNOWN, command
            if command == "requires":
                self.requires.append(words)
            elif command == "currentUnit":
                self.units = dict(zip(words[::2], words[1::2], strict=True))
            elif command == "createNode":
                flags = self.flags(words[1:], with_value=("-n", "-p"))
                current = flags["-n"][0]
                assert current not in self.nodes or flags.get("-p"), f"two nodes {current}"
                self.nodes[current] = {
                    "type": words[0],
                    "parent": flags["-p"][0] if "-p" in flags else None,
                    "attributes": {},
                    "arrays": {},
                    "added": {},
                }
            elif command == "addAttr" and current is not None:
                keys = ("-ci", "-k", "-sn", "-ln", "-dv", "-min", "-max", "-at", "-dt", "-h", "-nn", "-en")
                flags = self.flags(words, with_value=keys)
                self.nodes[current]["added"][flags["-ln"][0]] = flags
            elif command == "setAttr" and current is not None:
                self._set(self.nodes[current], words)
            elif command == "select":
                current = None
            elif command == "connectAttr":
                self.connections.append((words[0][0], words[1][0]))

    @staticmethod
    def flags(words, with_value):
        found, rest = {}, list(words)
        while rest:
            word = rest.pop(0)
            if isinstance(word, str) and word.startswith("-") and not re.match(r"-[\d.]", word):
                found[word] = rest.pop(0) if word in with_value else True
        return found

    @staticmethod
    def _set(node, words):
        words, size = list(words), None
        while not isinstance(words[0], tuple):
            flag = words.pop(0)
            value = words.pop(0) if flag != "-av" else None
            size = int(value) if flag == "-s" else size
        name, *values = words
        array = re.fullmatch(r"\.(\w+)\[(\d+)(?::(\d+))?\]", name[0])
        if array is None or values[:1] == ["-type"]:
            node["attributes"][name[0]] = values
            return
        first, last = int(array[2]), int(array[3] or array[2])
        count = last - first + 1
        assert len(values) % count == 0, f"{name[0]}: {len(values)} values"
        width = len(values) // count
        entries = node["arrays"].setdefault(array[1], {})
        for index in range(count):
            entries[first + index] = values[index * width : (index + 1) * width]
        if size is not None:
            node.setdefault("sizes", {})[array[1]] = size

    def curve(self, name):
        """Keys of a curve node: frames, values, in codes, out codes."""
        node = self.nodes[name]
        arrays = node["arrays"]
        count = len(arrays["ktv"])
        assert sorted(arrays["ktv"]) == list(range(count))
        if count > 1:
            assert node["sizes"]["ktv"] == count
        default = int(node["attributes"][".tan"][0])
        codes = [
            [int(arrays.get(side, {}).get(index, [default])[0]) for index in range(count)] for side in ("kit", "kot")
        ]
        pairs = [[float(word) for word in arrays["ktv"][index]] for index in range(count)]
        return [pair[0] for pair in pairs], [pair[1] for pair in pairs], *codes

    def slopes(self, name, side):
        """Slopes in seconds and internal units, from the unit vectors."""
        arrays = self.nodes[name]["arrays"]
        return [
            float(arrays[f"k{side}y"][index][0]) / float(arrays[f"k{side}x"][index][0])
            for index in range(len(arrays["ktv"]))
        ]
