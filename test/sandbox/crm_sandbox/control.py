"""
The control plane, /_sandbox/...: what a test asks of the emulator itself.

No credential, not counted, not logged.  README.md is its reference.
"""
import asyncio
import json
import re
import time

from aiohttp import web

from .faults import FaultRule
from .own_lists import OwnList
from .ratelimit import RateLimit
from .wire import MILLISECOND, at, dumps

ROWS_PER_TURN = 200


class BadRequest(Exception):
    """The test asked for something that does not exist."""


class Pending:
    """A mutation, carried out when run() is called."""

    def __init__(self, sandbox, spec):
        self.crm = _crm(sandbox, spec.get("crm"))
        self.spec = spec
        after = spec.get("after") or {}
        self.path = re.compile(after.get("path", ""))
        self.left = int(after.get("n", 0))
        if spec.get("op") not in ("insert", "delete", "restore", "update"):
            raise BadRequest("op must be insert, delete, restore or update")
        _table(self.crm, spec.get("table"))

    def due(self, crm, path):
        """Count a request; True when it is the one waited for."""
        if crm == self.crm.name and self.path.search(path):
            self.left -= 1
            return self.left <= 0
        return False

    def run(self):
        """The ids touched."""
        spec, table, n = self.spec, self.spec["table"], int(self.spec.get("n", 1))
        if spec["op"] == "insert":
            return self.crm.insert(table, n, spec.get("changes"))
        if spec["op"] == "delete":
            return self.crm.delete(table, spec.get("ids", "random"), n)
        if spec["op"] == "restore":
            return self.crm.restore(table, spec.get("ids", "all"))
        return self.crm.update(table, spec.get("ids", "random"), spec.get("changes") or {}, n)


def _crm(sandbox, name):
    if name not in sandbox.crms:
        raise BadRequest("crm must be one of %s" % ", ".join(sandbox.crms))
    return sandbox.crms[name]


def _table(crm, name):
    if name not in crm.tables():
        raise BadRequest("%s has no table %s" % (crm.name, name))
    return name


def _log(sandbox, raw, spec):
    since = int(raw.query.get("since", 0))
    crm = raw.query.get("crm")
    path = re.compile(raw.query.get("path", ""))
    return [entry for entry in sandbox.log
            if entry["seq"] > since and crm in (None, "", entry["crm"])
            and path.search(entry["path"])]


def _clear_log(sandbox, raw, spec):
    sandbox.clear_log()
    return {"seq": sandbox.sequence}


def _stats(sandbox, raw, spec):
    crms = {}
    for (crm, status), count in sorted(sandbox.counts.items()):
        entry = crms.setdefault(crm, {"requests": 0, "by_status": {},
                                      "max_in_flight": sandbox.max_in_flight.get(crm, 0)})
        entry["requests"] += count
        entry["by_status"][str(status)] = count
    return {"seq": sandbox.sequence, "crms": crms, "in_flight": sandbox.in_flight,
            "max_in_flight": max(sandbox.max_in_flight.values(), default=0),
            "connections_open": sandbox.open_connections(),
            "connections_seen": sandbox.connections_seen,
            "limits": {name: {"passed": len(limit.passed), "refused": limit.refused, "used": limit.used()}
                       for name, limit in sandbox.rate_limits.items()},
            "faults": [rule.describe() for rule in sandbox.faults]}


def _health(sandbox, raw, spec):
    return {"ok": True, "uptime": round(time.time() - sandbox.started, 3),
            "seq": sandbox.sequence}


def _reset(sandbox, raw, spec):
    sandbox.reset(bool(spec.get("data")))
    return {"ok": True, "seq": sandbox.sequence}


def _config(sandbox, raw, spec):
    unknown = set(spec) - {"latency_ms", "rate_limit", "switches", "credentials", "now"}
    if unknown:
        raise BadRequest("unknown member %s" % ", ".join(sorted(unknown)))
    if "latency_ms" in spec:
        sandbox.latency = float(spec["latency_ms"]) / 1000
    for name, limit in (spec.get("rate_limit") or {}).items():
        _set_rate_limit(sandbox, _crm(sandbox, name), limit)
    for name, switches in (spec.get("switches") or {}).items():
        _crm(sandbox, name).configure(switches)
    for name, credentials in (spec.get("credentials") or {}).items():
        _crm(sandbox, name).set_credentials(credentials)
    if "now" in spec:
        sandbox.now = at(spec["now"])
    return {"latency_ms": sandbox.latency * 1000, "now_ms": sandbox.now // MILLISECOND,
            "switches": {crm.name: crm.switches for crm in sandbox.crms.values()}}


def _set_rate_limit(sandbox, crm, limit):
    """limit: "5/s", "default" (the CRM's own), {"limit": "5/s", "block": seconds}, or null."""
    if limit is None:
        sandbox.rate_limits.pop(crm.name, None)
        return
    block = 0
    if limit == "default":
        limit, block = crm.rate_limit, crm.block_seconds
    elif isinstance(limit, dict):
        limit, block = limit["limit"], limit.get("block", crm.block_seconds)
    sandbox.rate_limits[crm.name] = RateLimit(limit, block)


def _add_fault(sandbox, raw, spec):
    if "crm" in spec and spec["crm"] is not None:
        _crm(sandbox, spec["crm"])
    sandbox.fault_number += 1
    rule = FaultRule(sandbox.fault_number, spec)
    sandbox.faults.append(rule)
    return rule.describe()


def _clear_faults(sandbox, raw, spec):
    sandbox.clear_faults()
    return {"ok": True}


def _add_list(sandbox, raw, spec):
    crm, path = _crm(sandbox, spec.get("crm")), spec["path"]
    if not any(path.startswith(prefix + "/") for prefix in crm.prefixes):
        raise BadRequest("%s answers below %s only" % (crm.name, ", ".join(crm.prefixes)))
    crm.own_lists[path] = OwnList(spec)
    return {"rows": len(crm.own_lists[path].rows)}


def _tables(sandbox, raw, spec):
    return {crm.name: crm.tables() for crm in sandbox.crms.values()}


def _mutate(sandbox, raw, spec):
    pending = Pending(sandbox, spec)
    if pending.left > 0:
        sandbox.pending.append(pending)
        return {"pending": True}
    return {"ids": pending.run()}


def _mutations(sandbox, raw, spec):
    return {"done": [note for crm in sandbox.crms.values() for note in crm.mutations],
            "pending": len(sandbox.pending)}


ROUTES = {
    ("GET", "health"): _health, ("GET", "log"): _log, ("DELETE", "log"): _clear_log,
    ("GET", "stats"): _stats, ("POST", "reset"): _reset, ("POST", "config"): _config,
    ("POST", "fault"): _add_fault, ("DELETE", "fault"): _clear_faults,
    ("POST", "list"): _add_list, ("GET", "tables"): _tables, ("POST", "mutate"): _mutate, ("GET", "mutations"): _mutations,
}


async def _truth(crm, table, raw):
    """SQL rows as JSON lines, a slice at a time so that other requests get their turn."""
    limit = int(raw.query.get("limit", 0))
    stream = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
    await stream.prepare(raw)
    lines = []
    for number, row in enumerate(crm.truth(table), 1):
        lines.append(dumps(row))
        if number % ROWS_PER_TURN == 0:
            await stream.write(("\n".join(lines) + "\n").encode())
            lines = []
            await asyncio.sleep(0)
        if number == limit:
            break
    if lines:
        await stream.write(("\n".join(lines) + "\n").encode())
    return stream


def _json(value, status=200):
    return web.Response(status=status, text=dumps(value), content_type="application/json")


async def handle(sandbox, raw):
    """Answer one request of the control plane."""
    parts = raw.path.split("/")[2:]
    try:
        if raw.method == "GET" and len(parts) == 3 and parts[0] in ("truth", "count"):
            crm = _crm(sandbox, parts[1])
            table = _table(crm, parts[2])
            if parts[0] == "truth":
                return await _truth(crm, table, raw)
            return _json({"count": crm.count(table)})
        route = ROUTES.get((raw.method, "/".join(parts)))
        if route is None:
            return _json({"error": "no such control"}, 404)
        text = await raw.text()
        spec = json.loads(text) if text else {}
        if not isinstance(spec, dict):
            raise BadRequest("the body must be a JSON object")
        return _json(route(sandbox, raw, spec))
    except (BadRequest, ValueError, KeyError, TypeError, re.error) as error:
        return _json({"error": str(error)}, 400)
