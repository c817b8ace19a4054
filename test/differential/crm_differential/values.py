"""
Values to compare with: mostly ones that are in the data, some next to them,
some that nobody expects.
"""
from datetime import datetime, timedelta, timezone

from .nodes import Literal

RANGES = {"smallint": 2 ** 15, "integer": 2 ** 31, "bigint": 2 ** 63}
HUGE = ("9223372036854775807", "-9223372036854775808", "9223372036854775806", "2147483648", "4294967296",
        "9007199254740993", "32768", "1000000")
ODD_TEXTS = ("", " ", "0", "-1", "null", "NULL", "'", "''", '"', "%", "_", "+", "\\", "a'b", "a\"b", "100%", "a+b",
             "a b", "a&b=c", "a#b", "a;b", "[x]", "{}", "*", "?", "..", "../x", "/", "\t", "a\nb", "é", "É", "ß", "ẞ",
             "Ünïcödé", "İstanbul", "ﬀ", "日本語", "😀", "e\u0301", "\u200b", "\u00a0", "true", "false", "1e3",
             "undefined", "x" * 300, "y" * 9000, "é" * 1500)
ODD_TIMES = ("1970-01-01 00:00:00+00", "1969-12-31 23:59:59+00", "0001-01-01 00:00:00+00", "9999-12-31 23:59:59+00",
             "2038-01-19 03:14:08+00", "294276-12-31 00:00:00+00", "4714-11-24 00:00:00+00 BC", "infinity", "-infinity")
ODD_DATES = ("1970-01-01", "0001-01-01", "9999-12-31", "5874897-12-31", "infinity", "-infinity", "2024-02-29")
STEPS = (timedelta(microseconds=1), timedelta(milliseconds=500), timedelta(seconds=1), timedelta(minutes=1),
         timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=30))


def parse_time(text):
    """A datetime in UTC; None for what is no time to Python."""
    if "infinity" in text or text.endswith("BC"):
        return None
    if text[-3:-2] in ("+", "-"):
        text += ":00"
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def time_text(moment):
    """A datetime as PostgreSQL reads it, in UTC."""
    return moment.astimezone(timezone.utc).strftime("%04d-%%m-%%d %%H:%%M:%%S.%%f+00" % moment.year)


def in_bigint(number):
    """The nearest number that fits into a bigint, as a text."""
    return str(min(2 ** 63 - 1, max(-2 ** 63, number)))


def fitting(kind, values):
    """An integer type, or bigint if some value does not fit into it."""
    limit = RANGES.get(kind)
    if limit and any(v is not None and not -limit <= int(v) < limit for v in values):
        return "bigint"
    return kind


class Values:
    """Draws values.

    copies   how many executions each literal is for
    focused  keep to values that are in the data
    """

    def __init__(self, dice, focused=False):
        self.dice = dice
        self.focused = focused
        self.copies = 1

    def literal(self, column, draw=None, sql_type=None):
        """A literal to compare a column with."""
        draw = draw or self.draw
        sql_type = sql_type or column.type
        values = [draw(column) for _ in range(self.copies)]
        sql_type = self._other_type(fitting(sql_type, values), values)
        style = self.dice.choice(("bare", "bare", "cast", "call"))
        return Literal(sql_type, values, style, parameter=self.dice.random() < 0.8)

    def fixed(self, sql_type, text, style="bare"):
        """A literal of one value that is no parameter."""
        return Literal(sql_type, [text], style, parameter=False)

    def array(self, column, least=0, most=6, draw=None):
        """A literal array of values for a column."""
        draw = draw or self.draw
        values = [[draw(column) for _ in range(self.dice.randint(least, most))] for _ in range(self.copies)]
        if self.dice.random() < 0.03:
            values[0] = None
        if self.dice.random() < 0.2 and values[0]:
            values[0].append(values[0][0])
        kind = fitting(column.type, [item for items in values for item in items or ()])
        return Literal(kind + "[]", values, self.dice.choice(("cast", "list")),
                       parameter=self.dice.random() < 0.8)

    def draw(self, column):
        """A value for a column as a text, or None."""
        chance = self.dice.random()
        if self.focused and column.samples and chance < 0.9:
            return self.dice.choice(column.samples)
        if chance < 0.02:
            return None
        if column.samples and chance < 0.75:
            return self.dice.choice(column.samples)
        return self.near(column) if column.samples and chance < 0.92 else self.odd(column.type)

    def present(self, column):
        """A value that is in the data, if there is any."""
        return self.dice.choice(column.samples) if column.samples else self.odd(column.type)

    def near(self, column):
        """A value next to one that is in the data."""
        value = self.dice.choice(column.samples)
        kind = column.type
        if kind in RANGES:
            return in_bigint(int(value) + self.dice.choice((-1, 1, -2, 2, 10, -10)))
        if kind == "numeric":
            return self._near_number(value)
        if kind == "timestamptz":
            return self.near_time(value)
        if kind == "date":
            moment = parse_time(value + " 00:00:00+00")
            return value if moment is None else str((moment + self.dice.choice((-1, 1)) * timedelta(days=1)).date())
        if kind == "text":
            return self._near_text(value)
        return value

    def near_time(self, value):
        """A moment next to another."""
        moment = parse_time(value)
        if moment is None:
            return value
        if self.dice.random() < 0.3:
            return time_text(moment.replace(hour=self.dice.choice((0, 0, 5, 6)), minute=0, second=0, microsecond=0))
        return time_text(moment + self.dice.choice((-1, 1)) * self.dice.choice(STEPS))

    def odd(self, kind):
        """A value nobody expects."""
        dice = self.dice
        if kind in RANGES:
            return dice.choice(("0", "-1", "1", "5") + HUGE)
        if kind == "numeric":
            return dice.choice(("0", "-1", "0.00", "0.005", "1e-20", "NaN", "Infinity", "-Infinity", "1" + "0" * 40,
                                "99999999999999999999.99") + HUGE)
        if kind == "boolean":
            return dice.choice(("true", "false"))
        if kind == "timestamptz":
            return dice.choice(ODD_TIMES)
        if kind == "date":
            return dice.choice(ODD_DATES)
        if kind == "uuid":
            return dice.choice(("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"))
        if kind == "inet":
            return dice.choice(("0.0.0.0", "127.0.0.1", "10.0.0.0/8", "255.255.255.255", "::1", "2001:db8::1"))
        if kind == "jsonb":
            return dice.choice(("{}", "[]", "null", "1", '"x"', '{"a": [1, 2, {"b": null}]}'))
        if kind.endswith("[]"):
            return "{}"
        return dice.choice(ODD_TEXTS)

    def _near_number(self, value):
        if not value.lstrip("-").replace(".", "", 1).isdigit():
            return value
        whole, _, fraction = value.partition(".")
        return self.dice.choice((whole, whole + ".5", value + ("0" if fraction else ".00"),
                                 value + ("1" if fraction else ".001"), whole + ".99", str(int(whole) + 1),
                                 str(int(whole) - 1), value + "9" if fraction else value + ".009"))

    def _near_text(self, value):
        return self.dice.choice((value.upper(), value.lower(), value.swapcase(), value + " ", " " + value,
                                 value[:-1], value[1:], value + "%", value + "'", value.replace(" ", "  "),
                                 value.replace("a", "á"), value + "\u0301", value * 2, value.title()))

    def _other_type(self, sql_type, values):
        """Another type PostgreSQL compares with this one, sometimes."""
        if self.dice.random() > 0.2:
            return sql_type
        if sql_type in RANGES:
            return fitting(self.dice.choice(("smallint", "integer", "bigint", "numeric", "double precision")), values)
        if sql_type == "timestamptz":
            choice = self.dice.choice(("timestamp", "timestamp", "date"))
            if choice == "date" and any("294276" in (v or "") for v in values):
                return sql_type
            return choice
        if sql_type == "text":
            return self.dice.choice(("varchar", "text"))
        return sql_type
