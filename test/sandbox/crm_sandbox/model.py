"""
The contract between the emulator's core and its three CRM modules.

A module holds Tables (rows that are pure functions of seed and id, plus an
overlay of mutations), answers Requests with Responses, and can tell the truth:
the rows SQL should show, derived from the same business values as the wire
form (see wire.py) and not by reading the wire form back.

A module is one class, derived from Crm, that

    1. sets name, prefixes, rate_limit, default_switches, default_credentials;
    2. fills self.tables_by_name in build(), called at start and by a full
       reset (Table for stored rows, View for rows derived from others);
    3. implements handle() and too_many_requests().

handle() runs on the server's only thread and must not block.

Ids rise with the ordinal: id = first_id + ordinal * stride.  Row number n is
never stored; make(ordinal, id) computes it when it is asked for, so a table of
a million rows costs nothing until it is read.
"""
from array import array
from base64 import b64decode
from bisect import bisect_left, bisect_right
from binascii import Error as Base64Error
from decimal import Decimal

from .dice import Dice
from .wire import MISSING, PLAIN, As, at, decimal_text, dumps, plain, timestamptz

# The moment the data is made for; "now" unless a test sets another.
REFERENCE_TIME = at("2026-11-20T12:00:00Z")

RECORD_CACHE_ROWS = 20_000
ROW_CACHE_BYTES = 96 * 1024 * 1024
DERIVED_CACHE_ENTRIES = 2_000


# ---------------------------------------------------------------- HTTP

class Request:
    """One request, decoded.

    query and form are lists of (name, value) pairs in wire order, percent
    signs and plus signs decoded; headers has lower-case names; body holds the
    undecoded bytes; now is in microseconds.
    """
    __slots__ = ("method", "path", "query", "form", "headers", "now", "body")

    def __init__(self, method, path, query=(), form=(), headers=None, now=REFERENCE_TIME, body=b""):
        self.method = method
        self.path = path
        self.query = list(query)
        self.form = list(form)
        self.headers = headers or {}
        self.now = now
        self.body = body

    def first(self, name, default=None):
        """First value of a parameter, the query before the form."""
        for pairs in (self.query, self.form):
            for key, value in pairs:
                if key == name:
                    return value
        return default

    def all(self, name):
        """Every value of a repeated parameter."""
        return [value for pairs in (self.query, self.form) for key, value in pairs if key == name]

    def integer(self, name, default=None):
        """A parameter as int; default when absent or not a number."""
        text = self.first(name)
        try:
            return default if text is None else int(text)
        except ValueError:
            return default

    def basic_auth(self):
        """(user, password) of the Authorization header, or None."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            user, _, password = b64decode(token, validate=True).decode().partition(":")
        except (Base64Error, UnicodeDecodeError):
            return None
        return user, password

    def bearer(self):
        """Token of "Authorization: Bearer", or None."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme.lower() == "bearer" else None


class Response:
    """An answer; body is bytes, text, or anything dumps() can write."""
    __slots__ = ("status", "body", "headers", "content_type")

    def __init__(self, status=200, body=b"", headers=None, content_type="application/json"):
        self.status = status
        if isinstance(body, str):
            body = body.encode()
        elif not isinstance(body, (bytes, bytearray)):
            body = dumps(body).encode()
        self.body = body
        self.headers = dict(headers or {})
        self.content_type = content_type


# ---------------------------------------------------------------- fields

class Field:
    """One column and one key of the wire object.

    sql      column name, None for a key without a column
    wire     key of the API's object, None for a column without a key
    codec    see wire.py
    key      where the business record holds the value; default sql, else wire
    compute  function of the business record, instead of key
    """
    __slots__ = ("sql", "wire", "codec", "key", "compute", "convert")

    def __init__(self, sql, wire=None, codec=PLAIN, key=None, compute=None):
        self.sql = sql
        self.wire = wire
        self.codec = codec
        self.key = key or sql or wire
        self.compute = compute
        self.convert = None if codec.wire is PLAIN.wire else codec.wire

    def value(self, record):
        """The business value, or an As that carries its own wire form."""
        return self.compute(record) if self.compute else record.get(self.key)


def to_wire(fields, record, rotate=0):
    """The API's object; its keys start at position rotate (key order is no promise)."""
    result = {}
    if rotate:
        rotate %= len(fields)
        fields = fields[rotate:] + fields[:rotate]
    # Field.value and Codec.to_wire, written out: this loop makes every row.
    for field in fields:
        name = field.wire
        if name is None:
            continue
        compute = field.compute
        value = compute(record) if compute else record.get(field.key)
        if value is None:
            value = field.codec.null
        elif type(value) is As:
            value = value.wire
        elif field.convert:
            value = field.convert(value)
        if value is not MISSING:
            result[name] = value
    return result


def to_truth(fields, record):
    """The SQL columns of a row, without raw."""
    return {field.sql: field.codec.to_sql(field.value(record))
            for field in fields if field.sql is not None}


def without_keys(value, names):
    """A copy without the given object members, at any depth."""
    if isinstance(value, dict):
        return {key: without_keys(item, names) for key, item in value.items() if key not in names}
    if isinstance(value, (list, tuple)):
        return [without_keys(item, names) for item in value]
    return value


# ---------------------------------------------------------------- tables

class Table:
    """Rows computed from (seed, id), and an overlay of mutations.

    make(ordinal, id)    business record: dict of Field.key -> value
    columns              {key: function(ordinal)}: cheap access to one value,
                         for filters and sorts over many rows
    monotone             keys that never fall while the id rises
    render(record, variant)  the wire object, if fields are not enough (nested
                         objects, flags); variant is any hashable, None = as listed
    rotate               let the key order vary from row to row
    secrets              members removed from raw at any depth
    raw_omit             top-level members not in raw
    has_raw              whether the truth has a raw column
    """

    def __init__(self, name, fields, make, count, first_id=1, stride=1, columns=None, monotone=(),
                 render=None, rotate=False, secrets=(), raw_omit=(), has_raw=True):
        self.name = name
        self.fields = list(fields)
        self.make = make
        self.base_count = count
        self.first_id = first_id
        self.stride = stride
        self.columns = columns or {}
        self.monotone = set(monotone)
        self.render = render
        self.rotate = rotate
        self.secrets = frozenset(secrets)
        self.raw_omit = frozenset(raw_omit)
        self.has_raw = has_raw
        self.version = 0
        self.reset()

    def reset(self):
        """Forget every mutation."""
        self.high = self.base_count     # ordinals handed out so far
        self.deleted = set()
        self.changes = {}               # id -> {key: business value}
        self._touch()

    def is_changed(self):
        """Whether any mutation is in effect."""
        return bool(self.deleted or self.changes) or self.high != self.base_count

    def _touch(self):
        self.version += 1
        self._derived = {}
        self._records = {}

    # -- rows

    def id_of(self, ordinal):
        return self.first_id + ordinal * self.stride

    def ordinal_of(self, row_id):
        return (row_id - self.first_id) // self.stride

    def exists(self, row_id):
        """Whether a live row has this id (any int)."""
        offset = row_id - self.first_id
        return (0 <= offset < self.high * self.stride and offset % self.stride == 0
                and row_id not in self.deleted)

    def count(self):
        return self.high - len(self.deleted)

    def record(self, row_id):
        """Business record of a live row, or None.  Not to be changed."""
        found = self._records.get(row_id)
        if found is None and self.exists(row_id):
            found = self.make(self.ordinal_of(row_id), row_id)
            found.setdefault("id", row_id)
            found.update(self.changes.get(row_id, ()))
            if len(self._records) >= RECORD_CACHE_ROWS:
                self._records.clear()
            self._records[row_id] = found
        return found

    def value(self, row_id, key):
        """One business value of a live row, by the cheap way if there is one."""
        cheap = self.columns.get(key)
        if cheap is None or key in self.changes.get(row_id, ()):
            return plain(self.record(row_id).get(key))
        return cheap(self.ordinal_of(row_id))

    # -- sequences of ids; cached until the next mutation, not to be changed

    def ids(self):
        """All live ids, ascending: a sequence that can be sliced."""
        everything = range(self.first_id, self.id_of(self.high), self.stride)
        if not self.deleted:
            return everything
        return self._cached("ids", lambda: array(
            "q", (i for i in everything if i not in self.deleted)))

    def sorted(self, key, desc=False):
        """All live ids by (value, id), NULLs first; desc turns the whole order round."""
        if desc:
            return self._cached(("desc", key), lambda: self.sorted(key)[::-1])
        if key == "id" or (key in self.monotone
                           and not any(key in change for change in self.changes.values())):
            return self.ids()
        return self._cached(("sorted", key), lambda: array(
            "q", sorted(self.ids(), key=lambda i: (_sortable(self.value(i, key)), i))))

    def between(self, key, low=None, high=None, desc=False):
        """Live ids with low <= value <= high (None = open), by (value, id).

        With a bound, a NULL value is outside.
        """
        rows = self.sorted(key)
        if low is not None or high is not None:
            def rank(row_id):
                return _sortable(self.value(row_id, key))
            start = bisect_left(rows, (1, low), key=rank) if low is not None \
                else bisect_right(rows, (0, 0), key=rank)
            end = bisect_right(rows, (1, high), key=rank) if high is not None else len(rows)
            rows = rows[start:max(start, end)]
        return rows[::-1] if desc else rows

    def equal(self, key, value):
        """Live ids, ascending, whose value equals this one (one index per key)."""
        return self._cached(("equal", key), lambda: self._group(key)).get(value, ())

    def _group(self, key):
        groups = {}
        for row_id in self.ids():
            groups.setdefault(self.value(row_id, key), array("q")).append(row_id)
        return groups

    def where(self, name, test):
        """Live ids, ascending, with test(record); cached under name, which must say all of test."""
        return self._cached(("where", name), lambda: array(
            "q", (i for i in self.ids() if test(self.record(i)))))

    def _cached(self, key, build):
        if key not in self._derived:
            value = build()
            if len(self._derived) >= DERIVED_CACHE_ENTRIES:
                self._derived.clear()
            self._derived[key] = value
        return self._derived[key]

    # -- faces

    def wire(self, row_id, variant=None):
        """The API's object of a live row."""
        record = self.record(row_id)
        if self.render:
            return self.render(record, variant)
        return to_wire(self.fields, record, row_id if self.rotate else 0)

    def raw(self, row_id):
        """The record as the list endpoint sends it, secrets removed."""
        sent = self.wire(row_id)
        kept = {key: value for key, value in sent.items() if key not in self.raw_omit}
        return without_keys(kept, self.secrets) if self.secrets else kept

    def truth(self, row_id):
        """The SQL row of a live row: column -> canonical JSON value."""
        row = to_truth(self.fields, self.record(row_id))
        if self.has_raw:
            row["raw"] = self.raw(row_id)
        return row

    def rows(self):
        """Every SQL row, in id order."""
        return (self.truth(row_id) for row_id in self.ids())

    # -- mutations; each returns the ids it touched

    def insert(self, n=1, changes=None):
        """n new rows after the last; changes override what make() gives."""
        new = [self.id_of(self.high + i) for i in range(n)]
        self.high += n
        if changes:
            for row_id in new:
                self.changes[row_id] = self.parse(changes)
        self._touch()
        return new

    def delete(self, ids):
        gone = [row_id for row_id in ids if self.exists(row_id)]
        self.deleted.update(gone)
        self._touch()
        return gone

    def restore(self, ids):
        """Deleted rows as they were; "all" = each of them."""
        back = sorted(self.deleted if ids == "all" else self.deleted.intersection(map(int, ids)))
        self.deleted.difference_update(back)
        self._touch()
        return back

    def update(self, ids, changes):
        """Set business values (or their JSON: times as ISO text) of live rows."""
        touched = [row_id for row_id in ids if self.exists(row_id)]
        for row_id in touched:
            self.changes.setdefault(row_id, {}).update(self.parse(changes))
        self._touch()
        return touched

    def choose(self, ids, n=1, seed=0):
        """Ids for a mutation: a list, or "first", "last", "random" n of the live ones."""
        if not isinstance(ids, str):
            return [int(row_id) for row_id in ids]
        live = self.ids()
        if ids == "first":
            return list(live[:n])
        if ids == "last":
            return list(live[max(0, len(live) - n):])
        if ids == "random":
            dice = Dice(seed, self.name, self.version)
            pool = list(live)
            return sorted(pool.pop(dice.below(len(pool))) for _ in range(min(n, len(pool))))
        raise ValueError("ids must be a list, first, last or random")

    def parse(self, changes):
        """Business values from JSON; an unknown key is an error."""
        fields = {field.key: field for field in self.fields if field.compute is None}
        result = {}
        for key, value in changes.items():
            if key not in fields:
                raise ValueError("%s has no field %s" % (self.name, key))
            kind = fields[key].codec.sql
            if kind is timestamptz and isinstance(value, str):
                value = at(value)
            elif kind is decimal_text and isinstance(value, str):
                value = Decimal(value)
            result[key] = value
        return result


def _sortable(value):
    return (0, 0) if value is None else (1, value)


class View:
    """Rows derived from other tables: nested arrays, rows below a parent.

    rows() gives an iterator of SQL rows; count() their number.
    """

    def __init__(self, name, rows, count=None):
        self.name = name
        self.rows = rows
        self.count = count or (lambda: sum(1 for _ in rows()))


# ---------------------------------------------------------------- CRMs

class Options:
    """What the command line says about the data: seed, and rows by (crm, table)."""

    def __init__(self, seed=1, scale=None):
        self.seed = seed
        self.scale = dict(scale or {})


class Crm:
    """One emulated CRM."""

    name = ""
    prefixes = ()               # path prefixes it answers, e.g. ("/v1", "/v2")
    rate_limit = None           # documented limit, "5/s" or "60/min"; enforced on request only
    block_seconds = 0           # how long a client is shut out after exceeding it, if documented
    default_switches = {}       # name -> value, changed by configure()
    default_credentials = {}    # changed by set_credentials()
    own_page = None             # function(list, request): a page of a test's own list
    ascii_json = False          # whether its JSON escapes everything but ASCII

    def __init__(self, options):
        self.options = options
        self.seed = options.seed
        self.switches = dict(self.default_switches)
        self.credentials = dict(self.default_credentials)
        self.mutations = []
        self.own_lists = {}     # path -> OwnList
        self.tables_by_name = {}
        self._rows = {}
        self._row_bytes = 0
        self.build()

    # -- for the module

    def build(self):
        """Fill tables_by_name."""
        raise NotImplementedError

    def handle(self, request):
        """Answer a request, credential check included."""
        raise NotImplementedError

    def own_answer(self, request):
        """The answer of a test's own list, or None if there is none at this path."""
        own = self.own_lists.get(request.path) if request.method == "GET" else None
        return own and own.answer(request, type(self).own_page)

    def accepts(self, **given):
        """Whether all of these are credentials that are accepted."""
        for name, value in given.items():
            known = self.credentials[name]
            if value not in (known if isinstance(known, list) else [known]):
                return False
        return True

    def too_many_requests(self, retry_after):
        """This CRM's own answer over the rate limit; retry_after in whole seconds."""
        raise NotImplementedError

    def announce_limit(self, response, limit, remaining):
        """Add what this CRM says about an enforced limit to an answer within it."""

    def scale(self, table, default):
        """Rows asked for on the command line, else default."""
        return self.options.scale.get((self.name, table), default)

    def add(self, table):
        """Register a Table or View; returns it."""
        self.tables_by_name[table.name] = table
        return table

    def row_json(self, table, row_id, variant=None):
        """The API's object of a live row as JSON bytes; cached."""
        key = (table.name, row_id, variant)
        found = self._rows.get(key)
        if found is None:
            found = dumps(table.wire(row_id, variant), self.ascii_json).encode()
            self._rows[key] = found
            self._row_bytes += len(found)
            while self._row_bytes > ROW_CACHE_BYTES:
                self._row_bytes -= len(self._rows.pop(next(iter(self._rows))))
        return found

    def array_json(self, table, ids, variant=None):
        """A JSON array of rows as bytes."""
        return b"[" + b",".join([self.row_json(table, i, variant) for i in ids]) + b"]"

    def forget(self):
        """Drop cached answers; called after every mutation and switch."""
        self._rows = {}
        self._row_bytes = 0

    # -- for the control plane

    def tables(self):
        """Names of all tables that have a truth."""
        return list(self.tables_by_name)

    def truth(self, table):
        """Iterator of SQL rows: column -> canonical JSON value."""
        return iter(self.tables_by_name[table].rows())

    def count(self, table):
        return self.tables_by_name[table].count()

    def _stored(self, table):
        found = self.tables_by_name.get(table)
        if not isinstance(found, Table):
            raise ValueError("%s.%s cannot be changed" % (self.name, table))
        return found

    def insert(self, table, n=1, changes=None):
        return self._note("insert", table, self._stored(table).insert(n, changes))

    def delete(self, table, ids, n=1):
        stored = self._stored(table)
        return self._note("delete", table, stored.delete(stored.choose(ids, n, self.seed)))

    def restore(self, table, ids):
        return self._note("restore", table, self._stored(table).restore(ids))

    def update(self, table, ids, changes, n=1):
        stored = self._stored(table)
        return self._note("update", table,
                          stored.update(stored.choose(ids, n, self.seed), changes))

    def _note(self, op, table, ids):
        self.mutations.append({"crm": self.name, "table": table, "op": op, "ids": ids})
        self.forget()
        return ids

    def configure(self, switches):
        """Change switches; an unknown one is an error."""
        for key, value in switches.items():
            if key not in self.default_switches:
                raise ValueError("%s has no switch %s" % (self.name, key))
            self.switches[key] = value
        self.forget()

    def set_credentials(self, credentials):
        """Change accepted credentials, to one or to a list of several; an unknown name is an error."""
        for key, value in credentials.items():
            if key not in self.default_credentials:
                raise ValueError("%s has no credential %s" % (self.name, key))
            self.credentials[key] = value

    def reset(self, data=False):
        """Default switches and credentials, no mutations, no lists of a test's own.

        Changed rows stay changed; with data, every table is as at the start.
        """
        self.switches = dict(self.default_switches)
        self.credentials = dict(self.default_credentials)
        self.mutations = []
        self.own_lists = {}
        if data and any(isinstance(table, Table) and table.is_changed()
                        for table in self.tables_by_name.values()):
            self.tables_by_name = {}
            self.build()
        self.forget()


__all__ = ["As", "Crm", "Dice", "Field", "MISSING", "Options", "REFERENCE_TIME", "Request",
           "Response", "Table", "View", "to_truth", "to_wire", "without_keys"]
