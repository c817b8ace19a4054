"""
One run: scans by number, each judged, and what the backend holds at the end.
"""
import random
import time
from collections import Counter

import psycopg2

from . import faults
from .database import Failure
from .queries import MEMBERS, Generator, Query

# Growth of the backend that is no leak.  Idle connections stay in libcurl's
# cache, those to addresses that were left behind too; it keeps some sixteen.
MOST_BYTES = 512 * 1024
# The catalog caches of all tables, and what several large answers at once leave unused.
MOST_RESIDENT_KB = 32 * 1024
MOST_SOCKETS_PER_SERVER = 20

REFUSED = "HV00L"


class Run:
    """Scans against one Database.

    seed      decides every scan and every fault; scan n depends on these two alone
    planted   rules for the sandbox in front of the run's own
    sabotage  called with the Database after the last scan, before growth is judged
    patience  failures after which it ends
    """

    def __init__(self, database, tables, seed, probability, say, planted=(), sabotage=None, patience=5):
        self.database = database
        self.emulator = database.emulator
        self.tables = tables
        self.seed = seed
        self.probability = probability
        self.say = say
        self.planted = planted
        self.sabotage = sabotage
        self.patience = patience
        self.truths = {}
        self.failures = []
        self.outcomes = Counter()
        self.struck = Counter()
        self.requests = 0
        self.baseline = None

    def fail(self, text):
        """Keeps and prints what went wrong."""
        self.failures.append(text)
        self.say("WRONG: " + text)

    def run(self, start, scans, deadline=None):
        """Scans start .. start + scans - 1, or until the deadline; the number done."""
        done = 0
        warm = start + min(100, scans // 4)
        for number in range(start, start + scans):
            if len(self.failures) >= self.patience or (deadline and time.monotonic() > deadline):
                break
            if number == warm:
                self.baseline = (self.database.bytes(), self.database.resident_kb(), self.database.descriptors()[1])
            try:
                self._scan(number)
            except psycopg2.Error as error:
                self.fail("scan %d: the session is lost: %s" % (number, str(error).strip()))
                return done
            done += 1
        self._judge_growth()
        return done

    def sweep(self):
        """Every table with every fault that costs no time, at its first requests and at its last one."""
        for table in self.tables:
            columns = [name for name, _ in table.columns]
            json_at = tuple(place for place, (_, kind) in enumerate(table.columns) if kind == "jsonb")
            query = Query("SELECT * FROM " + table.name, [table], json_at)
            if table.must_filter:
                continue
            before = self.emulator.sequence()
            self._truth(query)
            count = self.emulator.sequence() - before
            for fault in faults.FAULTS:
                if not fault.takes_time and (table.has_numeric_id() or not fault.needs_id):
                    for after in sorted({0, 1, 2, count - 1} & set(range(count))):
                        rule = {**fault.spec(), "after": after, "times": 1}
                        self._attempt("%s, request %d of %d" % (fault, after + 1, count), query, [rule])

    # -- a scan

    def _scan(self, number):
        dice = random.Random("%d:%d" % (self.seed, number))
        query = Generator(self.tables, dice).query()
        has_id = all(table.has_numeric_id() for table in query.tables)
        rule = faults.rule(dice.getrandbits(31), self.probability, has_id)
        self._attempt("scan %d" % number, query, [*self.planted, rule])

    def _attempt(self, label, query, rules):
        try:
            truth = self._truth(query)
        except Failure as failure:
            if failure.sqlstate == REFUSED:
                self.outcomes["refused without parents"] += 1
            else:
                self.fail("%s fails without faults: %s\n%s" % (label, query.sql, failure))
            return
        before = self.emulator.sequence()
        for rule in rules:
            self.emulator.control("POST", "fault", rule)
        rows = failure = None
        try:
            rows = self.database.run(query.sql)
        except Failure as caught:
            failure = caught
        finally:
            self.emulator.control("DELETE", "fault")
        self._judge(label, query, truth, rows, failure, self.emulator.log(since=before))

    def _truth(self, query):
        if query.truth not in self.truths:
            self.truths[query.truth] = self.database.run(query.truth)
        return self.truths[query.truth]

    def _judge(self, label, query, truth, rows, failure, log):
        entries = [entry for entry in log if entry["fault"]]
        struck = [fault for fault in map(faults.find, entries) if fault]
        self.requests += len(log)
        self.struck.update(str(fault) for fault in struck)
        if failure is None:
            changed = any(fault.changes_values for fault in struck)
            words = difference(query, truth, rows, query.json_at if changed else ())
            self.outcomes["right rows in spite of faults" if struck else "right rows, no fault"] += 1
        else:
            allowed = {state for fault in struck for state in fault.sqlstates}
            words = "" if failure.sqlstate in allowed else "SQLSTATE %s: %s" % (failure.sqlstate, failure)
            self.outcomes["SQLSTATE " + (failure.sqlstate or "none")] += 1
            if "sandbox-" in str(failure):
                words += "\nthe credential is in the message: %s" % failure
        if words:
            self.fail("%s: %s\n%s\n%s" % (label, query.sql, words, "\n".join(map(_describe, entries))))
        if any(fault.closes_budget for fault in struck):
            self.database.move_on(log[0]["crm"])

    # -- afterwards

    def _judge_growth(self):
        if self.sabotage:
            self.sabotage(self.database)
        if self.baseline is None:
            return
        more_bytes = self.database.bytes() - self.baseline[0]
        more_kb = self.database.resident_kb() - self.baseline[1]
        sockets, others = self.database.descriptors()
        slots = self.database.shared_slots()
        self.say("growth: %d bytes in contexts, %d kB resident; %d sockets, %d other descriptors, %d shared slots" % (
            more_bytes, more_kb, sockets, others, slots))
        if more_bytes > MOST_BYTES or more_kb > MOST_RESIDENT_KB:
            self.fail("the backend grew by %d bytes in contexts, %d kB resident" % (more_bytes, more_kb))
        if sockets > MOST_SOCKETS_PER_SERVER * len(self.database.servers):
            self.fail("%d sockets are left open" % sockets)
        if others > self.baseline[2] + 3 * len(self.database.servers):
            self.fail("%d other descriptors are left open; there were %d" % (others, self.baseline[2]))
        if slots:
            self.fail("%d shared slots are left in use" % slots)

    def report(self):
        """What happened, as lines."""
        yield "%d requests, %d of them struck by %d kinds of %d" % (
            self.requests, sum(self.struck.values()), len(self.struck), len({str(f) for f in faults.FAULTS}))
        yield "struck: " + ", ".join("%s %d" % pair for pair in self.struck.most_common())
        yield "outcomes: " + ", ".join("%s %d" % pair for pair in self.outcomes.most_common())


def difference(query, truth, rows, ignored=()):
    """In words how rows differ from the truth, columns at the ignored places aside; empty if they do not."""
    def seen(row):
        return tuple(value for place, value in enumerate(row) if place not in ignored)

    expected, actual = Counter(map(seen, truth)), Counter(map(seen, rows))
    if query.compare == MEMBERS:
        wanted = min(query.limit, len(truth))
        if len(rows) != wanted:
            return "%d rows instead of %d" % (len(rows), wanted)
        expected &= actual
    if expected == actual:
        return ""
    lines = ["%d rows instead of %d" % (len(rows), len(truth))]
    lines += ["missing: %.300r" % (row,) for row in list((expected - actual).elements())[:2]]
    lines += ["too many: %.300r" % (row,) for row in list((actual - expected).elements())[:2]]
    return "\n".join(lines)


def _describe(entry):
    pairs = "&".join("=".join(pair) for pair in entry["query"] + entry["form"])
    return "  request %d: %s %s %s: %s %s" % (
        entry["seq"], entry["method"], entry["path"], pairs, entry["fault"], entry["fault_params"])
