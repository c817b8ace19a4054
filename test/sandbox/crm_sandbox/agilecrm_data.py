"""Deals, tasks, events, notes, documents, tickets and settings of the Agile CRM account.

World turns ordinals into business records (see agilecrm_people.py for persons
and companies).  References point at rows that exist at the start; a row
deleted later leaves its references behind, as it does in the real service.
"""
from decimal import Decimal

from . import agilecrm_words as words
from .agilecrm_people import ID_STRIDE, ODD_PERIOD, People, empty_time, first_id, id_of, tag_objects
from .model import REFERENCE_TIME
from .wire import DAY, HOUR, MILLISECOND, MINUTE, MISSING, SECOND, As, Raw, at, dumps, java_double

# Irregular deals and tasks, by ordinal within ODD_PERIOD.
NO_LONG_TAGS, MS_CLOSE, MS_WON, LOST_CASE, NO_CLOSE = 5, 9, 14, 21, 27
SHIFTED_EMPTY_DUE = (4, 33)

# What an empty date becomes when the user's time zone is taken off it.
EMPTY_DUE = As(None, -19_800)

BIG_VALUES = ("10000000000", "200000000000", "1234567.89", "12000000", "9999999.99", "1000000000000",
              "0", "0.5", "10000000", "33333333.33")


class World(People):
    """Business records of every kind."""

    @staticmethod
    def after(moment, days):
        """So many days later, but not in the future of rows that exist at the start."""
        return max(moment, min(moment + days * DAY, REFERENCE_TIME))

    def people_ids(self, dice, most, at_least=0):
        """A few different ids of persons, now and then a company among them."""
        wanted = dice.between(at_least, most)
        found = [self.some_id("companies" if dice.chance(10) else "contacts", dice) for _ in range(wanted)]
        return list(dict.fromkeys(row_id for row_id in found if row_id))

    def partial_contact(self, row_id):
        """The nested form of a contact: names only, in lower case."""
        company = (row_id - first_id("companies")) % ID_STRIDE == 0
        kind = "companies" if company else "contacts"
        ordinal = (row_id - first_id(kind)) // ID_STRIDE
        if company:
            names = {"name": self.company_name(ordinal)}
        else:
            names = dict(zip(("first_name", "last_name"), self.contact_names(ordinal)))
        properties = [{"type": "SYSTEM", "name": name, "value": value.lower()}
                      for name, value in names.items() if value]
        return {"id": row_id, "type": "COMPANY" if company else "PERSON", "properties": properties}

    # -- deals

    def deal_track(self, ordinal):
        """(track ordinal, milestone) of a deal."""
        dice = self.dice("deals.track", ordinal)
        track = dice.pick((0, 0, 0, 1, 2)) % max(1, self.counts["tracks"])
        names = split_milestones(words.TRACKS[track % len(words.TRACKS)][1])
        # Milestones are not validated on write: wrong case just leaves the board.
        name = dice.pick(names)
        return track, name.lower() if ordinal % ODD_PERIOD == LOST_CASE else name

    def deal_name(self, ordinal):
        dice = self.dice("deals.name", ordinal)
        return "%s for %s" % (dice.pick(words.DEAL_OBJECTS),
                              self.company_name(dice.below(max(1, self.counts["companies"]))))

    def deal_close(self, ordinal):
        """Expected or real day of closing, None if the deal has none."""
        dice = self.dice("deals.close", ordinal)
        if ordinal % ODD_PERIOD == NO_CLOSE or dice.chance(6):
            return None
        return REFERENCE_TIME + dice.between(-600, 200) * DAY + dice.below(9) * HOUR

    def deal_value(self, ordinal):
        dice = self.dice("deals.value", ordinal)
        if ordinal % 26 == 4:
            return Decimal(BIG_VALUES[ordinal // 26 % len(BIG_VALUES)])
        return Decimal(dice.between(5, 4000) * 100) + (Decimal("0.75") if dice.chance(10) else 0)

    def deal(self, ordinal, row_id):
        dice = self.dice("deals", ordinal)
        odd = ordinal % ODD_PERIOD
        created = self.created("deals", ordinal)
        track, milestone = self.deal_track(ordinal)
        close = self.deal_close(ordinal)
        lost = milestone in ("Lost", "Cancelled")
        won = milestone in ("Won", "Renewed", "Closed – won")
        if close and (won or lost) and close > REFERENCE_TIME:
            close = 2 * REFERENCE_TIME - close
        tags = dice.some(words.DEAL_TAGS, 3) or (["hot"] if odd == NO_LONG_TAGS else [])
        changed = self.after(created, dice.below(90)) if dice.chance(80) else None
        record = {
            "ordinal": ordinal, "name": self.deal_name(ordinal),
            "description": dice.pick(words.DEAL_NOTES) if dice.chance(45) else None,
            "expected_value": self.deal_value(ordinal), "probability": self._probability(dice, won, lost, ordinal),
            "currency_type": dice.pick(words.CURRENCIES) if dice.chance(40) else None,
            "currency_conversion_value": Decimal("1.085") if dice.chance(40) else Decimal(0),
            "is_currency_update_required": dice.chance(50),
            "pipeline_id": id_of("tracks", track), "milestone": milestone,
            "close_date": self._mixed_unit(close, odd == MS_CLOSE, dice),
            "won_date": self._mixed_unit(close, odd == MS_WON, dice) if won and close else None,
            "milestone_changed_at": changed,
            "created_at": created, "updated_at": self.updated("deals", ordinal),
            "note_created_at": self.after(created, 3) if dice.chance(20) else None,
            "contact_ids": self.people_ids(dice, 3), "custom_data": self._deal_custom(dice),
            "products": self._products(dice), "apply_discount": dice.chance(10),
            "discount_value": Decimal(0), "discount_amt": Decimal(0),
            "total_deal_value": Decimal(0), "discount_type": "Value",
            "tags": As(tags, []) if tags and odd == NO_LONG_TAGS else tags,
            "tags_with_time": tag_objects(tags, created),
            "notes": [], "note_ids": [], "archived": dice.chance(8),
            "lost_reason_id": self.some_id("lost_reasons", dice) if lost and dice.chance(70) else None,
            "deal_source_id": self.some_id("deal_sources", dice) if dice.chance(60) else None,
            "color_name": dice.pick(words.COLORS), "entity_type": "deal",
        }
        if record["apply_discount"]:
            record.update(discount_value=Decimal(5), discount_type="Percent",
                          discount_amt=record["expected_value"] / 20)
        record["total_deal_value"] = record["expected_value"] - record["discount_amt"]
        self.put_owner(record, "deals", ordinal)
        return record

    def _probability(self, dice, won, lost, ordinal):
        if ordinal % 61 == 40:
            return 150						# nobody checks the range
        return 100 if won else 0 if lost else dice.below(20) * 5

    def _mixed_unit(self, value, milliseconds, dice):
        """Some clients stored milliseconds where seconds belong."""
        if value is None:
            return As(None, dice.pick((0, None, MISSING, "")))
        return As(value, value // MILLISECOND) if milliseconds else value

    def _deal_custom(self, dice):
        found = []
        if dice.chance(60):
            found.append({"name": "Start", "value": "%02d/%02d/%d" % (
                dice.between(1, 12), dice.between(1, 28), dice.between(2023, 2027))})
        if dice.chance(50):
            found.append({"name": "Region", "value": dice.pick(("North", "South", "East", "West"))})
        if dice.chance(20):
            found.append({"name": "Discount code", "value": "EARLY-%d" % dice.below(100)})
        if dice.chance(40):
            found.append({"name": "Seats", "value": str(dice.between(1, 500))})
        if dice.chance(30):
            found.append({"name": "Signed", "value": "on"})
        contact, company = self.some_id("contacts", dice), self.some_id("companies", dice)
        if contact and dice.chance(15):
            found.append({"name": "Referrer", "value": dumps([str(contact)])})
        if company and dice.chance(10):
            found.append({"name": "Subsidiary", "value": dumps([str(company)])})
        if dice.chance(15):
            found.append({"name": "Remarks", "value": ""})
        return found

    def _products(self, dice):
        found = []
        for number in range(dice.pick((0, 0, 0, 1, 2))):
            price = Decimal(dice.between(10, 20_000_000)) / 2
            found.append({"id": id_of("products", dice.below(20)), "name": dice.pick(words.DEAL_OBJECTS),
                          "price": Raw(java_double(price)), "qty": number + 1,
                          "total": Raw(java_double(price * (number + 1)))})
        return found

    def some_deals(self, dice, percent):
        """A short list of deals, as (id, name)."""
        if not self.counts["deals"] or not dice.chance(percent):
            return []
        ordinals = dict.fromkeys(dice.below(self.counts["deals"]) for _ in range(dice.between(1, 2)))
        return [(id_of("deals", ordinal), self.deal_name(ordinal)) for ordinal in ordinals]

    # -- tasks and events

    def task_due(self, ordinal):
        if ordinal % ODD_PERIOD in SHIFTED_EMPTY_DUE:
            return None
        dice = self.dice("tasks.due", ordinal)
        return REFERENCE_TIME + dice.between(-300, 60) * DAY + dice.below(24) * HOUR

    def task_status(self, ordinal):
        return self.dice("tasks.status", ordinal).pick(words.TASK_STATUSES)

    def task(self, ordinal, row_id):
        dice = self.dice("tasks", ordinal)
        status = self.task_status(ordinal)
        complete = status == "COMPLETED"
        created = self.created("tasks", ordinal)
        deals = self.some_deals(dice, 30)
        record = {
            "ordinal": ordinal, "type": dice.pick(words.TASK_TYPES), "priority_type": dice.pick(words.PRIORITIES),
            "status": status, "subject": dice.pick(words.TASK_SUBJECTS),
            "task_description": dice.pick(words.NOTE_TEXTS) if dice.chance(30) else None,
            "due_at": self.task_due(ordinal) or EMPTY_DUE, "created_at": created,
            "task_start_at": created if status != "YET_TO_START" else empty_time(dice, ordinal),
            "task_completed_at": self.after(created, dice.between(1, 40)) if complete else None,
            "task_ending_time": dice.pick(("12:00", "09:30", "17:00", "")),
            "is_complete": complete,
            "progress": 100 if complete else dice.between(1, 9) * 10 if status == "IN_PROGRESS" else 0,
            "contact_ids": self.people_ids(dice, 2),
            "deal_ids": [deal_id for deal_id, _ in deals],
            "deals": [{"id": deal_id, "name": name} for deal_id, name in deals],
            "notes": [], "note_ids": [], "entity_type": "task", "owner_pic": "",
        }
        self.put_owner(record, "tasks", ordinal)
        return record

    def event_start(self, ordinal):
        """Events spread over 2024 .. 2027."""
        first = at("2024-01-01T00:00:00Z")
        span = (at("2027-12-28T00:00:00Z") - first) // (15 * MINUTE)
        return first + self.dice("events.start", ordinal).below(span) * 15 * MINUTE

    def event_end(self, ordinal):
        """Mostly short, some last for weeks, a few end at the moment they start."""
        dice = self.dice("events.end", ordinal)
        if ordinal % 40 == 12:
            return self.event_start(ordinal) + 45 * DAY
        return self.event_start(ordinal) + dice.pick((0, 30, 60, 60, 90, 480, 1440)) * MINUTE

    def event(self, ordinal, row_id):
        dice = self.dice("events", ordinal)
        start, end = self.event_start(ordinal), self.event_end(ordinal)
        deals = self.some_deals(dice, 25)
        record = {
            "ordinal": ordinal, "title": dice.pick(words.EVENT_TITLES),
            "description": dice.pick(words.NOTE_TEXTS) if dice.chance(40) else None,
            "start_at": start, "end_at": end, "created_at": min(start, self.created("events", ordinal)),
            "all_day": dice.chance(10), "is_event_starred": dice.chance(5), "send_invite": dice.chance(20),
            "color": dice.pick(("red", "#36C", "green")), "background_color": None, "type": "AGILE",
            "entity_type": "event", "contact_ids": self.people_ids(dice, 2),
            "deal_ids": [deal_id for deal_id, _ in deals],
            "deals": [{"id": deal_id, "name": name} for deal_id, name in deals],
        }
        self.put_owner(record, "events", ordinal)
        return record

    # -- notes and documents

    def note(self, ordinal, row_id):
        dice = self.dice("notes", ordinal)
        people = self.people_ids(dice, 2, 1) if dice.chance(75) else []
        deals = [deal_id for deal_id, _ in self.some_deals(dice, 30 if people else 100)]
        record = {
            "ordinal": ordinal, "subject": dice.pick(words.NOTE_SUBJECTS),
            "description": dice.pick(words.NOTE_TEXTS), "created_at": self.created("notes", ordinal),
            "contact_ids": people, "deal_ids": deals, "entity_type": "note",
        }
        self.put_owner(record, "notes", ordinal)
        return record

    def document(self, ordinal, row_id):
        dice = self.dice("documents", ordinal)
        pattern, kind, network = dice.pick(words.DOCUMENT_NAMES)
        name = pattern.replace("{n}", str(1000 + ordinal))
        deals = self.some_deals(dice, 25)
        record = {
            "ordinal": ordinal, "name": name, "dummy_name": name.lower(), "extension": name,
            "doc_type": kind, "text": None, "template_type": None, "network_type": network,
            "url": "https://files.example/%s/%d?name=%s" % (network.lower(), ordinal, ordinal),
            "uploaded_at": self.created("documents", ordinal),
            "size": 5_000_000_000 if ordinal % 30 == 11 else dice.between(900, 9_000_000),
            "contact_ids": self.people_ids(dice, 3, 1), "case_ids": [],
            "deal_ids": [deal_id for deal_id, _ in deals],
            "deals": [{"id": deal_id, "name": name} for deal_id, name in deals],
            "update": 0, "entity_type": "document",
        }
        self.put_owner(record, "documents", ordinal)
        return record

    # -- tickets

    def ticket_time(self, ordinal, name, low, high):
        """A time with milliseconds between two ages in hours before the reference time."""
        dice = self.dice("tickets." + name, ordinal)
        return REFERENCE_TIME - (dice.between(low, high) * HOUR // MILLISECOND
                                 + dice.below(3_600_000)) * MILLISECOND

    def ticket_created(self, ordinal):
        late = ordinal - self.counts["tickets"]
        if late >= 0:
            return REFERENCE_TIME + (late + 1) * SECOND
        return self.ticket_time(ordinal, "created", 2000, 9000)

    def ticket_updated(self, ordinal):
        if ordinal >= self.counts["tickets"]:
            return self.ticket_created(ordinal)
        return self.ticket_time(ordinal, "updated", 1, 1900)

    def ticket_status(self, ordinal):
        return self.dice("tickets.status", ordinal).pick(words.TICKET_STATUSES)

    def ticket(self, ordinal, row_id):
        dice = self.dice("tickets", ordinal)
        created, updated = self.ticket_created(ordinal), self.ticket_updated(ordinal)
        status = self.ticket_status(ordinal)
        contact = self.some_id("contacts", dice) if dice.chance(70) else None
        name = " ".join(part for part in self.contact_names(
            (contact - first_id("contacts")) // ID_STRIDE) if part) if contact else "Visitor"
        subject = dice.pick(words.TICKET_SUBJECTS)
        answered = status != "NEW"
        labels = [id_of("ticket_labels", number) for number in range(self.counts["ticket_labels"])
                  if dice.chance(20)]
        return {
            "ordinal": ordinal, "group_id": self.some_id("ticket_groups", dice),
            "assignee_id": self.some_id("users", dice) if answered else None, "contact_id": contact,
            "assigned_to_group": not answered, "attachments_exists": dice.chance(15),
            "is_favorite": dice.chance(10), "is_spam": dice.chance(4), "is_compressed": False,
            "is_private": False, "requester_name": name,
            "requester_email": "requester%d@example.org" % (ordinal // 2),
            "requester_ip_address": "198.51.100.%d" % dice.below(256), "subject": subject,
            "first_notes_text": subject + "\n" + dice.pick(words.TICKET_REPLIES),
            "last_reply_text": dice.pick(words.TICKET_REPLIES) if answered else "",
            "html_text": "<p>%s</p>" % subject, "last_requester_name": name, "status": status,
            "type": dice.pick(words.TICKET_TYPES), "priority": dice.pick(words.TICKET_PRIORITIES),
            "source": dice.pick(("EMAIL", "WEB_FORM", "DASHBOARD")), "created_by": dice.pick(("CUSTOMER", "AGENT")),
            "last_updated_by": dice.pick(("REQUESTER", "AGENT")), "created_at": created, "updated_at": updated,
            "assigned_at": created + 5 * MINUTE if answered else empty_time(dice, ordinal),
            "first_replied_at": created + 30 * MINUTE + 7 * MILLISECOND if answered else None,
            "last_agent_replied_at": updated if answered else None,
            "last_customer_replied_at": created,
            "closed_at": updated if status == "CLOSED" else None,
            "due_at": created + 7 * DAY if dice.chance(30) else None,
            "cc_emails": ["cc%d@example.org" % n for n in range(dice.below(3))], "labels": labels,
            "attachments_list": [], "contact_ids": [contact] if contact else [],
            "user_replies_count": dice.below(6), "no_of_reopens": dice.below(2), "entity_type": "tickets",
        }

    def ticket_of_note(self, ordinal):
        """Every ticket has at least one message, the rest are spread unevenly."""
        count = self.counts["tickets"]
        if ordinal < count:
            return 1 + ordinal
        dice = self.dice("ticket_notes.ticket", ordinal)
        return 1 + dice.below(dice.below(count) + 1)

    def ticket_note(self, ordinal, row_id):
        dice = self.dice("ticket_notes", ordinal)
        ticket = self.ticket_of_note(ordinal)
        parent = self.ticket(ticket - 1, ticket)
        agent = ordinal >= self.counts["tickets"] and dice.chance(60)
        text = dice.pick(words.TICKET_REPLIES) if agent else parent["first_notes_text"]
        created = parent["created_at"] + (dice.below(1_900 * 3_600_000) if agent else 0) * MILLISECOND
        return {
            "ordinal": ordinal, "ticket_id": ticket, "group_id": parent["group_id"],
            "assignee_id": parent["assignee_id"] if agent else None,
            "created_by": "AGENT" if agent else "REQUESTER", "requester_name": parent["requester_name"],
            "requester_email": parent["requester_email"], "event_description": None,
            "feedback_comment": "Quick answer 👍" if agent and dice.chance(10) else None,
            "feedback_at": created + DAY if agent and dice.chance(10) else None,
            "feedback_flag": False, "close_ticket": agent and dice.chance(10),
            "plain_text": text, "html_text": "<p>%s</p>" % text.replace("\n", "<br/>"),
            "mime_object": None, "note_type": "PRIVATE" if agent and dice.chance(15) else "PUBLIC",
            "created_at": created, "requester_viewed_at": None,
            "domain_user_id": parent["assignee_id"] if agent else None, "requester_viewed_email": dice.chance(30),
            "is_compressed": False, "attachments_list": [],
            "cc_emails": parent["cc_emails"] if dice.chance(50) else [],
        }

    def ticket_filter(self, ordinal, row_id):
        rules = (
            ("All Tickets", [("status", "TICKET_STATUS_IS", s) for s in words.TICKET_STATUSES]),
            ("New Tickets", [("status", "TICKET_STATUS_IS", "NEW")]),
            ("My Tickets", [("assignee_id", "EQUALS", "0")]),
            ("Urgent and open", [("status", "TICKET_STATUS_IS", "NEW"), ("status", "TICKET_STATUS_IS", "OPEN"),
                                 ("priority", "TICKET_PRIORITY_IS", "URGENT")]),
            ("Closed problems", [("status", "TICKET_STATUS_IS", "CLOSED"),
                                 ("type", "TICKET_TYPE_IS", "PROBLEM")]),
        )
        name, conditions = rules[ordinal % len(rules)]
        return {
            "ordinal": ordinal, "name": name if ordinal < len(rules) else "%s %d" % (name, ordinal),
            "conditions": [{"LHS": left, "CONDITION": word, "RHS": right} for left, word, right in conditions],
            "owner_id": id_of("users", 0), "updated_at": at("2024-05-02T09:30:00.250Z") + ordinal * DAY,
            "is_default_filter": ordinal < 4, "ticket_groups": [],
        }

    # -- settings

    def workflow(self, ordinal, row_id):
        name, large = words.WORKFLOWS[ordinal % len(words.WORKFLOWS)]
        dice = self.dice("workflows", ordinal)
        created = self.created("workflows", ordinal)
        user = dice.below(self.counts["users"])
        nodes = [{"id": "PBXNODE_%d" % n, "displayname": "Send e-mail %d" % n, "NodeDefinition": {
            "name": "Send Email", "help": "\"Plain\" text\nand a \\ backslash"}, "JsonValues": [
                {"name": "subject", "value": "Hello {{first_name}} 👋"}, {"name": "delay", "value": n}]}
            for n in range(900 if large else 12)]
        return {
            "ordinal": ordinal, "name": name if ordinal < len(words.WORKFLOWS) else "%s %d" % (name, ordinal),
            "creator_name": words.USERS[user % len(words.USERS)][0], "created_at": created,
            "updated_at": self.after(created, dice.below(200)) if dice.chance(80) else None,
            "rules": dumps({"nodes": nodes}), "domain_user_id": id_of("users", user),
            "access_level": 1, "category": 0, "is_disabled": ordinal == 6, "backup_exists": dice.chance(30),
            "updated_time_update": True, "trigger": None,
            "unsubscribe": {"tag": "", "action": "UNSUBSCRIBE_FROM_THIS_CAMPAIGN", "unsubscribe_subject": ""},
        }

    def track(self, ordinal, row_id):
        name, milestones, default, won, lost, deals = words.TRACKS[ordinal % len(words.TRACKS)]
        return {"ordinal": ordinal, "name": name if ordinal < len(words.TRACKS) else "%s %d" % (name, ordinal),
                "milestones": milestones, "is_default": default and ordinal == 0, "won_milestone": won,
                "lost_milestone": lost, "deals_exist": deals}

    def category(self, labels, entity_type):
        """Maker of categories: deal sources or lost reasons."""
        def make(ordinal, row_id):
            label = labels[ordinal % len(labels)]
            if ordinal >= len(labels):
                label = "%s %d" % (label, ordinal)
            return {"ordinal": ordinal, "label": label, "sort_order": ordinal,
                    "name": label.lower().replace("&", "%26").replace(" ", "_"), "entity_type": entity_type}
        return make

    def ticket_group(self, ordinal, row_id):
        users = [id_of("users", n) for n in range(min(3, self.counts["users"]))]
        name = words_pick(words.TICKET_GROUPS, ordinal)
        return {"ordinal": ordinal, "group_name": name, "agents_keys": users,
                "group_email": "%s+%d@%s.agilecrm.com" % (name.lower().replace(" ", "-"), ordinal, "hallmark-racks"),
                "group_users": [{"id": row, "name": words.USERS[n % len(words.USERS)][0]}
                                for n, row in enumerate(users)]}

    def ticket_label(self, ordinal, row_id):
        return {"ordinal": ordinal, "label": words_pick(words.TICKET_LABELS, ordinal), "color_code": "#36c"}

    def tag(self, ordinal, row_id):
        dice = self.dice("tags", ordinal)
        return {"ordinal": ordinal, "tag": ALL_TAGS[ordinal % len(ALL_TAGS)], "created_at": None,
                "available_count": dice.between(5, 200), "entity_type": "tag"}

    def custom_field(self, ordinal, row_id):
        scope, position, (label, kind, searchable, data) = CUSTOM_FIELDS[ordinal]
        suffix = {"NUMBER": "_number", "DATE": "_time"}.get(kind, "")
        return {"ordinal": ordinal, "field_type": kind, "version": "v2", "field_label": label,
                "field_description": "" if position % 2 else "%s (%s)" % (label, scope.lower()),
                "field_data": data, "is_required": position == 0 and scope == "CONTACT",
                "searchable": searchable, "show_in_filter": searchable,
                "search_key": label.replace(" ", "") + suffix, "scope": scope, "position": position}


CUSTOM_FIELDS = [(scope, position, field)
                 for scope, fields in (("CONTACT", words.CONTACT_FIELDS), ("COMPANY", words.COMPANY_FIELDS),
                                       ("DEAL", words.DEAL_FIELDS))
                 for position, field in enumerate(fields)]

ALL_TAGS = words.TAGS + words.DEAL_TAGS


def split_milestones(text):
    return [name.strip() for name in text.split(",")]


def words_pick(sequence, ordinal):
    """The ordinal's word, numbered after the first round."""
    word = sequence[ordinal % len(sequence)]
    return word if ordinal < len(sequence) else "%s %d" % (word, ordinal)
