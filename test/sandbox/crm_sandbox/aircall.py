"""
The Aircall Public API: v1, and v2 for users.

What is easily got wrong, and therefore done here on purpose: per_page is
clamped in silence; the limit of 10,000 is on the position asked for, whatever
the list holds; "from" excludes its second on calls and includes it elsewhere;
the links in meta forget the fetch flags and point to the real origin; unknown
parameters are ignored; nested objects differ from the resources.
"""
import re
import time
from urllib.parse import urlencode

from .aircall_data import e164
from .aircall_leaves import LEAVES
from .aircall_tables import (ASSOCIATION_FIELDS, CAMPAIGN_FIELDS, CAMPAIGN_NUMBER_FIELDS,
                             MEMBER_FIELDS, NUMBER_USER_FIELDS, ORIGIN, AircallTables)
from .model import Crm, Response, to_wire
from .own_lists import by_number
from .wire import DAY, SECOND, dumps

DEFAULT_PAGE = 20
LARGEST_PAGE = 50
POSITION_LIMIT = 10_000
RETENTION = 182 * DAY
CALL_FLAGS = ("fetch_contact", "fetch_short_urls", "fetch_call_timeline", "fetch_aiva_conv")
LINK_PARAMETERS = ("from", "to", "order", "order_by")
DIRECTIONS = ("inbound", "outbound")
NEVER_IGNORED = ("page", "per_page") + CALL_FLAGS + ("fetch_playbook",)

# How from and to are read, in place of what was measured.
BOUNDS = ("documented", "inclusive", "exclusive")

NOT_FOUND_ROUTE = {"message": "Not Found"}
OUT_OF_BOUND = {
    "error": "Bad Request", "data": None, "message": "BAD_REQUEST",
    "errors": "Your query is limited to 10k results and pagination is out of bound, "
              "please use timestamps or other filters.",
    "troubleshoot": "BAD_REQUEST", "success": False}


class Refusal(Exception):
    """Ends the handling of a request with an answer."""

    def __init__(self, status, error, troubleshoot):
        super().__init__(error)
        self.response = Response(status, {"error": error, "troubleshoot": troubleshoot})


def _missing(kind):
    return Refusal(404, "Not Found", "%s does not exist" % kind)


class Aircall(Crm):
    """One Aircall company."""

    name = "aircall"
    prefixes = ("/v1", "/v2")
    own_page = by_number
    rate_limit = "60/min"
    block_seconds = 60
    default_credentials = {
        "api_id": "sandbox-id",
        "api_token": "sandbox-aircall-token-77",
        "access_token": "sandbox-aircall-oauth-55",
    }
    default_switches = {
        # Whether the paid add-on behind a call's transcription, summary, ... is there.
        "conversation_intelligence": True,
        # Whether recording and voicemail URLs differ at each read.
        "volatile_urls": False,
        # Whether from and to include the seconds they name: "documented" as measured (on
        # calls from does not, everything else does), "inclusive" or "exclusive".
        "bounds": "documented",
        # Parameters that are ignored; "*" = all but paging and the fetch flags.
        "ignore_filters": [],
        # Whether directions and e-mail addresses are compared without case.
        "ignore_case": False,
        # Whether a search by user finds a transferred call by both of its users.
        "both_users": False,
        # Whether a search refuses values it does not know: 400 for a direction, 404 for a user.
        "refuse_unknown": False,
        # Whether a 429 names the time at which it ends.
        "reset_header": True,
        # Above this, meta.total says just this; what Aircall does was never observed.
        "largest_total": None,
        # Whether contacts without updated_at come first when the newest do, as in PostgreSQL.
        "undated_first": False,
        # Whether a dialer campaign's numbers are paged; nobody documents it.
        "paged_campaign_numbers": False,
    }

    def build(self):
        self._found = {}
        self.model = AircallTables(self)
        self.leaves = {leaf.segment: leaf for leaf in LEAVES}
        number, text = r"(\d+)", r"([^/]+)"
        self.routes = [(re.compile(pattern + r"\Z"), method) for pattern, method in (
            (r"/v1/ping", self._ping),
            (r"/v1/calls", self._calls),
            (r"/v1/calls/search", self._search_calls),
            (r"/v1/calls/" + number, self._call),
            (r"/v1/calls/%s/([a-z_]+)" % number, self._leaf),
            (r"/v2/users", self._users),
            (r"/v2/users/" + text, self._user),
            (r"/v2/users/%s/numbers" % text, self._user_numbers),
            (r"/v1/users/availabilities", self._availabilities),
            (r"/v1/users/%s/availability" % number, self._availability),
            (r"/v1/users/%s/dialer_campaign" % number, self._campaign),
            (r"/v1/users/%s/dialer_campaign/phone_numbers" % number, self._campaign_numbers),
            (r"/v1/teams", self._teams),
            (r"/v1/teams/" + number, self._team),
            (r"/v1/numbers", self._numbers),
            (r"/v1/numbers/" + number, self._number),
            (r"/v1/numbers/%s/templates" % number, self._whatsapp_templates),
            (r"/v1/contacts", self._contacts),
            (r"/v1/contacts/search", self._search_contacts),
            (r"/v1/contacts/" + number, self._contact),
            (r"/v1/tags", self._tags),
            (r"/v1/tags/" + number, self._tag),
            (r"/v1/webhooks", self._webhooks),
            (r"/v1/webhooks/" + text, self._webhook),
            (r"/v1/company", self._company),
            (r"/v1/integrations/me", self._integration),
            (r"/v1/a2p_campaign_associations", self._associations),
            (r"/v1/sms/templates", self._sms_templates),
        )]

    def configure(self, switches):
        if switches.get("bounds", "documented") not in BOUNDS:
            raise ValueError("bounds must be one of " + ", ".join(BOUNDS))
        super().configure(switches)

    def forget(self):
        super().forget()
        self.model.forget()
        self._found = {}

    def _remembered(self, request, find):
        """find(request), kept for the other pages of the same search until the next mutation."""
        key = (request.path, request.now, tuple(
            pair for pair in request.query if pair[0] not in ("page", "per_page")))
        if key not in self._found:
            if len(self._found) >= 200:
                self._found.clear()
            self._found[key] = find(request)
        return self._found[key]

    # -- entry

    def handle(self, request):
        refused = self._check_credential(request)
        if refused:
            return refused
        self._drop_ignored(request)
        own = self.own_answer(request)
        if own:
            return own
        if request.method == "GET":
            for pattern, method in self.routes:
                match = pattern.match(request.path)
                if match:
                    try:
                        return method(request, *match.groups())
                    except Refusal as refusal:
                        return refusal.response
        return Response(404, NOT_FOUND_ROUTE)

    def _drop_ignored(self, request):
        ignored = self.switches["ignore_filters"]
        if ignored:
            request.query = [(name, value) for name, value in request.query
                             if name in NEVER_IGNORED or not (name in ignored or "*" in ignored)]

    def _check_credential(self, request):
        """The gateway's answer to a missing (401) or wrong (403) credential, or None."""
        if not request.headers.get("authorization"):
            return Response(401, {"message": "Unauthorized"})
        user, secret = request.basic_auth() or (None, None)
        if self.accepts(api_id=user, api_token=secret) or self.accepts(access_token=request.bearer()):
            return None
        return Response(403, {"message": "Forbidden"})

    def too_many_requests(self, retry_after):
        headers = {}
        if self.switches["reset_header"]:
            headers = {"X-AircallApi-Limit": "60", "X-AircallApi-Remaining": "0",
                       "X-AircallApi-Reset": str(int(time.time()) + retry_after)}
        return Response(429, {"error": "Too Many Requests",
                              "troubleshoot": "You have exceeded the rate limit"}, headers)

    # -- lists

    def _page(self, request, largest=LARGEST_PAGE):
        """(page, per_page), checked against the positional limit."""
        page = max(1, request.integer("page", 1))
        per_page = request.integer("per_page", DEFAULT_PAGE)
        per_page = min(per_page, largest) if per_page > 0 else DEFAULT_PAGE
        if page * per_page > POSITION_LIMIT:
            raise _out_of_bound()
        return page, per_page

    def _list(self, request, key, ids, to_json, largest=LARGEST_PAGE, links=True, meta_first=False,
              link_defaults=()):
        """A page of a sequence; to_json makes a JSON array (bytes) of a slice of it."""
        page, per_page = self._page(request, largest)
        total = len(ids)
        shown = ids[(page - 1) * per_page:page * per_page]
        largest_total = self.switches["largest_total"]
        meta = {"count": len(shown),
                "total": total if largest_total is None else min(total, largest_total),
                "current_page": page, "per_page": per_page}
        if links:
            meta["next_page_link"] = meta["previous_page_link"] = None
            if page * per_page < total:
                meta["next_page_link"] = self._link(request, page + 1, per_page, link_defaults)
            if page > 1:
                meta["previous_page_link"] = self._link(request, page - 1, per_page, link_defaults)
        rows = b'"%s":%s' % (key.encode(), to_json(shown))
        meta = b'"meta":' + dumps(meta).encode()
        return Response(body=b"{%s}" % b",".join((meta, rows) if meta_first else (rows, meta)))

    @staticmethod
    def _link(request, page, per_page, defaults):
        kept = dict(defaults)
        kept.update((name, request.first(name)) for name in LINK_PARAMETERS
                    if request.first(name) is not None)
        kept.update(page=page, per_page=per_page)
        return "%s%s?%s" % (ORIGIN, request.path, urlencode(kept))

    def _stored_list(self, request, table, ids, variant=None, **options):
        return self._list(request, table.name, ids,
                          lambda shown: self.array_json(table, shown, variant), **options)

    @staticmethod
    def _plain(items):
        return dumps(items).encode()

    def _bound(self, request, name):
        """from or to in microseconds, or None; unix seconds only (a float is tolerated)."""
        text = request.first(name)
        if text is None or text == "":
            return None
        try:
            return int(float(text)) * SECOND
        except (ValueError, OverflowError):
            raise Refusal(400, "Bad Request", "%s must be a UNIX timestamp" % name) from None

    def _window(self, request, from_exclusive=False):
        """The first and the last moment of from and to, or None."""
        low, high = self._bound(request, "from"), self._bound(request, "to")
        bounds = self.switches["bounds"]
        if low is not None and (bounds == "exclusive"
                                or (bounds == "documented" and from_exclusive)):
            low += SECOND
        if high is not None and bounds == "exclusive":
            high -= SECOND
        return low, high

    @staticmethod
    def _descending(request):
        return request.first("order") == "desc"

    def _created_between(self, request, table):
        """Ids of users, numbers, ... by their documented "creation date" bounds."""
        low, high = self._window(request)
        return table.between("created_at", low, high, self._descending(request))

    def _folded(self, text):
        """A text as it is compared."""
        return text.lower() if self.switches["ignore_case"] else text

    def _single(self, table, row_id, key, variant=None):
        """The enveloped row, or 404."""
        row_id = int(row_id)
        if not table.exists(row_id):
            raise _missing(key)
        return Response(body=b'{"%s":%s}' % (key.encode(), self.row_json(table, row_id, variant)))

    def _ping(self, request):
        return Response(body={"ping": "pong"})

    # -- calls

    def _variant(self, request):
        """The fetch flags that are set, plus a number that defeats the cache if URLs vary."""
        flags = tuple(flag for flag in CALL_FLAGS if request.first(flag) == "true")
        if self.switches["volatile_urls"]:
            self.model.reads += 1
            flags += (self.model.reads,)
        return flags

    def _call_ids(self, request):
        """Calls of the window, within what Aircall keeps: from < started_at <= to."""
        low, high = self._window(request, from_exclusive=True)
        low = max(request.now - RETENTION, low or 0)
        return self.model.calls.between("started_at", low, high, self._descending(request))

    def _calls(self, request):
        return self._stored_list(request, self.model.calls, self._call_ids(request),
                                 self._variant(request))

    def _search_calls(self, request):
        return self._stored_list(request, self.model.calls,
                                 self._remembered(request, self._found_calls),
                                 self._variant(request))

    def _found_calls(self, request):
        ids = self._call_ids(request)
        for wanted in self._call_matches(request):
            ids = [i for i in ids if i in wanted]
        return ids

    def _call_matches(self, request):
        """One set of ids for each search parameter; a call must be in all of them."""
        calls = self.model.calls
        direction, phone = request.first("direction"), request.first("phone_number")
        if direction is not None:
            yield set(calls.equal("direction", self._direction(direction)))
        if request.first("user_id") is not None:
            yield self._calls_of_user(request.integer("user_id"))
        if phone is not None:
            yield set(calls.where("phone " + phone, lambda call: phone in self._indexed_as(call)))
        for text in request.all("tags[]") + request.all("tags"):
            tag = int(text) if text.isdigit() else None
            yield set(calls.where("tag %s" % tag, lambda call, tag=tag: any(
                element["id"] == tag for element in self.model.tag_elements(call))))

    def _direction(self, text):
        text = self._folded(text)
        if self.switches["refuse_unknown"] and text not in DIRECTIONS:
            raise Refusal(400, "Bad Request", "direction must be inbound or outbound")
        return text

    def _calls_of_user(self, user):
        """Calls that show the user; of transferred ones perhaps also those passed on to them."""
        if self.switches["refuse_unknown"] and (user is None or not self.model.users.exists(user)):
            raise _missing("User")
        found = set(self.model.calls.equal("user_id", user))
        if self.switches["both_users"]:
            found.update(self.model.calls.equal("transferred_to_id", user))
        return found

    def _indexed_as(self, call):
        """Numbers a call is found by; a transferred call only by the destination's."""
        if call["transferred_to_id"]:
            target = self.model.users.record(call["transferred_to_id"])
            number = target and self.model.numbers.record(target["default_number_id"])
            return (e164(number["digits"]),) if number else ()
        line = self.model.numbers.record(call["number_id"])
        return (e164(call["raw_digits"]), e164(line["digits"]) if line else None)

    def _any_call(self, row_id):
        """The table that holds a call, listed or older than the list's retention."""
        for table in (self.model.calls, self.model.expired_calls):
            if table.exists(int(row_id)):
                return table
        raise _missing("Call")

    def _call(self, request, row_id):
        return self._single(self._any_call(row_id), row_id, "call", self._variant(request))

    def _leaf(self, request, row_id, segment):
        leaf = self.leaves.get(segment)
        if leaf is None:
            return Response(404, NOT_FOUND_ROUTE)
        if not self.switches["conversation_intelligence"]:
            raise Refusal(403, "Forbidden", "This feature is not part of your plan")
        call = self._any_call(row_id).record(int(row_id))
        record = leaf.record(self.seed, call)
        if record is None:
            raise _missing(leaf.segment)
        found = leaf.object(record, request.first("fetch_playbook") == "true")
        return Response(body={leaf.envelope: found} if leaf.envelope else found)

    # -- users, teams, numbers

    def _users(self, request):
        return self._stored_list(request, self.model.users,
                                 self._created_between(request, self.model.users))

    def _user_id(self, text):
        """Id of a user named by number or by e-mail address."""
        users = self.model.users
        if text.isdigit():
            found = int(text)
        else:
            found = next((i for i in users.ids()
                          if self._folded(users.value(i, "email")) == self._folded(text)), -1)
        if not users.exists(found):
            raise _missing("User")
        return found

    def _user(self, request, text):
        return self._single(self.model.users, self._user_id(text), "user")

    def _user_numbers(self, request, text):
        numbers = self.model.numbers_of(self._user_id(text))
        return self._list(request, "numbers", numbers, lambda shown: self._plain(
            [self.model.user_number(i) for i in shown]))

    def _availabilities(self, request):
        ids = self._created_between(request, self.model.users)
        return self._list(request, "users", ids, lambda shown: self._plain(
            [self.model.availability(i) for i in shown]))

    def _availability(self, request, row_id):
        return Response(body={"availability": self.model.availability(
            self._user_id(row_id))["availability"]})

    def _teams(self, request):
        teams = self.model.teams
        ids = teams.ids()[::-1] if self._descending(request) else teams.ids()
        return self._stored_list(request, teams, ids)

    def _team(self, request, row_id):
        """A single team's members lack two keys."""
        teams = self.model.teams
        if not teams.exists(int(row_id)):
            raise _missing("Team")
        team = teams.wire(int(row_id))
        hidden = ("availability_status", "default_number_id")
        fields = [field for field in MEMBER_FIELDS if field.wire not in hidden]
        team["users"] = [to_wire(fields, self.model.users.record(member["id"]))
                         for member in team["users"]]
        return Response(body={"team": team})

    def _numbers(self, request):
        return self._stored_list(request, self.model.numbers,
                                 self._created_between(request, self.model.numbers))

    def _number(self, request, row_id):
        """A single number has its users.

        Whether its priority and messages are those of the list or those of a
        number inside a call is not known: here they are the latter.
        """
        row_id, numbers = int(row_id), self.model.numbers
        if not numbers.exists(row_id):
            raise _missing("Number")
        in_call = self.model.nested_number(row_id)
        number = {**numbers.wire(row_id), "priority": in_call["priority"],
                  "messages": in_call["messages"], "users": [
                      to_wire(NUMBER_USER_FIELDS, user)
                      for user in self.model.number_members(row_id)]}
        return Response(body={"number": number})

    def _campaign(self, request, row_id):
        record = self.model.campaign(int(row_id))
        if record is None:
            raise _missing("Dialer campaign")
        return Response(body=to_wire(CAMPAIGN_FIELDS, record))

    def _campaign_numbers(self, request, row_id):
        if self.model.campaign(int(row_id)) is None:
            raise _missing("Dialer campaign")
        rows = [to_wire(CAMPAIGN_NUMBER_FIELDS, record)
                for record in self.model.campaign_numbers(int(row_id))]
        if self.switches["paged_campaign_numbers"]:
            return self._list(request, "numbers", rows, self._plain)
        return Response(body={"numbers": rows})

    def _whatsapp_templates(self, request, row_id):
        if not self.model.numbers.exists(int(row_id)):
            raise _missing("Number")
        rows = self.model.whatsapp_templates(int(row_id))
        return Response(body={"templates": rows, "pageInfo": {
            "currentToken": None, "nextToken": None, "totalCount": len(rows)}})

    # -- contacts

    def _contact_ids(self, request):
        """Contacts created between from and to, in the order asked for."""
        contacts = self.model.contacts
        low, high = self._window(request)
        desc = self._descending(request)
        if request.first("order_by") != "updated_at":
            return contacts.between("created_at", low, high, desc)
        ids = contacts.sorted("updated_at")
        if low is not None or high is not None:
            wanted = set(contacts.between("created_at", low, high))
            ids = [i for i in ids if i in wanted]
        if self.switches["undated_first"]:
            ids = sorted(ids, key=lambda i: contacts.value(i, "updated_at") is None)
        return ids[::-1] if desc else ids

    def _contact_list(self, request, ids):
        response = self._stored_list(
            request, self.model.contacts, ids, meta_first=True,
            link_defaults=(("order_by", "created_at"), ("order", "asc")))
        response.content_type = "application/json; charset=utf-8"
        return response

    def _contacts(self, request):
        return self._contact_list(request, self._remembered(request, self._contact_ids))

    def _search_contacts(self, request):
        return self._contact_list(request, self._remembered(request, self._found_contacts))

    def _found_contacts(self, request):
        contacts, ids = self.model.contacts, self._contact_ids(request)
        phone, email = request.first("phone_number"), request.first("email")
        if phone:
            wanted = set(contacts.where("phone " + phone, lambda contact: any(
                e164(detail["value"]) == e164(phone) for detail in contact["phone_numbers"])))
            ids = [i for i in ids if i in wanted]
        if email:
            email = self._folded(email)
            name = "email %s %s" % (self.switches["ignore_case"], email)
            wanted = set(contacts.where(name, lambda contact: any(
                self._folded(detail["value"]) == email for detail in contact["emails"])))
            ids = [i for i in ids if i in wanted]
        return ids

    def _contact(self, request, row_id):
        return self._single(self.model.contacts, row_id, "contact")

    # -- the account

    def _tags(self, request):
        return self._stored_list(request, self.model.tags, self.model.tags.ids())

    def _tag(self, request, row_id):
        """A single tag has the documented direct_link, which the list was never seen with."""
        tags = self.model.tags
        if not tags.exists(int(row_id)):
            raise _missing("Tag")
        return Response(body={"tag": {**tags.wire(int(row_id)),
                                      "direct_link": ORIGIN + request.path}})

    def _webhooks(self, request):
        webhooks = self.model.webhooks
        ids = webhooks.ids()[::-1] if self._descending(request) else webhooks.ids()
        return self._stored_list(request, webhooks, ids, links=False, meta_first=True)

    def _webhook(self, request, text):
        webhooks = self.model.webhooks
        found = int(text) if text.isdigit() else next(iter(webhooks.equal("webhook_id", text)), -1)
        return self._single(webhooks, found, "webhook")

    def _company(self, request):
        return Response(body={"company": self.model.company()})

    def _integration(self, request):
        return Response(body={"integration": self.model.integration()})

    def _associations(self, request):
        rows = [to_wire(ASSOCIATION_FIELDS, record) for record in self.model.associations()]
        return self._list(request, "a2p_campaign_associations", rows, self._plain)

    def _sms_templates(self, request):
        return self._list(request, "templates", self.model.sms_templates(), self._plain,
                          largest=100)


def _out_of_bound():
    refusal = Refusal(400, "", "")
    refusal.response = Response(400, OUT_OF_BOUND)
    return refusal
