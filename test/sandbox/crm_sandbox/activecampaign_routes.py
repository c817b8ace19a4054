"""
ActiveCampaign's list endpoints: path, envelope, filters, sorts.

total is the JSON type of meta.total: "string", "integer", or None for lists
without a meta object.  missing is the status of a record that does not exist,
model the name the API calls it by.  A bare record has no envelope.
"""
from . import activecampaign_filters as f


class Endpoint:
    """One list endpoint and the single records below it."""

    def __init__(self, path, table, singular=None, total="string", model=None, missing=404,
                 default=20, filters=None, orders=None, rows=None, single=True, bare=False):
        self.path = path
        self.table = table
        self.rows = rows or path.rpartition("/")[2]
        self.singular = singular or self.rows[:-1]
        self.total = total
        self.model = model or self.singular[:1].upper() + self.singular[1:]
        self.missing = missing
        self.default = default
        self.filters = filters or {}
        self.orders = orders or {}
        self.single = single
        self.bare = bare


def _brackets(**named):
    """filters[name] for every name."""
    return {"filters[%s]" % name: keep for name, keep in named.items()}


CONTACT_FILTERS = {
    "email": f.contact_email, "email_like": f.contains("email"),
    "search": f.contains("first_name", "last_name", "email", "phone"),
    "phone": f.starts_with("phone"), "ids[]": f.contact_ids,
    "tagid": f.contacts_of("contact_tags", "tag_id"), "formid": f.contacts_of("contact_lists", "form_id"),
    "seriesid": f.contacts_of("contact_automations", "automation_id"),
    "waitid": f.contacts_of("contact_automations", "lastblock"), "segmentid": f.segment_contacts,
    "filters[created_after]": f.after("created_at", False), "filters[created_before]": f.before("created_at", False),
    "filters[updated_after]": f.after("updated_at", False), "filters[updated_before]": f.before("updated_at", False),
}

DEAL_FILTERS = {
    **_brackets(title=f.contains("title"), stage=f.number("stage_id"), group=f.number("pipeline_id"),
                owner=f.number("owner_id"), status=f.number("status"), organization=f.number("organization"),
                nextdate_range=f.next_date_range, tag=f.deal_contact_tag, tasktype=f.deal_task_type,
                created_after=f.after("created_at", True), created_before=f.before("created_at", False),
                updated_after=f.after("updated_at", True), updated_before=f.before("updated_at", False),
                minimum_value=f.deal_dollars(False), maximum_value=f.deal_dollars(True)),
    "filters[search]": None,		# needs search_field, see the API module
}

TASK_FILTERS = _brackets(
    title=f.text("title"), reltype=f.text("rel_type"), relid=f.number("rel_id"), status=f.number("status"),
    note=f.contains("note"), duedate=f.due_on, d_tasktypeid=f.number("task_type_id"), userid=f.number("user_id"),
    assignee_userid=f.number("assignee_id"), outcome_id=f.number("outcome_id"),
    due_after=f.after("duedate", False), due_before=f.before("duedate", False), duedate_range=f.due_range)

ORDER_SORTS = {"connectionid": "connection_id", "externalid": "externalid", "externalcheckoutid": "externalcheckoutid",
               "email": "email", "state": "state", "customerid": "customer_id", "external_created_date": "external_created_date"}

ENDPOINTS = (
    Endpoint("contacts", "contacts", model="Subscriber", filters=CONTACT_FILTERS,
             orders={"id": "id", "cdate": "created_at", "email": "email", "first_name": "first_name",
                     "last_name": "last_name", "name": "first_name"}),
    Endpoint("fields", "custom_fields", default=100, filters=_brackets(perstag=f.text("perstag"))),
    Endpoint("fieldValues", "contact_field_values", missing=403,
             filters=_brackets(fieldid=f.number("field_id"), val=f.text("value"))),
    Endpoint("groupDefinitions", "group_definitions", total=None),
    Endpoint("groupMembers", "group_members", total=None),
    Endpoint("lists/exclusions", "list_exclusions", total="integer", bare=True, orders={"matchPhrase": "match_phrase"},
             filters={"filters[matchPhrase]": f.contains("match_phrase"), "filters[lists][]": f.excluded_lists}),
    Endpoint("lists", "lists", model="_List", orders={"name": "name"},
             filters={"filters[name]": f.contains("name"), **f.with_operators("filters[name]", "name")}),
    Endpoint("contactLists", "contact_lists", model="SubscriberList"),
    Endpoint("tags", "tags", orders={"search": "tag"},
             filters={"search": f.contains("tag"), **f.with_operators("filters[search]", "tag")}),
    Endpoint("contactTags", "contact_tags", model="SubscriberTag"),
    Endpoint("segments", "segments"),
    Endpoint("accounts", "accounts", model="CustomerAccount", filters={"search": f.contains("name")}),
    Endpoint("accountContacts", "account_contacts", model="CustomerAccountSubscriber",
             filters=_brackets(contact=f.number("contact_id"), account=f.number("account_id"))),
    Endpoint("accountCustomFieldMeta", "account_custom_fields", "accountCustomFieldMetum", None, default=100),
    Endpoint("accountCustomFieldData", "account_field_values", "accountCustomFieldDatum", None,
             filters=_brackets(customerAccountId=f.number("account_id"))),
    Endpoint("dealCustomFieldMeta", "deal_custom_fields", "dealCustomFieldMetum", None, default=100),
    Endpoint("dealCustomFieldData", "deal_field_values", "dealCustomFieldDatum", "integer",
             filters=_brackets(dealId=f.number("deal_id"))),
    Endpoint("deals", "deals", total="integer", filters=DEAL_FILTERS,
             orders={"title": "title", "value": "value", "cdate": "created_at", "contact_name": "contact name",
                     "contact_orgname": "account name", "next-action": "next_date"}),
    Endpoint("dealGroups", "deal_pipelines", total="integer", orders={"title": "title", "popular": "count"},
             filters=_brackets(title=f.contains("title"), have_stages=f.has_stages)),
    Endpoint("dealStages", "deal_stages", total="integer", orders={"title": "title"},
             filters=_brackets(title=f.contains("title"), d_groupid=f.number("pipeline_id"))),
    Endpoint("dealTasks", "deal_tasks", filters=TASK_FILTERS),
    Endpoint("dealTasktypes", "task_types"),
    Endpoint("taskOutcomes", "task_outcomes", filters=_brackets(sentiment=f.sentiment)),
    Endpoint("tasktypeOutcomeRels", "tasktype_outcome_rels"),
    Endpoint("contactDeals", "contact_deals"),
    Endpoint("dealRoles", "deal_roles", filters={"search": f.contains("title")}),
    Endpoint("dealActivities", "deal_activities", "dealActivity",
             filters={"deal": f.number("deal_id"), "filters[data_type]": f.text("data_type"),
                      "filters[data_id]": f.number("data_id")}),
    Endpoint("notes", "notes", total="integer"),
    Endpoint("users", "users"),
    Endpoint("groups", "groups", missing=403),
    Endpoint("groupLimits", "group_limits"),
    Endpoint("campaigns", "campaigns", filters=_brackets(seriesid=f.number("automation_id")),
             orders={"sdate": "sent_at", "ldate": "last_sent_at"}),
    Endpoint("links", "campaign_links"),
    Endpoint("campaignMessages", "campaign_messages"),
    Endpoint("campaignLists", "campaign_lists"),
    Endpoint("messages", "messages"),
    Endpoint("templates", "templates"),
    Endpoint("personalizations", "personalizations",
             orders={"format": "format", "tag": "tag", "name": "name", "content": "content"},
             filters={"filter[name]": f.contains("name"), "filter[tag]": f.contains("tag"),
                      "filter[content]": f.contains("content"), "filter[format]": f.text("format")}),
    Endpoint("automations", "automations"),
    Endpoint("contactAutomations", "contact_automations", model="SubscriberSeries",
             orders={"lastdate": "lastdate"}),
    Endpoint("scores", "scores"),
    Endpoint("contactData", "contact_data", "contactDatum"),
    Endpoint("bounceLogs", "bounce_logs"),
    Endpoint("emailActivities", "email_activities", "emailActivity",
             filters=_brackets(subscriberid=f.number("contact_id"), dealId=f.number("deal_id"))),
    Endpoint("activities", "activities", "activity", orders={"tstamp": "tstamp"},
             filters={"contact": f.number("contact_id"), "after": f.after("tstamp", True)}),
    Endpoint("forms", "forms", missing=403),
    Endpoint("connections", "ecommerce_connections",
             filters=_brackets(service=f.text("service"), externalid=f.text("externalid"))),
    Endpoint("ecomCustomers", "ecommerce_customers",
             filters=_brackets(email=f.text("email"), externalid=f.text("externalid"), connectionid=f.number("connection_id"))),
    Endpoint("ecomOrders", "ecommerce_orders", orders=ORDER_SORTS, filters=_brackets(
        connectionid=f.positive("connection_id"), externalid=f.text("externalid"),
        externalcheckoutid=f.text("externalcheckoutid"), email=f.text("email"), state=f.number("state"),
        customerid=f.number("customer_id"), external_created_date=f.text_of_time("external_created_date"))),
    Endpoint("ecomOrderProducts", "ecommerce_order_products", total=None),
    Endpoint("webhook/events", "webhook_events", total="integer", rows="webhookEvents", single=False),
    Endpoint("webhooks", "webhooks",
             filters=_brackets(name=f.text("name"), url=f.text("url"), listid=f.number("list_id"))),
    Endpoint("eventTrackingEvents", "event_tracking_events", total="integer", single=False),
    Endpoint("addresses", "addresses", "address"),
    Endpoint("brandings", "brandings"),
    Endpoint("savedResponses", "saved_responses"),
    Endpoint("calendars", "calendars"),
    Endpoint("prism/urlWhitelistings", "url_whitelistings", total=None, rows="data", single=False),
)

BY_PATH = {endpoint.path: endpoint for endpoint in ENDPOINTS}

# Lists below one record, without meta: (parent path, sub-path): (table, column, array).
NESTED = {
    ("contacts", "bounceLogs"): ("bounce_logs", "contact_id", "bounceLogs"),
    ("contacts", "contactAutomations"): ("contact_automations", "contact_id", "contactAutomations"),
    ("contacts", "contactGoals"): ("contact_goals", "contact_id", "contactGoals"),
    ("contacts", "contactLists"): ("contact_lists", "contact_id", "contactLists"),
    ("contacts", "contactLogs"): ("contact_logs", "contact_id", "contactLogs"),
    ("contacts", "contactTags"): ("contact_tags", "contact_id", "contactTags"),
    ("contacts", "contactDeals"): ("contact_deals", "contact_id", "contactDeals"),
    ("contacts", "deals"): ("deals", "contact_id", "deals"),
    ("contacts", "fieldValues"): ("contact_field_values", "contact_id", "fieldValues"),
    ("contacts", "geoIps"): ("contact_geo_ips", "contact_id", "geoIps"),
    ("contacts", "trackingLogs"): ("contact_tracking_logs", "contact_id", "trackingLogs"),
    ("contacts", "scoreValues"): ("contact_score_values", "contact_id", "scoreValues"),
    ("contacts", "accountContacts"): ("account_contacts", "contact_id", "accountContacts"),
    ("campaigns", "links"): ("campaign_links", "campaign_id", "links"),
    ("campaigns", "campaignMessages"): ("campaign_messages", "campaign_id", "campaignMessages"),
    ("campaigns", "campaignLists"): ("campaign_lists", "campaign_id", "campaignLists"),
    ("deals", "dealActivities"): ("deal_activities", "deal_id", "dealActivities"),
    ("deals", "contactDeals"): ("contact_deals", "deal_id", "contactDeals"),
    ("deals", "dealCustomFieldData"): ("deal_field_values", "deal_id", "dealCustomFieldData"),
    ("accounts", "accountContacts"): ("account_contacts", "account_id", "accountContacts"),
    ("accounts", "accountCustomFieldData"): ("account_field_values", "account_id", "accountCustomFieldData"),
    ("automations", "contactAutomations"): ("contact_automations", "automation_id", "contactAutomations"),
    ("automations", "campaigns"): ("campaigns", "automation_id", "campaigns"),
    ("dealGroups", "stages"): ("deal_stages", "pipeline_id", "dealStages"),
    ("fields", "options"): ("field_options", "field_id", "fieldOptions"),
    ("fields", "relations"): ("field_rels", "field_id", "fieldRels"),
    ("ecomOrders", "orderProducts"): ("ecommerce_order_products", "order_id", "ecomOrderProducts"),
    ("ecomCustomers", "orders"): ("ecommerce_orders", "customer_id", "ecomOrders"),
}

# Notes and tasks below a record name its kind in rel_type.
NOTED = {("contacts", "notes"): ("notes", "Subscriber", "notes"), ("deals", "notes"): ("notes", "Deal", "notes"),
         ("accounts", "notes"): ("notes", "CustomerAccount", "notes"), ("deals", "tasks"): ("deal_tasks", "Deal", "dealTasks")}

# include=: {path: {array: (table, column)}}
INCLUDES = {
    "contacts": {name: NESTED[("contacts", name)][:2] for name in (
        "contactLists", "contactTags", "fieldValues", "contactAutomations")},
    "deals": {"dealCustomFieldData": ("deal_field_values", "deal_id")},
    "accounts": {"accountCustomFieldData": ("account_field_values", "account_id")},
}

# What a contact alone brings along, and the id arrays it then has.
CONTACT_ALONE = ("contactAutomations", "contactLists", "deals", "fieldValues", "geoIps")

# Single records that have no list: path: (table, singular).
SINGLES = {"fieldOptions": ("field_options", "fieldOption"), "fieldRels": ("field_rels", "fieldRel"),
           "geoAddresses": ("geo_addresses", "geoAddress")}
