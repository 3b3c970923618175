"""The record of a meeting as facts, and the wording drafted from it."""

import datetime as dt
from typing import Any

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _

from core import clock, ledger
from core.masking import distinguish, mask_name
from core.official import official_language
from core.words import minute_in_words
from meetings.models import Attendance, How, Meeting, Presence, Role
from meetings.queries.course_record import course_of
from meetings.queries.floor import duration, totals_by_person, totals_by_side
from meetings.queries.item_record import item_record, roll_mark

Facts = dict[str, Any]
_FIELD = 4000  # what a text of a paper's facts may hold


@official_language()
def record_of(meeting: Meeting) -> Facts:
    """Return what the record knows: attendance with times, speakers, motions, amendments, counts, decisions, dissent.

    Names are whole: the minutes are signed with them; `public_facts` masks. About a dozen queries.
    """
    stays: dict[int, list[list[str]]] = {}
    for presence in Presence.objects.filter(attendance__meeting=meeting).order_by("in_at"):
        stays.setdefault(presence.attendance_id, []).append(
            [clock.local_minute(presence.in_at), clock.local_minute(presence.out_at)]
        )
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
        "ended_at": clock.local_minute(meeting.closed_at),
        "chair": meeting.chair.name,
        "recorder": meeting.recorder.name if meeting.recorder is not None else "",
        "quorum": meeting.quorum_sentence,
        "late_papers": _why_opened(meeting),
        **course_of(meeting),
        "due": sum(a.heads for a in meeting.attendances.filter(role=Role.MEMBER)),
        "people": people,
        "powers": _powers(meeting),
        "agenda": [item_record(item) for item in meeting.agenda.order_by("position")],
        "speaking": _speaking_lines(meeting),
    }


@official_language()
def text_of(facts: Facts) -> str:
    """Return the wording of the minutes drafted from `facts`; the recorder edits it."""
    lines = [
        _("会议：%(v)s（%(k)s）") % {"v": facts["meeting"], "k": facts["kind"]},
        _("时间：%(a)s 至 %(b)s") % {"a": _said(facts["held_at"]), "b": _said(facts["ended_at"])},
        _("地点：%(v)s") % {"v": facts["place"]},
        _("主持人：%(a)s　记录人：%(b)s") % {"a": facts["chair"], "b": facts["recorder"] or _("未指定")},
        *_attendance_lines(facts),
        _("法定人数：%(v)s") % {"v": facts["quorum"] or _("未记录")},
    ]
    if facts["late_papers"]:
        lines.append(_("材料未在会前3日发出，仍然开会的理由：%(v)s") % {"v": facts["late_papers"]})
    if facts["course"]:
        lines.append(_("会议经过：%(v)s") % {"v": "；".join(facts["course"])})
    for item in facts["agenda"]:
        lines += ["", *_item_lines(item)]
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


def _attendance_lines(facts: Facts) -> list[str]:
    """Return a line each for who came, who asked for leave, was represented, stayed away, sat in."""
    people = facts["people"]
    came = [p for p in people if p["stays"]]
    away = [p for p in people if not p["stays"] and p["role"] == Role.MEMBER]
    powers = [power for power in facts["powers"] if not power["came"]]
    represented = {power["id"] for power in powers}
    present = [f"{p['name']}{_when(p, facts)}" for p in came if p["role"] == Role.MEMBER]
    leave = [p["name"] for p in away if p["leave_reason"]]
    through = [
        _("%(name)s（由%(holder)s代）") % {"name": power["principal"], "holder": power["holder"]} for power in powers
    ]
    absent = [p["name"] for p in away if not p["leave_reason"] and p["id"] not in represented]
    electors = [p["name"] for p in came if p["role"] == Role.ELECTOR]
    others = [p["name"] for p in came if p["role"] not in {Role.MEMBER, Role.ELECTOR}]
    lines = [
        _("出席（%(n)s人）：%(v)s") % _counted(present),
        _("请假（%(n)s人）：%(v)s") % _counted(leave),
    ]
    if through:
        lines.append(_("委托代表（%(n)s人）：%(v)s") % _counted(through))
    lines.append(_("缺席（%(n)s人）：%(v)s") % _counted(absent))
    if electors:
        lines.append(_("另一方到会的表决人（%(n)s人）：%(v)s") % _counted(electors))
    lines.append(_("列席、旁听（%(n)s人）：%(v)s") % _counted(others))
    return lines


def _counted(names: list[str]) -> dict[str, Any]:
    return {"n": len(names), "v": "、".join(names) or _("无")}


def _item_lines(item: Facts) -> list[str]:
    lines = [
        f"{_numeral(item['position'])}、{item['title']}",
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
    return lines


def _why_opened(meeting: Meeting) -> str:
    """Return the reason for which the meeting was opened although papers came late, "" when none did."""
    entry = ledger.entries_about(meeting).filter(act="open_meeting").first()
    return entry.reason if entry is not None else ""


def _when(person: Facts, facts: Facts) -> str:
    """Return in brackets when somebody came after the opening, left before the end, signed late; "" for the others."""
    opened, closed = facts["held_at"], facts["ended_at"]
    said = []
    for number, (came, left) in enumerate(person["stays"]):
        if number or came > opened:
            word = _("%(at)s返回") if number else _("%(at)s到会")
            said.append(word % {"at": _since(came, opened)})
        if left and left != closed:
            said.append(_("%(at)s离会") % {"at": _since(left, opened)})
    if person["how"] == How.OVERRIDE:
        said.append(_("补签"))
    return _("（%(said)s）") % {"said": _("，").join(said)} if said else ""


def _since(minute: str, opened: str) -> str:
    """Return the time of day of a local minute, with its date where the meeting has gone on to another day."""
    moment = dt.datetime.fromisoformat(minute)
    return f"{moment:%H:%M}" if opened.startswith(f"{moment:%Y-%m-%d}") else date_format(moment, _("n月j日 H:i"))


def _whole_lines(lines: list[str]) -> str:
    """Return the lines that fit a field of the paper; what is left out stands in the record below it."""
    kept: list[str] = []
    for line in lines:
        if sum(len(one) + 1 for one in kept) + len(line) > _FIELD:
            break
        kept.append(line)
    return "\n".join(kept)


def _paragraphs(text: str) -> list[str]:
    mark = roll_mark()
    return [line for line in text.splitlines() if line.strip() and not line.startswith(mark)][:200]


def _masked(text: str, names: set[str]) -> str:
    """Return `text` with every known name masked, longest first."""
    for name in sorted(names, key=len, reverse=True):
        if len(name) > 1:
            text = text.replace(name, mask_name(name))
    return text


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


def _speaking_lines(meeting: Meeting) -> list[str]:
    """Return how often and how long everybody and every side spoke."""
    people = totals_by_person(meeting)
    sides = [side for side in totals_by_side(meeting) if side.speeches]
    said = [(person.name, person.speeches, person.seconds) for person in people]
    said += [(side.label, side.speeches, side.seconds) for side in sides]
    return [_("%(who)s%(n)s次、%(time)s") % {"who": who, "n": n, "time": duration(seconds)} for who, n, seconds in said]


def _numeral(number: int) -> str:
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    if tens == 0:
        return digits[ones]
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")


def _said(minute: str) -> str:
    return minute_in_words(dt.datetime.fromisoformat(minute)) if minute else ""
