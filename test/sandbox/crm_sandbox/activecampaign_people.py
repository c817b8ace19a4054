"""
ActiveCampaign rows about people: contacts, their lists, tags, field values,
accounts, automation entries, tracks and bounces.

Every maker is a pure function of (world, ordinal, id).  Contacts have ids with
gaps, so that nothing can confuse an id with a position.
"""
import unicodedata

from . import activecampaign_words as words
from .model import REFERENCE_TIME
from .wire import DAY, HOUR, MINUTE, MISSING, SECOND, As, iso_chicago, date_of
from .activecampaign_world import BIG, OPENED, no_date, nothing, unambiguous

CONTACT_FIRST = 7
CONTACT_STRIDE = 3
STATUSES = (1, 1, 2, 1, 1, 0, 1, 1, 3, 1, 1, 1, 2, 1, 1, 1)
ENTRY_STATUSES = (1, 2, 2, 1, 2)


def contact_id(ordinal):
    return CONTACT_FIRST + ordinal * CONTACT_STRIDE


# ---------------------------------------------------------------- contacts

def contact_created(world, ordinal):
    return world.born("contacts", ordinal, world.count("contacts"))


def contact_touched(world, ordinal):
    return world.later(world.dice("contact.touched", ordinal), contact_created(world, ordinal))


def contact_updated(world, ordinal):
    return None if ordinal % 53 == 17 else contact_touched(world, ordinal)


def contact_names(world, ordinal):
    dice = world.dice("contact.name", ordinal)
    if dice.below(4) == 0:
        return dice.pick(words.ODD_NAMES)
    return dice.pick(words.FIRST_NAMES), dice.pick(words.LAST_NAMES)


def _slug(text):
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "".join(c for c in plain if c.isalnum() or c in "'-")[:40] or "contact"


def contact_email(world, ordinal):
    """Unique and in lower case; one in a hundred contacts has only a phone."""
    if ordinal % 97 == 96:
        return ""
    first, last = contact_names(world, ordinal)
    domain = world.dice("contact.email", ordinal).pick(words.DOMAINS)
    joint = "+news." if ordinal % 41 == 3 else "."
    return "%s%s%s.%d@%s" % (_slug(first), joint, _slug(last), contact_id(ordinal), domain)


def contact_in_segment(segment, ordinal):
    """Whether a contact matches a segment (ids from 1)."""
    return (ordinal * 7 + segment) % (2 + segment) == 0


def contact(world, ordinal, row_id):
    dice = world.dice("contact", ordinal)
    first, last = contact_names(world, ordinal)
    email = contact_email(world, ordinal)
    created = contact_created(world, ordinal)
    seen = dice.below(3) == 0
    deleted = ordinal % 211 == 5
    bounced = len(world.bounces.rows(ordinal))
    record = {
        "email": email,
        "email_domain": email.rpartition("@")[2],
        "first_name": first, "last_name": last,
        "phone": _phone(dice),
        "created_at": created,
        "updated_at": contact_updated(world, ordinal),
        "touched_at": contact_touched(world, ordinal),
        "bounced_hard": min(bounced, 1), "bounced_soft": max(0, bounced - 1),
        "bounced_date": unambiguous(world.later(dice, created)) if bounced else no_date(dice),
        "ip": "10.%d.%d.%d" % (dice.below(256), dice.below(256), 1 + dice.below(254)) if seen else None,
        "ua": nothing(dice),
        "hash": "%032x" % (dice.bits() << 64 | dice.bits()),
        "socialdata_lastcheck": unambiguous(world.later(dice, created)) if dice.below(11) == 0 else no_date(dice),
        "rating_tstamp": unambiguous(world.later(dice, created)) if dice.below(13) == 0 else no_date(dice),
        "sentcnt": dice.below(400),
        "gravatar": dice.below(9) == 0,
        "deleted": deleted, "anonymized": ordinal % 313 == 7,
        "deleted_at": unambiguous(world.later(dice, created)) if deleted else no_date(dice),
        "last_activity_at": world.later(dice, created) if seen else None,
        "engaged_at": world.later(dice, created) if dice.below(4) == 0 else None,
        "created_by": dice.pick((None, 0, 1, 2)), "updated_by": dice.pick((None, 0, 1)),
        "mpp_tracking": dice.below(6) == 0,
        "last_open_date": unambiguous(world.later(dice, created)) if seen else None,
        "last_click_date": unambiguous(world.later(dice, created)) if dice.below(7) == 0 else None,
        "last_mpp_open_date": unambiguous(world.later(dice, created)) if dice.below(9) == 0 else None,
        "best_send_hour": dice.below(24) if dice.below(3) == 0 else None,
        "sms_consent": dice.below(2) if dice.below(4) == 0 else None,
        "sms_consent_updated_at": unambiguous(world.later(dice, created)) if dice.below(10) == 0 else no_date(dice),
        "whatsapp_id": str(dice.bits()) if dice.below(40) == 0 else None,
        "whatsapp_username": "@ridge_%d 💬" % row_id if dice.below(40) == 0 else None,
        "email_empty": not email if dice.below(3) else As(None, MISSING),
        "score_values": [str(row + 1) for row in world.scores.rows(ordinal)],
        "account_contact_ids": [row + 1 for row in world.jobs.rows(ordinal)],
    }
    if ordinal % 29 == 11:		# as before 2022: the newer keys did not exist
        for key in ("mpp_tracking", "last_open_date", "last_click_date", "last_mpp_open_date",
                    "best_send_hour", "sms_consent", "sms_consent_updated_at", "whatsapp_id",
                    "whatsapp_username"):
            record[key] = As(None, MISSING)
    return record


def _phone(dice):
    kind = dice.below(8)
    if kind < 2:
        return ""
    if kind == 2:
        return dice.pick(("0049 (30) 1234-%03d", "+49 30 1234 %03d ext. 7", "☎ 555-%03d")) % dice.below(1000)
    return "+1312555%04d" % dice.below(10_000)


# ---------------------------------------------------------------- lists and tags

def list_of(world, contact_ordinal, slot):
    """List ordinal of a contact's membership number slot."""
    return (contact_ordinal + slot) % world.count("lists")


def tag_of(world, contact_ordinal, slot):
    return (contact_ordinal * 7 + slot) % world.count("tags")


def entry_of(world, contact_ordinal, slot):
    """Automation ordinal of a contact's entry number slot."""
    return (contact_ordinal * 2 + slot) % world.count("automations")


def membership_status(contact_ordinal, slot):
    return STATUSES[(contact_ordinal * 5 + slot) % len(STATUSES)]


def child_counts(fan, period, classify):
    """How many child rows fall into each class, counted over one period of the pattern.

    classify(parent ordinal, slot) must repeat after period parents.
    """
    totals = {}
    rounds, rest = divmod(fan.parents, period)
    for parents, weight in ((period, rounds), (rest, 1)):
        for parent in range(parents if weight else 0):
            for slot in range(fan.starts[parent % fan.length + 1] - fan.starts[parent % fan.length]):
                kind = classify(parent, slot)
                totals[kind] = totals.get(kind, 0) + weight
    return totals


def membership_counts(world):
    """{(list ordinal, status): memberships}"""
    return child_counts(world.lists, world.lists.length * world.count("lists") * len(STATUSES),
                        lambda c, s: (list_of(world, c, s), membership_status(c, s)))


def a_list(world, ordinal, row_id):
    dice = world.dice("list", ordinal)
    name, channel = words.LISTS[ordinal % len(words.LISTS)]
    if ordinal >= len(words.LISTS):
        name += " %d" % (ordinal // len(words.LISTS) + 1)
    created = world.born("lists", ordinal, world.count("lists"))
    counts = membership_counts(world)
    members = sum(n for (number, _), n in counts.items() if number == ordinal)
    return {
        "name": name, "channel": channel, "stringid": _slug(name) + "-%d" % row_id,
        "user_id": 1 + dice.below(3), "created_at": created,
        "updated_at": world.later(dice, created) if ordinal % 3 else None,
        "sender_url": "https://ridgeline.example/?a=1&b=2" if ordinal % 2 else None,
        "sender_reminder": "You asked for our news \"by mail\"." if ordinal % 2 else None,
        "analytics_domains": nothing(dice), "carboncopy": nothing(dice),
        "created_by": dice.pick((None, 0, 1)), "updated_by": None,
        "twitter_token": "", "private": ordinal == 4,
        "non_deleted_subscribers": members, "active_subscribers": counts.get((ordinal, 1), 0),
    }


def contact_list(world, ordinal, row_id):
    owner, slot = world.lists.parent(ordinal)
    dice = world.dice("membership", ordinal)
    status = membership_status(owner, slot)
    listed = list_of(world, owner, slot)
    created = unambiguous(world.later(dice, contact_created(world, owner)))
    first, last = contact_names(world, owner)
    left = unambiguous(world.later(dice, created)) if status in (2, 3) else None
    by_automation = dice.below(8) == 0
    return {
        "contact_id": contact_id(owner), "list_id": listed + 1, "status": status,
        "form_id": 1 + dice.below(world.count("forms")) if membership_by_form(ordinal) else None,
        "automation_id": 1 + dice.below(world.count("automations")) if by_automation else None,
        "subscribed_at": created if status else None, "unsubscribed_at": left,
        "unsubreason": "Too many mails 😞" if status == 2 and dice.below(3) == 0 else nothing(dice),
        "campaign_id": 1 + dice.below(world.count("campaigns")) if status == 2 else None,
        "message_id": 1 + dice.below(40) if status == 2 and dice.below(2) else None,
        "unsubscribe_automation_id": 1 + dice.below(world.count("automations")) if status == 2 and dice.below(9) == 0 else None,
        "first_name": first, "last_name": last,
        "ip4_sub": "192.168.%d.%d" % (dice.below(256), dice.below(256)) if dice.below(4) == 0 else None,
        "ip4_last": "172.16.%d.%d" % (dice.below(256), dice.below(256)) if dice.below(9) == 0 else None,
        "ip4_unsub": "255.255.255.%d" % dice.below(256) if left and dice.below(3) == 0 else None,
        "sourceid": dice.pick((0, 0, 4, 3)),
        "autosync_log_id": BIG - ordinal if dice.below(40) == 0 else None,
        "created_at": created, "updated_at": left or created,
        "created_by": dice.pick((None, 1)), "updated_by": dice.pick((None, 0, 2)),
        "channel": words.LISTS[listed % len(words.LISTS)][1] if ordinal % 23 else As(None, MISSING),
    }


def membership_by_form(ordinal):
    return ordinal % 6 == 1


def tag(world, ordinal, row_id):
    dice = world.dice("tag", ordinal)
    name = words.TAGS[ordinal % len(words.TAGS)]
    if ordinal >= len(words.TAGS):
        name += " %d" % (ordinal // len(words.TAGS) + 1)
    created = unambiguous(world.born("tags", ordinal, world.count("tags")))
    counts = child_counts(world.tags, world.tags.length * world.count("tags"),
                          lambda c, s: tag_of(world, c, s))
    return {"tag": name, "tag_type": "template" if name.startswith("template") else "contact",
            "description": dice.pick(words.SENTENCES), "created_at": created,
            "updated_at": unambiguous(world.later(dice, created)),
            "subscriber_count": counts.get(ordinal, 0), "created_by": dice.pick((None, 1)),
            "deleted": False if ordinal % 11 else As(None, MISSING)}


def contact_tag(world, ordinal, row_id):
    owner, slot = world.tags.parent(ordinal)
    dice = world.dice("contact.tag", ordinal)
    created = world.later(dice, contact_created(world, owner))
    return {"contact_id": contact_id(owner), "tag_id": tag_of(world, owner, slot) + 1,
            "created_at": created, "updated_at": unambiguous(created),
            "created_by": dice.pick((None, 1, 0)), "updated_by": dice.pick((None, 2))}


# ---------------------------------------------------------------- custom fields of contacts

def field(world, ordinal, row_id):
    title, kind, tag_name, options = words.CONTACT_FIELDS[ordinal % len(words.CONTACT_FIELDS)]
    again = ordinal // len(words.CONTACT_FIELDS)
    created = world.born("fields", ordinal, world.count("custom_fields"))
    return {"title": title + (" %d" % again if again else ""), "type": kind,
            "perstag": tag_name + ("_%d" % again if again else ""),
            "descript": nothing(world.dice("field", ordinal)), "defval": "" if ordinal % 2 else None,
            "isrequired": ordinal == 1, "show_in_list": ordinal % 4 == 0,
            "rows": 3 if kind == "textarea" else 0, "ordernum": ordinal + 1,
            "created_at": created, "updated_at": created + ordinal * HOUR,
            "created_by": 1, "updated_by": None,
            "option_ids": [option_id(ordinal, i) for i in range(len(options))],
            "relation_ids": [row_id]}


def option_id(field_ordinal, number):
    return (field_ordinal + 1) * 20 + number


def option_places(world):
    """(field ordinal, option number) of every option row."""
    return [(i, j) for i in range(world.count("custom_fields"))
            for j in range(len(words.CONTACT_FIELDS[i % len(words.CONTACT_FIELDS)][3]))]


def field_option(world, ordinal, row_id):
    owner, number = option_places(world)[ordinal]
    text = words.CONTACT_FIELDS[owner % len(words.CONTACT_FIELDS)][3][number]
    created = world.born("fields", owner, world.count("custom_fields"))
    return {"id": option_id(owner, number), "field_id": owner + 1, "orderid": number + 1,
            "value": text, "label": text, "isdefault": number == 0,
            "created_at": created, "updated_at": created if number % 2 else None}


def field_rel(world, ordinal, row_id):
    return {"field_id": ordinal + 1, "rel_id": 0 if ordinal % 3 else 1, "dorder": ordinal,
            "created_at": world.born("fields", ordinal, world.count("custom_fields"))}


def field_of(world, contact_ordinal, slot):
    """Field ordinal of a contact's value number slot; 5 steps never repeat within 12."""
    return (contact_ordinal + slot * 5) % world.count("custom_fields")


def field_value(world, ordinal, row_id):
    owner, slot = world.values.parent(ordinal)
    number = field_of(world, owner, slot)
    dice = world.dice("field.value", ordinal)
    created = world.later(dice, contact_created(world, owner))
    return {"contact_id": contact_id(owner), "field_id": number + 1,
            "value": _field_text(dice, words.CONTACT_FIELDS[number % len(words.CONTACT_FIELDS)]),
            "created_at": created, "updated_at": world.later(dice, created),
            "created_by": dice.pick((None, 0, 1)), "updated_by": dice.pick((None, 1))}


def _field_text(dice, definition):
    _, kind, tag_name, options = definition
    when = OPENED + dice.below(2000) * DAY + dice.below(86400) * SECOND
    if dice.below(12) == 0:
        return dice.pick(("", None))
    if kind == "date":
        return "19%02d-%02d-%02d" % (dice.between(30, 99), dice.between(1, 12), dice.between(1, 28))
    if kind == "datetime":
        return iso_chicago(when)
    if kind in ("checkbox", "listbox"):
        return "||%s||" % "||".join(dice.some(options, 4) or options[:1])
    if options:
        return dice.pick(options)
    if kind == "hidden":
        return date_of(when)
    if tag_name == "GRE_CM":
        return dice.pick(("172", "180,5", "1.68 m", " 165", "groß", "19\"", "0"))
    return dice.pick(words.SENTENCES)


# ---------------------------------------------------------------- accounts

def account(world, ordinal, row_id):
    dice = world.dice("account", ordinal)
    if dice.below(5) == 0:
        name = "%s %d" % (dice.pick(words.ODD_COMPANIES), row_id)
    else:
        name = "%s %s" % (words.COMPANY_HEADS[ordinal % len(words.COMPANY_HEADS)], dice.pick(words.COMPANY_TAILS))
    created = world.born("accounts", ordinal, world.count("accounts"))
    return {"name": name, "account_url": dice.pick((None, "", "https://shop%d.example/" % row_id)),
            "created_at": created, "updated_at": world.later(dice, created),
            "owner_id": 1 + dice.below(world.count("users")) if ordinal % 19 else As(None, MISSING)}


def account_contact(world, ordinal, row_id):
    owner, slot = world.jobs.parent(ordinal)
    dice = world.dice("job", ordinal)
    created = world.later(dice, contact_created(world, owner))
    return {"contact_id": contact_id(owner),
            "account_id": (owner * 3 + slot) % world.count("accounts") + 1,
            "job_title": dice.pick(("Buyer", "Owner", "", "Leiter Einkauf", "CEO & \"Founder\"", "🧗 Guide")),
            "created_at": created, "updated_at": world.later(dice, created)}


# ---------------------------------------------------------------- automation entries, scores

def contact_automation(world, ordinal, row_id):
    owner, slot = world.entries.parent(ordinal)
    dice = world.dice("entry", ordinal)
    status = ENTRY_STATUSES[(owner + slot) % len(ENTRY_STATUSES)]
    added = world.later(dice, contact_created(world, owner))
    removed = world.later(dice, added) if status == 2 else None
    steps = 3 + dice.below(9)
    done = steps if status == 2 else dice.below(steps)
    return {"contact_id": contact_id(owner), "automation_id": entry_of(world, owner, slot) + 1,
            "start_id": 1 + dice.below(20), "status": status,
            "batchid": dice.pick((None, None, "b-%d" % ordinal)),
            "added_at": added, "remdate": removed,
            "timespan": (removed - added) // SECOND if removed else None,
            "lastblock": 1 + dice.below(80), "last_log_id": BIG - ordinal if ordinal % 37 == 0 else ordinal + 1,
            "lastdate": removed or added, "completed_elements": done, "total_elements": steps,
            "completed": status == 2, "complete_value": 100 * done // steps}


def contact_goal(world, ordinal, row_id):
    owner, _ = world.goals.parent(ordinal)
    dice = world.dice("goal", ordinal)
    return {"goal_id": 1 + dice.below(4), "automation_id": 1 + dice.below(world.count("automations")),
            "contact_id": contact_id(owner), "contact_automation_id": 1 + dice.below(max(1, world.entries.total)),
            "timespan": dice.below(90 * 86400), "tstamp": world.later(dice, contact_created(world, owner))}


def score_value(world, ordinal, row_id):
    owner, slot = world.scores.parent(ordinal)
    dice = world.dice("score", ordinal)
    created = world.later(dice, contact_created(world, owner))
    return {"contact_id": contact_id(owner), "score_id": slot + 1, "deal_id": None,
            "score_value": dice.below(250) - 20, "created_at": created,
            "updated_at": world.later(dice, created)}


# ---------------------------------------------------------------- traces

def _place(dice):
    city, state, code, country, lat, lon, zone, offset = dice.pick(words.PLACES)
    return {"city": city, "state": state, "zip": code, "country2": country, "lat": lat, "lon": lon,
            "tz": zone, "offset": offset}


def contact_data(world, ordinal, row_id):
    """A singleton: every third contact has one."""
    owner = ordinal * 3
    dice = world.dice("contact.data", ordinal)
    place = _place(dice)
    known = dice.below(2) == 0
    return {"contact_id": contact_id(owner), "tstamp": world.later(dice, contact_created(world, owner)),
            "geo_ip4": "10.1.%d.%d" % (dice.below(256), dice.below(256)) if known else None,
            "geo_country2": place["country2"] if known else "", "geo_country": "",
            "geo_state": place["state"] if known else "", "geo_city": place["city"] if known else "",
            "geo_zip": place["zip"] if known else "",
            "geo_lat": place["lat"] if known else "0", "geo_lon": place["lon"] if known else "0",
            "geo_tz": place["tz"] if known else "", "geo_tz_offset": place["offset"] if known else "0"}


def geo_ip(world, ordinal, row_id):
    owner, _ = world.geo.parent(ordinal)
    dice = world.dice("geo", ordinal)
    return {"contact_id": contact_id(owner), "campaign_id": dice.below(world.count("campaigns")) or None,
            "message_id": None, "geo_address_id": 1 + dice.below(len(words.PLACES)),
            "ip4": "203.0.113.%d" % dice.below(256),
            "tstamp": world.later(dice, contact_created(world, owner))}


def geo_address(world, ordinal, row_id):
    city, state, code, country, lat, lon, zone, _ = words.PLACES[ordinal]
    return {"ip4": "203.0.113.%d" % ordinal, "country2": country, "country": country, "state": state,
            "city": city, "zip": code, "lat": lat, "lon": lon, "tz": zone,
            "tstamp": OPENED + ordinal * DAY}


def tracking_log(world, ordinal, row_id):
    owner, _ = world.tracking.parent(ordinal)
    dice = world.dice("tracking", ordinal)
    return {"contact_id": contact_id(owner), "type": dice.pick(("site", "site", "event")),
            "value": dice.pick(("https://ridgeline.example/zelte?größe=l&q=\"2\"", "https://ridgeline.example/",
                                "cart_abandoned", "https://ridgeline.example/" + "a" * 900)),
            "tstamp": world.later(dice, contact_created(world, owner)), "hash": "%016x" % dice.bits()}


def bounce_log(world, ordinal, row_id):
    owner, _ = world.bounces.parent(ordinal)
    dice = world.dice("bounce", ordinal)
    when = unambiguous(world.later(dice, contact_created(world, owner)))
    return {"tstamp": when, "bounce_id": dice.below(3) or None, "contact_id": contact_id(owner),
            "campaign_id": 1 + dice.below(world.count("campaigns")), "message_id": 1 + dice.below(40),
            "code": dice.pick(words.BOUNCE_CODES), "email": contact_email(world, owner),
            "error": dice.pick(("", "550 5.1.1 \"no such user\"")), "source": dice.pick(("smtp", "fbl")),
            "created_at": when, "updated_at": when, "created_by": None, "updated_by": None}


def activity(world, ordinal, row_id):
    """The feed holds only contacts that somebody looked at: the first ones."""
    owner = ordinal % max(1, min(world.count("contacts"), 60))
    dice = world.dice("activity", ordinal)
    model = dice.pick(("Log", "SubscriberTag", "Deal", "Note"))
    return {"tstamp": world.later(dice, contact_created(world, owner)), "contact_id": contact_id(owner),
            "reference_type": model, "reference_id": ordinal + 1,
            "json_data": dice.pick((None, "{\"a\":\"ü\"}")), "user_id": dice.below(4) or None,
            "reference_model_name": model.lower(), "notes": [], "recipients": [],
            "reference": {"type": model.lower(), "id": str(ordinal + 1)}}


def email_activity(world, ordinal, row_id):
    owner = (ordinal * 13) % max(1, world.count("contacts"))
    dice = world.dice("email.activity", ordinal)
    body = dice.pick(words.SENTENCES)
    return {"contact_id": contact_id(owner), "user_id": 1 + dice.below(world.count("users")),
            "deal_id": 1 + dice.below(world.count("deals")) if dice.below(2) else None,
            "account_id": 1 + dice.below(world.count("accounts")) if dice.below(3) == 0 else None,
            "rel_id": contact_id(owner), "from_name": dice.pick(words.FIRST_NAMES),
            "from_address": "sales@ridgeline.example", "to_address": contact_email(world, owner),
            "subject": "Re: " + dice.pick(words.CAMPAIGN_TOPICS), "message": body,
            "message_html": "<p>%s</p>" % body, "tstamp": REFERENCE_TIME - ordinal * 7 * HOUR - MINUTE,
            "reference": {"type": "contact", "id": str(contact_id(owner))}}


def contact_log(world, ordinal, row_id):
    owner, _ = world.logs.parent(ordinal)
    dice = world.dice("contact.log", ordinal)
    return {"contact_id": contact_id(owner), "type": dice.pick(("log", "click")),
            "tstamp": world.later(dice, contact_created(world, owner))}
