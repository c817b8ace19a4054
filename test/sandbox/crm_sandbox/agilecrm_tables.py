"""The tables of the Agile CRM account and what is derived from them."""
from . import agilecrm_words as words
from .agilecrm_data import CUSTOM_FIELDS, ALL_TAGS, World, split_milestones
from .agilecrm_fields import (
    CATEGORY_FIELDS, CUSTOM_FIELD_FIELDS, TAG_FIELDS, TICKET_FILTER_FIELDS, TICKET_GROUP_FIELDS,
    TICKET_LABEL_FIELDS, TRACK_FIELDS, USER_FIELDS, WORKFLOW_FIELDS, deal_fields, deal_wire,
    document_fields, event_fields, note_fields, people_fields, task_fields, ticket_fields, ticket_note_fields)
from .agilecrm_people import ID_STRIDE, build_properties, first_id
from .model import Table, View
from .wire import UNIX_MS, dumps, plain

DEFAULT_ROWS = {
    "contacts": 700, "companies": 90, "deals": 260, "tasks": 150, "events": 130, "notes": 400,
    "documents": 60, "tickets": 120, "ticket_notes": 400, "ticket_filters": 5, "tracks": 3,
    "workflows": 7, "users": len(words.USERS), "tags": len(ALL_TAGS),
    "deal_sources": len(words.DEAL_SOURCES), "lost_reasons": len(words.LOST_REASONS),
    "ticket_groups": len(words.TICKET_GROUPS), "ticket_labels": len(words.TICKET_LABELS),
}

# Tables of which a row without parent is no row, and tables other data refers to.
NEVER_EMPTY = ("users", "tracks", "ticket_filters")


class BelowParents(Table):
    """Records that the API lists only below other records, one SQL row for each of them.

    parents(record) gives the SQL columns that each place below a parent adds.
    """

    def __init__(self, *args, parents, **options):
        self.parents = parents
        super().__init__(*args, **options)

    def rows(self):
        for row_id in self.ids():
            places = self.parents(self.record(row_id))
            if places:
                row = self.truth(row_id)
                for place in places:
                    yield {**row, **place}

    def count(self):
        return sum(len(self.parents(self.record(row_id))) for row_id in self.ids())


class Account:
    """World plus tables; also the reverse look-ups the API needs."""

    def __init__(self, crm):
        self.crm = crm
        self.counts = {name: crm.scale(name, count) for name, count in DEFAULT_ROWS.items()}
        self.counts["campaigns"] = self.counts["workflows"] = crm.scale("campaigns", self.counts["workflows"])
        for name in NEVER_EMPTY:
            self.counts[name] = max(1, self.counts[name])
        self.world = World(crm.seed, self.counts)
        self._children = {}
        self._add_people()
        self._add_deals()
        self._add_activities()
        self._add_tickets()
        self._add_settings()

    def table(self, name):
        return self.crm.tables_by_name[name]

    def _add(self, name, fields, make, kind=None, **options):
        kind = kind or name
        base = options.pop("base", Table)
        table = base(name, fields, make, self.counts[kind], **{
            "first_id": first_id(kind) if kind in FAR_IDS else 1,
            "stride": ID_STRIDE if kind in FAR_IDS else 1, **options})
        return self.crm.add(table)

    def _cheap(self, kind):
        """Columns that filters and sorts read without making the record."""
        world = self.world
        return {"created_at": lambda ordinal: world.created(kind, ordinal),
                "updated_at": lambda ordinal: world.updated(kind, ordinal),
                "owner_id": lambda ordinal: world.owner_id(kind, ordinal)}

    def _add_people(self):
        world = self.world
        self._add("contacts", people_fields(world, False), world.contact,
                  columns={
            **self._cheap("contacts"), "company_id": world.contact_company, "tags": world.contact_tags})
        self._add("companies", people_fields(world, True), world.company, columns=self._cheap("companies"))
        for name, parent, column in (("contact_properties", "contacts", "contact_id"),
                                     ("company_properties", "companies", "company_id")):
            self.crm.add(View(name, lambda parent=parent, column=column: self._property_rows(parent, column)))

    def _property_rows(self, parent, column):
        table = self.table(parent)
        for row_id in table.ids():
            for position, entry in enumerate(build_properties(table.record(row_id)), 1):
                value = entry["value"]
                yield {column: row_id, "position": position, "type": entry.get("type"),
                       "name": entry["name"], "subtype": entry.get("subtype"),
                       "value": value if isinstance(value, str) else dumps(value), "raw": entry}

    def _add_deals(self):
        world = self.world
        fields = deal_fields(world)
        self._add("deals", fields, world.deal, render=deal_wire(fields), columns=self._cheap("deals"))
        self._add("tracks", TRACK_FIELDS, world.track)
        self.crm.add(View("milestones", self._milestone_rows))
        self._add("deal_sources", CATEGORY_FIELDS, world.category(words.DEAL_SOURCES, "DEAL_SOURCE"))
        self._add("lost_reasons", CATEGORY_FIELDS, world.category(words.LOST_REASONS, "DEAL_LOST_REASON"))

    def _milestone_rows(self):
        tracks = self.table("tracks")
        for row_id in tracks.ids():
            track = tracks.record(row_id)
            won, lost = track["won_milestone"], track["lost_milestone"]
            for position, name in enumerate(split_milestones(track["milestones"]), 1):
                yield {"track_id": row_id, "track_name": track["name"], "position": position, "name": name,
                       "is_won": name == won, "is_lost": name == lost,
                       "is_default_track": track["is_default"], "raw": name}

    def _add_activities(self):
        world = self.world
        self._add("tasks", task_fields(world, self._full_in_task), world.task, columns={
            **self._cheap("tasks"), "due_at": world.task_due})
        self._add("events", event_fields(world), world.event, columns={
            **self._cheap("events"), "start_at": world.event_start, "end_at": world.event_end})
        self._add("notes", note_fields(world), world.note, base=BelowParents, parents=self._note_places,
                  columns={"created_at": self._cheap("notes")["created_at"]})
        self._add("documents", document_fields(world, self.full_contact), world.document,
                  base=BelowParents, parents=self._document_places)

    def full_contact(self, record, row_id):
        """The whole object of a contact or company, None if it is gone."""
        table = self.people_of(row_id)
        return table.wire(row_id) if table else None

    def _full_in_task(self, record, row_id):
        """Some tasks carry whole contacts, the others only names."""
        return self.full_contact(record, row_id) if record["ordinal"] % 7 == 2 else None

    def people_of(self, row_id):
        """The table, contacts or companies, that has a live row with this id, or None."""
        for name in ("contacts", "companies"):
            if self.table(name).exists(row_id):
                return self.table(name)
        return None

    def _note_places(self, record):
        found = [{"contact_id": row_id, "deal_id": None} for row_id in record["contact_ids"]
                 if self.people_of(row_id)]
        return found + [{"contact_id": None, "deal_id": row_id} for row_id in record["deal_ids"]
                        if self.table("deals").exists(row_id)]

    def _document_places(self, record):
        return [{"contact_id": row_id} for row_id in record["contact_ids"] if self.people_of(row_id)]

    def _add_tickets(self):
        world = self.world
        self._add("tickets", ticket_fields(world, self._nested_in_ticket), world.ticket, columns={
            "created_at": world.ticket_created, "updated_at": world.ticket_updated,
            "status": world.ticket_status})
        self._add("ticket_notes", ticket_note_fields(self._nested_in_ticket), world.ticket_note,
                  base=BelowParents, parents=lambda record: [{}] if self.table("tickets").exists(
                      record["ticket_id"]) else [], columns={"ticket_id": world.ticket_of_note})
        self._add("ticket_filters", TICKET_FILTER_FIELDS, world.ticket_filter)
        self._add("ticket_groups", TICKET_GROUP_FIELDS, world.ticket_group)
        self._add("ticket_labels", TICKET_LABEL_FIELDS, world.ticket_label)

    def _nested_in_ticket(self, name):
        """The function that computes one nested object of a ticket or of its notes."""
        def group(record):
            found = self.table("ticket_groups").record(record["group_id"]) if record["group_id"] else None
            return found and {"id": record["group_id"], "group_name": found["group_name"],
                              "group_email": found["group_email"]}

        def contact(record):
            return record["contact_id"] and self.world.partial_contact(record["contact_id"])

        def user(key):
            return lambda record: self.world.owner(record[key]) if record[key] else None

        def last_note(record):
            notes = self.children("ticket_notes", "ticket_id").get(plain(record["id"]), ())
            if not notes:
                return {}
            table = self.table("ticket_notes")
            last = table.record(max(notes, key=lambda row_id: (table.value(row_id, "created_at"), row_id)))
            return {"id": last["id"], "plain_text": last["plain_text"],
                    "created_time": UNIX_MS.to_wire(last["created_at"]), "ticket_notes_assinee": ""}

        return {"group": group, "contact": contact, "assignee": user("assignee_id"),
                "domain_user": user("domain_user_id"), "last_ticket_notes": last_note}[name]

    def _add_settings(self):
        world = self.world
        self._add("campaigns", WORKFLOW_FIELDS, world.workflow, kind="workflows")
        self._add("tags", TAG_FIELDS, world.tag)
        self._add("users", USER_FIELDS, world.user, secrets=("password",))
        self.counts["custom_fields"] = len(CUSTOM_FIELDS)
        self._add("custom_fields", CUSTOM_FIELD_FIELDS, world.custom_field)

    # -- reverse look-ups

    def children(self, name, key):
        """Parent id -> ids of the rows of a table whose key (an id or a list of ids) names it."""
        table = self.table(name)
        version, found = self._children.get((name, key), (None, None))
        if version != table.version:
            found = {}
            for row_id in table.ids():
                value = table.value(row_id, key)
                for parent in value if isinstance(value, list) else (value,):
                    found.setdefault(parent, []).append(row_id)
            self._children[name, key] = table.version, found
        return found


FAR_IDS = frozenset(DEFAULT_ROWS) - {"tickets", "tags"} | {"custom_fields"}
