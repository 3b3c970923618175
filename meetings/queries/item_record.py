"""What the record knows of each agenda item, as the lines its minutes print."""

from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from meetings.models import (
    AgendaBallot,
    AgendaItem,
    Amendment,
    ConsentRequest,
    FloorChange,
    FloorChangeKind,
    Motion,
    SheetCount,
    Speech,
    Stance,
)
from meetings.queries.asked import roll_lines
from meetings.queries.floor import duration
from meetings.queries.outcomes import outcome_of
from meetings.queries.papers import days_ahead
from voting.mandates import ballots_together, motion_state


def item_record(item: AgendaItem) -> dict[str, Any]:
    """Return the facts of one item; what was said, moved and counted as lines in the order it happened."""
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
        lines.append(f"{roll_mark()}《{roll.ballot.title}{_on_what(roll)}》{said}")
    return lines


def roll_mark() -> str:
    """Return what begins the lines that stay in the signed minutes and are never published."""
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
