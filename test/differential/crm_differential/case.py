"""
One comparison: statements, and what "equal" means for their results.

A case is also a file below regressions/: SQL that can be read, with what psql
does not need to know in comments of the form "-- key: JSON".
"""
import json
import re
from collections import Counter

RULES = ("rows", "list", "members")

_STATEMENT = re.compile(r"""(?:'[^']*'|"[^"]*"|[^;'"])+""")

# What a regression file says at its start, among other comments.
_HEADER = re.compile(r"^-- (crm|compare|keys|environment|unlimited): (.*)$")


class Case:
    """Statements for one CRM.

    settings    name -> value, SET before anything else
    setup       statements whose results do not matter: views, PREPARE
    queries     statements whose results are compared
    compare     list: the same rows in the same order; rows: the same rows;
                members: as many rows, each among those of the statement of the
                same number in "unlimited", where LIMIT leaves a choice
    keys        result columns that must come in the same sequence also where
                ties leave the rest open
    """

    def __init__(self, crm, settings, setup, queries, compare="rows", unlimited=None, keys=(), environment=None):
        if compare not in RULES or (compare == "members") != bool(unlimited):
            raise ValueError("compare must be one of %s; members needs unlimited" % ", ".join(RULES))
        self.crm = crm
        self.settings = dict(settings)
        self.setup = list(setup)
        self.queries = list(queries)
        self.compare = compare
        self.unlimited = unlimited
        self.keys = list(keys)
        self.environment = environment or {}

    def sql(self):
        """The case as a psql script."""
        lines = ["SET %s = '%s';" % item for item in self.settings.items()]
        return "\n".join(lines + [statement + ";" for statement in self.setup + self.queries])

    def size(self):
        """How long it is: what the minimiser makes smaller."""
        return len(self.sql())

    def to_text(self, comments):
        """The content of a regression file."""
        header = ["-- " + line for comment in comments for line in comment.split("\n")]
        header += ["-- crm: " + json.dumps(self.crm), "-- compare: " + json.dumps(self.compare)]
        for name in ("keys", "environment", "unlimited"):
            if getattr(self, name):
                header.append("-- %s: %s" % (name, json.dumps(getattr(self, name), ensure_ascii=False)))
        return "\n".join(header) + "\n" + self.sql() + "\n"

    @classmethod
    def from_text(cls, text):
        """The case of a regression file."""
        found = {}
        lines = text.split("\n")
        while lines and lines[0].startswith("--"):
            match = _HEADER.match(lines.pop(0))
            if match:
                found[match.group(1)] = json.loads(match.group(2))
        settings, setup, queries = {}, [], []
        for statement in _STATEMENT.findall("\n".join(lines)):
            statement = statement.strip()
            setting = re.fullmatch(r"SET (\S+) = '(.*)'", statement)
            if setting:
                settings[setting.group(1)] = setting.group(2)
            elif re.match(r"(CREATE|PREPARE)\b", statement):
                setup.append(statement)
            elif statement:
                queries.append(statement)
        return cls(found.pop("crm"), settings, setup, queries, **found)


class Failure:
    """What a side answered instead of rows."""

    def __init__(self, sqlstate, message):
        self.sqlstate = sqlstate
        self.message = message


def difference(compare, keys, expected, actual, unlimited=None):
    """What is wrong with actual, in words; None if nothing is.

    All are lists of rows, rows tuples of texts.
    """
    if compare == "members":
        if len(expected) != len(actual):
            return "%d rows instead of %d" % (len(actual), len(expected))
        strange = Counter(actual) - Counter(unlimited)
        if strange:
            return _listing("not among the rows without LIMIT", strange)
    else:
        missing = Counter(expected) - Counter(actual)
        surplus = Counter(actual) - Counter(expected)
        if missing or surplus:
            return "\n".join(filter(None, [_listing("missing", missing), _listing("surplus", surplus)]))
        if compare == "list" and expected != actual:
            return _first_change("the order differs", expected, actual)
    if keys:
        expected = [tuple(row[i] for i in keys) for row in expected]
        actual = [tuple(row[i] for i in keys) for row in actual]
        if expected != actual:
            return _first_change("the ordering keys differ", expected, actual)
    return None


def _shown(row):
    text = "(%s)" % ", ".join("NULL" if value is None else value for value in row)
    return text if len(text) <= 300 else text[:300] + "..."


def _listing(what, rows):
    total = sum(rows.values())
    if not total:
        return ""
    lines = ["%s: %d row%s" % (what, total, "" if total == 1 else "s")]
    lines += ["  " + _shown(row) for row in list(rows)[:5]]
    return "\n".join(lines + (["  ..."] if len(rows) > 5 else []))


def _first_change(what, expected, actual):
    at = next(i for i in range(len(expected)) if expected[i] != actual[i])
    return "%s: row %d is %s instead of %s" % (what, at + 1, _shown(actual[at]), _shown(expected[at]))
