"""
Aircall's tables: which keys and columns a record has, and the objects nested
in calls, teams and numbers, which are abridged copies and differ from the
resource itself.

A reference to a deleted user, contact, tag or team disappears from every
object, as it does at Aircall for tags.
"""
from decimal import Decimal

from . import aircall_words as words
from .aircall_data import (EXPIRED_CALLS, FIRST_CALL, FIRST_CONTACT, FIRST_NUMBER, FIRST_TAG,
                           FIRST_TEAM, FIRST_USER, MESSAGES, Data)
from .aircall_leaves import LEAVES
from .model import Dice, Field, Table, View, to_truth, to_wire, without_keys
from .wire import ISO_Z_MS, MISSING, SECOND, UNIX, Codec, at, decimal_text

ORIGIN = "https://api.aircall.io"
SECRETS = ("token", "api_token", "access_token", "password")
CALL_FLAG_KEYS = ("contact", "recording_short_url", "voicemail_short_url",
                  "ivr_options_selected", "ai_voice_agents")

_CENTS = Codec(lambda v: decimal_text(Decimal(v) / 100))
_ID_TEXT = Codec(sql=str, null=MISSING)
_OPTIONAL = Codec(null=MISSING)


def link(version, resource):
    """A direct_link field."""
    def value(record):
        return "%s/%s/%s/%s" % (ORIGIN, version, resource, record["id"])
    return Field("direct_link", "direct_link", compute=value)


def fields(*names):
    """Plain fields whose column and key are the same."""
    return [Field(name, name) for name in names]


USER_FIELDS = [Field("id", "id"), link("v2", "users"), *fields("name", "email"),
               Field("created_at", "created_at", ISO_Z_MS),
               *fields("available", "availability_status", "substatus", "state", "time_zone",
                       "language", "wrap_up_time", "extension", "default_number_id")]
# Inside a call; without substatus and default_number_id.
NESTED_USER_FIELDS = [Field("id", "id"), link("v1", "users"), *fields("name", "email", "available",
                      "availability_status"), Field("created_at", "created_at", ISO_Z_MS),
                      *fields("time_zone", "language", "state", "wrap_up_time", "extension")]
# Who posted or tagged.
BRIEF_USER_FIELDS = [Field("id", "id"), link("v1", "users"), *fields("name", "email")]
# Inside a list of teams; the single team leaves two keys out.
MEMBER_FIELDS = [Field("id", "id"), Field("user_id", key="id"), link("v1", "users"),
                 *fields("name", "email", "availability_status", "default_number_id"),
                 Field("created_at", "created_at", ISO_Z_MS),
                 *fields("time_zone", "language", "wrap_up_time")]
NUMBER_USER_FIELDS = [field for field in MEMBER_FIELDS if field.sql != "default_number_id"]
NUMBER_FIELDS = [Field("id", "id"), link("v1", "numbers"), *fields("name", "digits"),
                 Field("created_at", "created_at", ISO_Z_MS),
                 *fields("country", "time_zone", "open", "availability_status", "is_ivr",
                         "live_recording_activated", "priority", "messages")]
CONTACT_FIELDS = [Field("id", "id"), link("v1", "contacts"),
                  *fields("first_name", "last_name", "company_name", "information"),
                  Field("description"), *fields("is_shared"),
                  Field("created_at", "created_at", UNIX), Field("updated_at", "updated_at", UNIX),
                  *fields("phone_numbers", "emails", "urls")]
TAG_FIELDS = [*fields("id", "name", "color", "description"), Field("direct_link")]
WEBHOOK_FIELDS = [*fields("webhook_id", "id"), link("v1", "webhooks"), Field("custom_name"),
                  *fields("url", "active", "events"), Field(None, "token"),
                  Field("created_at", "created_at", ISO_Z_MS)]
CAMPAIGN_FIELDS = [Field("id", "id"), Field("number_id", "number_id", Codec(wire=str)),
                   Field("created_at", "created_at", ISO_Z_MS)]
CAMPAIGN_NUMBER_FIELDS = [*fields("id", "number", "called"),
                          Field("created_at", "created_at", ISO_Z_MS)]
ASSOCIATION_FIELDS = [*fields("id", "company_id", "external_id", "update_status",
                              "update_message"), Field("created_at", "created_at", ISO_Z_MS),
                      Field("updated_at", "updated_at", ISO_Z_MS), Field("number_ids", "numbers")]
IVR_FIELDS = [*fields("id", "title", "key", "branch"),
              Field("created_at", "created_at", ISO_Z_MS, key="at"),
              Field("transition_started_at", "transition_started_at", ISO_Z_MS, key="at"),
              Field("transition_ended_at", "transition_ended_at", ISO_Z_MS,
                    compute=lambda r: r["at"] + 3 * SECOND)]
VOICE_AGENT_FIELDS = [*fields("agent_id", "agent_name", "end_reason"),
                      Field("started_at", "started_at", ISO_Z_MS),
                      Field("ended_at", "ended_at", ISO_Z_MS),
                      *fields("escalation_reason", "escalation_target")]
PARTICIPANT_FIELDS = [Field("id", "id", _ID_TEXT), Field("type", "type"),
                      Field("name", "name", _OPTIONAL),
                      Field("phone_number", "phone_number", _OPTIONAL)]
TEAM_PART_FIELDS = [Field("id", "id"), Field("team_id", key="id"), *fields("name"),
                    link("v1", "teams"), Field("created_at", "created_at", ISO_Z_MS)]


def _seconds(start, end):
    return None if start is None or end is None else (end - start) // SECOND


class AircallTables:
    """Builds the tables of one account and the objects inside them."""

    def __init__(self, crm):
        self.crm = crm
        defaults = {"calls": 2600, "contacts": 900, "users": 24, "teams": 6, "numbers": 9,
                    "tags": 12, "webhooks": 3, "burst": 0}
        self.counts = {name: crm.scale(name, rows) for name, rows in defaults.items()}
        self.data = Data(crm.seed, self.counts)
        self.reads = 0
        self.forget()
        self._add_stored()
        self._add_views()

    # -- stored tables

    def _stored(self, name, shape, make, first_id, **options):
        return self.crm.add(Table(name, shape, make, self.counts[name], first_id, **options))

    def _add_stored(self):
        data = self.data
        self.users = self._stored("users", USER_FIELDS + [Field(None, key="availability")],
                                  data.user, FIRST_USER, monotone=("created_at",))
        self.numbers = self._stored("numbers", NUMBER_FIELDS + [Field(None, key="members")],
                                    data.number, FIRST_NUMBER, monotone=("created_at",))
        self.teams = self._stored("teams", TEAM_PART_FIELDS[:1] + TEAM_PART_FIELDS[2:]
                                  + [Field("users", "users", compute=self.members),
                                     Field(None, key="members")], data.team, FIRST_TEAM)
        self.tags = self._stored("tags", TAG_FIELDS, data.tag, FIRST_TAG)
        self.webhooks = self._stored("webhooks", WEBHOOK_FIELDS, data.webhook, 7_001,
                                     secrets=SECRETS, rotate=True)
        self.contacts = self._stored(
            "contacts", CONTACT_FIELDS, data.contact, FIRST_CONTACT, rotate=True,
            columns={"created_at": data.contact_created}, monotone=("created_at",))
        call_fields = self._call_fields()
        self.calls = self._stored(
            "calls", call_fields, data.call, FIRST_CALL, rotate=True, render=self._render_call,
            columns={"started_at": data.calendar.started_at}, monotone=("started_at",),
            raw_omit=CALL_FLAG_KEYS)
        self.expired_calls = self.crm.add(Table(
            "expired_calls", call_fields, data.expired_call, EXPIRED_CALLS,
            FIRST_CALL - 2 * EXPIRED_CALLS, rotate=True, render=self._render_call,
            raw_omit=CALL_FLAG_KEYS))

    def _call_fields(self):
        user, brief = self.nested_user, self._reference
        result = [
            Field("id", "id"), Field("sid", "sid"), link("v1", "calls"),
            *fields("direction", "status", "missed_call_reason"),
            Field("started_at", "started_at", UNIX), Field("answered_at", "answered_at", UNIX),
            Field("ended_at", "ended_at", UNIX), *fields("duration"),
            Field("ringing_duration", compute=lambda r: _seconds(
                r["started_at"], r["answered_at"] or r["ended_at"])),
            Field("talking_duration", compute=lambda r: _seconds(r["answered_at"], r["ended_at"])),
            Field("is_missed", compute=lambda r: r["direction"] == "inbound"
                  and r["answered_at"] is None and r["ended_at"] is not None),
            *fields("archived"), Field("cost", "cost", _CENTS, key="cents"),
            *fields("pricing_type", "country_code_a2", "raw_digits"),
            Field("recording", "recording", compute=lambda r: self.media(r, "recording")),
            Field("voicemail", "voicemail", compute=lambda r: self.media(r, "voicemail")),
            Field("recording_short_url", compute=lambda r: self.short_url(r, "recording")),
            Field("voicemail_short_url", compute=lambda r: self.short_url(r, "voicemail")),
            Field(None, "recording_short_url", compute=lambda r: None),
            Field(None, "voicemail_short_url", compute=lambda r: None),
            Field("asset", "asset", compute=self._asset),
            Field("number_id", compute=brief(self.numbers, "number_id")),
            Field(None, "number", compute=lambda r: self.nested_number(r["number_id"])),
            Field("contact_id", compute=brief(self.contacts, "contact_id")),
            Field(None, "contact", compute=lambda r: None),
            Field("contact", compute=lambda r: self.contact(r["contact_id"])),
            Field("tag_ids", compute=lambda r: [e["id"] for e in self.tag_elements(r)]),
            Field("tags", "tags", compute=lambda r: [
                to_wire(self.tag_fields, e) for e in self.tag_elements(r)]),
            Field("comments", "comments", compute=lambda r: [
                to_wire(self.comment_fields, e) for e in r["comment_list"]]),
            Field("teams", "teams", compute=lambda r: [
                to_wire(TEAM_PART_FIELDS, e) for e in self.team_elements(r)]),
        ]
        for name in ("user", "assigned_to", "transferred_by", "transferred_to"):
            key = name + "_id"
            result.append(Field(key, compute=brief(self.users, key)))
            result.append(Field(None, name, compute=lambda r, key=key: user(r[key])))
            result.append(Field(None, key=key))
        # Business values behind the computed fields, so that a test can change them.
        result += [Field(None, key=key) for key in ("number_id", "contact_id", "tag_list",
                                                    "comment_list", "team_ids")]
        self.tag_fields = [Field("id", "id"), Field("tag_id", key="id"), *fields("name"),
                           Field("created_at", "created_at", UNIX),
                           Field("tagged_by_id", compute=brief(self.users, "by")),
                           Field(None, "tagged_by", compute=lambda e: self.brief_user(e["by"]))]
        self.comment_fields = [Field("id", "id"), Field("content", "content"),
                               Field("posted_at", "posted_at", UNIX),
                               Field("posted_by_id", compute=brief(self.users, "posted_by_id")),
                               Field(None, "posted_by",
                                     compute=lambda e: self.brief_user(e["posted_by_id"]))]
        return result

    @staticmethod
    def _reference(table, key):
        """An id whose row still exists, else None."""
        def value(record):
            return record[key] if record[key] is not None and table.exists(record[key]) else None
        return value

    # -- objects inside others

    def forget(self):
        """Drop the objects kept for nesting."""
        self._kept = {}

    def _nested(self, kind, table, row_id, make):
        """make(record), kept until the next mutation; None for a row that is not there."""
        key = (kind, row_id)
        if key not in self._kept:
            record = table.record(row_id) if row_id else None
            self._kept[key] = make(record) if record else None
        return self._kept[key]

    def nested_user(self, row_id):
        return self._nested("user", self.users, row_id, lambda r: to_wire(NESTED_USER_FIELDS, r))

    def brief_user(self, row_id):
        return self._nested("brief", self.users, row_id, lambda r: to_wire(BRIEF_USER_FIELDS, r))

    def nested_number(self, row_id):
        """As listed, but with default messages, a priority of null, and one key more."""
        return self._nested("number", self.numbers, row_id, self._number_in_call)

    def _number_in_call(self, record):
        result = self.numbers.wire(record["id"])
        default = "https://assets.example.invalid/default.mp3"
        given = result["messages"] or {}
        result["messages"] = {key: given.get(key) or default for key in MESSAGES}
        result["priority"] = result["priority"] or None
        result["flow_editor_enabled"] = record["id"] % 2 == 0
        return result

    def contact(self, row_id):
        return self.contacts.wire(row_id) if row_id and self.contacts.exists(row_id) else None

    def members(self, team):
        """The users of a team as the list of teams shows them."""
        return [to_wire(MEMBER_FIELDS, self.users.record(i))
                for i in team["members"] if self.users.exists(i)]

    def tag_elements(self, call):
        """Tags of a call as business records."""
        return [{"id": tag, "name": self.tags.record(tag)["name"], "created_at": when, "by": by}
                for tag, when, by in call["tag_list"] if self.tags.exists(tag)]

    def team_elements(self, call):
        return [self.teams.record(i) for i in call["team_ids"] if self.teams.exists(i)]

    def participant_elements(self, call):
        """Participants of a conference; an id is a number or a text, as both were seen."""
        result = []
        for kind, value in call["participants"] or ():
            element = {"type": kind, "id": None, "name": None, "phone_number": None}
            if kind == "user" and self.users.exists(value):
                element.update(id=value, name=self.users.record(value)["name"])
            elif kind == "contact" and self.contacts.exists(value):
                element.update(id=str(value), phone_number=call["raw_digits"],
                               name=self.contacts.record(value)["first_name"] or "Customer")
            elif kind == "external":
                element.update(phone_number=value)
            else:
                continue
            result.append(element)
        return result

    # -- calls

    def media(self, call, kind):
        """A pre-signed URL; it differs at each read if the switch volatile_urls is on."""
        if not call["recorded" if kind == "recording" else "has_voicemail"]:
            return None
        self.reads += 1
        salt = self.reads if self.crm.switches["volatile_urls"] else 0
        signature = Dice(self.crm.seed, kind, call["id"] * 1000 + salt).bits()
        return ("https://media.example.invalid/%s/%d.mp3?X-Amz-Expires=3600&X-Amz-Signature=%016x"
                % (kind, call["id"], signature))

    def short_url(self, call, kind):
        if not call["recorded" if kind == "recording" else "has_voicemail"]:
            return None
        return "https://short.example.invalid/%s/%x" % (kind[0], call["id"])

    def _asset(self, call):
        kind = "recording" if call["recorded"] else "voicemail" if call["has_voicemail"] else None
        return kind and "https://assets.aircall.io/calls/%d/%s" % (call["id"], kind)

    def _render_call(self, call, flags):
        result = to_wire(self.calls.fields, call, call["id"])
        if call["participants"]:
            result["conference_participants"] = [
                to_wire(PARTICIPANT_FIELDS, e) for e in self.participant_elements(call)]
        for flag in flags or ():
            if flag == "fetch_contact":
                result["contact"] = self.contact(call["contact_id"])
            elif flag == "fetch_short_urls":
                for kind in ("recording", "voicemail"):
                    result[kind + "_short_url"] = self.short_url(call, kind)
            elif flag == "fetch_call_timeline":
                result["ivr_options_selected"] = [to_wire(IVR_FIELDS, e) for e in call["menu"]]
            elif flag == "fetch_aiva_conv":
                result["ai_voice_agents"] = [to_wire(VOICE_AGENT_FIELDS, e)
                                             for e in call["agents"]]
        return result

    # -- rows derived from others

    def _add_views(self):
        call_parts = (
            ("call_comments", self.comment_fields, lambda r: r["comment_list"]),
            ("call_tags", self.tag_fields, self.tag_elements),
            ("call_teams", TEAM_PART_FIELDS, self.team_elements),
            ("call_participants", PARTICIPANT_FIELDS, self.participant_elements),
            ("call_ivr_options", IVR_FIELDS, lambda r: r["menu"]),
            ("call_ai_voice_agents", VOICE_AGENT_FIELDS, lambda r: r["agents"]),
        )
        for name, columns, elements in call_parts:
            self._add_parts(name, self.calls, "call", "started_at", columns, elements)
        detail = [Field("id", "id"), Field("label", "label"), Field("value", "value")]
        for name, key in (("contact_phone_numbers", "phone_numbers"), ("contact_emails", "emails")):
            self._add_parts(name, self.contacts, "contact", "created_at", detail,
                            lambda r, key=key: r[key])
        for leaf in LEAVES:
            self._view(leaf.table, lambda leaf=leaf: self._leaf_rows(leaf))
        self._view("team_users", self._team_users)
        self._view("user_availabilities", self._availabilities, self.users.count)
        self._view("user_numbers", self._user_numbers)
        self._view("number_users", self._number_users)
        self._view("dialer_campaigns", self._campaign_rows)
        self._view("dialer_campaign_numbers", self._campaign_number_rows)
        self._view("sms_templates", self._plain_rows(self.sms_templates))
        self._view("whatsapp_templates", self._whatsapp_rows)
        self._view("a2p_campaign_associations", self._association_rows)
        self._view("company", self._plain_rows(lambda: [self.company()]), lambda: 1)
        self._view("integration", self._integration_rows, lambda: 1)

    def _view(self, name, rows, count=None):
        self.crm.add(View(name, rows, count))

    def _add_parts(self, name, table, parent, time_key, columns, elements):
        """A table of the elements of an array inside each row of another."""
        numbered = not any(c.sql == "id" for c in columns) or name in (
            "call_participants", "call_ivr_options")

        def rows():
            for row_id in table.ids():
                record = table.record(row_id)
                head = {parent + "_id": row_id,
                        "%s_%s" % (parent, time_key): UNIX.to_sql(record[time_key])}
                for position, element in enumerate(elements(record), 1):
                    row = dict(head)
                    if numbered:
                        row["position"] = position
                    row.update(to_truth(columns, element))
                    row["raw"] = to_wire(columns, element)
                    yield row

        self._view(name, rows,
                   lambda: sum(len(elements(table.record(i))) for i in table.ids()))

    @staticmethod
    def _plain_rows(objects):
        """Rows that are the API's objects as they are."""
        return lambda: ({**item, "raw": item} for item in objects())

    def _leaf_rows(self, leaf):
        for row_id in self.calls.ids():
            record = leaf.record(self.crm.seed, self.calls.record(row_id))
            if record is not None:
                yield leaf.row(record)

    def _team_users(self):
        for team in self.teams.ids():
            for user in self.teams.record(team)["members"]:
                if self.users.exists(user):
                    record = self.users.record(user)
                    yield {"team_id": team, **to_truth(MEMBER_FIELDS, record),
                           "raw": to_wire(MEMBER_FIELDS, record)}

    def availability(self, row_id):
        return {"id": row_id, "availability": self.users.record(row_id)["availability"]}

    def _availabilities(self):
        for row_id in self.users.ids():
            yield {**self.availability(row_id), "raw": self.availability(row_id)}

    def numbers_of(self, user):
        """Ids of the numbers a user answers."""
        return [i for i in self.numbers.ids() if user in self.numbers.record(i)["members"]]

    def user_number(self, number):
        """A number below a user: the listed object and one key more."""
        return {**self.numbers.wire(number), "flow_editor_enabled": number % 2 == 0}

    def _user_numbers(self):
        for user in self.users.ids():
            for number in self.numbers_of(user):
                sent = self.user_number(number)
                yield {"user_id": user, "number_id": number,
                       **to_truth(NUMBER_FIELDS, self.numbers.record(number)),
                       "flow_editor_enabled": sent["flow_editor_enabled"], "raw": sent}

    def number_members(self, number):
        """The users inside a single number."""
        return [self.users.record(i) for i in self.numbers.record(number)["members"]
                if self.users.exists(i)]

    def _number_users(self):
        for number in self.numbers.ids():
            for record in self.number_members(number):
                yield {"number_id": number, **to_truth(NUMBER_USER_FIELDS, record),
                       "raw": to_wire(NUMBER_USER_FIELDS, record)}

    # -- dialer campaigns, templates, the account

    def campaign(self, user):
        """Business record of a user's dialer campaign, or None."""
        if user % 3 or not self.users.exists(user):
            return None
        dice = Dice(self.crm.seed, "campaign", user)
        return {"id": user + 9_000_000, "created_at": at("2026-10-05T07:00:00.250Z"),
                "number_id": None if dice.chance(20) else self.data.number_id(dice)}

    def campaign_numbers(self, user):
        """Phone numbers queued for a user; one queue is longer than a page."""
        if self.campaign(user) is None:
            return []
        dice = Dice(self.crm.seed, "queue", user)
        size = 73 if user < FIRST_USER + 3 else dice.below(12)
        return [{"id": user * 100 + i, "number": "+1617555%04d" % dice.below(10_000),
                 "called": dice.chance(40), "created_at": at("2026-10-05T07:00:01Z") + i * SECOND}
                for i in range(size)]

    def _campaign_rows(self):
        for user in self.users.ids():
            record = self.campaign(user)
            if record is not None:
                yield {"user_id": user, **to_truth(CAMPAIGN_FIELDS, record),
                       "raw": to_wire(CAMPAIGN_FIELDS, record)}

    def _campaign_number_rows(self):
        for user in self.users.ids():
            for record in self.campaign_numbers(user):
                yield {"user_id": user, **to_truth(CAMPAIGN_NUMBER_FIELDS, record),
                       "raw": to_wire(CAMPAIGN_NUMBER_FIELDS, record)}

    def sms_templates(self):
        return [{"id": "tmpl-%03d" % i, "name": "Template %d" % i,
                 "body": "Hello {{name}}, your order FH-%d is on its way 🚚" % (4000 + i)}
                for i in range(1, 131)]

    def whatsapp_templates(self, number):
        """Only the first numbers have WhatsApp."""
        if number >= FIRST_NUMBER + 3:
            return []
        return [{"id": "wa-%d-%d" % (number, i), "wabaId": "10%d" % number, "name": name,
                 "category": "UTILITY", "status": "APPROVED" if i < 2 else "PENDING",
                 "language": "en_US"} for i, name in enumerate(("order_sent", "order_late",
                                                                "survey"))]

    def _whatsapp_rows(self):
        for number in self.numbers.ids():
            for item in self.whatsapp_templates(number):
                row = {("waba_id" if key == "wabaId" else key): value
                       for key, value in item.items()}
                yield {"number_id": number, **row, "raw": item}

    def associations(self):
        """Business records of the registrations for US text messages."""
        return [{"id": 310 + i, "company_id": 88_123, "external_id": "CMP%04d" % i,
                 "update_status": "accepted" if i else "rejected",
                 "update_message": None if i else "sample message missing",
                 "created_at": at("2025-03-03T12:00:00Z"), "updated_at": at("2025-03-05T09:30:00Z"),
                 "number_ids": list(self.numbers.ids()[i::2])} for i in range(2)]

    def _association_rows(self):
        for record in self.associations():
            yield {**to_truth(ASSOCIATION_FIELDS, record),
                   "raw": to_wire(ASSOCIATION_FIELDS, record)}

    def company(self):
        return {"name": words.COMPANY, "users_count": self.users.count(),
                "numbers_count": self.numbers.count()}

    def integration(self):
        return {"id": 5150, "name": "Warehouse sync", "custom_name": None,
                "logo": "https://assets.example.invalid/logo.png", "company_id": 88_123,
                "status": "active", "active": True, "number_ids": list(self.numbers.ids()[:2]),
                "numbers_count": 2, "user": self.brief_user(FIRST_USER)}

    def _integration_rows(self):
        item = self.integration()
        row = {key: value for key, value in item.items() if key != "user"}
        row["user_id"] = item["user"] and item["user"]["id"]
        yield {**row, "raw": without_keys(item, SECRETS)}
