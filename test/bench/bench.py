#!/usr/bin/python3
"""Scans through crm_fdw against curl that fetches the same pages.

    bench.py [--dsn DSN] [--runs N] [--latency MS]... [--concurrency N] [--small]

Needs a database that may be written to, with crm_fdw installed; starts CRM
sandboxes of its own.  Prints tables, asserts nothing.  README.md beside it
tells how to read them.
"""
import argparse
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

import psycopg2

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "sandbox"))

# pylint: disable=wrong-import-position
from emulator import CREDENTIALS, Emulator  # noqa: E402

SCHEMAS = {"ac": "activecampaign", "aircall": "aircall"}
CURL_CREDENTIALS = {"ac": 'header = "Api-Token: sandbox-ac-key-3f9a"',
                    "aircall": 'user = "sandbox-id:sandbox-aircall-token-77"'}
LISTS = {"ac.deals": 10_000, "aircall.calls": 26_000}
SMALL_LISTS = {"ac.deals": 1_000, "aircall.calls": 2_000}
UNION_ROWS = 1_000
UNION_LATENCY = 200
UNION_MEMBERS = 4
CEILING_CONNECTIONS = 16


def say(text=""):
    """Prints at once, so that a run can be watched."""
    print(text, flush=True)


def seconds(action):
    """How long action() takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


class Curl:
    """The pages of a scan as a curl command."""

    def __init__(self, emulator, schema, log):
        self.requests = len(log)
        self.file = tempfile.NamedTemporaryFile("w", suffix=".curlrc")
        for number, entry in enumerate(log):
            query = "&".join(urllib.parse.quote(name, safe="[]") + "=" + urllib.parse.quote(value)
                             for name, value in entry["query"])
            self.file.write('%surl = "%s%s?%s"\noutput = "/dev/null"\n%s\ncompressed\ngloboff\nfail\nsilent\nshow-error\n' % (
                "next\n" if number else "", emulator.url(), entry["path"], query, CURL_CREDENTIALS[schema]))
        self.file.flush()

    def run(self, concurrency):
        """Fetches them all; its progress meter knows no way to be quiet."""
        subprocess.run(["curl", "--disable", "--noproxy", "*", "--parallel", "--parallel-max", str(concurrency),
                        "--config", self.file.name], check=True, stderr=subprocess.PIPE)


class Bench:
    """A session and its emulator."""

    def __init__(self, dsn, emulator, concurrency):
        self.emulator = emulator
        self.concurrency = concurrency
        self.connection = psycopg2.connect(dsn)
        self.connection.autocommit = True
        self.run("CREATE EXTENSION IF NOT EXISTS crm_fdw")

    def run(self, sql):
        """Rows of the last statement."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def server(self, name, crm, options=""):
        """A server with all tables of its CRM in a schema of the same name."""
        self.run("""
            DROP SERVER IF EXISTS {0} CASCADE; DROP SCHEMA IF EXISTS {0} CASCADE;
            CREATE SERVER {0} FOREIGN DATA WRAPPER crm_fdw
                OPTIONS (crm '{1}', base_url '{2}', rate_limit '100000/s', concurrency '{3}' {4});
            CREATE USER MAPPING FOR CURRENT_USER SERVER {0} OPTIONS ({5});
            CREATE SCHEMA {0};
            IMPORT FOREIGN SCHEMA {1} FROM SERVER {0} INTO {0} OPTIONS (custom_fields 'false')""".format(
                name, crm, self.emulator.url(), self.concurrency, options, CREDENTIALS[crm]))

    def latency(self, milliseconds):
        """Before every answer."""
        self.emulator.control("POST", "config", {"latency_ms": milliseconds})

    def scan(self, table):
        """Reads every row and the column that holds it whole."""
        self.run("SELECT count(raw) FROM (SELECT raw FROM %s OFFSET 0) t" % table)

    def requests(self, action):
        """What was asked of the sandbox meanwhile."""
        before = self.emulator.sequence()
        action()
        return self.emulator.log(since=before)

    def first_row(self, table):
        """Seconds to the first row of a cursor."""
        self.run("BEGIN; DECLARE c CURSOR FOR SELECT raw FROM %s" % table)
        taken = seconds(lambda: self.run("FETCH 1 FROM c"))
        self.run("COMMIT")
        return taken


def bench_lists(bench, lists, latencies, runs):
    """The first table: whole lists, and their first rows."""
    say("%-14s %7s %6s %8s %8s %8s %6s %9s %9s %9s" % (
        "list", "latency", "rows", "requests", "crm_fdw", "curl", "ratio", "rows/s", "LIMIT 1", "FETCH 1"))
    for table, rows in lists.items():
        curl = Curl(bench.emulator, table.split(".", maxsplit=1)[0], bench.requests(lambda t=table: bench.scan(t)))
        for latency in latencies:
            bench.latency(latency)
            ours, theirs, limit, fetch = [], [], [], []
            for _ in range(runs):
                theirs.append(seconds(lambda: curl.run(bench.concurrency)))
                ours.append(seconds(lambda t=table: bench.scan(t)))
                limit.append(seconds(lambda t=table: bench.run("SELECT raw FROM %s LIMIT 1" % t)))
                fetch.append(bench.first_row(table))
            ours, theirs, limit, fetch = map(statistics.median, (ours, theirs, limit, fetch))
            say("%-14s %4d ms %6d %8d %6.2f s %6.2f s %6.2f %9.0f %6.0f ms %6.0f ms" % (
                table, latency, rows, curl.requests, ours, theirs, ours / theirs, rows / ours,
                limit * 1000, fetch * 1000))
        bench.latency(0)
        fastest = min(seconds(lambda: curl.run(CEILING_CONNECTIONS)) for _ in range(min(runs, 3)))
        say("%-14s the sandbox's ceiling: %.0f requests/s, %.0f rows/s" % (
            "", curl.requests / fastest, rows / fastest))


def bench_union(bench, runs):
    """The second table: UNION ALL of several servers against one of them."""
    names = ["member_%d" % n for n in range(1, UNION_MEMBERS + 1)]
    for name in names:
        bench.server(name, "activecampaign", ", async_capable 'true'")
    bench.latency(UNION_LATENCY)
    union = " UNION ALL ".join("SELECT raw FROM %s.deals" % name for name in names)
    alone, together = [], []
    for _ in range(runs):
        alone.append(max(seconds(lambda n=name: bench.scan(n + ".deals")) for name in names))
        together.append(seconds(lambda: bench.run("SELECT count(raw) FROM (%s) t" % union)))
    alone, together = statistics.median(alone), statistics.median(together)
    say()
    say("UNION ALL of %d servers, %d rows each, %d ms: %.2f s; the slowest alone: %.2f s; ratio %.2f" % (
        UNION_MEMBERS, UNION_ROWS, UNION_LATENCY, together, alone, together / alone))


def parse_arguments():
    """Options with their defaults."""
    parser = argparse.ArgumentParser(description="Scans through crm_fdw against curl that fetches the same pages.")
    parser.add_argument("--dsn", default="", help="libpq connection string (default: the environment's)")
    parser.add_argument("--runs", type=int, default=5, help="of each; the median counts")
    parser.add_argument("--latency", type=int, action="append", metavar="MS", help="default: 0, 50 and 200")
    parser.add_argument("--concurrency", type=int, default=4)
    parser.add_argument("--small", action="store_true", help="a tenth of the rows")
    return parser.parse_args()


def main():
    """Everything."""
    arguments = parse_arguments()
    # The sandbox is ended on the way out.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    lists = SMALL_LISTS if arguments.small else LISTS
    scale = {name.replace("ac.", "activecampaign."): rows for name, rows in lists.items()}
    with Emulator(scale) as emulator:
        bench = Bench(arguments.dsn, emulator, arguments.concurrency)
        for name, crm in SCHEMAS.items():
            bench.server(name, crm)
        bench_lists(bench, lists, arguments.latency or [0, 50, 200], arguments.runs)
    with Emulator({"activecampaign.deals": UNION_ROWS}) as emulator:
        bench_union(Bench(arguments.dsn, emulator, arguments.concurrency), arguments.runs)


if __name__ == "__main__":
    main()
