"""Facts of letters, opinions and orders: papers that go to one person or one desk. Pure, no Django."""

from typing import Annotated, Literal

from msgspec import Meta

from publish.kinds.parts import (
    Count,
    DateOrNone,
    DigestOrNone,
    Facts,
    Line,
    Lines,
    MomentOrNone,
    Names,
    NonEmptyLine,
    Paragraphs,
    Part,
    Photo,
    Text,
)


class AcceptanceLetter(Facts, kw_only=True):
    """提议 is accepted: what happens next and until when."""

    matter: NonEmptyLine
    received_on: DateOrNone = ""
    decision: Text = ""
    next_step: Text = ""
    due_on: DateOrNone = ""
    contact: Line = ""


class ReturnLetter(Facts, kw_only=True):
    """A proposal goes back to be supplemented."""

    matter: NonEmptyLine
    received_on: DateOrNone = ""
    reasons: Annotated[list[Text], Meta(min_length=1, max_length=40)]
    supplements: Lines = []
    due_on: DateOrNone = ""
    contact: Line = ""


class RejectionLetter(Facts, kw_only=True):
    """A proposal is not accepted; the appeal stands in it."""

    matter: NonEmptyLine
    received_on: DateOrNone = ""
    reasons: Annotated[list[Text], Meta(min_length=1, max_length=40)]
    appeal: Text = ""
    appeal_until: DateOrNone = ""
    contact: Line = ""


class LegalityOpinion(Facts, kw_only=True):
    """定议: is the plan lawful."""

    matter: NonEmptyLine
    version: Annotated[int, Meta(ge=1, le=999)] | None = None
    reviewer: Line = ""
    reviewed_on: DateOrNone = ""
    conclusion: Literal["lawful", "amend", "unlawful"]
    points: Paragraphs = []
    plan_hash: DigestOrNone = ""


class PartyStudyNote(Facts, kw_only=True):
    """定议: the party organisation's study (Residents' Committees Act art. 30); `held_on` where the hour is unknown."""

    matter: NonEmptyLine
    organisation: NonEmptyLine
    held_at: MomentOrNone = ""
    held_on: DateOrNone = ""
    place: Line = ""
    chair: Line = ""
    recorder: Line = ""
    due: Count | None = None
    attended: Count | None = None
    present: Names = []
    opinions: Paragraphs = []
    vote: Line = ""
    decision: Text


class Task(Part, kw_only=True):
    """One line of a responsibility list."""

    task: NonEmptyLine
    owner: NonEmptyLine
    due_on: DateOrNone = ""
    standard: Line = ""
    status: Line = ""


class ResponsibilityList(Facts, kw_only=True):
    """决议 is carried out: who owes what until when."""

    matter: NonEmptyLine
    resolution: Line = ""
    tasks: Annotated[list[Task], Meta(min_length=1, max_length=200)]


class FollowUpOrder(Facts, kw_only=True):
    """A task is late: the order to finish it."""

    matter: NonEmptyLine
    task: NonEmptyLine
    owner: NonEmptyLine
    was_due_on: DateOrNone = ""
    due_on: DateOrNone = ""
    reason: Text = ""
    requirements: Paragraphs = []
    round: Annotated[int, Meta(ge=1, le=99)] = 1


class RectificationNotice(Facts, kw_only=True):
    """评议 failed: what is to be put right until when."""

    matter: NonEmptyLine
    responsible: NonEmptyLine
    satisfaction: Line = ""
    problems: Annotated[list[Text], Meta(min_length=1, max_length=100)]
    requirements: Paragraphs = []
    due_on: DateOrNone = ""
    round: Annotated[int, Meta(ge=1, le=9)] = 1


class Posting(Part, kw_only=True):
    """Proof of posting at one place."""

    place: NonEmptyLine
    posted_at: MomentOrNone = ""
    removed_at: MomentOrNone = ""
    by: Line = ""
    note: Line = ""


class ObjectionAnswer(Part, kw_only=True):
    """One objection and its ruling; who objected is masked."""

    objector: Line = ""
    received_on: DateOrNone = ""
    text: Text
    ruling: Line = ""
    answer: Text = ""


class PeriodStatement(Facts, kw_only=True):
    """公示情况说明: written when a posting period ends."""

    notice_title: NonEmptyLine
    notice_number: Line = ""
    posted_on: DateOrNone = ""
    ended_on: DateOrNone = ""
    days: Count | None = None
    postings: Annotated[list[Posting], Meta(max_length=200)] = []
    objections: Annotated[list[ObjectionAnswer], Meta(max_length=500)] = []
    conclusion: Text = ""
    notice_hash: DigestOrNone = ""
    photos: Annotated[list[Photo], Meta(max_length=12)] = []


class Document(Part, kw_only=True):
    """One line of an archive index."""

    title: NonEmptyLine
    number: Line = ""
    issued_on: DateOrNone = ""
    pages: Count | None = None
    hash: DigestOrNone = ""


class ArchiveIndex(Facts, kw_only=True):
    """评议 passed: everything about a matter, listed."""

    matter: NonEmptyLine
    archive_number: Line = ""
    started_on: DateOrNone = ""
    ended_on: DateOrNone = ""
    outcome: Line = ""
    keeper: Line = ""
    documents: Annotated[list[Document], Meta(min_length=1, max_length=1000)]
