"""
Planted bugs: a proxy in front of the sandbox that spoils requests the way a
mistaken push-down would, or answers the way a misunderstood API would.

They strike only while the tester's push-down side runs.
"""
import asyncio
import json
import re
import threading
from urllib.parse import parse_qsl, urlencode

from aiohttp import ClientSession, web
from yarl import URL

from .values import parse_time, time_text

# Parameters of every list: paging, order, flags.
_NO_FILTER = re.compile(r"^(limit|offset|page|per_page|page_size|cursor|order|order_by|orders\[.*|include|id_greater"
                        r"|id_less|fetch_.*|global_sort_key|filter_id|count)$")
_LOWER = re.compile(r"after\]?$|^from$|^start$|greater|minimum")
_UPPER = re.compile(r"before\]?$|^to$|^end$|less|maximum")

DAY = 24 * 3600

# Headers that belong to one connection, not to the exchange.
_OWN_HEADERS = {"host", "connection", "server", "accept-encoding", "content-length", "content-encoding",
                "transfer-encoding"}

# What a plant answers instead of a document: there is no such record.
MISSING = object()

# A fraction travels through Python as a text, so that no digit is lost.
_FRACTION = "fraction<%s>"
_IS_FRACTION = re.compile(r'"fraction<([^">]*)>"')


class Exchange:
    """One request on its way; pairs are the (name, value) of query and form."""

    def __init__(self, path, query, form):
        self.path = path
        self.query = query
        self.form = form

    def filters(self):
        """The (name, value) that narrow the list."""
        return [(n, v) for n, v in self.query + self.form if not _NO_FILTER.match(n)]

    def change(self, function):
        """Replaces values by function(name, value); None drops the pair.  True if one changed."""
        before = (self.query, self.form)
        self.query = _changed(self.query, function)
        self.form = _changed(self.form, function)
        return (self.query, self.form) != before


def _changed(pairs, function):
    result = [(name, value if _NO_FILTER.match(name) else function(name, value)) for name, value in pairs]
    return [(name, value) for name, value in result if value is not None]


def _moved(value, step):
    """A bound moved by so many seconds (or units, if it is no time)."""
    if re.fullmatch(r"-?\d{9,10}", value):
        return str(int(value) + step)
    if re.fullmatch(r"-?\d{12,13}", value):
        return str(int(value) + step * 1000)
    if re.fullmatch(r"-?\d+", value):
        return str(int(value) + step)
    moment = parse_time(value)
    if moment is None:
        return value
    return time_text(moment.fromtimestamp(moment.timestamp() + step, moment.tzinfo)).replace(" ", "T").replace(
        ".000000+00", "+00:00")


def _rules(value, change):
    """Changes the rules of a JSON filter; the value as it was if it is none."""
    try:
        document = json.loads(value)
    except ValueError:
        return value
    if not isinstance(document, dict) or not isinstance(document.get("rules"), list):
        return value
    document["rules"] = [change(rule) for rule in document["rules"]]
    return json.dumps(document)


# ---------------------------------------------------------------- plants

class Plant:
    """A planted bug.

    crms      where it can strike
    switches  what the sandbox must be told so that it matters
    hits      how often it has struck
    """
    name = ""
    crms = ("activecampaign", "aircall", "agilecrm")
    switches = {}
    armed = False

    def __init__(self, crm=""):
        self.crm = crm
        self.hits = 0

    def request(self, exchange):
        """Changes a request; True if it did."""
        return False

    def answer(self, exchange, document):
        """The decoded answer with a change; None to leave it as it is, MISSING to say there is none."""
        return None


class MovedBound(Plant):
    """Bounds are tighter than what crm_fdw allows for the API's reading of them."""
    name = "bounds too tight"
    steps = {"activecampaign": 3 * DAY, "aircall": 2, "agilecrm": 3 * DAY}

    def request(self, exchange):
        step = self.steps[self.crm]

        def move(name, value):
            if value.startswith("{"):
                return _rules(value, rule)
            sign = 1 if _LOWER.search(name) else -1 if _UPPER.search(name) else 0
            return _moved(value, sign * step) if sign else value

        def rule(one):
            sign = {"AFTER": 1, "IS_GREATER_THAN": 1, "BEFORE": -1, "IS_LESS_THAN": -1}.get(one.get("CONDITION"))
            return dict(one, RHS=_moved(str(one["RHS"]), sign * step)) if sign and "RHS" in one else one
        return exchange.change(move)


class LowerCase(Plant):
    """Texts are compared in lower case with what has capitals."""
    name = "texts sent in lower case to an API that minds case"
    crms = ("activecampaign",)
    switches = {"case_insensitive": False}

    def request(self, exchange):
        return exchange.change(lambda name, value: value if _LOWER.search(name) or _UPPER.search(name)
                               else value.lower())


class ShortList(Plant):
    """Of several values of one parameter one is lost."""
    name = "one of several values is not sent"
    crms = ("activecampaign",)

    def request(self, exchange):
        names = [re.sub(r"\[\d*\]$", "[]", name) for name, _ in exchange.filters()]
        repeated = {name for name in names if names.count(name) > 1}
        for pairs in (exchange.query, exchange.form):
            places = [i for i, (name, _) in enumerate(pairs) if re.sub(r"\[\d*\]$", "[]", name) in repeated]
            if places:
                del pairs[places[len(places) // 2]]
                return True
        return False


class LossyFilter(Plant):
    """A filter misses one of the records it should find."""
    name = "a filter misses a record"

    def answer(self, exchange, document):
        rows = _records(document) if exchange.filters() else None
        if not rows:
            return None
        rows.pop()
        _add_to_total(document, -1)
        return document


class WrongTotal(Plant):
    """The total of a list counts a record that is not there."""
    name = "a total that counts one record too many"

    def answer(self, exchange, document):
        if isinstance(document, int):
            return document + 1
        small = any(name in ("limit", "per_page") and value in ("0", "1") for name, value in exchange.query)
        return document if small and _add_to_total(document, 1) else None


class WrongOrder(Plant):
    """A list in descending order comes with two records exchanged."""
    name = "two records of a descending list exchanged"
    crms = ("activecampaign",)      # elsewhere crm_fdw sorts what it gets

    def answer(self, exchange, document):
        descending = any(name.startswith("order") and value.lower() == "desc" for name, value in exchange.query)
        rows = _records(document) if descending else None
        if not rows or len(rows) < 2:
            return None
        rows[0], rows[-1] = rows[-1], rows[0]
        return document


class ForgottenParent(Plant):
    """A list below a record lacks its last entry."""
    name = "a list below a record lacks an entry"

    def answer(self, exchange, document):
        if not re.search(r"/\d+/[A-Za-z_-]+$", exchange.path):
            return None
        rows = _records(document)
        if not rows:
            return None
        rows.pop()
        _add_to_total(document, -1)
        return document


class ForgottenRecord(Plant):
    """A record asked for by its id is not found."""
    name = "a record asked for by its id is not found"
    crms = ("aircall", "agilecrm")      # ActiveCampaign's are asked for in lists

    def answer(self, exchange, document):
        return MISSING if re.search(r"/\d+$", exchange.path) else None


PLANTS = (MovedBound, LowerCase, ShortList, LossyFilter, WrongTotal, WrongOrder, ForgottenParent, ForgottenRecord)


def _records(document):
    """The list of records in an answer, or None."""
    if isinstance(document, list):
        return document if document and isinstance(document[0], dict) else None
    if isinstance(document, dict):
        lists = [v for v in document.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
        return max(lists, key=len) if lists else None
    return None


def _add_to_total(document, number):
    meta = document.get("meta") if isinstance(document, dict) else None
    if not isinstance(meta, dict) or "total" not in meta:
        return False
    meta["total"] = type(meta["total"])(int(meta["total"]) + number)
    return True


# ---------------------------------------------------------------- proxy

class Proxy:
    """Passes requests on to the sandbox, through a plant that can be changed."""

    def __init__(self, upstream):
        self.upstream = upstream
        self.plant = Plant()
        self.url = None
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        if not self._ready.wait(30):
            raise RuntimeError("the proxy did not start")
        return self

    def __exit__(self, *exception):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(30)

    def _run(self):
        self._loop.run_until_complete(self._serve())

    async def _serve(self):
        self._stop = asyncio.Event()
        async with ClientSession() as self._session:
            server = web.Server(self._handle, access_log=None)
            listener = await self._loop.create_server(server, "127.0.0.1", 0)
            self.url = "http://127.0.0.1:%d" % listener.sockets[0].getsockname()[1]
            self._ready.set()
            await self._stop.wait()
            listener.close()
            await server.shutdown(0.1)

    async def _handle(self, raw):
        plant = self.plant
        path, _, query = raw.raw_path.partition("?")
        body = await raw.read()
        is_form = raw.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded")
        exchange = Exchange(path, parse_qsl(query, keep_blank_values=True),
                            parse_qsl(body.decode(), keep_blank_values=True) if is_form else [])
        if plant.armed and plant.request(exchange):
            plant.hits += 1
            query, body = urlencode(exchange.query), urlencode(exchange.form).encode() if is_form else body
        headers = {n: v for n, v in raw.headers.items() if n.lower() not in _OWN_HEADERS}
        url = self.upstream + path + ("?" + query if query else "")
        async with self._session.request(raw.method, URL(url, encoded=True), headers=headers, data=body or None,
                                         allow_redirects=False) as answer:
            content = await answer.read()
            status = answer.status
            kept = {n: v for n, v in answer.headers.items() if n.lower() not in _OWN_HEADERS}
        if plant.armed and status == 200:
            content, status = self._spoil(plant, exchange, content, status)
        return web.Response(status=status, body=content or None, headers=kept)

    @staticmethod
    def _spoil(plant, exchange, content, status):
        try:
            document = json.loads(content, parse_float=lambda text: _FRACTION % text)
        except ValueError:
            return content, status
        document = plant.answer(exchange, document)
        if document is None:
            return content, status
        plant.hits += 1
        if document is MISSING:
            return b"", 204 if plant.crm == "agilecrm" else 404
        return _IS_FRACTION.sub(r"\1", json.dumps(document)).encode(), status
