"""
Random queries over the tables of a schema.
"""
from .conditions import ZONES, Conditions
from .nodes import Condition, Fragment, Items, Junction, Literal
from .query import EXECUTIONS, Item, Join, Order, Query, Relation, Select, Union

DIRECTIONS = ("", "", " ASC", " DESC", " DESC", " NULLS FIRST", " DESC NULLS LAST", " ASC NULLS LAST")
AGGREGATED = ("smallint", "integer", "bigint", "numeric")
COMPARED = AGGREGATED + ("text", "timestamptz", "date", "inet")

# Ways to make the planner choose other plans than it likes best.
PLANNER = ("enable_hashjoin", "enable_mergejoin", "enable_nestloop", "enable_sort", "enable_hashagg",
           "enable_incremental_sort", "enable_memoize", "enable_async_append")


# Rows for each of which a subquery in the result list is run.
MOST_COUNTED_ROWS = 30


class Source:
    """A relation of a query, as conditions and joins see it."""

    def __init__(self, alias, relation, columns, key, table):
        self.alias = alias
        self.relation = relation
        self.columns = columns
        self.key = key
        self.table = table

    def name_of(self, column):
        """The column as SQL."""
        return "%s.%s" % (self.alias, column.name)

    def key_names(self):
        """What tells its rows apart, as SQL; without a key the whole row: equal rows are alike."""
        if self.key:
            return [self.name_of(column) for column in self.key]
        return ["%s::text" % self.alias]

    def comparable(self):
        """Columns that have a least and a greatest value."""
        return [column for column in self.columns if column.type in COMPARED]


class Generator:
    """Makes queries; the same dice give the same queries.

    focus  None, or names of tables: keep to tables and columns that can be pushed, one condition
           each, and prefer these tables
    """

    def __init__(self, schema, dice, focus=None):
        self.schema = schema
        self.dice = dice
        self.focus = focus
        self.focused = focus is not None
        self.conditions = Conditions(dice, self.focused)
        self.values = self.conditions.values
        self.aliases = 0
        self.ctes = []
        self.views = []

    # -- whole queries

    def query(self):
        """A Query."""
        executions = tuple(range(EXECUTIONS)) if self.dice.random() < 0.15 else None
        self.values.copies = EXECUTIONS if executions else 1
        settings = {"timezone": self.dice.choice(ZONES)}
        if executions and self.dice.random() < 0.6:
            settings["plan_cache_mode"] = "force_generic_plan"
        if self.dice.random() < 0.3:
            for name in self.dice.sample(PLANNER, self.dice.randint(1, 2)):
                settings[name] = "off"
        if executions is None and self.dice.random() < 0.03:    # inner lists are read again and again
            settings["enable_material"] = "off"
        shapes = [(10, self.rows), (5, self.aggregate), (4, self.grouped), (2, self.distinct), (6, self.joined),
                  (3, self.joined_aggregate), (2, self.lateral), (2, self.sources), (4, self.united),
                  (1, self.windowed)]
        if self.focused:
            shapes = [(6, self.rows), (3, self.aggregate), (1, self.joined), (1, self.united)]
        shape = self.conditions.choose(shapes)
        select = shape().but(ctes=self.ctes)
        query = Query(self.schema.name, select, settings, self.views, executions, shape=shape.__name__)
        if executions and not any(isinstance(node, Literal) and node.parameter for node in query.walk()):
            return query.but(executions=None)
        return query

    def rows(self):
        """Some rows of one table."""
        source = self.source()
        return self._finish([source], Select(self._items([source]), source.relation, where=self._where([source])))

    def aggregate(self):
        """One row about one table."""
        source = self.source()
        if self.dice.random() < 0.4:        # what an API may answer with its total
            where = self._needed(source)
            if self.dice.random() < 0.6:
                column = self.conditions.column(source)
                where.append(self.conditions.simple(source.name_of(column), column))
            return Select([Item(Fragment("count(*)"))], source.relation, where=where)
        if self.dice.random() < 0.3:        # what an order may answer
            column = self._sortable(source) or self.conditions.column(source, source.comparable())
            if column:
                return Select([Item(Fragment("%s(%s)" % (self.dice.choice(("min", "max")), source.name_of(column))))],
                              source.relation, where=self._where([source]))
        return Select(self._aggregates([source]), source.relation, where=self._where([source]))

    def _sortable(self, source):
        """A column the API sorts by, most of the time if there is one; or None."""
        columns = [c for c in source.columns if "order" in c.pushable]
        return self.dice.choice(columns) if columns and (self.focused or self.dice.random() < 0.6) else None

    def grouped(self):
        """A row per group of one table."""
        source = self.source()
        return self._group([source], source.relation, (), self._where([source]))

    def distinct(self):
        """Rows without duplicates."""
        source = self.source()
        columns = self.dice.sample(source.columns, min(len(source.columns), self.dice.randint(1, 3)))
        items = [Item(Fragment(source.name_of(column))) for column in columns]
        order = [Order(item.expression, self.dice.choice(DIRECTIONS), item) for item in items]
        limit = self._limit() if self.dice.random() < 0.3 else None
        return Select(items, source.relation, distinct=True, where=self._where([source]), order=order, limit=limit,
                      total=len(order))

    def joined(self):
        """Rows of two or three tables."""
        sources, joins = self._joined_sources()
        select = Select(self._items(sources), sources[0].relation, joins=joins, where=self._where(sources))
        return self._finish(sources, select)

    def joined_aggregate(self):
        """Numbers about two or three tables."""
        sources, joins = self._joined_sources()
        if self.dice.random() < 0.5:
            return self._group(sources, sources[0].relation, joins, self._where(sources))
        return Select(self._aggregates(sources), sources[0].relation, joins=joins, where=self._where(sources))

    def lateral(self):
        """For each row of a table some rows of another."""
        source = self.source()
        inner = self._related(source)
        if inner is None:
            return self.rows()
        condition, other = inner
        where = [condition] + (self._where([other]) if self.dice.random() < 0.5 else self._needed(other))
        if self.dice.random() < 0.3:
            items = [Item(Fragment("count(*)"))]
            items += [Item(Fragment("max(%s)" % other.name_of(c))) for c in other.comparable()[:1]]
            body = Select(items, other.relation, where=where, nested=True)
        else:
            order = self._total_order([other], [])
            body = Select([Item(Fragment("%s.*" % other.alias))], other.relation, where=where, order=order,
                          total=len(order), limit=self._limit(), nested=True)
        kind = self.dice.choice(("JOIN", "LEFT JOIN"))
        join = Join(kind, Relation("l", body, lateral=True), Condition("true", None, "true"))
        items = self._items([source]) + [Item(Fragment("l::text"))]
        return Select(items, source.relation, joins=[join], where=self._where([source]) + self._few(source))

    def sources(self):
        """Rows of a view, a common table expression or a subquery."""
        source = self.derived()
        select = Select(self._items([source]), source.relation, where=self._where([source], needed=False))
        return self._finish([source], select)

    def united(self):
        """Rows of several queries under one condition."""
        source = self.union()
        if self.dice.random() < 0.4:
            return Select(self._aggregates([source]), source.relation, where=self._where([source], needed=False))
        return self._finish([source], Select(self._items([source]), source.relation,
                                             where=self._where([source], needed=False)))

    def windowed(self):
        """Rows with their number in a total order."""
        source = self.source()
        column = self.conditions.column(source)
        order = ", ".join([source.name_of(column) + self.dice.choice(DIRECTIONS), *source.key_names()])
        items = self._items([source]) + [Item(Fragment("row_number() OVER (ORDER BY %s)" % order))]
        return Select(items, source.relation, where=self._where([source]))

    # -- relations

    def table(self):
        """A table, mostly one that holds rows and takes filters."""
        def weight(table):
            worth = 1 + 4 * min(5, sum(1 for c in table.columns if c.pushable)) + (table.rows > 50)
            worth += 6 * table.countable + 8 * any("order" in c.pushable for c in table.columns)
            worth /= 1 + table.requests / 40
            if self.focused and table.relation in self.focus:
                worth *= 20
            return worth / (2 if table.needs else 1) / (500 if table.pauses else 1)
        if not self.focused:
            return self.dice.choices(self.schema.tables, [weight(t) for t in self.schema.tables])[0]
        places = self._places()
        table, column = self.dice.choices(places, [weight(table) for table, _ in places])[0]
        self.conditions.favourite = column
        return table

    def _places(self):
        """(table, column or None) where one thing can be pushed: rare things are chosen as often as common ones."""
        groups = {"count": [(t, None) for t in self.schema.tables if t.countable],
                  "parent": [(t, c) for t in self.schema.tables for c in t.needs]}
        for table in self.schema.tables:
            for column in table.columns:
                for shape in column.pushable:
                    name = "key" if column.plain_name == "id" and shape == "equal" else shape
                    groups.setdefault(name, []).append((table, column))
        names = sorted(name for name, places in groups.items() if places)
        return groups[self.dice.choice(names)] if names else [(t, None) for t in self.schema.tables]

    def _alias(self):
        self.aliases += 1
        return "t%d" % self.aliases

    def source(self, table=None, second=0.1):
        """A table under a new alias; now and then of the second server, by way of a view, a subquery or a union."""
        table = table or self.table()
        chance = self.dice.random()
        if chance < 0.08:
            return self.derived(table)
        if chance < 0.1:
            return self.union(table)
        alias = self._alias()
        name = table.second if self.dice.random() < second else table.relation
        return Source(alias, Relation(alias, name, table.relation), table.columns, table.key, table)

    def union(self, table=None):
        """A table, of either server, several times under conditions of their own; now and then another one's rows."""
        table = table or self.table()
        parts = []
        for number in range(self.dice.choice((2, 2, 3, 4))):
            other = table
            if number and not self.focused and self.dice.random() < 0.25:
                other = self.table()
            inner = self.source(other, second=0.5)
            parts.append(Select([Item(Fragment(self._counterpart(column, inner))) for column in table.columns],
                                inner.relation, where=self._where([inner]), nested=True))
        alias = self._alias()
        return Source(alias, Relation(alias, Union(parts), table.relation), table.columns, (), table)

    def _counterpart(self, column, source):
        """What a source shows in the place of a column: this one, one of its name, of its type, or NULL."""
        alike = [c for c in source.columns if c.type == column.type]
        same = [c for c in alike if c is column] or [c for c in alike if c.name == column.name]
        if not alike or (not same and self.dice.random() < 0.2):
            return "NULL::" + column.type
        return source.name_of(same[0] if same else self.dice.choice(alike))

    def derived(self, table=None):
        """A view, a common table expression or a subquery over one table."""
        table = table or self.table()
        inner_alias = self._alias()
        inner = Source(inner_alias, Relation(inner_alias, table.relation, table.relation), table.columns, table.key,
                       table)
        body = Select([Item(Fragment("%s.*" % inner.alias))], inner.relation, where=self._where([inner]), nested=True)
        if self.dice.random() < 0.25:
            order = self._total_order([inner], [self.conditions.column(inner)])
            body = body.but(order=order, total=len(order), limit=self._limit())
        alias = self._alias()
        form = self.conditions.choose([(2, "subquery"), (2, "cte"), (1, "materialized"), (1, "not materialized"),
                                       (2, "view")])
        if form == "subquery":
            relation = Relation(alias, body, table.relation)
        elif form == "view" and self._can_be_view(body):
            name = "v%d" % (len(self.views) + 1)
            self.views.append((name, body))
            relation = Relation(alias, name, table.relation)
        else:
            name = "w%d" % (len(self.ctes) + 1)
            words = {"materialized": "MATERIALIZED ", "not materialized": "NOT MATERIALIZED "}
            self.ctes.append((name, words.get(form, ""), body))
            relation = Relation(alias, name, table.relation)
        return Source(alias, relation, table.columns, table.key, table)

    def _can_be_view(self, body):
        """A view has no parameters and does not see common table expressions."""
        names = [name for name, _, _ in self.ctes]
        return self.values.copies == 1 and not any(
            isinstance(node, Relation) and node.source in names for node in body.walk())

    def _related(self, source):
        """(join condition, Source) of a table that refers to this one or is referred to."""
        references = [r for r in self.schema.references_of(source.table) if not r[1].pauses]
        if not references:
            return None
        # What is joined by arrays is joined by nested loops.
        own, table, other, own_array, other_array = self.dice.choices(
            references, [1 if r[3] or r[4] else 5 for r in references])[0]
        target = self.source(table)
        left, right = source.name_of(own), target.name_of(other)
        if own_array:
            return Condition("join", other, "%s = ANY (%s)" % (right, left)), target
        if other_array:
            return Condition("join", other, "%s = ANY (%s)" % (left, right)), target
        if self.dice.random() < 0.5:
            left, right = right, left
        return Condition("join", other, "%s = %s" % (left, right)), target

    def _joined_sources(self):
        """([Source], [Join]) of up to three tables."""
        sources, joins = [self.source()], []
        for _ in range(self.dice.choice((1, 1, 2))):
            found = self._related(self.dice.choice(sources))
            if found is None:
                continue
            condition, source = found
            kind = self.conditions.choose([(6, "JOIN"), (4, "LEFT JOIN"), (1, "RIGHT JOIN"), (1, "FULL JOIN")])
            if kind == "FULL JOIN" and "ANY" in condition.parts[0]:
                kind = "LEFT JOIN"      # PostgreSQL makes full joins of equalities only
            if kind != "FULL JOIN" and self.dice.random() < 0.2:
                condition = Condition("join", condition.column, *condition.parts, " AND ",
                                      self.conditions.condition(source, 2))
            sources.append(source)
            joins.append(Join(kind, source.relation, condition))
        return sources, joins

    # -- WHERE

    def _where(self, sources, needed=True):
        """A list of conditions on some of the sources."""
        where = []
        count = 1 if self.focused else self.conditions.choose([(1, 0), (5, 1), (4, 2), (2, 3)])
        for _ in range(count):
            source = self.dice.choice(sources)
            where.append(self._special(source) if self.dice.random() < 0.12 else self.conditions.condition(source))
        for source in sources if needed else ():
            where += self._needed(source)
        self.dice.shuffle(where)
        return where

    def _needed(self, source):
        """The filter that a table below a parent asks for, most of the time."""
        columns = source.table.needs
        is_table = source.relation.source in (source.table.relation, source.table.second)
        if not columns or not is_table or self.dice.random() < 0.12:
            return []
        column = self.dice.choice(columns)
        make = self.dice.choice((self.conditions.equal, self.conditions.one_of, self.conditions.any_of,
                                 self._by_subquery))
        return [make(source.name_of(column), column)]

    def _few(self, source):
        """A filter that leaves few rows, most of the time: what is read for each of them costs a request or more."""
        if self.dice.random() < 0.15 or not source.key:
            return []
        column = source.key[0]
        literals = [self.values.literal(column, self.values.present, column.type)
                    for _ in range(self.dice.randint(1, 12))]
        return [Condition("in", column, source.name_of(column), " IN (", Items(literals), ")")]

    def _by_subquery(self, name, column):
        """column = ANY (ARRAY(...)), IN (SELECT ...) over a table that is referred to."""
        for own, table, other, own_array, other_array in self._references_from(column):
            if table.needs or own_array or other_array:
                continue
            inner = self.source(table)
            where = [self.conditions.condition(inner)]
            keys = Select([Item(Fragment(inner.name_of(other)))], inner.relation, where=where, nested=True)
            form = self.dice.randint(0, 2)
            if form == 0:
                return Condition("= any (array subquery)", column, "%s = ANY (ARRAY(" % name, keys, "))")
            if form == 1:
                return Condition("in subquery", column, "%s IN (" % name, keys, ")")
            return Condition("in subquery", column, "%s = ANY (" % name, keys, ")")
        return self.conditions.one_of(name, column)

    def _references_from(self, column):
        for table in self.schema.tables:
            if any(c is column for c in table.columns):
                references = [r for r in self.schema.references_of(table) if r[0] is column]
                self.dice.shuffle(references)
                return references
        return []

    def _special(self, source):
        """A condition with a subquery."""
        found = self._related(source)
        if found is None:
            return self.conditions.condition(source)
        link, other = found
        where = [link] + (self._where([other]) if self.dice.random() < 0.6 else self._needed(other))
        inner = Select([Item(Fragment("1"))], other.relation, where=where, nested=True)
        form = self.conditions.choose([(3, "exists"), (2, "not exists"), (3, "column"), (2, "scalar"), (1, "count")])
        if form == "column":
            columns = [c for c in source.columns if any(True for _ in self._references_from(c))]
            if columns:
                column = self.dice.choice(columns)
                return self._by_subquery(source.name_of(column), column)
        if form == "scalar":
            column = self.conditions.column(source)
            if column.type in COMPARED:
                extreme = self._extreme(column)
                return Condition("scalar subquery", column, source.name_of(column),
                                 self.dice.choice((" = ", " >= ", " < ")), "(", extreme, ")")
        if form == "count":
            count = inner.but(items=[Item(Fragment("count(*)"))])
            test = Condition("correlated count", link.column, "(", count, ") > ", self.dice.choice("012"))
            return Junction("AND", [*self._few(source), test])
        if form == "not exists":
            return Condition("not exists", link.column, "NOT EXISTS (", inner, ")")
        return Condition("exists", link.column, "EXISTS (", inner, ")")

    def _extreme(self, column):
        """The least or greatest value of a column, as a Select."""
        table = next(t for t in self.schema.tables if any(c is column for c in t.columns))
        inner = self.source(table)
        where = [self.conditions.condition(inner)] if self.dice.random() < 0.5 else []
        return Select([Item(Fragment("%s(%s)" % (self.dice.choice(("min", "max")), inner.name_of(column))))],
                      inner.relation, where=where + self._needed(inner), nested=True)

    # -- what is shown

    def _items(self, sources):
        """Result columns."""
        if self.dice.random() < 0.12:
            return [Item(Fragment("%s.*" % source.alias)) for source in sources]
        items = []
        for source in sources:
            columns = self.dice.sample(source.columns, min(len(source.columns), self.dice.randint(1, 5)))
            items += [Item(Fragment(source.name_of(column))) for column in columns]
        if self.dice.random() < 0.08:
            items.append(Item(Fragment("%s" % self.dice.choice(sources).alias)))
        if self.dice.random() < 0.06:
            found = self._related(sources[0])
            if found and sources[0].table.rows <= MOST_COUNTED_ROWS:
                condition, other = found
                items.append(Item(Fragment("(", Select([Item(Fragment("count(*)"))], other.relation,
                                                       where=[condition] + self._needed(other), nested=True), ")")))
        return items

    def _aggregates(self, sources):
        items = []
        for _ in range(self.dice.randint(1, 3)):
            source = self.dice.choice(sources)
            column = self.conditions.column(source)
            name = source.name_of(column)
            form = self.conditions.choose([(3, "count(*)"), (2, "count({})"), (1, "count(DISTINCT {})"), (2, "min({})"),
                                           (2, "max({})"), (1, "sum({})"), (1, "avg({})"), (1, "filter")])
            if form == "filter":
                items.append(Item(Fragment("count(*) FILTER (WHERE ", self.conditions.condition(source), ")")))
                continue
            if column.type not in (AGGREGATED if form[:3] in ("sum", "avg") else COMPARED) and form[:3] != "cou":
                form = "count({})"
            items.append(Item(Fragment(form.format(name))))
        return items

    def _group(self, sources, relation, joins, where):
        """A row per group, with HAVING and ORDER BY now and then."""
        keys = []
        for _ in range(self.dice.choice((1, 1, 2))):
            source = self.dice.choice(sources)
            column = self.dice.choice([c for c in source.columns if c.type != "jsonb"] or source.columns)
            name = source.name_of(column)
            if column.type == "timestamptz":
                name = self.dice.choice(("date_trunc('month', {})", "{}::date", "extract(year from {})",
                                         "date_trunc('week', {} AT TIME ZONE 'Europe/Berlin')", "{}")).format(name)
            keys.append(Fragment(name))
        items = [Item(key) for key in keys] + self._aggregates(sources)
        having = []
        if self.dice.random() < 0.25:
            tests = ["count(*) > 1", "count(*) = 1", "count(*) BETWEEN 2 AND 20"]
            tests += ["max(%s) IS NOT NULL" % sources[0].name_of(column) for column in sources[0].comparable()[:1]]
            having = [Condition("having", None, self.dice.choice(tests))]
        order = []
        if self.dice.random() < 0.5:
            order = [Order(item.expression, self.dice.choice(DIRECTIONS), item) for item in items[:len(keys)]]
        limit = self._limit() if order and self.dice.random() < 0.3 else None
        return Select(items, relation, joins=joins, where=where, group=keys, having=having, order=order, limit=limit,
                      total=len(keys))

    # -- ORDER BY, LIMIT

    def _limit(self):
        return Literal("bigint", [self.dice.choice(("1", "2", "5", "10", "100", "0", "101", "1000"))
                                  for _ in range(self.values.copies)], "bare")

    def _total_order(self, sources, columns):
        """Order keys: some columns of the first source, then what leaves no ties."""
        order = [Order(Fragment(sources[0].name_of(c)), self.dice.choice(DIRECTIONS)) for c in columns]
        for source in sources:
            order += [Order(Fragment(name), self.dice.choice(("", " DESC"))) for name in source.key_names()]
        return order

    def _finish(self, sources, select):
        """ORDER BY and LIMIT, or neither."""
        chance = self.dice.random()
        if chance < 0.35:
            return select
        if chance < 0.42:
            return select.but(limit=self._limit(), offset=self._offset())
        limit = self._limit() if self.dice.random() < 0.6 else None
        offset = self._offset() if limit and self.dice.random() < 0.3 else None
        source = self.dice.choice(sources)
        sortable = self._sortable(source)
        if sortable:
            columns = [sortable]
        else:
            columns = [self.conditions.column(source) for _ in range(self.dice.choice((1, 1, 2)))]
        if self.dice.random() < 0.45:
            order = self._total_order([source] + [s for s in sources if s is not source], columns)
            return select.but(order=order, total=len(order), limit=limit, offset=offset)
        keys, order = [], []
        for column in columns:
            expression = source.name_of(column)
            if column.type == "timestamptz" and self.dice.random() < 0.15:
                expression = "date_trunc('month', %s)" % expression
            keys.append(Item(Fragment(expression)))
            order.append(Order(keys[-1].expression, self.dice.choice(DIRECTIONS), keys[-1]))
        # Before a possible "t1.*", so that their positions are known.
        return select.but(items=keys + list(select.items), order=order, limit=limit, offset=offset)

    def _offset(self):
        if self.dice.random() < 0.6:
            return None
        return Literal("bigint", [self.dice.choice(("0", "1", "3", "50", "99", "100"))
                                  for _ in range(self.values.copies)], "bare")
