"""
What all ActiveCampaign rows are computed from: counts, fans, times, chance.

A fan spreads child rows over parents by a repeating pattern, so that "which
parent has row n" and "which rows has parent n" both cost nothing, however many
rows there are; that is what keeps memberships consistent with contacts without
storing either.
"""
from bisect import bisect_right
from decimal import Decimal
from itertools import accumulate

from .dice import Dice
from .model import REFERENCE_TIME
from .wire import DAY, HOUR, MINUTE, SECOND, As, at, chicago_offset_hours

OPENED = at("2021-03-01T15:00:00Z")		# when the account was opened
FALL_BACK = at("2026-11-01T07:00:00Z")	# the hour before this second comes twice in Chicago
CENT = Decimal("0.01")
BIG = 9223372036854775807

LIST_FAN = (1, 2, 3, 0, 2, 1, 4, 2, 1, 6, 2, 0, 3)
TAG_FAN = (1, 0, 2, 1, 3, 0, 1, 0, 5, 1, 2)
VALUE_FAN = (3, 0, 5, 1, 12, 2, 4)
AUTOMATION_FAN = (1, 0, 1, 2, 0, 1, 0)
ACCOUNT_FAN = (1, 0, 1, 1, 0, 2, 0, 1)
GEO_FAN = (1, 0, 0, 2)
TRACKING_FAN = (0, 2, 1, 0, 3)
SCORE_FAN = (1, 0, 2)
GOAL_FAN = (0, 0, 1, 0, 0, 0, 2)
LOG_FAN = (1, 0, 0, 2, 0)
BOUNCE_FAN = (0,) * 19 + (1,) + (0,) * 15 + (3,)


class Fan:
    """Child rows spread over parents: parent n has pattern[n mod length] rows."""

    def __init__(self, parents, pattern):
        self.parents = parents
        self.length = len(pattern)
        self.starts = [0] + list(accumulate(pattern))
        self.block = self.starts[-1]
        self.total = self._start(parents)

    def _start(self, parent):
        blocks, rest = divmod(parent, self.length)
        return blocks * self.block + self.starts[rest]

    def parent(self, row):
        """(parent ordinal, position among its rows) of a row ordinal.

        Rows beyond the last, made by a mutation, go to parents from the first on.
        """
        blocks, rest = divmod(row % max(1, self.total), self.block)
        place = bisect_right(self.starts, rest) - 1
        return blocks * self.length + place, rest - self.starts[place]

    def rows(self, parent):
        """Row ordinals of a parent ordinal."""
        if not 0 <= parent < self.parents:
            return range(0)
        return range(self._start(parent), self._start(parent + 1))


class World:
    """Counts by table, fans, and repeatable chance."""

    def __init__(self, seed, scale):
        self.seed = seed
        self.counts = {name: scale(name, default) for name, default in (
            ("contacts", 1250), ("deals", 480), ("accounts", 80), ("lists", 6), ("tags", 25),
            ("campaigns", 60), ("automations", 9), ("forms", 5), ("segments", 5),
            ("deal_pipelines", 3), ("deal_stages", 12), ("users", 8), ("notes", 300),
            ("deal_tasks", 200), ("custom_fields", 12), ("deal_custom_fields", 9),
            ("account_custom_fields", 6), ("ecommerce_customers", 90), ("ecommerce_orders", 240))}
        contacts = self.counts["contacts"]
        self.lists = Fan(contacts, self._cut(LIST_FAN, "lists"))
        self.tags = Fan(contacts, self._cut(TAG_FAN, "tags"))
        self.values = Fan(contacts, self._cut(VALUE_FAN, "custom_fields"))
        self.entries = Fan(contacts, AUTOMATION_FAN)
        self.jobs = Fan(contacts, ACCOUNT_FAN)
        self.geo = Fan(contacts, GEO_FAN)
        self.tracking = Fan(contacts, TRACKING_FAN)
        self.scores = Fan(contacts, SCORE_FAN)
        self.goals = Fan(contacts, GOAL_FAN)
        self.bounces = Fan(contacts, BOUNCE_FAN)
        self.logs = Fan(contacts, LOG_FAN)
        self.deal_values = Fan(self.counts["deals"], (9, 0, 4, 3, 0, 7))
        self.account_values = Fan(self.counts["accounts"], (6, 3, 0))
        self.products = Fan(self.counts["ecommerce_orders"], (1, 2, 1, 4))
        self.deal_events = Fan(self.counts["deals"], (2, 1, 3, 0, 5))

    def _cut(self, pattern, name):
        """The pattern with no more rows for a parent than there are different things."""
        return tuple(min(count, self.counts[name]) for count in pattern)

    def count(self, name):
        return self.counts[name]

    def dice(self, name, number=0):
        return Dice(self.seed, "ac." + name, number)

    # -- times

    def born(self, name, ordinal, count, since=OPENED):
        """A creation time that never falls while the ordinal rises.

        Runs of five share one second; rows beyond the count were made after
        the reference time.
        """
        if ordinal >= count:
            return REFERENCE_TIME + (ordinal - count + 1) * SECOND
        if ordinal // 5 % 4 == 0:
            ordinal -= ordinal % 5
        span = REFERENCE_TIME - 2 * HOUR - since
        return (since + ordinal * span // max(1, count)) // SECOND * SECOND

    def later(self, dice, since):
        """Some time after since; one row in thirty was touched in the last three days."""
        room = max(0, REFERENCE_TIME - MINUTE - since)
        if dice.below(30) == 0:
            room_start = max(0, room - 3 * DAY)
            return (since + dice.between(room_start, room)) // SECOND * SECOND
        return (since + dice.below(min(room, 400 * DAY) + 1)) // SECOND * SECOND


def unambiguous(value):
    """The time moved out of the hour that naive Chicago time cannot tell apart."""
    if value is None:
        return None
    if chicago_offset_hours(value) != chicago_offset_hours(value - HOUR) \
            or chicago_offset_hours(value) != chicago_offset_hours(value + HOUR):
        return value + 2 * HOUR
    return value


def no_date(dice):
    """One of the ways the API says that a date is not set."""
    return dice.pick((None, None, None, As(None, "0000-00-00"), As(None, "0000-00-00 00:00:00"),
                      As(None, "")))


def nothing(dice):
    """An absent text: mostly null, sometimes an empty string is meant, sometimes no key."""
    return None if dice.below(3) else ""
