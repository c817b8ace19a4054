"""Contacts and companies of the Agile CRM account, and the users who own them.

One class, World, turns ordinals into business records; every record is a pure
function of the seed and the ordinal.  The API keeps names, addresses and
custom values in one list of properties: build_properties() makes that list
from the business values, with the irregular forms real accounts have (missing
types and subtypes, repeated subtypes, numbers instead of text).
"""
from . import agilecrm_words as words
from .model import REFERENCE_TIME, Dice
from .wire import DAY, MILLISECOND, MISSING, SECOND, As, at, dumps

DOMAIN = "hallmark-racks"

# Datastore ids: 16 digits, below 2^53; all kinds are interleaved in one range.
FIRST_ID = 4_503_599_627_370_500
ID_STRIDE = 3_000_000_019
_ID_OFFSET = 97_000_003
_KINDS = ("contacts", "companies", "deals", "tasks", "events", "notes", "documents", "ticket_notes",
          "ticket_filters", "tracks", "workflows", "users", "custom_fields", "deal_sources",
          "lost_reasons", "ticket_groups", "ticket_labels", "products")

OLDEST = at("2023-03-01T08:00:00Z")

# Every so many rows one of each irregular kind appears.
ODD_PERIOD = 50
BARE, ODD_NAME, TEXT_TYPES, TEXT_ID, NUMBER_DATE, SHARED_EMAIL, NEGATIVE_SCORE, EMPTY_TIMES, OLD_OWNER = (
    3, 7, 11, 13, 17, 19, 23, 29, 31)


def first_id(kind):
    return FIRST_ID + _KINDS.index(kind) * _ID_OFFSET


def id_of(kind, ordinal):
    return first_id(kind) + ordinal * ID_STRIDE


def is_bare(kind, ordinal):
    """Whether a person's record has next to nothing in it."""
    return kind == "contacts" and ordinal % ODD_PERIOD == BARE


def empty_time(dice, ordinal):
    """A time that is not there, in one of the forms the API has for it."""
    if ordinal % ODD_PERIOD == EMPTY_TIMES:
        return As(None, dice.pick(("", None, MISSING)))
    return None


def tag_objects(tags, when):
    """The long form of a list of tags."""
    return [{"tag": tag, "createdTime": (when + position * 37 * SECOND) // MILLISECOND,
             "availableCount": 0, "entity_type": "tag"} for position, tag in enumerate(tags)]


class People:
    """Business records of users, contacts and companies."""

    def __init__(self, seed, counts):
        self.seed = seed
        self.counts = counts
        self._owners = {}

    def dice(self, name, ordinal):
        return Dice(self.seed, "agilecrm." + name, ordinal)

    def some_id(self, kind, dice):
        """Id of a row that exists at the start, or None for an empty table."""
        count = self.counts[kind]
        return id_of(kind, dice.below(count)) if count else None

    # -- times

    def created(self, kind, ordinal):
        """Creation time, in no relation to the id; rows inserted later follow the reference time."""
        late = ordinal - self.counts[kind]
        if late >= 0:
            return REFERENCE_TIME + (late + 1) * SECOND
        span = (REFERENCE_TIME - OLDEST) // SECOND
        return OLDEST + self.dice(kind + ".created", ordinal).below(span) * SECOND

    def updated(self, kind, ordinal):
        """Time of the last change; None for a row that was never changed."""
        dice = self.dice(kind + ".updated", ordinal)
        if ordinal >= self.counts[kind] or dice.chance(30) or is_bare(kind, ordinal):
            return None
        created = self.created(kind, ordinal)
        span = (REFERENCE_TIME - created) // SECOND
        # Changes crowd near the present.
        return REFERENCE_TIME - dice.below(dice.below(span + 1) + 1) * SECOND

    def past(self, dice, days):
        """A time of the last so many days, in whole seconds."""
        return REFERENCE_TIME - dice.below(days * DAY // SECOND) * SECOND

    # -- users

    def owner_ordinal(self, kind, ordinal):
        return self.dice(kind + ".owner", ordinal).below(self.counts["users"])

    def owner_id(self, kind, ordinal):
        if is_bare(kind, ordinal):
            return None
        return id_of("users", self.owner_ordinal(kind, ordinal))

    def user(self, ordinal, row_id):
        name, email, role, admin, account_owner, disabled = words.USERS[ordinal % len(words.USERS)]
        if ordinal >= len(words.USERS):
            name, email = "%s %d" % (name, ordinal), "u%d.%s" % (ordinal, email)
        schedule = name.replace(" ", "_")
        url = "https://%s.agilecrm.com/calendar/%s" % (DOMAIN, schedule)
        scopes = ["CREATE_CONTACT", "VIEW_CONTACTS", "DELETE_CONTACTS"] if admin else ["CREATE_CONTACT"]
        created = OLDEST - (30 - ordinal % 30) * DAY
        return {
            "name": name, "email": email, "domain": DOMAIN, "phone": "", "pic": "", "role": role,
            "schedule_id": schedule, "calendar_url": url, "gadget_id": None,
            "is_admin": As(admin, "true" if admin else "false") if ordinal == 3 else admin,
            "is_account_owner": account_owner, "is_disabled": disabled,
            "scopes": scopes, "newscopes": scopes[:1], "menu_scopes": ["CONTACT", "DEALS"],
            "new_menu_scopes": ["SALES"], "restricted_menu_scopes": [],
            "info_json_string": {"created_time": str(created // SECOND),
                                 "logged_in_time": str(REFERENCE_TIME // SECOND - ordinal * 5000),
                                 "country": "DE", "region": "hh", "city": "hamburg",
                                 "lat_long": "53.55,9.99", "ip_address": "192.0.2.%d" % (ordinal + 10)},
            "password": "PASSWORD",
        }

    def owner(self, user_id, old=False):
        """The nested user object of owned records; old records carry more in it."""
        if (user_id, old) not in self._owners:
            user = self.user((user_id - first_id("users")) // ID_STRIDE, user_id)
            found = {"id": user_id, "domain": DOMAIN, "email": user["email"], "phone": "",
                     "name": user["name"], "pic": user["pic"], "schedule_id": user["schedule_id"],
                     "calendar_url": user["calendar_url"], "calendarURL": user["calendar_url"]}
            if old:
                found.update(is_admin="true", is_account_owner="false", is_disabled=False,
                             scopes=["VIEW_CONTACTS"])
            self._owners[user_id, old] = found
        return self._owners[user_id, old]

    def put_owner(self, record, kind, ordinal):
        owner_id = self.owner_id(kind, ordinal)
        record["owner_id"] = owner_id
        record["owner_old"] = ordinal % ODD_PERIOD == OLD_OWNER

    # -- companies

    def company_name(self, ordinal):
        dice = self.dice("companies.name", ordinal)
        name = "%s %s %s" % (dice.pick(words.COMPANY_HEADS), dice.pick(words.COMPANY_TAILS),
                             dice.pick(words.COMPANY_FORMS))
        if ordinal % ODD_PERIOD == ODD_NAME:
            return "شركة " + name
        return name if ordinal < 60 else "%s %d" % (name, ordinal)

    def company(self, ordinal, row_id):
        dice = self.dice("companies", ordinal)
        odd = ordinal % ODD_PERIOD
        name = self.company_name(ordinal)
        host = "company%d.example" % ordinal
        record = self._common("companies", ordinal, dice)
        record.update({
            "type": "COMPANY", "entity_type": "company_entity", "name": name,
            "url": None if dice.chance(10) else "https://www." + host,
            "emails": ["office@" + host, "invoice@" + host][:dice.below(3)],
            # The work numbers of one company share their subtype.
            "phones": [_phone(dice) for _ in range(4 if odd == NUMBER_DATE else dice.below(3))],
            "websites": ["https://www." + host] if dice.chance(60) else [],
            "addresses": [_address(dice) for _ in range(1 + dice.below(2))] if dice.chance(85) else [],
            "image": None,
            "custom": self._company_custom(dice, odd == NUMBER_DATE),
            "name_lower": dice.chance(30),
        })
        return record

    def _company_custom(self, dice, as_number):
        found = {}
        if dice.chance(80):
            found["Industry"] = dice.pick(("Food", "Pharma", "Retail", "Automotive", "Other"))
        if dice.chance(70):
            found["Employees"] = str(dice.between(4, 90_000))
        if dice.chance(50):
            days = dice.below(1000)
            # Some contracts are as good as for ever.
            seconds = at("2027-01-01T00:00:00Z") // SECOND + (days + 25_000 * (days >= 960)) * 86_400
            found["Contract end"] = seconds if as_number else str(seconds)
        if dice.chance(25):
            found["Key account"] = "on"
        contact = self.some_id("contacts", dice)
        if contact and dice.chance(20):
            found["Primary contact"] = dumps([str(contact)])
        if dice.chance(15):
            found["Größe (m²)"] = "%d.5" % dice.between(200, 60_000)
        return found

    # -- contacts

    def contact_company(self, ordinal):
        """Id of the company a person belongs to, or None."""
        dice = self.dice("contacts.company", ordinal)
        if is_bare("contacts", ordinal) or dice.chance(28):
            return None
        return self.some_id("companies", dice)

    def contact_names(self, ordinal):
        """(first name, last name) of a person."""
        if is_bare("contacts", ordinal):
            return None, None
        if ordinal % ODD_PERIOD == ODD_NAME:
            return words.ODD_NAMES[ordinal // ODD_PERIOD % len(words.ODD_NAMES)]
        dice = self.dice("contacts.name", ordinal)
        last = None if dice.chance(3) else dice.pick(words.LAST_NAMES)
        return dice.pick(words.FIRST_NAMES), last

    def contact_tags(self, ordinal):
        if is_bare("contacts", ordinal):
            return []
        dice = self.dice("contacts.tags", ordinal)
        return dice.some(words.TAGS, 3)

    def contact_emails(self, ordinal):
        """Addresses of a person; a few persons share one with their predecessor."""
        odd = ordinal % ODD_PERIOD
        if is_bare("contacts", ordinal):
            return []
        if odd == SHARED_EMAIL:
            return self.contact_emails(ordinal - 1)[:1]
        dice = self.dice("contacts.emails", ordinal)
        name = "".join(c for c in (self.contact_names(ordinal)[0] or "").lower() if c.isascii() and c.isalnum())
        first = "%s.%d@example.%s" % (name or "person", ordinal, dice.pick(("org", "com", "net")))
        if odd == SHARED_EMAIL - 1:
            return [first]
        return [first, "Private.%d@mail.example" % ordinal, "old%d@mail.example" % ordinal][
            :dice.pick((0, 1, 1, 1, 1, 1, 2, 2, 3))]

    def contact(self, ordinal, row_id):
        dice = self.dice("contacts", ordinal)
        odd = ordinal % ODD_PERIOD
        first, last = self.contact_names(ordinal)
        company = self.contact_company(ordinal)
        record = self._common("contacts", ordinal, dice)
        record.update({
            "type": "PERSON", "entity_type": "contact_entity", "company_id": company,
            "first_name": first, "last_name": last,
            "title": dice.pick(words.TITLES) if dice.chance(70) else None,
            "company_name": self.company_name((company - first_id("companies")) // ID_STRIDE)
            if company else None,
            "emails": self.contact_emails(ordinal),
            "phones": [_phone(dice) for _ in range(dice.pick((0, 1, 1, 2, 3)))],
            "websites": ["https://profile.example/%d" % ordinal, "person%d" % ordinal][:dice.below(3)],
            "addresses": [_address(dice) for _ in range(dice.pick((0, 1, 1, 2)))],
            "image": "https://img.example/%d.png" % ordinal if dice.chance(10) else None,
            "utm_source": "newsletter" if dice.chance(8) else None,
            "custom": self._contact_custom(ordinal, dice),
            "campaign_status": self._campaign_status(dice),
        })
        if odd == TEXT_ID:
            record["id"] = As(row_id, str(row_id))
        if is_bare("contacts", ordinal):
            _strip(record, row_id)
        return record

    def _contact_custom(self, ordinal, dice):
        found = {}
        if dice.chance(75):
            found["Account number"] = "K-%05d" % (ordinal * 7 % 100_000)
        if dice.chance(60) or ordinal % ODD_PERIOD == NUMBER_DATE:
            # Custom dates are the start of a day in the account's time zone.
            seconds = at("2019-01-01T23:00:00Z") // SECOND + dice.below(2500) * 86_400
            found["Joined on"] = seconds if ordinal % ODD_PERIOD == NUMBER_DATE else str(seconds)
        if dice.chance(50):
            found["Annual budget"] = dice.pick(("0", "1500", "249.90", "1000000", "-20", "12345678901234567"))
        if dice.chance(65):
            found["Region"] = dice.pick(("North", "South", "East", "West"))
        if dice.chance(40):
            found["Newsletter"] = "on"
        if dice.chance(15):
            found["Background"] = "First met at the fair.\nLikes \"short\" mails 🙂"
        partner = self.some_id("contacts", dice)
        if dice.chance(8) and partner:
            found["Partners"] = dumps([str(partner), str(id_of("contacts", 0))])
        supplier = self.some_id("companies", dice)
        if dice.chance(8) and supplier:
            found["Suppliers"] = dumps([str(supplier)])
        if dice.chance(30):
            found["Lifetime tier"] = dice.pick(("gold", "silver", "bronze"))
        if dice.chance(10):
            found["Rating formula"] = str(dice.below(200))
        return found

    def _campaign_status(self, dice):
        found = []
        for position in range(dice.pick((0, 0, 0, 0, 1, 2))):
            number = dice.below(max(1, self.counts["workflows"]))
            campaign = id_of("workflows", number)
            start = self.past(dice, 500) // MILLISECOND + position
            word = dice.pick(("ACTIVE", "DONE", "DONE", "REMOVED"))
            found.append({"start_time": start,
                          "end_time": 0 if word == "ACTIVE" else start + 86_400_123,
                          "campaign_id": str(campaign),
                          "campaign_name": words.WORKFLOWS[number % len(words.WORKFLOWS)][0],
                          "status": "%d-%s" % (campaign, word)})
        return found

    # -- what both have

    def _common(self, kind, ordinal, dice):
        odd = ordinal % ODD_PERIOD
        created = self.created(kind, ordinal)
        contacted = [self.past(dice, 700) if dice.chance(35) else empty_time(dice, ordinal)
                     for _ in range(4)]
        tags = self.contact_tags(ordinal) if kind == "contacts" else dice.some(words.TAGS, 2)
        viewed = self.past(dice, 200) + dice.below(1000) * MILLISECOND if dice.chance(40) else None
        score = -dice.between(1, 40) if odd == NEGATIVE_SCORE else dice.below(150)
        stars = dice.below(6)
        record = {
            "ordinal": ordinal,
            "created_at": As(created, str(created // SECOND)) if odd == TEXT_TYPES else created,
            "updated_at": self.updated(kind, ordinal),
            "last_contacted_at": contacted[0], "last_emailed_at": contacted[1],
            "last_campaign_emaild": contacted[2], "last_called_at": contacted[3],
            # The view's time is said twice, but not always in both places.
            "viewed_at": As(viewed, 0) if viewed and dice.chance(25) else viewed,
            "viewer_id": None, "title": None, "company_name": None, "company_id": None,
            "lead_converted_at": None, "trashed_at": None, "restored_at": None,
            "star_value": As(stars, str(stars)) if odd == TEXT_TYPES else stars,
            "lead_score": As(score, str(score)) if odd == TEXT_TYPES else score,
            "klout_score": "", "tags": tags, "tags_with_time": tag_objects(tags, created),
            "campaign_status": [], "unsubscribe_status": [],
            "email_bounce_status": [{"email": "old%d@mail.example" % ordinal, "emailBounceType": "HARD_BOUNCE",
                                     "time": created // SECOND}] if dice.chance(3) else [],
            "source": dice.pick(words.SOURCES),
            "form_id": id_of("workflows", 0) + 17 if dice.chance(5) else None,
            "lead_source_id": None, "lead_status_id": None, "browser_id": [],
            "is_lead_converted": As(False, "false") if odd == TEXT_TYPES else False,
            "is_duplicate_existed": As(True, "true") if odd == TEXT_TYPES else dice.chance(2),
            "is_duplicate_verification_failed": False, "is_client_import": dice.chance(20),
            "concurrent_save_allowed": True,
            "geo_point": {"latitude": dice.between(-80, 80), "longitude": dice.between(-170, 170)}
            if dice.chance(4) else None,
        }
        if isinstance(record["viewed_at"], As) or dice.chance(70):
            record["viewer_id"] = id_of("users", dice.below(self.counts["users"]))
        self.put_owner(record, kind, ordinal)
        return record


def _phone(dice):
    return dice.pick(("+49 40 555 %04d", "(512) 555-%04d", "0048-12-555-%04d", "555%04d")) % dice.below(10_000)


def _address(dice):
    city, state, code, country, name = dice.pick(words.PLACES)
    found = {"address": "%s %d" % (dice.pick(words.STREETS), dice.between(1, 199)), "city": city,
             "state": state, "zip": code, "country": country, "countryname": name}
    if dice.chance(25):
        del found["address"]
    return {key: value for key, value in found.items() if value}


def _strip(record, row_id):
    """Leave what the oldest records have: an id, a type, a creation time as text, empty lists."""
    created = record["created_at"]
    for key, value in record.items():
        if key not in ("ordinal", "type", "properties", "tags", "owner_id", "owner_old"):
            record[key] = As(None, MISSING)
    record.update(id=row_id, created_at=As(created, str(created // SECOND)), emails=[], phones=[],
                  websites=[], addresses=[], custom={}, owner_id=None, viewer_id=None)


def build_properties(record):
    """The API's list of properties, made from the business values.

    Entries of one name keep the order of the business values; the groups of
    entries come in any order.
    """
    dice = Dice(0, "agilecrm.properties", record["ordinal"])
    company = record["type"] == "COMPANY"
    single, repeated = [], []
    names = ("name", "url", "image") if company \
        else ("first_name", "last_name", "company", "title", "image", "utm_source")
    for name in names:
        value = record.get("company_name" if name == "company" else name)
        if value is not None and not isinstance(value, As):
            single.append(_property(name, value, dice.pick((MISSING, MISSING, None, ""))))
    if company and record["name_lower"] and record["name"]:
        single.append(_property("name_lower", record["name"].lower(), kind="CUSTOM"))
    for name, values, subtypes in (
            ("email", record["emails"], ("work", "personal")),
            ("phone", record["phones"], words.PHONE_SUBTYPES),
            ("website", record["websites"], words.WEBSITE_SUBTYPES),
            ("address", [dumps(address) for address in record["addresses"]], words.ADDRESS_SUBTYPES)):
        for value in values:
            subtype = subtypes[0] if company else dice.pick(subtypes + ("", None, MISSING))
            repeated.append(_property(name, value, subtype, None if dice.chance(12) else "SYSTEM"))
    custom = [_property(label, value, kind="CUSTOM") for label, value in record["custom"].items()]
    return dice.pick((single + repeated + custom, custom + single + repeated, repeated + custom + single))


def _property(name, value, subtype=MISSING, kind="SYSTEM"):
    entry = {} if kind is None else {"type": kind}
    entry["name"] = name
    if subtype is not MISSING:
        entry["subtype"] = subtype
    entry["value"] = value
    return entry
