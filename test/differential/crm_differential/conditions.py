"""
Random truth values over the columns of a relation, as people and BI tools
write them, and none of which can raise an error.
"""
from datetime import datetime, timezone

from .nodes import Condition, Fragment, Items, Junction, Literal, Not
from .values import Values, fitting, parse_time, time_text

ZONES = ("UTC", "America/Chicago", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia")
UNITS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
COMPARISONS = ("<", "<=", ">", ">=")
COMMUTED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}
ORDERED = ("smallint", "integer", "bigint", "numeric", "text", "timestamptz", "date", "inet", "uuid")


class Conditions:
    """Makes conditions; dice is a random.Random.

    focused    keep to single conditions of a shape that the API takes, where there are any
    favourite  the column that most conditions are to be on, or None
    """

    def __init__(self, dice, focused=False):
        self.dice = dice
        self.focused = focused
        self.favourite = None
        self.values = Values(dice, focused)
        self.by_type = {
            "boolean": [self.truth],
            "text": [self.like, self.like, self.text_function],
            "timestamptz": [self.as_date, self.truncated, self.truncated, self.extracted, self.in_zone, self.relative,
                            self.time_range],
            "jsonb": [self.json_member, self.json_member, self.json_shape],
        }
        # What is sure to ask for a shape of clause that the API takes.
        self.by_shape = {
            "boolean": [self.truth],
            "equal": [self.equal, self.equal, self.one_of, self.any_of, self.or_on_one],
            "range": [self.compared, self.between],
            "prefix": [self.like],
            "substring": [self.like],
            "array": [self.in_array],
        }
        self.general = [(6, self.equal), (2, self.unequal), (4, self.compared), (2, self.between), (3, self.one_of),
                        (2, self.any_of), (1, self.none_of), (2, self.null), (2, self.or_on_one), (1, self.coalesced),
                        (1, self.by_case), (1, self.distinct_from)]

    def choose(self, weighted):
        """One of (weight, thing)."""
        return self.dice.choices([thing for _, thing in weighted], [weight for weight, _ in weighted])[0]

    # -- combinations

    def condition(self, relation, depth=0):
        """A condition on the relation (alias and columns), maybe a combination of some."""
        chance = 1 if self.focused else self.dice.random()
        if depth < 2 and chance < 0.10:
            return Junction("OR", [self.condition(relation, depth + 1) for _ in range(self.dice.randint(2, 3))])
        if depth < 2 and chance < 0.14:
            return Junction("AND", [self.condition(relation, depth + 1) for _ in range(2)])
        if depth < 2 and chance < 0.19:
            return Not(self.condition(relation, depth + 1))
        column = self.column(relation)
        return self.simple(relation.name_of(column), column)

    def column(self, relation, columns=None):
        """A column, mostly one the API may filter on; None if there is none to choose from."""
        columns = relation.columns if columns is None else columns
        if not columns:
            return None
        if self.favourite in columns and self.dice.random() < 0.6:
            return self.favourite
        pushable = [c for c in columns if c.pushable]
        if pushable and (self.focused or self.dice.random() < 0.75):
            return self.dice.choice(pushable)
        return self.dice.choice(columns)

    def simple(self, name, column):
        """A condition on one column, called name."""
        shapes = sorted(column.pushable & self.by_shape.keys())
        if shapes and (self.focused or self.dice.random() < 0.5):
            shape = self.dice.choice(shapes)
            makers = self.by_shape[shape]
            if shape == "range" and column.type == "timestamptz":
                makers = makers + self.by_type["timestamptz"]
            return self.dice.choice(makers)(name, column)
        if column.type.endswith("[]"):
            return self.in_array(name, column) if self.dice.random() < 0.8 else self.null(name, column)
        special = self.by_type.get(column.type)
        if column.type == "jsonb" or special and self.dice.random() < (0.6 if column.type != "text" else 0.25):
            return self.dice.choice(special)(name, column) if self.dice.random() < 0.85 else self.null(name, column)
        return self.choose(self.general)(name, column)

    # -- any scalar

    def _compare(self, kind, name, operator, value, column):
        """name operator value, or the other way round."""
        if self.dice.random() < 0.15:
            return Condition(kind, column, value, " %s " % COMMUTED[operator], name)
        return Condition(kind, column, name, " %s " % operator, value)

    def equal(self, name, column):
        return self._compare("equal", name, "=", self.values.literal(column), column)

    def unequal(self, name, column):
        return self._compare("unequal", name, "<>", self.values.literal(column), column)

    def compared(self, name, column):
        if column.type not in ORDERED:
            return self.equal(name, column)
        return self._compare("range", name, self.dice.choice(COMPARISONS), self.values.literal(column), column)

    def between(self, name, column):
        if column.type not in ORDERED:
            return self.one_of(name, column)
        word = self.choose([(8, "BETWEEN"), (1, "NOT BETWEEN"), (2, "BETWEEN SYMMETRIC")])
        return Condition("between", column, name, " %s " % word, self.values.literal(column), " AND ",
                         self.values.literal(column))

    def one_of(self, name, column):
        draws = self.dice.choice(((self.values.draw, 5), (self.values.present, 5), (self.values.present, 40)))
        literals = [self.values.literal(column, draws[0], column.type) for _ in range(self.dice.randint(1, draws[1]))]
        return Condition("in", column, name, " IN (", Items(literals), ")")

    def any_of(self, name, column):
        operator = self.choose([(8, "="), (1, "<>"), (1, ">"), (1, "<=")])
        if operator not in ("=", "<>") and column.type not in ORDERED:
            operator = "="
        return Condition("= any" if operator == "=" else "other any", column, name, " %s ANY (" % operator,
                         self.values.array(column), ")")

    def none_of(self, name, column):
        if self.dice.random() < 0.4:
            return Condition("not in", column, name, " <> ALL (", self.values.array(column), ")")
        return Condition("not in", column, name, " NOT IN (",
                         Items([self.values.literal(column, sql_type=column.type) for _ in range(3)]), ")")

    def null(self, name, column):
        return Condition("null", column, name, self.dice.choice((" IS NULL", " IS NOT NULL")))

    def or_on_one(self, name, column):
        makers = [self.equal, self.equal, self.equal, self.compared, self.one_of]
        kind = "or: one column"
        return Condition(kind, column, Junction("OR", [self.dice.choice(makers)(name, column)
                                                       for _ in range(self.dice.randint(2, 4))]))

    def coalesced(self, name, column):
        return Condition("coalesce", column, "COALESCE(%s, " % name, self._same_type(column), ") = ",
                         self._same_type(column))

    def by_case(self, name, column):
        return Condition("case", column, "CASE WHEN ", self.equal(name, column), " THEN 'a' WHEN ",
                         self.null(name, column), " THEN 'b' ELSE 'c' END ",
                         self.dice.choice(("= 'a'", "= 'b'", "<> 'a'", "IN ('a', 'b')", "= 'c'")))

    def distinct_from(self, name, column):
        operator = self.dice.choice((" IS DISTINCT FROM ", " IS NOT DISTINCT FROM "))
        return Condition("is distinct", column, name, operator, self._same_type(column))

    def _same_type(self, column):
        values = [self.values.draw(column) for _ in range(self.values.copies)]
        return Literal(fitting(column.type, values), values, "cast", parameter=self.dice.random() < 0.8)

    # -- booleans, texts

    def truth(self, name, column):
        return Condition("boolean", column, self.dice.choice((
            "{}", "{}", "NOT {}", "{} IS TRUE", "{} IS FALSE", "{} IS NOT TRUE", "{} IS NOT FALSE", "{} IS UNKNOWN",
            "{} = true", "{} = false", "{} <> true", "{} IN (true)", "true = {}", "NOT ({} IS TRUE)",
            "COALESCE({}, false)", "{} > false")).format(name))

    def like(self, name, column):
        operator = self.choose([(4, "LIKE"), (3, "ILIKE"), (1, "~~"), (1, "~~*"), (1, "NOT LIKE"), (1, "NOT ILIKE")])
        patterns = Literal("text", [self.pattern(column) for _ in range(self.values.copies)], "bare",
                           parameter=self.dice.random() < 0.5)
        parts = [name, " %s " % operator, patterns]
        if "~" not in operator and self.dice.random() < 0.05:
            parts[2] = self.values.fixed("text", "%" + self.values.present(column)[:3].replace("!", "!!") + "%")
            parts.append(" ESCAPE '!'")
        return Condition(operator.replace("~~*", "ILIKE").replace("~~", "LIKE").lower(), column, *parts)

    def pattern(self, column):
        """A LIKE pattern made from a value that is there."""
        value = self.values.draw(column)
        if value is None:
            return None
        start = self.dice.randint(0, max(0, len(value) - 3))
        part = value[start:start + self.dice.randint(1, 8)]
        escaped = self._escaped
        return self.dice.choice((
            escaped(value), escaped(value[:3]) + "%", escaped(value[:6]) + "%", "%" + escaped(part) + "%",
            "%" + escaped(part) + "%", "%" + escaped(value[-4:]), "%", "", "_" * len(value[:20]), "%%",
            escaped(value[:2]) + "%" + escaped(value[-2:]), escaped(value[:1]) + "_%",
            "%" + escaped(part.upper()) + "%",
            escaped(value[:4].swapcase()) + "%", "\\%" + "%", "%\\_%", escaped(value) + "%",
            "".join("\\" + c for c in value[:4]) + "%"))

    @staticmethod
    def _escaped(text):
        return "".join("\\" + c if c in "\\%_" else c for c in text)

    def text_function(self, name, column):
        text = self._same_type(column)
        return Condition("text function", column, *self.dice.choice((
            ("lower(%s) = lower(" % name, text, ")"), ("upper(%s) LIKE upper(" % name, self.values.fixed(
                "text", self._escaped(self.values.present(column)[:3])), ") || '%'"),
            ("starts_with(%s, left(" % name, text, ", 3))"), ("left(%s, 2) = left(" % name, text, ", 2)"),
            ("length(%s) > 5" % name,), ("trim(%s) = " % name, text), ("%s || '' = " % name, text),
            ("%s <> ''" % name,), ("%s = ''" % name,), ("strpos(%s, left(" % name, text, ", 3)) > 0"),
            ("%s COLLATE \"C\" >= " % name, text), ("%s ^@ left(" % name, text, ", 2)"))))

    # -- times

    def _moment(self, column):
        """A moment to stay near to, as a datetime."""
        for _ in range(5):
            moment = parse_time(self.values.present(column))
            if moment is not None and 1900 < moment.year < 2200:
                return moment
        return datetime(2026, 6, 15, 12, tzinfo=timezone.utc)

    def _day(self, column):
        days = [str(self._moment(column).date()) for _ in range(self.values.copies)]
        return Literal("date", days, self.dice.choice(("bare", "cast")))

    def as_date(self, name, column):
        day = self.dice.choice(("{}::date", "CAST({} AS date)", "date({})")).format(name)
        kind = "time: date"
        form = self.dice.randint(0, 3)
        if form == 0:
            return Condition(kind, column, day, " BETWEEN ", self._day(column), " AND ", self._day(column))
        if form == 1:
            return Condition(kind, column, day, " IN (", Items([self._day(column) for _ in range(3)]), ")")
        operator = self.dice.choice(("=", "=", *COMPARISONS, "<>"))
        value = "current_date - %d" % self._days_ago(column) if form == 2 else self._day(column)
        return Condition(kind, column, day, " %s " % operator, value)

    def _days_ago(self, column):
        return (datetime.now(timezone.utc) - self._moment(column)).days

    def truncated(self, name, column):
        unit = self.dice.choice(UNITS)
        zone = ", '%s'" % self.dice.choice(ZONES) if self.dice.random() < 0.25 else ""
        kind = "time: trunc in zone" if zone else "time: trunc"
        source = "date_trunc('%s', %s%s)" % (unit, name, zone)

        def bound():
            if self.dice.random() < 0.3:
                return self._time(column)
            return Fragment("date_trunc('%s', " % unit, self._time(column, "cast"), zone, ")")

        form = self.dice.randint(0, 3)
        if form == 0:
            return Condition(kind, column, source, " BETWEEN ", bound(), " AND ", bound())
        if form == 1:
            return Condition(kind, column, source, " IN (", Items([bound(), bound()]), ")")
        return Condition(kind, column, source, " %s " % self.dice.choice(("=", "=", "=", *COMPARISONS, "<>")), bound())

    def _time(self, column, style="bare"):
        texts = [time_text(self._moment(column)) for _ in range(self.values.copies)]
        if self.dice.random() < 0.2:
            texts[0] = texts[0][:10] + " 00:00:00+00"
        return Literal("timestamptz", texts, style)

    def extracted(self, name, column):
        moment = self._moment(column)
        forms = (
            ("extract(year from {})", moment.year), ("extract(month from {})", moment.month),
            ("date_part('year', {})", moment.year), ("extract(year from {})", moment.year + 1),
            ("extract(epoch from {})", int(moment.timestamp())), ("extract(dow from {})", 1),
            ("extract(quarter from {})", 4), ("extract(hour from {})", 10), ("to_char({}, 'YYYY-MM')", None),
            ("extract(isoyear from {})", moment.year), ("EXTRACT(day FROM {})", moment.day))
        source, value = self.dice.choice(forms)
        if value is None:
            value = "'%04d-%02d'" % (moment.year, moment.month)
        operator = self.dice.choice(("=", "=", *COMPARISONS))
        return Condition("time: extract", column, source.format(name), " %s %s" % (operator, value))

    def in_zone(self, name, column):
        source = "%s AT TIME ZONE '%s'" % (name, self.dice.choice(ZONES))
        texts = [time_text(self._moment(column))[:19] for _ in range(self.values.copies)]
        value = Literal("timestamp", texts, self.dice.choice(("bare", "cast")))
        form = self.dice.randint(0, 4)
        if form == 0:
            unit = self.dice.choice(UNITS)
            return Condition("time: trunc at zone", column, "date_trunc('%s', %s) %s date_trunc('%s', " %
                             (unit, source, self.dice.choice(("=", ">=", "<")), unit),
                             Literal("timestamp", texts, "cast"), ")")
        if form == 1:
            operator = self.dice.choice(("=", ">=", "<="))
            return Condition("time: date at zone", column, "(%s)::date %s " % (source, operator), self._day(column))
        return Condition("time: at zone", column, source, " %s " % self.dice.choice(("=", *COMPARISONS)), value)

    def relative(self, name, column):
        ago = max(1, self._days_ago(column))
        past = self.dice.choice((
            "now() - interval '%d days'" % ago, "now() - '%d days'::interval" % ago, "current_date - %d" % ago,
            "current_timestamp - interval '%d hours'" % (ago * 24),
            "date_trunc('day', now()) - interval '%d days'" % ago,
            "date_trunc('month', now() - interval '%d days')" % ago, "(current_date - interval '%d days')" % ago,
            "now() - make_interval(days => %d)" % ago, "localtimestamp - interval '%d days'" % ago,
            "(now() AT TIME ZONE 'UTC' - interval '%d days')" % ago))
        if self.dice.random() < 0.25:
            return Condition("time: now", column, name, " BETWEEN %s AND now()" % past)
        return Condition("time: now", column, name, " %s %s" % (self.dice.choice(COMPARISONS), past))

    def time_range(self, name, column):
        """Several bounds on one column."""
        return Condition("range", column, Junction("AND", [
            Condition("range", column, name, self.dice.choice((" >= ", " > ")), self.values.literal(column)),
            Condition("range", column, name, self.dice.choice((" < ", " <= ")), self.values.literal(column))]))

    # -- arrays, jsonb

    def _element(self, column):
        """A member of one of the arrays in the data, or a value that may be none."""
        kind = column.type[:-2]
        texts = [t for t in column.samples if t != "{}" and "\\" not in t]
        if not texts or self.dice.random() < 0.15:
            return self.values.odd(kind)
        members = [m.strip('"') for m in self.dice.choice(texts)[1:-1].split(",") if m.count('"') in (0, 2)]
        members = [m for m in members if kind == "text" or m.lstrip("-").isdigit()]
        return self.dice.choice(members) if members else self.values.odd(kind)

    def in_array(self, name, column):
        def literal(least, most):
            return Literal(column.type, [[self._element(column) for _ in range(self.dice.randint(least, most))]
                                         for _ in range(self.values.copies)], self.dice.choice(("cast", "list")))

        element = Literal(column.type[:-2], [self._element(column) for _ in range(self.values.copies)], "cast")
        form = self.choose([(4, "@>"), (2, "&&"), (1, "<@"), (1, "="), (4, "any"), (1, "all"), (1, "length")])
        if form == "any":
            return Condition("array: any", column, element, " = ANY (%s)" % name)
        if form == "all":
            return Condition("array: all", column, element, " <> ALL (%s)" % name)
        if form == "length":
            test = self.dice.choice(("= 0", "> 1", "= 1"))
            return Condition("array: other", column, "cardinality(%s) %s" % (name, test))
        return Condition("array: " + form, column, name, " %s " % form, literal(0 if form == "=" else 1, 3))

    def json_member(self, name, column):
        if not column.members:
            return self.json_shape(name, column)
        key, text = self.dice.choice(column.members)
        key = self.values.fixed("text", key)
        text = self.values.fixed("text", text)
        form = self.choose([(4, "="), (2, "like"), (1, "in"), (2, "?"), (1, "path"), (1, "null")])
        if form == "like":
            return Condition("jsonb", column, name, " ->> ", key, " ILIKE left(", text, ", 3) || '%'")
        if form == "in":
            texts = Items([text, self.values.fixed("text", "x")])
            return Condition("jsonb", column, name, " ->> ", key, " IN (", texts, ")")
        if form == "?":
            return Condition("jsonb", column, name, " ? ", key)
        if form == "path":
            return Condition("jsonb", column, name, " #>> ARRAY[", key, "] = ", text)
        if form == "null":
            return Condition("jsonb", column, name, " -> ", key, " IS NULL")
        return Condition("jsonb", column, name, " ->> ", key, self.dice.choice((" = ", " = ", " <> ")), text)

    def json_shape(self, name, column):
        return Condition("jsonb", column, self.dice.choice((
            "jsonb_typeof({0}) = 'array'", "{0} = '{{}}'", "{0} <> '[]'", "{0}::text LIKE '%a%'", "{0} @> '{{}}'",
            "CASE jsonb_typeof({0}) WHEN 'array' THEN jsonb_array_length({0}) > 1 ELSE false END")).format(name))
