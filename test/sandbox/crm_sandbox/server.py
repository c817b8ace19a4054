"""
The HTTP server: one port, three CRMs, and the control plane.

Every request runs through the same steps: count it, wait out the configured
latency, refuse it over the rate limit, let the CRM answer, let a fault change
the answer, log it, send it.  One thread, one event loop; a CRM's handle() is a
plain function.
"""
import asyncio
import gzip
import math
import os
import signal
import socket
import ssl
import struct
import time
from collections import Counter, OrderedDict, deque
from email.utils import formatdate
from urllib.parse import parse_qsl, unquote
from weakref import WeakKeyDictionary

from aiohttp import web

from . import control
from .faults import TRANSPORT_KINDS, Memory, distort
from .model import REFERENCE_TIME, Request

LOG_LENGTH = 200_000
GZIP_CACHE_BYTES = 64 * 1024 * 1024
GZIP_MINIMUM = 256
SECRET_PARAMETERS = {"api_key", "api_token", "access_token", "token", "password"}


class Sandbox:
    """Everything the server and the control plane share."""

    def __init__(self, crms, latency_ms=0):
        self.default_latency = latency_ms / 1000
        self.crms = {crm.name: crm for crm in crms}
        self.started = time.time()
        self.sequence = 0
        self.fault_number = 0
        self.connection_ids = WeakKeyDictionary()
        self.connections_seen = 0
        self.open_connections = lambda: 0
        self.compressed = OrderedDict()
        self.compressed_bytes = 0
        self.in_flight = 0
        self.reset()

    def reset(self, data=False):
        """Empty log, no faults, no pending mutations, default configuration."""
        self.clear_log()
        self.clear_faults()
        self.pending = []
        self.latency = self.default_latency
        self.rate_limits = {}
        self.now = REFERENCE_TIME
        for crm in self.crms.values():
            crm.reset(data)

    def clear_log(self):
        """Forget requests and counts; sequence numbers go on."""
        self.log = deque(maxlen=LOG_LENGTH)
        self.counts = Counter()
        self.max_in_flight = {}

    def crm_for(self, path):
        """The CRM that answers a path, or None."""
        for crm in self.crms.values():
            for prefix in crm.prefixes:
                if path == prefix or path.startswith(prefix + "/"):
                    return crm
        return None

    def connection_id(self, transport):
        """A small number for a connection, the same for all its requests; 0 if it is gone."""
        if transport is None:
            return 0
        if transport not in self.connection_ids:
            self.connections_seen += 1
            self.connection_ids[transport] = self.connections_seen
        return self.connection_ids[transport]

    def fault_for(self, crm, request):
        """The strike of the first rule that has one; every rule counts the requests it meets."""
        strikes = [rule.strike(crm.name, request) for rule in self.faults]
        return next(filter(None, strikes), None)

    def clear_faults(self):
        """No rules, and nothing that they could repeat."""
        self.faults = []
        self.memory = Memory()

    def run_pending(self, crm, request):
        """Carry out the mutations that were waiting for this request."""
        for pending in [p for p in self.pending if p.due(crm.name, request.path)]:
            self.pending.remove(pending)
            pending.run()

    def gzipped(self, body):
        """The compressed body, from a bounded cache."""
        found = self.compressed.get(body)
        if found is None:
            found = gzip.compress(body, compresslevel=1)
            self.compressed[body] = found
            self.compressed_bytes += len(body) + len(found)
            while self.compressed_bytes > GZIP_CACHE_BYTES:
                old, packed = self.compressed.popitem(last=False)
                self.compressed_bytes -= len(old) + len(packed)
        return found


def _redacted(pairs):
    return [[name, "***" if name.lower() in SECRET_PARAMETERS else value] for name, value in pairs]


async def _decode(raw, now):
    """A model Request of aiohttp's."""
    target = raw.raw_path
    if target.startswith("http"):
        target = "/" + target.split("/", 3)[3] if target.count("/") > 2 else "/"
    path, _, query = target.partition("?")
    body = await raw.read()
    form = []
    if raw.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        form = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    headers = {name.lower(): value for name, value in raw.headers.items()}
    return Request(raw.method, unquote(path), parse_qsl(query, keep_blank_values=True),
                   form, headers, now, body)


class Server:
    """Answers requests for a Sandbox."""

    def __init__(self, sandbox):
        self.sandbox = sandbox

    async def handle(self, raw):
        """aiohttp's entry point."""
        sandbox = self.sandbox
        if raw.raw_path.startswith("/_sandbox/"):
            return await control.handle(sandbox, raw)
        arrival = time.time()
        started = time.perf_counter()
        connection = sandbox.connection_id(raw.transport)
        request = await _decode(raw, sandbox.now)
        crm = sandbox.crm_for(request.path)
        if crm is None:
            return web.Response(status=404, text="not found\n")

        sandbox.in_flight += 1
        sandbox.sequence += 1
        entry = {"seq": sandbox.sequence, "time": round(arrival, 6), "crm": crm.name,
                 "method": request.method, "path": request.path,
                 "query": _redacted(request.query), "form": _redacted(request.form),
                 "status": None, "bytes": 0, "duration": None,
                 "in_flight": sandbox.in_flight, "connection": connection,
                 "throttled": False, "fault": None, "fault_params": None}
        sandbox.log.append(entry)
        sandbox.max_in_flight[crm.name] = max(sandbox.max_in_flight.get(crm.name, 0),
                                              sandbox.in_flight)
        try:
            if sandbox.latency:
                await asyncio.sleep(sandbox.latency)
            response, fault = self._answer(crm, request, entry)
            entry["status"] = response.status
            sandbox.counts[crm.name, response.status] += 1
            return await self._send(raw, request, response, fault, entry)
        except Exception:
            entry["status"] = 500       # a mistake in the emulator itself
            raise
        finally:
            sandbox.in_flight -= 1
            entry["duration"] = round(time.perf_counter() - started, 6)

    def _answer(self, crm, request, entry):
        """(response, strike or None); the true answer unless a fault changes it."""
        sandbox = self.sandbox
        limit = sandbox.rate_limits.get(crm.name)
        if limit is not None:
            wait = limit.seconds_to_wait(time.monotonic())
            if wait:
                entry["throttled"] = True
                return crm.too_many_requests(max(1, math.ceil(wait))), None
        fault = sandbox.fault_for(crm, request)
        response = crm.handle(request)
        if limit is not None:
            crm.announce_limit(response, limit.limit, limit.remaining(time.monotonic()))
        sandbox.run_pending(crm, request)
        if fault is None:
            sandbox.memory.note(crm.name, request, response)
            return response, None
        entry["fault"], entry["fault_params"] = fault.kind, fault.params
        if fault.kind not in TRANSPORT_KINDS:
            response = distort(fault, crm.name, request, response, sandbox.memory)
        return response, fault

    async def _send(self, raw, request, response, fault, entry):
        headers = dict(response.headers)
        headers["Content-Type"] = response.content_type
        # The clock a client sees is the one its data were made by.
        headers["Date"] = formatdate(request.now / 1_000_000, usegmt=True)
        body = bytes(response.body)
        if (len(body) >= GZIP_MINIMUM and "Content-Encoding" not in headers
                and "gzip" in request.headers.get("accept-encoding", "")):
            body = self.sandbox.gzipped(body)
            headers["Content-Encoding"] = "gzip"
        if fault is not None and fault.kind in TRANSPORT_KINDS:
            return await self._misbehave(raw, response, headers, body, fault, entry)
        entry["bytes"] = len(body)
        if response.status == 204:
            headers.pop("Content-Type")
        return web.Response(status=response.status, body=body or None, headers=headers)

    async def _misbehave(self, raw, response, headers, body, fault, entry):
        """Faults of the connection."""
        params = fault.params
        if fault.kind == "close":
            raw.transport.close()
            return web.Response()
        if fault.kind == "reset":
            self._reset(raw)
            return web.Response()
        if fault.kind == "hang_headers":
            await self._until_gone(raw, params)
            return web.Response(status=504)

        if fault.kind == "big_body":
            size = int(params.get("size", 100 * 1024 * 1024))
            headers.pop("Content-Encoding", None)
        else:
            size = len(body)
        if params.get("content_length", True):
            extra = int(params.get("missing", 1000)) if fault.kind == "truncate" else 0
            headers["Content-Length"] = str(size + extra)
        stream = web.StreamResponse(status=response.status, headers=headers)
        await stream.prepare(raw)
        try:
            await self._body(raw, stream, body, size, fault, entry)
        except ConnectionError:
            pass
        return stream

    @staticmethod
    def _reset(raw):
        """End the connection with RST."""
        raw.transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw.transport.abort()

    async def _body(self, raw, stream, body, size, fault, entry):
        async def send(part):
            await stream.write(part)
            entry["bytes"] += len(part)

        params = fault.params
        if fault.kind == "hang_body":
            await send(body[:len(body) // 2])
            await self._until_gone(raw, params)
            if raw.transport:
                raw.transport.close()
        elif fault.kind == "reset_body":
            await send(body[:len(body) // 2])
            if raw.transport:
                self._reset(raw)
        elif fault.kind == "slow_body":
            step = max(1, int(params.get("chunk", 16)))
            for start in range(0, len(body), step):
                await send(body[start:start + step])
                await asyncio.sleep(float(params.get("interval_ms", 100)) / 1000)
        elif fault.kind == "truncate":
            await send(body)
            raw.transport.close()
        else:
            await send(b'["')
            left = size - 4
            while left > 0:
                part = b"x" * min(left, 65536)
                await send(part)
                left -= len(part)
            await send(b'"]')

    @staticmethod
    async def _until_gone(raw, params):
        """Wait until the client gives up, or for params.seconds."""
        end = time.monotonic() + float(params.get("seconds", 3600))
        while raw.transport is not None and time.monotonic() < end:
            await asyncio.sleep(0.02)


def _write_port(path, port):
    """Atomically, so that a reader sees nothing or all of it."""
    temporary = "%s.%d" % (path, os.getpid())
    with open(temporary, "w", encoding="ascii") as file:
        file.write("%d\n" % port)
    os.replace(temporary, path)


async def serve(sandbox, hosts, port, port_file=None, tls=None):
    """Serve on the same port of all hosts until SIGTERM or SIGINT; tls is (certificate file, key file)."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    server = web.Server(Server(sandbox).handle, access_log=None, keepalive_timeout=300)
    sandbox.open_connections = lambda: len(server.connections)
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
    listeners = []
    for host in hosts:
        listeners.append(await loop.create_server(server, host, port, ssl=context, backlog=512))
        port = listeners[0].sockets[0].getsockname()[1]
    if port_file:
        _write_port(port_file, port)
    print("listening on %s://%s:%d" % ("https" if tls else "http", hosts[0], port), flush=True)
    await stop.wait()
    for listener in listeners:
        listener.close()
    await server.shutdown(0.1)
