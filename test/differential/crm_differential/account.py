"""
The CRMs as foreign servers of a database: import, copies, options; and the
sandbox behind them.
"""
import time

import psycopg2

from .schema import Schema, find_references, read_tables, read_values

# Small enough for thousands of queries, large enough that the main lists have pages.
SCALE = {"aircall.calls": 260, "aircall.contacts": 240, "activecampaign.contacts": 250, "activecampaign.deals": 240,
         "agilecrm.contacts": 210, "agilecrm.deals": 210}

REFUSED = "HV00L"
MOST_ANALYZED_REQUESTS = 20

# A copy of this size takes far less unless requests are repeated after a pause.
SECONDS_OF_A_PAUSE = 4.0

# What the second server of a CRM is called, and each of its tables, after those of the first.
SECOND = "_second"

# The tables of the second server beside those of the first; their copies are the same rows.
_SECOND_SERVER = """
    DROP SERVER IF EXISTS {0}_second CASCADE; DROP SCHEMA IF EXISTS {0}_second;
    CREATE SERVER {0}_second FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm '{0}', base_url '{1}', rate_limit '100000/s');
    CREATE USER MAPPING FOR CURRENT_USER SERVER {0}_second OPTIONS ({2});
    CREATE SCHEMA {0}_second;
    IMPORT FOREIGN SCHEMA {0} FROM SERVER {0}_second INTO {0}_second OPTIONS (custom_fields 'false');
    DO $$
        DECLARE
            t name;
        BEGIN
            FOR t IN SELECT relname FROM pg_class WHERE relnamespace = '{0}_second'::regnamespace LOOP
                EXECUTE format('ALTER FOREIGN TABLE {0}_second.%I RENAME TO %I', t, t || '_second');
                EXECUTE format('ALTER FOREIGN TABLE {0}_second.%I SET SCHEMA {0}', t || '_second');
                EXECUTE format('CREATE VIEW {0}_copy.%I AS SELECT * FROM {0}_copy.%I', t || '_second', t);
            END LOOP;
        END
    $$;
    DROP SCHEMA {0}_second
    """

class Account:
    """One CRM: its servers, its schema, its switches.

    plain_parameters  names of what is sent without push-down: paging, order,
                      parents; the API does not ignore these
    """

    def __init__(self, dsn, crm, emulator, credential):
        self.dsn = dsn
        self.crm = crm
        self.emulator = emulator
        self.credential = credential
        self.schema = Schema(crm)
        self.connection = None
        self.environment = {}
        self.base_environment = {}
        self.options = {}           # what is set now, by server
        self.plain_parameters = set()

    def connect(self):
        """A connection whose results are texts; (again) if the last one is gone."""
        if self.connection is None or self.connection.closed:
            self.connection = psycopg2.connect(self.dsn)
            self.connection.autocommit = True
            as_text = psycopg2.extensions.new_type(tuple(psycopg2.extensions.string_types), "TEXT",
                                                   lambda value, cursor: value)
            psycopg2.extensions.register_type(as_text, self.connection)
            self.run("SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres';"
                     "SET bytea_output = 'hex'; SET extra_float_digits = 1; SET client_min_messages = 'error'")
        return self.connection

    def run(self, sql):
        """Runs statements; rows of the last one, if it has any."""
        with self.connect().cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else None

    # -- making it

    def build(self, dice, report):
        """Imports the tables and copies their rows."""
        self.emulator.control("POST", "reset", {"data": True})
        if self.crm == "activecampaign":    # a segment is asked for again, after a pause, until it is ready
            self.base_environment = {"switches": {"segment_calls": 0}}
        self.enter({})
        name, copy = self.schema.name, self.schema.copy
        self.run("""
            CREATE EXTENSION IF NOT EXISTS crm_fdw;
            DROP SERVER IF EXISTS {0} CASCADE; DROP SCHEMA IF EXISTS {0}, {1} CASCADE;
            CREATE SERVER {0} FOREIGN DATA WRAPPER crm_fdw
                OPTIONS (crm '{0}', base_url '{2}', rate_limit '100000/s');
            CREATE USER MAPPING FOR CURRENT_USER SERVER {0} OPTIONS ({3});
            CREATE SCHEMA {0}; CREATE SCHEMA {1};
            IMPORT FOREIGN SCHEMA {0} FROM SERVER {0} INTO {0} OPTIONS (custom_fields 'false')
            """.format(name, copy, self.emulator.url(), self.credential))
        self.options = {name: {}, name + SECOND: {}}
        started = time.monotonic()
        with self.connect().cursor() as cursor:
            read_tables(cursor, self.schema)
            self.run("SET crm_fdw.enable_pushdown = off")
            for table in self.schema.tables:
                self._copy(table)
                read_values(cursor, self.schema, table)
                self._find_needs(table)
            log = self.emulator.log(crm=self.crm)
            self.plain_parameters = {name for entry in log for name, _ in entry["query"] + entry["form"]}
            self.run("RESET crm_fdw.enable_pushdown; ANALYZE")
        self.run(_SECOND_SERVER.format(name, self.emulator.url(), self.credential))
        find_references(self.schema)
        self._analyze(dice)
        report("%s: %d tables, %d rows copied in %.1f s, %d references" % (
            name, len(self.schema.tables), sum(t.rows for t in self.schema.tables), time.monotonic() - started,
            len(self.schema.references)))

    def _copy(self, table):
        """Copies all rows; a table that refuses is told for a moment that all parents are meant."""
        name = "%s.%s" % (self.schema.name, table.relation)
        make = "CREATE TABLE %s.%s AS SELECT * FROM %s" % (self.schema.copy, table.relation, name)
        before, started = self.emulator.sequence(), time.monotonic()
        try:
            self.run(make)
        except psycopg2.Error as error:
            if error.pgcode != REFUSED:
                raise
            table.needs = ["unknown"]
            self.run("ALTER FOREIGN TABLE %s OPTIONS (ADD fan_out 'true'); %s" % (name, make))
            self.run("ALTER FOREIGN TABLE %s OPTIONS (DROP fan_out)" % name)
        table.requests = self.emulator.sequence() - before
        table.pauses = time.monotonic() - started > SECONDS_OF_A_PAUSE

    def _find_needs(self, table):
        """The columns whose equality is enough for a table that refuses otherwise."""
        if not table.needs:
            return
        table.needs = []
        for column in table.columns:
            if not column.samples or column.type not in ("bigint", "integer", "text"):
                continue
            try:
                self.run("SELECT 1 FROM %s.%s WHERE %s = '%s' LIMIT 1" % (
                    self.schema.name, table.relation, column.name, column.samples[0].replace("'", "''")))
                table.needs.append(column)
            except psycopg2.Error as error:
                if error.pgcode != REFUSED:
                    raise

    def _analyze(self, dice):
        """Gives the planner true numbers of some foreign tables and leaves it to guess those of others."""
        for table in self.schema.tables:
            is_cheap = table.requests <= MOST_ANALYZED_REQUESTS and not table.needs and not table.pauses
            for relation in (table.relation, table.second):
                if is_cheap and dice.random() < 0.5:
                    self.run("ANALYZE %s.%s" % (self.schema.name, relation))

    # -- changing it

    def enter(self, environment):
        """Sets the sandbox's switches and the servers' options; absent ones get their defaults."""
        switches = dict(self.base_environment.get("switches", {}), **environment.get("switches", {}))
        self.emulator.control("POST", "reset", {})
        if switches:
            self.emulator.control("POST", "config", {"switches": {self.crm: switches}})
        if self.schema.tables:
            self._set_options(self.crm, environment.get("options", {}))
            self._set_options(self.crm + SECOND, environment.get("second", {}))
        self.environment = environment

    def _set_options(self, server, wanted):
        current = self.options[server]
        changes = ["%s %s '%s'" % ("SET" if name in current else "ADD", name, value)
                   for name, value in wanted.items() if current.get(name) != value]
        changes += ["DROP " + name for name in current if name not in wanted]
        if changes:
            self.run("ALTER SERVER %s OPTIONS (%s)" % (server, ", ".join(changes)))
        self.options[server] = dict(wanted)

    def redirect(self, url):
        """Sends the requests somewhere else."""
        for server in self.options:
            self.run("ALTER SERVER %s OPTIONS (SET base_url '%s')" % (server, url))
