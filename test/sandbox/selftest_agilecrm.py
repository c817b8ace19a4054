#!/usr/bin/python3
"""The Agile CRM emulator against the behaviour it promises; no server, no network."""
import base64
import json
import unittest
from xml.etree import ElementTree

from crm_sandbox.agilecrm import AgileCrm
from crm_sandbox.model import REFERENCE_TIME, Options, Request
from crm_sandbox.wire import DAY, SECOND, at

DEV = "/dev/api/"
DYNAMIC = "filters/filter/dynamic-filter"


class Base(unittest.TestCase):
    """One account; mutations and switches are undone after every test."""

    crm = AgileCrm(Options())

    def tearDown(self):
        self.crm.reset(data=bool(self.crm.mutations))

    def ask(self, path, form=None, accept="application/json", key="sandbox-agile-key-b41c", method=None,
            prefix=DEV, **query):
        token = base64.b64encode(("owner@example.com:" + key).encode()).decode()
        headers = {"authorization": "Basic " + token, "accept": accept}
        return self.crm.handle(Request(
            method or ("GET" if form is None else "POST"), prefix + path,
            [(name, str(value)) for name, value in query.items()],
            [(name, str(value)) for name, value in (form or {}).items()], headers))

    def get(self, path, form=None, **query):
        response = self.ask(path, form, **query)
        self.assertEqual(response.status, 200, response.body)
        return json.loads(response.body, parse_float=str)

    def walk(self, path, size, form=None, between=None, **query):
        """Rows of all pages without paging data, and the number of pages."""
        rows, pages, cursor = [], 0, None
        while True:
            extra = {"page_size": size, **({"cursor": cursor} if cursor else {})}
            if form is None:
                response = self.ask(path, **query, **extra)
            else:
                response = self.ask(path, {**form, **extra})
            page = json.loads(response.body) if response.status == 200 else []
            pages += 1
            cursor = page[-1].get("cursor") if page else None
            for row in page:
                row.pop("cursor", None)
                row.pop("count", None)
            rows += page
            if not cursor:
                return rows, pages
            self.assertLess(pages, 2000)
            if between:
                between(pages)

    def found(self, kind, *rules, size=1000, **more):
        filter_json = json.dumps({"rules": list(rules), "contact_type": kind, **more})
        return [int(row["id"]) for row in self.get(DYNAMIC, {"filterJson": filter_json, "page_size": size})]

    def truth(self, table):
        return list(self.crm.truth(table))

    @staticmethod
    def ids(rows):
        return [int(row["id"]) for row in rows]


class Paging(Base):
    def test_default_page_sizes(self):
        self.assertEqual(len(self.get("contacts")), 50)
        self.assertEqual(len(self.get("contacts/list", {})), 50)
        self.assertEqual(len(self.get("opportunity")), 25)
        self.assertEqual(len(self.get("contacts/companies/list", {})), 90)
        self.assertEqual(self.ask(DYNAMIC, {"filterJson": '{"contact_type":"PERSON"}'}).status, 500)

    def test_every_row_once(self):
        for path, table, form in (("contacts", "contacts", None), ("opportunity", "deals", None),
                                  ("tasks", "tasks", None), ("workflows", "campaigns", None),
                                  ("contacts/companies/list", "companies", {})):
            rows, pages = self.walk(path, 7, form)
            expected = [row["id"] for row in self.truth(table)]
            self.assertEqual(sorted(self.ids(rows)), expected, path)
            self.assertEqual(pages, -(-len(expected) // 7), path)

    def test_cursor_is_on_the_last_row_only(self):
        page = self.get("contacts", page_size=5)
        self.assertEqual(["cursor" in row for row in page], [False] * 4 + [True])
        page = self.get("opportunity", page_size=200, cursor=self.get("opportunity", page_size=200)[-1]["cursor"])
        self.assertEqual(page[-1]["cursor"], "")

    def test_sort_by_time_is_kept_over_pages(self):
        for order, sign in (("-created_time", -1), ("created_time", 1)):
            rows, _ = self.walk("contacts/companies/list", 11, {"global_sort_key": order})
            times = [sign * int(row["created_time"]) for row in rows]
            self.assertEqual(times, sorted(times))
            self.assertEqual(len(set(self.ids(rows))), 90)

    def test_persons_come_in_order_of_id_not_of_time(self):
        rows, _ = self.walk("contacts", 200)
        self.assertEqual(self.ids(rows), sorted(self.ids(rows)))
        times = [int(row["created_time"]) for row in rows]
        self.assertNotEqual(times, sorted(times))

    def test_changes_do_not_shift_the_cursor(self):
        before = {row["id"] for row in self.truth("contacts")}
        gone = set()

        def disturb(page):
            if page == 2:
                gone.update(self.crm.delete("contacts", "first", 3))
                gone.update(self.crm.delete("contacts", "random", 3))
                self.crm.insert("contacts", 4)

        rows, _ = self.walk("contacts", 50, between=disturb)
        ids = self.ids(rows)
        self.assertEqual(len(ids), len(set(ids)))
        self.assertLessEqual(before - gone, set(ids))

    def test_cursor_of_another_list_is_refused(self):
        cursor = self.get("contacts", page_size=5)[-1]["cursor"]
        self.assertEqual(self.ask("opportunity", page_size=5, cursor=cursor).status, 500)
        self.assertEqual(self.ask("contacts", page_size=5, cursor="nonsense").status, 500)
        sort = {"page_size": 5, "cursor": cursor, "global_sort_key": "-created_time"}
        self.assertEqual(self.ask("contacts", **sort).status, 500)

    def test_full_last_page_of_tickets_has_a_cursor(self):
        everything = next(row for row in self.get("tickets/filters") if row["name"] == "All Tickets")["id"]
        rows, pages = self.walk("tickets/filter", 40, filter_id=everything)
        self.assertEqual((len(rows), pages), (120, 4))
        times = [row["last_updated_time"] for row in rows]
        self.assertEqual(times, sorted(times, reverse=True))
        page = self.get("tickets/filter", filter_id=everything)
        self.assertEqual((len(page), page[-1]["count"]), (25, 120))

    def test_pages_below_a_parent(self):
        below = [row["contact_id"] for row in self.truth("notes") if row["contact_id"]]
        busiest = max(set(below), key=below.count)
        rows, pages = self.walk("contacts/%d/notes" % busiest, 1)
        self.assertGreater(pages, 1)
        self.assertEqual(self.ids(rows), self.ids(self.get("contacts/%d/notes" % busiest)))
        linked = [row["company_id"] for row in self.truth("contacts") if row["company_id"]]
        largest = max(set(linked), key=linked.count)
        rows, pages = self.walk("contacts/related/%d" % largest, 4)
        self.assertEqual((len(rows), pages), (linked.count(largest), -(-linked.count(largest) // 4)))

    def test_counts(self):
        self.assertEqual(self.get("contacts/list/count"), 700)
        self.assertEqual(self.get("contacts/companies/list/count"), 90)
        page = self.get("workflows", page_size=3)
        self.assertEqual([row.get("count") for row in page], [7, None, None])


class Answers(Base):
    def test_bad_key_is_an_html_page(self):
        response = self.ask("contacts", key="wrong")
        self.assertEqual((response.status, response.content_type), (401, "text/html"))
        self.assertIn(b"401 UNAUTHORIZED", response.body)

    def test_not_found(self):
        for path in ("contacts/5", "opportunity/5", "tasks/5", "tickets/500", "contacts/search/email/no@one.example",
                     "contacts/search/phonenumber/11111111111", "contacts/5/notes"):
            response = self.ask(path)
            self.assertEqual((response.status, response.body), (204, b""), path)
        response = self.ask("no/such/thing")
        self.assertEqual(response.status, 404)
        self.assertIn(b"Could not find resource", response.body)
        self.assertEqual(self.ask("contacts", method="DELETE").status, 405)

    def test_empty_account(self):
        empty = AgileCrm(Options(scale={("agilecrm", name): 0 for name in ("contacts", "companies", "deals")}))
        token = base64.b64encode(b"owner@example.com:sandbox-agile-key-b41c").decode()
        headers = {"authorization": "Basic " + token, "accept": "application/json"}
        self.assertEqual(empty.handle(Request("GET", "/dev/api/contacts", headers=headers)).status, 204)
        response = empty.handle(Request("GET", "/dev/api/opportunity", headers=headers))
        self.assertEqual((response.status, response.body), (200, b"[]"))
        response = empty.handle(Request("POST", DEV + DYNAMIC, form=[
            ("filterJson", '{"contact_type":"PERSON"}'), ("page_size", "10")], headers=headers))
        self.assertEqual((response.status, response.body), (200, b"[]"))

    def test_xml_without_accept(self):
        response = self.ask("contacts", accept="*/*", page_size=3)
        self.assertEqual(response.content_type, "application/xml")
        tree = ElementTree.fromstring(response.body)
        self.assertEqual((tree.tag, [child.tag for child in tree]), ("collection", ["contact"] * 3))
        deal = self.truth("deals")[0]["id"]
        self.assertEqual(self.ask("opportunity/%d" % deal, accept="*/*").content_type, "application/json")

    def test_java_errors(self):
        bad = {"filterJson": json.dumps({"rules": [{"LHS": "Lifetime tier", "CONDITION": "EQUALS", "RHS": "gold"}],
                                         "contact_type": "PERSON"}), "page_size": 10}
        response = self.ask(DYNAMIC, bad)
        self.assertEqual(response.status, 500)
        self.assertIn("java.lang.NumberFormatException", json.loads(response.body)["exception message"])
        for form in ({"filterJson": '{"contact_type":"OPPORTUNITY"}', "page_size": 10}, {"page_size": 10},
                     {"filterJson": '{"contact_type":"PERSON"}', "page_size": 1001}):
            self.assertEqual(self.ask(DYNAMIC, form).status, 500)
        self.assertEqual(self.ask("events", start=0).status, 500)

    def test_ticket_filter_is_needed(self):
        response = self.ask("tickets/filter")
        self.assertEqual((response.status, response.body), (400, b"Required paramaters missing."))
        self.assertEqual(self.ask("tickets/filter", filter_id=77).status, 400)

    def test_custom_fields_have_two_homes(self):
        by_core = self.get("custom-fields/scope", prefix="/core/api/", scope="DEAL")
        by_dev = self.get("custom-fields/scope/position", scope="DEAL")
        self.assertEqual(by_core, by_dev)
        self.assertEqual(len(by_core), 8)
        self.assertEqual(self.ask("custom-fields/scope", scope="DEAL").status, 404)
        self.assertEqual(self.ask("custom-fields/scope", prefix="/core/api/", scope="MOON").status, 204)

    def test_lookups(self):
        person = next(row for row in self.truth("contacts") if row["email"])
        self.assertEqual(int(self.get("contacts/search/email/" + person["email"])["id"]), person["id"])
        found = self.get("contacts/search/email", {"email_ids": json.dumps(["no@one.example", person["email"]])})
        self.assertEqual((found[0], int(found[1]["id"])), (None, person["id"]))
        company = next(row for row in self.truth("companies") if row["phone"])
        self.assertIn(company["phone"], json.dumps(
            self.get("contacts/search/phonenumber/" + company["phone"]), ensure_ascii=False))
        self.assertEqual(self.get("contacts/%d" % company["id"])["type"], "COMPANY")
        related = self.get("contacts/related/%d" % person["company_id"]) if person["company_id"] else []
        self.assertTrue(all(row["contact_company_id"] == str(person["company_id"]) for row in related))
        self.assertEqual(self.ask("search", q="nordic").status, 500)
        self.assertTrue(self.get("search", q="nordic", page_size=10, type='"COMPANY"'))

    def test_secret_is_sent_but_never_true(self):
        self.assertEqual({row["password"] for row in self.get("users")}, {"PASSWORD"})
        self.assertNotIn("PASSWORD", json.dumps(self.truth("users")))
        self.assertTrue(self.get("users/current-user")["is_account_owner"])


class Filters(Base):
    def test_everything(self):
        self.assertEqual(len(self.found("PERSON")), 700)
        self.assertEqual(len(self.found("COMPANY")), 90)

    def test_text_ignores_case_and_spaces(self):
        expected = {row["id"] for row in self.truth("contacts") if "linkedin prospect" in row["tags"]}
        self.assertTrue(expected)
        for text in ("linkedin prospect", "LinkedInProspect"):
            self.assertEqual(set(self.found("PERSON", {"LHS": "tags", "CONDITION": "EQUALS", "RHS": text})),
                             expected)
        part = self.found("PERSON", {"LHS": "email", "CONDITION": "EQUALS", "RHS": "example.org"})
        self.assertGreater(len(part), 50)
        others = self.found("PERSON", {"LHS": "tags", "CONDITION": "NOTEQUALS", "RHS": "vip"})
        self.assertEqual(len(others), 700 - sum("vip" in row["tags"] for row in self.truth("contacts")))

    def test_dates(self):
        edge = sorted(at(row["created_at"]) for row in self.truth("contacts"))[300]
        rule = {"LHS": "created_time", "RHS": str(edge // 1000)}
        times = [at(row["created_at"]) for row in self.truth("contacts")]
        for word, test in (("AFTER", lambda t: t >= edge), ("BEFORE", lambda t: t < edge),
                           ("ON", lambda t: edge <= t <= edge + DAY)):
            self.assertEqual(len(self.found("PERSON", {**rule, "CONDITION": word})), sum(map(test, times)), word)
        both = {**rule, "CONDITION": "BETWEEN", "RHS_NEW": str((edge + 30 * DAY) // 1000)}
        self.assertEqual(len(self.found("PERSON", both)), sum(edge <= t <= edge + 30 * DAY for t in times))
        seconds = {**rule, "CONDITION": "AFTER", "RHS": str(edge // SECOND)}
        self.assertEqual(len(self.found("PERSON", seconds)), 700)
        last = self.found("PERSON", {"LHS": "created_time", "CONDITION": "LAST", "RHS": "30"})
        self.assertEqual(len(last), sum(t >= REFERENCE_TIME - 30 * DAY for t in times))

    def test_custom_fields(self):
        def rule(label, right, word="EQUALS"):
            return {"LHS": label, "CONDITION": word, "RHS": right}

        properties = self.truth("contact_properties")
        expected = {row["contact_id"] for row in properties if (row["name"], row["value"]) == ("Region", "North")}
        self.assertEqual(set(self.found("PERSON", rule("Region", "north"))), expected)
        self.assertEqual(self.found("PERSON", rule("Annual budget", "1500")), [])
        budget = {row["contact_id"] for row in properties if (row["name"], row["value"]) == ("Annual budget", "1500")}
        self.assertEqual(set(self.found("PERSON", rule("Annual budget_number", "1500"))), budget)
        # Not searchable, so not in the index, though it is there.
        self.assertEqual(self.found("PERSON", rule("Newsletter", "on")), [])
        self.assertTrue(self.found("PERSON", {"LHS": "Newsletter", "CONDITION": "DEFINED"}))

    def test_or_rules_and_ignored_rules(self):
        north, south = ({"LHS": "Region", "CONDITION": "EQUALS", "RHS": word} for word in ("North", "South"))
        either = self.found("PERSON", or_rules=[north, south])
        self.assertEqual(len(either), len(self.found("PERSON", north)) + len(self.found("PERSON", south)))
        self.assertEqual(self.found("PERSON", north, south), [])
        self.assertEqual(len(self.found("PERSON", {"LHS": "tags", "CONDITION": "EQUALS", "RHS": None})), 700)

    def test_deals(self):
        track = self.truth("tracks")[1]["id"]
        form = {"filterJson": json.dumps({"rules": [{"LHS": "pipeline", "CONDITION": "EQUALS", "RHS": str(track)}]}),
                "page_size": 200}
        expected = [row["id"] for row in self.truth("deals") if row["pipeline_id"] == track]
        self.assertEqual(self.ids(self.get("deal/" + DYNAMIC, form)), expected)
        self.assertEqual(self.ids(self.get("opportunity/based", pipeline_id=track)), expected)
        self.assertEqual(len(self.get("opportunity/based", pipeline_id=1)), 260)
        won = [row["id"] for row in self.truth("deals") if row["pipeline_id"] != track and row["milestone"] == "Won"]
        self.assertEqual(self.ids(self.get("opportunity/based", milestone="Won")), won)
        self.assertEqual(len(self.get("opportunity/byMilestone/Won", page_size=500)), min(50, len(won)))
        self.assertEqual(self.get("opportunity/based", milestone="WON"), [])

    def test_tasks(self):
        high = [row["id"] for row in self.truth("tasks") if row["priority_type"] == "HIGH"]
        rows = self.get("tasks/based", criteria="PRIORITY", type="HIGH", page_size=200)
        self.assertEqual(sorted(self.ids(rows)), high)
        self.assertEqual(len(self.get("tasks/based", pending="true", page_size=200)),
                         sum(not row["is_complete"] for row in self.truth("tasks")))
        self.assertLess(len(self.get("tasks/pending/0")), len(self.get("tasks/pending/90")))

    def test_events_with_an_end_point_inside(self):
        low, high = at("2025-06-01T00:00:00Z"), at("2025-09-01T00:00:00Z")
        expected = [row["id"] for row in self.truth("events")
                    if low <= at(row["start_at"]) <= high or low <= at(row["end_at"]) <= high]
        rows = self.get("events", start=low // SECOND, end=high // SECOND)
        self.assertEqual(self.ids(rows), expected)
        longest = max(self.truth("events"), key=lambda row: at(row["end_at"]) - at(row["start_at"]))
        middle = (at(longest["start_at"]) + at(longest["end_at"])) // 2 // SECOND
        self.assertNotIn(longest["id"], self.ids(self.get("events", start=middle, end=middle + 60)))

    def test_tickets_of_a_filter(self):
        filters = {row["name"]: row["id"] for row in self.get("tickets/filters")}
        tickets = self.truth("tickets")
        for name, test in (("All Tickets", lambda t: True), ("New Tickets", lambda t: t["status"] == "NEW"),
                           ("Urgent and open", lambda t: t["status"] in ("NEW", "OPEN")
                            and t["priority"] == "URGENT"),
                           ("Closed problems", lambda t: (t["status"], t["type"]) == ("CLOSED", "PROBLEM"))):
            rows, _ = self.walk("tickets/filter", 50, filter_id=filters[name])
            self.assertEqual(len(rows), sum(map(test, tickets)), name)
        rule = json.dumps([{"LHS": "priority", "CONDITION": "TICKET_PRIORITY_IS", "RHS": "LOW"}])
        rows = self.get("tickets/filter", filter_id=filters["New Tickets"], custom_filters=rule, page_size=200)
        self.assertEqual({row["priority"] for row in rows}, {"LOW"})


class Narrowing(Base):
    """What a query may ask for holds at least the rows it wants, however the service reads it."""

    DAY_AND_HOUR = 25 * 3_600_000		# in milliseconds, as bounds travel

    def searched(self, kind, *rules):
        """Ids a dynamic filter finds, read page by page."""
        path = "deal/" + DYNAMIC if kind == "deals" else DYNAMIC
        query = {"rules": list(rules), "or_rules": []}
        if kind != "deals":
            query["contact_type"] = {"contacts": "PERSON", "companies": "COMPANY"}[kind]
        rows, _ = self.walk(path, 500, {"filterJson": json.dumps(query)})
        self.assertEqual(len(set(self.ids(rows))), len(rows))
        return set(self.ids(rows))

    def time_cases(self):
        """(table, {id: time}, rule of one bound without its value, test of a time, direction outwards)"""
        for table in ("contacts", "companies", "deals"):
            rows = self.truth(table)
            for column in ("created_at", "updated_at"):
                times = {row["id"]: at(row[column]) for row in rows if row[column]}
                rule = {"LHS": column.replace("_at", "_time")}
                yield table, times, {**rule, "CONDITION": "AFTER"}, lambda value, edge: value >= edge, -1
                yield table, times, {**rule, "CONDITION": "BEFORE"}, lambda value, edge: value <= edge, 1

    def missed(self, table, times, rule, test, widen):
        """Rows that SQL wants for some bounds and a filter moved by so many milliseconds lacks."""
        ordered, lost = sorted(times.values()), set()
        for edge in ordered[::len(ordered) // 3]:
            wanted = {row_id for row_id, value in times.items() if test(value, edge)}
            found = self.searched(table, {**rule, "RHS": edge // 1000 + widen})
            lost |= wanted - found
        return lost

    def test_bounds_a_day_and_an_hour_off_lose_nothing(self):
        cases = list(self.time_cases())
        for mode in ("documented", "inclusive", "exclusive", "day"):
            self.crm.configure({"bounds": mode})
            for table, times, rule, test, outwards in cases:
                self.assertEqual(self.missed(table, times, rule, test, outwards * self.DAY_AND_HOUR), set(),
                                 (mode, table, rule))

    def test_bounds_as_they_are_lose_rows_in_some_reading(self):
        losing, cases = {}, list(self.time_cases())
        for mode in ("documented", "inclusive", "exclusive", "day"):
            self.crm.configure({"bounds": mode})
            losing[mode] = {rule["CONDITION"] for table, times, rule, test, _ in cases
                            if table == "companies" and self.missed(table, times, rule, test, 0)}
        self.assertEqual(losing, {"documented": {"BEFORE"}, "inclusive": set(),
                                  "exclusive": {"AFTER", "BEFORE"}, "day": {"AFTER", "BEFORE"}})

    def test_tags(self):
        for table in ("contacts", "companies"):
            tagged = [(row["id"], row["tags"]) for row in self.truth(table)]
            both = {tuple(tags[:2]) for _, tags in tagged if len(tags) > 1}
            for tags in [(tag,) for _, own in tagged for tag in own[:1]][:20] + sorted(both)[:10]:
                rules = [{"LHS": "tags", "CONDITION": "EQUALS", "RHS": tag} for tag in tags]
                wanted = {row_id for row_id, own in tagged if set(tags) <= set(own)}
                self.assertTrue(wanted)
                self.assertLessEqual(wanted, self.searched(table, *rules), tags)

    def test_deals_of_a_track(self):
        deals = self.truth("deals")
        for track in self.truth("tracks"):
            rows, _ = self.walk("opportunity/based", 7, pipeline_id=track["id"])
            self.assertEqual(set(self.ids(rows)), {row["id"] for row in deals if row["pipeline_id"] == track["id"]})
            self.assertEqual({row["track"] for row in rows}, {""})

    def test_tasks_of_each_criterion(self):
        for criterion, column in (("CATEGORY", "type"), ("STATUS", "status"), ("PRIORITY", "priority_type")):
            tasks = self.truth("tasks")
            for word in {row[column] for row in tasks}:
                rows, pages = self.walk("tasks/based", 5, criteria=criterion, type=word)
                self.assertEqual(set(self.ids(rows)), {row["id"] for row in tasks if row[column] == word})
                self.assertGreater(pages, 1)
                self.assertEqual(self.get("tasks/based", criteria=criterion, type=word.lower()), [])

    def test_persons_of_a_company(self):
        persons = self.truth("contacts")
        for company in {row["company_id"] for row in persons if row["company_id"]}:
            rows, _ = self.walk("contacts/related/%d" % company, 200)
            self.assertEqual(set(self.ids(rows)), {row["id"] for row in persons if row["company_id"] == company})

    def test_single_records(self):
        for table, path in (("contacts", "contacts/%d"), ("companies", "contacts/%d"), ("tasks", "tasks/%d"),
                            ("tickets", "tickets/%d")):
            for row in self.truth(table)[::11]:
                self.assertEqual(self.get(path % row["id"]), row["raw"])
        for listed in self.walk("opportunity", 200)[0][::11]:
            sent = json.loads(self.ask("opportunity/%d" % listed["id"]).body)
            self.assertEqual({key for key in sent if sent[key] != listed[key]},
                             {"owner"} if "owner" in listed else set())

    def test_ignored_filters(self):
        track = self.truth("tracks")[0]["id"]
        rule = {"LHS": "tags", "CONDITION": "EQUALS", "RHS": "vip"}
        asked = (lambda: len(self.get("opportunity/based", pipeline_id=track, page_size=999)),
                 lambda: len(self.get("tasks/based", criteria="STATUS", type="COMPLETED", page_size=999)),
                 lambda: len(self.found("PERSON", rule)))
        narrow, everything = [count() for count in asked], [260, 150, 700]
        self.assertTrue(all(few < many for few, many in zip(narrow, everything)))
        for position, name in enumerate(("pipeline_id", "type", "tags")):
            self.crm.configure({"ignore_filters": [name]})
            expected = [many if place == position else few
                        for place, (few, many) in enumerate(zip(narrow, everything))]
            self.assertEqual([count() for count in asked], expected, name)
        self.crm.configure({"ignore_filters": ["*"]})
        self.assertEqual([count() for count in asked], everything)
        self.assertEqual(len(self.get("opportunity/based", pipeline_id=track, page_size=9)), 9)


class Switches(Base):
    def test_index_lag(self):
        late = self.crm.insert("contacts", 2)
        self.crm.configure({"index_lag": 2})
        self.assertFalse(set(late) & set(self.found("PERSON")))
        self.assertEqual(int(self.get("contacts/%d" % late[0])["id"]), late[0])
        self.crm.configure({"index_lag": 0})
        self.assertLessEqual(set(late), set(self.found("PERSON")))

    def test_failing_filters_and_deadline(self):
        self.crm.configure({"filter_500": True})
        form = {"filterJson": '{"contact_type":"PERSON"}', "page_size": 10}
        self.assertEqual(self.ask(DYNAMIC, form).status, 500)
        self.assertEqual(self.ask("deal/" + DYNAMIC, form).status, 500)
        self.crm.configure({"filter_500": False, "deadline": 100})
        self.assertEqual(self.ask("contacts", page_size=200).status, 500)
        self.assertEqual(len(self.get("contacts", page_size=100)), 100)

    def test_restricted_user_sees_less_without_an_error(self):
        self.crm.configure({"restricted_user": True})
        rows, _ = self.walk("contacts", 200)
        self.assertTrue(0 < len(rows) < 700)
        self.assertEqual(self.get("contacts/list/count"), len(rows))
        self.assertEqual({row["owner"]["name"] for row in rows}, {"Rita Campos"})
        self.assertFalse(self.get("users/current-user")["is_admin"])
        self.assertEqual(len(self.get("workflows")), 7)
        hidden = next(row["id"] for row in self.truth("deals") if row["owner_name"] != "Rita Campos")
        self.assertEqual(self.ask("opportunity/%d" % hidden).status, 204)

    def test_unpaged_tasks(self):
        self.assertEqual(len(self.get("tasks", page_size=10)), 10)
        self.crm.configure({"unpaged_tasks": True})
        rows = self.get("tasks", page_size=10)
        self.assertEqual(len(rows), 150)
        self.assertFalse(any("cursor" in row for row in rows))

    def test_no_dev_custom_fields(self):
        self.crm.configure({"no_dev_custom_fields": True})
        self.assertEqual(self.ask("custom-fields/scope/position", scope="DEAL").status, 404)
        self.assertTrue(self.get("custom-fields/scope", prefix="/core/api/", scope="DEAL"))


class Truth(Base):
    COUNTS = {"contacts": 700, "companies": 90, "deals": 260, "tasks": 150, "events": 130, "tickets": 120,
              "ticket_filters": 5, "tracks": 3, "campaigns": 7, "users": 6, "deal_sources": 4, "lost_reasons": 4,
              "ticket_groups": 3, "ticket_labels": 5, "custom_fields": 24, "milestones": 14}

    def test_counts(self):
        for table in self.crm.tables():
            rows = self.truth(table)
            self.assertEqual(self.crm.count(table), len(rows), table)
            self.assertEqual(self.COUNTS.get(table, len(rows)), len(rows), table)
            for row in rows:
                self.assertEqual(list(row["raw"] if isinstance(row["raw"], dict) else ()).count("cursor"), 0)

    def test_notes_and_documents_hang_on_their_parents(self):
        notes, documents = [], []
        for people in ("contacts", "companies"):
            for row in self.truth(people):
                below = self.get("contacts/%d/notes" % row["id"])
                if below:
                    self.assertEqual(below[0].pop("count"), len(below))
                    times = [note["created_time"] for note in below]
                    self.assertEqual(times, sorted(times, reverse=True))
                notes += [(note["id"], row["id"], None) for note in below]
                documents += [(item["id"], row["id"]) for item in
                              self.get("documents/contact/%d/docs" % row["id"])]
        for row in self.truth("deals"):
            notes += [(note["id"], None, row["id"]) for note in self.get("opportunity/%d/notes" % row["id"])]
        self.assertEqual(sorted(notes, key=repr), sorted(
            ((row["id"], row["contact_id"], row["deal_id"]) for row in self.truth("notes")), key=repr))
        self.assertEqual(sorted(documents), sorted((row["id"], row["contact_id"])
                                                   for row in self.truth("documents")))
        self.assertGreater(len(notes), len({note[0] for note in notes}))

    def test_ticket_notes(self):
        found = [(note["id"], row["id"]) for row in self.truth("tickets")
                 for note in self.get("tickets/notes/%d" % row["id"])]
        self.assertEqual(sorted(found), [(row["id"], row["ticket_id"]) for row in self.truth("ticket_notes")])

    def test_raw_is_the_listed_record(self):
        sent = {int(row["id"]): row for row in self.walk("contacts", 200)[0]}
        for row in self.truth("contacts"):
            self.assertEqual(sent[row["id"]], row["raw"])

    def test_columns_say_what_the_record_says(self):
        for row in self.truth("contacts"):
            entries = row["raw"]["properties"]
            emails = [entry["value"] for entry in entries if entry["name"] == "email"]
            self.assertEqual((row["emails"], row["email"]), (emails, emails[0] if emails else None))
            addresses = [json.loads(entry["value"]) for entry in entries if entry["name"] == "address"]
            self.assertEqual(row["city"], addresses[0].get("city") if addresses else None)
            self.assertEqual(at(row["created_at"]) // SECOND, int(row["raw"]["created_time"]))
            self.assertEqual(row["owner_id"], row["raw"].get("owner", {}).get("id"))

    def test_irregular_values_are_there(self):
        contacts, deals = self.get("contacts", page_size=700), self.get("opportunity", page_size=260)
        text = self.ask("opportunity", page_size=260).body.decode()
        for literal in ('"expected_value":1.0E10', '"expected_value":2.0E11', '"expected_value":1234567.89',
                        '"expected_value":9999999.99', '"close_date":0', '"close_date":""'):
            self.assertIn(literal, text)
        self.assertTrue(any(isinstance(row["created_time"], str) for row in contacts))
        self.assertTrue(any(isinstance(row["id"], str) for row in contacts))
        self.assertTrue(any(row["properties"] == [] and "owner" not in row for row in contacts))
        self.assertTrue(any(row.get("is_duplicate_existed") == "true" for row in contacts))
        self.assertTrue(any(entry.get("type") is None for row in contacts for entry in row["properties"]))
        self.assertTrue(any(isinstance(entry["value"], int) for row in contacts for entry in row["properties"]))
        self.assertTrue(any(row["tags"] == [] and row["tagsWithTime"] for row in deals))
        self.assertTrue(any(len(str(row.get("close_date") or "")) > 10 for row in deals))
        self.assertTrue(any(row["due"] == -19800 for row in self.get("tasks")))
        nested = [entry["value"] for row in deals for contact in row["contacts"] for entry in contact["properties"]]
        self.assertEqual(nested, [name.lower() for name in nested])
        for row in contacts + deals:
            self.assertEqual(len(str(row["id"])), 16)

    def test_deal_dates_agree_whatever_their_unit(self):
        for row in self.truth("deals"):
            sent = row["raw"].get("close_date") or 0
            self.assertEqual(at(row["close_date"]) // SECOND if row["close_date"] else 0,
                             sent // 1000 if sent > 9_999_999_999 else sent)

    def test_a_mutation_shows_in_both_faces(self):
        row_id = self.truth("contacts")[0]["id"]
        self.crm.update("contacts", [row_id], {"first_name": "Renamed", "updated_at": "2026-11-20T13:00:00Z"})
        row = self.truth("contacts")[0]
        self.assertEqual((row["first_name"], row["updated_at"]), ("Renamed", "2026-11-20T13:00:00+00:00"))
        sent = self.get("contacts/%d" % row_id)
        self.assertIn("Renamed", [entry["value"] for entry in sent["properties"]])
        self.assertEqual(sent["updated_time"], at("2026-11-20T13:00:00Z") // SECOND)

    def test_same_seed_same_data_and_scale(self):
        other = AgileCrm(Options(scale={("agilecrm", "contacts"): 1200}))
        self.assertEqual(other.count("contacts"), 1200)
        again = AgileCrm(Options())
        self.assertEqual(list(again.truth("deals")), self.truth("deals"))


if __name__ == "__main__":
    unittest.main()
