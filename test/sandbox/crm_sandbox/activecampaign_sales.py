"""
ActiveCampaign rows about selling: deals and their pipelines, tasks, notes,
custom field values, and the history of deals.
"""
from decimal import Decimal

from . import activecampaign_words as words
from .activecampaign_people import contact_created, contact_id
from .activecampaign_world import BIG, CENT, FALL_BACK, OPENED, no_date, unambiguous
from .model import REFERENCE_TIME
from .wire import DAY, HOUR, MINUTE, SECOND, As, date_of, iso_utc

# Dollars of one unit, for the filters that count in whole US dollars.
RATES = {"usd": Decimal(1), "eur": Decimal("1.10"), "gbp": Decimal("1.30"), "jpy": Decimal("0.01"), "chf": Decimal("1.15")}
STAGES_PER_PIPELINE = 4
LONG_NOTE = 199
REFERENCE_SECONDS = (FALL_BACK - 1800 * SECOND, FALL_BACK + 1800 * SECOND, FALL_BACK - SECOND, FALL_BACK)


# ---------------------------------------------------------------- deals

def deal_created(world, ordinal):
    """Not in the order of ids; every ninth deal of an import shares one second."""
    count = world.count("deals")
    if ordinal >= count:
        return REFERENCE_TIME + (ordinal - count + 1) * SECOND
    if ordinal % 9 == 4:
        return OPENED + (300 + ordinal // (count // 3 + 1)) * DAY
    if ordinal % 40 == 7:
        return REFERENCE_SECONDS[ordinal // 40 % len(REFERENCE_SECONDS)]
    place = ordinal * 7919 % count
    return (OPENED + place * (REFERENCE_TIME - DAY - OPENED) // count) // SECOND * SECOND


def deal_updated(world, ordinal):
    return world.later(world.dice("deal.updated", ordinal), deal_created(world, ordinal))


def deal_owner(world, ordinal):
    return 1 + world.dice("deal.owner", ordinal).below(world.count("users"))


def deal_stage(world, ordinal):
    """(pipeline id, stage id)"""
    stage = world.dice("deal.stage", ordinal).below(world.count("deal_stages"))
    return stage // STAGES_PER_PIPELINE % world.count("deal_pipelines") + 1, stage + 1


def deal_status(world, ordinal):
    return (0, 0, 1, 0, 2)[world.dice("deal.status", ordinal).below(5)]


def deal_contact(world, ordinal):
    """One deal in fifty refers to a contact that was deleted."""
    contact = contact_id(world.dice("deal.contact", ordinal).below(max(1, world.count("contacts"))))
    return contact + 1 if ordinal % 50 == 31 else contact


def _value(dice, ordinal):
    special = {0: CENT, 11: Decimal(10) ** 13, 22: Decimal(0), 33: Decimal("90071992547409.93"), 44: Decimal("-12.50")}
    if ordinal % 120 in special:
        return special[ordinal % 120]
    return Decimal(dice.between(20_000, 4_000_000)) * CENT


def deal(world, ordinal, row_id):
    dice = world.dice("deal", ordinal)
    pipeline, stage = deal_stage(world, ordinal)
    created = deal_created(world, ordinal)
    odd = dice.below(4) == 0
    title = "%s %s – %s" % (dice.pick(words.COMPANY_HEADS), dice.pick(words.COMPANY_TAILS), dice.pick(words.DEAL_KINDS))
    task = dice.below(4) == 0
    predicted = dice.below(3) == 0
    return {
        "hash": "%08x" % (dice.bits() >> 32), "owner_id": deal_owner(world, ordinal),
        "contact_id": deal_contact(world, ordinal),
        "pipeline_id": pipeline, "stage_id": stage,
        "title": dice.pick(words.ODD_TITLES) if odd else title,
        "description": dice.pick(words.SENTENCES),
        "percent": dice.pick((0, 0, 25, 50, 90)),
        "created_at": created, "updated_at": deal_updated(world, ordinal),
        "next_date": REFERENCE_TIME + (dice.below(60) - 20) * DAY + dice.below(1440) * MINUTE if task else None,
        "next_task_id": 1 + dice.below(world.count("deal_tasks")) if task else dice.pick((None, As(None, "0"))),
        "value": _value(dice, ordinal), "currency": dice.pick(words.CURRENCIES).upper(),
        "status": deal_status(world, ordinal), "activity_count": dice.below(40),
        "nextdealid": BIG - ordinal if ordinal % 71 == 5 else row_id + 1,
        "edate": unambiguous(world.later(dice, created)) if dice.below(3) == 0 else no_date(dice),
        "win_probability": dice.below(101) if predicted else None,
        "win_probability_mdate": world.later(dice, created) if predicted else None,
        "account_id": 1 + dice.below(world.count("accounts")) if dice.below(3) else None,
    }


def pipeline(world, ordinal, row_id):
    title, currency = words.PIPELINES[ordinal % len(words.PIPELINES)]
    again = ordinal // len(words.PIPELINES)
    created = world.born("pipelines", ordinal, world.count("deal_pipelines"))
    per = STAGES_PER_PIPELINE
    return {"title": title + (" %d" % again if again else ""), "currency": currency.upper(), "autoassign": ordinal % 3,
            "allusers": ordinal % 2 == 0, "created_at": created, "updated_at": created + 3 * DAY,
            "win_probability_initialize_date": created + DAY if ordinal % 2 else As(None, "0000-00-00 00:00:00"),
            "stage_ids": list(range(ordinal * per + 1, ordinal * per + per + 1)),
            "count": sum(1 for i in range(min(world.count("deals"), 20_000)) if deal_stage(world, i)[0] == row_id)}


def stage(world, ordinal, row_id):
    number = ordinal % STAGES_PER_PIPELINE
    made = None if number < 3 else world.born("stages", ordinal, world.count("deal_stages"))
    return {"title": words.STAGES[number % len(words.STAGES)],
            "pipeline_id": ordinal // STAGES_PER_PIPELINE % world.count("deal_pipelines") + 1,
            "display_order": number + 1, "created_at": made, "updated_at": made}


# ---------------------------------------------------------------- tasks

def deal_task(world, ordinal, row_id):
    dice = world.dice("task", ordinal)
    on_deal = dice.below(4) > 0
    owner = 1 + dice.below(world.count("deals")) if on_deal else contact_id(dice.below(max(1, world.count("contacts"))))
    due = (OPENED + 1500 * DAY + dice.below(620 * 86400) * SECOND)
    done = dice.below(3) == 0
    outcome = 1 + dice.below(3) if done and dice.below(2) else None
    return {"title": dice.pick((None, "", "Call \"back\"")), "note": dice.pick(words.SENTENCES),
            "duedate": due, "edate": due + dice.pick((15, 30, 60)) * MINUTE, "status": int(done),
            "rel_id": owner, "rel_type": "Deal" if on_deal else "Subscriber",
            "owner": {"type": "deal" if on_deal else "contact", "id": str(owner)},
            "owner_id": owner, "owner_type": "deal" if on_deal else "contact",
            "task_type_id": 1 + dice.below(4), "created_at": due - 5 * DAY, "updated_at": due - 2 * HOUR,
            "automation_id": 1 + dice.below(world.count("automations")) if dice.below(6) == 0 else None,
            "done_automation_id": 2 if dice.below(20) == 0 else None,
            "user_id": 1 + dice.below(world.count("users")),
            "assignee_id": 1 + dice.below(world.count("users")),
            "outcome_id": outcome, "outcome_info": "went \"well\" 👍" if outcome else None,
            "duration": dice.pick((0, 900, 3600)), "donedate": due if done else None}


def task_type(world, ordinal, row_id):
    title = ("Call", "Email", "To-do", "Visit – Messe")[ordinal]
    return {"title": title, "status": int(ordinal == 3), "defduration": (15, 0, 0, 60)[ordinal] * 60,
            "created_at": None if ordinal < 3 else OPENED + 9 * DAY, "updated_at": None if ordinal < 3 else OPENED + 90 * DAY}


def task_outcome(world, ordinal, row_id):
    return {"title": ("No answer", "Left a message", "Agreed 🎉")[ordinal],
            "sentiment": ("NEGATIVE", "NEUTRAL", "POSITIVE")[ordinal], "created_by": 1, "updated_by": 1,
            "created_at": OPENED + ordinal * DAY, "updated_at": OPENED + (ordinal + 3) * DAY,
            "task_type_ids": [1] if ordinal else []}


def outcome_rel(world, ordinal, row_id):
    created = OPENED + ordinal * DAY
    return {"task_type_id": ordinal % 4 + 1, "outcome_id": ordinal % 3 + 1, "display_order": ordinal,
            "created_by": 1, "created_at": created, "updated_by": None, "updated_at": unambiguous(created + HOUR)}


# ---------------------------------------------------------------- history, second contacts, notes

def deal_activity(world, ordinal, row_id):
    owner, slot = world.deal_events.parent(ordinal)
    dice = world.dice("deal.activity", ordinal)
    kind = dice.pick(("contact", "task", "note", "userid", "stage", "status", "value"))
    automated = dice.below(10) == 0
    return {"deal_id": owner + 1, "stage_id": deal_stage(world, owner)[1], "user_id": deal_owner(world, owner),
            "data_id": dice.below(90), "data_type": kind, "data_action": dice.pick(("", "add", "update")),
            "data_oldval": dice.pick(("", "0", "12000", "Größe \"alt\"")) if slot else "",
            "created_at": world.later(dice, deal_created(world, owner)), "deleted": dice.below(30) == 0,
            "is_addtask": kind == "task",
            "automation_id": 1 + dice.below(world.count("automations")) if automated else None}


def contact_deal(world, ordinal, row_id):
    dice = world.dice("contact.deal", ordinal)
    owner = dice.below(max(1, world.count("contacts")))
    created = world.later(dice, contact_created(world, owner))
    return {"deal_id": 1 + dice.below(world.count("deals")), "contact_id": contact_id(owner),
            "role_id": 1 + dice.below(3) if dice.below(2) else None, "created_at": created,
            "updated_at": unambiguous(created), "created_by": dice.pick((None, 1)), "updated_by": dice.pick((None, 2))}


def deal_role(world, ordinal, row_id):
    return {"title": ("Decides", "Uses \"it\"", "Pays 💶")[ordinal], "created_at": OPENED + ordinal * HOUR,
            "updated_at": OPENED + ordinal * DAY}


def note(world, ordinal, row_id):
    dice = world.dice("note", ordinal)
    kind = dice.pick(("Deal", "Subscriber", "Subscriber", "CustomerAccount", "DealTask", "Activity"))
    if kind == "Subscriber":
        owner, shown = contact_id(dice.below(max(1, world.count("contacts")))), "contact"
    elif kind == "CustomerAccount":
        owner, shown = 1 + dice.below(world.count("accounts")), "customerAccount"
    else:
        owner, shown = 1 + dice.below(world.count("deals")), kind[:1].lower() + kind[1:]
    created = world.born("notes", ordinal, world.count("notes"))
    text = dice.pick(words.SENTENCES)
    if ordinal == LONG_NOTE:
        text = "Protokoll – \"long\" 🧾\n" + "Zeile mit Größe und Preis 1.234,56 €\n" * 5200
    return {"note": text, "rel_type": kind, "rel_id": owner, "owner": {"type": shown, "id": str(owner)},
            "owner_id": owner, "owner_type": shown,
            "user_id": 1 + dice.below(world.count("users")), "created_at": created,
            "updated_at": world.later(dice, created), "is_draft": dice.below(20) == 0}


# ---------------------------------------------------------------- custom fields of deals and accounts

def _meta(world, definition, ordinal):
    label, kind, options, default = definition
    return {"field_label": label, "field_type": kind, "field_options": list(options) if options else None,
            "field_default": default, "is_form_visible": ordinal % 2 == 0, "is_required": ordinal == 3,
            "display_order": ordinal + 1, "created_at": OPENED + ordinal * DAY,
            "updated_at": OPENED + ordinal * DAY + HOUR,
            "field_default_currency": "usd" if kind == "currency" else None,
            "personalization": "DEAL_%d" % ordinal if ordinal % 2 else "",
            "known_field_id": ordinal if ordinal == 1 else None, "hide_field_flag": ordinal == 7}


def deal_field(world, ordinal, row_id):
    return _meta(world, words.DEAL_FIELDS[ordinal % len(words.DEAL_FIELDS)], ordinal)


def account_field(world, ordinal, row_id):
    return _meta(world, words.ACCOUNT_FIELDS[ordinal % len(words.ACCOUNT_FIELDS)], ordinal)


def _custom_value(dice, definition):
    """(value as the API sends it, currency)"""
    kind, options = definition[1], definition[2]
    if kind == "currency":
        return dice.pick(("10050", "1", "1000000000000000", "0", str(dice.below(10_000_000)))), dice.pick(("USD", "EUR"))
    if kind in ("multiselect", "checkbox"):
        return dice.some(options, 3), None
    if kind == "number":
        return dice.pick((dice.below(100), "12.50", str(dice.below(1000)), "-3")), None
    if kind == "date":
        return date_of(OPENED + dice.below(2500) * DAY), None
    if kind == "datetime":
        return iso_utc(OPENED + dice.below(2500 * 1440) * MINUTE), None
    return (dice.pick(options) if options else dice.pick(words.SENTENCES)), None


def _custom_row(world, name, definitions, ordinal, field, extra):
    dice = world.dice(name, ordinal)
    value, currency = _custom_value(dice, definitions[field % len(definitions)])
    created = OPENED + dice.below(1900) * DAY + dice.below(86400) * SECOND
    return {**extra, "field_id": field + 1, "created_at": created, "updated_at": created + dice.below(90) * HOUR,
            "field_value": value, "field_currency": currency}


def deal_field_value(world, ordinal, row_id):
    owner, slot = world.deal_values.parent(ordinal)
    field = (owner + slot) % world.count("deal_custom_fields")
    return _custom_row(world, "deal.value", words.DEAL_FIELDS, ordinal, field, {"deal_id": owner + 1})


def account_field_value(world, ordinal, row_id):
    owner, slot = world.account_values.parent(ordinal)
    field = (owner + slot) % world.count("account_custom_fields")
    return _custom_row(world, "account.value", words.ACCOUNT_FIELDS, ordinal, field, {"account_id": owner + 1})
