"""
Finds out, by asking for plans, which columns the API filters and sorts by.

The generator prefers these columns, and the names of the parameters that only
push-down sends are what the sandbox may be told to ignore.
"""
import re
from urllib.parse import unquote

from .nodes import quoted
from .runner import pushed_lines

_NAME = re.compile(r"[A-Za-z_][\w\[\].]*")
SORTED = ("smallint", "integer", "bigint", "numeric", "timestamptz", "date")

_QUERY = re.compile(r"CRM Request: \S+ [^?]*\?(.*)$")


def _shapes(column):
    """(name, clauses) of a column, with a value that is there."""
    name, kind = column.name, column.type
    if kind == "boolean":
        yield "boolean", " WHERE " + name
    if kind in SORTED:
        yield "order", " ORDER BY %s LIMIT 3" % name
    if not column.samples:
        return
    value = column.samples[0]
    if kind in ("text[]", "bigint[]"):
        member = re.sub(r'^\{"?|["},].*$', "", value)
        if member:
            yield "array", " WHERE %s @> ARRAY[%s]::%s" % (name, quoted(member), kind)
        return
    if kind == "jsonb":
        return
    yield "equal", " WHERE %s = %s" % (name, quoted(value))
    if kind != "boolean":
        yield "range", " WHERE %s >= %s" % (name, quoted(value))
    if kind == "text":
        yield "prefix", " WHERE %s LIKE %s" % (name, quoted(value[:3].replace("\\", "\\\\") + "%"))
        yield "substring", " WHERE %s ILIKE %s" % (name, quoted("%" + value[:3].replace("\\", "\\\\") + "%"))


def _parameters(plan):
    """Names of the parameters of the requests in a plan."""
    names = set()
    for line in plan:
        match = _QUERY.search(line)
        if match:
            names.update(unquote(pair.split("=", 1)[0]) for pair in match.group(1).split("&"))
    return {name for name in names if _NAME.fullmatch(name)}


def probe(account):
    """Fills in Column.pushable and Table.countable; returns the names of parameters that only push-down sends."""
    def plan(clauses):
        rows = account.run("EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM %s.%s%s" % (
            account.schema.name, table.relation, clauses))
        return [row[0] for row in rows]

    found = set()
    for table in account.schema.tables:
        count = account.run("EXPLAIN SELECT count(*) FROM %s.%s" % (account.schema.name, table.relation))
        table.countable = bool(pushed_lines(row[0] for row in count))
        for column in table.columns:
            for shape, clauses in _shapes(column):
                lines = plan(clauses)
                pushed = pushed_lines(lines)
                if shape == "order" and not any(line.startswith("ORDER BY") for line in pushed):
                    continue
                if pushed:
                    column.pushable.add(shape)
                    found |= _parameters(lines)
    return sorted(found - account.plain_parameters)
