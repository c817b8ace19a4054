#!/usr/bin/python3
"""
Checks that the emulator does what it promises: selftest.py [ENTRY]

Starts ENTRY (default: sandbox.py beside this file) on a free port and talks to
it as a client would.  Standard library only.
"""
import base64
import gzip
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from urllib.parse import urlencode

HERE = os.path.dirname(os.path.abspath(__file__))
ENTRY = sys.argv.pop(1) if len(sys.argv) > 1 and sys.argv[1].endswith(".py") else \
    os.path.join(HERE, "sandbox.py")
AIRCALL = {"Authorization": "Basic " + base64.b64encode(
    b"sandbox-id:sandbox-aircall-token-77").decode()}


class Instance:
    """A running emulator and a client for it."""

    def __init__(self, *arguments):
        self.directory = tempfile.TemporaryDirectory()
        port_file = os.path.join(self.directory.name, "port")
        started = time.monotonic()
        self.process = subprocess.Popen([sys.executable, ENTRY, "--port-file", port_file,
                                         *arguments], stdout=subprocess.PIPE, text=True)
        self.greeting = self.process.stdout.readline()
        self.startup = time.monotonic() - started
        if not self.greeting.startswith("listening on "):
            self.process.wait(10)
            raise AssertionError("the sandbox did not start")
        with open(port_file, encoding="ascii") as file:
            self.port = int(file.read())

    def stop(self):
        """Exit status after SIGTERM."""
        self.process.terminate()
        status = self.process.wait(10)
        self.process.stdout.close()
        self.directory.cleanup()
        return status

    def raw(self, method, target, headers=None, body=None):
        """(status, headers, body bytes)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, target, body, headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def get(self, path, headers=None, **query):
        """(status, parsed body) of an Aircall request; from_ stands for from."""
        pairs = {name.rstrip("_"): value for name, value in query.items()}
        target = path + ("?" + urlencode(pairs, doseq=True) if pairs else "")
        status, _, body = self.raw("GET", target, AIRCALL if headers is None else headers)
        return status, json.loads(body)

    def control(self, method, path, value=None):
        """Parsed answer of the control plane."""
        body = None if value is None else json.dumps(value)
        status, _, answer = self.raw(method, "/_sandbox/" + path, body=body)
        if status != 200:
            raise AssertionError("%s %s: %d %s" % (method, path, status, answer))
        return json.loads(answer)

    def truth(self, crm, table):
        """All SQL rows of a table."""
        _, _, body = self.raw("GET", "/_sandbox/truth/%s/%s" % (crm, table))
        return [json.loads(line) for line in body.splitlines()]

    def pages(self, path, key, **query):
        """All rows of a list, page by page."""
        rows, page = [], 1
        while True:
            status, body = self.get(path, page=page, per_page=50, **query)
            if status != 200:
                raise AssertionError("page %d: %s" % (page, body))
            rows += body[key]
            if not body[key] or page * 50 >= body["meta"]["total"]:
                return rows
            page += 1


class SandboxTest(unittest.TestCase):
    """Base: one instance for all tests, put back to the start before each."""

    @classmethod
    def setUpClass(cls):
        cls.box = Instance()

    @classmethod
    def tearDownClass(cls):
        assert cls.box.stop() == 0

    def setUp(self):
        self.box.control("POST", "reset", {"data": True})

    def fault(self, kind, path="/v1/tags", **more):
        self.box.control("POST", "fault", {"kind": kind, "path": path, **more})


class CoreTest(SandboxTest):
    """Server, log, limits, control plane."""

    def test_start(self):
        self.assertIn("listening on http://127.0.0.1:%d" % self.box.port, self.box.greeting)
        self.assertLess(self.box.startup, 3)
        self.assertTrue(self.box.control("GET", "health")["ok"])

    def test_unknown_path(self):
        status, headers, _ = self.box.raw("GET", "/nowhere")
        self.assertEqual(404, status)
        self.assertTrue(headers["Content-Type"].startswith("text/plain"))

    def test_gzip(self):
        plain = self.box.raw("GET", "/v1/contacts", AIRCALL)
        packed = self.box.raw("GET", "/v1/contacts", {**AIRCALL, "Accept-Encoding": "gzip"})
        self.assertEqual("gzip", packed[1]["Content-Encoding"])
        self.assertNotIn("Content-Encoding", plain[1])
        self.assertEqual(plain[2], gzip.decompress(packed[2]))

    def test_log_knows_the_request_and_no_secret(self):
        start = self.box.control("GET", "health")["seq"]
        self.box.get("/v1/contacts/search", phone_number="+16175550142")
        log = self.box.control("GET", "log?since=%d&crm=aircall" % start)
        self.assertEqual(1, len(log))
        self.assertEqual([["phone_number", "+16175550142"]], log[0]["query"])
        self.assertEqual(200, log[0]["status"])
        self.assertNotIn("token-77", json.dumps(log))
        self.assertEqual(1, self.box.control("GET", "stats")["crms"]["aircall"]["requests"])

    def test_concurrency_is_seen(self):
        self.box.control("POST", "config", {"latency_ms": 150})
        threads = [threading.Thread(target=self.box.get, args=("/v1/ping",)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(4, self.box.control("GET", "stats")["max_in_flight"])

    def test_keep_alive(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.box.port, timeout=10)
        for _ in range(3):
            connection.request("GET", "/v1/ping", headers=AIRCALL)
            connection.getresponse().read()
        connection.close()
        self.assertEqual(1, len({entry["connection"] for entry in self.box.control("GET", "log")}))

    def test_rate_limit(self):
        self.box.control("POST", "config", {"rate_limit": {"aircall": {"limit": "3/min",
                                                                       "block": 1}}})
        answers = [self.box.raw("GET", "/v1/ping", AIRCALL) for _ in range(4)]
        self.assertEqual([200, 200, 200, 429], [answer[0] for answer in answers])
        self.assertGreaterEqual(int(answers[3][1]["X-AircallApi-Reset"]), int(time.time()))
        self.assertTrue(self.box.control("GET", "log")[3]["throttled"])
        self.assertEqual({"passed": 3, "refused": 1, "used": None},
                         self.box.control("GET", "stats")["limits"]["aircall"])
        self.box.control("POST", "config", {"rate_limit": {"aircall": None}})
        self.assertEqual(200, self.box.get("/v1/ping")[0])

    def test_mistakes_are_refused(self):
        for path, value in (("config", {"latencyms": 1}), ("fault", {"kind": "nonsense"}),
                            ("mutate", {"crm": "aircall", "table": "nonsense", "op": "insert"}),
                            ("config", {"switches": {"aircall": {"nonsense": 1}}})):
            status, _, _ = self.box.raw("POST", "/_sandbox/" + path, body=json.dumps(value))
            self.assertEqual(400, status, path)

    def test_every_truth_matches_its_count(self):
        for crm, tables in self.box.control("GET", "tables").items():
            for table in tables:
                with self.subTest(crm=crm, table=table):
                    count = self.box.control("GET", "count/%s/%s" % (crm, table))["count"]
                    _, _, body = self.box.raw("GET", "/_sandbox/truth/%s/%s" % (crm, table))
                    self.assertEqual(count, len(body.splitlines()))

    def test_two_instances_agree(self):
        other = Instance()
        try:
            for table in ("calls", "contact_emails", "call_summaries"):
                self.assertEqual(self.box.truth("aircall", table), other.truth("aircall", table))
        finally:
            other.stop()

    def test_scale(self):
        other = Instance("--scale", "aircall.calls=7", "aircall.contacts=0")
        try:
            self.assertEqual(7, other.get("/v1/calls")[1]["meta"]["total"])
            self.assertEqual([], other.get("/v1/contacts")[1]["contacts"])
        finally:
            other.stop()


class FaultTest(SandboxTest):
    """Each fault does what its name says."""

    def answer(self):
        return self.box.raw("GET", "/v1/tags?per_page=2", AIRCALL)

    def test_rule(self):
        self.fault("status", after=1, times=2, params={"code": 503})
        self.assertEqual([200, 503, 503, 200], [self.answer()[0] for _ in range(4)])
        self.assertEqual(200, self.box.get("/v1/company")[0])

    def test_probability(self):
        self.fault("status", probability=0.5)
        seen = {self.answer()[0] for _ in range(40)}
        self.assertEqual({200, 500}, seen)

    def kinds_by_page(self, pages):
        """What each page of /v1/tags got, by a rule that strikes half of them."""
        self.box.control("DELETE", "fault")
        self.box.control("DELETE", "log")
        self.box.control("POST", "fault", {
            "kinds": [{"kind": "empty"}, {"kind": "status", "params": {"code": 502}}],
            "probability": 0.5, "seed": 7})
        for page in pages:
            self.box.raw("GET", "/v1/tags?page=%d" % page, AIRCALL)
        return {entry["query"][0][1]: (entry["fault"], entry["fault_params"])
                for entry in self.box.control("GET", "log")}

    def test_kinds_by_chance(self):
        found = self.kinds_by_page(range(40))
        self.assertEqual({kind for kind, _ in found.values()}, {None, "empty", "status"})
        self.assertIn(("status", {"code": 502}), found.values())
        self.assertEqual(found, self.kinds_by_page(reversed(range(40))))
        for wrong in ({"kinds": []}, {"kinds": [{"kind": "rain"}]},
                      {"kind": "empty", "kinds": [{"kind": "empty"}]}):
            status, _, _ = self.box.raw("POST", "/_sandbox/fault", body=json.dumps(wrong))
            self.assertEqual(status, 400)

    def test_duplicate_of_the_same_list(self):
        _, first = self.box.get("/v1/calls", page=1, per_page=5)
        self.box.get("/v1/calls", page=1, per_page=5, order="desc")
        self.fault("duplicate_page", "/v1/calls", params={"same_list": True})
        _, second = self.box.get("/v1/calls", page=2, per_page=5)
        self.assertEqual([c["id"] for c in second["calls"]], [c["id"] for c in first["calls"]])
        self.box.control("DELETE", "fault")
        self.fault("duplicate_page", "/v1/calls", params={"same_list": True})
        _, forgotten = self.box.get("/v1/calls", page=2, per_page=5)
        self.assertNotEqual(forgotten["calls"], second["calls"])

    def own_list(self, **spec):
        self.box.control("POST", "list", {"crm": "aircall", "path": "/v1/own", **spec})

    def test_own_list(self):
        rows = [{"id": number} for number in range(1, 121)]
        self.own_list(key="data/items", rows=rows)
        status, body = self.box.get("/v1/own", page=3, per_page=50)
        self.assertEqual((200, rows[100:]), (status, body["data"]["items"]))
        self.assertEqual({"count": 20, "total": 120, "current_page": 3, "per_page": 50}, body["meta"])
        self.assertEqual(rows[:50], self.box.get("/v1/own", per_page=99)[1]["data"]["items"])
        self.assertEqual(401, self.box.get("/v1/own", headers={})[0])
        self.own_list(key="items", rows=rows, total=False, ignore=["page"], largest=30)
        self.assertEqual({"items": rows[:30]}, self.box.get("/v1/own", page=3, per_page=50)[1])
        self.own_list(rows=rows, then=[{"after": 1, "rows": rows[1:3]}])
        self.assertEqual(rows[:20], self.box.get("/v1/own")[1])
        self.assertEqual(rows[1:3], self.box.get("/v1/own")[1])
        for wrong in ({"path": "/v1/own"}, {"path": "/v3/own", "rows": []}, {"path": "/v1/own", "rows": [], "paged": 1}):
            status, _, _ = self.box.raw("POST", "/_sandbox/list", body=json.dumps({"crm": "aircall", **wrong}))
            self.assertEqual(status, 400)
        self.box.control("POST", "reset")
        self.assertEqual(404, self.box.get("/v1/own")[0])

    def test_own_lists_of_the_others(self):
        rows = [{"id": number} for number in range(1, 251)]
        self.box.control("POST", "list", {"crm": "activecampaign", "path": "/api/3/own", "key": "own", "rows": rows})
        key = {"Api-Token": "sandbox-ac-key-3f9a"}
        body = self.box.get("/api/3/own", headers=key, limit=100, offset=200)[1]
        self.assertEqual({"own": rows[200:], "meta": {"total": "250"}}, body)
        self.box.control("POST", "list", {"crm": "agilecrm", "path": "/dev/api/own", "rows": rows})
        basic = {"Authorization": "Basic " + base64.b64encode(b"owner@example.com:sandbox-agile-key-b41c").decode()}
        found, query = [], {"page_size": 100}
        while True:
            page = self.box.get("/dev/api/own", headers=basic, **query)[1]
            found += [{"id": row["id"]} for row in page]
            if "cursor" not in page[-1]:
                break
            query["cursor"] = page[-1]["cursor"]
        self.assertEqual(rows, found)

    def test_several_credentials(self):
        self.box.control("POST", "config", {"credentials": {"aircall": {"api_token": ["one", "two"]}}})
        for token, status in (("one", 200), ("two", 200), ("sandbox-aircall-token-77", 403)):
            basic = base64.b64encode(b"sandbox-id:" + token.encode()).decode()
            self.assertEqual(status, self.box.get("/v1/ping", headers={"Authorization": "Basic " + basic})[0])

    def test_lost_record(self):
        _, whole = self.box.get("/v1/tags")
        self.fault("lost_record")
        _, short = self.box.get("/v1/tags")
        self.assertEqual(short["tags"], whole["tags"][:-1])
        self.assertEqual(short["meta"]["total"], whole["meta"]["total"] - 1)

    def test_hosts(self):
        box = Instance("--host", "127.0.0.1", "127.0.0.2")
        try:
            connection = http.client.HTTPConnection("127.0.0.2", box.port, timeout=10)
            connection.request("GET", "/_sandbox/health")
            self.assertEqual(connection.getresponse().status, 200)
            connection.close()
        finally:
            self.assertEqual(box.stop(), 0)

    def test_bodies(self):
        for kind, test in (
                ("html", lambda b: b.startswith(b"<!DOCTYPE html>")),
                ("xml", lambda b: b.startswith(b"<?xml")),
                ("empty", lambda b: b == b""),
                ("not_json", lambda b: b == b"OK, but not JSON"),
                ("truncated_json", lambda b: b.startswith(b'{"tags"') and not b.endswith(b"}")),
                ("invalid_utf8", lambda b: b"\xff\xfe" in b),
                ("nul_escape", lambda b: b"before\\u0000after" in b),
                ("huge_integer", lambda b: b'"id":' + b"9" * 40 in b),
                ("deep_nesting", lambda b: b"[" * 10_000 in b),
                ("wrong_envelope", lambda b: list(json.loads(b)) == ["items", "meta"]),
                ("echo_credential", lambda b: b"sandbox-aircall-token-77" in b)):
            with self.subTest(kind=kind):
                self.box.control("DELETE", "fault")
                self.fault(kind)
                body = self.answer()[2]
                self.assertTrue(test(body), body[:200])

    def test_wrong_type(self):
        self.fault("wrong_type", params={"field": "color", "value": 12, "row": 1})
        tags = json.loads(self.answer()[2])["tags"]
        self.assertEqual(12, tags[1]["color"])
        self.assertIsInstance(tags[0]["color"], str)

    def test_headers(self):
        self.fault("redirect", params={"location": "https://elsewhere.invalid/"})
        status, headers, _ = self.answer()
        self.assertEqual((302, "https://elsewhere.invalid/"), (status, headers["Location"]))
        self.box.control("DELETE", "fault")
        self.fault("retry_after", params={"seconds": 7, "code": 503})
        status, headers, _ = self.answer()
        self.assertEqual((503, "7"), (status, headers["Retry-After"]))

    def test_repetitions(self):
        def names(page):
            return [tag["name"] for tag in self.box.get("/v1/tags", per_page=3,
                                                        page=page)[1]["tags"]]
        first, second = names(1), names(2)
        self.assertNotEqual(first, second)
        self.fault("duplicate_page", times=1)
        self.assertEqual(second, names(3))
        self.fault("cursor_loop")
        self.assertEqual(first, names(3))

    def test_connection_faults(self):
        self.fault("truncate")
        with self.assertRaises(http.client.IncompleteRead):
            self.answer()
        self.box.control("DELETE", "fault")
        self.fault("close")
        with self.assertRaises(http.client.RemoteDisconnected):
            self.answer()
        self.box.control("DELETE", "fault")
        self.fault("reset")
        with self.assertRaises(ConnectionResetError):
            self.answer()
        self.box.control("DELETE", "fault")
        self.fault("reset_body")
        with self.assertRaises((ConnectionResetError, http.client.IncompleteRead)):
            self.answer()

    def test_hangs(self):
        for kind, expected in (("hang_headers", 0), ("hang_body", 20)):
            self.box.control("DELETE", "fault")
            self.fault(kind)
            with socket.create_connection(("127.0.0.1", self.box.port)) as link:
                link.sendall(("GET /v1/tags HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n\r\n"
                              % AIRCALL["Authorization"]).encode())
                link.settimeout(0.3)
                received = b""
                with self.assertRaises(TimeoutError):
                    while True:
                        received += link.recv(65536)
                self.assertEqual(expected > 0, len(received) > expected, kind)

    def test_slow_and_big_bodies(self):
        self.fault("slow_body", params={"chunk": 50, "interval_ms": 20})
        started = time.monotonic()
        json.loads(self.answer()[2])
        self.assertGreater(time.monotonic() - started, 0.08)
        self.box.control("DELETE", "fault")
        self.fault("big_body", params={"size": 3_000_000})
        self.assertEqual(3_000_000, len(self.answer()[2]))
        self.box.control("DELETE", "fault")
        self.fault("gzip_bomb", params={"size": 8 << 20})
        body = self.answer()[2]
        self.assertLess(len(body), 100_000)
        self.assertEqual((8 << 20) + 2, len(gzip.decompress(body)))


class MutationTest(SandboxTest):
    """Rows that change between two requests."""

    def total(self):
        return self.box.get("/v1/contacts", per_page=1)[1]["meta"]["total"]

    def test_insert_delete_update(self):
        before = self.total()
        new = self.box.control("POST", "mutate", {"crm": "aircall", "table": "contacts",
                                                  "op": "insert", "n": 3})["ids"]
        self.assertEqual(before + 3, self.total())
        self.box.control("POST", "mutate", {"crm": "aircall", "table": "contacts", "op": "delete",
                                            "ids": "first", "n": 2})
        self.assertEqual(before + 1, self.total())
        self.box.control("POST", "mutate", {
            "crm": "aircall", "table": "contacts", "op": "update", "ids": new[:1],
            "changes": {"company_name": "Changed", "updated_at": "2026-11-21T00:00:00Z"}})
        contact = self.box.get("/v1/contacts/%d" % new[0])[1]["contact"]
        self.assertEqual(("Changed", 1795219200), (contact["company_name"], contact["updated_at"]))
        truth = {row["id"]: row for row in self.box.truth("aircall", "contacts")}[new[0]]
        self.assertEqual("2026-11-21T00:00:00+00:00", truth["updated_at"])
        done = self.box.control("GET", "mutations")["done"]
        self.assertEqual(["insert", "delete", "update"], [note["op"] for note in done])
        self.box.control("POST", "reset", {"data": True})
        self.assertEqual(before, self.total())

    def test_deleted_rows_come_back(self):
        before = self.box.truth("aircall", "contacts")
        mutation = {"crm": "aircall", "table": "contacts", "ids": [row["id"] for row in before[3:6]]}
        self.box.control("POST", "mutate", {**mutation, "op": "delete"})
        self.box.control("POST", "mutate", {**mutation, "op": "restore", "ids": [before[4]["id"]]})
        self.assertEqual(before[:3] + before[4:5] + before[6:], self.box.truth("aircall", "contacts"))
        self.box.control("POST", "mutate", {"crm": "aircall", "table": "contacts", "op": "restore"})
        self.assertEqual(before, self.box.truth("aircall", "contacts"))

    def test_after_the_nth_request(self):
        before = self.total()
        self.box.control("POST", "mutate", {
            "crm": "aircall", "table": "contacts", "op": "delete", "ids": "random",
            "after": {"path": "/v1/contacts$", "n": 2}})
        self.assertEqual([before, before, before - 1, before - 1],
                         [self.total() for _ in range(4)])

    def test_a_deleted_tag_leaves_every_call(self):
        tag = self.box.get("/v1/tags")[1]["tags"][0]["id"]
        self.assertTrue(any(tag in row["tag_ids"] for row in self.box.truth("aircall", "calls")))
        self.box.control("POST", "mutate", {"crm": "aircall", "table": "tags", "op": "delete",
                                            "ids": [tag]})
        self.assertFalse(any(tag in row["tag_ids"] for row in self.box.truth("aircall", "calls")))
        self.assertFalse(any(tag == element["id"] for call in self.box.pages("/v1/calls", "calls")
                             for element in call["tags"]))

    def test_a_moved_call_keeps_the_order(self):
        calls = self.box.truth("aircall", "calls")
        self.box.control("POST", "mutate", {
            "crm": "aircall", "table": "calls", "op": "update", "ids": [calls[5]["id"]],
            "changes": {"started_at": calls[900]["started_at"]}})
        starts = [call["started_at"] for call in self.box.pages("/v1/calls", "calls")]
        self.assertEqual(sorted(starts), starts)
        self.assertEqual(len(calls), len(starts))


class AircallTest(SandboxTest):
    """The behaviour of the Aircall module."""

    def test_credentials(self):
        self.assertEqual((200, {"ping": "pong"}), self.box.get("/v1/ping"))
        self.assertEqual(200, self.box.get("/v1/ping", {
            "Authorization": "Bearer sandbox-aircall-oauth-55"})[0])
        self.assertEqual((401, {"message": "Unauthorized"}), self.box.get("/v1/ping", {}))
        self.assertEqual((403, {"message": "Forbidden"}),
                         self.box.get("/v1/ping", {"Authorization": "Bearer wrong"}))

    def test_page_size(self):
        self.assertEqual(20, self.box.get("/v1/calls")[1]["meta"]["per_page"])
        status, body = self.box.get("/v1/calls", per_page=100)
        self.assertEqual((200, 50, 50), (status, body["meta"]["per_page"], len(body["calls"])))

    def test_positional_limit(self):
        self.assertEqual(200, self.box.get("/v1/tags", page=200, per_page=50)[0])
        for path in ("/v1/tags", "/v1/calls", "/v1/contacts", "/v1/webhooks", "/v2/users"):
            status, body = self.box.get(path, page=201, per_page=50)
            self.assertEqual(400, status)
            self.assertIn("limited to 10k results", body["errors"])

    def test_calls_are_complete_and_ordered(self):
        rows = self.box.pages("/v1/calls", "calls", order="asc")
        truth = self.box.truth("aircall", "calls")
        self.assertEqual([row["id"] for row in truth], [row["id"] for row in rows])
        starts = [row["started_at"] for row in rows]
        self.assertEqual(sorted(starts), starts)
        self.assertLess(len(set(starts)), len(starts), "two calls in one second")
        omitted = ("contact", "recording_short_url", "voicemail_short_url")
        self.assertEqual([row["raw"] for row in truth], [
            {key: value for key, value in row.items() if key not in omitted} for row in rows])
        backwards = self.box.pages("/v1/calls", "calls", order="desc")
        self.assertEqual([row["id"] for row in rows], [row["id"] for row in backwards[::-1]])

    def test_bounds_of_calls(self):
        rows = self.box.pages("/v1/calls", "calls")
        low, high = rows[100]["started_at"], rows[300]["started_at"]
        found = self.box.pages("/v1/calls", "calls", from_=low, to=high)
        self.assertEqual([row["id"] for row in rows if low < row["started_at"] <= high],
                         [row["id"] for row in found])
        self.assertEqual((200, 0), (lambda s, b: (s, b["meta"]["total"]))(
            *self.box.get("/v1/calls", from_=1, to=1000)))
        self.assertEqual(400, self.box.get("/v1/calls", from_="2026-01-01T00:00:00Z")[0])

    def test_bounds_of_contacts(self):
        rows = self.box.pages("/v1/contacts", "contacts")
        low, high = rows[100]["created_at"], rows[300]["created_at"]
        expected = [row["id"] for row in rows if low <= row["created_at"] <= high]
        found = self.box.pages("/v1/contacts", "contacts", from_=low, to=high)
        self.assertEqual(expected, [row["id"] for row in found])
        by_update = self.box.pages("/v1/contacts", "contacts", from_=low, to=high,
                                   order_by="updated_at", order="desc")
        self.assertEqual(sorted(expected), sorted(row["id"] for row in by_update))
        updates = [row["updated_at"] for row in by_update]
        self.assertEqual(sorted(updates, reverse=True), updates)

    def test_flags(self):
        plain = self.box.get("/v1/calls", per_page=50)[1]["calls"]
        full = self.box.get("/v1/calls", per_page=50, fetch_contact="true",
                            fetch_short_urls="true", fetch_call_timeline="true",
                            fetch_aiva_conv="true")[1]["calls"]
        self.assertTrue(all(call["contact"] is None for call in plain))
        self.assertTrue(any(call["contact"] for call in full))
        self.assertTrue(any(call["recording_short_url"] for call in full))
        self.assertTrue(all("ivr_options_selected" in call for call in full))
        self.assertFalse(any("ai_voice_agents" in call for call in plain))

    def test_links_forget_flags(self):
        meta = self.box.get("/v1/calls", fetch_contact="true", order="desc")[1]["meta"]
        self.assertTrue(meta["next_page_link"].startswith("https://api.aircall.io/v1/calls?"))
        self.assertIn("order=desc", meta["next_page_link"])
        self.assertNotIn("fetch_contact", meta["next_page_link"])

    def test_search(self):
        truth = self.box.truth("aircall", "calls")
        user = next(row["user_id"] for row in truth if row["user_id"])
        found = self.box.pages("/v1/calls/search", "calls", user_id=user, direction="outbound")
        self.assertEqual([row["id"] for row in truth
                          if row["user_id"] == user and row["direction"] == "outbound"],
                         [row["id"] for row in found])
        ignored = self.box.get("/v1/calls", direction="outbound")[1]["meta"]["total"]
        self.assertEqual(len(truth), ignored)
        tags = next(row["tag_ids"] for row in truth if len(row["tag_ids"]) > 1)[:2]
        found = self.box.pages("/v1/calls/search", "calls", **{"tags[]": tags})
        self.assertEqual([row["id"] for row in truth if set(tags) <= set(row["tag_ids"])],
                         [row["id"] for row in found])
        email = next(row for row in self.box.truth("aircall", "contact_emails"))
        found = self.box.pages("/v1/contacts/search", "contacts", email=email["value"])
        self.assertEqual([email["contact_id"]], [row["id"] for row in found])

    def test_leaves(self):
        have = {row["call_id"] for row in self.box.truth("aircall", "call_summaries")}
        calls = [row["id"] for row in self.box.truth("aircall", "calls")]
        with_data = next(i for i in calls if i in have)
        without = next(i for i in calls if i not in have)
        status, body = self.box.get("/v1/calls/%d/summary" % with_data)
        self.assertEqual((200, ["summary"]), (status, list(body)))
        self.assertEqual(404, self.box.get("/v1/calls/%d/summary" % without)[0])
        self.box.control("POST", "config", {
            "switches": {"aircall": {"conversation_intelligence": False}}})
        self.assertEqual(403, self.box.get("/v1/calls/%d/summary" % with_data)[0])

    def test_capped_total(self):
        self.box.control("POST", "config", {"switches": {"aircall": {"largest_total": 100}}})
        self.assertEqual(100, self.box.get("/v1/calls")[1]["meta"]["total"])

    def test_expired_calls(self):
        old = self.box.truth("aircall", "expired_calls")[0]["id"]
        self.assertNotIn(old, [row["id"] for row in self.box.truth("aircall", "calls")])
        self.assertEqual(old, self.box.get("/v1/calls/%d" % old)[1]["call"]["id"])

    def test_webhooks(self):
        body = self.box.get("/v1/webhooks")[1]
        self.assertEqual(["meta", "webhooks"], list(body))
        self.assertNotIn("next_page_link", body["meta"])
        self.assertTrue(all(row["token"] for row in body["webhooks"]))
        self.assertNotIn("hook-secret", json.dumps(self.box.truth("aircall", "webhooks")))

    def test_odd_values_are_there(self):
        users = self.box.pages("/v2/users", "users")
        self.assertTrue(any(user.get("extension", "").startswith("00") for user in users
                            if user.get("extension")))
        self.assertTrue(any("extension" not in user for user in users))
        self.assertEqual({True, False}, {"." in user["created_at"] for user in users})
        contacts = self.box.pages("/v1/contacts", "contacts")
        for value in ("", None):
            self.assertTrue(any(row["company_name"] == value for row in contacts))
        self.assertGreater(len({tuple(row) for row in contacts}), 3, "key order varies")
        calls = self.box.pages("/v1/calls", "calls")
        self.assertTrue(any(row["ended_at"] is None for row in calls))
        self.assertTrue(any(row["raw_digits"] == "anonymous" for row in calls))
        self.assertTrue(all(isinstance(row["cost"], (str, type(None))) for row in calls))
        self.assertTrue(all(row["id"] > 2 ** 31 for row in calls))

    def test_single_paths(self):
        users = self.box.get("/v2/users")[1]["users"]
        self.assertEqual(users[3], self.box.get("/v2/users/" + users[3]["email"])[1]["user"])
        self.assertEqual(404, self.box.get("/v1/users")[0])
        team = self.box.get("/v1/teams")[1]["teams"][0]
        single = self.box.get("/v1/teams/%d" % team["id"])[1]["team"]
        self.assertLess(len(single["users"][0]), len(team["users"][0]))
        number = self.box.get("/v1/numbers")[1]["numbers"][0]
        self.assertNotIn("users", number)
        self.assertIn("users", self.box.get("/v1/numbers/%d" % number["id"])[1]["number"])
        availability = self.box.get("/v1/users/%d/availability" % users[0]["id"])[1]
        self.assertEqual(["availability"], list(availability))
        self.assertEqual({"company"}, set(self.box.get("/v1/company")[1]))


if __name__ == "__main__":
    unittest.main()
