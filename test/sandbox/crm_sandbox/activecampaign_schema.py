"""Columns and wire members of every ActiveCampaign entity, as tables.

One line is one Field: SQL column (- for none), wire member (- for none), codec,
then optionally @key (where the record holds the value, by default the column,
else the member) and =value (what rows hold unless their maker says otherwise,
JSON).  The codec "links" takes path:sub,sub and is the object of URLs every
entity carries; "label" takes the name of a code list.

Codecs that end in 0 write "nothing" as 0 (numbers), as an empty string (text)
or as a zero date (times); the others write null.
"""
import json
from decimal import ROUND_HALF_UP, Decimal

from .activecampaign_words import GROUP_PERMISSIONS
from .model import Field
from .wire import (MISSING, CENTS_INT, CENTS_TEXT, DECIMAL_TEXT, FLAG_INT, FLAG_TEXT, INT_TEXT, IPV4_TEXT,
                   ISO_CHICAGO, ISO_UTC, ISO_Z, ISO_Z_MS, LOWER, NAIVE_CHICAGO, PLAIN, SECOND, Codec,
                   dumps, plain)

ORIGIN = "https://ridgeline.api-us1.com"


def iso_nanoseconds(value):
    """Nine digits, a little below the microsecond: rounding gives the value, cutting does not."""
    nanoseconds = value * 1000 - 211
    seconds, fraction = divmod(nanoseconds, 1_000_000_000)
    return "%s.%09dZ" % (ISO_Z.wire(seconds * SECOND)[:-1], fraction)


def _reference(value):
    return value or None


CODECS = {
    "text": PLAIN, "text0": PLAIN.nulls(""), "json": PLAIN, "int": PLAIN, "bool": PLAIN,
    "num": INT_TEXT, "num0": INT_TEXT.nulls("0"), "flag": FLAG_TEXT, "flagint": FLAG_INT,
    "ts": ISO_CHICAGO, "ts0": ISO_CHICAGO.nulls("0000-00-00T00:00:00Z00:00"),
    "tsn": NAIVE_CHICAGO, "tsn0": NAIVE_CHICAGO.nulls("0000-00-00 00:00:00"),
    "utc": ISO_UTC, "zms": ISO_Z_MS, "nano": Codec(ISO_Z.sql, iso_nanoseconds),
    "cents": CENTS_TEXT, "centsint": CENTS_INT, "dec": DECIMAL_TEXT, "ip": IPV4_TEXT,
    "lower": LOWER, "upper": Codec(str.upper), "absent": Codec(str.upper, null=MISSING),
    # References: 0 and "0" mean that there is none.
    "ref": Codec(_reference, str), "ref0": Codec(_reference, str, "0"), "refint": Codec(_reference),
    "nums": Codec(wire=lambda ids: [str(i) for i in ids], null=[]),
    "commas": Codec(wire=lambda ids: ",".join(str(i) for i in ids)),
    # A text column over a member that is not always a string.
    "anytext": Codec(lambda value: value if isinstance(value, str) else dumps(value)),
}

LABELS = {
    "deal": {0: "open", 1: "won", 2: "lost"},
    "membership": {0: "unconfirmed", 1: "active", 2: "unsubscribed", 3: "bounced"},
    "task": {0: "open", 1: "done"},
    "tasktype": {0: "active", 1: "disabled"},
    "autoassign": {0: "none", 1: "round_robin", 2: "deal_value"},
    "automation": {0: "draft", 1: "active", 2: "inactive"},
    "entry": {1: "active", 2: "completed"},
    "connection": {0: "error", 1: "connected"},
    "order_state": {0: "pending", 1: "completed", 2: "abandoned", 3: "recovered", 4: "waiting"},
    "order_source": {0: "historical", 1: "real_time"},
    "campaign": {0: "draft", 1: "scheduled", 2: "sending", 3: "paused", 4: "stopped",
                 5: "completed", 6: "disabled", 7: "pending_approval"},
}


class Schema:
    """Fields and the values rows have unless their maker gives others."""
    __slots__ = ("fields", "defaults")

    def __init__(self, text):
        self.fields = []
        self.defaults = {}
        for line in text.strip().splitlines():
            if line.strip():
                self._line(line)

    def _line(self, line):
        parts = line.split(None, 3)
        sql, wire = (None if part == "-" else part for part in parts[:2])
        key = sql or wire
        rest = parts[3] if len(parts) > 3 else ""
        if rest.startswith("@"):
            key, _, rest = rest[1:].partition(" ")
        codec, _, detail = parts[2].partition(":")
        if codec == "links":
            self.fields.append(Field(None, "links", compute=_links(detail)))
        elif codec == "campaign":
            self.fields.append(Field(sql, None, compute=campaign_label))
        elif codec == "label":
            self.fields.append(Field(sql, None, compute=_label(LABELS[detail], key)))
        elif codec == "ratio":
            self.fields.append(Field(sql, None, CODECS["dec"], compute=_ratio(key, detail)))
        else:
            self.fields.append(Field(sql, wire, CODECS[codec], key=key))
        if rest.strip().startswith("="):
            self.defaults[key] = json.loads(rest.strip()[1:])


def _label(words, key):
    return lambda record: words.get(plain(record.get(key)))


def _ratio(part, whole):
    """Two counts divided as PostgreSQL divides numerics, None without a whole."""
    def compute(record):
        upper, lower = plain(record.get(part)), plain(record.get(whole))
        return None if upper is None or not lower else _numeric_quotient(upper, lower)
    return compute


def _numeric_quotient(upper, lower):
    """At least 16 digits, counted in groups of four, as numeric division keeps them."""
    def groups(number):
        text = str(number)
        return (len(text) - 1) // 4, int(text[:(len(text) - 1) % 4 + 1])
    (weight, first), (other_weight, other_first) = groups(upper), groups(lower)
    weight -= other_weight + (first <= other_first)
    return (Decimal(upper) / lower).quantize(Decimal(1).scaleb(-max(0, 16 - 4 * weight)), ROUND_HALF_UP)


def campaign_label(record):
    """A mail of a running automation has status 1 although nothing is scheduled."""
    status = plain(record.get("status"))
    return "automation" if status == 1 and plain(record.get("automation_id")) else LABELS["campaign"].get(status)


def _links(detail):
    path, _, names = detail.partition(":")
    subs = names.split(",") if names else ()
    if not subs:
        return lambda record: []
    return lambda record: {sub: "%s/api/3/%s/%s/%s" % (ORIGIN, path, record["id"], sub) for sub in subs}


STAMPS = """
- created_timestamp tsn @created_at
- updated_timestamp tsn @updated_at
created_by created_by ref
updated_by updated_by ref
"""

CONTACTS = """
created_at cdate ts
email email text
phone phone text =""
first_name firstName text =""
last_name lastName text =""
- orgid num0
- orgname text =""
segmentio_id segmentio_id text =""
bounced_hard bounced_hard num =0
bounced_soft bounced_soft num =0
bounced_date bounced_date tsn
ip ip ip
ua ua text
hash hash text
socialdata_lastcheck socialdata_lastcheck tsn
email_local email_local text =""
email_domain email_domain text
sentcnt sentcnt num
rating_tstamp rating_tstamp tsn
gravatar gravatar flag =false
deleted deleted flag =false
anonymized anonymized flag =false
last_activity_at adate ts
updated_at udate ts
engaged_at edate ts
deleted_at deleted_at tsn
- created_utc_timestamp tsn @created_at
- updated_utc_timestamp tsn @touched_at
- created_timestamp tsn @created_at
- updated_timestamp tsn @touched_at
created_by created_by ref
updated_by updated_by ref
mpp_tracking mpp_tracking flag =false
last_click_date last_click_date tsn
last_open_date last_open_date tsn
last_mpp_open_date last_mpp_open_date tsn
best_send_hour best_send_hour num
sms_consent sms_consent num
sms_consent_updated_at sms_consent_updated_at tsn
whatsapp_id whatsapp_id text
whatsapp_username whatsapp_username text
email_empty email_empty bool
score_values scoreValues json
account_contact_ids accountContacts nums
- links links:contacts:bounceLogs,contactAutomations,contactLists,contactTags,deals,fieldValues,notes
id id num
- organization num
"""

FIELDS = """
title title text
descript descript text
type type text
isrequired isrequired flag =false
perstag perstag text
defval defval text
show_in_list show_in_list flag =false
rows rows num =0
cols cols num =0
visible visible flag =true
service service text =""
ordernum ordernum num
created_at cdate ts
updated_at udate ts
""" + STAMPS + """
option_ids options nums =[]
relation_ids relations nums =[]
- links links:fields:options,relations
id id num
"""

FIELD_OPTIONS = """
field_id field ref
orderid orderid num
value value text
label label text
isdefault isdefault flag =false
created_at cdate ts
updated_at udate ts
- links links:fieldOptions:field
id id num
"""

FIELD_RELS = """
field_id field ref
rel_id relid num
dorder dorder num
created_at cdate ts
- links links:
id id num
"""

FIELD_VALUES = """
contact_id contact ref
field_id field ref
value value text
created_at cdate ts
updated_at udate ts
created_by created_by ref
updated_by updated_by ref
- links links:fieldValues:owner,field
id id num
- owner num @contact_id
"""

GROUP_DEFINITIONS = """
id id int
type_id type_id int
label label text
ordernum ordernum int
- links links:
"""

GROUP_MEMBERS = """
id id int
group_id group_id refint
rel_id rel_id refint
ordernum ordernum int
created_by created_by refint
updated_by updated_by refint
- created_timestamp tsn @created_at
- updated_timestamp tsn @created_at
"""

LISTS = """
stringid stringid text
user_id userid ref
name name text
created_at cdate ts
p_use_tracking p_use_tracking flag =true
p_use_analytics_read p_use_analytics_read flag =false
p_use_analytics_link p_use_analytics_link flag =false
p_use_twitter p_use_twitter flag =false
p_use_facebook p_use_facebook flag =false
p_embed_image p_embed_image flag =false
p_use_captcha p_use_captcha flag =true
send_last_broadcast send_last_broadcast flag =false
private private flag =false
analytics_domains analytics_domains text
analytics_source analytics_source text =""
analytics_ua analytics_ua text =""
- twitter_token text =""
- twitter_token_secret text =""
- facebook_session text
carboncopy carboncopy text
subscription_notify subscription_notify text =""
unsubscription_notify unsubscription_notify text =""
require_name require_name flag =false
get_unsubscribe_reason get_unsubscribe_reason flag =false
to_name to_name text ="Subscriber"
optinoptout optinoptout num =1
sender_name sender_name text =""
sender_addr1 sender_addr1 text =""
sender_addr2 sender_addr2 text =""
sender_city sender_city text =""
sender_state sender_state text =""
sender_zip sender_zip text =""
sender_country sender_country text =""
sender_phone sender_phone text =""
sender_url sender_url text
sender_reminder sender_reminder text
fulladdress fulladdress text =""
optin_message_id optinmessageid ref0
optoutconf optoutconf num =0
deletestamp deletestamp tsn
updated_at udate ts
""" + STAMPS + """
channel channel text
description description text =""
non_deleted_subscribers non_deleted_subscribers num
active_subscribers active_subscribers num
- links links:lists:contactGoalLists,user,addressLists
id id num
- user num @user_id
"""

LIST_EXCLUSIONS = """
id id num
match_phrase matchPhrase text
match_type matchType text ="exact"
channel channel text ="all"
hidden hidden bool =false
list_ids lists nums
"""

CONTACT_LISTS = """
contact_id contact ref
list_id list ref
form_id form ref
automation_id seriesid ref0
subscribed_at sdate ts
unsubscribed_at udate ts
status status num
status_label - label:membership @status
responder responder flag =true
sync sync flag =false
unsubreason unsubreason text =""
campaign_id campaign ref
message_id message ref
first_name first_name text
last_name last_name text
ip4_sub ip4Sub ip
sourceid sourceid num =0
autosync_log_id autosyncLog ref
ip4_last ip4_last ip
ip4_unsub ip4Unsub ip
created_at created_timestamp tsn
updated_at updated_timestamp tsn
created_by created_by ref
updated_by updated_by ref
unsubscribe_automation_id unsubscribeAutomation ref
channel channel text
- links links:contactLists:automation,list,contact,form
id id num
- automation num @automation_id
"""

TAGS = """
tag_type tagType text ="contact"
tag tag text
description description text =""
created_at cdate ts
subscriber_count subscriber_count num
- created_timestamp tsn @created_at
updated_at updated_timestamp tsn
created_by created_by ref
updated_by updated_by ref
deleted deleted flag =false
- links links:tags:contactGoalTags
id id num
"""

CONTACT_TAGS = """
contact_id contact ref
tag_id tag ref
created_at cdate ts
- created_timestamp tsn @created_at
updated_at updated_timestamp tsn
created_by created_by ref
updated_by updated_by ref
- links links:contactTags:tag,contact
id id num
"""

SEGMENTS = """
name name text
logic logic text ="and"
hidden hidden flag =false
automation_id seriesid ref0
created_at created_timestamp tsn
updated_at updated_timestamp tsn
created_by created_by ref
updated_by updated_by ref
segmentid_v2 segmentid_v2 text
- links links:
id id num
"""

ACCOUNTS = """
name name text
account_url accountUrl text
created_at createdTimestamp ts
updated_at updatedTimestamp ts
owner_id owner ref
contact_count contactCount num
deal_count dealCount num
- links links:accounts:notes,accountCustomFieldData,accountContacts,emailActivities
id id num
"""

ACCOUNT_CONTACTS = """
account_id account ref
contact_id contact ref
job_title jobTitle text =""
created_at createdTimestamp ts
updated_at updatedTimestamp ts
- links links:accountContacts:account,contact
id id num
"""

CUSTOM_FIELD_META = """
id id num
field_label fieldLabel text
field_type fieldType text
field_options fieldOptions json
field_default fieldDefault anytext
is_form_visible isFormVisible flagint
is_required isRequired flagint
display_order displayOrder int
created_at createdTimestamp utc
updated_at updatedTimestamp utc
field_default_currency fieldDefaultCurrency upper
personalization personalization text
known_field_id knownFieldId refint
hide_field_flag hideFieldFlag flagint
- links links:
"""

DEAL_FIELD_VALUES = """
id id num
- dealCustomFieldMetumId int @field_id
deal_id dealId refint
field_id customFieldId refint
created_at createdTimestamp utc
updated_at updatedTimestamp utc
field_value fieldValue anytext
field_currency fieldCurrency absent
- links links:dealCustomFieldData:deal,dealCustomFieldMetum
"""

ACCOUNT_FIELD_VALUES = """
id id num
- accountCustomFieldMetumId int @field_id
account_id accountId refint
field_id customFieldId refint
created_at createdTimestamp utc
updated_at updatedTimestamp utc
field_value fieldValue anytext
field_currency fieldCurrency absent
- links links:accountCustomFieldData:account,accountCustomFieldMetum
"""

DEALS = """
hash hash text
owner_id owner ref
contact_id contact ref
- organization num
pipeline_id group ref
stage_id stage ref
title title text
description description text =""
percent percent num =0
created_at cdate ts
updated_at mdate ts
next_date nextdate ts
next_task_id nexttaskid ref
value value cents
currency currency lower
status status num
status_label - label:deal @status
activity_count activitycount num
nextdealid nextdealid num
edate edate tsn
win_probability winProbability int
win_probability_mdate winProbabilityMdate ts
- links links:deals:dealActivities,contact,contactDeals,group,nextTask,notes,account,dealCustomFieldData,owner,stage,tasks
id id num
is_disabled isDisabled bool =false
- nextTask num @next_task_id
account_id account ref
- customerAccount num @account_id
"""

DEAL_PIPELINES = """
title title text
currency currency lower
autoassign autoassign num =0
autoassign_label - label:autoassign @autoassign
allusers allusers flag =true
allgroups allgroups flag =false
win_probability_initialize_date win_probability_initialize_date ts0
created_at cdate ts
updated_at udate ts
stage_ids stages nums
source source text =""
count count num
- links links:dealGroups:dealGroupGroups,dealGroupUsers,stages
id id num
"""

DEAL_STAGES = """
pipeline_id group ref
title title text
color color text ="32B0FC"
display_order order num
width width num =280
deal_order dealOrder text ="next-action DESC"
card_region1 cardRegion1 text ="title"
card_region2 cardRegion2 text ="next-action"
card_region3 cardRegion3 text ="show-avatar"
card_region4 cardRegion4 text ="contact-fullname-orgname"
card_region5 cardRegion5 text ="value"
created_at cdate ts
updated_at udate ts
- links links:dealStages:group
id id num
"""

DEAL_TASKS = """
id id num
title title text
note note text
duedate duedate ts
edate edate ts
status status int
status_label - label:task @status
rel_id relid ref
rel_type reltype text
task_type_id dealTasktype ref
created_at cdate ts
updated_at udate ts
automation_id automation ref
done_automation_id doneAutomation ref
user_id user ref
assignee_id assignee ref
owner_id - refint
owner_type - text
owner owner json
outcome_id outcomeId refint
outcome_info outcomeInfo text
duration duration num
donedate donedate ts
- links links:dealTasks:activities,assignee,owner,user,taskNotifications
"""

TASK_TYPES = """
title title text
status status num =0
status_label - label:tasktype @status
defduration defduration num
created_at cdate ts
updated_at udate ts
- links links:
id id num
"""

TASK_OUTCOMES = """
title title text
sentiment sentiment text
created_by created_by ref
disabled disabled flag =false
updated_by updated_by ref
created_at created_utc_timestamp ts
updated_at updated_utc_timestamp ts
task_type_ids dealTasktype_ids nums
- links links:taskOutcomes:createdBy
id id num
"""

TASKTYPE_OUTCOME_RELS = """
task_type_id tasktype_id ref
outcome_id outcome_id ref
display_order display_order num
created_by created_by ref
created_at created_utc_timestamp ts
updated_by updated_by ref
updated_at updated_utc_timestamp tsn
- links links:tasktypeOutcomeRels:outcome,tasktype
id id num
- tasktype num @task_type_id
- outcome num @outcome_id
- createdBy num @created_by
"""

CONTACT_DEALS = """
deal_id deal ref
contact_id contact ref
role_id role ref
created_at cdate ts
- created_timestamp tsn @created_at
updated_at updated_timestamp tsn
created_by created_by ref
updated_by updated_by ref
- links links:contactDeals:deal,contact
id id num
"""

DEAL_ROLES = """
title title text
created_at created_timestamp ts
updated_at updated_timestamp ts
- links links:
id id num
"""

DEAL_ACTIVITIES = """
deal_id d_id ref
stage_id d_stageid ref
user_id userid ref
data_id dataId ref0
data_type dataType text
data_action dataAction text =""
data_oldval dataOldval text =""
created_at cdate ts
sortdate sortdate ts @created_at
is_addtask isAddtask flag =false
deleted deleted flag =false
automation_id seriesid ref0
- links links:dealActivities:deal,stage,user,automation
id id num
- deal num @deal_id
- stage num @stage_id
- user num @user_id
- automation num @automation_id
"""

NOTES = """
user_id userid ref
rel_id relid ref
rel_type reltype text
created_at cdate ts
updated_at mdate ts
note note text
is_draft is_draft flag =false
owner_id - refint
owner_type - text
owner owner json
- links links:notes:activities,mentions,notes,owner,user
id id num
- user num @user_id
"""

USERS = """
username username text
first_name firstName text
last_name lastName text
email email text
phone phone text =""
signature signature text
local_zoneid localZoneid text
created_at cdate ts
updated_at udate ts
password_updated_utc_timestamp password_updated_utc_timestamp tsn
mfa_enabled mfaEnabled flag =false
- links links:users:lists,userGroup,configs
id id num
"""

GROUPS = """
title title text
descript descript text
p_admin p_admin flag
unsubscribelink unsubscribelink flag =false
optinconfirm optinconfirm flag =false
sdate sdate ts
req_approval reqApproval flag =false
req_approval1st reqApproval1st num =0
req_approval_notify reqApprovalNotify text =""
socialdata socialdata flag =false
- links links:groups:userGroups,groupLimit,dealGroupGroups,listGroups,addressGroups
id id num
"""

GROUP_LIMITS = """
group_id groupid ref
limit_mail limitMail num =0
limit_mail_type limitMailType text ="month"
limit_contact limitContact num =0
limit_list limitList num =0
limit_campaign limitCampaign num =0
limit_campaign_type limitCampaignType text ="monthcdate"
limit_attachment limitAttachment num =-1
limit_user limitUser num =0
abuse_ratio abuseRatio dec =4
force_sender_info forceSenderInfo flag =false
- links links:
id id num
- group num @group_id
"""

CAMPAIGNS = """
type type text
user_id userid ref
segment_id segmentid text ="0"
bounce_id bounceid num =-1
realcid realcid ref =0
send_id sendid ref =0
thread_id threadid ref =0
automation_id seriesid ref0
form_id formid ref0
base_template_id basetemplateid text ="0"
base_message_id basemessageid ref =0
address_id addressid ref0
source source text ="web"
name name text
created_at cdate ts
modified_at mdate ts
sent_at sdate ts
last_sent_at ldate ts
send_amt send_amt num =0
total_amt total_amt num =0
opens opens num =0
unique_opens uniqueopens num =0
link_clicks linkclicks num =0
unique_link_clicks uniquelinkclicks num =0
subscriber_clicks subscriberclicks num =0
forwards forwards num =0
unique_forwards uniqueforwards num =0
hard_bounces hardbounces num =0
soft_bounces softbounces num =0
unsubscribes unsubscribes num =0
unsubreasons unsubreasons num =0
updates updates num =0
social_shares socialshares num =0
replies replies num =0
unique_replies uniquereplies num =0
status status num
status_label - campaign
open_rate - ratio:send_amt @unique_opens
verified_open_rate - ratio:send_amt @verified_unique_opens
click_rate - ratio:send_amt @unique_link_clicks
public public flag =true
mail_transfer mail_transfer num =0
mail_send mail_send num =0
mail_cleanup mail_cleanup num =0
mailer_log_file mailer_log_file num =0
tracklinks tracklinks text ="all"
tracklinksanalytics tracklinksanalytics flag =false
trackreads trackreads flag =true
trackreadsanalytics trackreadsanalytics flag =false
analytics_campaign_name analytics_campaign_name text =""
tweet tweet flag =false
facebook facebook flag =false
survey survey text =""
embed_images embed_images flag =false
htmlunsub htmlunsub flag =true
textunsub textunsub flag =true
htmlunsubdata htmlunsubdata text
textunsubdata textunsubdata text
recurring recurring text ="day1"
willrecur willrecur flag =false
split_type split_type text ="even"
split_content split_content flag =false
split_offset split_offset num =2
split_offset_type split_offset_type text ="hour"
split_winner_message_id split_winner_messageid ref =0
split_winner_awaiting split_winner_awaiting flag =false
responder_offset responder_offset num =0
responder_type responder_type text ="subscribe"
responder_existing responder_existing flag =false
reminder_field reminder_field text ="sdate"
reminder_format reminder_format text
reminder_type reminder_type text ="month_day"
reminder_offset reminder_offset num =0
reminder_offset_type reminder_offset_type text ="day"
reminder_offset_sign reminder_offset_sign text ="+"
reminder_last_cron_run reminder_last_cron_run text
activerss_interval activerss_interval text ="day1"
activerss_url activerss_url text
activerss_items activerss_items num =10
ip4 ip4 ip
laststep laststep text ="result"
managetext managetext flag =false
schedule schedule flag =false
scheduleddate scheduleddate ts
waitpreview waitpreview flag =false
deletestamp deletestamp tsn
replysys replysys flag =false
- created_timestamp tsn @copied_from_at
updated_at updated_timestamp tsn
created_by created_by ref
updated_by updated_by ref
ip ip ip
series_send_lock_time series_send_lock_time tsn0
can_skip_approval can_skip_approval flag =false
use_quartz_scheduler use_quartz_scheduler flag =true
verified_opens verified_opens num =0
verified_unique_opens verified_unique_opens num =0
predictive_send predictive_send flag =false
repair_timestamp repair_timestamp tsn0
has_outdated_translations has_outdated_translations flag =false
has_translations hasTranslations flag =false
repair_by_pydex repair_by_pydex flag =false
additional_data additional_data text =""
moderation_status moderation_status num =0
number_of_messages numberOfMessages num =1
campaign_is_text campaignIsText flag =false
has_predictive_content has_predictive_content flag =false
campaign_message_id campaign_message_id ref
message_id message_id ref
format format text ="mime"
ed_version ed_version num =3
segmentname segmentname text =""
screenshot screenshot text =""
type_text typeText text
status_tool_tip statusToolTip text =""
status_string statusString text
group_limit_violation groupLimitViolation bool =false
- links links:campaigns:user,automation,campaignMessages,campaignLists,links,aggregateRevenues
id id num
- user num @user_id
- automation num
"""

CAMPAIGN_LINKS = """
campaign_id campaignid ref
message_id messageid ref0
link link text
name name text
ref ref text =""
tracked tracked flag =true
unique_link_clicks uniquelinkclicks num =0
link_clicks linkclicks num =0
- links links:links:campaign,message
id id num
- campaign num @campaign_id
- message num @message_id
"""

CAMPAIGN_MESSAGES = """
message_id messageid ref
campaign_id campaignid ref
percentage percentage num =100
sourcesize sourcesize num =1000
send_amt send_amt num =0
total_amt total_amt num =0
opens opens num =0
uniqueopens uniqueopens num =0
linkclicks linkclicks num =0
uniquelinkclicks uniquelinkclicks num =0
subscriberclicks subscriberclicks num =0
forwards forwards num =0
uniqueforwards uniqueforwards num =0
hardbounces hardbounces num =0
softbounces softbounces num =0
unsubscribes unsubscribes num =0
unsubreasons unsubreasons num =0
updates updates num =0
socialshares socialshares num =0
replies replies num =0
uniquereplies uniquereplies num =0
spamcheck_score spamcheck_score dec
spamcheck_max spamcheck_max dec
initial_split_percentage initial_split_percentage num =0
screenshot screenshot text
subject subject text
- links links:campaignMessages:campaign,message
id id num
- campaign num @campaign_id
- message num @message_id
"""

CAMPAIGN_LISTS = """
campaign_id campaignid ref
list_id listid ref
user_id userid ref
list_amt list_amt num =0
created_at cdate ts
updated_at udate ts
name name text
- links links:campaignLists:campaign,list
id id num
- user num @user_id
- list num @list_id
- campaign num @campaign_id
"""

MESSAGES = """
user_id userid ref
ed_instance_id ed_instanceid ref =0
ed_version ed_version num =3
created_at cdate ts
updated_at mdate ts
name name text =""
fromname fromname text
fromemail fromemail text
reply2 reply2 text =""
priority priority num =3
charset charset text ="utf-8"
encoding encoding text ="quoted-printable"
format format text ="mime"
subject subject text
preheader_text preheader_text text =""
text text text
html html text
htmlfetch htmlfetch text ="now"
textfetch textfetch text ="now"
hidden hidden flag =false
preview_mime preview_mime text =""
preview_data preview_data text
- links links:messages:user
id id num
- user num @user_id
"""

TEMPLATES = """
user_id userid ref
ed_instance_id ed_instanceid ref =0
ed_version ed_version num =1
name name text
subject subject text
content content text
category_id categoryid ref =0
used used flag =false
waitpreview waitpreview flag =false
importnum importnum num =0
updated_at mdate tsn
preview_content preview_content text
modified modified flag =false
hidden hidden flag =false
- links links:
id id num
"""

PERSONALIZATIONS = """
name name text
tag tag text
format format text ="text"
content content text
list_ids listIds commas
list_names listNames text
lists_count listsCount num =1
is_locked isLocked bool =false
id id num
"""

AUTOMATIONS = """
name name text
created_at cdate ts
updated_at mdate ts
user_id userid ref
status status num
status_label - label:automation @status
entered entered num
exited exited num
hidden hidden flag =false
defaultscreenshot defaultscreenshot text =""
screenshot screenshot text =""
entitlements_violation entitlements_violation flag =false
source source num =0
description description text
exit_on_unsubscribe exit_on_unsubscribe flag =false
exit_on_conversion exit_on_conversion flag =false
multientry multientry flag =false
- links links:automations:campaigns,contactGoals,contactAutomations,blocks,goals,sms,sitemessages
id id num
"""

CONTACT_AUTOMATIONS = """
contact_id contact ref
automation_id seriesid ref
start_id startid ref
status status num
status_label - label:entry @status
batchid batchid text
added_at adddate ts
remdate remdate ts
timespan timespan num
lastblock lastblock num
last_log_id lastlogid ref
lastdate lastdate ts
in_als in_als num =1
completed_elements completedElements num
total_elements totalElements num
completed completed flagint
complete_value completeValue int
- links links:contactAutomations:automation,contact,contactGoals,automationLogs
id id num
- automation num @automation_id
"""

CONTACT_GOALS = """
goal_id goalid ref
automation_id seriesid ref
contact_id subscriberid ref
contact_automation_id subscriberseriesid ref
timespan timespan num
tstamp tstamp ts
- links links:
id id num
- goal num @goal_id
- automation num @automation_id
- contact num @contact_id
- contactAutomation num @contact_automation_id
"""

SCORES = """
rel_type reltype text ="contact"
name name text
descript descript text =""
status status num =1
created_at cdate ts
updated_at mdate ts
- links links:
id id num
"""

CONTACT_SCORE_VALUES = """
score_id score ref
contact_id contact ref
deal_id deal ref
created_at cdate ts
updated_at mdate ts
score_value scoreValue num
- links links:scoreValues:score
id id num
"""

CONTACT_DATA = """
contact_id contact ref
tstamp tstamp ts
geo_tstamp geoTstamp ts
geo_ip4 geoIp4 ip
geo_country2 geoCountry2 text
geo_country geo_country text
geo_state geoState text
geo_city geoCity text
geo_zip geoZip text
geo_area geoArea text ="0"
geo_lat geoLat dec
geo_lon geoLon dec
geo_tz geoTz text
geo_tz_offset geoTzOffset dec
ga_campaign_source ga_campaign_source text =""
ga_campaign_name ga_campaign_name text =""
ga_campaign_medium ga_campaign_medium text =""
ga_campaign_term ga_campaign_term text =""
ga_campaign_content ga_campaign_content text =""
ga_campaign_customsegment ga_campaign_customsegment text =""
ga_first_visit ga_first_visit ts
ga_times_visited ga_times_visited num =0
fb_id fb_id text ="0"
fb_name fb_name text =""
tw_id tw_id text ="0"
created_at created_timestamp tsn0
updated_at updated_timestamp tsn0
created_by created_by ref
updated_by updated_by ref
- links links:
id id num
"""

CONTACT_GEO_IPS = """
contact_id contact ref
campaign_id campaignid ref0
message_id messageid ref0
geo_address_id geoaddrid ref
ip4 ip4 ip
tstamp tstamp ts
- links links:geoIps:geoAddress
- geoAddress num @geo_address_id
id id num
"""

GEO_ADDRESSES = """
ip4 ip4 ip
country2 country2 text
country country text
state state text
city city text
zip zip text
area area text ="0"
lat lat dec
lon lon dec
tz tz text
tstamp tstamp ts
- links links:
id id num
"""

BOUNCE_LOGS = """
tstamp tstamp ts
bounce_id bounceid ref0
contact_id subscriberid ref
campaign_id campaignid ref
message_id messageid ref
- codeid text @code
email email text
error error text =""
source source text
created_at created_timestamp tsn
updated_at updated_timestamp tsn
created_by created_by ref
updated_by updated_by ref
- links links:bounceLogs:bounce,contact,campaign,message,code
id id num
- bounce num @bounce_id
- contact num @contact_id
- campaign num @campaign_id
- message num @message_id
code code text
"""

EMAIL_ACTIVITIES = """
contact_id subscriberid ref
user_id userid ref
deal_id d_id ref0
account_id account ref
rel_type reltype text ="Subscriber"
rel_id relid ref
from_name fromName text
from_address fromAddress text
to_address toAddress text
cc_address ccAddress text =""
subject subject text
message message text
message_html messageHtml text
tstamp tstamp ts
reference reference json
- links links:emailActivities:contact,deal,user
id id num
- contact num @contact_id
- deal num @deal_id
- user num @user_id
"""

ACTIVITIES = """
tstamp tstamp ts
contact_id subscriberid ref
reference_type reference_type text
reference_id reference_id ref
reference_action reference_action text =""
json_data jsonData text
user_id userid ref0
permission permission text =""
reference_model_name referenceModelName text
notes notes json
recipients recipients nums
reference reference json
- links links:activities:notes,user
- user num0 @user_id
id id num
"""

CONTACT_LOGS = """
contact_id contact ref
- type text
- tstamp ts
- links links:
id id num
"""

CONTACT_TRACKING_LOGS = """
contact_id subscriberid ref
type type text
value value text
tstamp tstamp ts
hash hash text
- links links:trackingLogs:contact
id id num
- contact num @contact_id
"""

FORMS = """
name name text
action action text =""
actiondata actiondata json
submit submit text ="show-thank-you"
submitdata submitdata json
url url text
layout layout text ="inline-form"
title title text
body body text
button button text ="Submit"
thanks thanks text ="Thanks!"
style style json
options options json
cfields cfields json
parent_form_id parentformid ref0
user_id userid ref0
address_id addressid ref0
created_at cdate ts
updated_at udate ts
entries entries int
aid aid ref0
defaultscreenshot defaultscreenshot text =""
recent recent json
contacts contacts int
deals deals int =0
source source text ="builder"
- links links:forms:address
id id num
- address num
"""

CONNECTIONS = """
service service text
externalid externalid text
name name text
is_internal isInternal flagint =false
- connectionType text ="ecommerce"
status status num
status_label - label:connection @status
sync_status syncStatus num
last_sync lastSync ts
logo_url logoUrl text =""
link_url linkUrl text =""
list_id listId ref0
created_at cdate ts
updated_at udate ts
- links links:connections:options,customers
id id num
"""

ECOM_CUSTOMERS = """
connection_id connectionid ref
externalid externalid text
email email text
total_revenue totalRevenue cents
total_orders totalOrders num
total_products totalProducts num
avg_revenue_per_order avgRevenuePerOrder cents
avg_product_category avgProductCategory text
tstamp tstamp ts
accepts_marketing acceptsMarketing flag =false
- links links:ecomCustomers:connection,orders
id id num
- connection num @connection_id
"""

ECOM_ORDERS = """
externalid externalid text
externalcheckoutid externalcheckoutid text
source source num
source_label - label:order_source @source
email email text
currency currency upper
connection_id connectionid ref
customer_id customerid ref
order_url orderUrl text
shipping_method shippingMethod text
total_price totalPrice centsint
shipping_amount shippingAmount centsint
tax_amount taxAmount centsint
discount_amount discountAmount centsint
external_created_date externalCreatedDate ts
external_updated_date externalUpdatedDate ts
abandoned_date abandonedDate ts
total_products totalProducts int
created_at createdDate ts
updated_at updatedDate ts
state state int
state_label - label:order_state @state
order_number orderNumber text
order_date orderDate ts
tstamp tstamp ts
order_product_ids orderProducts nums
- links links:ecomOrders:connection,customer,orderProducts
id id num
- connection num @connection_id
- customer num @customer_id
"""

ECOM_ORDER_PRODUCTS = """
order_id orderid ref
connection_id connectionid ref
externalid externalid text
sku sku text
name name text
description description text =""
price price cents
quantity quantity num
category category text
image_url imageUrl text =""
product_url productUrl text =""
created_at createdDate ts
updated_at updatedDate ts
tstamp tstamp ts
- links links:ecomOrderProducts:ecomOrder
id id num
- ecomOrder num @order_id
"""

WEBHOOKS = """
created_at cdate ts
list_id listid ref
name name text
url url text
events events json
sources sources json
- links links:
id id num
"""

ADDRESSES = """
company_name companyName text
address1 address1 text
address2 address2 text =""
city city text
state state text
district district text =""
zip zip text
country country text
allgroup allgroup flag =false
is_default isDefault flag =false
created_at created_timestamp tsn
updated_at updated_timestamp tsn
created_by created_by ref
updated_by updated_by ref
- links links:addresses:addressGroups,addressLists,forms
id id num
"""

BRANDINGS = """
group_id groupid ref
site_name siteName text
site_logo siteLogo text =""
site_logo_small siteLogoSmall text =""
header_text_value headerTextValue text =""
header_html_value headerHtmlValue text =""
footer_text_value footerTextValue text =""
footer_html_value footerHtmlValue text =""
copyright copyright flag =true
version version flag =true
license license flag =false
links links flag =true
help help flag =true
admin_template_htm adminTemplateHtm text =""
admin_template_css adminTemplateCss text =""
public_template_htm publicTemplateHtm text =""
public_template_css publicTemplateCss text =""
favicon favicon text
id id num
"""

SAVED_RESPONSES = """
title title text
subject subject text
body body text
created_at cdate ts
updated_at mdate ts
ldate ldate ts
last_sent_user_id last_sent_user_id ref
- links links:
id id num
"""

CALENDARS = """
title title text
type type text
user_id userid ref
notification notification flag =false
created_at cdate ts
updated_at mdate ts
- token text
- links links:calendars:users
id id num
"""

OBJECT_SCHEMAS = """
id id text @uuid
slug slug text
visibility visibility text ="private"
labels labels json
description description text
created_at createdTimestamp nano
updated_at updatedTimestamp nano
fields fields json
icons icons json
relationships relationships json
"""

OBJECT_RECORDS = """
id id text @uuid
external_id externalId text
schema_id schemaId text
created_at createdTimestamp nano
updated_at updatedTimestamp nano
fields fields json
relationships relationships json
"""

WEBHOOK_EVENTS = """
name - text
"""

EVENT_TRACKING_EVENTS = """
name name text
"""

AUTOMATION_ENTRY_COUNTS = """
contact_id - refint
id id num
name name text
status status num
status_label - label:automation @status
hidden hidden flag
contact_entry_count contactEntryCount num
"""

# These two are JSON:API records: the members stand in "attributes".
AUDIENCES = """
id id text @uuid
type - text
segment_id segment_id text
category category text
name name text
last_total - int
last_active_total - int
counts counts json
last_used_date last_used_date zms
created_at created_date zms
updated_at updated_date zms
"""

URL_WHITELISTINGS = """
id id num
whitelisted_domain whitelisted_domain text
whitelisted_page whitelisted_page text
url_regex url_regex text
tracking_enabled tracking_enabled bool
conversations_enabled conversations_enabled bool
wp_enabled wp_enabled bool
created_at created_at zms
updated_at updated_at zms
"""


def _compile():
    """The texts above become Schemas; the groups' also gets a member per permission."""
    names = globals()
    for name, text in list(names.items()):
        if name.isupper() and isinstance(text, str) and text.startswith("\n"):
            if name == "GROUPS":
                text += "\n".join("- %s flag =true" % flag for flag in GROUP_PERMISSIONS)
            names[name] = Schema(text)


_compile()
