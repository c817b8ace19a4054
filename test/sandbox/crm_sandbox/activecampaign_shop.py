"""
ActiveCampaign rows about shops and about the account itself: connections,
customers, orders, users, groups, addresses, webhooks, custom objects.
"""
from decimal import Decimal

from . import activecampaign_words as words
from .activecampaign_people import contact_email, _slug
from .activecampaign_world import CENT, OPENED, no_date, unambiguous
from .model import REFERENCE_TIME
from .wire import DAY, HOUR, SECOND

STATES = (1, 1, 0, 2, 1, 3, 1, 4)
UUID = "3f2a0000-0000-4000-8000-%012x"


# ---------------------------------------------------------------- shops

def connection(world, ordinal, row_id):
    return {"service": "shopify", "externalid": "ridgeline-shop", "name": "Ridgeline \"Shop\" 🛒",
            "is_internal": False, "status": 1, "sync_status": 0, "last_sync": REFERENCE_TIME - 3 * HOUR,
            "link_url": "https://shop.ridgeline.example/", "list_id": None, "created_at": OPENED + DAY,
            "updated_at": REFERENCE_TIME - 3 * HOUR}


def customer(world, ordinal, row_id):
    dice = world.dice("customer", ordinal)
    revenue = Decimal(dice.below(90_000_000)) * CENT
    orders = 1 + dice.below(9)
    return {"connection_id": 1, "externalid": "c-%d" % (8_000_000_000 + ordinal),
            "email": contact_email(world, ordinal * 3) or "guest%d@example.org" % row_id,
            "total_revenue": revenue if ordinal % 20 else Decimal(10) ** 13, "total_orders": orders,
            "total_products": orders * 2, "avg_revenue_per_order": (revenue / orders).quantize(CENT),
            "avg_product_category": dice.pick(("Tents", "Größe & Maß", "")), "accepts_marketing": dice.below(2) == 0,
            "tstamp": world.born("customers", ordinal, world.count("ecommerce_customers"))}


def order_made(world, ordinal):
    return world.born("orders", ordinal, world.count("ecommerce_orders"))


def order_lines(world, ordinal):
    return world.products.rows(ordinal)


def order(world, ordinal, row_id):
    dice = world.dice("order", ordinal)
    made = order_made(world, ordinal)
    owner = dice.below(world.count("ecommerce_customers"))
    state = STATES[ordinal % len(STATES)]
    lines = order_lines(world, ordinal)
    total = sum(product(world, i, i + 1)["price"] * product(world, i, i + 1)["quantity"] for i in lines)
    shipping = Decimal(dice.pick((0, 490, 1)))
    return {"externalid": "" if state == 2 else "%d" % (5_100_000_000_000 + ordinal),
            "externalcheckoutid": "chk-%d" % ordinal if state == 2 else None,
            "source": ordinal % 2, "email": customer(world, owner, owner + 1)["email"],
            "currency": dice.pick(("USD", "EUR", "usd", "gbp")), "connection_id": 1, "customer_id": owner + 1,
            "order_url": "https://shop.ridgeline.example/o/%d?a=\"1\"" % ordinal,
            "shipping_method": dice.pick(("DHL", "Selbstabholung – Köln", "")),
            "total_price": total + shipping * CENT, "shipping_amount": shipping * CENT,
            "tax_amount": (total * Decimal("0.19")).quantize(CENT), "discount_amount": Decimal(dice.pick((0, 0, 500))) * CENT,
            "external_created_date": made, "external_updated_date": made + HOUR,
            "abandoned_date": made + DAY if state == 2 else None, "total_products": len(lines),
            "created_at": made + SECOND, "updated_at": world.later(dice, made), "state": state,
            "order_number": "R-%05d" % row_id, "order_date": made, "tstamp": made + SECOND,
            "order_product_ids": [i + 1 for i in lines]}


def product(world, ordinal, row_id):
    owner, _ = world.products.parent(ordinal)
    dice = world.dice("product", ordinal)
    name, cents = dice.pick(words.PRODUCTS)
    made = order_made(world, owner)
    return {"order_id": owner + 1, "connection_id": 1, "externalid": "p-%d" % (ordinal % 300),
            "sku": "SKU/%d" % (ordinal % 300), "name": dice.pick(words.ODD_PRODUCTS) if dice.below(4) == 0 else name,
            "price": cents * CENT if ordinal % 50 else CENT, "quantity": 1 + dice.below(5),
            "category": dice.pick(("Tents", "Ropes", "", "Größe & Maß")),
            "product_url": "https://shop.ridgeline.example/p/%d" % (ordinal % 300),
            "created_at": made + SECOND, "updated_at": made + HOUR, "tstamp": made + SECOND}


# ---------------------------------------------------------------- the account's set-up

def user(world, ordinal, row_id):
    username, first, last, zone = words.USERS[ordinal % len(words.USERS)]
    again = ordinal // len(words.USERS)
    created = world.born("users", ordinal, world.count("users"))
    return {"username": username + (str(again) if again else ""), "first_name": first, "last_name": last,
            "email": "%s%s@ridgeline.example" % (_slug(username), again or ""), "local_zoneid": zone,
            "signature": None if ordinal % 3 else "Best,\n\"%s\"" % first, "phone": "",
            "created_at": created if ordinal else None, "updated_at": created + 30 * DAY if ordinal % 3 else None,
            "password_updated_utc_timestamp": unambiguous(created + 5 * DAY) if ordinal % 2 else no_date(world.dice("user", ordinal)), "mfa_enabled": ordinal % 2 == 0}


def group(world, ordinal, row_id):
    return {"title": ("Visitor", "Full Access", "Sales \"EU\" 🇪🇺")[ordinal], "p_admin": ordinal == 1,
            "descript": (None, "", "Deals only")[ordinal], "sdate": (None, OPENED, OPENED + DAY)[ordinal],
            "pgDealListAll": ordinal == 1}


def group_limit(world, ordinal, row_id):
    return {"group_id": ordinal + 1, "limit_contact": 0 if ordinal else 5000}


def group_definition(world, ordinal, row_id):
    return {"type_id": 1 + ordinal, "label": ("Personal", "Maße & Größen")[ordinal], "ordernum": ordinal}


def group_member(world, ordinal, row_id):
    created = unambiguous(OPENED + ordinal * HOUR)
    return {"group_id": 1 + ordinal % 2, "rel_id": ordinal + 1, "ordernum": ordinal, "created_by": 1,
            "updated_by": None, "created_at": created}


def address(world, ordinal, row_id):
    city, state, code, country, *_ = words.PLACES[ordinal]
    made = unambiguous(OPENED + ordinal * 50 * DAY)
    return {"company_name": "Ridgeline Outdoor %s" % country, "address1": "Straße \"%d\"" % row_id, "city": city,
            "state": state, "zip": code, "country": country, "is_default": ordinal == 0, "created_at": made,
            "updated_at": made, "created_by": None, "updated_by": None}


def branding(world, ordinal, row_id):
    return {"group_id": ordinal + 1, "site_name": "Ridgeline – \"Outdoor\"", "header_html_value": "<b>Größe</b>"}


def calendar(world, ordinal, row_id):
    made = OPENED + ordinal * 100 * DAY
    return {"title": ("All", "Deals – Messe", "Contacts")[ordinal], "type": ("All", "Deals", "Contacts")[ordinal],
            "user_id": 1, "notification": ordinal == 0, "created_at": made, "updated_at": made + DAY,
            "token": "feed-token-%d-not-for-eyes" % row_id}


def webhook(world, ordinal, row_id):
    return {"created_at": OPENED + ordinal * 60 * DAY, "list_id": ordinal,
            "name": ("All changes", "Deals → ERP", "Unsubscribes \"DE\"")[ordinal],
            "url": "https://erp.ridgeline.example/hook?a=1&b=%d" % row_id,
            "events": [list(words.WEBHOOK_EVENTS), ["deal_add", "deal_update"], []][ordinal],
            "sources": [["public", "admin", "api", "system"], ["api"], []][ordinal]}


def webhook_event(world, ordinal, row_id):
    return {"name": words.WEBHOOK_EVENTS[ordinal]}


def tracking_event(world, ordinal, row_id):
    return {"name": ("cart_abandoned", "Größe gewählt 📏", "video \"played\"")[ordinal]}


def whitelisting(world, ordinal, row_id):
    made = OPENED + ordinal * 300 * DAY + 789_000
    return {"whitelisted_domain": ("ridgeline.example", "shop.ridgeline.example", "größe.example")[ordinal],
            "whitelisted_page": (None, "/kasse", "")[ordinal], "url_regex": (None, "^/a\\b", "")[ordinal], "tracking_enabled": ordinal != 2,
            "conversations_enabled": False, "wp_enabled": (None, False, True)[ordinal], "created_at": made, "updated_at": made + DAY}


# ---------------------------------------------------------------- custom objects

def object_schema(world, ordinal, row_id):
    made = OPENED + ordinal * 400 * DAY + 123_457
    return {"uuid": UUID % row_id, "slug": ("rental", "inspection")[ordinal],
            "labels": {"singular": ("Rental", "Prüfung")[ordinal], "plural": ("Rentals", "Prüfungen")[ordinal]},
            "description": ("Tents on loan", "")[ordinal], "created_at": made, "updated_at": made + DAY,
            "fields": [{"id": "days", "labels": {"singular": "Days", "plural": "Days"}, "type": "number", "required": False, "scale": 0},
                       {"id": "place", "labels": {"singular": "Ort", "plural": "Orte"}, "type": "text", "required": True}],
            "icons": {"default": "https://img.example/i.svg"},
            "relationships": [{"id": "primary-contact", "labels": {"singular": "Contact", "plural": "Contacts"},
                               "namespace": "contacts", "hasMany": False}]}


def object_record(world, ordinal, row_id):
    """Records of the schemas in turn."""
    dice = world.dice("object", ordinal)
    made = OPENED + dice.below(2000) * DAY + dice.below(86_400_000_000)
    return {"uuid": "9b1d0000-0000-4000-8000-%012x" % row_id, "external_id": dice.pick(("", "ext-%d" % row_id)),
            "schema_id": UUID % (ordinal % 2 + 1), "created_at": made, "updated_at": made + HOUR,
            "fields": [{"id": "days", "value": dice.below(30)}, {"id": "place", "value": dice.pick(words.SENTENCES) or "Köln"}],
            "relationships": {"primary-contact": [str(7 + 3 * dice.below(world.count("contacts") or 1))]}}
