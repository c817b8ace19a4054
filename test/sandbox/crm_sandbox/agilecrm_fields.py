"""Columns and JSON keys of every Agile CRM entity."""
from .agilecrm_people import build_properties
from .model import Field, to_wire
from .wire import INT_TEXT, JAVA_DOUBLE, JSON_TEXT, MISSING, PLAIN, UNIX, UNIX_MS, Codec, plain

SECONDS = UNIX.nulls(0)
MILLIS = UNIX_MS.nulls(0)
OPTIONAL = PLAIN.nulls(MISSING)
SECONDS_OPTIONAL = UNIX.nulls(MISSING)
MILLIS_OPTIONAL = UNIX_MS.nulls(MISSING)
ID_OPTIONAL = INT_TEXT.nulls(MISSING)
NONE_IS_ZERO = PLAIN.nulls(0)
ID_LIST = Codec(wire=lambda ids: [str(row_id) for row_id in ids])


def _first(key):
    """The first of several values."""
    def compute(record):
        values = record[key]
        return values[0] if values else None
    return compute


def _address(part):
    """One part of the first address."""
    def compute(record):
        addresses = record["addresses"]
        return addresses[0].get(part) if addresses else None
    return compute


def people_fields(world, company):
    """Fields of contacts or companies; both are one kind of object."""
    names = [Field("name"), Field("url")] if company else [Field("first_name"), Field("last_name")]
    return [
        Field("id", "id"), Field("type", "type"), *names, Field("company_name"),
        Field("company_id", "contact_company_id", ID_OPTIONAL), Field("title"),
        Field("email", compute=_first("emails")), Field("emails"),
        Field("phone", compute=_first("phones")), Field("phones"),
        Field("website", compute=_first("websites")), Field(None, key="websites"),
        Field("address", compute=_address("address")), Field("city", compute=_address("city")),
        Field("state", compute=_address("state")), Field("zip", compute=_address("zip")),
        Field("country", compute=_address("country")), Field(None, key="addresses"),
        Field(None, key="custom"), Field("image"),
        Field("lead_score", "lead_score"), Field("star_value", "star_value"), Field("tags", "tags"),
        *owner_fields(world), Field("source", "source", OPTIONAL),
        Field("created_at", "created_time", SECONDS), Field("updated_at", "updated_time", SECONDS),
        Field("last_contacted_at", "last_contacted", SECONDS),
        Field("last_emailed_at", "last_emailed", SECONDS),
        Field("last_called_at", "last_called", SECONDS),
        Field("last_campaign_emaild", "last_campaign_emaild", SECONDS),
        Field("viewed_at", "viewed_time", MILLIS), Field("viewed", "viewed", OPTIONAL, compute=_viewed),
        Field("klout_score", "klout_score"), Field("tags_with_time", "tagsWithTime"),
        Field("campaign_status", "campaignStatus"), Field("unsubscribe_status", "unsubscribeStatus"),
        Field("email_bounce_status", "emailBounceStatus"), Field("entity_type", "entity_type"),
        Field("form_id", "formId", NONE_IS_ZERO), Field("lead_source_id", "lead_source_id", NONE_IS_ZERO),
        Field("lead_status_id", "lead_status_id", NONE_IS_ZERO), Field("browser_id", "browserId"),
        Field("is_lead_converted", "is_lead_converted"),
        Field("is_duplicate_existed", "is_duplicate_existed"),
        Field("is_duplicate_verification_failed", "is_duplicate_verification_failed"),
        Field("is_client_import", "is_client_import"),
        Field("concurrent_save_allowed", "concurrent_save_allowed"),
        Field("lead_converted_at", "lead_converted_time", SECONDS),
        Field("trashed_at", "trashed_time", SECONDS),
        Field("restored_at", "restored_time", SECONDS),
        Field("geo_point", "geo_point", OPTIONAL),
        Field("properties", "properties", compute=build_properties),
    ]


def _viewed(record):
    """Who saw the record last; some records have only the time."""
    seen = plain(record["viewed_at"])
    if seen is None or record["viewer_id"] is None:
        return None
    return {"viewed_time": UNIX_MS.to_wire(seen), "viewer_id": record["viewer_id"]}


def owner_fields(world, wire="owner", sql="owner"):
    """owner_id, e-mail and name beside it, and the nested user they are read from.

    sql names the column of the nested user, None = there is none.
    """
    def owner(record):
        owner_id = plain(record["owner_id"])
        return world.owner(owner_id, record["owner_old"]) if owner_id else None

    def member(name):
        def compute(record):
            found = owner(record)
            return found[name] if found else None
        return compute

    return [Field("owner_id"), Field("owner_email", compute=member("email")),
            Field("owner_name", compute=member("name")), Field(sql, wire, OPTIONAL, compute=owner)]


def contacts_field(world, full=None):
    """The nested contacts: names only, or whatever full(record, id) gives instead."""
    return Field("contacts", "contacts", compute=lambda record: [
        (full and full(record, row_id)) or world.partial_contact(row_id)
        for row_id in record["contact_ids"]])


def deal_fields(world):
    return [
        Field("id", "id"), Field("name", "name"), Field("description", "description", OPTIONAL),
        Field("expected_value", "expected_value", JAVA_DOUBLE),
        Field("currency_type", "currency_type", OPTIONAL), Field("pipeline_id", "pipeline_id"),
        Field("milestone", "milestone"), Field("probability", "probability"),
        Field("close_date", "close_date", SECONDS), Field("won_date", "won_date", SECONDS_OPTIONAL),
        Field("milestone_changed_at", "milestone_changed_time", SECONDS),
        Field("created_at", "created_time", SECONDS), Field("updated_at", "updated_time", SECONDS),
        *owner_fields(world), Field("contact_ids", "contact_ids", ID_LIST), Field("tags", "tags"),
        Field("archived", "archived"), Field("lost_reason_id", "lost_reason_id", NONE_IS_ZERO),
        Field("deal_source_id", "deal_source_id", NONE_IS_ZERO), Field("custom_data", "custom_data"),
        Field("currency_conversion_value", "currency_conversion_value", JAVA_DOUBLE),
        Field("is_currency_update_required", "isCurrencyUpdateRequired"),
        Field("note_created_at", "note_created_time", SECONDS),
        contacts_field(world), Field("products", "products"),
        Field("apply_discount", "apply_discount"),
        Field("discount_value", "discount_value", JAVA_DOUBLE),
        Field("discount_amt", "discount_amt", JAVA_DOUBLE),
        Field("total_deal_value", "total_deal_value", JAVA_DOUBLE),
        Field("discount_type", "discount_type"), Field("tags_with_time", "tagsWithTime"),
        Field("notes", "notes"), Field("note_ids", "note_ids", ID_LIST),
        Field("color_name", "colorName"), Field("entity_type", "entity_type"),
    ]


def deal_wire(fields):
    """Function (record, variant) that makes a deal's object.

    A single deal has more of its owner than a listed one, and a deal in the
    list of its track has members that came and went with old versions.
    """
    def render(record, variant):
        sent = to_wire(fields, record)
        if variant == "single" and "owner" in sent:
            sent["owner"] = {**sent["owner"], "password": "PASSWORD",
                             "info_json_string": '{"logged_in_time":1760503513}'}
        elif variant == "track":
            sent.update(track="", note_description="")
        return sent
    return render


def task_fields(world, full_contact):
    return [
        Field("id", "id"), Field("type", "type"), Field("priority_type", "priority_type"),
        Field("status", "status"), Field("subject", "subject"),
        Field("task_description", "taskDescription", OPTIONAL), Field("due_at", "due", SECONDS),
        Field("created_at", "created_time", SECONDS), Field("task_start_at", "task_start_time", SECONDS),
        Field("task_completed_at", "task_completed_time", SECONDS),
        Field("task_ending_time", "task_ending_time"), Field("is_complete", "is_complete"),
        Field("progress", "progress"), Field("contact_ids"), contacts_field(world, full_contact),
        Field("deal_ids", "deal_ids", ID_LIST), Field("deals", "deals"), Field("notes", "notes"),
        Field("note_ids", "note_ids", ID_LIST), *owner_fields(world, "taskOwner", "task_owner"),
        Field("entity_type", "entity_type"), Field("owner_pic", "ownerPic"),
    ]


def event_fields(world):
    def search_range(record):
        return [SECONDS.to_wire(record["start_at"]), SECONDS.to_wire(record["end_at"])]

    return [
        Field("id", "id"), Field("title", "title"), Field("description", "description", OPTIONAL),
        Field("start_at", "start", SECONDS), Field("end_at", "end", SECONDS),
        Field("created_at", "created_time", SECONDS), Field("all_day", "allDay"),
        Field("is_event_starred", "is_event_starred"), Field("send_invite", "sendInvite"),
        Field("color", "color"), Field("background_color", "backgroundColor"), Field("type", "type"),
        Field("entity_type", "entity_type"), Field("contact_ids"), contacts_field(world),
        Field("deal_ids", "deal_ids", ID_LIST), Field("deals", "deals"),
        *owner_fields(world, sql=None), Field("search_range", "search_range", compute=search_range),
    ]


def note_fields(world):
    return [
        Field("id", "id"), Field("subject", "subject"), Field("description", "description"),
        Field("created_at", "created_time", SECONDS), Field("contact_ids", "contact_ids", ID_LIST),
        Field("deal_ids", "deal_ids", ID_LIST), contacts_field(world),
        *owner_fields(world, "domainOwner", None), Field("entity_type", "entity_type"),
    ]


def document_fields(world, full_contact):
    def related(record):
        return [found for found in (full_contact(record, row_id) for row_id in record["contact_ids"]) if found]

    return [
        Field("id", "id"), Field("name", "name"), Field("dummy_name", "dummy_name"),
        Field("extension", "extension"), Field("doc_type", "doc_type"), Field("text", "text", OPTIONAL),
        Field("template_type", "template_type", OPTIONAL), Field("network_type", "network_type"),
        Field("url", "url"), Field("entity_type", "entity_type"),
        Field("uploaded_at", "uploaded_time", SECONDS), Field("size", "size"),
        Field("contact_ids", "contact_ids", ID_LIST), Field("case_ids", "case_ids", ID_LIST),
        Field("deal_ids", "deal_ids", ID_LIST), *owner_fields(world, sql=None),
        Field("related_contacts", "relatedContacts", compute=related), contacts_field(world),
        Field("deals", "deals"), Field("update", "update"),
    ]


def ticket_fields(world, nested):
    """nested(name) makes the function that computes a nested object."""
    return [
        Field("id", "id"), Field("group_id", "groupID"), Field("assignee_id", "assigneeID", OPTIONAL),
        Field("contact_id", "contactID", OPTIONAL),
        Field("ticket_group", "group", OPTIONAL, compute=nested("group")),
        Field("assignee", "assignee", OPTIONAL, compute=nested("assignee")),
        Field("contact", "contact", OPTIONAL, compute=nested("contact")),
        Field("last_ticket_notes", "last_ticket_notes", compute=nested("last_ticket_notes")),
        Field("assigned_to_group", "assigned_to_group"), Field("attachments_exists", "attachments_exists"),
        Field("is_favorite", "is_favorite"), Field("is_spam", "is_spam"),
        Field("is_compressed", "is_compressed"), Field("is_private", "isPrivate"),
        Field("requester_name", "requester_name"), Field("requester_email", "requester_email"),
        Field("requester_ip_address", "requester_ip_address"), Field("subject", "subject"),
        Field("first_notes_text", "first_notes_text"), Field("last_reply_text", "last_reply_text"),
        Field("html_text", "html_text"), Field("last_requester_name", "last_requester_name"),
        Field("status", "status"), Field("type", "type"), Field("priority", "priority"),
        Field("source", "source"), Field("created_by", "created_by"),
        Field("last_updated_by", "last_updated_by"), Field("created_at", "created_time", MILLIS),
        Field("updated_at", "last_updated_time", MILLIS), Field("assigned_at", "assigned_time", MILLIS),
        Field("first_replied_at", "first_replied_time", MILLIS),
        Field("last_agent_replied_at", "last_agent_replied_time", MILLIS),
        Field("last_customer_replied_at", "last_customer_replied_time", MILLIS),
        Field("closed_at", "closed_time", MILLIS_OPTIONAL), Field("due_at", "due_time", MILLIS_OPTIONAL),
        Field(None, "stringTicketID", INT_TEXT, key="id"), Field(None, "statusName", key="status"),
        Field(None, "priorityName", key="priority"), Field(None, "sourceFrom", key="source"),
        Field("cc_emails", "cc_emails"), Field("labels", "labels"),
        Field("attachments_list", "attachments_list"), Field("contact_ids", "contact_ids", ID_LIST),
        Field("user_replies_count", "user_replies_count"), Field("no_of_reopens", "no_of_reopens"),
        Field("entity_type", "entity_type"),
    ]


def ticket_note_fields(nested):
    return [
        Field("id", "id"), Field("ticket_id", "ticket_id"), Field("group_id", "group_id"),
        Field("assignee_id", "assignee_id", OPTIONAL), Field("created_by", "created_by"),
        Field("requester_name", "requester_name"), Field("requester_email", "requester_email"),
        Field("event_description", "event_description", OPTIONAL),
        Field("feedback_comment", "feedback_comment", OPTIONAL), Field("plain_text", "plain_text"),
        Field("html_text", "html_text"), Field("mime_object", "mime_object", OPTIONAL),
        Field("note_type", "note_type"), Field("created_at", "created_time", MILLIS),
        Field("feedback_at", "feedback_time", MILLIS),
        Field("requester_viewed_at", "requester_viewed_time", MILLIS),
        Field("feedback_flag", "feedback_flag"), Field("close_ticket", "close_ticket"),
        Field("requester_viewed_email", "requester_viewed_email"), Field("is_compressed", "is_compressed"),
        Field("attachments_list", "attachments_list"), Field("cc_emails", "cc_emails"),
        Field("domain_user_id"), Field(None, "domain_user", OPTIONAL, compute=nested("domain_user")),
    ]


TICKET_FILTER_FIELDS = [
    Field("id", "id"), Field("name", "name"), Field("conditions", "conditions"),
    Field("owner_id", "owner_id"), Field("updated_at", "updated_time", MILLIS),
    Field("is_default_filter", "is_default_filter"), Field("ticket_groups", "ticketGroups"),
]

TICKET_GROUP_FIELDS = [
    Field("id", "id"), Field("group_name", "group_name"), Field("group_email", "group_email"),
    Field("agents_keys", "agents_keys", ID_LIST), Field("group_users", "group_users"),
]

TICKET_LABEL_FIELDS = [Field("id", "id"), Field("label", "label"), Field(None, "color_code")]

TRACK_FIELDS = [
    Field("id", "id"), Field("name", "name"),
    Field("milestones", "milestones", Codec(sql=lambda text: [name.strip() for name in text.split(",")])),
    Field("is_default", "isDefault"), Field("won_milestone", "won_milestone", OPTIONAL),
    Field("lost_milestone", "lost_milestone", OPTIONAL), Field("deals_exist", "deals_exist"),
]

CATEGORY_FIELDS = [
    Field("id", "id"), Field("name", "name"), Field("label", "label"), Field("sort_order", "order"),
    Field("entity_type", "entity_type"),
]

WORKFLOW_FIELDS = [
    Field("id", "id"), Field("name", "name"), Field("creator_name", "creatorName"),
    Field("created_at", "created_time", SECONDS), Field("updated_at", "updated_time", SECONDS),
    Field("rules", "rules"), Field("domain_user_id", "domainUserId"),
    Field("access_level", "access_level"), Field("category", "category"),
    Field("is_disabled", "is_disabled"), Field("backup_exists", "backupExists"),
    Field("updated_time_update", "updated_time_update"), Field("trigger", "trigger", OPTIONAL),
    Field("unsubscribe", "unsubscribe"),
]

TAG_FIELDS = [
    Field("tag", "tag"), Field("created_at", "createdTime", MILLIS),
    Field("available_count", "availableCount"), Field("entity_type", "entity_type"),
]

USER_FIELDS = [
    Field("id", "id"), Field("name", "name"), Field("email", "email"), Field("domain", "domain"),
    Field("phone", "phone"), Field("pic", "pic"), Field("schedule_id", "schedule_id"),
    Field("calendar_url", "calendar_url"), Field("gadget_id", "gadget_id"), Field("role", "role"),
    Field("is_admin", "is_admin"), Field("is_account_owner", "is_account_owner"),
    Field("is_disabled", "is_disabled"), Field("scopes", "scopes"), Field("newscopes", "newscopes"),
    Field("menu_scopes", "menu_scopes"), Field("new_menu_scopes", "newMenuScopes"),
    Field("restricted_menu_scopes", "restricted_menu_scopes"),
    Field("info_json_string", "info_json_string", JSON_TEXT), Field(None, "password"),
]

CUSTOM_FIELD_FIELDS = [
    Field("id", "id"), Field("field_type", "field_type"), Field("version", "version"),
    Field("field_label", "field_label"), Field("field_description", "field_description"),
    Field("field_data", "field_data"), Field("is_required", "is_required"),
    Field("searchable", "searchable"), Field("show_in_filter", "showInFilter"),
    Field("search_key", "search_key"), Field("scope", "scope"), Field("position", "position"),
]
