"""
Lists of a test's own: endpoints that no table stands behind.

Each is paged the way its CRM pages: ActiveCampaign by limit and offset, Aircall
by page numbers, Agile CRM by cursors.  A test may take from it what makes a list
readable (a total, a parameter that is heeded), and change it between two pages.
README.md tells the members of its description.
"""
import base64
import binascii
import json

from .model import Response
from .wire import dumps

KNOWN = {"crm", "path", "rows", "key", "total", "ignore", "largest", "then"}


class OwnList:
    """One list; parsed from the JSON of POST /_sandbox/list."""

    def __init__(self, spec):
        unknown = set(spec) - KNOWN
        if unknown:
            raise ValueError("unknown member %s" % ", ".join(sorted(unknown)))
        self.rows = list(spec["rows"])
        self.key = [name for name in spec.get("key", "").split("/") if name]
        self.total = spec.get("total", True)
        self.ignored = set(spec.get("ignore", ()))
        self.largest = spec.get("largest")
        self.changes = sorted(spec.get("then", ()), key=lambda change: change["after"])
        self.answered = 0

    def number(self, request, name, default):
        """A paging parameter, unless it is not heeded."""
        return default if name in self.ignored else request.integer(name, default)

    def size(self, request, name, default, largest):
        """Rows of a page."""
        size = self.number(request, name, default)
        return min(size if size > 0 else default, largest, self.largest or largest)

    def answer(self, request, page):
        """The next answer; page(list, request) makes it of the rows that there are now."""
        while self.changes and self.changes[0]["after"] <= self.answered:
            self.rows = list(self.changes.pop(0)["rows"])
        self.answered += 1
        return page(self, request)

    def envelope(self, rows, meta):
        """Rows below the names of the key, and what else stands beside them."""
        document = rows
        for name in reversed(self.key):
            document = {name: document}
        if isinstance(document, dict) and meta is not None:
            document = {**document, "meta": meta}
        return Response(200, dumps(document).encode())


def by_offset(own, request):
    """ActiveCampaign's way."""
    size = own.size(request, "limit", 20, 100)
    offset = max(0, own.number(request, "offset", 0))
    meta = {"total": str(len(own.rows))} if own.total else None
    return own.envelope(own.rows[offset:offset + size], meta)


def by_number(own, request):
    """Aircall's way."""
    size = own.size(request, "per_page", 20, 50)
    number = max(1, own.number(request, "page", 1))
    shown = own.rows[(number - 1) * size:number * size]
    meta = {"count": len(shown), "total": len(own.rows), "current_page": number, "per_page": size}
    return own.envelope(shown, meta if own.total else None)


def by_cursor(own, request):
    """Agile CRM's way: the last row of a page says where the next one begins.

    The rows ascend by id, so that a cursor finds its place also when rows have
    come or gone; without ids it is a position.
    """
    size = own.size(request, "page_size", 20, 200)
    asked = None if "cursor" in own.ignored else request.first("cursor")
    start = _place(own.rows, asked) if asked else 0
    shown = list(own.rows[start:start + size])
    if shown and start + size < len(own.rows):
        last = shown[-1]
        mark = [last["id"]] if "id" in last else [None, start + size]
        shown[-1] = {**last, "cursor": base64.urlsafe_b64encode(json.dumps(mark).encode()).decode()}
    return own.envelope(shown, None)


def _place(rows, cursor):
    """Index of the first row behind a cursor; one that was never made finds no row."""
    try:
        mark = json.loads(base64.urlsafe_b64decode(cursor))
    except (ValueError, binascii.Error):
        return len(rows)
    if mark[0] is None:
        return mark[1]
    return sum(1 for row in rows if row["id"] <= mark[0])
