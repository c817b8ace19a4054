"""
The session under test: servers, tables, statements, and what the backend holds.
"""
import os
import re

import psycopg2
import psycopg2.extensions

from . import faults

# Two servers for each CRM: one tries again, one does not and has to be told
# which parent is meant.
KINDS_OF_SERVER = {"again": ("max_retries '2'", True), "once": ("max_retries '0'", False)}

MOST_SAMPLES = 20
STATEMENT_TIMEOUT = "60s"

# Not ours, and grow by doubling.
CACHES = ("CacheMemoryContext", "index info", "CatCache", "RelCache hash table", "TypCache", "relation rules")


class Table:
    """A foreign table: columns as (name, type), key, sample values by column.

    must_filter  columns of which one must be given; empty if none has to
    references   (column, Table whose id it is)
    """

    def __init__(self, schema, relation, columns, key, must_filter):
        self.relation = relation
        self.name = "%s.%s" % (schema, relation)
        self.columns = columns
        self.key = key
        self.must_filter = must_filter
        self.samples = {}
        self.references = []

    def has_numeric_id(self):
        """Whether the member "id" of a record must be a number."""
        return ("id", "bigint") in self.columns


class Failure(Exception):
    """A statement failed; the connection lives."""

    def __init__(self, error):
        super().__init__(str(error).strip())
        self.sqlstate = error.pgcode


class Database:
    """One long-lived connection."""

    def __init__(self, dsn, emulator, credentials):
        self.emulator = emulator
        self.credentials = credentials
        self.connection = psycopg2.connect(dsn)
        self.connection.autocommit = True
        as_text = psycopg2.extensions.new_type(
            tuple(psycopg2.extensions.string_types), "TEXT", lambda value, cursor: value)
        psycopg2.extensions.register_type(as_text, self.connection)
        self.pid = self.connection.get_backend_pid()
        self.hosts = {crm: 0 for crm in credentials}
        self.servers = ["%s_%s" % (crm, suffix) for crm in sorted(credentials) for suffix in KINDS_OF_SERVER]
        self.run("SET timezone = 'UTC'; SET client_min_messages = 'error'; SET statement_timeout = '%s'"
                 % STATEMENT_TIMEOUT)

    def run(self, sql):
        """Rows of the last statement as tuples of texts; Failure if it fails."""
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
        except psycopg2.Error as error:
            if self.connection.closed or error.pgcode is None:
                raise
            raise Failure(error) from None

    # -- making it

    def build(self):
        """Imports every CRM twice; all Tables, in a definite order."""
        self.run("CREATE EXTENSION IF NOT EXISTS crm_fdw")
        tables = []
        for crm in sorted(self.credentials):
            twins = [self._build_schema(crm, "%s_%s" % (crm, suffix), options, fan_out)
                     for suffix, (options, fan_out) in KINDS_OF_SERVER.items()]
            for table, twin in zip(*twins):
                self._read_samples(table)
                twin.samples = table.samples
                tables += [table, twin]
        return tables

    def _build_schema(self, crm, name, options, fan_out):
        """One server with its tables."""
        self.run("""
            DROP SERVER IF EXISTS {0} CASCADE; DROP SCHEMA IF EXISTS {0} CASCADE;
            CREATE SERVER {0} FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm '{1}', base_url '{2}',
                rate_limit '100000/s', page_size '20', max_wait '1s', connect_timeout '2s',
                request_timeout '{3}', max_response_size '{4}', {5});
            CREATE USER MAPPING FOR CURRENT_USER SERVER {0} OPTIONS ({6});
            CREATE SCHEMA {0};
            IMPORT FOREIGN SCHEMA {1} FROM SERVER {0} INTO {0} OPTIONS (custom_fields 'false')""".format(
                name, crm, self.emulator.url(), faults.REQUEST_TIMEOUT, faults.MAX_RESPONSE_SIZE, options,
                self.credentials[crm]))
        tables = [self._table(name, fan_out, *row) for row in self.run("""
            SELECT entity, key_columns::text, needs_filter::text FROM crm_fdw.entities('%s') ORDER BY 1""" % crm)]
        by_name = {table.relation: table for table in tables}
        for table in tables:
            for column, kind in table.columns:
                other = kind == "bigint" and column.endswith("_id") and by_name.get(column[:-3] + "s")
                if other and not other.must_filter and other.has_numeric_id():
                    table.references.append((column, other))
        return tables

    def _table(self, schema, fan_out, relation, key, needs):
        columns = self.run("""
            SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
            WHERE attrelid = '%s.%s'::regclass AND attnum > 0 ORDER BY attnum""" % (schema, relation))
        parents = _array(needs)
        if parents and fan_out:
            self.run("ALTER FOREIGN TABLE %s.%s OPTIONS (ADD fan_out 'true')" % (schema, relation))
        return Table(schema, relation, columns, _array(key), [] if fan_out else parents)

    def _read_samples(self, table):
        for row in self.run("SELECT * FROM %s" % table.name):
            for (column, _), value in zip(table.columns, row):
                samples = table.samples.setdefault(column, [])
                if value is not None and len(value) < 60 and value not in samples and len(samples) < MOST_SAMPLES:
                    samples.append(value)

    def move_on(self, crm):
        """Another address of the sandbox: an account with a request budget of its own."""
        self.hosts[crm] = (self.hosts[crm] + 1) % len(self.emulator.hosts)
        url = self.emulator.url(self.emulator.hosts[self.hosts[crm]])
        self.run("; ".join("ALTER SERVER %s OPTIONS (SET base_url '%s')" % (server, url)
                           for server in self.servers if server.startswith(crm)))

    # -- what it holds

    def bytes(self):
        """Memory of the backend that is not a cache of PostgreSQL's."""
        return int(self.run("SELECT sum(total_bytes) FROM pg_backend_memory_contexts WHERE name NOT IN (%s)"
                            % ", ".join("'%s'" % name for name in CACHES))[0][0])

    def resident_kb(self):
        """Its resident size."""
        with open("/proc/%d/status" % self.pid, encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1))

    def descriptors(self):
        """(sockets, others) it has open; files of the database itself do not count."""
        sockets = others = 0
        directory = "/proc/%d/fd" % self.pid
        for name in os.listdir(directory):
            try:
                target = os.readlink(os.path.join(directory, name))
            except OSError:
                continue
            sockets += target.startswith("socket:")
            others += not target.startswith(("socket:", "/"))
        return sockets, others

    def shared_slots(self):
        """Rows of the view of what is under way, if there is one."""
        if self.run("SELECT to_regclass('crm_fdw.activity')")[0][0] is None:
            return 0
        return int(self.run("SELECT count(*) FROM crm_fdw.activity")[0][0])


def _array(text):
    """The elements of an array of plain names."""
    return [name for name in (text or "").strip("{}").split(",") if name]
