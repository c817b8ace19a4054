"""
Random scans: a table, whole or filtered, limited, counted or joined.
"""

# How a result is compared: as a multiset, or, where LIMIT leaves a choice, as
# so many members of what there is without it.
ROWS, MEMBERS = "rows", "members"

MOST_ROWS_JOINED = 40


class Query:
    """SQL, how to compare its result, and the tables it reads.

    truth  the SQL whose rows are true; another one where a LIMIT was left out
    """

    def __init__(self, sql, tables, json_at=(), compare=ROWS, truth=None, limit=None):
        self.sql = sql
        self.tables = tables
        self.json_at = json_at
        self.compare = compare
        self.truth = truth or sql
        self.limit = limit


class Generator:
    """Queries about the tables of one schema by chance."""

    def __init__(self, tables, dice):
        self.tables = tables
        self.dice = dice

    def query(self):
        """A Query."""
        dice = self.dice
        table = dice.choice(self.tables)
        condition = self._condition(table) if table.must_filter or dice.random() < 0.4 else ""
        form = dice.random()
        if form < 0.15 and table.references:
            return self._join(table, condition)
        if form < 0.2:
            return Query("SELECT count(*) FROM %s%s" % (table.name, condition), [table])
        return self._select(table, condition)

    def _columns(self, table):
        """Some columns or all, and the positions of those of type jsonb among them."""
        names = [column for column, _ in table.columns]
        if self.dice.random() < 0.5:
            names = [n for n in names if self.dice.random() < 0.4] or names[:1]
        kinds = dict(table.columns)
        return names, tuple(i for i, n in enumerate(names) if kinds[n] == "jsonb")

    def _select(self, table, condition):
        names, json_at = self._columns(table)
        whole = "SELECT %s FROM %s%s" % (", ".join(names), table.name, condition)
        if self.dice.random() < 0.8:
            return Query(whole, [table], json_at)
        limit = self.dice.choice((1, 5, 30))
        if table.key and self.dice.random() < 0.5:
            order = ", ".join("%s %s" % (k, self.dice.choice(("ASC", "DESC"))) for k in table.key)
            return Query("%s ORDER BY %s LIMIT %d" % (whole, order, limit), [table], json_at)
        return Query("%s LIMIT %d" % (whole, limit), [table], json_at, MEMBERS, whole, limit)

    def _join(self, table, condition):
        column, other = self.dice.choice(table.references)
        where = condition.replace(" WHERE ", " WHERE t.") if condition else ""
        sql = "SELECT t.%s, o.* FROM %s t JOIN %s o ON o.id = t.%s%s" % (
            column, table.name, other.name, column, where)
        json_at = tuple(1 + i for i, (_, kind) in enumerate(other.columns) if kind == "jsonb")
        return Query(sql, [table, other], json_at)

    def _condition(self, table):
        """A WHERE clause with values that there are; empty if nothing can be said."""
        names = table.must_filter or [name for name, kind in table.columns
                                      if kind in ("bigint", "integer", "text") and table.samples.get(name)]
        names = [name for name in names if table.samples.get(name)]
        if not names:
            return ""
        name = self.dice.choice(names)
        if not table.must_filter and "id" in names and self.dice.random() < 0.3:
            name = "id"
        values = table.samples[name]
        if self.dice.random() < 0.6:
            return " WHERE %s = %s" % (name, literal(self.dice.choice(values)))
        some = self.dice.sample(values, min(len(values), self.dice.randint(1, 4)))
        return " WHERE %s IN (%s)" % (name, ", ".join(map(literal, some)))


def literal(text):
    """An untyped SQL literal."""
    return "'%s'" % text.replace("'", "''")
