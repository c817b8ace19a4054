"""
What a run has shown, in numbers.
"""
import re
from collections import Counter

from .nodes import Condition


class Report:
    """Counts verdicts, and how much was really pushed down."""

    def __init__(self):
        self.verdicts = Counter()
        self.reasons = Counter()
        self.shapes = Counter()
        self.pushed_queries = 0
        self.planned = 0
        self.with_rows = 0
        self.kinds = Counter()
        self.pushed_kinds = Counter()

    def add(self, query, verdict):
        """Counts a query."""
        self.verdicts[verdict.status] += 1
        if verdict.reason:
            self.reasons["%s: %s" % (verdict.status, verdict.reason)] += 1
        self.shapes[query.shape] += 1
        self.with_rows += verdict.rows > 0
        if not verdict.explain:
            return
        lines = verdict.pushed()
        self.planned += 1
        self.pushed_queries += bool(lines)
        for kind, words in self._parts(query):
            self.kinds[kind] += 1
            self.pushed_kinds[kind] += any(re.search(words, line) for line in lines)

    @staticmethod
    def _parts(query):
        """(kind, pattern that shows it in what was pushed) of the clauses of a query."""
        for node in query.walk():
            if isinstance(node, Condition) and node.column is not None:
                yield node.kind, r"\b%s\b" % re.escape(node.column.plain_name)
        select = query.select
        if select.order:
            yield "ORDER BY", "ORDER BY"
        if select.limit:
            yield "LIMIT", "LIMIT"
        if any(getattr(item.expression, "parts", None) == ("count(*)",) for item in select.items):
            yield "count(*)", r"count\("

    def pushed_share(self):
        """Percentage of queries of which something was pushed."""
        return 100 * self.pushed_queries / self.planned if self.planned else 0.0

    def lines(self):
        """The report."""
        total = sum(self.verdicts.values())
        yield "%d queries: %d equal (%d of them with rows), %d different, %d skipped" % (
            total, self.verdicts["equal"], self.with_rows, self.verdicts["different"], self.verdicts["skipped"])
        for reason, count in self.reasons.most_common():
            yield "  %5d %s" % (count, reason)
        yield "shapes: " + ", ".join("%s %d" % item for item in self.shapes.most_common())
        yield "pushed down: %d of %d queries (%.0f %%); by kind of clause:" % (
            self.pushed_queries, self.planned, self.pushed_share())
        for kind, count in sorted(self.kinds.items(), key=lambda item: (-self.pushed_kinds[item[0]], item[0])):
            yield "  %-22s %5d of %5d (%3.0f %%)" % (
                kind, self.pushed_kinds[kind], count, 100 * self.pushed_kinds[kind] / count)
