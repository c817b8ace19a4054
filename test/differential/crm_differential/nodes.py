"""
Queries as trees that can be written as SQL and made simpler.

A node is never changed.  simpler() yields nodes that could stand in its place,
those that save most first.  They need not make sense (a dropped join leaves
its columns behind): a query PostgreSQL refuses is refused by every side alike,
shows no difference, and is not kept by the minimiser.
"""


class Context:
    """How a tree is written.

    copy        which of a literal's values
    parameters  list that collects the literals written as $1, $2, ...; None =
                literals are written out
    limits      whether the outermost LIMIT and OFFSET are written
    typed       whether what could be a parameter is written with its type, as a
                parameter has one where a bare literal takes its neighbour's
    """

    def __init__(self, copy=0, parameters=None, limits=True, typed=False):
        self.copy = copy
        self.parameters = parameters
        self.limits = limits
        self.typed = typed


def quoted(text):
    """A text as SQL."""
    return "'%s'" % text.replace("'", "''")


def array_text(items):
    """PostgreSQL's text form of a one-dimensional array of texts and None."""
    return "{%s}" % ",".join(
        "NULL" if item is None else '"%s"' % item.replace("\\", "\\\\").replace('"', '\\"')
        for item in items)


class Node:
    """A piece of a query."""

    def sql(self, context):
        """This piece as SQL."""
        raise NotImplementedError

    def simpler(self):
        """Nodes that may stand in its place."""
        return iter(())

    def children(self):
        """The nodes it consists of."""
        return ()

    def walk(self):
        """It and everything below it."""
        yield self
        for child in self.children():
            yield from child.walk()


class Fragment(Node):
    """Texts and nodes, one after the other."""

    def __init__(self, *parts):
        self.parts = parts

    def sql(self, context):
        return "".join(part if isinstance(part, str) else part.sql(context) for part in self.parts)

    def children(self):
        return [part for part in self.parts if isinstance(part, Node)]

    def with_parts(self, parts):
        """The same kind of node made of other parts."""
        return Fragment(*parts)

    def simpler(self):
        for position, part in enumerate(self.parts):
            if isinstance(part, Node):
                for other in part.simpler():
                    yield self.with_parts(self.parts[:position] + (other,) + self.parts[position + 1:])


class Condition(Fragment):
    """A truth value; kind and column are for the statistics."""

    def __init__(self, kind, column, *parts):
        super().__init__(*parts)
        self.kind = kind
        self.column = column

    def with_parts(self, parts):
        return Condition(self.kind, self.column, *parts)


class Items(Node):
    """A comma separated list of which one item at least must stay."""

    def __init__(self, items):
        self.items = tuple(items)

    def sql(self, context):
        return ", ".join(item.sql(context) for item in self.items)

    def children(self):
        return self.items

    def simpler(self):
        for items in fewer(self.items, 1):
            yield Items(items)


class Junction(Node):
    """Truth values joined by AND or OR."""

    def __init__(self, word, items):
        self.word = word
        self.items = tuple(items)

    def sql(self, context):
        return "(%s)" % (" %s " % self.word).join(item.sql(context) for item in self.items)

    def children(self):
        return self.items

    def simpler(self):
        yield from self.items
        for items in fewer(self.items, 2):
            yield Junction(self.word, items)


class Not(Node):
    """A negated truth value."""

    def __init__(self, item):
        self.item = item

    def sql(self, context):
        return "NOT (%s)" % self.item.sql(context)

    def children(self):
        return (self.item,)

    def simpler(self):
        yield self.item
        for other in self.item.simpler():
            yield Not(other)


class Literal(Node):
    """A value: None, a text, or a list of these.

    values     the values of successive executions of a prepared statement; one
               suffices where there is but one
    style      bare (as people write it), cast ('x'::type), call (CAST('x' AS
               type)), list (ARRAY[...]::type)
    parameter  whether a prepared statement takes it as a parameter; if not, it
               has one value in all executions, the first
    """

    def __init__(self, sql_type, values, style="cast", parameter=True):
        self.type = sql_type
        self.values = tuple(values)
        self.style = style
        self.parameter = parameter

    def value(self, copy):
        """The value of an execution."""
        return self.values[copy % len(self.values)]

    def sql(self, context):
        if context.parameters is not None and self.parameter:
            context.parameters.append(self)
            return "$%d" % len(context.parameters)
        return self.written(context.copy if self.parameter else 0, context.typed and self.parameter)

    def written(self, copy, typed=False):
        """The value of an execution, written out."""
        value = self.value(copy)
        if typed and not isinstance(value, (list, tuple)):
            return "%s::%s" % ("NULL" if value is None else quoted(value), self.type)
        if value is None:
            return "NULL" if self.style == "bare" else "NULL::%s" % self.type
        if isinstance(value, (list, tuple)):
            if self.style == "list":
                return "ARRAY[%s]::%s" % (", ".join("NULL" if v is None else quoted(v) for v in value), self.type)
            return "%s::%s" % (quoted(array_text(value)), self.type)
        if self.style == "bare":
            if self.type in ("bigint", "integer", "smallint", "numeric") and _is_plain_number(value):
                return value if value[0] != "-" else "(%s)" % value
            return value if self.type == "boolean" else quoted(value)
        if self.style == "call":
            return "CAST(%s AS %s)" % (quoted(value), self.type)
        return "%s::%s" % (quoted(value), self.type)

    def simpler(self):
        if self.parameter:
            yield Literal(self.type, self.values, self.style, False)
        if self.style != "bare" and not isinstance(self.values[0], (list, tuple)):
            yield Literal(self.type, self.values, "bare", self.parameter)
        for position in range(max(len(v) if isinstance(v, (list, tuple)) else 0 for v in self.values)):
            yield Literal(self.type, [v if v is None else v[:position] + v[position + 1:] for v in self.values],
                          self.style, self.parameter)


def _is_plain_number(text):
    return text.lstrip("-").replace(".", "", 1).isdigit()


def fewer(items, least):
    """Lists with one item left, one item dropped, or one item made simpler."""
    items = tuple(items)
    if least <= 1 and len(items) > 2:
        for item in items:
            yield (item,)
    if len(items) > least:
        for position in range(len(items)):
            yield items[:position] + items[position + 1:]
    for position, item in enumerate(items):
        if isinstance(item, Node):
            for other in item.simpler():
                yield items[:position] + (other,) + items[position + 1:]
