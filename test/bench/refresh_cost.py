#!/usr/bin/python3
"""What it costs in requests to keep copies of three CRMs fresh.

    refresh_cost.py [--dsn DSN] [--contacts N]

Needs a database that may be written to, with crm_fdw installed; starts a CRM
sandbox of its own.  Makes a snapshot of every main table, lets a day pass in
the sandbox, hour by hour, with changes, refreshes what is due, and counts by
crm_fdw.refresh_log.  Prints the Markdown tables of docs/refresh.md.
"""
import argparse
import datetime
import signal
import sys

# Adds the sandbox's folder to the path.
from bench import Bench, Emulator, say

SCHEMAS = {"ac": "activecampaign", "aircall": "aircall", "agile": "agilecrm"}
TARGET = "refresh_cost"
RATES = {"ac": 5, "aircall": 1, "agile": 4}		# requests per second, the defaults

# Rows beside the contacts, those of a company with so many.
SCALE = {
    "activecampaign.deals": 8_000, "activecampaign.campaigns": 600, "activecampaign.lists": 20,
    "activecampaign.segments": 40, "activecampaign.forms": 25,
    "aircall.calls": 26_000, "aircall.contacts": 6_000, "aircall.users": 40,
    "agilecrm.contacts": 10_000, "agilecrm.companies": 2_000, "agilecrm.deals": 3_000,
    "agilecrm.tasks": 4_000, "agilecrm.tickets": 2_500,
}

TABLES = [
    "ac.contacts", "ac.deals", "ac.campaigns", "ac.lists", "ac.segments", "ac.forms", "ac.deal_stages",
    "aircall.calls", "aircall.contacts", "aircall.users", "aircall.teams", "aircall.numbers", "aircall.tags",
    "aircall.user_availabilities",
    "agile.contacts", "agile.companies", "agile.deals", "agile.tasks", "agile.tickets", "agile.milestones",
]
APPEND = ["aircall.user_availabilities"]

# The sandbox's clock; its data end there.
NOW = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.timezone.utc)
HOURS = 24
CALL_DAYS = 120			# that the sandbox spreads its calls over
CHANGED_SHARE = 0.01	# of contacts and deals, in a day
FULL_EVERY = 7			# days


class Copy:
    """A snapshot and what its refreshes took."""

    def __init__(self, bench, table):
        self.bench = bench
        self.table = table
        self.target = "%s.%s" % (TARGET, table.replace(".", "_"))
        schema, entity = table.split(".")
        self.rate = RATES[schema]
        self.period = bench.run(
            "SELECT extract(epoch FROM recommended_every) / 3600 FROM crm_fdw.entities('%s') WHERE entity = '%s'" % (
                SCHEMAS[schema], entity))[0][0]
        self.cursor = None
        self.mode = "append" if table in APPEND else self.keyed_mode()
        self.create(self.mode)
        self.trust_times()
        self.full = self.last_run()
        self.parts = []

    def create(self, mode, with_data=True):
        """Makes it."""
        self.bench.run("SELECT crm_fdw.create_snapshot('%s', '%s', mode => '%s', with_data => %s)" % (
            self.table, self.target, mode, with_data))

    def keyed_mode(self):
        """Incremental where the API can be asked for changes, else replace."""
        self.create("incremental", with_data=False)
        bounded, cursor = self.bench.run(
            "SELECT bounded, cursor_column FROM crm_fdw.refresh_settings WHERE relation = '%s'::regclass" % self.target)[0]
        self.bench.run("SELECT crm_fdw.drop_snapshot('%s')" % self.target)
        if bounded:
            self.cursor = cursor
        return "incremental" if bounded else "replace"

    @property
    def runs(self):
        """Refreshes in a day."""
        return HOURS / float(self.period)

    def last_run(self):
        """(rows, requests, seconds, complete) of it."""
        return self.bench.run(
            "SELECT rows_after, requests, extract(epoch FROM finished_at - started_at)::float8, complete"
            " FROM crm_fdw.refresh_log WHERE relation = '%s'::regclass ORDER BY id DESC LIMIT 1" % self.target)[0]

    def trust_times(self):
        """Change times in the future are not believed, and this machine's clock may be behind the sandbox's."""
        if self.cursor:
            self.bench.run("UPDATE crm_fdw.refresh_states SET watermark = (SELECT max(%s) FROM %s)"
                           " WHERE relation = '%s'::regclass" % (self.cursor, self.target, self.target))

    def refresh(self):
        """After changes, of what is not read whole."""
        self.bench.run("CALL crm_fdw.refresh('%s')" % self.target)
        self.trust_times()
        run = self.last_run()
        if run[3]:
            raise RuntimeError("%s was read whole" % self.target)
        self.parts.append(run)

    @property
    def part(self):
        """Requests and seconds of a refresh, on average; the full read's if there is no other."""
        runs = self.parts or [self.full]
        return (sum(run[1] for run in runs) / len(runs), sum(run[2] for run in runs) / len(runs))

    @property
    def daily(self):
        """Requests in a day: one of a week's refreshes reads everything."""
        if not self.parts:
            return self.daily_full
        return (self.part[0] * (self.runs * FULL_EVERY - 1) + self.full[1]) / FULL_EVERY

    @property
    def daily_full(self):
        """Requests in a day, if every refresh reads everything."""
        return self.runs * self.full[1]


def mutate(emulator, crm, table, op, n, changes):
    """Changes n rows, if there are any to change."""
    if n > 0:
        emulator.control("POST", "mutate", {"crm": crm, "table": table, "op": op, "n": n, "ids": "random",
                                            "changes": changes})


def share_of(total, hour):
    """The part of a day's total that falls into an hour."""
    return total * (hour + 1) // HOURS - total * hour // HOURS


def pass_an_hour(emulator, contacts, hour):
    """Moves the sandbox's clock, and what people did meanwhile."""
    now = NOW + datetime.timedelta(hours=hour + 1)
    emulator.control("POST", "config", {"now": now.isoformat()})
    when = (now - datetime.timedelta(minutes=10)).isoformat()
    for crm, table, rows in (("activecampaign", "contacts", contacts),
                             ("activecampaign", "deals", SCALE["activecampaign.deals"]),
                             ("aircall", "contacts", SCALE["aircall.contacts"])):
        changed = int(rows * CHANGED_SHARE)
        mutate(emulator, crm, table, "update", share_of(changed, hour), {"updated_at": when})
        mutate(emulator, crm, table, "insert", share_of(changed // 10, hour), {"updated_at": when})
    mutate(emulator, "aircall", "calls", "insert", share_of(SCALE["aircall.calls"] // CALL_DAYS, hour),
           {"started_at": when})


def period_text(hours):
    """As the documentation writes it."""
    if hours < 1:
        return "%d min" % round(hours * 60)
    if hours < 24:
        return "%d h" % round(hours)
    return "%d day%s" % (round(hours / 24), "s" if hours > 24 else "")


def number(value):
    """Of requests: whole, unless it is small."""
    return format(round(value), ",") if value >= 10 or value == int(value) else "%.1f" % value


def print_costs(copies):
    """The first table: requests per day."""
    say("| table | rows | mode | every | a complete read | a refresh | requests a day | all read each time |")
    say("|---|---:|---|---|---:|---:|---:|---:|")
    for copy in copies:
        say("| `%s` | %s | %s | %s | %s | %s | %s | %s |" % (
            copy.table, format(copy.full[0], ","), copy.mode, period_text(float(copy.period)), number(copy.full[1]),
            number(copy.part[0]), number(copy.daily), number(copy.daily_full)))
    say("| **all** | | | | | | **%s** | **%s** |" % (
        number(sum(copy.daily for copy in copies)), number(sum(copy.daily_full for copy in copies))))


def print_increments(copies):
    """The second table: partial reads against complete ones."""
    say("| table | read | requests | without a rate limit | at the API's rate limit |")
    say("|---|---|---:|---:|---:|")
    for copy in copies:
        for name, requests, taken in (("everything", copy.full[1], copy.full[2]),
                                      ("what may have changed", *copy.part)):
            say("| `%s` | %s | %s | %.1f s | %.0f s |" % (
                copy.table, name, number(requests), taken, requests / copy.rate))


def measure(bench, contacts):
    """Everything."""
    bench.run("DROP SCHEMA IF EXISTS %s CASCADE; CREATE SCHEMA %s" % (TARGET, TARGET))
    copies = [Copy(bench, table) for table in TABLES]
    for hour in range(HOURS):
        pass_an_hour(bench.emulator, contacts, hour)
        for copy in copies:
            if copy.cursor and (hour + 1) % copy.period == 0:
                copy.refresh()
    order = list(SCHEMAS)
    copies.sort(key=lambda copy: (order.index(copy.table.split(".")[0]), -copy.daily_full))
    print_costs(copies)
    say()
    print_increments([copy for copy in copies if copy.table in ("ac.contacts", "aircall.calls")])
    for copy in copies:
        bench.run("SELECT crm_fdw.drop_snapshot('%s')" % copy.target)
    bench.run("DROP SCHEMA %s" % TARGET)


def parse_arguments():
    """Options with their defaults."""
    parser = argparse.ArgumentParser(description="What it costs in requests to keep copies of three CRMs fresh.")
    parser.add_argument("--dsn", default="", help="libpq connection string (default: the environment's)")
    parser.add_argument("--contacts", type=int, default=50_000, help="of ActiveCampaign")
    parser.add_argument("--concurrency", type=int, default=4)
    return parser.parse_args()


def main():
    """Starts and stops what it needs."""
    arguments = parse_arguments()
    # The sandbox is ended on the way out.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with Emulator({"activecampaign.contacts": arguments.contacts, **SCALE}) as emulator:
        bench = Bench(arguments.dsn, emulator, arguments.concurrency)
        for name, crm in SCHEMAS.items():
            bench.server(name, crm)
        measure(bench, arguments.contacts)


if __name__ == "__main__":
    main()
