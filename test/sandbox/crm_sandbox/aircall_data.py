"""
Aircall's stored rows: pure functions of seed and id.

Records hold business values (see wire.py); aircall_tables.py gives them names
and wire forms.  Times are microseconds.
"""
import uuid
from bisect import bisect_right

from . import aircall_words as words
from .model import REFERENCE_TIME, As, Dice, MISSING
from .wire import DAY, HOUR, MINUTE, SECOND, at, iso_z

DAYS = 120
FIRST_CALL = 4_186_780_376
FIRST_CONTACT = 3_310_224_115
FIRST_USER = 781_220
FIRST_TEAM = 54_310
FIRST_NUMBER = 402_118
FIRST_TAG = 90_411
EXPIRED_CALLS = 40
LIVE_CALLS = 3
SAME_SECOND_EVERY = 11
IVR_MEMORY = 61 * DAY
MESSAGES = ("welcome", "waiting", "ringing_tone", "unanswered_call", "after_hours", "ivr",
            "voicemail", "closed", "callback_later")


def e164(display):
    """+1 617-555-0142 -> +16175550142"""
    return "+" + "".join(c for c in display if c.isdigit())


def external_number(dice):
    """A caller's number in display form."""
    tail = dice.below(10_000)
    country = dice.below(5)
    if country == 0:
        return "US", "+1 %d-555-%04d" % (dice.pick((212, 303, 415, 617, 718)), tail)
    if country == 1:
        return "GB", "+44 7700 90%04d" % tail
    if country == 2:
        return "FR", "+33 6 39 98 %02d %02d" % (tail // 100, tail % 100)
    if country == 3:
        return "DE", "+49 1525 55%05d" % (tail * 7 % 100_000)
    return "ES", "+34 600 5%02d %03d" % (tail // 1000, tail % 1000)


class Calendar:
    """When the n-th call starts: business hours, weekdays, ties within a second.

    The time never falls while n rises.  burst calls in the middle share one
    second, for tests of the smallest window.
    """

    def __init__(self, seed, count, burst=0):
        self.seed = seed
        self.count = count
        first_day = (REFERENCE_TIME // DAY - DAYS) * DAY
        self.opens = []
        self.closes = []
        weights = []
        for number in range(DAYS + 1):
            day = first_day + number * DAY
            weekday = (day // DAY + 3) % 7
            self.opens.append(day + 7 * HOUR)
            self.closes.append(min(day + 19 * HOUR, REFERENCE_TIME - 30 * SECOND))
            weights.append((10, 10, 10, 11, 9, 3, 1)[weekday]
                           * (self.closes[-1] - self.opens[-1]) // HOUR)
        total = sum(weights)
        self.starts = []
        passed = 0
        for weight in weights:
            self.starts.append(count * passed // total)
            passed += weight
        self.starts.append(count)
        self.burst = range(count // 2, count // 2 + min(burst, count - count // 2))

    def started_at(self, ordinal):
        """Microseconds, whole seconds; beyond the last, one call every 40 seconds from now on."""
        if ordinal >= self.count:
            return REFERENCE_TIME + (ordinal - self.count + 1) * 40 * SECOND
        if ordinal in self.burst:
            return self._spread(self.burst.start)
        place = ordinal % SAME_SECOND_EVERY
        if place == 5 or (place == 6 and ordinal // SAME_SECOND_EVERY % 9 == 0):
            return self._spread(ordinal - place + 4)
        return self._spread(ordinal)

    def _spread(self, ordinal):
        day = bisect_right(self.starts, ordinal) - 1
        first, after = self.starts[day], self.starts[day + 1]
        share = (ordinal - first) * 1024 + Dice(self.seed, "call time", ordinal).below(1024)
        length = self.closes[day] - self.opens[day]
        return (self.opens[day] + length * share // ((after - first) * 1024)) // SECOND * SECOND


class Data:
    """Makers of records; one instance per emulated account."""

    def __init__(self, seed, counts):
        self.seed = seed
        self.counts = counts
        self.calendar = Calendar(seed, counts["calls"], counts["burst"])

    def dice(self, name, ordinal):
        return Dice(self.seed, "aircall " + name, ordinal)

    def _created(self, table, start, ordinal):
        """Creation times rise evenly from start to now; later rows follow by the second."""
        count = self.counts[table]
        if ordinal >= count:
            return REFERENCE_TIME + (ordinal - count + 1) * SECOND
        share = ordinal * 64 + self.dice(table + " time", ordinal).below(64)
        return start + (REFERENCE_TIME - DAY - start) // SECOND * share // (count * 64) * SECOND

    # -- references: live or not, the id is what the row was made with

    def user_id(self, dice):
        return FIRST_USER + dice.below(max(1, self.counts["users"]))

    def number_id(self, dice):
        return FIRST_NUMBER + dice.below(max(1, self.counts["numbers"]))

    # -- makers

    def user(self, ordinal, row_id):
        dice = self.dice("users", ordinal)
        first = words.FIRST_NAMES[(ordinal * 7 + self.seed) % len(words.FIRST_NAMES)]
        last = words.LAST_NAMES[(ordinal * 5 + self.seed) % len(words.LAST_NAMES)]
        created = self._created("users", at("2023-02-06T09:00:00Z"), ordinal)
        status = dice.pick(("available", "available", "custom", "unavailable"))
        extension = "%03d" % (ordinal + 1)
        if ordinal % 6 == 4:
            extension = As(None, None if ordinal % 12 == 4 else MISSING)
        default_number = self.number_id(dice)
        if ordinal % 5 == 3:
            default_number = As(None, None if ordinal % 2 else MISSING)
        return {
            "name": "%s %s" % (first, last),
            "email": "user%d@%s" % (ordinal + 1, words.DOMAIN) if ordinal % 4
                     else "agent+%d@%s" % (ordinal + 1, words.DOMAIN),
            "created_at": As(created, iso_z(created)) if ordinal % 3 == 1 else created,
            "available": status == "available" or (status == "custom" and dice.chance(50)),
            "availability_status": status,
            "substatus": As(None, MISSING) if ordinal % 9 == 8
                         else dice.pick(("always_opened", "always_closed", "in_training",
                                         "out_for_lunch")),
            "state": dice.pick(("always_opened", "always_closed")) if ordinal % 8 != 5
                     else As(None, MISSING),
            "time_zone": dice.pick(("Etc/UTC", "Europe/Paris", "America/New_York",
                                    "Europe/Berlin", "Australia/Sydney")),
            "language": dice.pick(("en-US", "fr-FR", "de-DE", "es-ES")),
            "wrap_up_time": dice.pick((0, 5, 15, 30, 60)),
            "extension": extension,
            "default_number_id": default_number,
            "availability": dice.pick(words.AVAILABILITIES),
        }

    def team(self, ordinal, row_id):
        dice = self.dice("teams", ordinal)
        users = max(1, self.counts["users"])
        members = sorted({dice.below(users) for _ in range(3 + dice.below(5))})
        name = words.TEAMS[ordinal % len(words.TEAMS)]
        if ordinal >= len(words.TEAMS):
            name += " %d" % (ordinal // len(words.TEAMS) + 1)
        return {
            "name": name,
            "created_at": self._created("teams", at("2023-02-10T08:30:00.417Z"), ordinal),
            # One team has nobody.
            "members": [] if ordinal == 5 else [FIRST_USER + i for i in members],
        }

    def number(self, ordinal, row_id):
        dice = self.dice("numbers", ordinal)
        name, country, digits, zone = words.NUMBERS[ordinal % len(words.NUMBERS)]
        if ordinal >= len(words.NUMBERS):
            name += " %d" % (ordinal // len(words.NUMBERS) + 1)
            digits = digits[:-3] + "%03d" % (ordinal % 1000)
        created = self._created("numbers", at("2023-02-07T10:15:21Z"), ordinal)
        audio = "https://assets.example.invalid/audio/%d/" % row_id
        messages = {key: None if key in ("ringing_tone", "ivr", "closed", "callback_later")
                    else audio + key + ".mp3" for key in MESSAGES}
        users = max(1, self.counts["users"])
        return {
            "name": name, "digits": digits, "country": country, "time_zone": zone,
            "created_at": As(created, iso_z(created)) if ordinal % 2 else created,
            "open": None if ordinal % 7 == 6 else dice.chance(70),
            "availability_status": dice.pick(("open", "custom", "closed")),
            "is_ivr": None if ordinal % 7 == 6 else ordinal % 3 == 0,
            "live_recording_activated": dice.chance(60),
            "priority": (None, 0, 1)[ordinal % 3],
            "messages": None if ordinal % 8 == 7 else messages,
            "members": sorted({FIRST_USER + dice.below(users) for _ in range(2 + dice.below(6))}),
        }

    def tag(self, ordinal, row_id):
        name, color, qualifier = words.TAGS[ordinal % len(words.TAGS)]
        if ordinal >= len(words.TAGS):
            name += " %d" % (ordinal // len(words.TAGS) + 1)
        return {"name": name, "color": color, "description": qualifier}

    def webhook(self, ordinal, row_id):
        dice = self.dice("webhooks", ordinal)
        return {
            "webhook_id": str(uuid.UUID(int=dice.bits() << 64 | dice.bits(), version=4)),
            "url": "https://hooks.%s/aircall/%d?source=crm&v=2" % (words.DOMAIN, ordinal + 1),
            "active": ordinal != 1,
            "events": list(words.EVENTS) if ordinal == 0 else dice.some(words.EVENTS, 8),
            "token": "hook-secret-%016x" % dice.bits(),
            "created_at": self._created("webhooks", at("2024-05-14T13:02:44.001Z"), ordinal),
        }

    def contact_created(self, ordinal):
        """Rises with the ordinal; every ninth shares its second with the one before."""
        if ordinal >= self.counts["contacts"]:
            return REFERENCE_TIME + (ordinal - self.counts["contacts"] + 1) * SECOND
        ordinal -= ordinal % 9 == 8
        span = 900 * DAY // SECOND
        share = ordinal * 64 + Dice(self.seed, "contact time", ordinal).below(64)
        return REFERENCE_TIME - 900 * DAY + span * share // (self.counts["contacts"] * 64) * SECOND

    def contact_phone(self, ordinal):
        """Country and display form of a contact's first number, which also calls."""
        return external_number(Dice(self.seed, "contact phone", ordinal))

    def contact(self, ordinal, row_id):
        dice = self.dice("contacts", ordinal)
        first, last = dice.pick(words.FIRST_NAMES), dice.pick(words.LAST_NAMES)
        created = self.contact_created(ordinal)
        age = max(0, REFERENCE_TIME - created) // SECOND
        updated = created if dice.chance(30) else created + dice.below(age + 1) * SECOND
        _, display = self.contact_phone(ordinal)
        phones = [{"id": row_id * 3, "label": dice.pick(words.LABELS), "value": e164(display)}]
        if dice.chance(20):
            extra = external_number(dice)[1]
            # Values are usually, but not always, clean.
            phones.append({"id": row_id * 3 + 1, "label": dice.pick(words.LABELS),
                           "value": extra if dice.chance(25) else e164(extra)})
        emails = []
        if not dice.chance(25):
            emails.append({"id": row_id * 5, "label": dice.pick(words.LABELS),
                           "value": "contact%d@customer%d.example" % (ordinal + 1, ordinal % 97)})
        if emails and dice.chance(12):
            emails.append({"id": row_id * 5 + 1, "label": "Billing",
                           "value": "Billing.%d@Customer%d.example" % (ordinal + 1, ordinal % 97)})
        return {
            "first_name": None if ordinal % 23 == 7 else first,
            "last_name": "" if ordinal % 19 == 3 else last,
            "company_name": dice.pick(words.COMPANIES) if dice.chance(60)
                            else dice.pick((None, "")),
            "information": dice.pick(words.NOTES) if dice.chance(30) else None,
            "is_shared": True,
            "created_at": created,
            "updated_at": updated,
            "phone_numbers": phones,
            "emails": emails,
            "urls": [] if ordinal % 50 == 11 else As(None, MISSING),
        }

    def expired_call(self, ordinal, row_id):
        """A call older than the list's retention; only its id finds it."""
        record = self.call(ordinal, row_id)
        shift = REFERENCE_TIME - (400 + EXPIRED_CALLS - ordinal) * DAY - record["started_at"]
        for key in ("started_at", "answered_at", "ended_at"):
            if record[key] is not None:
                record[key] += shift
        return record

    def call(self, ordinal, row_id):
        dice = self.dice("calls", ordinal)
        started = self.calendar.started_at(ordinal)
        live = self.counts["calls"] - ordinal <= LIVE_CALLS and ordinal < self.counts["calls"]
        inbound = dice.chance(62)
        answered = dice.chance(74 if inbound else 66)
        if live:
            inbound = inbound or ordinal % 2 == 0
            answered = ordinal % 3 != 0
        ringing = 2 + dice.below(28)
        talking = 20 + dice.below(900) if answered else 0
        ended = started + (ringing + talking) * SECOND
        user = self.user_id(dice) if answered or not inbound else None
        country, digits = external_number(dice)
        contact = None
        if self.counts["contacts"] and dice.chance(76):
            caller = dice.below(self.counts["contacts"])
            contact = FIRST_CONTACT + caller
            country, digits = self.contact_phone(caller)
        elif dice.chance(9):
            country, digits = None, "anonymous"
        transferred = answered and not live and dice.chance(6)
        voicemail = inbound and not answered and not live and dice.chance(40)
        record = {
            "sid": "CA%032x" % (dice.bits() << 64 | dice.bits()) if dice.chance(97) else None,
            "direction": "inbound" if inbound else "outbound",
            "status": ("answered" if answered else "initial") if live else "done",
            "missed_call_reason": dice.pick(words.MISSED_REASONS)
                                  if inbound and not answered and not live else None,
            "started_at": started,
            "answered_at": started + ringing * SECOND if answered else None,
            "ended_at": None if live else ended,
            "duration": 0 if live else ringing + talking,
            "archived": not live and dice.chance(35),
            "country_code_a2": country,
            "raw_digits": digits,
            "user_id": user,
            "number_id": self.number_id(dice),
            "contact_id": contact,
            "assigned_to_id": self.user_id(dice) if not live and dice.chance(12) else None,
            "transferred_by_id": user if transferred else None,
            "transferred_to_id": self.user_id(dice) if transferred else None,
            "recorded": answered and not live and dice.chance(80),
            "has_voicemail": voicemail,
        }
        record.update(self._price(dice, started, live, talking))
        record.update(self._attachments(dice, ordinal, record))
        return record

    @staticmethod
    def _price(dice, started, live, talking):
        """Cost is 0.0 until Aircall has finished with the call, about 20 minutes later."""
        settled = not live and started < REFERENCE_TIME - 20 * MINUTE
        if not settled:
            return {"cents": "0.0", "pricing_type": None}
        if dice.chance(3):
            return {"cents": None, "pricing_type": None}
        kind = dice.pick(("in_bundle", "in_bundle", "metered"))
        minutes = (talking + 59) // 60
        return {"cents": "%d.%d" % (minutes * 3 // 2, minutes % 2 * 5) if kind == "metered"
                else dice.pick(("0.0", "3.0", "1.2")), "pricing_type": kind}

    def _attachments(self, dice, ordinal, record):
        """Tags, comments, teams, participants, menu choices, voice agents."""
        started = record["started_at"]
        inbound = record["direction"] == "inbound"
        tags = []
        if self.counts["tags"] and dice.chance(45):
            for index in sorted({dice.below(self.counts["tags"])
                                 for _ in range(1 + dice.below(3))}):
                tags.append((FIRST_TAG + index, started + dice.below(3600) * SECOND,
                             self.user_id(dice) if dice.chance(70) else None))
        comments = []
        if dice.chance(25):
            most = 5 if ordinal % 97 == 13 else 1 + dice.below(2)
            for position in range(most):
                comments.append({
                    "id": FIRST_CALL * 2 + ordinal * 5 + position,
                    "content": dice.pick(words.COMMENTS).format(n=1000 + dice.below(9000)),
                    "posted_at": started + (600 + position * 60) * SECOND,
                    "posted_by_id": self.user_id(dice) if dice.chance(80) else None})
        teams = []
        if inbound and self.counts["teams"] and dice.chance(55):
            teams = sorted({FIRST_TEAM + dice.below(self.counts["teams"])
                            for _ in range(1 + dice.below(2))})
        menu = []
        if inbound and dice.chance(18) and started > REFERENCE_TIME - IVR_MEMORY:
            title, key = dice.pick(words.IVR_OPTIONS)
            menu.append({"id": "ivr-%d" % ordinal, "title": title, "key": key,
                         "branch": None if dice.chance(50) else "branch " + key,
                         "at": started})
            if dice.chance(30):
                menu.append({"id": "ivr-%d-b" % ordinal, "title": "Speak to an agent", "key": "0",
                             "branch": As(None, MISSING), "at": started + 6 * SECOND})
        participants = None
        if dice.chance(1.5) and record["user_id"]:
            participants = [("user", record["user_id"]), ("external", record["raw_digits"])]
            if record["contact_id"]:
                participants.append(("contact", record["contact_id"]))
        agents = []
        if inbound and dice.chance(4):
            agents = [self._voice_agent(dice, ordinal, number, started)
                      for number in range(1 + dice.below(2))]
        return {"tag_list": tags, "comment_list": comments, "team_ids": teams, "menu": menu,
                "participants": participants, "agents": agents}

    @staticmethod
    def _voice_agent(dice, ordinal, number, started):
        escalated = dice.chance(50)
        return {
            "agent_id": "agent-%d" % (1 + ordinal % 3), "agent_name": "Front desk assistant",
            "end_reason": "escalated" if escalated else dice.pick(("completed", None)),
            "started_at": started + (2 + number * 40) * SECOND,
            "ended_at": started + (30 + number * 40) * SECOND,
            "escalation_reason": "caller asked for a person" if escalated else None,
            "escalation_target": {"type": "team", "destination": "Customer Care"}
                                 if escalated else None}
