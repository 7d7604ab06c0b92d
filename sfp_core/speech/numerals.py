"""English words for numbers: cardinals, ordinals, years, decimals."""

import re

# fmt: off
_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
# fmt: on
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_LARGEST = 10**15  # longer runs of digits are read digit by digit, as people do

_NUMBER = re.compile(r"^(?P<whole>\d+)(?:\.(?P<part>\d+))?(?P<ordinal>st|nd|rd|th)?(?P<plural>s)?$")


def cardinal(number: int) -> list[str]:
    """Words of a whole number >= 0: 342 is three hundred forty two."""
    if number >= _LARGEST:
        return [_UNITS[int(digit)] for digit in str(number)]
    if number < 20:
        return [_UNITS[number]]
    if number < 100:
        tens, rest = divmod(number, 10)
        return [_TENS[tens], *(cardinal(rest) if rest else [])]
    value, name = next(scale for scale in _SCALES if number >= scale[0])
    count, rest = divmod(number, value)
    return [*cardinal(count), name, *(cardinal(rest) if rest else [])]


def ordinal(number: int) -> list[str]:
    """Words of an ordinal: 21 is twenty first."""
    *before, last = cardinal(number)
    if last in _ORDINALS:
        return [*before, _ORDINALS[last]]
    return [*before, last[:-1] + "ieth" if last.endswith("y") else last + "th"]


def year(number: int) -> list[str]:
    """Words of a year from 1100 to 2099: 1984 is nineteen eighty four, 2005 two thousand five."""
    century, rest = divmod(number, 100)
    if 2000 <= number < 2010 or (rest == 0 and century % 10 == 0):
        return cardinal(number)
    if rest == 0:
        return [*cardinal(century), "hundred"]
    return [*cardinal(century), *(["oh"] if rest < 10 else []), *cardinal(rest)]


def spoken(token: str) -> list[str] | None:
    """Words of a token of digits such as `42`, `3.14`, `21st`, `1984`, `90s`; None if it is not one."""
    match = _NUMBER.match(token)
    if match is None:
        return None
    digits = match["whole"]
    if match["part"] is not None:
        return [*cardinal(int(digits)), "point", *(_UNITS[int(digit)] for digit in match["part"])]
    number = int(digits)
    if match["ordinal"]:
        return ordinal(number)
    if len(digits) > 1 and digits[0] == "0":  # 007
        words = [_UNITS[int(digit)] for digit in digits]
    elif len(digits) == 4 and 1100 <= number < 2100:
        words = year(number)
    else:
        words = cardinal(number)
    if match["plural"]:
        last = words[-1]
        words[-1] = last[:-1] + "ies" if last.endswith("y") else last + ("es" if last.endswith("x") else "s")
    return words
