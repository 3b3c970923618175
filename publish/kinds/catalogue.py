"""The catalogue: each kind with its name, its facts, and the form of paper it takes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.errors import BadInput
from publish.kinds import forms, letters, notices
from publish.kinds.parts import Facts

EXAMPLES = Path(__file__).parent / "examples"
_RETURNED = gettext_lazy("退回重办")


@dataclass(frozen=True)
class Kind:
    """One kind of paper.

    `form` chooses the page: a notice is posted, a letter goes to one person, a form is filled in by hand, minutes
    carry their red mark. `days` is the default posting period in days (RULEBOOK 3), 0 when it is not posted.
    `upheld` says what happens when an objection to it is upheld.
    """

    key: str
    title: Any  # str or lazy str
    facts: type[Facts]
    form: Literal["notice", "letter", "form", "minutes"]
    days: int = 0
    upheld: Any = _RETURNED


def _kinds() -> dict[str, Kind]:
    listed = [
        Kind("topic_list", gettext_lazy("议题公示"), notices.TopicList, "notice", 7),
        Kind("meeting_notice", gettext_lazy("会议公告"), notices.MeetingNotice, "notice", 10),
        Kind(
            "plan_for_comment",
            gettext_lazy("方案公示"),
            notices.PlanForComment,
            "notice",
            7,
            gettext_lazy("修改方案，重新公示"),
        ),
        Kind("roll", gettext_lazy("表决人名册公示"), notices.Roll, "notice", 5, gettext_lazy("更正名册，重新公示")),
        Kind(
            "vote_result",
            gettext_lazy("表决结果公示"),
            notices.VoteResult,
            "notice",
            7,
            gettext_lazy("结果不生效，报街道处理"),
        ),
        Kind("implementation_result", gettext_lazy("实施结果公示"), notices.ImplementationResult, "notice", 15),
        Kind("evaluation_report", gettext_lazy("评议报告"), notices.EvaluationReport, "notice", 7),
        Kind("minutes", gettext_lazy("会议纪要"), notices.Minutes, "minutes"),
        Kind("registration_form", gettext_lazy("提议登记表"), forms.RegistrationForm, "form"),
        Kind("acceptance_letter", gettext_lazy("受理通知书"), letters.AcceptanceLetter, "letter"),
        Kind("return_letter", gettext_lazy("补正通知书"), letters.ReturnLetter, "letter"),
        Kind("rejection_letter", gettext_lazy("不予受理通知书"), letters.RejectionLetter, "letter"),
        Kind("legality_opinion", gettext_lazy("合法性审查意见书"), letters.LegalityOpinion, "letter"),
        Kind("party_study_note", gettext_lazy("党组织研究记录"), letters.PartyStudyNote, "letter"),
        Kind("voting_procedure", gettext_lazy("表决办法"), forms.VotingProcedure, "notice", 7),
        Kind("ballot_paper", gettext_lazy("表决票"), forms.BallotPaper, "form"),
        Kind("proxy_form", gettext_lazy("授权委托书"), forms.ProxyForm, "form"),
        Kind("count_sheet", gettext_lazy("计票单"), forms.CountSheet, "form"),
        Kind("preliminary_result", gettext_lazy("表决初步结果公告"), forms.PreliminaryResult, "notice", 3),
        Kind("resolution", pgettext_lazy("document", "决议"), forms.Resolution, "notice", 7),
        Kind("responsibility_list", gettext_lazy("责任清单"), letters.ResponsibilityList, "notice", 7),
        Kind("follow_up_order", gettext_lazy("督办单"), letters.FollowUpOrder, "letter"),
        Kind("rating_form", gettext_lazy("评议表"), forms.RatingForm, "form"),
        Kind("rectification_notice", gettext_lazy("整改通知书"), letters.RectificationNotice, "notice", 5),
        Kind("period_statement", gettext_lazy("公示情况说明"), letters.PeriodStatement, "letter"),
        Kind("archive_index", gettext_lazy("归档目录"), letters.ArchiveIndex, "letter"),
    ]
    return {kind.key: kind for kind in listed}


KINDS = _kinds()


def keys() -> list[str]:
    """Return the keys of all kinds, the main path first."""
    return list(KINDS)


def kind_of(key: str) -> Kind:
    """Return the kind; BadInput when there is none of that name."""
    if not isinstance(key, str) or key not in KINDS:
        raise BadInput(
            _("没有“%(kind)s”这种文书，可用：%(known)s") % {"kind": str(key)[:40], "known": "、".join(KINDS)},
            field="kind",
        )
    return KINDS[key]


def upheld_of(key: str) -> str:
    """Return what happens when an objection to a paper of this kind is upheld."""
    return str(kind_of(key).upheld)


def title_of(key: str) -> str:
    """Return the Chinese name of a kind, e.g. 表决结果公示."""
    return str(kind_of(key).title)


def schema(key: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a kind's facts."""
    document = msgspec.json.schema(kind_of(key).facts)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title_of(key), **document}


def example_paper(key: str) -> dict[str, Any]:
    """Return a whole example as `render_notice` reads it: kind, issuer, number, dates, facts."""
    path = EXAMPLES / f"{kind_of(key).key}.json"
    paper: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return paper


def example(key: str) -> dict[str, Any]:
    """Return example facts of a kind, to copy from."""
    facts: dict[str, Any] = example_paper(key)["facts"]
    return facts
