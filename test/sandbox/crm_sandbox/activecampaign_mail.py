"""
ActiveCampaign rows about mailing: campaigns, their links, messages and lists,
automations, forms, segments, and what surrounds them.
"""
from . import activecampaign_words as words
from .activecampaign_people import ENTRY_STATUSES, child_counts, entry_of
from .activecampaign_world import BIG, OPENED, nothing, unambiguous
from .model import REFERENCE_TIME
from .wire import DAY, HOUR, MINUTE, SECOND, As, iso_z_ms

LINKS_PER_CAMPAIGN = 3
KINDS = ("single", "single", "split", "responder", "single", "recurring", "reminder", "special", "activerss", "text")
MESSAGES = 40
COUNTERS = ("send_amt", "total_amt", "opens", "unique_opens", "link_clicks", "unique_link_clicks",
            "subscriber_clicks", "forwards", "unique_forwards", "hard_bounces", "soft_bounces",
            "unsubscribes", "unsubreasons", "updates", "social_shares", "replies", "unique_replies",
            "verified_opens", "verified_unique_opens")


def _counters(dice, sent):
    """Plausible metrics of one mailing; all zero before anything was sent."""
    unique = sent * (20 + dice.below(30)) // 100
    verified = unique * (70 + dice.below(25)) // 100
    clicks = unique * dice.below(20) // 100
    values = (sent, sent + dice.below(50) if sent else 0, unique * 3 // 2, unique, clicks * 3 // 2, clicks,
              clicks * 9 // 10, clicks // 20, clicks // 30, sent // 900, sent // 200, sent // 300,
              sent // 900, clicks // 9, clicks // 11, clicks // 15, clicks // 18, verified * 3 // 2, verified)
    return dict(zip(COUNTERS, values))


def _campaign_state(dice, ordinal):
    """(status, word, automated): drafts, live automation mails, finished mailings and the rest."""
    if ordinal % 6 == 2:
        return 1, "Automation", True
    if ordinal % 10 == 3:
        return 0, "Draft", False
    if ordinal % 15 == 7:
        return dice.pick(((1, "Scheduled"), (2, "Sending"), (3, "Paused"), (4, "Stopped"), (6, "Disabled"),
                          (7, "Pending approval"))) + (False,)
    return 5, "Completed", False


def campaign(world, ordinal, row_id):
    dice = world.dice("campaign", ordinal)
    status, word, automated = _campaign_state(dice, ordinal)
    created = world.born("campaigns", ordinal, world.count("campaigns"))
    sent_at = world.later(dice, created) if status in (2, 4, 5) else None
    sent = 0 if status == 0 or (status == 1 and not automated) else 50 + dice.below(24_000)
    kind = "single" if automated else KINDS[ordinal % len(KINDS)]
    automation = 1 + dice.below(world.count("automations")) if automated else None
    changed = unambiguous(max(world.later(dice, created), sent_at or 0))
    return {
        **_counters(dice, sent),
        "type": kind, "user_id": 1 + dice.below(world.count("users")), "automation_id": automation,
        "automation": automation,
        "segment_id": dice.pick(("0", "0", "3", "6f9619ff-8b86-d011-b42d-00cf4fc964ff")),
        "send_id": BIG - ordinal if dice.below(10) == 0 else dice.below(900), "thread_id": dice.below(900),
        "address_id": 1 + dice.below(3), "source": dice.pick(("web", "web", "copy", "ai", "api")),
        "name": "%s %d" % (dice.pick(words.CAMPAIGN_TOPICS), row_id),
        "created_at": created, "modified_at": world.later(dice, created),
        "sent_at": sent_at, "last_sent_at": sent_at + 2 * HOUR if sent_at else None,
        "updated_at": changed, "status": status, "form_id": 1 + dice.below(world.count("forms")) if ordinal % 20 == 9 else None,
        "copied_from_at": created - 90 * DAY if ordinal % 7 == 1 else created,
        "base_template_id": "%040x" % dice.bits() if dice.below(2) else "0",
        "htmlunsubdata": nothing(dice), "textunsubdata": nothing(dice),
        "split_content": kind == "split", "schedule": word == "Scheduled",
        "ip4": "10.2.%d.%d" % (dice.below(256), dice.below(256)) if dice.below(3) == 0 else None, "ip": "10.3.0.%d" % dice.below(256) if dice.below(4) == 0 else None,
        "created_by": 1 + dice.below(3), "updated_by": dice.pick((None, 1)),
        "number_of_messages": 2 if kind == "split" else 1, "campaign_is_text": kind == "text",
        "campaign_message_id": row_id, "message_id": 1 + ordinal % MESSAGES,
        "type_text": {"split": "Split test", "recurring": "Recurring"}.get(kind, "One-Time"),
        "status_string": word, "group_limit_violation": False,
        "scheduleddate": REFERENCE_TIME + 3 * DAY if word == "Scheduled" else None,
        "deletestamp": unambiguous(changed) if ordinal == 51 else None,
    }


def campaign_link(world, ordinal, row_id):
    owner, number = divmod(ordinal, LINKS_PER_CAMPAIGN)
    dice = world.dice("link", ordinal)
    link = "open" if number == 0 else dice.pick((
        "https://ridgeline.example/zelte?ref=%PERSTAG%&a=b", "https://ridgeline.example/größen", "mailto:a@b.example"))
    clicks = dice.below(400)
    return {"campaign_id": owner + 1, "message_id": 1 + owner % MESSAGES if dice.below(6) else None, "link": link,
            "name": "Read beacon" if number == 0 else dice.pick(("", "Shop", "\"Größe\" 📏")),
            "unique_link_clicks": clicks // 2, "link_clicks": clicks}


def campaign_message(world, ordinal, row_id):
    dice = world.dice("campaign.message", ordinal)
    return {"campaign_id": ordinal + 1, "message_id": 1 + ordinal % MESSAGES,
            "subject": dice.pick(words.CAMPAIGN_TOPICS), "spamcheck_score": "0.0", "spamcheck_max": "5.0"}


def campaign_list(world, ordinal, row_id):
    dice = world.dice("campaign.list", ordinal)
    created = world.born("campaigns", ordinal, world.count("campaigns"))
    number = dice.below(world.count("lists"))
    return {"campaign_id": ordinal + 1, "list_id": number + 1, "user_id": 1, "list_amt": dice.below(5000),
            "created_at": created, "updated_at": created + HOUR, "name": words.LISTS[number % len(words.LISTS)][0]}


def message(world, ordinal, row_id):
    dice = world.dice("message", ordinal)
    created = world.born("messages", ordinal, MESSAGES)
    topic = dice.pick(words.CAMPAIGN_TOPICS)
    body = dice.pick(words.SENTENCES)
    return {"user_id": 1 + dice.below(world.count("users")), "created_at": created,
            "updated_at": world.later(dice, created), "name": topic if ordinal % 3 else "",
            "fromname": "Ridgeline \"Outdoor\"", "fromemail": "news@ridgeline.example",
            "subject": "%s – %%FIRSTNAME%%" % topic, "text": body,
            "html": "<html><body><h1>%s</h1><p>%s</p>%s</body></html>" % (
                topic, body, "<!-- \u00a0 spacer -->" * (800 if ordinal == 7 else 20)),
            "preview_data": nothing(dice)}


def template(world, ordinal, row_id):
    return {"user_id": 1, "name": ("Plain", "News – Größe XL", "Sale \"50 %\"", "🎿 Winter")[ordinal],
            "subject": None, "content": "<table><tr><td>{{ body }}</td></tr></table>" * 10,
            "updated_at": unambiguous(OPENED + ordinal * 97 * DAY), "used": ordinal < 2}


def personalization(world, ordinal, row_id):
    return {"name": ("Footer", "Hours", "Grüße")[ordinal], "tag": ("FOOTER", "HOURS", "GRUESSE")[ordinal],
            "format": ("html", "text", "text")[ordinal], "content": "Mon–Fri \"9–17\"",
            "list_ids": [1, 2], "list_names": "Newsletter, Trade customers", "lists_count": 2,
            "is_locked": ordinal == 0}


# ---------------------------------------------------------------- automations, segments, forms

def automation(world, ordinal, row_id):
    dice = world.dice("automation", ordinal)
    name = words.AUTOMATIONS[ordinal % len(words.AUTOMATIONS)]
    again = ordinal // len(words.AUTOMATIONS)
    created = world.born("automations", ordinal, world.count("automations"))
    period = world.entries.length * world.count("automations") * len(ENTRY_STATUSES)
    counts = child_counts(world.entries, period, lambda c, s: (
        entry_of(world, c, s), ENTRY_STATUSES[(c + s) % len(ENTRY_STATUSES)]))
    status = 0 if "draft" in name else 2 if ordinal == 4 else 1
    return {"name": name + (" %d" % again if again else ""), "created_at": created,
            "updated_at": world.later(dice, created), "user_id": 1 + dice.below(world.count("users")),
            "status": As(status, status) if ordinal == 4 else status,
            "entered": sum(n for (a, _), n in counts.items() if a == ordinal), "exited": counts.get((ordinal, 2), 0),
            "screenshot": "//img.example/%d.png" % row_id, "defaultscreenshot": "//img.example/default.png",
            "description": dice.pick((None, "", "Sends \"hello\" – und mehr")), "multientry": ordinal == 1,
            "source": 7 if status == 0 else 0}


def segment(world, ordinal, row_id):
    created = unambiguous(world.born("segments", ordinal, world.count("segments")))
    name = words.SEGMENTS[ordinal % len(words.SEGMENTS)]
    return {"name": name, "logic": "or" if ordinal % 2 else "and", "hidden": ordinal == 3, "automation_id": None,
            "created_at": created, "updated_at": unambiguous(created + 40 * DAY), "created_by": 1, "updated_by": None,
            "segmentid_v2": "00000000-0000-4000-8000-%012x" % row_id}


def audience(world, ordinal, row_id):
    created = OPENED + ordinal * 200 * DAY + 345_000
    total, active = (1500 * row_id, 1100 * row_id) if ordinal != 1 else (None, None)
    counted = iso_z_ms(REFERENCE_TIME - DAY)
    run = {"last_total_updated": counted, "run_id": "run-%d" % row_id, "run_id_start": counted, "run_id_end": counted}
    counts = {"last_total": {"count": total, **run}, "last_active_total": {"count": active, **run}}
    return {"uuid": "aud-00000000-0000-4000-8000-%012x" % row_id, "type": "segment",
            "segment_id": "00000000-0000-4000-8000-%012x" % row_id, "category": "audience",
            "name": words.SEGMENTS[ordinal % len(words.SEGMENTS)], "last_total": total, "last_active_total": active,
            "counts": counts, "last_used_date": REFERENCE_TIME - 2 * DAY if ordinal else None,
            "created_at": created, "updated_at": created + 90 * DAY}


def form(world, ordinal, row_id):
    dice = world.dice("form", ordinal)
    created = world.born("forms", ordinal, world.count("forms"))
    again = ordinal // len(words.FORMS)
    return {"name": words.FORMS[ordinal % len(words.FORMS)] + (" %d" % again if again else ""),
            "actiondata": ({}, [], {"actions": [{"type": "subscribe-to-list", "list": 1}]})[ordinal % 3],
            "submitdata": {"url": ""} if ordinal % 2 else {}, "style": [] if ordinal % 3 else {"background": "#fff"},
            "options": {}, "cfields": [{"type": "email", "header": "E-Mail *", "class": "_x"}] if ordinal != 2
            else {"0": {"type": "email"}},
            "url": dice.pick((None, "")), "title": dice.pick((None, "", "Größe wählen")), "body": nothing(dice),
            "user_id": 1, "address_id": 1 if ordinal == 1 else None, "address": None, "parent_form_id": None, "aid": dice.pick((None, 0)),
            "created_at": created, "updated_at": world.later(dice, created), "entries": dice.below(900),
            "contacts": dice.below(900), "recent": [] if ordinal % 2 else [{"id": "1", "email": "ada@example.org"}]}


def exclusion(world, ordinal, row_id):
    return {"match_phrase": ("spam@", "@nowhere.example", "\"quoted\"@x.example")[ordinal],
            "match_type": ("begin", "end", "exact")[ordinal], "channel": ("all", "allEmail", "allSms")[ordinal],
            "hidden": ordinal == 1, "list_ids": [i + 1 for i in range(ordinal)]}


def score(world, ordinal, row_id):
    return {"rel_type": ("contact", "contact", "deal")[ordinal], "name": ("Interest", "Wärme 🔥", "Fit")[ordinal],
            "descript": ("", "how \"warm\"", "")[ordinal], "status": int(ordinal != 1),
            "created_at": OPENED + ordinal * DAY, "updated_at": OPENED + ordinal * 40 * DAY + 5 * SECOND}


def saved_response(world, ordinal, row_id):
    return {"title": ("Thanks", "Größen", "Lost parcel")[ordinal], "subject": "Re: your mail",
            "body": "<p>Hello \"%FIRSTNAME%\",</p>", "created_at": OPENED + ordinal * 90 * DAY + 7 * MINUTE,
            "updated_at": None if ordinal else OPENED + 91 * DAY, "ldate": None,
            "last_sent_user_id": None if ordinal else 1}
