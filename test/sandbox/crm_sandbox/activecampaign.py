"""
ActiveCampaign, API v3: how a request becomes an answer.

Reads only.  Unknown parameters are ignored and then everything comes back, as
the real API does; a list promises no order, here it is the order of ids.
"""
import random
import time
from array import array
from bisect import bisect_left, bisect_right

from . import activecampaign_people as people
from . import activecampaign_routes as routes
from . import activecampaign_schema as schema
from . import activecampaign_tables as tables
from .activecampaign_filters import BadFilter, contacts_by_list, deal_search
from .activecampaign_world import World
from .model import Crm, Response, View, to_truth, to_wire
from .own_lists import by_offset
from .wire import HOUR, dumps, plain

ROOT = "/api/3"
PAGE = 100
SEGMENT_KEPT = HOUR
SELECTIONS = 64


class ActiveCampaign(Crm):
    """The account of a maker of outdoor equipment."""

    name = "activecampaign"
    prefixes = (ROOT,)
    own_page = by_offset
    rate_limit = "5/s"
    default_credentials = {"api_key": "sandbox-ac-key-3f9a"}
    default_switches = {
        "ignore_filters": [],			# parameters to ignore; "*" = all but limit and offset
        "ignore_include": False,		# answer include= as if it were unknown
        "case_insensitive": True,		# how texts are compared
        "trim_values": False,			# blanks around a parameter's value do not count
        "bounds": "documented",			# of times: documented, inclusive, exclusive, day; of ids: inclusive or not
        "bounds_clock": None,			# hours from UTC: the zone in which times are read that bound a list
        "feature_off": [],				# first parts of paths that the plan does not have
        "admin_key": True,				# whether the key's user is in the Admin group
        "restricted_deals": 0.04,		# share of deals that come as stubs
        "total_lies": 0,				# added to meta.total
        "largest_page": PAGE,			# rows a page holds at most, whatever limit asks
        "shuffle_ties": False,			# rows with equal sort values change places at each request
        "segment_calls": 1,				# early answers of a segment query: the first empty, then half
    }

    def build(self):
        self.world = World(self.seed, self.scale)
        self.selections = {}
        self.shuffles = 0
        self.segment_runs = {}
        self.hidden = {}
        self.add(tables.build_contacts(self.world, self._render_contact))
        self.add(tables.DealTable(self.world, lambda: self.switches["restricted_deals"], self._render_deal))
        for name in tables.DEFINITIONS:
            table = tables.build_table(self.world, name)
            if name == "accounts":
                table.render = self._render_account
                table.make = self._counted(table.make)
            if name in tables.HIDDEN:
                self.hidden[name] = table
            else:
                self.add(table)
        self.add(View("list_members", self._list_members))
        self.add(View("tag_members", self._tag_members))
        self.add(View("automation_members", self._automation_members))
        self.add(View("segment_members", self._segment_members))
        self.add(View("automation_entry_counts", self._all_entry_counts))

    def forget(self):
        super().forget()
        self.selections = {}

    def reset(self, data=False):
        super().reset(data)
        self.segment_runs = {}

    def table(self, name):
        return self.hidden.get(name) or self.tables_by_name[name]

    # ---------------------------------------------------------------- answers

    def too_many_requests(self, retry_after):
        return Response(429, {"message": "Too Many Requests"},
                        {"Retry-After": str(retry_after), "RateLimit-Remaining": "0"})

    def announce_limit(self, response, limit, remaining):
        response.headers["RateLimit-Limit"] = str(limit)
        response.headers["RateLimit-Remaining"] = str(remaining)

    def handle(self, request):
        if not self.accepts(api_key=request.headers.get("api-token")):
            return Response(403, {"message": "Forbidden"})
        if request.method != "GET":
            return Response(405, {"message": "Method Not Allowed"})
        path = request.path[len(ROOT):].strip("/")
        if any(path == off or path.startswith(off + "/") for off in self.switches["feature_off"]):
            return Response(403, {"errors": [{"status": 403, "title": "Forbidden",
                                              "detail": "The plan of this account does not include this."}]})
        self._drop_ignored(request)
        if self.switches["trim_values"]:
            request.query = [(name, value.strip()) for name, value in request.query]
        try:
            return self.own_answer(request) or self._route(path, request)
        except BadFilter as error:
            return Response(422, {"errors": [{"title": "The %s filter is invalid." % error, "detail": "", "code": "invalid",
                                              "source": {"pointer": "/data/attributes/%s" % error}}]})

    def _drop_ignored(self, request):
        ignored = set(self.switches["ignore_filters"])
        if self.switches["ignore_include"]:
            ignored.add("include")
        if ignored:
            request.query = [(name, value) for name, value in request.query
                             if name in ("limit", "offset") or not (name in ignored or "*" in ignored)]

    def _route(self, path, request):
        if path in routes.BY_PATH:
            return self._list(routes.BY_PATH[path], request)
        special = SPECIAL.get(path)
        if special:
            return special(self, request)
        parts = path.split("/")
        if parts[:2] == ["customObjects", "records"] and len(parts) == 3:
            return self._object_records(request, parts[2])
        if parts[0] == "users" and len(parts) == 3 and parts[1] in ("email", "username"):
            return self._user_by(parts[1], parts[2])
        if len(parts) >= 2 and parts[-1].isdigit():
            return self._single("/".join(parts[:-1]), int(parts[-1]), request)
        if len(parts) == 3 and parts[1].isdigit():
            return self._below(parts[0], int(parts[1]), parts[2], request)
        return Response(404, {"message": "No route found for \"GET %s\"" % request.path})

    # ---------------------------------------------------------------- lists

    def window(self, request, default=20):
        """(limit, offset) that the API really uses."""
        limit = request.integer("limit", default)
        offset = request.integer("offset", 0)
        if limit < 0:
            limit = default
        return min(limit, PAGE, self.switches["largest_page"]), max(0, offset)

    def _list(self, endpoint, request):
        table = self.table(endpoint.table)
        ids, selection = self._selected(endpoint, table, request)
        limit, offset = self.window(request, endpoint.default)
        page = ids[offset:offset + limit]
        parts = self._sideloads(endpoint, request, page)
        parts.append((endpoint.rows, self.array_json(table, page, self._variant(endpoint, request))))
        meta = self._meta(endpoint, request, ids, selection, limit, offset)
        if meta is not None:
            parts.append(("meta", dumps(meta).encode()))
        if offset // max(1, limit) % 3 == 1:		# the order of keys is no promise
            parts.reverse()
        return envelope(parts)

    def _selected(self, endpoint, table, request):
        """(ids that pass the filters, in the order asked for; the Selection they come from)"""
        conditions = {}
        for name, value in request.query:
            name = "ids[]" if name.startswith("ids[") else name
            if name in endpoint.filters:
                conditions.setdefault(name, []).append(value)
        orders = [(endpoint.orders[name[7:-1]], value.lower() in ("desc", "weight")) for name, value in request.query
                  if name.startswith("orders[") and name[7:-1] in endpoint.orders]
        extra = tuple(request.first(name) for name in ("listid", "status", "filters[search_field]")) \
            if endpoint.path in ("contacts", "deals") else ()
        key = (endpoint.path, tuple((n, tuple(v)) for n, v in sorted(conditions.items())), tuple(orders), extra)
        selection = self.selections.get(key)
        if selection is None:
            selection = Selection(self._select(endpoint, table, conditions, orders, request))
            if len(self.selections) >= SELECTIONS:
                self.selections.clear()
            self.selections[key] = selection
        ids = selection.ids
        if self.switches["shuffle_ties"] and orders:
            self.shuffles += 1
            ids = ranked(self, random.Random(self.shuffles).sample(list(ids), len(ids)), table, orders)
        if "segmentid" in conditions:
            ids = ids[:self._segment_ready(key, len(ids), request)]
        if endpoint.path == "contacts":
            ids = self._keyset(ids, orders, request)
        elif endpoint.path == "dealActivities" and request.integer("exclude") is not None:
            ids = [i for i in ids if i != request.integer("exclude")]
        return ids, selection

    def _select(self, endpoint, table, conditions, orders, request):
        found, tests = [], []
        for name, values in conditions.items():
            keep = endpoint.filters[name]
            if keep is None:
                result = deal_search(self, table, request.first("filters[search_field]", "all"), values[-1])
            else:
                result = keep(self, table, values)
            if result is None:
                continue
            (tests if callable(result) else found).append(result)
        if endpoint.path == "contacts":
            listed = self._by_list(table, request)
            if listed is not None:
                found.append(listed)
        return arrange(self, narrowed(table, found, tests), table, orders, bool(found or tests))

    def _by_list(self, table, request):
        """listid and status of contacts; None = not asked."""
        list_id, status = request.integer("listid"), request.integer("status")
        if not list_id and status in (None, -1):
            return None
        return contacts_by_list(self, table, list_id or None, status)

    def _keyset(self, ids, orders, request):
        """id_greater, id_less and exclude; cheap when the ids ascend."""
        low, high, without = (request.integer(name) for name in ("id_greater", "id_less", "exclude"))
        if self.switches["bounds"] == "inclusive":
            low, high = None if low is None else low - 1, None if high is None else high + 1
        ascending = not orders or orders == [("id", False)]
        if ascending and (low is not None or high is not None):
            start = bisect_right(ids, low) if low is not None else 0
            end = bisect_left(ids, high) if high is not None else len(ids)
            ids = ids[start:max(start, end)]
        elif low is not None or high is not None:
            ids = [i for i in ids if (low is None or i > low) and (high is None or i < high)]
        return [i for i in ids if i != without] if without is not None else ids

    def _variant(self, endpoint, request):
        if endpoint.path == "accounts" and request.first("count_deals") != "true":
            return "uncounted"
        names = self._includes(endpoint.path, request)
        return ("include",) + names if names and endpoint.path != "accounts" else None

    def _includes(self, path, request):
        asked = (request.first("include") or "").split(",")
        return tuple(name for name in routes.INCLUDES.get(path, ()) if name in asked)

    def _sideloads(self, endpoint, request, page):
        """Arrays beside the main one, before it."""
        parts = []
        if endpoint.path == "contacts":
            parts.append(("scoreValues", b"[]"))
        if endpoint.path == "fields":
            parts += [("fieldOptions", self._children_json("field_options", "field_id", page)),
                      ("fieldRels", self._children_json("field_rels", "field_id", page))]
        if endpoint.path == "dealGroups":
            parts.append(("dealStages", self._children_json("deal_stages", "pipeline_id", page)))
        for name in self._includes(endpoint.path, request):
            parts.append((name, self._children_json(*routes.INCLUDES[endpoint.path][name], page)))
        return parts

    def _children_json(self, name, column, parents):
        table = self.table(name)
        return self.array_json(table, [i for parent in parents for i in self.children(name, parent, column)])

    def _meta(self, endpoint, request, ids, selection, limit, offset):
        if endpoint.total is None:
            return None
        total = len(ids) + self.switches["total_lies"]
        meta = {"total": str(total) if endpoint.total == "string" else total}
        if endpoint.path == "contacts":
            asked = {name: request.first(name) for name in (
                "segmentid", "formid", "listid", "tagid", "search", "seriesid", "waitid", "forceQuery")}
            meta["page_input"] = {**asked, "limit": limit, "offset": offset, "sort": None,
                                  "status": request.integer("status", -1), "cacheid": "%032x" % len(ids)}
            meta["sortable"] = True
        elif endpoint.path == "deals":
            if selection.currencies is None:
                selection.currencies = self._currencies(ids)
            meta = {"currencies": selection.currencies, **meta}
        elif endpoint.path == "automations":
            meta.update(starts=[], filtered=False, smsLogs=[])
        elif endpoint.path == "contactAutomations":
            meta["showcase_stats"] = []
        return meta

    def _currencies(self, ids):
        """Number and sum of the deals by currency, stubs included; an empty map is []."""
        sums = {}
        table = self.table("deals")
        for row_id in ids:
            record = table.record(row_id)
            count, value = sums.get(record["currency"], (0, 0))
            sums[record["currency"]] = count + 1, value + plain(record["value"])
        return {name: {"total": str(count), "value": str(int(value * 100)), "currency": name, "isDisabled": False}
                for name, (count, value) in sums.items()} or []

    # ---------------------------------------------------------------- segments

    def segment_members(self, segment):
        """Live contacts that match a segment, ascending; nobody if there is no such segment."""
        if not self.table("segments").exists(segment):
            return ()
        contacts = self.table("contacts")
        return [i for i in contacts.ids() if people.contact_in_segment(segment, contacts.ordinal_of(i))]

    def _segment_ready(self, key, total, request):
        """How many matches a segment query has found by now; its answers are kept for an hour."""
        started, calls = self.segment_runs.get(key, (None, 0))
        if started is None or request.now - started > SEGMENT_KEPT or request.first("forceQuery") == "1":
            started, calls = request.now, 0
        self.segment_runs[key] = started, calls + 1
        if calls >= self.switches["segment_calls"]:
            return total
        return total // 2 if calls else 0

    # ---------------------------------------------------------------- single records

    def _not_found(self, endpoint, row_id):
        return Response(endpoint.missing, {"message": "No Result found for %s with id %d" % (endpoint.model, row_id)})

    def _single(self, path, row_id, request):
        if path in routes.SINGLES:
            name, singular = routes.SINGLES[path]
            endpoint = routes.Endpoint(path, name, singular)
        else:
            endpoint = routes.BY_PATH.get(path)
        if endpoint is None or not endpoint.single:
            return Response(404, {"message": "No route found for \"GET %s\"" % request.path})
        table = self.table(endpoint.table)
        if path == "fieldOptions":		# known by another id than their row's
            row_id = next(iter(table.equal("id", row_id)), 0)
        if not table.exists(row_id):
            return self._not_found(endpoint, row_id)
        if endpoint.bare:
            return Response(200, self.row_json(table, row_id, "alone"))
        parts = []
        if path == "contacts":
            for name in routes.CONTACT_ALONE + ("accountContacts",):
                child, column, _ = routes.NESTED[(path, name)]
                parts.append((name, self._children_json(child, column, [row_id])))
            parts.append(("geoAddresses", b"[]"))
        elif path in ("fields", "dealGroups"):
            parts += self._sideloads(endpoint, request, [row_id])
        parts.append((endpoint.singular, self.row_json(table, row_id, "alone")))
        return envelope(parts)

    def _user_by(self, member, text):
        table = self.table("users")
        for row_id in table.ids():
            if table.value(row_id, member) == text:
                return envelope([("user", self.row_json(table, row_id, "alone"))])
        return Response(404, {"message": "No Result found for User with %s %s" % (member, text)})

    def _me(self, request):
        return self._single("users", 1, request)

    def _account_settings(self, request):
        if not self.switches["admin_key"]:
            return Response(403, {"message": "Forbidden"})
        return Response(200, {"account": {"name": "sandbox", "plan": "Enterprise"}})

    # ---------------------------------------------------------------- below a record

    FANS = {"contact_lists": "lists", "contact_tags": "tags", "contact_field_values": "values",
            "contact_automations": "entries", "account_contacts": "jobs", "contact_geo_ips": "geo",
            "contact_tracking_logs": "tracking", "contact_score_values": "scores", "contact_goals": "goals",
            "bounce_logs": "bounces", "contact_logs": "logs"}

    def children(self, name, parent_id, column="contact_id"):
        """Ids of the live rows of a table that belong to a parent, ascending.

        Rows of a contact are computed; only rows that a mutation made or moved are looked through.
        """
        table = self.table(name)
        fan = self.FANS.get(name) if column == "contact_id" else None
        if fan is None:
            return table.equal(column, parent_id)
        contacts = self.table("contacts")
        ordinal, rest = divmod(parent_id - contacts.first_id, contacts.stride)
        rows = {table.id_of(row) for row in getattr(self.world, fan).rows(ordinal)} if rest == 0 else set()
        rows.update(table.changes)
        rows.update(table.id_of(row) for row in range(table.base_count, table.high))
        return sorted(i for i in rows if table.exists(i) and table.value(i, column) == parent_id)

    def _below(self, path, row_id, sub, request):
        endpoint = routes.BY_PATH.get(path)
        if endpoint is None or not endpoint.single:
            return Response(404, {"message": "No route found for \"GET %s\"" % request.path})
        if not self.table(endpoint.table).exists(row_id):
            return self._not_found(endpoint, row_id)
        found = self._below_rows(path, row_id, sub)
        if found is not None:
            name, ids, rows = found
            limit, offset = self.window(request)
            page = list(ids[offset:offset + limit])
            parts = [(rows, self.array_json(self.table(name), page, "below"))]
            if sub == "geoIps":
                places = {self.table(name).value(i, "geo_address_id") for i in page}
                parts.insert(0, ("geoAddresses", self.array_json(self.table("geo_addresses"), sorted(places))))
            return envelope(parts)
        return self._singleton(path, row_id, sub, request)

    def _below_rows(self, path, row_id, sub):
        """(table, ids, array) of a list below a record, or None."""
        if (path, sub) in routes.NESTED:
            name, column, rows = routes.NESTED[(path, sub)]
            return name, self.children(name, row_id, column), rows
        if (path, sub) in routes.NOTED:
            name, kind, rows = routes.NOTED[(path, sub)]
            table = self.table(name)
            return name, [i for i in table.equal("rel_id", row_id) if table.value(i, "rel_type") == kind], rows
        return None

    def _singleton(self, path, row_id, sub, request):
        """A part of a record; a missing one is a bare {}."""
        if (path, sub) == ("contacts", "contactData"):
            ids = self.table("contact_data").equal("contact_id", row_id)
            return envelope([("contactData", self.row_json(self.table("contact_data"), ids[0]))] if ids else [])
        if (path, sub) == ("contacts", "automationEntryCounts"):
            limit, offset = self.window(request)
            rows = [to_wire(ENTRY_COUNT.fields, row) for row in self.entry_counts(row_id)]
            return Response(200, {"automationEntryCounts": rows[offset:offset + limit]})
        if path == "campaigns" and sub in ("automation", "user"):
            other = "automations" if sub == "automation" else "users"
            target = self.table("campaigns").value(row_id, sub + "_id")
            return self._single(other, target, request) if target else Response(200, {})
        if path == "campaigns" and sub == "aggregateRevenues":
            return Response(200, {"aggregateRevenues": []})
        if path == "contacts" and sub in ("organization", "plusAppend"):
            return Response(200, {})
        return Response(404, {"message": "No route found for \"GET %s\"" % request.path})

    def entry_counts(self, contact_id):
        """How often a contact entered each automation, those entered at all."""
        runs, automations = self.table("contact_automations"), self.table("automations")
        counts = {}
        for row_id in self.children("contact_automations", contact_id):
            number = runs.value(row_id, "automation_id")
            counts[number] = counts.get(number, 0) + 1
        for number in sorted(counts):
            if automations.exists(number):
                record = automations.record(number)
                yield {"contact_id": contact_id, "id": number, "name": record["name"], "status": plain(record["status"]),
                       "hidden": record["hidden"], "contact_entry_count": counts[number]}

    # ---------------------------------------------------------------- newer services

    def _audiences(self, request):
        """JSON:API: numbered pages, no total."""
        table = self.table("audiences")
        ids = list(table.ids())
        wanted = (request.first("search") or "").casefold()
        ids = [i for i in ids if wanted in table.value(i, "name").casefold()]
        sort = request.first("sort", "")
        column = {"name": "name", "updated_date": "updated_at", "created_date": "created_at"}.get(sort.lstrip("-"))
        if column:
            ids.sort(key=lambda i: table.value(i, column), reverse=sort.startswith("-"))
        size = min(10_000, max(1, request.integer("page_size", 20)))
        start = (max(1, request.integer("page", 1)) - 1) * size
        return envelope([("data", self.array_json(table, ids[start:start + size]))])

    def _object_schemas(self, request):
        table = self.table("custom_object_schemas")
        return self._objects(request, table, table.ids(), "schemas")

    def _object_records(self, request, schema_id):
        schemas, table = self.table("custom_object_schemas"), self.table("custom_object_records")
        if not any(schemas.value(i, "uuid") == schema_id for i in schemas.ids()):
            return Response(404, {"message": "Not Found"}, content_type="text/plain")
        return self._objects(request, table, table.equal("schema_id", schema_id), "records")

    def _objects(self, request, table, ids, rows):
        limit, offset = self.window(request)
        page = list(ids[offset:offset + limit])
        meta = {"total": len(ids), "count": len(page), "limit": limit, "offset": offset}
        return envelope([(rows, self.array_json(table, page)), ("meta", dumps(meta).encode())])

    def _tracking(self, request):
        return Response(200, {request.path.rpartition("/")[2]: {"enabled": True}})

    # ---------------------------------------------------------------- faces of rows

    def _render_contact(self, record, variant):
        """As listed; alone or with include= it also has arrays of ids."""
        sent = to_wire(schema.CONTACTS.fields, record, record["id"])
        names = routes.CONTACT_ALONE if variant == "alone" else variant[1:] if variant else ()
        for name in names:
            child, column, _ = routes.NESTED[("contacts", name)]
            sent[name] = [str(i) for i in self.children(child, record["id"], column)]
        return sent

    def _render_deal(self, record, variant):
        sent = to_wire(schema.DEALS.fields, record, record["id"])
        for name in variant[1:] if isinstance(variant, tuple) else ():
            sent[name] = [str(i) for i in self.children("deal_field_values", record["id"], "deal_id")]
        return sent

    def _render_account(self, record, variant):
        """The counts are 0 unless count_deals asks for them; an account alone has none."""
        sent = to_wire(schema.ACCOUNTS.fields, record, record["id"])
        if variant == "uncounted":
            sent.update(contactCount="0", dealCount="0")
        elif variant == "alone":
            del sent["contactCount"], sent["dealCount"]
        return sent

    def _counted(self, make):
        """An account's make() with the number of its contacts and deals."""
        def counted(ordinal, row_id):
            return {**make(ordinal, row_id),
                    "contact_count": len(self.table("account_contacts").equal("account_id", row_id)),
                    "deal_count": len(self.table("deals").equal("account_id", row_id))}
        return counted

    def contact_name(self, contact_id):
        record = self.table("contacts").record(contact_id) if contact_id else None
        return "%s %s" % (record["first_name"], record["last_name"]) if record else ""

    def account_name(self, account_id):
        record = self.table("accounts").record(account_id) if account_id else None
        return record["name"] if record else ""

    # ---------------------------------------------------------------- members

    def _members(self, column, parents, chosen):
        contacts = self.table("contacts")
        for parent in parents:
            for row_id in chosen(parent):
                yield {column: parent, **contacts.truth(row_id)}

    def _list_members(self):
        contacts = self.table("contacts")
        return self._members("list_id", self.table("lists").ids(),
                             lambda parent: contacts_by_list(self, contacts, parent, None))

    def _by_filter(self, name):
        contacts, keep = self.table("contacts"), routes.CONTACT_FILTERS[name]
        return lambda parent: keep(self, contacts, [str(parent)])

    def _tag_members(self):
        return self._members("tag_id", self.table("tags").ids(), self._by_filter("tagid"))

    def _automation_members(self):
        return self._members("automation_id", self.table("automations").ids(), self._by_filter("seriesid"))

    def _segment_members(self):
        return self._members("segment_id", self.table("segments").ids(), self.segment_members)

    def _all_entry_counts(self):
        for contact_id in self.table("contacts").ids():
            for row in self.entry_counts(contact_id):
                yield {**to_truth(ENTRY_COUNT.fields, row), "raw": to_wire(ENTRY_COUNT.fields, row)}


ENTRY_COUNT = schema.AUTOMATION_ENTRY_COUNTS

SPECIAL = {
    "users/me": ActiveCampaign._me,
    "settings/account": ActiveCampaign._account_settings,
    "audiences": ActiveCampaign._audiences,
    "customObjects/schemas": ActiveCampaign._object_schemas,
    "eventTracking": ActiveCampaign._tracking,
    "siteTracking": ActiveCampaign._tracking,
}


SORTS = {
    "contact name": lambda crm, table, i: crm.contact_name(table.value(i, "contact_id")),
    "account name": lambda crm, table, i: crm.account_name(table.value(i, "account_id")),
}


class Selection:
    """A filtered and sorted list of ids, kept until something changes."""
    __slots__ = ("ids", "currencies")

    def __init__(self, ids):
        self.ids = ids
        self.currencies = None


def envelope(parts):
    """A response of named JSON texts, in their order."""
    return Response(200, b"{" + b",".join(b'"%s":%s' % (name.encode(), text) for name, text in parts) + b"}")


def narrowed(table, found, tests):
    """Live ids, ascending, that are in every sequence and pass every test."""
    if found:
        found = sorted(found, key=len)
        others = [set(more) for more in found[1:]]
        ids = [i for i in found[0] if all(i in other for other in others)]
    else:
        ids = table.ids()
    return array("q", (i for i in ids if all(test(i) for test in tests))) if tests or found else ids


def arrange(crm, ids, table, orders, filtered):
    """The ids in the order asked for; of several sorts the first counts most.

    A sort is a column, or the name of a function of an id in SORTS.
    """
    if len(orders) == 1 and orders[0][0] not in SORTS:
        rows = table.sorted(*orders[0])
        if not filtered:
            return rows
        kept = set(ids)
        return array("q", (i for i in rows if i in kept))
    return ranked(crm, ids, table, orders)


def ranked(crm, ids, table, orders):
    """The ids sorted; equal ones stay as they come."""
    for key, descending in reversed(orders):
        def rank(row_id, key=key):
            value = SORTS[key](crm, table, row_id) if key in SORTS else table.value(row_id, key)
            return value is not None, value
        ids = sorted(ids, key=rank, reverse=descending)
    return ids
