"""
Faults by rule: what a server, a proxy or a bug can do to an answer.

A rule names the requests it meets and what they get: one kind of fault, or one
of several by chance.  Kinds that only change the answer are applied here; those
that play with the connection are listed in TRANSPORT_KINDS and carried out by
server.py.
"""
import re
import struct
import zlib
from collections import Counter
from functools import lru_cache

from .dice import Dice
from .model import Response
from .wire import Raw, dumps, loads_exact

TRANSPORT_KINDS = ("hang_headers", "hang_body", "slow_body", "truncate", "close", "reset",
                   "reset_body", "big_body")

# Parameters that choose a page of a list, in any of the CRMs.
PAGING_PARAMETERS = {"limit", "offset", "id_greater", "page", "per_page", "page_size", "cursor"}

_INVALID_MARK = "invalid-utf8-here"


class Strike:
    """What one request gets."""
    __slots__ = ("kind", "params")

    def __init__(self, spec):
        self.kind = spec.get("kind")
        if self.kind not in KINDS:
            raise ValueError("kind must be one of %s" % ", ".join(sorted(KINDS)))
        self.params = dict(spec.get("params") or {})


class FaultRule:
    """When a fault strikes, and which; parsed from the JSON of POST /_sandbox/fault."""

    KNOWN = {"crm", "path", "method", "kind", "after", "times", "probability", "params",
             "kinds", "seed"}

    def __init__(self, number, spec):
        unknown = set(spec) - self.KNOWN
        if unknown:
            raise ValueError("unknown member %s" % ", ".join(sorted(unknown)))
        if "kinds" in spec and ("kind" in spec or not spec["kinds"]):
            raise ValueError("either kind or kinds, and these are not empty")
        self.choices = [Strike(choice) for choice in spec.get("kinds") or [spec]]
        self.number = number
        self.crm = spec.get("crm")
        self.method = spec.get("method")
        self.path = re.compile(spec.get("path", ""))
        self.after = int(spec.get("after", 0))
        self.times = spec.get("times")
        self.probability = float(spec.get("probability", 1))
        self.seed = int(spec.get("seed", number))
        self.met = 0
        self.struck = 0
        self.seen = Counter()

    def strike(self, crm, request):
        """Count a request; the Strike it gets, or None.

        Chance depends on the seed, the request and how often it was made, but
        not on the order of different requests: they may be sent side by side.
        """
        if (self.crm not in (None, crm) or self.method not in (None, request.method)
                or not self.path.search(request.path)):
            return None
        self.met += 1
        if self.met <= self.after or (self.times is not None and self.struck >= self.times):
            return None
        identity = "%s %s %r" % (request.method, request.path,
                                 sorted(request.query) + sorted(request.form))
        self.seen[identity] += 1
        dice = Dice(self.seed, identity, self.seen[identity])
        if self.probability < 1 and not dice.chance(100 * self.probability):
            return None
        self.struck += 1
        return dice.pick(self.choices)

    def describe(self):
        return {"number": self.number, "kind": "/".join(sorted({c.kind for c in self.choices})),
                "crm": self.crm, "path": self.path.pattern, "met": self.met, "struck": self.struck}


class Memory:
    """Earlier answers, which some faults repeat."""

    def __init__(self):
        self.latest = {}
        self.latest_page = {}
        self.oldest = {}

    @staticmethod
    def _list(crm, request):
        """What the pages of one list have in common."""
        return (crm, request.path,
                tuple(sorted(pair for pair in [*request.query, *request.form]
                             if pair[0] not in PAGING_PARAMETERS)))

    @staticmethod
    def _begins(request):
        """Whether it asks for the first page, which repeats none of its read."""
        given = dict([*request.query, *request.form])
        return (given.get("offset", "0") == "0" and given.get("page", "1") == "1" and
                not {"cursor", "id_greater", "id_less"} & given.keys())

    def note(self, crm, request, response):
        """Remember an undisturbed answer."""
        if response.status == 200:
            self.latest[crm, request.path] = response
            self.latest_page[self._list(crm, request)] = response
            self.oldest.setdefault((crm, request.path), response)

    def previous(self, crm, request, same_list):
        """The last undisturbed answer of the path, or of the very list; None without one."""
        if same_list and self._begins(request):
            return None
        if same_list:
            return self.latest_page.get(self._list(crm, request))
        return self.latest.get((crm, request.path))


def distort(strike, crm, request, response, memory):
    """The answer a strike makes of the true one."""
    return KINDS[strike.kind](strike.params, crm, request, response, memory)


# ---------------------------------------------------------------- whole answers

def _status(params, crm, request, response, memory):
    body = params.get("body", {"message": "injected fault"})
    return Response(int(params.get("code", 500)), body, params.get("headers"),
                    params.get("content_type", "application/json"))


def _html(params, crm, request, response, memory):
    title = params.get("title", "Service Unavailable")
    return Response(int(params.get("code", 200)),
                    "<!DOCTYPE html><html><head><title>%s</title></head><body><h1>%s</h1>"
                    "<p>Please try again.</p></body></html>" % (title, title),
                    content_type="text/html; charset=utf-8")


def _xml(params, crm, request, response, memory):
    return Response(200, '<?xml version="1.0" encoding="UTF-8"?><collection><contact><id>1</id>'
                    "</contact></collection>", content_type="application/xml")


def _empty(params, crm, request, response, memory):
    return Response(int(params.get("code", 200)), b"")


def _not_json(params, crm, request, response, memory):
    return Response(200, params.get("body", "OK, but not JSON"))


def _truncated_json(params, crm, request, response, memory):
    return Response(200, response.body[:len(response.body) // 2])


def _redirect(params, crm, request, response, memory):
    location = params.get("location", "https://login.example.invalid/")
    return Response(int(params.get("code", 302)), b"", {"Location": location}, "text/html")


def _retry_after(params, crm, request, response, memory):
    seconds = params.get("seconds", 1)
    return Response(int(params.get("code", 429)), params.get("body", {"message": "Slow down"}),
                    {"Retry-After": str(seconds)})


def _echo_credential(params, crm, request, response, memory):
    said = [request.headers.get(name, "") for name in ("authorization", "api-token")]
    said.extend(request.basic_auth() or ())
    return Response(int(params.get("code", 403)),
                    {"message": "Refused for credential " + " ".join(filter(None, said))})


@lru_cache(maxsize=2)
def _bomb(size):
    """A JSON object of size blanks as one gzip stream.

    A block that ends in a full flush can be repeated, so that only one block is
    ever compressed.
    """
    block = b" " * (1 << 20)
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = squeeze.compress(block) + squeeze.flush(zlib.Z_FULL_FLUSH)
    count = max(1, size >> 20)
    checksum = zlib.crc32(b"{")
    for _ in range(count):
        checksum = zlib.crc32(block, checksum)
    checksum = zlib.crc32(b"}", checksum)
    opening = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    closing = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return (b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"
            + opening.compress(b"{") + opening.flush(zlib.Z_FULL_FLUSH) + packed * count
            + closing.compress(b"}") + closing.flush()
            + struct.pack("<II", checksum, (count << 20) + 2 & 0xFFFFFFFF))


def _gzip_bomb(params, crm, request, response, memory):
    return Response(200, _bomb(int(params.get("size", 1 << 30))), {"Content-Encoding": "gzip"})


def _duplicate_page(params, crm, request, response, memory):
    return memory.previous(crm, request, params.get("same_list", False)) or response


# ---------------------------------------------------------------- changed bodies

def rows_of(document):
    """(container, key) of the list of records in an answer, or None.

    container is None for a bare array.
    """
    if isinstance(document, list):
        return None, None
    lists = [key for key, value in document.items() if isinstance(value, list)]
    filled = [key for key in lists if document[key] and isinstance(document[key][0], dict)]
    chosen = max(filled, key=lambda key: len(document[key])) if filled else (lists or [None])[0]
    return document, chosen


def _edited(response, edit):
    """The answer after edit(document); one that is no object or array stays as it is."""
    try:
        document = loads_exact(response.body)
    except ValueError:
        return response
    if not isinstance(document, (dict, list)):
        return response
    document = edit(document)
    return Response(response.status, dumps(document).encode(), response.headers,
                    response.content_type)


def _set_field(response, params, value, default_field="id"):
    """The answer with one field of one record (or of all) replaced."""
    path = str(params.get("field", default_field)).strip("/").split("/")

    def edit(document):
        container, key = rows_of(document)
        rows = document if container is None else container.get(key)
        if not isinstance(rows, list):
            rows = [next((v for v in document.values() if isinstance(v, dict)), document)]
        chosen = params.get("row", 0)
        for index, row in enumerate(rows):
            if chosen != "all" and index != int(chosen):
                continue
            for step in path[:-1]:
                row = row[int(step)] if isinstance(row, list) else row[step]
            if isinstance(row, list):
                row[int(path[-1])] = value
            elif isinstance(row, dict):
                row[path[-1]] = value
        return document

    return _edited(response, edit)


def _wrong_type(params, crm, request, response, memory):
    return _set_field(response, params, params.get("value", {"unexpected": True}))


def _huge_integer(params, crm, request, response, memory):
    return _set_field(response, params, Raw(str(params.get("value", "9" * 40))))


def _nul_escape(params, crm, request, response, memory):
    return _set_field(response, params, "before\x00after", "name")


def _deep_nesting(params, crm, request, response, memory):
    levels = int(params.get("levels", 10_000))
    return _set_field(response, params, Raw("[" * levels + "]" * levels), "deep")


def _invalid_utf8(params, crm, request, response, memory):
    marked = _set_field(response, params, _INVALID_MARK, "name")
    marked.body = marked.body.replace(_INVALID_MARK.encode(), b"caf\xe9 \xff\xfe")
    return marked


def _wrong_envelope(params, crm, request, response, memory):
    if "body" in params:
        return Response(200, params["body"])

    def edit(document):
        container, key = rows_of(document)
        if container is None:
            return {"items": document}
        return {("items" if name == key else name): value for name, value in document.items()}

    return _edited(response, edit)


def _cursor_loop(params, crm, request, response, memory):
    """Bare arrays: the last element's cursor never moves on.  Others: the first page for ever."""
    asked = request.first("cursor")

    def edit(document):
        if isinstance(document, list) and document and isinstance(document[-1], dict):
            document[-1]["cursor"] = asked or params.get("cursor", "Ch9sb29wLWxvb3AtbG9vcA")
        return document

    if response.body[:1] == b"[":
        return _edited(response, edit)
    return memory.oldest.get((crm, request.path), response)


def _lost_record(params, crm, request, response, memory):
    """The list without its last record, and no total that tells."""
    def edit(document):
        container, key = rows_of(document)
        rows = document if container is None else container.get(key)
        if isinstance(rows, list) and rows:
            rows.pop()
            meta = document.get("meta") if container is not None else None
            if isinstance(meta, dict) and "total" in meta:
                meta["total"] = type(meta["total"])(int(meta["total"]) - 1)
        return document

    return _edited(response, edit)


KINDS = {
    "status": _status, "html": _html, "xml": _xml, "empty": _empty, "not_json": _not_json,
    "truncated_json": _truncated_json, "redirect": _redirect, "retry_after": _retry_after,
    "echo_credential": _echo_credential, "gzip_bomb": _gzip_bomb,
    "duplicate_page": _duplicate_page, "wrong_type": _wrong_type, "huge_integer": _huge_integer,
    "nul_escape": _nul_escape, "deep_nesting": _deep_nesting, "invalid_utf8": _invalid_utf8,
    "wrong_envelope": _wrong_envelope, "cursor_loop": _cursor_loop,
    "lost_record": _lost_record,
}
KINDS.update(dict.fromkeys(TRANSPORT_KINDS))
