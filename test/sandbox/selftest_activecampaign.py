#!/usr/bin/python3
"""The ActiveCampaign emulator against the behaviour it promises; no server, no network."""
import json
import time
import tracemalloc
import unittest

from crm_sandbox.activecampaign import ActiveCampaign
from crm_sandbox.activecampaign_routes import BY_PATH, ENDPOINTS, SINGLES
from crm_sandbox.activecampaign_world import FALL_BACK
from crm_sandbox.model import REFERENCE_TIME, Options, Request
from crm_sandbox.wire import DAY, HOUR, SECOND, iso_z, timestamptz

KEY = "sandbox-ac-key-3f9a"


class Base(unittest.TestCase):
    """One account; mutations and switches are undone after every test."""

    crm = ActiveCampaign(Options())

    def tearDown(self):
        self.crm.reset(data=bool(self.crm.mutations))

    def ask(self, path, *pairs, crm=None, key=KEY, now=REFERENCE_TIME, method="GET", **query):
        query = list(pairs) + [(name.rstrip("_"), str(value)) for name, value in query.items()]
        return (crm or self.crm).handle(Request(method, "/api/3/" + path, query, headers={"api-token": key}, now=now))

    def get(self, path, *pairs, **query):
        response = self.ask(path, *pairs, **query)
        self.assertEqual(response.status, 200, response.body[:300])
        return json.loads(response.body)

    def walk(self, path, rows, *pairs, limit=100):
        """All rows by offset."""
        found = []
        while True:
            page = self.get(path, *pairs, ("limit", str(limit)), ("offset", str(len(found))))[rows]
            found += page
            if len(page) < limit:
                return found

    def ids(self, path, rows, *pairs):
        return {int(row["id"]) for row in self.walk(path, rows, *pairs)}

    def truth(self, table):
        return list(self.crm.truth(table))


class Paging(Base):
    def test_limit_defaults_and_maximum(self):
        for limit, rows in ((None, 20), ("7", 7), ("100", 100), ("1000", 100), ("0", 0), ("x", 20), ("-1", 20)):
            pairs = () if limit is None else (("limit", limit),)
            self.assertEqual(len(self.get("contacts", *pairs)["contacts"]), rows, limit)
        self.assertEqual(len(self.get("fields")["fields"]), 12)

    def test_offset_reads_everything_once(self):
        rows = self.walk("contacts", "contacts", limit=83)
        self.assertEqual(len(rows), 1250)
        self.assertEqual(len({row["id"] for row in rows}), 1250)
        self.assertEqual(self.get("contacts", offset=5000)["contacts"], [])

    def test_keyset_equals_offset(self):
        found, last = [], 0
        while True:
            page = self.get("contacts", ("orders[id]", "ASC"), id_greater=last, limit=100)["contacts"]
            if not page:
                break
            found += page
            last = int(page[-1]["id"])
        self.assertEqual([row["id"] for row in found], [row["id"] for row in self.walk("contacts", "contacts")])
        middle = int(found[600]["id"])
        below = self.get("contacts", id_less=middle, limit=1)
        self.assertEqual(below["meta"]["total"], "600")
        both = self.get("contacts", ("orders[id]", "DESC"), id_less=middle, id_greater=int(found[590]["id"]))["contacts"]
        self.assertEqual([row["id"] for row in both], [row["id"] for row in found[591:600]][::-1])

    def test_totals_have_their_types(self):
        for endpoint in ENDPOINTS:
            body = self.get(endpoint.path, limit=1)
            if endpoint.total is None:
                self.assertNotIn("meta", body, endpoint.path)
            else:
                self.assertIsInstance(body["meta"]["total"], str if endpoint.total == "string" else int, endpoint.path)
                self.assertGreater(int(body["meta"]["total"]), 0, endpoint.path)
            self.assertTrue(body[endpoint.rows], endpoint.path)

    def test_sideloads_stand_before_or_after(self):
        first, second = self.get("contacts"), self.get("contacts", offset=20)
        self.assertEqual(list(first), ["scoreValues", "contacts", "meta"])
        self.assertEqual(list(second), ["meta", "contacts", "scoreValues"])

    def test_totals_lie_on_request(self):
        self.crm.configure({"total_lies": -3, "largest_page": 50})
        body = self.get("contacts", limit=100)
        self.assertEqual((body["meta"]["total"], len(body["contacts"])), ("1247", 50))


class Contacts(Base):
    def test_wire_types(self):
        for row in self.walk("contacts", "contacts"):
            for name, value in row.items():
                if name not in ("scoreValues", "accountContacts", "links", "email_empty"):
                    self.assertTrue(value is None or isinstance(value, str), name)
            self.assertNotIn("fieldValues", row)

    def test_filters_by_truth(self):
        lists, tags, runs = self.truth("contact_lists"), self.truth("contact_tags"), self.truth("contact_automations")
        self.assertEqual(self.ids("contacts", "contacts", ("listid", "2")),
                         {row["contact_id"] for row in lists if row["list_id"] == 2})
        self.assertEqual(self.ids("contacts", "contacts", ("listid", "2"), ("status", "2")),
                         {row["contact_id"] for row in lists if row["list_id"] == 2 and row["status"] == 2})
        self.assertEqual(self.ids("contacts", "contacts", ("status", "3")),
                         {row["contact_id"] for row in lists if row["status"] == 3})
        self.assertEqual(self.ids("contacts", "contacts", ("tagid", "5")),
                         {row["contact_id"] for row in tags if row["tag_id"] == 5})
        self.assertEqual(self.ids("contacts", "contacts", ("seriesid", "3")),
                         {row["contact_id"] for row in runs if row["automation_id"] == 3})
        self.assertEqual(self.ids("contacts", "contacts", ("formid", "3")),
                         {row["contact_id"] for row in lists if row["form_id"] == 3})

    def test_ids_email_search_phone(self):
        rows = self.truth("contacts")
        self.assertEqual(self.ids("contacts", "contacts", ("ids[]", "7"), ("ids[]", "10"), ("ids[]", "8")), {7, 10})
        row = rows[11]
        self.assertEqual(self.ids("contacts", "contacts", ("email", row["email"].upper())), {row["id"]})
        self.assertEqual(self.ids("contacts", "contacts", ("email_like", "GMAIL")),
                         {r["id"] for r in rows if "gmail" in r["email"]})
        self.assertEqual(self.ids("contacts", "contacts", ("phone", "+1312")),
                         {r["id"] for r in rows if r["phone"].startswith("+1312")})
        self.assertEqual(self.ids("contacts", "contacts", ("search", "zoë 🏕️ Ålund")),
                         {r["id"] for r in rows if r["first_name"] == "Zoë 🏕️"})

    def test_unknown_parameters_change_nothing(self):
        self.assertEqual(self.get("contacts", ("filters[emial]", "x"), ("orders[nope]", "ASC"))["meta"]["total"], "1250")
        self.crm.configure({"ignore_filters": ["listid"]})
        self.assertEqual(self.get("contacts", listid=2)["meta"]["total"], "1250")

    def test_time_bounds(self):
        rows = self.truth("contacts")
        table = self.crm.table("contacts")
        bound = table.value(table.ids()[500], "created_at")
        stamps = [row["created_at"] for row in rows]
        text = timestamptz(bound)
        later = sum(stamp > text for stamp in stamps)
        same = stamps.count(text)
        for mode, extra in (("documented", 0), ("exclusive", 0), ("inclusive", same)):
            self.crm.configure({"bounds": mode})
            for value in (iso_z(bound), text):
                body = self.get("contacts", ("filters[created_after]", value))
                self.assertEqual(int(body["meta"]["total"]), later + extra, mode)
        self.crm.configure({"bounds": "day"})
        coarse = int(self.get("contacts", ("filters[created_after]", text))["meta"]["total"])
        self.assertLessEqual(coarse, later)
        self.assertLess(int(self.get("contacts", ("filters[updated_after]", "2026-11-01"))["meta"]["total"]), 1250)

    def test_orders(self):
        rows = self.walk("contacts", "contacts", ("orders[email]", "DESC"))
        emails = [row["email"] for row in rows]
        self.assertEqual(emails, sorted(emails, reverse=True))
        rows = self.walk("contacts", "contacts", ("orders[last_name]", "ASC"), ("orders[id]", "DESC"))
        keys = [(row["lastName"], -int(row["id"])) for row in rows]
        self.assertEqual(keys, sorted(keys))

    def test_segment_query_starts_empty(self):
        query = {"segmentid": 2, "limit": 100}
        expected = sum(row["segment_id"] == 2 for row in self.truth("segment_members"))
        self.assertEqual(self.get("contacts", **query)["meta"]["total"], "0")
        self.assertEqual(self.get("contacts", **query)["meta"]["total"], str(expected))
        self.assertEqual(self.get("contacts", offset=100, **query)["meta"]["total"], str(expected))
        self.assertEqual(self.get("contacts", now=REFERENCE_TIME + 2 * HOUR, **query)["meta"]["total"], "0")
        self.crm.configure({"segment_calls": 2})
        totals = [int(self.get("contacts", segmentid=3)["meta"]["total"]) for _ in range(4)]
        self.assertTrue(totals[0] == 0 < totals[1] < totals[2] == totals[3], totals)

    def test_alone_and_included(self):
        alone = self.get("contacts/25")
        self.assertEqual([str(row["id"]) for row in alone["contactLists"]], alone["contact"]["contactLists"])
        body = self.get("contacts", include="fieldValues,contactTags", limit=100)
        sideloaded = {row["id"] for row in body["fieldValues"]}
        self.assertEqual(sideloaded, {i for row in body["contacts"] for i in row["fieldValues"]})
        self.assertNotIn("contactLists", body)
        self.crm.configure({"ignore_include": True})
        self.assertNotIn("fieldValues", self.get("contacts", include="fieldValues"))

    def test_below(self):
        for table, sub in (("contact_lists", "contactLists"), ("contact_tags", "contactTags"),
                           ("contact_field_values", "fieldValues"), ("account_contacts", "accountContacts"),
                           ("bounce_logs", "bounceLogs"), ("contact_tracking_logs", "trackingLogs")):
            rows = self.truth(table)
            owner = rows[len(rows) // 2]["contact_id"]
            body = self.get("contacts/%d/%s" % (owner, sub), limit=100)
            self.assertNotIn("meta", body)
            self.assertEqual({int(row["id"]) for row in body[sub]}, {row["id"] for row in rows if row["contact_id"] == owner})


class Deals(Base):
    def test_stubs_are_rows_and_count(self):
        rows = self.walk("deals", "deals")
        stubs = [row for row in rows if row["isDisabled"]]
        self.assertEqual(len(rows), self.get("deals", limit=1)["meta"]["total"])
        self.assertTrue(0 < len(stubs) < 60)
        for stub in stubs:
            self.assertLessEqual(set(stub), {"id", "title", "status", "isDisabled"})
        truth = {row["id"]: row for row in self.truth("deals")}
        for stub in stubs:
            row = truth[int(stub["id"])]
            self.assertTrue(row["is_disabled"])
            self.assertEqual((stub.get("status", "0"), row["status"]), ("0", 0 if "status" in stub else None))
            self.assertEqual([name for name, value in row.items() if value is not None and name not in (
                "id", "title", "status", "status_label", "is_disabled", "raw")], [])
        meta = self.get("deals", limit=1)["meta"]["currencies"]
        self.assertEqual(sum(int(entry["total"]) for entry in meta.values()), len(rows))
        self.assertGreater(sum(int(entry["value"]) for entry in meta.values()),
                           sum(int(row.get("value", 0)) for row in rows))
        self.crm.configure({"restricted_deals": 0})
        self.assertFalse(any(row["is_disabled"] for row in self.truth("deals")))

    def test_filters_look_behind_stubs(self):
        truth = {row["id"]: row for row in self.truth("deals")}
        table = self.crm.table("deals")
        for status in (0, 1, 2):
            found = self.ids("deals", "deals", ("filters[status]", str(status)))
            self.assertEqual(found, {i for i in truth if table.value(i, "status") == status})
        shown = {i for i, row in truth.items() if row["status"] == 0}
        self.assertTrue(shown - self.ids("deals", "deals", ("filters[status]", "0")))
        for name in {row["title"] for row in truth.values() if row["is_disabled"]}:
            found = self.ids("deals", "deals", ("filters[title]", name))
            self.assertTrue({i for i, row in truth.items() if row["title"] == name} <= found)

    def test_filters_exact_by_documentation(self):
        self.crm.configure({"restricted_deals": 0})
        rows = self.truth("deals")
        for name, column in (("stage", "stage_id"), ("group", "pipeline_id"), ("owner", "owner_id"), ("status", "status")):
            self.assertEqual(self.ids("deals", "deals", ("filters[%s]" % name, "2")),
                             {row["id"] for row in rows if row[column] == 2}, name)
        bound = self.crm.table("deals").value(13, "created_at")
        text = timestamptz(bound)
        self.assertEqual(self.ids("deals", "deals", ("filters[created_after]", iso_z(bound))),
                         {row["id"] for row in rows if row["created_at"] >= text})
        self.assertEqual(self.ids("deals", "deals", ("filters[created_before]", iso_z(bound))),
                         {row["id"] for row in rows if row["created_at"] < text})

    def test_money_and_ties(self):
        rows = [row for row in self.walk("deals", "deals", ("orders[cdate]", "ASC")) if not row["isDisabled"]]
        values = {row["value"] for row in rows}
        self.assertTrue({"1", "1000000000000000"} <= values)
        self.assertTrue(all(row["currency"] == row["currency"].lower() for row in rows))
        stamps = [row["cdate"] for row in rows]
        self.assertGreater(max(stamps.count(stamp) for stamp in set(stamps)), 10)
        self.assertTrue({"-05:00", "-06:00"} == {stamp[-6:] for stamp in stamps})
        self.assertIn("2026-11-01T01:30:00-05:00", stamps)
        self.assertIn("2026-11-01T01:30:00-06:00", stamps)

    def test_no_deals(self):
        self.assertEqual(self.get("deals", ("filters[stage]", "999")), {"deals": [], "meta": {"currencies": [], "total": 0}})


# What equality is asked by: path, parameter, SQL column.  Those of SOME also keep
# rows that only contain the value.
EQUALITY = (
    ("accountContacts", "filters[contact]", "contact_id"), ("accountContacts", "filters[account]", "account_id"),
    ("accountCustomFieldData", "filters[customerAccountId]", "account_id"), ("campaigns", "filters[seriesid]", "automation_id"),
    ("connections", "filters[service]", "service"), ("connections", "filters[externalid]", "externalid"),
    ("dealActivities", "deal", "deal_id"), ("dealActivities", "filters[data_type]", "data_type"),
    ("dealActivities", "filters[data_id]", "data_id"), ("dealCustomFieldData", "filters[dealId]", "deal_id"),
    ("dealStages", "filters[d_groupid]", "pipeline_id"), ("dealTasks", "filters[assignee_userid]", "assignee_id"),
    ("dealTasks", "filters[d_tasktypeid]", "task_type_id"), ("dealTasks", "filters[outcome_id]", "outcome_id"),
    ("dealTasks", "filters[relid]", "rel_id"), ("dealTasks", "filters[reltype]", "rel_type"),
    ("dealTasks", "filters[status]", "status"), ("dealTasks", "filters[title]", "title"), ("dealTasks", "filters[userid]", "user_id"),
    ("ecomCustomers", "filters[connectionid]", "connection_id"), ("ecomCustomers", "filters[email]", "email"),
    ("ecomCustomers", "filters[externalid]", "externalid"), ("ecomOrders", "filters[connectionid]", "connection_id"),
    ("ecomOrders", "filters[customerid]", "customer_id"), ("ecomOrders", "filters[email]", "email"),
    ("ecomOrders", "filters[externalcheckoutid]", "externalcheckoutid"), ("ecomOrders", "filters[state]", "state"),
    ("emailActivities", "filters[dealId]", "deal_id"), ("emailActivities", "filters[subscriberid]", "contact_id"),
    ("fieldValues", "filters[fieldid]", "field_id"), ("fieldValues", "filters[val]", "value"),
    ("fields", "filters[perstag]", "perstag"), ("lists", "filters[name][eq]", "name"), ("tags", "filters[search][eq]", "tag"),
    ("webhooks", "filters[listid]", "list_id"), ("webhooks", "filters[name]", "name"), ("webhooks", "filters[url]", "url"),
)
SOME = (
    ("dealGroups", "filters[title]", "title"), ("dealStages", "filters[title]", "title"), ("deals", "filters[title]", "title"),
    ("lists/exclusions", "filters[matchPhrase]", "match_phrase"), ("lists", "filters[name][contains]", "name"),
    ("lists", "filters[name][starts_with]", "name"), ("personalizations", "filter[format]", "format"),
    ("personalizations", "filter[name]", "name"), ("personalizations", "filter[tag]", "tag"),
    ("tags", "filters[search][contains]", "tag"), ("tags", "filters[search][starts_with]", "tag"),
)


class Filters(Base):
    """What a query may be narrowed by, whatever the switches say."""

    def values(self, rows, column):
        """The first and the last values of a column."""
        found = sorted({row[column] for row in rows if row[column] not in (None, "")})
        return found[:3] + found[-3:]

    def asked(self, path, parameter, value):
        endpoint = BY_PATH[path]
        return self.ids(path, endpoint.rows, (parameter, str(value)))

    def test_equality(self):
        self.crm.configure({"case_insensitive": False})
        for path, parameter, column in EQUALITY + SOME:
            rows = self.truth(BY_PATH[path].table)
            for value in self.values(rows, column):
                wanted = {row["id"] for row in rows if row[column] == value}
                found = self.asked(path, parameter, value)
                self.assertTrue(wanted <= found, (path, parameter, value))
                if (path, parameter, column) in EQUALITY:
                    self.assertEqual(found, wanted, (path, parameter, value))
                self.crm.configure({"case_insensitive": True})
                self.assertTrue(wanted <= self.asked(path, parameter, value), (path, parameter, value))
                self.crm.configure({"case_insensitive": False})

    def test_each_can_be_ignored(self):
        for path, parameter, column in EQUALITY + SOME:
            rows = self.truth(BY_PATH[path].table)
            self.crm.configure({"ignore_filters": [parameter]})
            self.assertEqual(self.asked(path, parameter, self.values(rows, column)[0]), {row["id"] for row in rows}, parameter)
        self.crm.configure({"ignore_filters": ["id_greater", "id_less", "ids[]"]})
        body = self.get("contacts", ("ids[]", "7"), id_greater=100, id_less=200)
        self.assertEqual(body["meta"]["total"], "1250")

    def test_texts_with_case(self):
        rows = self.truth("contacts")
        email = next(row["email"] for row in rows if row["email"])
        for parameter, value in (("email", email.upper()), ("email_like", email.upper()[2:9]), ("search", email.upper())):
            for folded in (True, False):
                self.crm.configure({"case_insensitive": folded})
                self.assertEqual(bool(self.ids("contacts", "contacts", (parameter, value))), folded, parameter)

    def test_blanks_around_values(self):
        tag = next(row for row in self.truth("tags") if row["tag"] != row["tag"].strip())
        self.crm.configure({"case_insensitive": False})
        self.assertEqual(self.asked("tags", "filters[search][eq]", tag["tag"]), {tag["id"]})
        self.crm.configure({"trim_values": True})
        self.assertEqual(self.asked("tags", "filters[search][eq]", tag["tag"]), set())

    def test_element(self):
        for wanted in (1, 2):
            self.assertEqual(self.asked("lists/exclusions", "filters[lists][]", wanted),
                             {row["id"] for row in self.truth("list_exclusions") if wanted in row["list_ids"]})

    def test_bounds_of_every_time(self):
        for path, name, column in (("contacts", "created", "created_at"), ("contacts", "updated", "updated_at"),
                                   ("deals", "created", "created_at"), ("deals", "updated", "updated_at"),
                                   ("dealTasks", "due", "duedate")):
            rows = [row for row in self.truth(BY_PATH[path].table) if row[column]]
            bound = sorted(row[column] for row in rows)[len(rows) // 2]
            for mode, below, above in (("inclusive", "<=", ">="), ("exclusive", "<", ">")):
                self.crm.configure({"bounds": mode, "restricted_deals": 0})
                self.assertEqual(self.asked(path, "filters[%s_before]" % name, bound),
                                 {row["id"] for row in rows if row[column] < bound or mode == "inclusive" and row[column] == bound}, below)
                self.assertEqual(self.asked(path, "filters[%s_after]" % name, bound),
                                 {row["id"] for row in rows if row[column] > bound or mode == "inclusive" and row[column] == bound}, above)

    def test_bounds_by_another_clock(self):
        """Around a moment before and after which deals were made within the hour."""
        moment = FALL_BACK
        found = {}
        for mode in ("documented", "day"):
            for clock in (-12, 0, 14):
                self.crm.configure({"bounds": mode, "bounds_clock": clock})
                limit = moment - clock * HOUR
                if mode == "day":
                    limit = (moment // DAY + 1) * DAY - clock * HOUR
                found[mode, clock] = self.asked("deals", "filters[created_after]", iso_z(moment))
                table = self.crm.table("deals")
                self.assertEqual(found[mode, clock], {i for i in table.ids() if table.value(i, "created_at") >= limit})
        self.assertGreater(len(set(map(frozenset, found.values()))), 2)

    def test_bounds_of_ids(self):
        ids = [row["id"] for row in self.truth("contacts")]
        for mode, extra in (("documented", 0), ("exclusive", 0), ("day", 0), ("inclusive", 1)):
            self.crm.configure({"bounds": mode})
            self.assertEqual(self.get("contacts", id_greater=ids[-4])["meta"]["total"], str(3 + extra))
            self.assertEqual(self.get("contacts", ("orders[id]", "DESC"), id_less=ids[3])["meta"]["total"], str(3 + extra))


class Routes(Base):
    """Single records and lists below one record."""

    def test_every_single_record(self):
        paths = [(endpoint.path, endpoint.table) for endpoint in ENDPOINTS if endpoint.single]
        paths += [(path, name) for path, (name, _) in SINGLES.items()]
        for path, table in paths:
            if table not in self.crm.tables():
                continue
            for row in self.truth(table)[:3]:
                body = self.get("%s/%d" % (path, row["id"]))
                found = [body] + [value for value in body.values() if isinstance(value, dict)]
                self.assertIn(str(row["id"]), {str(record.get("id")) for record in found}, path)
            self.assertIn(b"No Result found", self.ask(path + "/987654321").body, path)

    def test_an_exclusion_has_no_envelope(self):
        self.assertEqual(self.get("lists/exclusions/2"), self.truth("list_exclusions")[1]["raw"])

    def test_what_is_missing_alone_or_below(self):
        for path, singular, missing in (("accounts", "account", "contactCount dealCount"),
                                        ("accountCustomFieldMeta", "accountCustomFieldMetum", "personalization hideFieldFlag"),
                                        ("forms", "form", "contacts deals defaultscreenshot recent"),
                                        ("connections", "connection", "status syncStatus lastSync"),
                                        ("ecomOrders", "ecomOrder", "orderProducts"), ("dealGroups", "dealGroup", "count")):
            listed, alone = self.get(path)[path][0], self.get(path + "/1")[singular]
            self.assertTrue(set(missing.split()) <= set(listed) - set(alone), path)
        membership = next(row for row in self.truth("contact_lists") if row["channel"])
        below = self.get("contacts/%d/contactLists" % membership["contact_id"])["contactLists"]
        self.assertFalse(any("channel" in row for row in below))
        run = self.truth("contact_automations")[0]
        below, = self.get("contacts/%d/contactAutomations" % run["contact_id"])["contactAutomations"]
        self.assertEqual(below["totalElements"], run["total_elements"])

    def test_records_outlive_their_contact(self):
        for table, path in (("contact_tags", "contactTags"), ("contact_lists", "contactLists"), ("deals", "deals"),
                            ("contact_field_values", "fieldValues"), ("contact_automations", "contactAutomations")):
            owner = next(row["contact_id"] for row in self.truth(table) if row["contact_id"])
            self.crm.delete("contacts", [owner])
            self.assertEqual(self.ask("contacts/%d/%s" % (owner, path)).status, 404, path)
            self.assertIn(owner, {int(row["contact"]) for row in self.walk(path, path) if "contact" in row}, path)

    def test_products_of_an_order(self):
        products = self.truth("ecommerce_order_products")
        self.assertEqual(self.ids("ecomOrders/4/orderProducts", "ecomOrderProducts"),
                         {row["id"] for row in products if row["order_id"] == 4})



class Others(Base):
    def test_refusals(self):
        self.assertEqual(self.ask("contacts", key="wrong").status, 403)
        self.assertEqual(json.loads(self.ask("contacts", key="wrong").body), {"message": "Forbidden"})
        for path, status, model in (("contacts/8", 404, "Subscriber"), ("forms/99", 403, "Form"),
                                    ("fieldValues/99999", 403, "FieldValue"), ("lists/99", 404, "_List"),
                                    ("contacts/8/notes", 404, "Subscriber")):
            response = self.ask(path)
            self.assertEqual(response.status, status, path)
            self.assertIn(b"No Result found for %s with id" % model.encode(), response.body)
        self.assertEqual(self.ask("nothing").status, 404)
        self.assertEqual(self.ask("ecomOrders", ("filters[connectionid]", "0")).status, 422)
        self.crm.configure({"feature_off": ["deals"]})
        self.assertEqual(self.ask("deals").status, 403)
        self.assertEqual(self.ask("dealStages").status, 200)
        self.assertEqual(self.ask("settings/account").status, 200)
        self.crm.configure({"admin_key": False})
        self.assertEqual(self.ask("settings/account").status, 403)
        self.assertEqual(self.ask("users/me").status, 200)
        limited = self.crm.too_many_requests(3)
        self.assertEqual((limited.status, limited.headers["Retry-After"]), (429, "3"))
        within = self.ask("users/me")
        self.assertNotIn("RateLimit-Remaining", within.headers)
        self.crm.announce_limit(within, 5, 2)
        self.assertEqual(within.headers["RateLimit-Remaining"], "2")

    def test_operators(self):
        names = {row["tag"] for row in self.truth("tags")}
        for operator, test in (("eq", lambda n: n == "vip"), ("contains", lambda n: "vip" in n),
                               ("starts_with", lambda n: n.startswith("vip")), ("neq", lambda n: n != "vip")):
            self.crm.configure({"case_insensitive": False})
            found = {row["tag"] for row in self.walk("tags", "tags", ("filters[search][%s]" % operator, "vip"))}
            self.assertEqual(found, {name for name in names if test(name)}, operator)
        self.crm.configure({"case_insensitive": True})
        self.assertEqual(len(self.walk("tags", "tags", ("filters[search][starts_with]", "VIP"))), 2)

    def test_types_differ_alone(self):
        listed, alone = self.get("ecomOrders")["ecomOrders"][0], self.get("ecomOrders/1")["ecomOrder"]
        self.assertIsInstance(listed["totalPrice"], int)
        self.assertEqual(str(listed["totalPrice"]), alone["totalPrice"])
        self.assertIsInstance(self.get("dealTasks")["dealTasks"][0]["status"], int)
        self.assertIsInstance(self.get("dealTasks/1")["dealTask"]["status"], str)
        self.assertNotIn("screenshot", self.get("automations/1")["automation"])

    def test_counts_of_accounts(self):
        self.assertEqual({row["contactCount"] for row in self.walk("accounts", "accounts")}, {"0"})
        counted = self.walk("accounts", "accounts", ("count_deals", "true"))
        deals = self.crm.table("deals")
        for row in counted:
            self.assertEqual(int(row["dealCount"]), len(deals.equal("account_id", int(row["id"]))))

    def test_secrets_and_long_texts(self):
        self.assertIn("token", self.get("calendars")["calendars"][0])
        self.assertNotIn("token", self.truth("calendars")[0]["raw"])
        self.assertGreater(max(len(row["note"].encode()) for row in self.truth("notes")), 200_000)

    def test_truth_counts(self):
        for table in self.crm.tables():
            rows = self.truth(table)
            self.assertEqual(len(rows), self.crm.count(table), table)
            self.assertTrue(rows, table)
            self.assertIn("raw", rows[0], table)
        members = [(row["list_id"], row["id"]) for row in self.truth("list_members")]
        self.assertEqual(len(members), len(set(members)))
        self.assertEqual(set(members), {(row["list_id"], row["contact_id"]) for row in self.truth("contact_lists")})

    def test_mutations_show_everywhere(self):
        gone, = self.crm.delete("contacts", [25])
        new, = self.crm.insert("contacts", 1, {"email": "new@example.org"})
        self.assertEqual(self.ask("contacts/%d" % gone).status, 404)
        self.assertEqual(self.get("contacts", email="new@example.org")["contacts"][0]["id"], str(new))
        self.assertNotIn(gone, {row["id"] for row in self.truth("list_members")})
        membership, = self.crm.insert("contact_lists", 1, {"contact_id": new, "list_id": 6, "status": 1})
        self.assertIn((6, new), {(row["list_id"], row["id"]) for row in self.truth("list_members")})
        self.assertEqual([row["id"] for row in self.get("contacts/%d/contactLists" % new)["contactLists"]], [str(membership)])
        self.crm.update("contacts", [new], {"updated_at": iso_z(REFERENCE_TIME + DAY)})
        self.assertEqual(self.get("contacts", ("filters[updated_after]", iso_z(REFERENCE_TIME + SECOND)))["meta"]["total"], "1")


class Scale(Base):
    def test_a_million_contacts_cost_nothing(self):
        tracemalloc.start()
        started = time.monotonic()
        crm = ActiveCampaign(Options(scale={("activecampaign", "contacts"): 1_000_000}))
        last = 0
        for _ in range(3):
            body = self.get("contacts", ("orders[id]", "ASC"), crm=crm, id_greater=last, limit=100)
            last = int(body["contacts"][-1]["id"])
        far = self.get("contacts", ("orders[id]", "ASC"), crm=crm, id_greater=2_999_900, limit=100)["contacts"]
        self.assertTrue(far)
        owner = int(far[0]["id"])
        self.get("contacts/%d/fieldValues" % owner, crm=crm)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        self.assertLess(peak, 40 * 1024 * 1024)
        self.assertLess(time.monotonic() - started, 5)

    def test_other_sizes(self):
        crm = ActiveCampaign(Options(scale={("activecampaign", "contacts"): 12_500, ("activecampaign", "deals"): 10_000,
                                            ("activecampaign", "lists"): 2}))
        self.assertEqual(crm.count("contacts"), 12_500)
        members = [(row["list_id"], row["contact_id"]) for row in map(crm.table("contact_lists").record, crm.table("contact_lists").ids())]
        self.assertEqual(len(members), len(set(members)))
        self.assertEqual(self.get("deals", crm=crm, limit=1)["meta"]["total"], 10_000)


if __name__ == "__main__":
    unittest.main()
