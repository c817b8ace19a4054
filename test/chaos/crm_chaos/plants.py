"""
Planted bugs: what the run must find, or it proves nothing.

A plant is something the tester does not expect of an API, so that a right
client passes it on as a client with a bug would.
"""


class Plant:
    """words; rules for the sandbox; what is done to the session after the last scan."""

    def __init__(self, words, rules=(), sabotage=None):
        self.words = words
        self.rules = rules
        self.sabotage = sabotage


def _hoard(database):
    for number in range(1000):
        database.run("PREPARE hoard_%d AS SELECT * FROM pg_class WHERE oid = %d" % (number, number))


PLANTS = [
    Plant("a record is lost", [{"kind": "lost_record", "probability": 0.3, "seed": 1}]),
    Plant("a list is empty", [{"kind": "status", "probability": 0.3, "seed": 2, "params": {"code": 204, "body": ""}}]),
    Plant("after a broken connection another value comes",
          [{"kind": "wrong_type", "after": 1, "params": {"value": "4711"}},
           {"kind": "close", "times": 1}]),
    Plant("a failure has another SQLSTATE", [{"kind": "status", "probability": 0.3, "seed": 3, "params": {"code": 410}}]),
    Plant("memory is hoarded", sabotage=_hoard),
]
