"""
The Agile CRM API: paths under /dev/api and /core/api.

Lists are bare arrays with the paging data inside their elements, answers are
XML unless JSON is asked for, "not found" is 204, and filters of contacts and
deals are answered by a search index.  The data is made in agilecrm_data.py,
the index is in agilecrm_search.py, the paths are in agilecrm_*_paths.py.

Switches
    unpaged_tasks        tasks come in one answer, page_size is ignored
    restricted_user      the key belongs to a user who sees only own records
    index_lag            the n records changed last are not in the search index yet
    filter_500           dynamic filters fail
    ignore_filters       parameters, and fields of rules, that narrow nothing; "*" = every one
    bounds               how AFTER and BEFORE read theirs: documented, inclusive, exclusive, or
                         by calendar days (day), where AFTER leaves out the day of its bound
    deadline             an answer of more than n rows fails (0 = off)
    no_dev_custom_fields custom fields are known below /core/api only
"""
from bisect import bisect_left, bisect_right

from . import agilecrm_contact_paths, agilecrm_deal_paths, agilecrm_ticket_paths
from .agilecrm_people import id_of
from .agilecrm_search import (
    DEAL_DATES, PERSON_DATES, JavaException, SearchIndex, deal_document, parse_filter, person_document)
from .agilecrm_tables import Account
from .agilecrm_wire import (
    DEADLINE, UNAUTHORIZED, Refusal, java_error, list_json, no_content, not_found, read_cursor, write_cursor,
    xml_of)
from .model import Crm, Response
from .own_lists import by_cursor

ROUTES = agilecrm_contact_paths.ROUTES + agilecrm_deal_paths.ROUTES + agilecrm_ticket_paths.ROUTES

# How sort parameters name the values of a record.
SORT_KEYS = {"created_time": "created_at", "updated_time": "updated_at", "name": "name", "name_lower": "name",
             "close_date": "close_date", "last_contacted": "last_contacted_at", "lead_score": "lead_score",
             "last_updated_time": "updated_at", "due": "due_at"}

# Tables in which a user without full rights sees only own records.
OWNED = frozenset(("contacts", "companies", "deals", "tasks", "events"))

REMEMBERED_SEARCHES = 64


class AgileCrm(Crm):
    """Answers requests about the account."""

    name = "agilecrm"
    prefixes = ("/dev/api", "/core/api")
    own_page = by_cursor
    default_switches = {"unpaged_tasks": False, "restricted_user": False, "index_lag": 0, "filter_500": False,
                        "ignore_filters": [], "bounds": "documented", "deadline": 0,
                        "no_dev_custom_fields": False}
    default_credentials = {"email": "owner@example.com", "api_key": "sandbox-agile-key-b41c"}

    def build(self):
        self.account = Account(self)
        self._searches = {}
        self.contact_index = SearchIndex(self.table("contacts"), person_document, PERSON_DATES)
        self.company_index = SearchIndex(self.table("companies"), person_document, PERSON_DATES)
        self.deal_index = SearchIndex(self.table("deals"), deal_document, DEAL_DATES, updated_falls_back=True)

    def table(self, name):
        return self.tables_by_name[name]

    def forget(self):
        super().forget()
        self._searches = {}

    def too_many_requests(self, retry_after):
        return Response(429, "Too many requests", {"Retry-After": str(retry_after)}, "text/plain")

    # -- from request to answer

    def handle(self, request):
        user, secret = request.basic_auth() or (None, None)
        if not self.accepts(email=user, api_key=secret):
            return Response(401, UNAUTHORIZED, {"WWW-Authenticate": 'Basic realm="agilecrm"'}, "text/html")
        prefix = next(p for p in self.prefixes if request.path == p or request.path.startswith(p + "/"))
        try:
            return self.own_answer(request) or self._route(
                prefix, request.path[len(prefix):].strip("/"), request)
        except Refusal as refusal:
            return refusal.response
        except JavaException as error:
            return java_error(str(error))

    def _route(self, prefix, path, request):
        wrong_verb = False
        for route in ROUTES:
            match = route.pattern.fullmatch(path)
            if match is None or route.prefix not in (None, prefix):
                continue
            if route.method != request.method:
                wrong_verb = True
                continue
            parameters = {}
            for key, value in request.query if route.method == "GET" else request.form:
                parameters.setdefault(key, value)
            answer = route.handler(self, request, parameters, *match.groups())
            return self._negotiate(answer, request, route.element)
        if wrong_verb:
            return Response(405, "Method Not Allowed", content_type="text/plain")
        return not_found("/" + path)

    @staticmethod
    def _negotiate(answer, request, element):
        """XML unless the client asks for JSON; element is None where only JSON is made."""
        if (element is None or answer.status != 200 or answer.content_type != "application/json"
                or "application/json" in request.headers.get("accept", "")):
            return answer
        return Response(200, xml_of(bytes(answer.body), element), content_type="application/xml")

    # -- pieces that handlers share

    def current_user(self):
        """Id of the user the key belongs to."""
        return id_of("users", 2 if self.switches["restricted_user"] else 0)

    def visible(self, table):
        """Ids, ascending, that the user may see."""
        if self.switches["restricted_user"] and table.name in OWNED:
            return table.equal("owner_id", self.current_user())
        return table.ids()

    def may_see(self, table, row_id):
        restricted = self.switches["restricted_user"] and table.name in OWNED
        return table.exists(row_id) and (not restricted
                                         or table.value(row_id, "owner_id") == self.current_user())

    def ignores(self, name):
        """Whether a parameter, or a field of a rule, narrows nothing."""
        ignored = self.switches["ignore_filters"]
        return name in ignored or "*" in ignored

    def narrowed_by(self, parameters, name):
        """The value of a parameter that narrows a list; None if it does not."""
        return None if self.ignores(name) else parameters.get(name)

    @staticmethod
    def page_size(parameters, default):
        """The page_size parameter; None in default means everything at once."""
        text = parameters.get("page_size")
        if text is None or text == "":
            return default
        try:
            size = int(text)
        except ValueError:
            raise JavaException('java.lang.NumberFormatException: For input string: "%s"' % text) from None
        return size if size > 0 else default

    def rows(self, table, ids, variant=None):
        """JSON bytes of rows; more than the service can make before its deadline is an error."""
        deadline = int(self.switches["deadline"])
        if deadline and len(ids) > deadline:
            raise Refusal(Response(500, DEADLINE, content_type="text/html"))
        return [self.row_json(table, row_id, variant) for row_id in ids]

    def whole(self, table, ids, count=None):
        """A list in one answer."""
        return Response(200, list_json(self.rows(table, ids), count=count))

    def one(self, table, row_id, variant=None):
        return Response(200, self.row_json(table, row_id, variant))

    def page(self, table, binding, parameters, size, order=None, ids=None, ticket_style=False, empty_last=None,
             count=None, variant=None):
        """One page of a list.

        ids      candidates, ascending (default: all visible rows)
        order    sort parameter, e.g. "-created_time"; default by id
        size     rows per page, None = all
        variant  form of the rows, None = as the table's own list has them
        The cursor holds the last row's sort value and id, so that rows that
        come or go elsewhere do not shift it.  With ticket_style a full page has
        a cursor even if it is the last one, and the count is in the last row.
        """
        order = order or ""
        descending, key = order.startswith("-"), SORT_KEYS.get(order.lstrip("-"), "id")
        rows = self._ascending(table, key, self.visible(table) if ids is None else ids)
        total = len(rows)
        binding = (binding, order, self.switches["restricted_user"])

        def mark(value, row_id):
            return value is not None, 0 if value is None else value, row_id

        def value_of(row_id):
            return row_id if key == "id" else table.value(row_id, key)

        def rank(row_id):
            return mark(value_of(row_id), row_id)

        start, end = 0, total
        if parameters.get("cursor") and size:
            last = mark(*read_cursor(parameters["cursor"], binding))
            if descending:
                end = bisect_left(rows, last, key=rank)
            else:
                start = bisect_right(rows, last, key=rank)
        size = size or total
        wanted = rows[max(start, end - size):end][::-1] if descending else rows[start:min(end, start + size)]
        more = end - start > len(wanted) or (ticket_style and len(wanted) == size and total > size)
        cursor = write_cursor(binding, value_of(wanted[-1]), wanted[-1]) if more and len(wanted) else empty_last
        return list_json(self.rows(table, wanted, variant), cursor, count, ticket_style)

    def _ascending(self, table, key, ids):
        if key == "id":
            return ids
        if len(ids) == len(table.ids()):
            return table.sorted(key)
        members = set(ids)
        return [row_id for row_id in table.sorted(key) if row_id in members]

    @staticmethod
    def or_empty(body):
        """204 instead of an empty array."""
        return no_content() if body == b"[]" else Response(200, body)

    def children_of(self, row_id, name, key):
        """Ids of a table's rows whose key, an id or a list of ids, names a record."""
        return self.account.children(name, key).get(row_id, [])

    def notes_below(self, parameters, parent, key, paged):
        """Notes of a contact or deal, the newest first; the first row holds their number."""
        ids = self.children_of(parent, "notes", key)
        size = self.page_size(parameters, None) if paged else None
        return Response(200, self.page(self.table("notes"), ("notes", key, parent), parameters, size,
                                       "-created_time", ids=ids, count=len(ids)))

    # -- the search index

    def indexed(self, table):
        """Ids the index knows and the user may see."""
        ids, lag = self.visible(table), int(self.switches["index_lag"])
        if not lag:
            return ids

        def changed(row_id):
            return max(table.value(row_id, "created_at"), table.value(row_id, "updated_at") or 0), row_id

        late = set(sorted(ids, key=changed)[-lag:])
        return [row_id for row_id in ids if row_id not in late]

    def search(self, index, text, now):
        """Ids, ascending, that a filter finds."""
        key = (index.table.name, text, now)
        if key not in self._searches:
            query = parse_filter(text)
            while len(self._searches) >= REMEMBERED_SEARCHES:
                del self._searches[next(iter(self._searches))]
            self._searches[key] = index.search(query, now, self.indexed(index.table), self.ignores,
                                               self.switches["bounds"])
        return self._searches[key]
