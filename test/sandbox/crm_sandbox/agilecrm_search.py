"""The search index behind Agile CRM's dynamic filters.

The service compiles a filter to a full-text query, so that a filter is not
what its words say: text is matched by tokens, without case and without spaces;
only custom fields marked searchable are known; a field whose name contains
"time" is a date whatever it holds; dates are compared by whole seconds;
numbers of more than 32 bits are not in it, nor custom dates from 2038 on.
"""
import json
import re
from decimal import Decimal, InvalidOperation

from . import agilecrm_words as words
from .wire import DAY, HOUR, SECOND, plain

_DAY = DAY // SECOND
_HOUR = HOUR // SECOND
_LARGEST = 2 ** 31 - 1
_TOKEN = re.compile(r"\w+")
_SPECIAL = {"@": "_AT_", "#": "_HASH_", "-": "_HYPHEN_", ":": "_COLON_", ";": "_SEMI_COLON_",
            "&": "_AMPERSAND_", "*": "_ASTERISK_"}
_DATE_MARKS = ("time", "last_contacted", "last_emailed", "last_called", "last_campaign_emaild")
_CAMPAIGN_WORDS = ("ACTIVE", "DONE", "REMOVED", "UNSUBSCRIBED", "HARDBOUNCED", "SOFTBOUNCED", "SPAM")


class JavaException(Exception):
    """An error of the service's own code; the text is the exception's name and message."""


def field_name(label):
    """How the index spells a field."""
    found = "".join(c if c.isalnum() or c == "_" else _SPECIAL.get(c, "_SPECAIL_")
                    for c in label if c != " ")
    return "NUM_" + found if found[:1].isdigit() else found


def tokens(text):
    """The tokens of a text after all its spaces are gone."""
    return _TOKEN.findall("".join(str(text).split()).lower())


class Document:
    """One record as the index knows it: text tokens, numbers, dates (seconds), labels."""
    __slots__ = ("text", "numbers", "dates", "labels", "campaigns")

    def __init__(self):
        self.text = {}
        self.numbers = {}
        self.dates = {}
        self.labels = set()
        self.campaigns = []

    def put(self, label, value):
        self.labels.add(field_name(label))
        self.text.setdefault(field_name(label), []).extend(tokens(value))

    def put_custom(self, label, value, kind):
        """A custom value; numbers and dates have names of their own."""
        name = field_name(label)
        self.labels.add(name)
        if kind == "NUMBER":
            number = _number(value)
            if number is not None:
                self.numbers[name + "_number"] = number
        elif kind == "DATE":
            number = _number(value)
            if number is not None and abs(number) <= _LARGEST:
                self.dates[name + "_time"] = int(number)
        elif kind is not None:
            self.text.setdefault(name, []).extend(tokens(value))


def _number(value):
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _kinds(fields):
    """Label -> type of the searchable custom fields."""
    return {label: kind for label, kind, searchable, _ in fields if searchable}


_CONTACT_KINDS = _kinds(words.CONTACT_FIELDS)
_COMPANY_KINDS = _kinds(words.COMPANY_FIELDS)
_DEAL_KINDS = _kinds(words.DEAL_FIELDS)


def person_document(record):
    """Index document of a contact or a company."""
    found = Document()
    kinds = _COMPANY_KINDS if record["type"] == "COMPANY" else _CONTACT_KINDS
    for name, key in (("first_name", "first_name"), ("last_name", "last_name"), ("name", "name"),
                      ("company", "company_name"), ("title", "title"), ("url", "url"),
                      ("utm_source", "utm_source"), ("owner_id", "owner_id"), ("type", "type")):
        value = plain(record.get(key))
        if value is not None:
            found.put(name, value)
    for name, key in (("email", "emails"), ("phone", "phones"), ("website", "websites"), ("tags", "tags")):
        for value in plain(record[key]) or ():
            found.put(name, value)
    for address in record["addresses"]:
        found.put("address", " ".join(str(part) for part in address.values()))
        for name in ("city", "state", "zip", "country"):
            if name in address:
                found.put(name, address[name])
    for label, value in record["custom"].items():
        found.put_custom(label, value, kinds.get(label))
    found.campaigns = plain(record["campaign_status"]) or []
    return found


def deal_document(record):
    """Index document of a deal."""
    found = Document()
    for name, value in (("name", record["name"]), ("owner_id", record["owner_id"]),
                        ("archived", "true" if plain(record["archived"]) else "false"),
                        ("pipeline", record["pipeline_id"]), ("milestone", record["milestone"]),
                        ("deal_source", record["deal_source_id"]), ("lost_reason", record["lost_reason_id"]),
                        ("color_name", record["color_name"]), ("currency_type", record["currency_type"])):
        if plain(value) is not None:
            found.put(name, plain(value))
    for name, value in (("related_contacts", record["contact_ids"]), ("tags", record["tags"])):
        for item in plain(value) or ():
            found.put(name, item)
    for name in ("probability", "expected_value"):
        found.numbers[name] = Decimal(plain(record[name]) or 0)
    found.numbers["currency_value"] = plain(record["currency_conversion_value"]) or Decimal(0)
    for item in record["custom_data"]:
        kind = _DEAL_KINDS.get(item["name"])
        # The display text of a deal's date is not a number and is not indexed.
        found.put_custom(item["name"], item["value"], None if kind == "DATE" else kind)
    return found


PERSON_DATES = {"created_time": "created_at", "updated_time": "updated_at", "last_contacted": "last_contacted_at",
                "last_emailed": "last_emailed_at", "last_called": "last_called_at",
                "last_campaign_emaild": "last_campaign_emaild"}
DEAL_DATES = {"created_time": "created_at", "updated_time": "updated_at",
              "milestone_changed_time": "milestone_changed_at", "closed_time": "close_date",
              "won_time": "won_date"}


class SearchIndex:
    """Documents of one table, made when they are first needed.

    A text field that the table can read without making the record (one of its
    columns of the same name) is read that way.
    """

    def __init__(self, table, make_document, dates, updated_falls_back=False):
        self.table = table
        self.make_document = make_document
        self.dates = dates
        self.updated_falls_back = updated_falls_back
        self._documents = {}
        self._version = None

    def document(self, row_id):
        if self._version != self.table.version:
            self._documents = {}
            self._version = self.table.version
        found = self._documents.get(row_id)
        if found is None:
            found = self._documents[row_id] = self.make_document(self.table.record(row_id))
        return found

    def text(self, row_id, name):
        """Tokens of a text field."""
        if name not in self.table.columns:
            return self.document(row_id).text.get(name, ())
        value = self.table.value(row_id, name)
        values = value if isinstance(value, list) else () if value is None else (value,)
        return [token for item in values for token in tokens(item)]

    def date(self, row_id, name):
        """Seconds of a date field; 0 where the record has none, None for an unknown field."""
        key = self.dates.get(name)
        if key is None:
            return self.document(row_id).dates.get(name)
        value = self.table.value(row_id, key)
        if value is None and name == "updated_time" and self.updated_falls_back:
            value = self.table.value(row_id, "created_at")
        return (value or 0) // SECOND

    def search(self, query, now, visible, ignores=lambda field: False, bounds="documented"):
        """Ids, ascending, of the visible rows that the filter (a dict) finds.

        ignores  tells the fields whose rules are dropped
        bounds   how AFTER and BEFORE read theirs, see date_range
        """
        def tests(name):
            found = (self._compile(rule, now, bounds) for rule in _rules(query, name)
                     if not ignores(rule.get("LHS")))
            return [test for test in found if test]

        every, some = tests("rules"), tests("or_rules")
        return [row_id for row_id in visible
                if all(test(row_id) for test in every)
                and (not some or any(test(row_id) for test in some))]

    def _compile(self, rule, now, bounds):
        """A test of row ids for one rule; None if the service drops the rule."""
        left, condition = rule.get("LHS"), rule.get("CONDITION")
        if not isinstance(left, str) or not isinstance(condition, str):
            raise JavaException("java.lang.NullPointerException")
        name = field_name(left)
        if condition in ("DEFINED", "NOT_DEFINED"):
            wanted = condition == "DEFINED"
            return lambda row_id: (name in self.document(row_id).labels) == wanted
        right = rule.get("RHS")
        if right is None:
            return None
        if left == "tags_time":
            return self._tag_time(rule, str(right))
        if left == "campaignStatus":
            return self._campaign(condition, str(right))
        if any(mark in left for mark in _DATE_MARKS):
            low, high = date_range(condition, right, rule.get("RHS_NEW"), now, bounds)
            return lambda row_id: _inside(self.date(row_id, name), low, high)
        if condition in ("IS_GREATER_THAN", "IS_LESS_THAN", "BETWEEN", "BETWEEN_NUMBER") \
                or name.endswith("_number"):
            return self._compare(name, condition, right, rule.get("RHS_NEW"))
        return self._text(name, condition, str(right))

    def _text(self, name, condition, right):
        wanted = tokens(right)
        # Quotes are not escaped: a text with one makes a query that finds nothing.
        broken = '"' in right or not wanted
        if condition in ("EQUALS", "NOTEQUALS", "ON", "IS", "IS_NOT"):
            def found(row_id):
                stored = self.text(row_id, name)
                return not broken and any(stored[at:at + len(wanted)] == wanted
                                          for at in range(len(stored) - len(wanted) + 1))
        elif condition in ("CONTAINS", "NOT_CONTAINS"):
            def found(row_id):
                stored = self.text(row_id, name)
                return not broken and all(token in stored for token in wanted)
        else:
            raise JavaException("java.lang.IllegalArgumentException: No enum constant " + condition)
        if condition in ("NOTEQUALS", "NOT_CONTAINS", "IS_NOT"):
            return lambda row_id: not found(row_id)
        return found

    def _compare(self, name, condition, right, second):
        low = _number(right)
        high = _number(second) if condition.startswith("BETWEEN") else low
        if low is None or high is None:
            raise JavaException('java.lang.NumberFormatException: For input string: "%s"' % right)
        tests = {"IS_GREATER_THAN": lambda x: x > low, "IS_LESS_THAN": lambda x: x < low,
                 "EQUALS": lambda x: x == low, "NOTEQUALS": lambda x: x != low,
                 "BETWEEN": lambda x: low <= x <= high, "BETWEEN_NUMBER": lambda x: low <= x <= high}
        if condition not in tests:
            raise JavaException("java.lang.IllegalArgumentException: No enum constant " + condition)
        test = tests[condition]

        def found(row_id):
            value = self.document(row_id).numbers.get(name)
            if value is None or abs(value) > _LARGEST:
                return condition == "NOTEQUALS"
            return test(value)
        return found

    def _campaign(self, condition, right):
        if condition not in _CAMPAIGN_WORDS + ("NOT_ADDED",):
            raise JavaException("java.lang.IllegalArgumentException: No enum constant " + condition)

        def found(row_id):
            own = [item["status"] for item in self.document(row_id).campaigns
                   if item["campaign_id"] == right]
            return not own if condition == "NOT_ADDED" else "%s-%s" % (right, condition) in own
        return found

    def _tag_time(self, rule, tag):
        low, high = date_range(rule.get("nested_condition") or "AFTER", rule.get("nested_lhs") or "0",
                               rule.get("nested_rhs"), 0)
        wanted = tokens(tag)
        return lambda row_id: any(tokens(item["tag"]) == wanted and _inside(item["createdTime"] // 1000, low, high)
                                  for item in plain(self.table.record(row_id)["tags_with_time"]) or ())


def _inside(value, low, high):
    """low <= value < high, None = open."""
    return value is not None and (low is None or value >= low) and (high is None or value < high)


def _open_range(condition, seconds, bounds):
    """Half-open range of AFTER or BEFORE, see date_range."""
    if bounds == "day":
        day = seconds // _DAY * _DAY
        return (day + _DAY, None) if condition == "AFTER" else (None, day)
    if condition == "AFTER":
        return seconds + (bounds == "exclusive"), None
    return None, seconds + (bounds == "inclusive")


def date_range(condition, right, second, now, bounds="documented"):
    """Half-open range in seconds of a date condition with bounds in milliseconds.

    AFTER includes its bound and BEFORE does not, unless bounds says otherwise:
    inclusive or exclusive for both, or day, where both compare calendar days
    and AFTER leaves out the day of its bound.
    """
    def whole(value):
        try:
            return int(str(value))
        except ValueError:
            raise JavaException('java.lang.NumberFormatException: For input string: "%s"' % value) from None

    seconds = whole(right) // 1000
    if condition in ("ON", "EQUALS"):
        return seconds, seconds + _DAY + 1
    if condition in ("AFTER", "BEFORE"):
        return _open_range(condition, seconds, bounds)
    if condition == "BETWEEN":
        return seconds, whole(second) // 1000 + 1
    hour = -(-now // HOUR) * _HOUR
    if condition == "LAST":
        return hour - whole(right) * _DAY, hour + 1
    if condition == "NEXT":
        return now // SECOND, now // SECOND + (whole(right) - 1) * _DAY + 1
    raise JavaException("java.lang.IllegalArgumentException: No enum constant " + condition)


def _rules(query, name):
    rules = query.get(name)
    if rules is None:
        return []
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise JavaException("org.json.JSONException: %s is not a JSONArray" % name)
    return rules


def parse_filter(text):
    """The filter of a request as a dict."""
    if text is None:
        raise JavaException("java.lang.NullPointerException")
    try:
        query = json.loads(text)
    except ValueError:
        raise JavaException("org.json.JSONException: A JSONObject text must begin with '{'") from None
    if not isinstance(query, dict):
        raise JavaException("org.json.JSONException: A JSONObject text must begin with '{'")
    return query
