#!/usr/bin/python3
"""What narrows Aircall's lists, against the truth; no server, no network."""
import base64
import json
import unittest

from crm_sandbox.aircall import Aircall
from crm_sandbox.model import REFERENCE_TIME, Options, Request
from crm_sandbox.wire import SECOND

CREDENTIAL = "Basic " + base64.b64encode(b"sandbox-id:sandbox-aircall-token-77").decode()


class Base(unittest.TestCase):
    """One account; switches and mutations are undone after every test."""

    crm = Aircall(Options())

    def tearDown(self):
        self.crm.reset(data=bool(self.crm.mutations))

    def ask(self, path, *pairs):
        return self.crm.handle(Request("GET", path, pairs, headers={"authorization": CREDENTIAL},
                                       now=REFERENCE_TIME))

    def get(self, path, *pairs):
        response = self.ask(path, *pairs)
        self.assertEqual(200, response.status, response.body[:300])
        return json.loads(response.body)

    def ids(self, path, key, *pairs):
        """Ids of all records, page by page, checked against the total."""
        found, page = [], 1
        while True:
            body = self.get(path, *pairs, ("per_page", "50"), ("page", str(page)))
            found += [row["id"] for row in body[key]]
            if page * 50 >= body["meta"]["total"]:
                self.assertEqual(body["meta"]["total"], len(found))
                return found
            page += 1

    def truth(self, table, test=lambda row: True, column="id"):
        return [row[column] for row in self.crm.truth(table) if test(row)]

    def searched(self, *pairs):
        return self.ids("/v1/calls/search", "calls", *pairs)


class SearchTest(Base):
    """Filters of calls and contacts."""

    def test_direction(self):
        for direction in ("inbound", "outbound"):
            expected = self.truth("calls", lambda row, d=direction: row["direction"] == d)
            self.assertEqual(expected, self.searched(("direction", direction)))
        self.assertEqual([], self.searched(("direction", "INBOUND")))
        self.crm.configure({"ignore_case": True})
        self.assertEqual(self.truth("calls", lambda row: row["direction"] == "inbound"),
                         self.searched(("direction", "INBOUND")))

    def test_every_user(self):
        for user in self.truth("users"):
            self.assertEqual(self.truth("calls", lambda row, u=user: row["user_id"] == u),
                             self.searched(("user_id", str(user))))

    def test_both_users_of_a_transferred_call(self):
        call = next(row for row in self.crm.truth("calls") if row["transferred_to_id"]
                    and row["transferred_to_id"] != row["user_id"])
        user = call["transferred_to_id"]
        self.assertNotIn(call["id"], self.searched(("user_id", str(user))))
        self.crm.configure({"both_users": True})
        found = self.searched(("user_id", str(user)))
        self.assertIn(call["id"], found)
        self.assertLessEqual(set(self.truth("calls", lambda row: row["user_id"] == user)),
                             set(found))

    def test_filters_are_combined(self):
        user = self.truth("users")[0]
        calls = list(self.crm.truth("calls"))
        low, high = (self.get("/v1/calls/%d" % calls[i]["id"])["call"]["started_at"]
                     for i in (700, 1900))
        expected = [row["id"] for row in calls[:1901] if row["user_id"] == user
                    and row["direction"] == "outbound"
                    and low < self.get("/v1/calls/%d" % row["id"])["call"]["started_at"]]
        self.assertEqual(expected, self.searched(
            ("user_id", str(user)), ("direction", "outbound"), ("from", str(low)),
            ("to", str(high))))

    def test_tags(self):
        first, second = next(row["tag_ids"] for row in self.crm.truth("calls")
                             if len(row["tag_ids"]) > 1)[:2]
        both = self.truth("calls", lambda row: {first, second} <= set(row["tag_ids"]))
        self.assertEqual(both, self.searched(("tags[]", str(first)), ("tags[]", str(second))))
        self.assertEqual([], self.searched(("tags", "%d,%d" % (first, second))))

    def test_unknown_values(self):
        self.assertEqual([], self.searched(("direction", "sideways")))
        self.assertEqual([], self.searched(("user_id", "1")))
        self.crm.configure({"refuse_unknown": True})
        self.assertEqual(400, self.ask("/v1/calls/search", ("direction", "sideways")).status)
        self.assertEqual(404, self.ask("/v1/calls/search", ("user_id", "1")).status)
        user = self.truth("users")[0]
        self.assertTrue(self.searched(("direction", "inbound"), ("user_id", str(user))))

    def test_email_of_contacts(self):
        address = next(row for row in self.crm.truth("contact_emails")
                       if row["value"] != row["value"].lower())
        path = "/v1/contacts/search"
        lower = ("email", address["value"].lower())
        self.assertEqual([address["contact_id"]],
                         self.ids(path, "contacts", ("email", address["value"])))
        self.assertEqual([], self.ids(path, "contacts", lower))
        self.crm.configure({"ignore_case": True})
        self.assertEqual([address["contact_id"]], self.ids(path, "contacts", lower))


class OrderTest(Base):
    """order and order_by of contacts."""

    NEWEST = (("order_by", "updated_at"), ("order", "desc"))

    def listed(self, *pairs):
        return self.ids("/v1/contacts", "contacts", *pairs)

    def expected(self, column, desc=False):
        rows = [(row[column], row["id"]) for row in self.crm.truth("contacts")]
        return [row_id for _, row_id in sorted(rows, reverse=desc)]

    def test_orders(self):
        self.assertEqual(self.expected("created_at"), self.listed())
        self.assertEqual(self.expected("created_at", desc=True), self.listed(("order", "desc")))
        self.assertEqual(self.expected("updated_at"), self.listed(("order_by", "updated_at")))
        self.assertEqual(self.expected("updated_at", desc=True), self.listed(*self.NEWEST))

    def test_ignored(self):
        self.crm.configure({"ignore_filters": ["order_by"]})
        self.assertEqual(self.expected("created_at", desc=True), self.listed(*self.NEWEST))

    def test_changes_move_to_the_front(self):
        changed = self.truth("contacts")[300]
        self.crm.update("contacts", [changed], {"updated_at": "2026-11-20T11:59:59Z"})
        self.assertEqual(changed, self.listed(*self.NEWEST)[0])

    def test_without_a_time(self):
        undated = self.truth("contacts")[300]
        self.crm.update("contacts", [undated], {"updated_at": None})
        self.assertEqual(undated, self.listed(*self.NEWEST)[-1])
        self.crm.configure({"undated_first": True})
        self.assertEqual(undated, self.listed(*self.NEWEST)[0])

    def test_total_that_says_nothing(self):
        self.crm.configure({"largest_total": -1})
        self.assertEqual(-1, self.get("/v1/contacts")["meta"]["total"])


class BoundsTest(Base):
    """from and to, read in each way."""

    LISTS = (("/v1/calls", "calls", "started_at", True),
             ("/v1/calls/search", "calls", "started_at", True),
             ("/v1/contacts", "contacts", "created_at", False),
             ("/v1/contacts/search", "contacts", "created_at", False))

    def check(self, path, key, column, includes):
        """Compares the window between the 101st and 301st record with includes(low, high, t)."""
        rows = [self.get("/v1/%s/%d" % (key, i))[key[:-1]] for i in self.truth(key)[:400]]
        low, high = rows[100][column], rows[300][column]
        found = self.ids(path, key, ("from", str(low)), ("to", str(high)))
        self.assertEqual([row["id"] for row in rows if includes(low, high, row[column])], found,
                         path)

    def test_documented(self):
        for path, key, column, from_exclusive in self.LISTS:
            self.check(path, key, column, lambda low, high, t, x=from_exclusive:
                       low + x <= t <= high)

    def test_inclusive(self):
        self.crm.configure({"bounds": "inclusive"})
        for path, key, column, _ in self.LISTS:
            self.check(path, key, column, lambda low, high, t: low <= t <= high)

    def test_exclusive(self):
        self.crm.configure({"bounds": "exclusive"})
        for path, key, column, _ in self.LISTS:
            self.check(path, key, column, lambda low, high, t: low < t < high)

    def test_a_second_more_on_both_sides_does_in_each(self):
        rows = self.get("/v1/calls", ("per_page", "50"))["calls"]
        low, high = rows[10]["started_at"], rows[40]["started_at"]
        expected = {row["id"] for row in rows if low <= row["started_at"] <= high}
        for bounds in ("documented", "inclusive", "exclusive"):
            self.crm.configure({"bounds": bounds})
            found = self.ids("/v1/calls", "calls", ("from", str(low - 1)), ("to", str(high + 1)))
            self.assertLessEqual(expected, set(found), bounds)

    def test_lists_of_users_and_numbers(self):
        self.crm.configure({"bounds": "exclusive"})
        numbers = self.truth("numbers")
        low, high = (str(self.crm.model.numbers.value(numbers[i], "created_at") // SECOND)
                     for i in (2, 5))
        found = self.ids("/v1/numbers", "numbers", ("from", low), ("to", high))
        self.assertEqual(numbers[3:5], found)

    def test_unknown_word(self):
        with self.assertRaises(ValueError):
            self.crm.configure({"bounds": "sometimes"})


class IgnoredTest(Base):
    """Parameters that are ignored."""

    def test_one(self):
        self.crm.configure({"ignore_filters": ["direction"]})
        user = self.truth("users")[0]
        self.assertEqual(self.truth("calls", lambda row: row["user_id"] == user), self.searched(
            ("direction", "outbound"), ("user_id", str(user))))

    def test_all_but_paging_and_flags(self):
        self.crm.configure({"ignore_filters": ["*"]})
        everything = self.truth("calls")
        self.assertEqual(everything, self.searched(
            ("direction", "outbound"), ("user_id", "1"), ("from", "2000000000"), ("to", "1"),
            ("order", "desc"), ("tags[]", "1"), ("phone_number", "+1")))
        calls = self.get("/v1/calls", ("per_page", "50"), ("fetch_contact", "true"))["calls"]
        self.assertTrue(any(call["contact"] for call in calls))


class SingleTest(Base):
    """Paths to one record."""

    def test_same_as_in_the_list(self):
        for path, key, one in (("/v1/calls", "calls", "call"), ("/v2/users", "users", "user"),
                               ("/v1/contacts", "contacts", "contact")):
            flags = [("fetch_contact", "true"), ("fetch_short_urls", "true")]
            for row in self.get(path, *flags)[key]:
                self.assertEqual(row, self.get("%s/%d" % (path, row["id"]), *flags)[one])
            self.assertEqual(404, self.ask(path + "/1").status)

    def test_differences(self):
        for path, key, one, differing in (
                ("/v1/teams", "teams", "team", {"users"}),
                ("/v1/numbers", "numbers", "number", {"users", "priority", "messages"}),
                ("/v1/tags", "tags", "tag", {"direct_link"})):
            seen = set()
            for row in self.get(path)[key]:
                single = self.get("%s/%d" % (path, row["id"]))[one]
                seen |= {name for name in single if name not in row or single[name] != row[name]}
                self.assertLessEqual(set(row), set(single))
            self.assertEqual(differing, seen, path)

    def test_user_by_email(self):
        user = next(row for row in self.crm.truth("users") if "+" in row["email"])
        self.assertEqual(user["id"], self.get("/v2/users/" + user["email"])["user"]["id"])
        upper = "/v2/users/" + user["email"].upper()
        self.assertEqual(404, self.ask(upper).status)
        self.crm.configure({"ignore_case": True})
        self.assertEqual(user["id"], self.get(upper)["user"]["id"])

    def test_availability(self):
        for row in self.crm.truth("user_availabilities"):
            self.assertEqual({"availability": row["availability"]},
                             self.get("/v1/users/%d/availability" % row["id"]))

    def test_parts_of_one_call_and_one_contact(self):
        for table, path, one, array, parent in (
                ("call_comments", "/v1/calls/%d", "call", "comments", "call_id"),
                ("call_tags", "/v1/calls/%d", "call", "tags", "call_id"),
                ("call_teams", "/v1/calls/%d", "call", "teams", "call_id"),
                ("call_participants", "/v1/calls/%d", "call", "conference_participants", "call_id"),
                ("contact_emails", "/v1/contacts/%d", "contact", "emails", "contact_id"),
                ("contact_phone_numbers", "/v1/contacts/%d", "contact", "phone_numbers",
                 "contact_id")):
            rows = list(self.crm.truth(table))
            chosen = rows[len(rows) // 2][parent]
            record = self.get(path % chosen)[one]
            self.assertEqual([row["raw"] for row in rows if row[parent] == chosen],
                             record[array], table)

    def test_timeline_of_one_call(self):
        for table, flag, array in (
                ("call_ivr_options", "fetch_call_timeline", "ivr_options_selected"),
                ("call_ai_voice_agents", "fetch_aiva_conv", "ai_voice_agents")):
            rows = list(self.crm.truth(table))
            call = rows[0]["call_id"]
            record = self.get("/v1/calls/%d" % call, (flag, "true"))["call"]
            self.assertEqual([row["raw"] for row in rows if row["call_id"] == call],
                             record[array], table)


if __name__ == "__main__":
    unittest.main()
