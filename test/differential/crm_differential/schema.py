"""
What a CRM's tables look like and what stands in them, read from PostgreSQL.
"""
INTEGERS = ("smallint", "integer", "bigint")
SAMPLES = 48
MOST_JOINED_ROWS = 6000


class Column:
    """A column of an imported table.

    name      quoted where SQL needs it
    samples   some of its values as texts, never NULL
    pushable  shapes of clause the API takes (see probe.py)
    """

    def __init__(self, name, plain_name, sql_type):
        self.name = name
        self.plain_name = plain_name
        self.type = sql_type
        self.samples = []
        self.distinct = 0
        self.has_null = False
        self.members = []           # jsonb: (key, text) of the objects in it
        self.pushable = set()


class Table:
    """An imported table and its copy.

    second    the same table of the second server, as SQL
    key       columns that make its rows unique; empty = none were found
    needs     columns one of which must be filtered or joined; empty = none
    requests  what a complete read took
    pauses    whether its answers take their time
    countable whether the API counts its rows
    """

    def __init__(self, name, relation, second):
        self.name = name
        self.relation = relation
        self.second = second
        self.columns = []
        self.rows = 0
        self.key = ()
        self.needs = []
        self.requests = 0
        self.pauses = False
        self.countable = False

    def column(self, plain_name):
        """The column of a name, or None."""
        return next((c for c in self.columns if c.plain_name == plain_name), None)


class Reference:
    """Two columns that hold the same things; array: many is an array of one's."""

    def __init__(self, many_table, many, one_table, one, array=False):
        self.many_table = many_table
        self.many = many
        self.one_table = one_table
        self.one = one
        self.array = array


class Schema:
    """The tables of one CRM; "copy" is the schema of their copies."""

    def __init__(self, name):
        self.name = name
        self.copy = name + "_copy"
        self.tables = []
        self.references = []

    def table(self, name):
        """The table of a name, or None."""
        return next((t for t in self.tables if t.name == name), None)

    def references_of(self, table):
        """(own column, other table, other column, whether own / other is the array) of a table."""
        for reference in self.references:
            if reference.many_table is table:
                yield reference.many, reference.one_table, reference.one, reference.array, False
            if reference.one_table is table:
                yield reference.one, reference.many_table, reference.many, False, reference.array


def read_tables(cursor, schema):
    """Fills in tables and columns."""
    cursor.execute("""
        SELECT c.relname, quote_ident(c.relname), quote_ident(c.relname || '_second'),
               a.attname, quote_ident(a.attname), format_type(a.atttypid, a.atttypmod)
        FROM pg_foreign_table f JOIN pg_class c ON c.oid = f.ftrelid JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = '%s'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY c.relname, a.attnum""" % schema.name)
    for table_name, relation, second, plain_name, name, sql_type in cursor.fetchall():
        if not schema.tables or schema.tables[-1].name != table_name:
            schema.tables.append(Table(table_name, relation, second))
        sql_type = {"timestamp with time zone": "timestamptz"}.get(sql_type, sql_type)
        schema.tables[-1].columns.append(Column(name, plain_name, sql_type))


def read_values(cursor, schema, table):
    """Fills in what the copy of a table holds."""
    source = "%s.%s" % (schema.copy, table.relation)
    cursor.execute("SELECT count(*) FROM " + source)
    table.rows = int(cursor.fetchone()[0])
    for column in table.columns:
        name = column.name
        cursor.execute("SELECT count(DISTINCT %s), count(*) - count(%s) FROM %s" % (name, name, source))
        distinct, nulls = cursor.fetchone()
        column.distinct, column.has_null = int(distinct), nulls != "0"
        if column.type != "jsonb":
            cursor.execute("""
                SELECT v FROM (SELECT DISTINCT {0}::text AS v FROM {1} WHERE {0} IS NOT NULL) AS x
                ORDER BY md5(v), v LIMIT {2}""".format(name, source, SAMPLES))
            column.samples = [row[0] for row in cursor.fetchall()]
        else:
            cursor.execute("""
                SELECT key, v FROM (
                    SELECT DISTINCT m.key, m.value #>> '{{}}' AS v FROM {1} AS t,
                        jsonb_each(CASE jsonb_typeof(t.{0}) WHEN 'object' THEN t.{0} ELSE '{{}}' END) AS m
                    WHERE jsonb_typeof(m.value) NOT IN ('object', 'array', 'null')) AS x
                ORDER BY md5(key || v), key, v LIMIT {2}""".format(name, source, SAMPLES))
            column.members = list(cursor.fetchall())
    table.key = _key(cursor, table, source)


def _key(cursor, table, source):
    """Columns that tell its rows apart: the id, or the first pair of ids that does."""
    names = [c for c in table.columns if c.plain_name == "id" or c.plain_name.endswith("_id")]
    names += [c for c in table.columns if c.plain_name in ("position", "ordinal", "name")]
    choices = [(c,) for c in names] + [(a, b) for i, a in enumerate(names) for b in names[i + 1:]]
    for columns in choices:
        if len(columns) == 1 and (columns[0].distinct < table.rows or columns[0].has_null):
            continue
        if any(c.has_null for c in columns):
            continue
        cursor.execute("SELECT count(DISTINCT (%s)) FROM %s" % (", ".join(c.name for c in columns), source))
        if int(cursor.fetchone()[0]) == table.rows > 0:
            return columns
    return ()


def singular(word):
    """The singular of an English plural, as far as table names need it."""
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("sses"):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word


def find_references(schema):
    """Deduces what refers to what: by name (x_id means the id of table xs), if a value agrees."""
    owners = [(table, table.column("id")) for table in schema.tables if table.column("id")]
    for table in schema.tables:
        for column in table.columns:
            array = column.plain_name.endswith("_ids") and column.type == "bigint[]"
            if not array and not column.plain_name.endswith("_id"):
                continue
            word = column.plain_name[:-4 if array else -3]
            for other, key in owners:
                name = singular(other.name)
                if (name == word or name.endswith("_" + word) or word.endswith("_" + name)) \
                        and column is not key and _comparable(column.type.removesuffix("[]"), key.type) \
                        and _share_values(column, key, array):
                    schema.references.append(Reference(table, column, other, key, array))
    _find_siblings(schema)


def _comparable(one, other):
    return one == other or (one in INTEGERS and other in INTEGERS)


def _share_values(column, key, array):
    """Whether a value of the column may be a key; cheap, as samples are but some of the values."""
    if not column.samples or not key.samples:
        return False
    if array or column.type == "text":
        return True
    values = [int(v) for v in key.samples]
    return any(min(values) * 0.1 <= int(v) <= max(values) * 10 for v in column.samples)


def _find_siblings(schema):
    """Tables with a column of the same name that refers to the same thing."""
    columns = {}
    for reference in schema.references:
        if not reference.array:
            columns.setdefault((reference.many.plain_name, reference.one_table.name), []).append(
                (reference.many_table, reference.many))
    for users in columns.values():
        for i, (table, column) in enumerate(users):
            for other, key in users[i + 1:]:
                joined = table.rows * other.rows / max(1, column.distinct, key.distinct)
                if table is not other and joined <= MOST_JOINED_ROWS:
                    schema.references.append(Reference(table, column, other, key))
