"""Vocabulary of the Agile CRM account: names, companies, texts, definitions.

Only constant tables.  The account belongs to a maker of warehouse equipment
that sells to companies in several countries, so that a demo looks like a
business; scripts that run right to left, emoji, quotes and backslashes are
there because real accounts have them.
"""

FIRST_NAMES = (
    "Anna", "Marek", "Zoe", "Ibrahim", "Chloé", "Lars", "Priya", "Tomás", "Yuki", "Grace",
    "Oskar", "Nadia", "Paul", "Ingrid", "Mateo", "Fatima", "Henry", "Sofia", "Wei", "Olga",
    "Dmitri", "Amelia", "Kofi", "Lena", "Bruno", "Hana", "Victor", "Maja", "Omar", "Ruth",
    "José", "Katarzyna", "Björn", "Aisha", "Peter", "Elif", "Samuel", "Noor", "Emil", "Carla",
)

LAST_NAMES = (
    "Berg", "Kowalski", "Okafor", "Nguyen", "Silva", "Müller", "O'Neill", "Haddad", "Tanaka",
    "Lindqvist", "Rossi", "Novak", "Andersen", "García", "Patel", "Dubois", "Ivanova", "Schmidt",
    "de la Cruz", "Van den Broek", "Çelik", "Fischer", "Moreau", "Larsen", "Kim", "Horváth",
    "Costa", "Weber", "Nielsen", "Popescu", "Jansen", "Yılmaz", "Baker", "Murphy", "Sato",
)

# Names that break naive code: right to left, emoji, combining marks, quotes, markup.
ODD_NAMES = (
    ("דנה", "לוי"),
    ("محمد", "الحسن"),
    ("Zoë 🚚", "Lagerlöf"),
    ("小明", "王"),
    ("Re\u0301gis", "D\"Arc"),
    ("Back\\slash", "<b>Bold</b>"),
    ("Tab\tName", "Line\nBreak"),
    ("null", "0"),
)

COMPANY_HEADS = (
    "Nordic", "Alpine", "Harbour", "Baltic", "Sunrise", "Granite", "Meridian", "Cobalt", "Evergreen",
    "Falcon", "Lighthouse", "Summit", "Riverside", "Atlas", "Horizon", "Keystone", "Orchard", "Polar",
)

COMPANY_TAILS = (
    "Logistics", "Foods", "Pharma", "Textiles", "Components", "Retail Group", "Breweries", "Paper",
    "Automotive", "Electronics", "Furniture", "Freight", "Chemicals", "Tools", "Optics",
)

COMPANY_FORMS = ("GmbH", "AB", "Ltd", "S.A.", "Inc.", "B.V.", "Sp. z o.o.", "Oy")

TITLES = (
    "Head of Logistics", "Buyer", "Operations Manager", "CFO", "Warehouse Lead", "Managing Director",
    "Procurement & Supply", "IT Manager", "Plant Engineer", "",
)

# city, state, zip, country code, country name
PLACES = (
    ("Oslo", "", "0150", "NO", "Norway"),
    ("Hamburg", "Hamburg", "20095", "DE", "Germany"),
    ("Kraków", "Małopolskie", "30-001", "PL", "Poland"),
    ("Lyon", "Rhône", "69001", "FR", "France"),
    ("Austin", "TX", "78701", "US", "United States"),
    ("São Paulo", "SP", "01000-000", "BR", "Brazil"),
    ("Rotterdam", "Zuid-Holland", "3011", "NL", "Netherlands"),
    ("大阪", "大阪府", "530-0001", "JP", "Japan"),
    ("Tel Aviv", "", "61000", "IL", "Israel"),
    ("Dublin", "Leinster", "D01", "IE", "Ireland"),
    ("Springfield", "IL", "62701", "USA", None),
)

STREETS = ("Dock Road", "Hauptstraße", "Rue du Port", "Canal Street", "Industrivej", "ul. Długa", "Via Roma")

PHONE_SUBTYPES = ("work", "home", "mobile", "main", "home fax", "work fax", "other")
WEBSITE_SUBTYPES = ("URL", "LINKEDIN", "TWITTER", "XING", "SKYPE", "GITHUB")
ADDRESS_SUBTYPES = ("home", "postal", "office", "work")

TAGS = (
    "customer", "prospect", "newsletter", "Trade Fair 2025", "linkedin prospect", "vip", "partner",
    "do not call", "webinar", "renewal risk", "emea", "Lead",
)

DEAL_TAGS = ("hot", "budget approved", "tender", "repeat order")

SOURCES = ("api", "manual", "form", "import", "email", None)

DEAL_OBJECTS = (
    "Pallet racks", "Conveyor line", "Sorting robots", "Forklift fleet", "Packing stations",
    "Maintenance contract", "Cold store", "Scanner set", "Shelving", "Dock levellers",
)

DEAL_NOTES = (
    "Two sites, second one after the first is accepted.",
    "Price \"fixed\" until the end of the quarter;\nsee the mail of the CFO.",
    "Competes with an offer from the incumbent.",
    "سعر خاص للدفعة الأولى",
    "Needs approval ✅ by both boards",
)

COLORS = ("WHITE", "GREY", "BLUE", "GREEN", "RED", "YELLOW")
CURRENCIES = ("USD-$", "EUR-€", "GBP-£", "PLN-zł")

TASK_TYPES = ("CALL", "EMAIL", "FOLLOW_UP", "MEETING", "MILESTONE", "SEND", "TWEET", "OTHER")
TASK_STATUSES = ("YET_TO_START", "IN_PROGRESS", "COMPLETED")
PRIORITIES = ("HIGH", "NORMAL", "LOW")
TASK_SUBJECTS = (
    "Call about the quote", "Send the layout drawing", "Arrange a site visit", "Check credit limit",
    "Follow up on the demo", "Prepare the contract", "Ask for references", "Confirm delivery date",
)

EVENT_TITLES = (
    "Site visit", "Quarterly review", "Product demo", "Kick-off", "Contract signing", "Trade fair",
    "Training", "Lunch with the board", "Inventory days", "Acceptance test 🏁",
)

NOTE_SUBJECTS = (
    "Call summary", "Meeting minutes", "Price discussion", "Complaint", "Next steps", "Reference customer",
    "Delivery delayed", "Intro", "פגישה", "Budget 💶",
)

NOTE_TEXTS = (
    "Spoke for twenty minutes, decision expected next month.",
    "They want a second quote with three instead of four lines.",
    "Line one\nLine two\r\nLine three with \"quotes\" and a \\ backslash",
    "Happy with the last delivery <br> asks for a frame contract.",
    "",
    "Sehr kurzfristig – Rückruf bis Freitag",
)

DOCUMENT_NAMES = (
    ("Quote {n}.pdf", "ATTACHMENT", "S3"),
    ("Floor plan {n}.dwg", "ATTACHMENT", "S3"),
    ("Frame contract {n}.docx", "ATTACHMENT", "GOOGLE"),
    ("Price list {n}.xlsx", "ATTACHMENT", "GOOGLE"),
    ("תוכנית {n}.pdf", "ATTACHMENT", "S3"),
)

TICKET_SUBJECTS = (
    "Conveyor stops without a message", "Invoice shows the wrong address", "Spare part for line 3",
    "Login to the portal fails", "Sensor reports 0 kg", "Request for training material",
    "הזמנה לא הגיעה", "Robot beeps all night 🤖", "How do I reorder labels?", "Damaged on arrival",
)

TICKET_REPLIES = (
    "Thank you, we are looking into it.", "Could you send the serial number?",
    "The part leaves our warehouse today.", "It happened again this morning.",
    "Works now, thanks!", "Please find the log attached.\n\nRegards",
)

TICKET_STATUSES = ("NEW", "OPEN", "PENDING", "CLOSED")
TICKET_TYPES = ("PROBLEM", "INCIDENT", "QUESTION", "TASK")
TICKET_PRIORITIES = ("LOW", "MEDIUM", "HIGH", "URGENT")

# name, e-mail, role, is_admin, is_account_owner, is_disabled
USERS = (
    ("Eva Winter", "owner@example.com", "ADMINISTRATOR", True, True, False),
    ("Jonas Falk", "jonas@hallmark-racks.example", "SALES", True, False, False),
    ("Rita Campos", "rita@hallmark-racks.example", "SALES", False, False, False),
    ("Mikael Strand", "mikael@hallmark-racks.example", "SALES", False, False, False),
    ("Aylin Demir", "aylin@hallmark-racks.example", "SERVICE", False, False, False),
    ("Former Colleague", "gone@hallmark-racks.example", "SALES", False, False, True),
)

# name, comma separated milestones, default, won, lost, has deals
TRACKS = (
    ("Default", "New,Prospect,Proposal,Negotiation,Won,Lost", True, "Won", "Lost", True),
    ("Renewals", "Due, In talks, Renewed , Cancelled", False, "Renewed", "Cancelled", True),
    ("Partner projects", "Idea,Scoping,Joint offer,Closed – won", False, "Closed – won", None, True),
)

# name, large rules
WORKFLOWS = (
    ("Welcome series", True),
    ("Quote follow-up", True),
    ("Win-back", False),
    ("Trade fair 2025 invitations", True),
    ("Newsletter 📰", False),
    ("Renewal reminder", True),
    ("Old onboarding", False),
)

# label, name as stored
DEAL_SOURCES = ("Web form", "Trade fair", "Referral & partners", "Cold call")
LOST_REASONS = ("Price", "No decision", "Lost to competitor", "Timing")

TICKET_GROUPS = ("Support", "Spare parts", "Billing")
TICKET_LABELS = ("warranty", "on-site", "urgent part", "portal", "feedback")

# label, type, searchable, options
CONTACT_FIELDS = (
    ("Account number", "TEXT", True, ""),
    ("Joined on", "DATE", True, ""),
    ("Annual budget", "NUMBER", True, ""),
    ("Region", "LIST", True, "North;South;East;West"),
    ("Newsletter", "CHECKBOX", False, ""),
    ("Background", "TEXTAREA", False, ""),
    ("Partners", "CONTACT", False, ""),
    ("Suppliers", "COMPANY", False, ""),
    ("Lifetime tier", "TEXT", True, ""),
    ("Rating formula", "FORMULA", False, "{{lead_score}} * 2"),
)

COMPANY_FIELDS = (
    ("Industry", "LIST", True, "Food;Pharma;Retail;Automotive;Other"),
    ("Employees", "NUMBER", True, ""),
    ("Contract end", "DATE", True, ""),
    ("Key account", "CHECKBOX", False, ""),
    ("Primary contact", "CONTACT", False, ""),
    ("Größe (m²)", "NUMBER", False, ""),
)

DEAL_FIELDS = (
    ("Start", "DATE", True, ""),
    ("Region", "LIST", True, "North;South;East;West"),
    ("Discount code", "TEXT", True, ""),
    ("Seats", "NUMBER", False, ""),
    ("Signed", "CHECKBOX", False, ""),
    ("Referrer", "CONTACT", False, ""),
    ("Subsidiary", "COMPANY", False, ""),
    ("Remarks", "TEXTAREA", False, ""),
)
