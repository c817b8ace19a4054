"""
Whole queries: SELECT as a tree, and the statements around it.
"""
from .case import Case
from .nodes import Context, Node, fewer

EXECUTIONS = 7      # of a prepared statement: the sixth may use the generic plan


class Item(Node):
    """One column of a result."""

    def __init__(self, expression, name=None):
        self.expression = expression
        self.name = name

    def sql(self, context):
        text = self.expression.sql(context)
        return "%s AS %s" % (text, self.name) if self.name else text

    def children(self):
        return (self.expression,)


class Order(Node):
    """One key of ORDER BY; item is the result column that shows it, if one does."""

    def __init__(self, expression, direction="", item=None):
        self.expression = expression
        self.direction = direction
        self.item = item

    def sql(self, context):
        return self.expression.sql(context) + self.direction

    def children(self):
        return (self.expression,)


class Relation(Node):
    """A table, view, common table expression or subquery under an alias.

    source  its name, or a Select
    base    the name of the table it shows rows of, which may stand in its place
    """

    def __init__(self, alias, source, base=None, lateral=False):
        self.alias = alias
        self.source = source
        self.base = base
        self.lateral = lateral

    def sql(self, context):
        if isinstance(self.source, str):
            return "%s AS %s" % (self.source, self.alias)
        return "%s(%s) AS %s" % ("LATERAL " if self.lateral else "", self.source.sql(context), self.alias)

    def children(self):
        return () if isinstance(self.source, str) else (self.source,)

    def simpler(self):
        if self.base is not None and self.source != self.base:
            yield Relation(self.alias, self.base, self.base)
        if not isinstance(self.source, str):
            for source in self.source.simpler():
                yield Relation(self.alias, source, self.base, self.lateral)


class Join(Node):
    """A further relation: kind is JOIN, LEFT JOIN, ...; condition is what ON says."""

    def __init__(self, kind, relation, condition):
        self.kind = kind
        self.relation = relation
        self.condition = condition

    def sql(self, context):
        return " %s %s ON %s" % (self.kind, self.relation.sql(context), self.condition.sql(context))

    def children(self):
        return (self.relation, self.condition)

    def simpler(self):
        if self.kind != "JOIN":
            yield Join("JOIN", self.relation, self.condition)
        for relation in self.relation.simpler():
            yield Join(self.kind, relation, self.condition)
        for condition in self.condition.simpler():
            yield Join(self.kind, self.relation, condition)


class Union(Node):
    """Selects joined by UNION ALL."""

    def __init__(self, selects):
        self.selects = tuple(selects)

    def sql(self, context):
        return " UNION ALL ".join(select.sql(context) for select in self.selects)

    def children(self):
        return self.selects

    def simpler(self):
        for selects in fewer(self.selects, 1):
            yield Union(selects)


class Select(Node):
    """SELECT.

    ctes     (name, MATERIALIZED or not, Select)
    total    how many order keys it takes to leave no ties; None = there may be
             ties whatever the keys
    nested   whether its LIMIT decides what an outer query sees: such a LIMIT
             must never depend on how ties fall
    """
    CLAUSES = ("ctes", "items", "relation", "joins", "where", "group", "having", "order", "limit", "offset")

    def __init__(self, items, relation, distinct=False, total=None, nested=False, **clauses):
        self.items = tuple(items)
        self.relation = relation
        self.distinct = distinct
        self.total = total
        self.nested = nested
        for name in ("ctes", "joins", "where", "group", "having", "order"):
            setattr(self, name, tuple(clauses.pop(name, ())))
        self.limit = clauses.pop("limit", None)
        self.offset = clauses.pop("offset", None)
        assert not clauses, clauses

    def but(self, **changes):
        """A copy with some clauses changed."""
        values = {name: getattr(self, name) for name in self.CLAUSES + ("distinct", "total", "nested")}
        values.update(changes)
        return Select(values.pop("items"), values.pop("relation"), **values)

    def sql(self, context):
        def listed(nodes, separator=", "):
            return separator.join(node.sql(context) for node in nodes)

        text = ""
        if self.ctes:
            text += "WITH %s " % ", ".join("%s AS %s(%s)" % (name, kind, select.sql(context))
                                           for name, kind, select in self.ctes)
        text += "SELECT %s%s FROM %s" % ("DISTINCT " if self.distinct else "", listed(self.items),
                                         self.relation.sql(context))
        text += "".join(join.sql(context) for join in self.joins)
        for word, nodes, separator in (("WHERE", self.where, " AND "), ("GROUP BY", self.group, ", "),
                                       ("HAVING", self.having, " AND "), ("ORDER BY", self.order, ", ")):
            if nodes:
                text += " %s %s" % (word, listed(nodes, separator))
        if self.nested or context.limits:
            if self.limit:
                text += " LIMIT " + self.limit.sql(context)
            if self.offset:
                text += " OFFSET " + self.offset.sql(context)
        return text

    def children(self):
        every = [select for _, _, select in self.ctes]
        every += [*self.items, self.relation, *self.joins, *self.where, *self.group, *self.having, *self.order]
        return every + [node for node in (self.limit, self.offset) if node]

    def is_total(self):
        """Whether its order leaves no ties."""
        return self.total is not None and len(self.order) >= self.total

    def simpler(self):
        for select in self._simpler():
            if not (select.nested and (select.limit or select.offset)) or select.is_total():
                yield select

    def _simpler(self):
        if self.ctes:
            yield self.but(ctes=())
        if self.limit or self.offset:
            yield self.but(limit=None, offset=None)
            if self.limit and self.offset:
                yield self.but(offset=None)
        if self.order:
            yield self.but(order=(), limit=None, offset=None)
        for name, least in (("where", 0), ("joins", 0), ("having", 0), ("items", 1), ("group", 0)):
            nodes = getattr(self, name)
            if least == 0 and len(nodes) > 1:
                yield self.but(**{name: ()})
            for others in fewer(nodes, least):
                yield self.but(**{name: others})
        if self.distinct:
            yield self.but(distinct=False)
        for order in fewer(self.order, 0):
            yield self.but(order=order, total=None)
        for relation in self.relation.simpler():
            yield self.but(relation=relation)
        for position, (name, kind, select) in enumerate(self.ctes):
            for other in select.simpler():
                yield self.but(ctes=self.ctes[:position] + ((name, kind, other),) + self.ctes[position + 1:])


class Query:
    """A Select with the settings and statements around it.

    views       (name, Select): made before it
    executions  None, or the copies of its literals that a prepared statement
                is executed with
    copy        the copy of its literals a query that is not prepared uses
    """

    def __init__(self, crm, select, settings, views=(), executions=None, copy=0, shape=""):
        self.crm = crm
        self.select = select
        self.settings = dict(settings)
        self.views = tuple(views)
        self.executions = executions
        self.copy = copy
        self.shape = shape

    def but(self, **changes):
        """A copy with some parts changed."""
        values = {name: getattr(self, name)
                  for name in ("crm", "select", "settings", "views", "executions", "copy", "shape")}
        values.update(changes)
        return Query(**values)

    def case(self):
        """The statements, and how their results are compared."""
        setup = ["CREATE TEMP VIEW %s AS %s" % (name, select.sql(Context(self.copy))) for name, select in self.views]
        if self.executions is None:
            queries = [self.select.sql(Context(self.copy))]
            unlimited = [self.select.sql(Context(self.copy, limits=False))]
        else:
            parameters = []
            text = self.select.sql(Context(parameters=parameters))
            types = "(%s)" % ", ".join(p.type for p in parameters) if parameters else ""
            setup.append("PREPARE q%s AS %s" % (types, text))
            queries = [_execute(parameters, copy) for copy in self.executions]
            unlimited = [self.select.sql(Context(copy, limits=False, typed=True)) for copy in self.executions]
        select = self.select
        limited = bool(select.limit or select.offset)
        exact = select.is_total()
        return Case(self.crm, self.settings, setup, queries,
                    compare="list" if exact else "members" if limited else "rows",
                    unlimited=unlimited if limited and not exact else None,
                    keys=[] if exact else self._visible_keys())

    def _visible_keys(self):
        """Positions of the result columns that show the first keys of ORDER BY."""
        keys = []
        for order in self.select.order:
            if not any(item is order.item for item in self.select.items):
                break
            keys.append(next(i for i, item in enumerate(self.select.items) if item is order.item))
        return keys

    def walk(self):
        """Every node of the query and of its views."""
        for _, select in self.views:
            yield from select.walk()
        yield from self.select.walk()

    def simpler(self):
        """Queries that are simpler in one respect."""
        if self.executions is not None:
            for copy in self.executions:
                yield self.but(executions=None, copy=copy)
            for executions in fewer(self.executions, 1):
                yield self.but(executions=executions)
        for name in self.settings:
            yield self.but(settings={key: value for key, value in self.settings.items() if key != name})
        for views in fewer(self.views, 0):
            yield self.but(views=views)
        for select in self.select.simpler():
            yield self.but(select=select)
        for position, (name, view) in enumerate(self.views):
            for select in view.simpler():
                yield self.but(views=self.views[:position] + ((name, select),) + self.views[position + 1:])


def _execute(parameters, copy):
    if not parameters:
        return "EXECUTE q"
    return "EXECUTE q(%s)" % ", ".join(parameter.written(copy) for parameter in parameters)
