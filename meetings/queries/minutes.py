"""The record of a meeting as facts, and the wording drafted from it."""

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from core import clock, ledger
from core.masking import distinguish, mask_name
from core.official import official_language
from meetings.models import (
    AgendaBallot,
    AgendaItem,
    Amendment,
    Attendance,
    ConsentRequest,
    FloorChange,
    FloorChangeKind,
    How,
    Meeting,
    Motion,
    Presence,
    Role,
    SheetCount,
    Speech,
    Stance,
)
from meetings.queries.asked import roll_lines
from meetings.queries.course_record import course_of
from meetings.queries.floor import duration, totals_by_person, totals_by_side
from meetings.queries.outcomes import outcome_of
from meetings.queries.papers import days_ahead
from voting.mandates import ballots_together, motion_state

Facts = dict[str, Any]
_FIELD = 4000  # what a text of a paper's facts may hold


@official_language()
def record_of(meeting: Meeting) -> Facts:
    """Return what the record knows: attendance with times, speakers, motions, amendments, counts, decisions, dissent.

    Names are whole: the minutes are signed with them; `public_facts` masks. About a dozen queries.
    """
    stays: dict[int, list[list[str]]] = {}
    for presence in Presence.objects.filter(attendance__meeting=meeting).order_by("in_at"):
        stays.setdefault(presence.attendance_id, []).append([_clock(presence.in_at), _clock(presence.out_at)])
    people = [
        {
            "id": a.pk,
            "name": a.name,
            "place": a.place,
            "role": a.role,
            "capacity": a.capacity,
            "stays": stays.get(a.pk, []),
            "how": a.how,
            "leave_reason": a.leave_reason if a.reply == "leave" else "",
        }
        for a in Attendance.objects.filter(meeting=meeting).order_by("id")
    ]
    return {
        "meeting": meeting.title,
        "kind": str(meeting.template.title),
        "place": meeting.place,
        "held_at": clock.local_minute(meeting.opened_at or meeting.starts_at),
        "ended_at": clock.local_minute(meeting.closed_at) if meeting.closed_at else "",
        "chair": meeting.chair.name,
        "recorder": meeting.recorder.name if meeting.recorder is not None else "",
        "quorum": meeting.quorum_sentence,
        "late_papers": _why_opened(meeting),
        **course_of(meeting),
        "due": sum(a.heads for a in meeting.attendances.filter(role=Role.MEMBER)),
        "people": people,
        "powers": _powers(meeting),
        "agenda": [_item_facts(item) for item in meeting.agenda.order_by("position")],
        "speaking": _speaking_lines(meeting),
    }


@official_language()
def text_of(facts: Facts) -> str:
    """Return the wording of the minutes drafted from `facts`; the recorder edits it."""
    people = facts["people"]
    present = [f"{p['name']}{_when(p, facts)}" for p in people if p["stays"] and p["role"] == Role.MEMBER]
    leave = [p["name"] for p in people if not p["stays"] and p["leave_reason"] and p["role"] == Role.MEMBER]
    powers = [power for power in facts["powers"] if not power["came"]]
    away = [p for p in people if not p["stays"] and not p["leave_reason"] and p["role"] == Role.MEMBER]
    absent = [p["name"] for p in away if p["id"] not in {power["id"] for power in powers}]
    electors = [p["name"] for p in people if p["stays"] and p["role"] == Role.ELECTOR]
    others = [p["name"] for p in people if p["stays"] and p["role"] not in {Role.MEMBER, Role.ELECTOR}]
    lines = [
        _("会议：%(v)s（%(k)s）") % {"v": facts["meeting"], "k": facts["kind"]},
        _("时间：%(a)s 至 %(b)s") % {"a": _words(facts["held_at"]), "b": _words(facts["ended_at"])},
        _("地点：%(v)s") % {"v": facts["place"]},
        _("主持人：%(a)s　记录人：%(b)s") % {"a": facts["chair"], "b": facts["recorder"] or _("未指定")},
        _("出席（%(n)s人）：%(v)s") % {"n": len(present), "v": "、".join(present) or _("无")},
        _("请假（%(n)s人）：%(v)s") % {"n": len(leave), "v": "、".join(leave) or _("无")},
        *(
            [
                _("委托代表（%(n)s人）：%(v)s")
                % {
                    "n": len(powers),
                    "v": "、".join(
                        _("%(name)s（由%(holder)s代）") % {"name": power["principal"], "holder": power["holder"]}
                        for power in powers
                    ),
                }
            ]
            if powers
            else []
        ),
        _("缺席（%(n)s人）：%(v)s") % {"n": len(absent), "v": "、".join(absent) or _("无")},
        *(
            [_("另一方到会的表决人（%(n)s人）：%(v)s") % {"n": len(electors), "v": "、".join(electors)}]
            if electors
            else []
        ),
        _("列席、旁听（%(n)s人）：%(v)s") % {"n": len(others), "v": "、".join(others) or _("无")},
        _("法定人数：%(v)s") % {"v": facts["quorum"] or _("未记录")},
    ]
    if facts["late_papers"]:
        lines.append(_("材料未在会前3日发出，仍然开会的理由：%(v)s") % {"v": facts["late_papers"]})
    if facts["course"]:
        lines.append(_("会议经过：%(v)s") % {"v": "；".join(facts["course"])})
    for item in facts["agenda"]:
        lines += ["", f"{_numeral(item['position'])}、{item['title']}"]
        lines += [
            *item["papers"],
            *item["recusals"],
            *item["motions"],
            *item["discussion"],
            *item["consents"],
            *item["counts"],
            *item["roll_calls"],
        ]
        if item["decision"]:
            lines.append(_("议定：%(v)s") % {"v": item["decision"]})
        if item["dissent"]:
            lines.append(_("不同意见：%(v)s") % {"v": item["dissent"]})
        if item["skipped"]:
            lines.append(_("本项未议及。"))
    if facts["speaking"]:
        lines += ["", _("发言统计：%(v)s") % {"v": "；".join(facts["speaking"])}]
    return "\n".join(lines)


@official_language()
def public_facts(meeting: Meeting, facts: Facts, text: str) -> Facts:
    """Return the facts of the notice kind `minutes`: names masked, nothing that was said taken from the free text."""
    people = facts["people"]
    names = {p["name"] for p in people} | {facts["chair"], facts["recorder"], *facts.get("chairs", ())} - {""}
    present = [p for p in people if p["stays"] and p["role"] == Role.MEMBER]
    absent = [p for p in people if not p["stays"] and p["leave_reason"] and p["role"] == Role.MEMBER]
    others = [p for p in people if p["stays"] and p["role"] != Role.MEMBER]
    agenda = [
        {
            "title": item["title"],
            "motion": _masked("\n".join(item["motions"]), names),
            "discussion": [_masked(line, names) for line in item["discussion"]],
            "dissent": [_masked(item["dissent"], names)] if item["dissent"] else [],
            "vote": _masked(_whole_lines(item["counts"]), names),
            "decision": _masked(item["decision"], names),
        }
        for item in facts["agenda"]
    ]
    return {
        "title": _("%(v)s纪要") % {"v": meeting.title[:110]},
        "meeting": meeting.title,
        "held_at": facts["held_at"],
        "ended_at": facts["ended_at"],
        "place": facts["place"],
        "chair": mask_name(facts["chair"]),
        "recorder": mask_name(facts["recorder"]),
        "present": distinguish(p["name"] for p in present) or [_("无")],
        "absent": distinguish(p["name"] for p in absent),
        "observers": distinguish(p["name"] for p in others),
        "due": facts["due"],
        "quorum": facts["quorum"][:200],
        "agenda": agenda,
        "decisions": [_masked(item["decision"], names) for item in facts["agenda"] if item["decision"]],
        "signatories": [mask_name(s.user.name) for s in meeting.minutes.signatures.select_related("user")],
        "sections": [{"heading": _("会议记录"), "paragraphs": _paragraphs(_masked(text, names))}],
    }


def _why_opened(meeting: Meeting) -> str:
    """Return the reason for which the meeting was opened although papers came late, "" when none did."""
    entry = ledger.entries_about(meeting).filter(act="open_meeting").first()
    return entry.reason if entry is not None else ""


def _when(person: Facts, facts: Facts) -> str:
    """Return in brackets when somebody came after the opening, left before the end, signed late; "" for the others."""
    opened, closed = (facts[key][-len("09:00") :] for key in ("held_at", "ended_at"))
    said = []
    for number, (came, left) in enumerate(person["stays"]):
        if number or came > opened:
            said.append((_("%(at)s返回") if number else _("%(at)s到会")) % {"at": came})
        if left and left != closed:
            said.append(_("%(at)s离会") % {"at": left})
    if person["how"] == How.OVERRIDE:
        said.append(_("补签"))
    return _("（%(said)s）") % {"said": _("，").join(said)} if said else ""


def _whole_lines(lines: list[str]) -> str:
    """Return the lines that fit a field of the paper; what is left out stands in the record below it."""
    kept: list[str] = []
    for line in lines:
        if sum(len(one) + 1 for one in kept) + len(line) > _FIELD:
            break
        kept.append(line)
    return "\n".join(kept)


def _paragraphs(text: str) -> list[str]:
    mark = _roll_mark()
    return [line for line in text.splitlines() if line.strip() and not line.startswith(mark)][:200]


def _masked(text: str, names: set[str]) -> str:
    """Return `text` with every known name masked, longest first."""
    for name in sorted(names, key=len, reverse=True):
        if len(name) > 1:
            text = text.replace(name, mask_name(name))
    return text


def _item_facts(item: AgendaItem) -> Facts:
    speeches = (
        Speech.objects.filter(item=item, ended_at__isnull=False)
        .select_related("attendance")
        .prefetch_related("changes")
        .order_by("id")
    )
    return {
        "position": item.position,
        "title": item.title,
        "papers": _paper_lines(item),
        "recusals": _recusal_lines(item),
        "motions": _motion_lines(item),
        "discussion": [_speech_line(speech) for speech in speeches],
        "consents": _consent_lines(item),
        "counts": _count_lines(item),
        "roll_calls": _roll_call_lines(item),
        "decision": item.decision,
        "dissent": item.dissent,
        "skipped": item.status == "skipped",
    }


def _paper_lines(item: AgendaItem) -> list[str]:
    """Return one line with the papers of an item and how many days ahead they came, none without papers."""
    papers = [
        _("《%(title)s》（会前%(days)s日发出）")
        % {"title": paper.title, "days": max(0, days_ahead(paper, item.meeting))}
        for paper in item.papers.filter(withdrawn_at__isnull=True).order_by("id")
    ]
    return [_("材料：%(v)s") % {"v": "、".join(papers)}] if papers else []


def _recusal_lines(item: AgendaItem) -> list[str]:
    """Return one line with who stepped aside on an item and why, none when nobody did."""
    said = [
        _("%(name)s（%(why)s）") % {"name": recusal.attendance.name, "why": recusal.reason}
        for recusal in item.recusals.select_related("attendance").order_by("id")
    ]
    return [_("回避：%(v)s") % {"v": "、".join(said)}] if said else []


def _powers(meeting: Meeting) -> list[Facts]:
    """Return the powers that ran at the meeting; `came`: who gave it was there after all, and voted in person."""
    powers = meeting.proxies.filter(revoked_at__isnull=True).select_related("principal", "holder").order_by("id")
    return [
        {
            "id": power.principal_id,
            "principal": power.principal.name,
            "holder": power.holder.name,
            "came": power.principal.signed_in_at is not None,
        }
        for power in powers
    ]


def _motion_lines(item: AgendaItem) -> list[str]:
    lines = []
    motions = Motion.objects.filter(item=item).select_related("mover", "seconder").order_by("id")
    amendments: dict[int, list[Amendment]] = {}
    for amendment in Amendment.objects.filter(motion__item=item).select_related("mover").order_by("position"):
        amendments.setdefault(amendment.motion_id, []).append(amendment)
    for motion in motions:
        who = _("动议（%(mover)s提出，%(seconder)s附议，%(status)s）：%(text)s") % {
            "mover": motion.mover.name if motion.mover else _("会议"),
            "seconder": motion.seconder.name if motion.seconder else _("无人"),
            "status": motion.get_status_display(),
            "text": motion.original_text,
        }
        lines.append(who)
        lines += [
            _("修正案（%(mover)s提出，%(status)s）：把“%(old)s”改为“%(new)s”")
            % {
                "mover": amendment.mover.name if amendment.mover else _("会议"),
                "status": amendment.get_status_display(),
                "old": amendment.passage,
                "new": amendment.replacement,
            }
            for amendment in amendments.get(motion.pk, [])
        ]
        if motion.text != motion.original_text:
            lines.append(_("修正后的动议：%(text)s") % {"text": motion.text})
    return lines


def _speech_line(speech: Speech) -> str:
    seconds = int((speech.ended_at - speech.started_at).total_seconds()) if speech.ended_at and speech.started_at else 0
    gist = f"：{speech.gist}" if speech.gist else ""
    line = f"{speech.attendance.name}（{Stance(speech.stance).label}，{duration(seconds)}）{gist}"
    return "".join([line, *(_change_words(change) for change in speech.changes.all())])


def _change_words(change: FloorChange) -> str:
    facts = {"what": change.get_kind_display(), "seconds": change.seconds, "why": change.reason}
    if change.kind == FloorChangeKind.EXTENDED:
        return _("〔主持人%(what)s%(seconds)s秒，理由：%(why)s〕") % facts
    return _("〔主持人%(what)s，理由：%(why)s〕") % facts


def _speaking_lines(meeting: Meeting) -> list[str]:
    """Return how often and how long everybody and every side spoke."""
    people = totals_by_person(meeting)
    sides = [side for side in totals_by_side(meeting) if side.speeches]
    said = [(person.name, person.speeches, person.seconds) for person in people]
    said += [(side.label, side.speeches, side.seconds) for side in sides]
    return [_("%(who)s%(n)s次、%(time)s") % {"who": who, "n": n, "time": duration(seconds)} for who, n, seconds in said]


def _consent_lines(item: AgendaItem) -> list[str]:
    lines = []
    for request in ConsentRequest.objects.filter(item=item).select_related("objector").order_by("id"):
        facts = {"n": request.seconds, "what": request.question, "word": request.get_status_display()}
        if request.objector is not None:
            facts["who"] = request.objector.name
            lines.append(_("征求无异议（%(n)s秒）：“%(what)s”%(who)s提出异议，付诸表决。") % facts)
        else:
            lines.append(_("征求无异议（%(n)s秒）：“%(what)s”%(word)s。") % facts)
    return lines


def _roll_call_lines(item: AgendaItem) -> list[str]:
    """Return who answered what in each roll call. They stay in the signed minutes and are never published."""
    lines = []
    rolls = (
        AgendaBallot.objects.filter(item=item, is_roll_call=True)
        .select_related("ballot", "amendment", "motion")
        .order_by("id")
    )
    for roll in rolls:
        answers: dict[str, list[str]] = {}
        for line in roll_lines(roll):
            word = line.word or line.why_not or _("未表态")
            name = (
                _("%(name)s（%(holder)s代）") % {"name": line.name, "holder": line.through}
                if line.through
                else line.name
            )
            answers.setdefault(word, []).append(name)
        said = "；".join(
            _("%(word)s（%(n)s人）：%(names)s") % {"word": word, "n": len(names), "names": "、".join(names)}
            for word, names in answers.items()
        )
        lines.append(f"{_roll_mark()}《{roll.ballot.title}{_on_what(roll)}》{said}")
    return lines


def _roll_mark() -> str:
    return _("唱名记录（不公布）：")


def _count_lines(item: AgendaItem) -> list[str]:
    """Return a line for every vote on an item, in the order they were taken.

    Two queries, and a few more for each ballot of a matter that several bodies decide.
    """
    lines = [
        (
            count.recorded_at,
            _("%(method)s：在场%(present)s，同意%(for)s，反对%(against)s，弃权%(abstain)s。%(sentence)s")
            % {
                "method": f"{count.get_method_display()}{_on_what(count)}",
                "present": _there(count.present_count, count.represented_count),
                "for": count.for_count,
                "against": count.against_count,
                "abstain": count.abstain_count,
                "sentence": count.sentence,
            },
        )
        for count in SheetCount.objects.filter(item=item).select_related("amendment", "motion")
    ]
    for agenda_ballot in AgendaBallot.objects.filter(item=item).select_related("ballot__motion", "amendment", "motion"):
        ballot = agenda_ballot.ballot
        _passed, sentence = outcome_of(ballot)
        if ballot.motion is not None and ballot == ballots_together(ballot)[-1]:
            sentence += motion_state(ballot.motion).conclusion
        line = _("现场表决《%(title)s》：实到%(present)s，投票%(cast)s人。%(sentence)s") % {
            "title": f"{ballot.title}{_on_what(agenda_ballot)}",
            "present": _there(agenda_ballot.present_heads, agenda_ballot.represented_heads),
            "cast": ballot.cast,
            "sentence": sentence,
        }
        lines.append((ballot.opened_at or ballot.created_at, line))
    return [line for _at, line in sorted(lines)]


def _on_what(vote: SheetCount | AgendaBallot) -> str:
    """Return what was voted on where an item has several votes: the amendment, or the part of a split motion."""
    if vote.amendment is not None:
        return _("（修正案%(n)s）") % {"n": vote.amendment.position}
    if vote.motion is not None and vote.motion.split_from_id is not None:
        return _("（“%(text)s”）") % {"text": Truncator(vote.motion.text).chars(40)}
    return ""


def _there(present: int, represented: int) -> str:
    """Return how many were in the room, and apart from them how many were represented."""
    if represented:
        return _("%(present)s人（另委托代表%(represented)s人）") % {"present": present, "represented": represented}
    return _("%(n)s人") % {"n": present}


def _numeral(number: int) -> str:
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    if tens == 0:
        return digits[ones]
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")


def _clock(moment: dt.datetime | None) -> str:
    return timezone.localtime(moment).strftime("%H:%M") if moment is not None else ""


def _words(moment: str) -> str:
    return moment.replace("T", " ")
