"""
ActiveCampaign's tables: which schema, which maker, how many rows, and what
differs between a record in its list and the same record alone.
"""
from . import activecampaign_mail as mail
from . import activecampaign_people as people
from . import activecampaign_sales as sales
from . import activecampaign_schema as schema
from . import activecampaign_shop as shop
from . import activecampaign_words as words
from .dice import Dice
from .model import Field, Table, to_truth, to_wire
from .wire import MISSING, PLAIN

SECRETS = ("token", "twitter_token", "twitter_token_secret", "facebook_session", "password", "api_key")

# Members that differ in the single record: another type, or not there at all.
ALONE = {
    "account_custom_fields": dict.fromkeys(
        ("fieldDefaultCurrency", "hideFieldFlag", "knownFieldId", "personalization"), MISSING),
    "deal_tasks": {"status": str},
    "forms": {"entries": str, **dict.fromkeys(("contacts", "deals", "defaultscreenshot", "recent"), MISSING)},
    "ecommerce_connections": dict.fromkeys(("status", "syncStatus", "lastSync"), MISSING),
    "ecommerce_orders": {"orderProducts": MISSING, **dict.fromkeys(
        ("totalPrice", "shippingAmount", "taxAmount", "discountAmount", "totalProducts", "state"), str)},
    "automations": {"screenshot": MISSING, "defaultscreenshot": MISSING},
    "lists": {"non_deleted_subscribers": MISSING, "active_subscribers": MISSING},
    "deal_pipelines": {"count": MISSING},
    "campaigns": dict.fromkeys(("numberOfMessages", "campaignIsText", "typeText", "statusToolTip",
                                "statusString", "groupLimitViolation"), MISSING),
}

# The same of records in a list below a contact.
BELOW = {
    "contact_automations": {"completedElements": int, "totalElements": int},
    "contact_lists": {"channel": MISSING},
}


def _named(name):
    return lambda world: world.count(name)


def _fixed(number):
    return lambda world: number


def _fan(name):
    return lambda world: getattr(world, name).total


# name: (schema, maker, rows)
DEFINITIONS = {
    "custom_fields": ("FIELDS", people.field, _named("custom_fields")),
    "field_options": ("FIELD_OPTIONS", people.field_option, lambda world: len(people.option_places(world))),
    "field_rels": ("FIELD_RELS", people.field_rel, _named("custom_fields")),
    "contact_field_values": ("FIELD_VALUES", people.field_value, _fan("values")),
    "group_definitions": ("GROUP_DEFINITIONS", shop.group_definition, _fixed(2)),
    "group_members": ("GROUP_MEMBERS", shop.group_member, _fixed(6)),
    "lists": ("LISTS", people.a_list, _named("lists")),
    "list_exclusions": ("LIST_EXCLUSIONS", mail.exclusion, _fixed(3)),
    "contact_lists": ("CONTACT_LISTS", people.contact_list, _fan("lists")),
    "tags": ("TAGS", people.tag, _named("tags")),
    "contact_tags": ("CONTACT_TAGS", people.contact_tag, _fan("tags")),
    "segments": ("SEGMENTS", mail.segment, _named("segments")),
    "accounts": ("ACCOUNTS", people.account, _named("accounts")),
    "account_contacts": ("ACCOUNT_CONTACTS", people.account_contact, _fan("jobs")),
    "account_custom_fields": ("CUSTOM_FIELD_META", sales.account_field, _named("account_custom_fields")),
    "account_field_values": ("ACCOUNT_FIELD_VALUES", sales.account_field_value, _fan("account_values")),
    "deal_custom_fields": ("CUSTOM_FIELD_META", sales.deal_field, _named("deal_custom_fields")),
    "deal_field_values": ("DEAL_FIELD_VALUES", sales.deal_field_value, _fan("deal_values")),
    "deal_pipelines": ("DEAL_PIPELINES", sales.pipeline, _named("deal_pipelines")),
    "deal_stages": ("DEAL_STAGES", sales.stage, _named("deal_stages")),
    "deal_tasks": ("DEAL_TASKS", sales.deal_task, _named("deal_tasks")),
    "task_types": ("TASK_TYPES", sales.task_type, _fixed(4)),
    "task_outcomes": ("TASK_OUTCOMES", sales.task_outcome, _fixed(3)),
    "tasktype_outcome_rels": ("TASKTYPE_OUTCOME_RELS", sales.outcome_rel, _fixed(5)),
    "contact_deals": ("CONTACT_DEALS", sales.contact_deal, lambda world: world.count("deals") // 4),
    "deal_roles": ("DEAL_ROLES", sales.deal_role, _fixed(3)),
    "deal_activities": ("DEAL_ACTIVITIES", sales.deal_activity, _fan("deal_events")),
    "notes": ("NOTES", sales.note, _named("notes")),
    "users": ("USERS", shop.user, _named("users")),
    "groups": ("GROUPS", shop.group, _fixed(3)),
    "group_limits": ("GROUP_LIMITS", shop.group_limit, _fixed(3)),
    "campaigns": ("CAMPAIGNS", mail.campaign, _named("campaigns")),
    "campaign_links": ("CAMPAIGN_LINKS", mail.campaign_link,
                       lambda world: world.count("campaigns") * mail.LINKS_PER_CAMPAIGN),
    "campaign_messages": ("CAMPAIGN_MESSAGES", mail.campaign_message, _named("campaigns")),
    "campaign_lists": ("CAMPAIGN_LISTS", mail.campaign_list, _named("campaigns")),
    "messages": ("MESSAGES", mail.message, _fixed(mail.MESSAGES)),
    "templates": ("TEMPLATES", mail.template, _fixed(4)),
    "personalizations": ("PERSONALIZATIONS", mail.personalization, _fixed(3)),
    "automations": ("AUTOMATIONS", mail.automation, _named("automations")),
    "contact_automations": ("CONTACT_AUTOMATIONS", people.contact_automation, _fan("entries")),
    "contact_goals": ("CONTACT_GOALS", people.contact_goal, _fan("goals")),
    "scores": ("SCORES", mail.score, _fixed(3)),
    "contact_score_values": ("CONTACT_SCORE_VALUES", people.score_value, _fan("scores")),
    "contact_data": ("CONTACT_DATA", people.contact_data, lambda world: (world.count("contacts") + 2) // 3),
    "contact_geo_ips": ("CONTACT_GEO_IPS", people.geo_ip, _fan("geo")),
    "geo_addresses": ("GEO_ADDRESSES", people.geo_address, _fixed(len(words.PLACES))),
    "contact_logs": ("CONTACT_LOGS", people.contact_log, _fan("logs")),
    "contact_tracking_logs": ("CONTACT_TRACKING_LOGS", people.tracking_log, _fan("tracking")),
    "bounce_logs": ("BOUNCE_LOGS", people.bounce_log, _fan("bounces")),
    "activities": ("ACTIVITIES", people.activity, _fixed(180)),
    "email_activities": ("EMAIL_ACTIVITIES", people.email_activity, _fixed(70)),
    "forms": ("FORMS", mail.form, _named("forms")),
    "ecommerce_connections": ("CONNECTIONS", shop.connection, _fixed(1)),
    "ecommerce_customers": ("ECOM_CUSTOMERS", shop.customer, _named("ecommerce_customers")),
    "ecommerce_orders": ("ECOM_ORDERS", shop.order, _named("ecommerce_orders")),
    "ecommerce_order_products": ("ECOM_ORDER_PRODUCTS", shop.product, _fan("products")),
    "webhooks": ("WEBHOOKS", shop.webhook, _fixed(3)),
    "webhook_events": ("WEBHOOK_EVENTS", shop.webhook_event, _fixed(len(words.WEBHOOK_EVENTS))),
    "event_tracking_events": ("EVENT_TRACKING_EVENTS", shop.tracking_event, _fixed(3)),
    "addresses": ("ADDRESSES", shop.address, _fixed(len(words.PLACES))),
    "brandings": ("BRANDINGS", shop.branding, _fixed(3)),
    "saved_responses": ("SAVED_RESPONSES", mail.saved_response, _fixed(3)),
    "calendars": ("CALENDARS", shop.calendar, _fixed(3)),
    "custom_object_schemas": ("OBJECT_SCHEMAS", shop.object_schema, _fixed(2)),
    "custom_object_records": ("OBJECT_RECORDS", shop.object_record, _fixed(40)),
    "audiences": ("AUDIENCES", mail.audience, _fixed(3)),
    "url_whitelistings": ("URL_WHITELISTINGS", shop.whitelisting, _fixed(3)),
}

# Tables whose records are JSON:API objects, and their type.
JSON_API = {"audiences": "segment", "url_whitelistings": "url-whitelisting"}

# Tables that no list endpoint offers as a whole: they serve sideloads and singletons.
HIDDEN = {"contact_data", "geo_addresses", "campaign_messages", "campaign_lists"}


def maker(world, make, defaults):
    """Table.make: what the schema says of every row, then what the maker says of this one."""
    return lambda ordinal, row_id: {**defaults, **make(world, ordinal, row_id)}


def render(name, fields):
    """Table.render: the record in its list, or with the variants "alone" and "below" elsewhere."""
    changes = {"alone": ALONE.get(name, {}), "below": BELOW.get(name, {})}

    def face(record, variant):
        sent = to_wire(fields, record, record["id"])
        for key, change in changes.get(variant, {}).items():
            if change is MISSING:
                sent.pop(key, None)
            elif sent.get(key) is not None:
                sent[key] = change(getattr(sent[key], "text", sent[key]))
        return sent
    return face


def build_table(world, name):
    """A table of DEFINITIONS."""
    what, make, rows = DEFINITIONS[name]
    described = getattr(schema, what)
    kind = TextTable if name == "webhook_events" else Table
    face = json_api(described, JSON_API[name]) if name in JSON_API else render(name, described.fields)
    return kind(name, described.fields, maker(world, make, described.defaults), rows(world),
                render=face, secrets=SECRETS)


class TextTable(Table):
    """Records that are plain texts."""

    def wire(self, row_id, variant=None):
        return self.record(row_id)["name"]

    def raw(self, row_id):
        return self.wire(row_id)


def json_api(described, kind):
    """Table.render of records in the JSON:API style."""
    def face(record, variant):
        attributes = to_wire(described.fields, record)
        return {"id": attributes.pop("id"), "type": kind, "attributes": attributes}
    return face


def build_contacts(world, render_contact):
    described = schema.CONTACTS
    return Table("contacts", described.fields, maker(world, people.contact, described.defaults),
                 world.count("contacts"), people.CONTACT_FIRST, people.CONTACT_STRIDE,
                 columns={"created_at": lambda n: people.contact_created(world, n),
                          "updated_at": lambda n: people.contact_updated(world, n),
                          "email": lambda n: people.contact_email(world, n),
                          "first_name": lambda n: people.contact_names(world, n)[0],
                          "last_name": lambda n: people.contact_names(world, n)[1]},
                 monotone=("created_at",), render=render_contact, secrets=SECRETS)


class DealTable(Table):
    """Deals, some of them in a pipeline that the key's user may not see.

    Such a deal is a row all the same: a stub of id, title, mostly a status that
    is 0 whatever the deal's is, and isDisabled.  Filters, sorts and totals go by
    what it hides.
    """

    STUB = [Field("title", "title", PLAIN), Field("status", "status", schema.CODECS["num"]),
            Field("id", "id", schema.CODECS["num"]), Field("is_disabled", "isDisabled", PLAIN)]

    def __init__(self, world, fraction, render_deal):
        described = schema.DEALS
        self.fraction = fraction
        self.seed = world.seed
        super().__init__(
            "deals", described.fields, maker(world, sales.deal, described.defaults), world.count("deals"),
            columns={"created_at": lambda n: sales.deal_created(world, n),
                     "updated_at": lambda n: sales.deal_updated(world, n),
                     "owner_id": lambda n: sales.deal_owner(world, n),
                     "status": lambda n: sales.deal_status(world, n),
                     "contact_id": lambda n: sales.deal_contact(world, n)},
            render=render_deal, secrets=SECRETS)

    def is_stub(self, row_id):
        return Dice(self.seed, "ac.stub", row_id).below(10_000) < self.fraction() * 10_000

    def stub_fields(self, row_id):
        """Half of the stubs are of the older kind, without a status."""
        return [field for field in self.STUB if row_id % 2 or field.wire != "status"]

    def stub(self, row_id):
        """What a stub shows."""
        return {**self.record(row_id), "status": 0, "is_disabled": True}

    def wire(self, row_id, variant=None):
        if self.is_stub(row_id):
            return to_wire(self.stub_fields(row_id), self.stub(row_id))
        return super().wire(row_id, variant)

    def truth(self, row_id):
        if not self.is_stub(row_id):
            return super().truth(row_id)
        stub = self.stub(row_id)
        row = to_truth(self.fields, {field.key: stub[field.key] for field in self.stub_fields(row_id)})
        row["raw"] = self.raw(row_id)
        return row
