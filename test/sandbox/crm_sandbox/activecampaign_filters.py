"""
What ActiveCampaign's parameters mean.

A filter is a function (crm, table, values) that gives the ids it keeps, as a
sequence, or a test of one id, or None when the value makes no sense and the
API ignores it.  values are all values of the parameter; PHP takes the last.
"""
from .model import REFERENCE_TIME
from .activecampaign_sales import RATES
from .wire import DAY, HOUR, at, chicago_offset_hours, plain


def parse_time(text, clock=None):
    """Microseconds of a date, a date with time or an ISO time; without a zone it is Chicago's.

    clock: hours from UTC of the zone that counts instead, whatever the text says.
    """
    text = text.strip().replace(" ", "T", 1)
    if len(text) == 10:
        text += "T00:00:00"
    try:
        if clock is not None:
            return at(text[:19] + "Z") - clock * HOUR
        if text.endswith("Z") or "+" in text[10:] or "-" in text[10:]:
            return at(text)
        local = at(text + "Z")
    except ValueError:
        return None
    return of_wall_clock(local)


def of_wall_clock(local):
    """UTC of Chicago's wall clock; of two readings the later, as PostgreSQL does."""
    standard = local + 6 * HOUR
    return standard if chicago_offset_hours(standard) == -6 else local + 5 * HOUR


def _integer(values):
    try:
        return int(values[-1])
    except ValueError:
        return None


def _folded(crm, text):
    return text.casefold() if crm.switches["case_insensitive"] else text


def number(key):
    """Equal to an integer."""
    def keep(crm, table, values):
        wanted = _integer(values)
        return () if wanted is None else table.equal(key, wanted)
    return keep


def text(key):
    """Equal to a text."""
    def keep(crm, table, values):
        wanted = _folded(crm, values[-1])
        return lambda row_id: _folded(crm, table.value(row_id, key) or "") == wanted
    return keep


def contains(*keys):
    """Some of the texts, or all of them joined by blanks, contain the value."""
    def keep(crm, table, values):
        wanted = _folded(crm, values[-1])
        if not wanted:
            return None
        return lambda row_id: wanted in _folded(crm, " ".join(
            table.value(row_id, key) or "" for key in keys))
    return keep


def starts_with(key):
    def keep(crm, table, values):
        wanted = _folded(crm, values[-1])
        return lambda row_id: _folded(crm, table.value(row_id, key) or "").startswith(wanted)
    return keep


OPERATORS = {
    "eq": lambda value, wanted: value == wanted, "neq": lambda value, wanted: value != wanted,
    "lt": lambda value, wanted: value < wanted, "lte": lambda value, wanted: value <= wanted,
    "gt": lambda value, wanted: value > wanted, "gte": lambda value, wanted: value >= wanted,
    "contains": lambda value, wanted: wanted in value,
    "starts_with": lambda value, wanted: value.startswith(wanted),
}


def with_operators(parameter, key):
    """The filters of a text that takes an operator: {parameter[op]: filter}."""
    def one(compare):
        def keep(crm, table, values):
            wanted = _folded(crm, values[-1])
            return lambda row_id: compare(_folded(crm, table.value(row_id, key) or ""), wanted)
        return keep
    return {"%s[%s]" % (parameter, name): one(compare) for name, compare in OPERATORS.items()}


def bound(key, upper, inclusive):
    """A time bound; the switches "bounds" and "bounds_clock" override what is documented or assumed."""
    def keep(crm, table, values):
        clock = crm.switches["bounds_clock"]
        limit = parse_time(values[-1], clock)
        if limit is None:
            return None
        mode = crm.switches["bounds"]
        include = inclusive if mode == "documented" else mode == "inclusive"
        if mode == "day":		# whole days, the day of the bound itself left out
            limit = _midnight(limit, clock)
            if not upper:
                limit = _midnight(limit + 30 * HOUR, clock)
            include = not upper

        def test(row_id):
            value = table.value(row_id, key)
            if value is None:
                return False
            return value == limit and include or (value < limit if upper else value > limit)
        return test
    return keep


def _midnight(value, clock):
    """The last midnight in Chicago, or by a clock as in parse_time; a day has 23 to 25 hours."""
    if clock is not None:
        return (value + clock * HOUR) // DAY * DAY - clock * HOUR
    local = value + chicago_offset_hours(value) * HOUR
    return of_wall_clock(local // DAY * DAY)


def after(key, inclusive):
    return bound(key, False, inclusive)


def before(key, inclusive):
    return bound(key, True, inclusive)


# ---------------------------------------------------------------- contacts

def _owners(table, child, rows):
    """Live contacts that the given child rows point to, ascending."""
    return sorted({owner for owner in (child.value(i, "contact_id") for i in rows) if table.exists(owner)})


def contacts_of(child_name, key):
    """Contacts with a child row whose key is the value."""
    def keep(crm, table, values):
        wanted = _integer(values)
        if not wanted:
            return None		# 0 is the API's "not asked"
        child = crm.tables_by_name[child_name]
        return _owners(table, child, child.equal(key, wanted))
    return keep


def contacts_by_list(crm, table, list_id, status):
    """Contacts with a membership of a list (None = any) and status (None or -1 = any)."""
    child = crm.tables_by_name["contact_lists"]
    rows = child.ids() if list_id is None else child.equal("list_id", list_id)
    if status is not None and status != -1:
        rows = [i for i in rows if child.value(i, "status") == status]
    return _owners(table, child, rows)


def contact_ids(crm, table, values):
    wanted = set()
    for value in values:
        wanted.update(int(part) for part in value.split(",") if part.strip().lstrip("-").isdigit())
    return sorted(i for i in wanted if table.exists(i))


def contact_email(crm, table, values):
    """Addresses are kept in lower case, and every one belongs to one contact."""
    wanted = values[-1].lower() if crm.switches["case_insensitive"] else values[-1]
    return table.equal("email", wanted) if wanted else None


def segment_contacts(crm, table, values):
    wanted = _integer(values)
    if not wanted:
        return None
    return crm.segment_members(wanted)


# ---------------------------------------------------------------- deals

def deal_search(crm, table, field, value):
    wanted = _folded(crm, value)

    def test(row_id):
        record = table.record(row_id)
        texts = []
        if field in ("all", "title"):
            texts.append(record["title"])
        if field in ("all", "contact"):
            texts.append(crm.contact_name(plain(record["contact_id"])))
        if field in ("all", "org"):
            texts.append(crm.account_name(plain(record["account_id"])))
        return any(wanted in _folded(crm, text or "") for text in texts)
    return test


def deal_dollars(upper):
    """Whole US dollars, inclusive; other currencies are converted."""
    def keep(crm, table, values):
        wanted = _integer(values)
        if wanted is None:
            return None

        def test(row_id):
            record = table.record(row_id)
            value = record["value"] * RATES.get(record["currency"].lower(), 1)
            return value <= wanted if upper else value >= wanted
        return test
    return keep


def next_date_range(crm, table, values):
    kind = values[-1]
    now = REFERENCE_TIME

    def test(row_id):
        when = table.value(row_id, "next_date")
        if kind == "no-task":
            return when is None
        return when is not None and (kind == "scheduled" or (when < now) == (kind == "overdue"))
    return test if kind in ("upcoming", "scheduled", "overdue", "no-task") else None


def deal_contact_tag(crm, table, values):
    wanted = _integer(values)
    if not wanted:
        return None
    tags = crm.tables_by_name["contact_tags"]

    def test(row_id):
        held = {tags.value(i, "tag_id") for i in crm.children("contact_tags", table.value(row_id, "contact_id"))}
        return bool(held) if wanted == -1 else not held if wanted == -2 else wanted in held
    return test


def deal_task_type(crm, table, values):
    wanted = _integer(values)
    tasks = crm.tables_by_name["deal_tasks"]
    deals = {tasks.value(i, "rel_id") for i in tasks.equal("task_type_id", wanted)
             if tasks.value(i, "rel_type") == "Deal"}
    return lambda row_id: row_id in deals


# ---------------------------------------------------------------- others

def due_range(crm, table, values):
    first, _, last = values[-1].partition("+")
    if not last:
        first, _, last = values[-1].partition(" ")
    low, high = parse_time(first), parse_time(last) if last else None
    if low is not None and high is not None:
        return lambda row_id: low <= table.value(row_id, "duedate") < high + DAY
    kind = values[-1]
    if kind not in ("upcoming", "scheduled", "overdue"):
        return None
    return lambda row_id: kind == "scheduled" or (table.value(row_id, "duedate") < REFERENCE_TIME) == (kind == "overdue")


def due_on(crm, table, values):
    day = parse_time(values[-1])
    return None if day is None else lambda row_id: day <= table.value(row_id, "duedate") < day + DAY


def sentiment(crm, table, values):
    word = {"1": "NEGATIVE", "2": "NEUTRAL", "3": "POSITIVE"}.get(values[-1])
    return lambda row_id: table.value(row_id, "sentiment") == word


def has_stages(crm, table, values):
    wanted = values[-1] == "1"
    return lambda row_id: bool(table.value(row_id, "stage_ids")) == wanted


def excluded_lists(crm, table, values):
    wanted = {int(value) for value in values if value.isdigit()}
    return lambda row_id: wanted <= set(table.value(row_id, "list_ids"))


def positive(key):
    """A filter that refuses what is not a positive number; see BadFilter."""
    def keep(crm, table, values):
        wanted = _integer(values)
        if wanted is None or wanted <= 0:
            raise BadFilter(key)
        return table.equal(key, wanted)
    return keep


class BadFilter(Exception):
    """A value the API answers with 422."""


def text_of_time(key):
    """A time given in one of the accepted notations, to the second."""
    def keep(crm, table, values):
        wanted = parse_time(values[-1])
        return None if wanted is None else lambda row_id: table.value(row_id, key) == wanted
    return keep
