"""Names, lines and phrases of the business whose calls are emulated: a maker of outdoor gear."""

COMPANY = "Fjell & Harbour Outdoor"
DOMAIN = "fjellharbour.example"

FIRST_NAMES = (
    "Amelia", "Noah", "Chloé", "Mateo", "Ingrid", "Omar", "Priya", "Lukas", "Sofía", "Liam",
    "Hannah", "Yusuf", "Grace", "Anders", "Mei", "Tomasz", "Zoë", "Diego", "Fatima", "Oliver",
    "Élodie", "Jonas", "Aïcha", "Ethan", "Marta", "Kwame", "Nora", "Rafael", "Saoirse", "Viktor",
    "محمد", "שירה", "美咲", "Дмитрий", "Ngọc", "François", "Bjørn", "Łucja", "Renée", "Iñaki",
)
LAST_NAMES = (
    "Martin", "Okafor", "Lindqvist", "García", "Dubois", "Nguyen", "O'Neill", "Schäfer", "Rossi",
    "Kowalski", "Patel", "van den Berg", "Haddad", "Svensson", "Murphy", "Tanaka", "Moreau",
    "Fernández", "Bakker", "Novák", "Andersen", "Costa", "Weiß", "Ibrahim", "Laurent", "Campbell",
    "العلي", "כהן", "山本", "Иванова", "Smith-Jones", "D’Angelo", "Yılmaz", "Kjær", "Müller",
)
COMPANIES = (
    "Alpine Rentals GmbH", "Blue Ridge Outfitters", "Café du Col", "Nordlys Sport AS",
    "Trail & Tarn Ltd", "Sierra Supply Co.", "Montagne Pro SARL", "Lakeside Camping", "Peak 27",
    "Rower & Las sp. z o.o.", "Océan Bleu", "Kiwi Trekking", "שביל ישראל ציוד", "Ridgeline \"XL\"",
    "Ember\\Ash Stoves", "Tenda Norte", "🏔 Basecamp Collective", "Bergfreunde Süd", "Marlow's",
)
NOTES = (
    "Prefers calls after 16:00", "Wholesale account since 2019", "Ask for the warehouse manager",
    "VIP – handle with care 🌟", "Invoice by post only", "Line one\nline two\ttabbed",
    "Deaf in left ear, speak clearly", "لا يرد صباحا", "Quote #4471 \"pending\"", "",
)
COMMENTS = (
    "Asked about the delivery of order FH-{n}; tracking sent.",
    "Wants to exchange the Tarn 2 tent for the larger one.",
    "Left a message, will call back on Thursday.",
    "Refund of {n} agreed with the team lead.",
    "Très satisfaite du service, à rappeler au printemps.",
    "Broken zip, warranty case {n} opened \"as discussed\".",
    "Wrong number.",
    "Interested in the dealer programme 👍 send the price list.",
)
TEAMS = ("Customer Care Europe", "Customer Care Americas", "Dealer Sales", "Web Orders",
         "Warranty & Repairs", "Billing", "Logistics Desk", "Partnerships")

# name, country, digits as displayed, time zone
NUMBERS = (
    ("Customer Care US", "US", "+1 617-555-0142", "America/New_York"),
    ("Customer Care UK", "GB", "+44 20 7946 0321", "Europe/London"),
    ("Service client France", "FR", "+33 1 99 00 42 17", "Europe/Paris"),
    ("Kundenservice", "DE", "+49 30 23125 042", "Europe/Berlin"),
    ("Dealer Sales EMEA", "GB", "+44 117 496 0885", "Europe/London"),
    ("Dealer Sales Americas", "US", "+1 303-555-0187", "America/Denver"),
    ("Atención al cliente", "ES", "+34 910 050 042", "Europe/Madrid"),
    ("Warranty Hotline", "IE", "+353 20 911 0042", "Europe/Dublin"),
    ("Returns & Refunds ☎", "CA", "+1 604-555-0119", "America/Vancouver"),
    ("Spring Campaign", "AU", "+61 2 5550 4217", "Australia/Sydney"),
)

# name, colour, system qualifier
TAGS = (
    ("Order status", "#00B388", None), ("Refund", "#E5484D", None), ("Warranty", "#F2994A", None),
    ("Complaint", "#b00020", None), ("VIP", "#FFD166", None), ("Dealer lead", "#2D9CDB", None),
    ("Follow up", "#9B51E0", None), ("Wrong number", "#828282", None),
    ("Up-sell / cross-sell", "#27AE60", ""), ("Spam", "#333333", None),
    ("Callback", "#3D5AFE", "queue_callback"), ("Conference", "#3d5afe", "conference"),
    ("Voicemail left", "#607D8B", None), ("Urgent", "#FF1744", None),
)
LABELS = ("Work", "Mobile", "Home", "Office", "", "Warehouse")
MISSED_REASONS = ("out_of_opening_hours", "short_abandoned", "abandoned_in_ivr",
                  "abandoned_in_classic", "no_available_agent", "agents_did_not_answer")
AVAILABILITIES = ("available", "offline", "do_not_disturb", "in_call", "after_call_work")
IVR_OPTIONS = (("Orders and delivery", "1"), ("Returns", "2"), ("Warranty", "3"), ("Dealers", "4"))
EVENTS = ("call.created", "call.answered", "call.hungup", "call.ended", "call.tagged",
          "call.commented", "call.voicemail_left", "contact.created", "contact.updated",
          "contact.deleted", "user.created", "number.opened", "number.closed")
TOPICS = ("delivery delay", "refund", "tent poles", "invoice copy", "dealer discount",
          "warranty claim", "size exchange", "store opening hours")
UTTERANCES = (
    ("internal", "Fjell and Harbour, good morning, how can I help?"),
    ("external", "Hello, I am calling about an order that has not arrived."),
    ("internal", "May I have the order number, please?"),
    ("external", "It is FH 4 4 7 1 2."),
    ("internal", "Thank you. It left our warehouse yesterday."),
    ("external", "Perfect, merci beaucoup, goodbye!"),
)
SUMMARIES = (
    "The customer asked where the order is; the agent sent the tracking link.",
    "Warranty claim for a broken zip. The agent opened a case and promised an answer in two days.",
    "A dealer asked for the spring price list.\nThe agent will send it by e-mail.",
    "Rückfrage zur Rechnung, geklärt.",
)
ACTIONS = ("Send the tracking link", "Open a warranty case", "E-mail the spring price list",
           "Call back on Thursday", "Refund the shipping fee")
CRITERIA = ("Greeting", "Listening", "Product knowledge", "Next steps agreed")
