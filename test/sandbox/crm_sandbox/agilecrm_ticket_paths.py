"""Agile CRM's paths for tickets and for the account's settings."""
from .agilecrm_search import JavaException
from .agilecrm_wire import bad_request, list_of, no_content, not_found, parse_list, route, single
from .model import Response

_CONDITION_KEYS = {"status": "status", "type": "type", "priority": "priority", "assignee_id": "assignee_id",
                   "group_id": "group_id", "contact_id": "contact_id", "created_by": "created_by"}


# ---------------------------------------------------------------- tickets

def _matches(crm, table, row_id, conditions):
    """Whether a ticket meets the conditions: those on one field are alternatives."""
    verdicts = {}
    for condition in conditions:
        left, word, right = condition.get("LHS"), condition.get("CONDITION", ""), str(condition.get("RHS"))
        if left not in _CONDITION_KEYS:
            raise JavaException("java.lang.NullPointerException")
        if left == "assignee_id" and right == "0":
            right = str(crm.current_user())
        equal = str(table.value(row_id, _CONDITION_KEYS[left])) == right
        negated = word.endswith("_NOT") or word == "NOTEQUALS"
        verdicts[left] = verdicts.get(left, False) or equal != negated
    return all(verdicts.values())


def _filtered(crm, parameters):
    """(cursor binding, ids) of the tickets a filter names; None without a filter."""
    text = parameters.get("filter_id")
    if not text:
        return None
    filters = crm.table("ticket_filters")
    found = filters.record(int(text)) if text.isdigit() else None
    if found is None:
        raise ValueError("No entity was found matching the key: TicketFilters(%s)" % text)
    conditions = found["conditions"]
    if crm.narrowed_by(parameters, "custom_filters"):
        conditions = parse_list(parameters["custom_filters"])
    table = crm.table("tickets")
    name = "tickets %s" % conditions
    return (text, name), table.where((name, crm.current_user()), lambda record: _matches(
        crm, table, record["id"], conditions))


def filter_tickets(crm, request, parameters):
    try:
        found = _filtered(crm, parameters)
    except ValueError as error:
        return bad_request(str(error))
    if found is None:
        # The vendor's own spelling.
        return bad_request("Required paramaters missing.")
    binding, ids = found
    return Response(200, crm.page(
        crm.table("tickets"), ("tickets", binding), parameters, crm.page_size(parameters, 25),
        parameters.get("global_sort_key") or "-last_updated_time", ids=ids, count=len(ids), ticket_style=True))


def count_filtered(crm, request, parameters):
    try:
        found = _filtered(crm, parameters)
    except ValueError as error:
        return bad_request(str(error))
    if found is None:
        return bad_request("Required paramaters missing.")
    return Response(200, {"count": len(found[1])})


def count_tickets(crm, request, parameters):
    return Response(200, {"count": len(crm.table("tickets").ids())})


def tickets_by_email(crm, request, parameters, email):
    table = crm.table("tickets")
    return crm.whole(table, table.equal("requester_email", email))


def count_by_email(crm, request, parameters, email):
    return Response(200, {"count": len(crm.table("tickets").equal("requester_email", email))})


def ticket_notes(crm, request, parameters, ticket):
    if not crm.table("tickets").exists(int(ticket)):
        return no_content()
    table = crm.table("ticket_notes")
    ids = crm.children_of(int(ticket), "ticket_notes", "ticket_id")
    return crm.whole(table, sorted(ids, key=lambda row_id: (table.value(row_id, "created_at"), row_id)))


# ---------------------------------------------------------------- the account

def get_workflows(crm, request, parameters):
    table = crm.table("campaigns")
    return Response(200, crm.page(table, "workflows", parameters, crm.page_size(parameters, 20),
                                  count=len(table.ids())))


def current_user(crm, request, parameters):
    return crm.one(crm.table("users"), crm.current_user())


def get_categories(crm, request, parameters):
    """The categories of one kind; an unknown kind has none."""
    name = {"DEAL_SOURCE": "deal_sources", "DEAL_LOST_REASON": "lost_reasons"}.get(parameters.get("entity_type"))
    if name is None:
        return Response(200, b"[]")
    return crm.whole(crm.table(name), crm.table(name).ids())


def custom_fields(crm, request, parameters):
    """Definitions of one scope, in their order; an unknown scope gives nothing."""
    table = crm.table("custom_fields")
    ids = table.equal("scope", parameters.get("scope"))
    if not ids:
        return no_content()
    return crm.whole(table, sorted(ids, key=lambda row_id: table.value(row_id, "position")))


def dev_custom_fields(crm, request, parameters):
    if crm.switches["no_dev_custom_fields"]:
        return not_found(request.path)
    return custom_fields(crm, request, parameters)


ROUTES = [
    route("GET", "tickets/filter", filter_tickets, "tickets"),
    route("GET", "tickets/filters", list_of("ticket_filters"), "ticketFilters"),
    route("GET", "tickets/groups", list_of("ticket_groups"), "ticketGroups"),
    route("GET", "tickets/new-ticket", list_of("ticket_groups"), "ticketGroups"),
    route("GET", "tickets/labels", list_of("ticket_labels"), "ticketLabels"),
    route("GET", "tickets/count", count_tickets),
    route("GET", "tickets/fitered-tickets-count", count_filtered),
    route("GET", "tickets/email/(.+)", tickets_by_email, "tickets"),
    route("GET", r"tickets/notes/(\d+)", ticket_notes, "ticketNotes"),
    route("GET", r"tickets/(\d+)", single("tickets"), "tickets"),
    route("GET", "tickets/(.+)/count", count_by_email),
    route("GET", "workflows", get_workflows, "workflow"),
    route("GET", r"workflows/(\d+)", single("campaigns"), "workflow"),
    route("GET", "users", list_of("users"), "domainUser"),
    route("GET", "users/current-user", current_user, "domainUser"),
    route("GET", "tags", list_of("tags"), "tag"),
    route("GET", "categories", get_categories, "category"),
    route("GET", "custom-fields/scope", custom_fields, "customFieldDef", "/core/api"),
    route("GET", "custom-fields/scope/position", dev_custom_fields, "customFieldDef", "/dev/api"),
]
