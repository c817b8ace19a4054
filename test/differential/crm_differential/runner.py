"""
Runs a case three ways and judges the results.
"""
import re

import psycopg2

from .account import REFUSED
from .case import Failure, difference

NUMERIC = 1700
MOST_ROWS = 20_000
LOCAL_TIMEOUT = "5s"
# With push-down off and on.  The short ones are for looking closer at a query
# that does not end.
PATIENCE = ("10s", "30s")
IMPATIENCE = ("2s", "4s")

CANCELLED = "57014"
CRASHED = "lost connection"

EQUAL, DIFFERENT, SKIPPED = "equal", "different", "skipped"


def pushed_lines(plan):
    """What the API evaluates, according to the lines of a plan."""
    return [line.split(":", 1)[1].strip() for line in plan if line.strip().startswith("CRM Pushed Down:")]


class Verdict:
    """What came of a case.

    status   equal, different or skipped
    reason   of a skipped one, or what an equal one is besides ("refused", an
             SQLSTATE); counted
    details  of a difference, in words
    explain  EXPLAIN (VERBOSE) of the last query with push-down
    rows     how many the queries returned
    """

    def __init__(self, status, reason="", details="", explain=(), rows=0):
        self.status = status
        self.reason = reason
        self.details = details
        self.explain = list(explain)
        self.rows = rows

    def pushed(self):
        """What the API evaluates."""
        return pushed_lines(self.explain)


class Runner:
    """Runs cases of one account.

    plant     a planted bug that strikes only while push-down is on, or None
    patience  statement timeouts with push-down off and on
    """

    def __init__(self, account, plant=None, patience=PATIENCE):
        self.account = account
        self.plant = plant
        self.off_timeout, self.on_timeout = patience

    def judge(self, case, explain=True):
        """A Verdict."""
        schema = self.account.schema
        try:
            self.account.run("BEGIN")
            local = self._side(case, schema.copy, "on", LOCAL_TIMEOUT)
            reason = self._hopeless(local)
            if reason:
                return Verdict(SKIPPED, reason)
            unlimited = self._side(case, schema.copy, "on", LOCAL_TIMEOUT, case.unlimited) if case.unlimited else None
            if isinstance(unlimited, Failure):
                return Verdict(SKIPPED, "without LIMIT: " + unlimited.sqlstate)
            hits = self.plant and self.plant.hits
            on, plan = self._pushed_side(case, explain)
            if self.plant and self.plant.hits == hits:
                return Verdict(SKIPPED, "nothing for the planted bug", explain=plan)
            off = self._side(case, schema.name, "off", self.off_timeout)
            return self._compare(case, {"on": on, "off": off, "local": local}, unlimited, plan)
        finally:
            self.account.connect()
            self.account.run("ROLLBACK")

    def _pushed_side(self, case, explain):
        if self.plant is not None:
            self.plant.armed = True
        try:
            plan = []
            on = self._side(case, self.account.schema.name, "on", self.on_timeout, plan=plan if explain else None)
            return on, plan
        finally:
            if self.plant is not None:
                self.plant.armed = False

    def _side(self, case, search_path, pushdown, timeout, queries=None, plan=None):
        """A list of rows per query, or a Failure.

        Everything happens in one transaction, so that now() is the same on all
        sides, and is undone.
        """
        settings = dict(case.settings, search_path=search_path, statement_timeout=timeout)
        settings["crm_fdw.enable_pushdown"] = pushdown
        prepared = any(statement.startswith("PREPARE") for statement in case.setup)
        try:
            with self.account.connect().cursor() as cursor:
                cursor.execute("SAVEPOINT side;" + ";".join(
                    "SET LOCAL %s = '%s'" % item for item in settings.items()))
                for statement in case.setup:
                    cursor.execute(statement)
                results = []
                for query in case.queries if queries is None else queries:
                    cursor.execute(query)
                    results.append(self._rows(cursor))
                if plan is not None:
                    cursor.execute("EXPLAIN (VERBOSE, COSTS OFF) " + case.queries[-1])
                    plan += [row[0] for row in cursor.fetchall()]
                return results
        except psycopg2.Error as error:
            if self.account.connection.closed:
                self.account.connect()
                self.account.run("BEGIN")
                return Failure(CRASHED, str(error))
            return Failure(error.pgcode, str(error).strip())
        finally:
            self._undo(prepared)

    def _undo(self, prepared):
        try:
            self.account.run("ROLLBACK TO side")
        except psycopg2.Error:
            self.account.run("ROLLBACK; BEGIN")
        if prepared:
            self.account.run("DEALLOCATE ALL")

    @staticmethod
    def _rows(cursor):
        """The rows; numerics in one form, as 1.0 and 1.00 are equal and PostgreSQL may show either."""
        numerics = [i for i, column in enumerate(cursor.description) if column.type_code == NUMERIC]
        rows = cursor.fetchall()
        if not numerics:
            return rows
        return [tuple(_normalized(value) if i in numerics else value for i, value in enumerate(row)) for row in rows]

    @staticmethod
    def _hopeless(local):
        """Why a case is not worth the requests, or None."""
        if isinstance(local, Failure):
            if local.sqlstate[:2] == "42":
                return "not SQL (%s)" % local.message.split("\n")[0]
            return "too slow" if local.sqlstate == CANCELLED else None
        if any(len(rows) > MOST_ROWS for rows in local):
            return "too many rows"
        return None

    def _compare(self, case, sides, unlimited, plan):
        failures = {name: side for name, side in sides.items() if isinstance(side, Failure)}
        refused = [name for name in ("on", "off") if name in failures and failures[name].sqlstate == REFUSED]
        compared = [name for name in ("on", "off") if name not in refused]
        if not compared:
            return Verdict(EQUAL, "refused", explain=plan)
        if failures.get("off") and failures["off"].sqlstate == CANCELLED:
            return Verdict(SKIPPED, "too slow without push-down")
        codes = {name: failures[name].sqlstate if name in failures else None for name in compared + ["local"]}
        if any(codes.values()):
            return self._compare_failures(codes, failures, plan)
        found = []
        for name in compared:
            for number, (expected, actual) in enumerate(zip(sides["local"], sides[name])):
                words = difference(case.compare, case.keys, expected, actual, unlimited and unlimited[number])
                if words:
                    found.append("push-down %s, query %d: %s" % (name, number + 1, words))
                    break
        if found:
            return Verdict(DIFFERENT, details="\n".join(found), explain=plan)
        return Verdict(EQUAL, "refused only with push-down %s" % refused[0] if refused else "", explain=plan,
                       rows=sum(len(rows) for rows in sides["local"]))

    @staticmethod
    def _compare_failures(codes, failures, plan):
        if len(set(codes.values())) == 1:
            return Verdict(EQUAL, "SQLSTATE " + failures["local"].sqlstate, explain=plan)
        if all(code is None or re.match("22", code) for code in codes.values()):
            # Which clause meets a bad value first is the planner's choice.
            return Verdict(SKIPPED, "evaluation order: " + ", ".join(sorted(filter(None, codes.values()))))
        words = ["%s: %s" % (name, "%s %s" % (code, failures[name].message) if code else "no error")
                 for name, code in codes.items()]
        return Verdict(DIFFERENT, details="\n".join(words), explain=plan)


def _normalized(text):
    return text.rstrip("0").rstrip(".") if text is not None and "." in text else text
