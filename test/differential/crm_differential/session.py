"""
One run against one CRM: regressions, random queries, planted bugs.
"""
import hashlib
import json
import random
import time

from .case import Case
from .generator import Generator
from .minimiser import minimise, minimise_environment
from .plants import PLANTS, Proxy
from .probe import probe
from .query import Relation
from .report import Report
from .runner import CANCELLED, DIFFERENT, EQUAL, IMPATIENCE, PATIENCE, Runner

BATCH = 25              # queries that share an environment
MOST_DIFFERENCES = 3    # minimised and shown
PLANT_QUERIES = 1500

# Switches that change how the sandbox answers but not what is true.
SWITCHES = {
    "activecampaign": {"case_insensitive": (True, False), "trim_values": (False, True),
                       "bounds": ("documented", "inclusive", "exclusive", "day"), "bounds_clock": (None, 0, 9),
                       "largest_page": (100, 20), "shuffle_ties": (False, True), "ignore_include": (False, True)},
    "aircall": {"bounds": ("documented", "inclusive", "exclusive"), "ignore_case": (False, True),
                "both_users": (False, True), "refuse_unknown": (False, True)},
    "agilecrm": {"bounds": ("documented", "inclusive", "exclusive", "day"), "filter_500": (False, False, True),
                 "unpaged_tasks": (False, True), "no_dev_custom_fields": (False, True)},
}

# Options of the servers, each with its own; None = not set.
SMALL_PAGES = ("7", "2")
OPTIONS = {"page_size": (None, None, None, "1000", "1000", *SMALL_PAGES), "concurrency": (None, None, "1", "2", "16"),
           "async_capable": (None, None, "false")}
CRM_OPTIONS = {"agilecrm": {"search_filters": ("true", "false")}}


class Session:
    """Everything about one CRM.

    seed      decides every query and environment
    varied    whether the sandbox's switches are varied
    """

    def __init__(self, account, seed, varied, regressions, say):
        self.account = account
        self.seed = seed
        self.varied = varied
        self.regressions = regressions
        self.say = say
        self.report = Report()
        self.failures = 0
        self.parameters = []
        self.known_switches = {}

    def dice(self, *about):
        """Chance that depends on the seed and what it is for, and on nothing else."""
        return random.Random(":".join(str(part) for part in (self.seed, self.account.crm, *about)))

    def prepare(self):
        """Imports, copies, and learns what can be pushed."""
        self.account.build(self.dice("analyze"), self.say)
        self.known_switches = self.account.emulator.control("POST", "config", {})["switches"][self.account.crm]
        self.account.enter(self._widest())
        self.parameters = probe(self.account)
        columns = [(t, c) for t in self.account.schema.tables for c in t.columns if c.pushable]
        self.say("%s: %d columns of %d tables can be pushed, with %d parameters" % (
            self.account.crm, len(columns), len({t.name for t, _ in columns}), len(self.parameters)))

    # -- environments

    def _widest(self):
        """The environment in which most can be pushed."""
        options = {name: choices[0] for name, choices in CRM_OPTIONS.get(self.account.crm, {}).items()}
        return {"options": options, "second": options}

    def environment(self, batch):
        """The sandbox's switches and the servers' options for a batch of queries."""
        dice = self.dice("environment", batch)
        choices = dict(OPTIONS, **CRM_OPTIONS.get(self.account.crm, {}))
        environment = {}
        for server in ("options", "second"):
            drawn = {name: dice.choice(values) for name, values in choices.items()}
            environment[server] = {name: value for name, value in drawn.items() if value is not None}
        if self.varied:
            switches = {name: dice.choice(choices) for name, choices in SWITCHES[self.account.crm].items()
                        if name in self.known_switches}
            if "ignore_filters" in self.known_switches:
                switches["ignore_filters"] = dice.choice(([], [], self.parameters, [
                    name for name in self.parameters if dice.random() < 0.5]))
            # Equal values fill a small page; where they also change places, the read may rightly end with an error.
            sizes = [environment[server].get("page_size") for server in ("options", "second")]
            if "shuffle_ties" in switches and any(size in SMALL_PAGES for size in sizes):
                switches["shuffle_ties"] = False
            environment["switches"] = switches
        return environment

    # -- regressions

    def run_regressions(self):
        """Every case that once showed a difference."""
        runner = Runner(self.account)
        for path in sorted(self.regressions.glob("*.sql")):
            case = Case.from_text(path.read_text(encoding="utf-8"))
            if case.crm != self.account.crm:
                continue
            self.account.enter(case.environment)
            verdict = runner.judge(case)
            if verdict.status == "equal" and not verdict.reason:
                self.say("regression %s: equal" % path.name)
            else:
                self.failures += 1
                self.say("regression %s: %s %s\n%s\n%s" % (path.name, verdict.status, verdict.reason, verdict.details,
                                                           case.sql()))

    # -- random queries

    def query(self, number):
        """A query; two of five keep to what can be pushed, so that rare things like count(*) come up."""
        dice = self.dice("query", number)
        return Generator(self.account.schema, dice, focus=() if dice.random() < 0.4 else None).query()

    def run_queries(self, start, queries, deadline):
        """Queries start, start + 1, ...: so many, or until the deadline."""
        runner = Runner(self.account)
        number, entered = start, None
        while (deadline is None or time.monotonic() < deadline) and (queries is None or number < start + queries):
            if number // BATCH != entered:
                entered = number // BATCH
                self.account.enter(self.environment(entered))
            query = self.query(number)
            verdict = runner.judge(query.case())
            self.report.add(query, verdict)
            if verdict.status == DIFFERENT:
                self.failures += 1
                self._show("%d" % number, query, verdict)
                if self.failures >= MOST_DIFFERENCES:
                    self.say("%s: stopped after %d differences" % (self.account.crm, self.failures))
                    break
            number += 1

    def _show(self, number, query, verdict):
        """Minimises a difference, prints it and keeps it."""
        found_in = self.account.environment
        runner = Runner(self.account, patience=IMPATIENCE if CANCELLED in verdict.details else PATIENCE)
        environment = minimise_environment(query.case(), found_in, runner, self.account)
        self.account.enter(environment)
        query, verdict = minimise(query, runner, runner.judge(query.case()))
        case = query.case()
        case.environment = environment
        found = "Found with seed %s: query %s, in the environment\n%s\nIt differed so:" % (
            self.seed, number, json.dumps(found_in))
        name = "%s-%s.sql" % (self.account.crm, hashlib.sha256(case.sql().encode()).hexdigest()[:8])
        self.say("\nDIFFERENT: %s query %s\n\n%s\n\n%s\n\nfound in: %s\nenough: %s\n%s\n" % (
            self.account.crm, number, case.sql(), verdict.details, found_in, environment or "plain settings",
            "\n".join(verdict.explain)))
        try:
            self.regressions.mkdir(exist_ok=True)
            (self.regressions / name).write_text(
                case.to_text(["Cause: not known yet.", found, verdict.details]), encoding="utf-8")
            self.say("kept as %s" % (self.regressions / name))
        except OSError as error:
            self.say("not kept: %s" % error)
        self.account.enter(found_in)

    # -- planted bugs

    def self_test(self):
        """Every planted bug must be found."""
        with Proxy(self.account.emulator.url()) as proxy:
            self.account.redirect(proxy.url)
            for kind in PLANTS:
                if self.account.crm not in kind.crms:
                    continue
                plant = proxy.plant = kind(self.account.crm)
                self.account.enter(dict(self._widest(), switches=dict(plant.switches)))
                number = self._find(plant)
                if number is None:
                    self.failures += 1
                    self.say("planted bug NOT found in %s: %s (it struck %d times)" % (
                        self.account.crm, plant.name, plant.hits))
                else:
                    self.say("planted bug found in %s: %s (query %d, it struck %d times)" % (
                        self.account.crm, plant.name, number + 1, plant.hits))
            self.account.redirect(self.account.emulator.url())

    def _find(self, plant):
        """The number of the first query that shows the bug, and does not differ without it; or None."""
        runner = Runner(self.account, plant)
        struck = set()
        for number in range(PLANT_QUERIES):
            dice = self.dice("plant", plant.name, number)
            query = Generator(self.account.schema, dice, focus=struck).query()
            hits = plant.hits
            verdict = runner.judge(query.case(), explain=False)
            if plant.hits > hits:       # its tables are where to look
                struck.update(node.base for node in query.walk() if isinstance(node, Relation))
            if verdict.status == DIFFERENT:
                verdict = Runner(self.account).judge(query.case())
                if verdict.status == EQUAL:
                    return number
                self.failures += 1
                self._show("of the self-test (%s, %d)" % (plant.name, number), query, verdict)
        return None
