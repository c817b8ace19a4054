"""Vocabulary of the ActiveCampaign account: names, products, mails, definitions.

Only constant tables.  The account belongs to a maker of outdoor equipment that
sells to shops and mails its customers, so that a demo looks like a business;
the odd entries are there because real accounts have them.
"""

FIRST_NAMES = (
    "Ada", "Jonas", "Maria", "Liam", "Chiara", "Noah", "Emma", "Mehmet", "Sofie", "Lucas",
    "Hannah", "Diego", "Freya", "Piotr", "Camille", "Ravi", "Julia", "Magnus", "Elena", "Tom",
    "Astrid", "Felipe", "Ines", "Kenji", "Leonie", "Ali", "Greta", "Hugo", "Irina", "Jack",
    "Karin", "Luca", "Mina", "Niklas", "Olivia", "Pablo", "Rosa", "Stefan", "Tessa", "Uwe",
)

LAST_NAMES = (
    "Meyer", "Johansson", "Rossi", "Brown", "Lefèvre", "Nowak", "Yilmaz", "Sánchez", "Bakker",
    "Hansen", "O'Connor", "Virtanen", "Petrov", "Schröder", "Costa", "Tanaka", "Singh", "Wagner",
    "Moretti", "Dvořák", "Clark", "Laurent", "Eriksen", "Kaya", "Vogel", "Smit", "Romero",
    "Becker", "Walsh", "Lindholm", "Fontaine", "Keller", "Ortiz", "Brandt", "Hughes",
)

# Pairs that break naive code: scripts that run right to left, emoji, quotes,
# markup, control characters, blanks, words that look like values.
ODD_NAMES = (
    ("Zoë 🏕️", "Ålund"), ("نور", "الدين"), ("יעל", "כהן"), ("李", "小龍"),
    ("Bob \"The Tent\"", "O'Brien"), ("Robert'); DROP TABLE contacts;--", "Tables"),
    ("NULL", "null"), ("  padded  ", "\ttabbed"), ("Line\nbreak", "Car\r\nriage"),
    ("Back\\slash", "Per%cent_"), ("<b>Ann</b>", "&amp;"), ("", ""), ("0", "false"),
    ("👩‍👩‍👧‍👦", "Family"), ("e\u0301clair", "Cafe\u0301"), ("\u200bZero", "Width\u200d"),
    ("Bell\u0007", "Escape\u001b"), ("{\"json\":1}", "[1,2]"), ("x" * 255, "y" * 255),
    ("\U0001d54f", "\ufffd"), ("||a||", "b||c"), ("True", "-1"),
)

COMPANY_HEADS = (
    "Alpine", "Bergfreund", "Cairn", "Delta", "Edelweiss", "Fjord", "Glacier", "Highland",
    "Isar", "Juniper", "Kestrel", "Lodge", "Moraine", "Nordic", "Outpost", "Pinewood",
    "Quarry", "Ridge", "Summit", "Trail", "Ursa", "Valley", "Wander", "Yonder",
)
COMPANY_TAILS = ("Sports", "Outfitters", "Outdoor GmbH", "Climbing Co.", "Gear Ltd", "Retail AB", "Trekking SL", "& Sons")
ODD_COMPANIES = (
    "Größe & Söhne KG", "株式会社 山", "شركة الجبال", "\"Quoted\" Inc.", "Émile d'Été SARL", "🏔️ Peak", "  ", "N/A",
)

PRODUCTS = (
    ("Two-person tent", 34900), ("Down jacket", 27950), ("Trekking poles", 8900), ("Carbon stove", 12995),
    ("Rope 60 m", 18900), ("Sleeping mat", 9950), ("Backpack 45 l", 15900), ("Headlamp", 4995),
    ("Ice axe", 11900), ("Water filter", 3990), ("Crash pad", 22900), ("Gift card", 5000),
)
ODD_PRODUCTS = ("Größe \"XL\" Jacke 🧥", "חולצה", "50 % off, 1/2\" strap", "")

DOMAINS = ("example.com", "example.org", "example.net", "mail.example.com", "shop.example", "gmail.example")

DEAL_KINDS = ("first order", "spring range", "autumn range", "rental fleet", "reorder", "framework agreement", "trade fair sample")
ODD_TITLES = (
    "Ski hall 🎿 refit", "عرض شتوي", "50 % deposit; \"urgent\"", "O'Hara's second try", "a,b;c|d\te",
    "Überlänge " + "ä" * 200, " ", "SELECT 1; --", "\\N", "line one\nline two",
)

CURRENCIES = ("usd", "eur", "usd", "gbp", "usd", "jpy", "chf")

TAGS = (
    "vip", "wholesale", "webinar 2026", "newsletter", "trade-fair", "climbing", "camping", "winter",
    "customer", "prospect", "lost", "abandoned-cart", "birthday", "press", "Größe L", "🎁 gift",
    "a,b", "quote\"d", "עברית", "VIP ", "do not call", "no_show", "100%", "Import 2021-03-04", "template-draft",
)

LISTS = (
    ("Newsletter", "email"), ("Trade customers", "email"), ("Climbing club", "email"),
    ("Text alerts", "sms"), ("Press & partners \"A\"", "email"), ("Alte Liste – Größen 🧗", "email"),
)

AUTOMATIONS = (
    "Welcome series", "Abandoned cart", "Win back after 90 days", "Birthday", "Webinar reminder",
    "Review request", "Onboarding – Händler", "AI draft 🤖", "Deal follow-up",
)

FORMS = ("Newsletter footer", "Catalogue request", "Webinar sign-up", "Händleranfrage", "Exit popup 👋")

SEGMENTS = ("Active last 30 days", "VIP in Germany", "No open in 90 days", "Has deal \"open\"", "Größe M oder L")

PIPELINES = (("Retail", "eur"), ("Wholesale", "usd"), ("Rental & repair", "usd"))
STAGES = ("To Contact", "In Contact", "Offer sent", "Negotiation – Follow Up")

USERS = (
    ("admin", "Nora", "Falk", "Europe/Berlin"), ("jlund", "Jens", "Lund", "Europe/Copenhagen"),
    ("maria.r", "María", "Ruiz", "Europe/Madrid"), ("tkelly", "Tom", "Kelly", "America/New_York"),
    ("aiko", "Aiko", "Mori 🗻", "Asia/Tokyo"), ("o'dowd", "Sean", "O'Dowd", "Europe/Dublin"),
    ("support", "", "", "America/Chicago"), ("yael", "יעל", "לוי", "Asia/Jerusalem"),
)

CAMPAIGN_TOPICS = (
    "Spring range", "Trade news", "Tent week", "Rope recall", "Autumn sale", "Webinar invitation", "Gift guide 🎁",
    "Größentabelle", "Repair café", "\"Last chance\"", "عرض", "Catalogue 2026",
)

# Custom fields of contacts: title, type, personalisation tag, options.
CONTACT_FIELDS = (
    ("Größe (cm)", "text", "GRE_CM", ()),
    ("select", "dropdown", "SELECT", ("Shop", "Club", "School")),
    ("id", "text", "ID", ()),
    ("🏔️ Favourite peak", "text", "FAVOURITE_PEAK", ()),
    ("Birthday", "date", "BIRTHDAY", ()),
    ("Last visit", "datetime", "LAST_VISIT", ()),
    ("Interests", "checkbox", "INTERESTS", ("Climbing", "Camping", "Ski & board", "Running", "a,b", "\"Other\"")),
    ("Shops visited", "listbox", "SHOPS_VISITED", ("Berlin", "München", "Oslo", "Kyōto")),
    ("Notes", "textarea", "NOTES", ()),
    ("Customer since", "hidden", "CUSTOMER_SINCE", ()),
    ("Salutation", "radio", "SALUTATION", ("Ms", "Mr", "Mx")),
    ("email", "text", "EMAIL_2", ()),
)

# Custom fields of deals: label, type, options, default.
DEAL_FIELDS = (
    ("Forecast amount", "currency", None, None),
    ("Expected close", "date", None, None),
    ("Next call", "datetime", None, None),
    ("Channel", "dropdown", ("Web", "Fair", "Phone"), "Web"),
    ("Ranges", "multiselect", ("Tents", "Ropes", "Größe XL", "a,b"), ["Tents"]),
    ("Score", "number", None, 10),
    ("select", "text", None, None),
    ("🚚 Delivery notes", "textarea", None, ""),
    ("Extras", "checkbox", ("Insurance", "Installation"), None),
)

# Custom fields of accounts: label, type, options, default.
ACCOUNT_FIELDS = (
    ("Industry/Vertical", "text", None, None),
    ("Annual revenue", "currency", None, None),
    ("Founded", "date", None, None),
    ("Employees", "number", None, 1),
    ("Services", "multiselect", ("Rental", "Repair", "Courses \"pro\""), None),
    ("id", "text", None, None),
)

PLACES = (
    ("Berlin", "Berlin", "10115", "DE", "52.5200", "13.4050", "Europe/Berlin", "2.00"),
    ("Chicago", "Illinois", "60601", "US", "41.8781", "-87.6298", "America/Chicago", "-5.00"),
    ("Köln", "Nordrhein-Westfalen", "50667", "DE", "50.9375", "6.9603", "Europe/Berlin", "2.00"),
    ("São Paulo", "São Paulo", "01000-000", "BR", "-23.5505", "-46.6333", "America/Sao_Paulo", "-3.00"),
    ("Oslo", "Oslo", "0150", "NO", "59.9139", "10.7522", "Europe/Oslo", "2.00"),
)

BOUNCE_CODES = ("9.1.5", "9", "5.1.1", "4.2.2", "10", "mailbox full")

SENTENCES = (
    "Called, wants a quote by Friday.", "Asked for the size table.", "Met at the trade fair, hall 4.",
    "Prefers e-mail.", "Price was too high last year.", "Sent samples.", "Wants to see \"the big tent\".",
    "Bitte erst nach den Ferien melden – Grüße!", "Needs delivery to Tromsø 🚢", "يرجى الاتصال غدًا",
    "", "<p>Formatted <b>note</b></p>", "Tab\there\nand a new line", "C:\\orders\\2026",
)

WEBHOOK_EVENTS = (
    "bounce", "click", "contact_tag_added", "contact_tag_removed", "deal_add", "deal_note_add",
    "deal_pipeline_add", "deal_stage_add", "deal_task_add", "deal_task_complete", "deal_tasktype_add",
    "deal_update", "forward", "list_add", "open", "reply", "sent", "share", "sms_reply", "sms_sent",
    "sms_unsub", "subscribe", "subscriber_note", "unsubscribe", "update",
)

GROUP_PERMISSIONS = tuple((
    "pgListAdd pgListEdit pgListDelete pgListHeaders pgListEmailaccount pgListBounce pgMessageAdd pgMessageEdit "
    "pgMessageDelete pgMessageSend pgContactAdd pgContactEdit pgContactDelete pgContactMerge pgContactImport "
    "pgContactApprove pgContactExport pgContactSync pgContactFilters pgContactActions pgContactFields pg_user_add "
    "pg_user_edit pg_user_delete pgGroupAdd pgGroupEdit pgGroupDelete pgTemplateAdd pgTemplateEdit pgTemplateDelete "
    "pgPersonalizationAdd pgPersonalizationEdit pgPersonalizationDelete pgAutomationManage pgFormEdit "
    "pgReportsCampaign pgReportsList pgReportsUser pgReportsTrend pgStartupReports pgStartupGettingstarted pgDeal "
    "pgDealDelete pgDealReassign pgDealGroupAdd pgDealGroupEdit pgDealGroupDelete pgSavedResponsesManage "
    "pgReportsDeal pgAccountAdd pgAccountEdit pgAccountDelete pgAccountManageCustomField pgDealFields pgMfaAdmin "
    "pgDealExport pgDealManageRoles pgAccountNoteAdd pgAccountNoteEdit pgAccountNoteDelete pgDealNoteAdd "
    "pgDealNoteEdit pgDealNoteDelete pgDealListAll pgTagManage pgContactResubscribe pgDealImport pgAccountImport "
    "pgAccountExport").split())
