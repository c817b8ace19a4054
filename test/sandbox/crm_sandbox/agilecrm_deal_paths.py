"""Agile CRM's paths for deals, tracks, tasks and events."""
from .agilecrm_search import JavaException
from .agilecrm_wire import list_json, list_of, no_content, route, single
from .model import Response
from .wire import DAY, SECOND, dumps

# ---------------------------------------------------------------- deals

def get_deals(crm, request, parameters):
    return Response(200, crm.page(crm.table("deals"), "opportunity", parameters,
                                  crm.page_size(parameters, 25), empty_last=""))


def _based(crm, parameters):
    """Ids of the deals that parameters of opportunity/based ask for."""
    table = crm.table("deals")
    track = "1" if crm.ignores("pipeline_id") else parameters.get("pipeline_id") or "0"
    if not track.isdigit():
        raise JavaException('java.lang.NumberFormatException: For input string: "%s"' % track)
    wanted = [(name, crm.narrowed_by(parameters, name)) for name in ("milestone", "owner_id")]
    if track != "1":
        wanted.append(("pipeline_id", str(_default_track(crm) if track == "0" else int(track))))
    contact = crm.narrowed_by(parameters, "related_to")
    related = set(crm.account.children("deals", "contact_ids").get(int(contact), ())) \
        if contact and contact.isdigit() else None
    return [row_id for row_id in crm.visible(table)
            if all(not value or str(table.value(row_id, key)) == value for key, value in wanted)
            and (related is None or row_id in related)]


def _default_track(crm):
    tracks = crm.table("tracks")
    return next((row_id for row_id in tracks.ids() if tracks.value(row_id, "is_default")), 0)


def get_deals_based(crm, request, parameters):
    ids = _based(crm, parameters)
    if crm.narrowed_by(parameters, "filters"):
        found = set(crm.search(crm.deal_index, parameters["filters"], request.now))
        ids = [row_id for row_id in ids if row_id in found]
    asked = tuple((key, parameters.get(key)) for key in ("pipeline_id", "milestone", "owner_id", "related_to",
                                                         "filters"))
    return Response(200, crm.page(crm.table("deals"), ("based", asked), parameters,
                                  crm.page_size(parameters, None), parameters.get("order_by"), ids=ids,
                                  empty_last="", variant="track"))


def get_deal(crm, request, parameters, row_id):
    table = crm.table("deals")
    if not crm.may_see(table, int(row_id)):
        return no_content()
    return crm.one(table, int(row_id), "single")


def my_deals(crm, request, parameters):
    table = crm.table("deals")
    return crm.whole(table, table.equal("owner_id", crm.current_user()))


def my_upcoming_deals(crm, request, parameters):
    table = crm.table("deals")
    ids = [row_id for row_id in table.equal("owner_id", crm.current_user())
           if (table.value(row_id, "close_date") or 0) >= request.now]
    return crm.whole(table, ids[:crm.page_size(parameters, None)])


def by_milestone(crm, request, parameters, milestone):
    table = crm.table("deals")
    ids = _based(crm, {"pipeline_id": "0", "milestone": milestone})
    return Response(200, crm.page(table, ("milestone", milestone), parameters,
                                  min(50, crm.page_size(parameters, 5)), ids=ids))


def grouped_deals(crm, request, parameters):
    """An object of lists, one for each milestone of a track."""
    track = parameters.get("pipeline_id") or "0"
    if track == "0":
        track = str(_default_track(crm))
    if not track.isdigit() or not crm.table("tracks").exists(int(track)):
        return no_content()
    parts = []
    for name in crm.table("tracks").record(int(track))["milestones"].split(","):
        ids = _based(crm, {"pipeline_id": track, "milestone": name.strip()})
        parts.append(dumps(name.strip()).encode() + b":" + list_json(crm.rows(crm.table("deals"), ids)))
    return Response(200, b"{" + b",".join(parts) + b"}")


def deal_notes(crm, request, parameters, deal):
    if not crm.may_see(crm.table("deals"), int(deal)):
        return no_content()
    return crm.notes_below(parameters, int(deal), "deal_ids", False)


def deal_tasks(crm, request, parameters, deal):
    return crm.whole(crm.table("tasks"), crm.children_of(int(deal), "tasks", "deal_ids"))


def get_default_track(crm, request, parameters):
    return crm.one(crm.table("tracks"), _default_track(crm))


# ---------------------------------------------------------------- tasks and events

def get_tasks(crm, request, parameters):
    table = crm.table("tasks")
    if crm.switches["unpaged_tasks"]:
        return Response(200, crm.page(table, "tasks", {}, None, "-created_time"))
    return Response(200, crm.page(table, "tasks", parameters, crm.page_size(parameters, None),
                                  "-created_time"))


def get_tasks_based(crm, request, parameters):
    """One pair of criteria and type, and conditions on owner and completion."""
    table = crm.table("tasks")
    criteria, wanted = parameters.get("criteria"), crm.narrowed_by(parameters, "type")
    key = {"CATEGORY": "type", "STATUS": "status", "PRIORITY": "priority_type"}.get(criteria)
    if criteria and key is None:
        return Response(200, b"[]")
    owner = crm.narrowed_by(parameters, "owner")
    pending = crm.narrowed_by(parameters, "pending") == "true"

    def matches(row_id):
        return ((not key or not wanted or table.value(row_id, key) == wanted)
                and (not owner or str(table.value(row_id, "owner_id")) == owner)
                and not (pending and table.value(row_id, "is_complete")))

    ids = [row_id for row_id in crm.visible(table) if matches(row_id)]
    return Response(200, crm.page(table, ("tasks", criteria, wanted, owner, pending), parameters,
                                  crm.page_size(parameters, 20), "-created_time", ids=ids))


def get_pending_tasks(crm, request, parameters, days):
    table = crm.table("tasks")
    limit = request.now + int(days) * DAY
    ids = [row_id for row_id in crm.visible(table)
           if not table.value(row_id, "is_complete") and (table.value(row_id, "due_at") or 0) <= limit]
    return crm.whole(table, sorted(ids, key=lambda row_id: table.value(row_id, "due_at") or 0))


def get_events(crm, request, parameters):
    """Events with an end point between start and end, both in seconds and both needed."""
    try:
        low, high = int(parameters["start"]) * SECOND, int(parameters["end"]) * SECOND
    except KeyError:
        raise JavaException("java.lang.NullPointerException") from None
    except ValueError:
        raise JavaException("java.lang.NumberFormatException") from None
    table = crm.table("events")
    hits = set(table.between("start_at", low, high + SECOND - 1))
    hits.update(table.between("end_at", low, high + SECOND - 1))
    return crm.whole(table, [row_id for row_id in crm.visible(table) if row_id in hits])


ROUTES = [
    route("GET", "opportunity", get_deals, "opportunity"),
    route("GET", "opportunity/based", get_deals_based, "opportunity"),
    route("GET", r"opportunity/(\d+)", get_deal),
    route("GET", "opportunity/my/deals", my_deals, "opportunity"),
    route("GET", "opportunity/my/upcoming-deals", my_upcoming_deals, "opportunity"),
    route("GET", "opportunity/byMilestone", grouped_deals),
    route("GET", "opportunity/byMilestone/(.+)", by_milestone),
    route("GET", "opportunity/byPipeline/based", grouped_deals),
    route("GET", r"opportunity/(\d+)/notes", deal_notes, "note"),
    route("GET", r"opportunity/(\d+)/tasks", deal_tasks, "task"),
    route("GET", "milestone", get_default_track, "milestone"),
    route("GET", "milestone/pipelines", list_of("tracks"), "milestone"),
    route("GET", r"milestone/(\d+)", single("tracks"), "milestone"),
    route("GET", "tasks", get_tasks, "task"),
    route("GET", "tasks/based", get_tasks_based, "task"),
    route("GET", r"tasks/pending/(\d+)", get_pending_tasks, "task"),
    route("GET", r"tasks/(\d+)", single("tasks"), "task"),
    route("GET", "events", get_events, "event"),
]
