"""
Aircall's one-object answers below a call: conversation intelligence.

Each leaf says which calls have data, how its object looks, and the envelope it
comes in; the envelopes differ, and call_id is a number here and a text there,
because that is how they were seen.
"""
from decimal import Decimal

from . import aircall_words as words
from .model import Dice, Field, to_truth, to_wire
from .wire import DECIMAL, ISO_Z, ISO_Z_MS, MINUTE, Codec

FIRST_LEAF = 5_000_000_000
_NUMBER_OR_TEXT = Codec(wire=lambda v: v if v % 2 else str(v))

CALL_ID = Field("call_id", "call_id", _NUMBER_OR_TEXT)
ID = Field("id", "id")


class Leaf:
    """table, path segment, envelope key (None: bare), fields, maker and percentage of calls."""

    def __init__(self, table, segment, envelope, fields, make, percent, voicemail=False):
        self.table = table
        self.segment = segment
        self.envelope = envelope
        self.fields = fields
        self._make = make
        self._percent = percent
        self._voicemail = voicemail

    def record(self, seed, call):
        """The business record for a call, or None if the call has no such data."""
        if not (call["recorded"] or (self._voicemail and call["has_voicemail"])):
            return None
        dice = Dice(seed, self.segment, call["id"])
        if not dice.chance(self._percent):
            return None
        record = self._make(dice, call)
        record["call_id"] = call["id"]
        record["id"] = FIRST_LEAF + call["id"] % 1_000_000_000 * 10 + len(self.segment) % 10
        return record

    def object(self, record, with_playbook=False):
        """The bare object; the playbook only where it is asked for."""
        result = to_wire(self.fields, record)
        if not with_playbook:
            result.pop("playbook", None)
        return result

    def row(self, record):
        """The SQL row."""
        row = to_truth(self.fields, record)
        row["raw"] = self.object(record)
        return row


def _times(call):
    done = call["ended_at"] or call["started_at"]
    return {"created_at": done + 2 * MINUTE, "call_created_at": call["started_at"]}


def _transcription(dice, call):
    utterances = []
    clock = Decimal("0.5")
    for kind, text in words.UTTERANCES[:2 + dice.below(5)]:
        end = clock + Decimal(dice.between(15, 60)) / 10
        utterance = {"start_time": clock, "end_time": end, "text": text, "participant_type": kind}
        if kind == "internal":
            utterance["user_id"] = call["user_id"]
        else:
            utterance["phone_number"] = call["raw_digits"]
        utterances.append(utterance)
        clock = end + Decimal("0.25")
    return {"call_uuid": call["sid"], "number_id": call["number_id"],
            "type": "voicemail" if call["has_voicemail"] else "call",
            "content": {"language": dice.pick(("en", "en-GB", "fr-FR", "de")),
                        "utterances": utterances}, **_times(call)}


def _summary(dice, call):
    return {"content": dice.pick(words.SUMMARIES), **_times(call)}


def _sentiments(dice, call):
    participants = [{"phone_number": call["raw_digits"], "participant_type": "external",
                     "value": dice.pick(("POSITIVE", "NEUTRAL", "NEGATIVE"))}]
    if call["user_id"]:
        participants.append({"user_id": call["user_id"], "participant_type": "internal",
                             "value": dice.pick(("POSITIVE", "NEUTRAL"))})
    return {"participants": participants}


def _topics(dice, call):
    return {"content": dice.some(words.TOPICS, 4), **_times(call)}


def _action_items(dice, call):
    return {"action_items": [{"content": text} for text in dice.some(words.ACTIONS, 3)]}


def _evaluations(dice, call):
    times = _times(call)
    scores = [{"score": dice.between(40, 100), "categories": [name],
               "questions": [{"label": name + "?", "answer": dice.pick(("yes", "no"))}]}
              for name in words.CRITERIA]
    return {"ai_generated": dice.chance(60), "evaluations": scores,
            "reviewed_at": times["created_at"] + 90 * MINUTE if dice.chance(50) else None,
            "created_at": times["created_at"], "updated_at": times["created_at"] + MINUTE}


def _csat(dice, call):
    drivers = [{"polarity": dice.pick(("positive", "negative")), "label": label}
               for label in dice.some(words.CRITERIA, 3)]
    return {"call_uuid": call["sid"], "score": dice.between(20, 100), "drivers": drivers}


def _custom_summary(dice, call):
    return {"number_id": call["number_id"], "language": dice.pick(("en-US", "fr-FR")),
            "custom_summary": {"name": "Support report", "text": dice.pick(words.SUMMARIES)}}


def _playbook(dice, call):
    playbook = {"id": "pb-%d" % (1 + dice.below(3)), "name": "Support opening", "language": "en-US"}
    return {"user_id": call["user_id"], "number_id": call["number_id"],
            "adherence_score": None if dice.chance(10) else Decimal(dice.between(400, 1000)) / 10,
            "ai_generated": None if dice.chance(20) else dice.chance(70), "playbook": playbook,
            "playbook_result_topics": [{"name": name, "result": dice.pick(("done", "missed"))}
                                       for name in words.CRITERIA]}


LEAVES = (
    Leaf("call_transcriptions", "transcription", "transcription",
         [ID, CALL_ID, Field("call_uuid", "call_uuid"), Field("number_id", "number_id"),
          Field("type", "type"), Field("call_created_at", "call_created_at", ISO_Z_MS),
          Field("created_at", "created_at", ISO_Z_MS), Field("content", "content")],
         _transcription, 85, voicemail=True),
    Leaf("call_summaries", "summary", "summary",
         [ID, CALL_ID, Field("created_at", "created_at", ISO_Z), Field("content", "content")],
         _summary, 75),
    Leaf("call_sentiments", "sentiments", "sentiment",
         [ID, CALL_ID, Field("participants", "participants")], _sentiments, 70),
    Leaf("call_topics", "topics", "topic",
         [ID, CALL_ID, Field("created_at", "created_at", ISO_Z_MS), Field("content", "content")],
         _topics, 70),
    Leaf("call_action_items", "action_items", None,
         [CALL_ID, Field("action_items", "action_items"), Field("content")],
         _action_items, 50),
    Leaf("call_evaluations", "evaluations", None,
         [ID, CALL_ID, Field("ai_generated", "ai_generated"),
          Field("reviewed_at", "reviewed_at", ISO_Z), Field("created_at", "created_at", ISO_Z),
          Field("updated_at", "updated_at", ISO_Z), Field("evaluations", "evaluations")],
         _evaluations, 30),
    Leaf("call_predicted_csats", "predicted_csat", "csat",
         [CALL_ID, Field("call_uuid", "call_uuid"), Field("score", "score"),
          Field("drivers", "drivers")], _csat, 45),
    Leaf("call_custom_summary_results", "custom_summary_result", None,
         [ID, CALL_ID, Field("number_id", "number_id"), Field("language", "language"),
          Field("custom_summary", "custom_summary")], _custom_summary, 20),
    Leaf("call_playbook_results", "playbook_result", None,
         [ID, CALL_ID, Field("user_id", "user_id"), Field("number_id", "number_id"),
          Field("adherence_score", "adherence_score", DECIMAL),
          Field("ai_generated", "ai_generated"), Field("playbook", "playbook"),
          Field("playbook_id", compute=lambda r: r["playbook"]["id"]),
          Field("playbook_result_topics", "playbook_result_topics")], _playbook, 25),
)
