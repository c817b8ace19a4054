"""Agile CRM's paths for contacts, companies and the search index."""
import re

from .agilecrm_search import JavaException, parse_filter, tokens
from .agilecrm_wire import bad_request, list_json, no_content, parse_list, route
from .model import Response

SEARCH_PAGE_LIMIT = 1000
SEARCH_COUNT_LIMIT = 10_000

# ---------------------------------------------------------------- contacts and companies

def get_contacts(crm, request, parameters):
    return crm.or_empty(crm.page(
        crm.table("contacts"), "contacts", parameters, crm.page_size(parameters, 50),
        parameters.get("global_sort_key")))


def get_companies(crm, request, parameters):
    """Without page_size this falls into the list of persons."""
    if "page_size" not in parameters:
        return get_contacts(crm, request, parameters)
    return list_companies(crm, request, parameters)


def list_companies(crm, request, parameters):
    return crm.or_empty(crm.page(
        crm.table("companies"), "companies", parameters, crm.page_size(parameters, None),
        parameters.get("global_sort_key")))


def get_related(crm, request, parameters, company):
    table = crm.table("contacts")
    ids = [row_id for row_id in table.equal("company_id", int(company))
           if crm.may_see(table, row_id)]
    return crm.or_empty(crm.page(table, ("related", company), parameters,
                                  crm.page_size(parameters, 50), ids=ids))


def count_contacts(crm, request, parameters):
    return Response(200, str(len(crm.visible(crm.table("contacts")))), content_type="application/json")


def count_companies(crm, request, parameters):
    return Response(200, str(len(crm.visible(crm.table("companies")))), content_type="application/json")


def get_contact(crm, request, parameters, row_id):
    table = crm.account.people_of(int(row_id))
    if table is None or not crm.may_see(table, int(row_id)):
        return no_content()
    return crm.one(table, int(row_id))


def _by_email(crm, email):
    """Row of the first person with this address, None if there is none."""
    table = crm.table("contacts")
    for row_id in crm.account.children("contacts", "emails").get(email, ()):
        if crm.may_see(table, row_id):
            return row_id
    return None


def get_by_email(crm, request, parameters, email):
    found = _by_email(crm, email)
    return no_content() if found is None else crm.one(crm.table("contacts"), found)


def list_by_email(crm, request, parameters):
    try:
        emails = parse_list(parameters.get("email_ids"))
    except ValueError:
        return bad_request("A JSONArray text must start with '['")
    found = [_by_email(crm, email) for email in emails]
    return Response(200, list_json([b"null" if row_id is None else crm.row_json(crm.table("contacts"), row_id)
                                    for row_id in found]))


def get_by_phone(crm, request, parameters, number):
    """The first hit, person or company, on all digits or the last eight."""
    wanted = re.sub(r"\D", "", number)
    if not wanted:
        return no_content()
    hits = []
    for name in ("contacts", "companies"):
        table = crm.table(name)
        for row_id in crm.visible(table):
            for phone in table.record(row_id)["phones"]:
                digits = re.sub(r"\D", "", phone)
                if digits == wanted or (len(wanted) >= 8 and digits[-8:] == wanted[-8:]):
                    hits.append((row_id, table))
    if not hits:
        return no_content()
    row_id, table = min(hits, key=lambda hit: hit[0])
    return crm.one(table, row_id)


def contact_children(name):
    """Handler of an unpaged list below a contact."""
    def handler(crm, request, parameters, contact):
        return crm.whole(crm.table(name), crm.children_of(int(contact), name, "contact_ids"))
    return handler


def contact_notes(crm, request, parameters, contact):
    table = crm.account.people_of(int(contact))
    if table is None or not crm.may_see(table, int(contact)):
        return no_content()
    return crm.notes_below(parameters, int(contact), "contact_ids", True)


def contact_documents(crm, request, parameters, contact):
    table = crm.account.people_of(int(contact))
    if table is None or not crm.may_see(table, int(contact)):
        return no_content()
    return crm.whole(crm.table("documents"), crm.children_of(int(contact), "documents", "contact_ids"))


# ---------------------------------------------------------------- the search index


def _search_size(crm, parameters):
    """page_size is parsed unguarded, and the index has a limit."""
    if "page_size" not in parameters:
        raise JavaException("java.lang.NumberFormatException: null")
    size = crm.page_size(parameters, 1)
    if size > SEARCH_PAGE_LIMIT:
        raise JavaException("java.lang.IllegalArgumentException: Limit %d exceeds %d" % (
            size, SEARCH_PAGE_LIMIT))
    return size


def filter_people(crm, request, parameters):
    if crm.switches["filter_500"]:
        raise JavaException("java.lang.NullPointerException")
    text = parameters.get("filterJson")
    size = _search_size(crm, parameters)
    kind = parse_filter(text).get("contact_type")
    indexes = {"PERSON": crm.contact_index, "COMPANY": crm.company_index}
    if kind not in indexes:
        raise JavaException("java.lang.NullPointerException")
    return _found(crm, indexes[kind], text, request, parameters, size, parameters.get("global_sort_key"))


def filter_deals(crm, request, parameters):
    if crm.switches["filter_500"]:
        raise JavaException("java.lang.NullPointerException")
    return _found(crm, crm.deal_index, parameters.get("filterJson"), request, parameters,
                       _search_size(crm, parameters), None)


def _found(crm, index, text, request, parameters, size, order):
    ids = crm.search(index, text, request.now)
    count = None if parameters.get("cursor") else min(len(ids), SEARCH_COUNT_LIMIT)
    return Response(200, crm.page(index.table, ("filter", text), parameters, size, order, ids=ids,
                                  count=count))


def search(crm, request, parameters):
    """Fragments of names, mail addresses and the like, for a search box."""
    size = _search_size(crm, parameters)
    wanted = "".join(tokens(parameters.get("q", "")))
    kind = parameters.get("type", "").strip("\"'")
    found = []
    for name, index in (("PERSON", crm.contact_index), ("COMPANY", crm.company_index)):
        if kind in ("", name):
            for row_id in crm.indexed(index.table):
                text = "".join(token for part in index.document(row_id).text.values() for token in part)
                if wanted and wanted in text:
                    found.append(crm.row_json(index.table, row_id))
    return Response(200, list_json(found[:size]))


ROUTES = [
    route("GET", "contacts", get_contacts, "contact"),
    route("POST", "contacts/list", get_contacts, "contact"),
    route("GET", "contacts/companies", get_companies, "contact"),
    route("POST", "contacts/companies/list", list_companies, "contact"),
    route("GET", r"contacts/related/(\d+)", get_related, "contact"),
    route("GET", "contacts/list/count", count_contacts),
    route("GET", "contacts/companies/list/count", count_companies),
    route("GET", r"contacts/(\d+)", get_contact, "contact"),
    route("GET", "contacts/search/email/(.+)", get_by_email, "contact"),
    route("POST", "contacts/search/email", list_by_email),
    route("GET", "contacts/search/phonenumber/(.+)", get_by_phone, "contact"),
    route("GET", r"contacts/(\d+)/deals", contact_children("deals"), "opportunity"),
    route("GET", r"contacts/(\d+)/tasks", contact_children("tasks"), "task"),
    route("GET", r"contacts/(\d+)/events", contact_children("events"), "event"),
    route("GET", r"contacts/(\d+)/notes", contact_notes, "note"),
    route("GET", r"documents/contact/(\d+)/docs", contact_documents, "document"),
    route("POST", "filters/filter/dynamic-filter", filter_people, "contact"),
    route("POST", "deal/filters/filter/dynamic-filter", filter_deals, "opportunity"),
    route("GET", "search", search, "contact"),
]
