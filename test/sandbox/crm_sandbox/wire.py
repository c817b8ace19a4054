"""
One business value, two faces: what the API writes and what SQL should show.

A business value is a plain Python object: str, int, bool, Decimal for exact
numbers, list or dict for structure, None for "nothing", and for a time an int
of microseconds since 1970 UTC.  A Codec turns it into

  * its wire form, the JSON the API would send (to_wire), and
  * its SQL form, what PostgreSQL's to_jsonb() gives for the column (to_sql).

Both faces come from the same value, so the expected rows do not depend on any
reading of the JSON, which is the part under test.
"""
import json
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

MILLISECOND = 1_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1)
_RAW_MARK = "\x01raw:"
_RAW_PATTERN = re.compile(r'"\\u0001raw:((?:[^"\\]|\\.)*)"')


class _Missing:
    """The wire form of a key that is left out."""

    def __repr__(self):
        return "MISSING"


MISSING = _Missing()


class Raw(str):
    """JSON text that is written as it is: Raw("1.0E10"), Raw('"\\\\ud83d"')."""

    def __new__(cls, text):
        return super().__new__(cls, _RAW_MARK + text)

    @property
    def text(self):
        return str.__str__(self)[len(_RAW_MARK):]


class As:
    """A business value with a wire form of its own in this one row.

    As(None, "") is a NULL that the API writes as an empty string, As(None,
    MISSING) one whose key is absent.
    """
    __slots__ = ("value", "wire")

    def __init__(self, value, wire):
        self.value = value
        self.wire = wire


def plain(value):
    """The business value, whether or not it carries its own wire form."""
    return value.value if isinstance(value, As) else value


def dumps(value, ascii=False):
    """Compact JSON text; with ascii, every other character is escaped.

    Keys keep their order.  Exact numbers are Decimal or Raw; a float would be
    written by its repr.
    """
    text = (_ASCII_ENCODER if ascii else _ENCODER).encode(value)
    if "\\u0001raw:" in text:
        text = _RAW_PATTERN.sub(lambda m: json.loads('"%s"' % m.group(1)), text)
    return text


def _json_default(value):
    if isinstance(value, Decimal):
        return Raw(decimal_text(value))
    if isinstance(value, As):
        return value.wire
    raise TypeError("no JSON form for %r" % (value,))


_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, allow_nan=False,
                            separators=(",", ":"), default=_json_default)
_ASCII_ENCODER = json.JSONEncoder(check_circular=False, allow_nan=False,
                                  separators=(",", ":"), default=_json_default)


def loads_exact(text):
    """Parse JSON, keeping the literal of every number that is not an integer."""
    return json.loads(text, parse_float=Raw)


# ---------------------------------------------------------------- formats

def at(text):
    """Microseconds of an ISO time with Z or an offset ("2026-11-20T12:00:00Z")."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        raise ValueError("time without a zone: %s" % text)
    offset = moment.utcoffset()
    return (moment.replace(tzinfo=None) - offset - _EPOCH) // timedelta(microseconds=1)


def _moment(value):
    return _EPOCH + timedelta(microseconds=value)


def timestamptz(value):
    """As to_jsonb() prints a timestamptz while TimeZone is UTC."""
    text = _moment(value).isoformat()
    return (text.rstrip("0") if "." in text else text) + "+00:00"


def decimal_text(value):
    """Plain digits without exponent and without trailing zeros."""
    text = format(Decimal(value), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def java_double(value):
    """The text Java gives a double: 500.0, 1.0E10, 1.234567891E9."""
    number = Decimal(value)
    if number == 0:
        return "0.0"
    magnitude = abs(number)
    if Decimal("0.001") <= magnitude < 10_000_000:
        text = decimal_text(number)
        return text if "." in text else text + ".0"
    exponent = number.adjusted()
    mantissa = decimal_text(number.scaleb(-exponent))
    return "%s%sE%d" % (mantissa, "" if "." in mantissa else ".0", exponent)


@lru_cache(maxsize=256)
def _chicago_summer(year):
    """Start and end of daylight saving time in UTC microseconds (rules of 2007 on)."""
    def sunday(month, nth):
        first = date(year, month, 1)
        return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1))

    def micros(day, hour):
        return (datetime(day.year, day.month, day.day, hour) - _EPOCH) // timedelta(microseconds=1)

    return micros(sunday(3, 2), 8), micros(sunday(11, 1), 7)


def chicago_offset_hours(value):
    """-5 or -6: America/Chicago's offset at a time."""
    start, end = _chicago_summer(_moment(value).year)
    return -5 if start <= value < end else -6


def iso_chicago(value):
    """2026-05-28T03:05:54-05:00"""
    hours = chicago_offset_hours(value)
    local = _moment(value + hours * HOUR)
    return "%s-%02d:00" % (local.isoformat(timespec="seconds"), -hours)


def naive_chicago(value):
    """2026-05-28 03:05:54, Chicago's wall clock."""
    local = _moment(value + chicago_offset_hours(value) * HOUR)
    return local.isoformat(sep=" ", timespec="seconds")


def naive_utc(value):
    return _moment(value).isoformat(sep=" ", timespec="seconds")


def iso_z(value):
    return _moment(value).isoformat(timespec="seconds") + "Z"


def iso_z_ms(value):
    return _moment(value).isoformat(timespec="milliseconds") + "Z"


def iso_utc(value):
    return _moment(value).isoformat(timespec="seconds") + "+00:00"


def date_of(value):
    """The UTC date of a time, as text."""
    return _moment(value).date().isoformat()


def _ipv4_number(text):
    result = 0
    for part in text.split("."):
        result = result * 256 + int(part)
    return result


# ---------------------------------------------------------------- codecs

def _same(value):
    return value


class Codec:
    """A pair of functions and the wire form of "nothing"."""
    __slots__ = ("sql", "wire", "null")

    def __init__(self, sql=_same, wire=_same, null=None):
        self.sql = sql
        self.wire = wire
        self.null = null

    def nulls(self, form):
        """The same codec with another wire form of nothing: "", 0, "0", MISSING."""
        return Codec(self.sql, self.wire, form)

    def to_sql(self, value):
        value = plain(value)
        return None if value is None else self.sql(value)

    def to_wire(self, value):
        if isinstance(value, As):
            return value.wire
        return self.null if value is None else self.wire(value)


# Text, integers, booleans, lists and structure that look the same on both sides.
PLAIN = Codec()
# Integers and references inside a string, "42".
INT_TEXT = Codec(wire=str)
# Flags: true, 1, "1".
FLAG_INT = Codec(wire=int)
FLAG_TEXT = Codec(wire=lambda v: "1" if v else "0")
# Exact numbers (business value Decimal or int): 12.5, "12.5", Java's 12.5 / 1.0E10.
DECIMAL = Codec(decimal_text, lambda v: Raw(decimal_text(v)))
DECIMAL_TEXT = Codec(decimal_text, decimal_text)
JAVA_DOUBLE = Codec(decimal_text, lambda v: Raw(java_double(v)))
# Money in hundredths: the business value and SQL are major units.
CENTS_INT = Codec(decimal_text, lambda v: Raw(decimal_text(Decimal(v) * 100)))
CENTS_TEXT = Codec(decimal_text, lambda v: decimal_text(Decimal(v) * 100))
# Times.
UNIX = Codec(timestamptz, lambda v: v // SECOND)
UNIX_TEXT = Codec(timestamptz, lambda v: str(v // SECOND))
UNIX_MS = Codec(timestamptz, lambda v: v // MILLISECOND)
ISO_Z = Codec(timestamptz, iso_z)
ISO_Z_MS = Codec(timestamptz, iso_z_ms)
ISO_UTC = Codec(timestamptz, iso_utc)
ISO_CHICAGO = Codec(timestamptz, iso_chicago)
NAIVE_CHICAGO = Codec(timestamptz, naive_chicago)
NAIVE_UTC = Codec(timestamptz, naive_utc)
# A JSON document inside a string; an IPv4 address as a number in a string.
JSON_TEXT = Codec(wire=dumps)
IPV4_TEXT = Codec(wire=lambda v: str(_ipv4_number(v)), null="0")
# Currency codes: upper case in SQL, lower case on the wire.
LOWER = Codec(wire=str.lower)
