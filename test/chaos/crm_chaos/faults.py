"""
The faults of a run, and what a scan may make of each.

A scan that gives exactly the true rows is right whatever happened to its
requests.  One that fails is right if its SQLSTATE is one of those that README
promises for a fault that struck.  Nothing else is right.
"""

UNREACHABLE = ("HV00N",)
NOT_AS_PROMISED = ("HV000",)
THROTTLED = ("53400",)
TOO_LARGE = ("54000",)
REFUSED = ("28000", "42501")

# Shorter than any pause of the emulator below, and than a person's patience.
REQUEST_TIMEOUT = "700ms"
MAX_RESPONSE_SIZE = "1MB"
BEYOND_MAX_RESPONSE_SIZE = 3_000_000


class Fault:
    """One kind of fault with its parameters, and the SQLSTATEs it may lead to.

    changes_values  the answer is well formed and says something else: the row
                    may have it in raw
    needs_id        puts something into the member "id", which only a numeric
                    column must refuse
    closes_budget   the account must not be asked for some time
    takes_time      somebody waits
    """

    def __init__(self, sqlstates, kind, changes_values=False, needs_id=False, closes_budget=False, takes_time=False,
                 **params):
        self.sqlstates = sqlstates
        self.kind = kind
        self.params = params
        self.changes_values = changes_values
        self.needs_id = needs_id
        self.closes_budget = closes_budget
        self.takes_time = takes_time or closes_budget

    def spec(self):
        """As the sandbox wants it."""
        return {"kind": self.kind, "params": self.params}

    def __str__(self):
        code = self.params.get("code")
        return "%s %s" % (self.kind, code) if code else self.kind


FAULTS = [
    # The server says no.
    *(Fault(UNREACHABLE, "status", code=code) for code in (500, 502, 503, 504)),
    Fault(NOT_AS_PROMISED, "status", code=400),
    Fault(REFUSED, "status", code=401),
    Fault(REFUSED, "status", code=403),
    Fault(REFUSED, "echo_credential"),
    Fault(THROTTLED, "status", code=429, closes_budget=True),
    Fault(THROTTLED, "retry_after", takes_time=True, seconds=0),
    Fault(THROTTLED, "retry_after", seconds=30, closes_budget=True),
    Fault(UNREACHABLE, "retry_after", takes_time=True, code=503, seconds=0),
    Fault(NOT_AS_PROMISED, "redirect"),
    # No answer, or half of one.
    Fault(UNREACHABLE, "close"),
    Fault(UNREACHABLE, "reset"),
    Fault(UNREACHABLE, "hang_headers", takes_time=True),
    Fault(UNREACHABLE, "hang_body", takes_time=True),
    Fault(UNREACHABLE, "hang_body", seconds=0),
    Fault(UNREACHABLE, "hang_body", seconds=0, content_length=False),
    Fault(UNREACHABLE, "reset_body"),
    Fault(UNREACHABLE, "truncate"),
    Fault(UNREACHABLE, "slow_body", takes_time=True, chunk=200, interval_ms=20),
    Fault(UNREACHABLE, "slow_body", takes_time=True, chunk=4000, interval_ms=20),
    # Something, but not what was asked for.
    Fault(NOT_AS_PROMISED, "html"),
    Fault(NOT_AS_PROMISED, "xml"),
    Fault(NOT_AS_PROMISED, "not_json"),
    Fault(NOT_AS_PROMISED, "empty"),
    Fault(NOT_AS_PROMISED, "truncated_json"),
    Fault(NOT_AS_PROMISED, "wrong_envelope"),
    Fault(NOT_AS_PROMISED, "duplicate_page", same_list=True),
    Fault(TOO_LARGE, "big_body", size=BEYOND_MAX_RESPONSE_SIZE),
    Fault(TOO_LARGE, "gzip_bomb", takes_time=True, size=200_000_000),
    Fault(TOO_LARGE, "deep_nesting", changes_values=True),
    # Right but for one value.
    Fault(("22P02", "HV000"), "wrong_type", changes_values=True, needs_id=True),
    Fault(("22003", "HV000"), "huge_integer", changes_values=True, needs_id=True),
    Fault(("22P05", "HV000"), "nul_escape", changes_values=True),
    Fault(("22021",), "invalid_utf8", changes_values=True),
]


def rule(seed, probability, has_id):
    """A rule for the sandbox that strikes by chance."""
    return {"kinds": [fault.spec() for fault in FAULTS if has_id or not fault.needs_id],
            "probability": probability, "seed": seed}


def find(entry):
    """The Fault of an entry of the sandbox's log; None if it is none of these."""
    for fault in FAULTS:
        if fault.kind == entry["fault"] and fault.params == entry["fault_params"]:
            return fault
    return None
