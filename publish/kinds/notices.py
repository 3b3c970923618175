"""Facts of the eight notices of the main path. Pure, no Django."""

from typing import Annotated

from msgspec import Meta

from publish.kinds.parts import (
    AmountOrNone,
    Count,
    DateOrNone,
    DigestOrNone,
    Facts,
    Line,
    Lines,
    Moment,
    MomentOrNone,
    Money,
    Names,
    NonEmptyLine,
    Outcome,
    Paragraphs,
    Part,
    Photo,
    Text,
    Threshold,
)


class Topic(Part, kw_only=True):
    """One topic on a topic list. `proposer` is masked."""

    title: NonEmptyLine
    proposer: Line = ""
    submitted_on: DateOrNone = ""
    category: Line = ""
    scope: Line = ""
    outcome: Line = ""
    reason: Line = ""


class TopicList(Facts, kw_only=True):
    """提议: the topics accepted for deliberation, with what happened to the others."""

    topics: Annotated[list[Topic], Meta(min_length=1, max_length=300)]


class AgendaLine(Part, kw_only=True):
    """One point of an agenda; `motion` is the full text that will be voted on."""

    title: NonEmptyLine
    motion: Text = ""
    vote: bool = False


class MeetingNotice(Facts, kw_only=True):
    """共议 or 决议: a meeting is called; what is not in the notice is not voted on."""

    meeting: NonEmptyLine
    starts_at: Moment
    ends_at: MomentOrNone = ""
    place: NonEmptyLine
    convener: Line = ""
    chair: Line = ""
    participants: Names = []
    observers: Names = []
    agenda: Annotated[list[AgendaLine], Meta(min_length=1, max_length=60)]
    rule: Line = ""
    quorum: Line = ""
    how_to_attend: Text = ""
    proxy: Text = ""
    contact: Line = ""


class Opinion(Part, kw_only=True):
    """An opinion that was heard and what was answered; `count` people said it."""

    opinion: Text
    answer: Text = ""
    count: Count | None = None


class PlanForComment(Facts, kw_only=True):
    """定议: plan version N is posted for comment."""

    matter: NonEmptyLine
    version: Annotated[int, Meta(ge=1, le=999)]
    background: Paragraphs = []
    content: Annotated[list[Text], Meta(min_length=1, max_length=200)]
    scope: Line = ""
    budget: Annotated[list[Money], Meta(max_length=200)] = []
    total: AmountOrNone = ""
    funds: Line = ""
    sharing: Line = ""
    schedule: Line = ""
    rule: Line = ""
    opinions: Annotated[list[Opinion], Meta(max_length=200)] = []
    plan_hash: DigestOrNone = ""


class RollEntry(Part, kw_only=True):
    """One voter of a roll: place and name masked, area as decimal string of square metres."""

    place: Line
    name: Line
    heads: Count = 1
    area: AmountOrNone = ""
    note: Line = ""


class Roll(Facts, kw_only=True):
    """The electorate of a vote, masked, for objections before it is frozen."""

    matter: NonEmptyLine
    scope: Line = ""
    total_heads: Count
    total_area: AmountOrNone = ""
    counting: Lines = []
    entries: Annotated[list[RollEntry], Meta(min_length=1, max_length=6000)]
    roll_hash: DigestOrNone = ""


class Measure(Part, kw_only=True):
    """Heads and, where it counts, area (square metres)."""

    heads: Count
    area: AmountOrNone = ""


class OptionResult(Part, kw_only=True):
    """What one option reached. Shares are k/n as text computed by the caller, e.g. 75.0%."""

    label: NonEmptyLine
    heads: Count
    area: AmountOrNone = ""
    share_heads: Line = ""
    share_area: Line = ""


class ItemResult(Part, kw_only=True):
    """The result of one item with the reasoning of the rule."""

    title: NonEmptyLine
    outcome: Outcome | None = None
    options: Annotated[list[OptionResult], Meta(min_length=1, max_length=60)]
    participating: Measure | None = None
    invalid: Measure | None = None
    quorum: Annotated[list[Threshold], Meta(max_length=60)] = []
    thresholds: Annotated[list[Threshold], Meta(max_length=60)] = []
    sentence: Text = ""
    basis: Line = ""


class PaperCount(Part, kw_only=True):
    """发出 = 收回 + 未收回; 收回 = 有效 + 无效."""

    issued: Count
    returned: Count
    valid: Count
    invalid: Count


class OtherVote(Part, kw_only=True):
    """The certified vote of another body that had to agree to the same matter."""

    title: NonEmptyLine
    basis: Lines = []
    opened_at: MomentOrNone = ""
    closed_at: MomentOrNone = ""
    planned_end: MomentOrNone = ""
    early_reason: Text = ""
    method: Line = ""
    rule: Line = ""
    eligible: Measure
    participating: Measure
    items: Annotated[list[ItemResult], Meta(min_length=1, max_length=60)]
    proxies: Lines = []
    tellers: Names = []
    roll_hash: DigestOrNone = ""
    result_hash: DigestOrNone = ""


class VoteResult(Facts, kw_only=True):
    """决议: the certified (or preliminary) result of a vote."""

    matter: NonEmptyLine
    opened_at: MomentOrNone = ""
    closed_at: MomentOrNone = ""
    planned_end: MomentOrNone = ""
    early_reason: Text = ""
    method: Line = ""
    rule: Line = ""
    eligible: Measure
    participating: Measure
    items: Annotated[list[ItemResult], Meta(min_length=1, max_length=60)]
    other_votes: Annotated[list[OtherVote], Meta(max_length=8)] = []
    together: Text = ""
    paper: PaperCount | None = None
    proxies: Lines = []
    tellers: Names = []
    roll_hash: DigestOrNone = ""
    result_hash: DigestOrNone = ""


class Rating(Part, kw_only=True):
    """How, where and until when residents may rate."""

    how: Line
    until: DateOrNone = ""
    where: Line = ""


class ImplementationResult(Facts, kw_only=True):
    """决议 carried out: what was built, what it cost, how to rate it."""

    matter: NonEmptyLine
    resolution: Line = ""
    executor: Line = ""
    contractor: Line = ""
    started_on: DateOrNone = ""
    finished_on: DateOrNone = ""
    outcome: Paragraphs = []
    costs: Annotated[list[Money], Meta(max_length=200)] = []
    budget_total: AmountOrNone = ""
    actual_total: AmountOrNone = ""
    acceptance: Text = ""
    warranty: Line = ""
    photos: Annotated[list[Photo], Meta(max_length=12)] = []
    rating: Rating | None = None


class RatingLine(Part, kw_only=True):
    """How many chose one grade."""

    label: NonEmptyLine
    count: Count
    share: Line = ""


class EvaluationReport(Facts, kw_only=True):
    """评议: how residents rated the result and what follows."""

    matter: NonEmptyLine
    period_start: DateOrNone = ""
    period_end: DateOrNone = ""
    invited: Count | None = None
    valid: Count
    ratings: Annotated[list[RatingLine], Meta(min_length=1, max_length=20)]
    satisfaction: Line
    threshold: Line = ""
    passed: bool
    opinions: Annotated[list[Opinion], Meta(max_length=200)] = []
    rectification: Text = ""
    conclusion: Text = ""
    evaluators: Names = []


class AgendaRecord(Part, kw_only=True):
    """What happened at one point of the agenda."""

    title: NonEmptyLine
    motion: Text = ""
    discussion: Paragraphs = []
    dissent: Paragraphs = []
    vote: Text = ""
    decision: Text = ""


class Minutes(Facts, kw_only=True):
    """Minutes of a meeting (纪要 form): attendance, what was said in substance, what was decided."""

    meeting: NonEmptyLine
    held_at: Moment
    ended_at: MomentOrNone = ""
    place: Line = ""
    chair: Line = ""
    recorder: Line = ""
    present: Names
    absent: Names = []
    observers: Names = []
    due: Count | None = None
    quorum: Line = ""
    agenda: Annotated[list[AgendaRecord], Meta(min_length=1, max_length=60)]
    decisions: Paragraphs = []
    signatories: Names = []
