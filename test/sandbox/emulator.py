"""
The emulator for programs in Python: started, steered, stopped.

CrmSandbox.pm is the same for TAP tests; README.md tells what the control plane
understands.
"""
import json
import pathlib
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

PROGRAM = pathlib.Path(__file__).resolve().parent / "sandbox.py"
START_SECONDS = 60

# What it accepts, as options of a user mapping.
CREDENTIALS = {
    "activecampaign": "api_key 'sandbox-ac-key-3f9a'",
    "aircall": "api_id 'sandbox-id', api_token 'sandbox-aircall-token-77'",
    "agilecrm": "email 'owner@example.com', api_key 'sandbox-agile-key-b41c'",
}

# The proxies of the environment are not asked for a loopback address.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Emulator:
    """A running emulator; use it as a context manager.

    scale  rows by "crm.table"
    hosts  addresses it listens on, all with the same port
    """

    def __init__(self, scale=None, hosts=("127.0.0.1",)):
        self.hosts = list(hosts)
        self.directory = tempfile.TemporaryDirectory()
        port_file = pathlib.Path(self.directory.name, "port")
        command = ["/usr/bin/python3", str(PROGRAM), "--port", "0", "--port-file", str(port_file),
                   "--host", *self.hosts]
        for name, rows in (scale or {}).items():
            command += ["--scale", "%s=%d" % (name, rows)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while not port_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError("the sandbox did not start")
            time.sleep(0.05)
        self.port = int(port_file.read_text(encoding="ascii"))

    def __enter__(self):
        return self

    def __exit__(self, *about):
        self.stop()

    def stop(self):
        """Ends it; its port then refuses connections."""
        self.process.terminate()
        self.process.wait()
        self.directory.cleanup()

    def url(self, host=None):
        """The origin, on the first address or another one."""
        return "http://%s:%d" % (host or self.hosts[0], self.port)

    def control(self, method, path, body=None):
        """Asks the control plane; the decoded answer."""
        request = urllib.request.Request(
            "%s/_sandbox/%s" % (self.url(), path), method=method,
            data=None if body is None else json.dumps(body).encode())
        with _direct.open(request, timeout=60) as answer:
            return json.load(answer)

    def sequence(self):
        """The number of the last request."""
        return self.control("GET", "health")["seq"]

    def log(self, **conditions):
        """Requests; conditions as in README.md, e.g. since=17, crm="aircall"."""
        return self.control("GET", "log?" + urllib.parse.urlencode(conditions))
