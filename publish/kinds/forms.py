"""Facts of papers of the vote and of forms filled in by hand. Pure, no Django."""

from typing import Annotated

from msgspec import Meta, field

from publish.kinds.notices import Measure, PaperCount, VoteResult
from publish.kinds.parts import (
    AmountOrNone,
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
    Text,
)


class RegistrationForm(Facts, kw_only=True):
    """提议 is registered: what the proposer said and what the desk wrote down. Empty fields are left to the pen."""

    matter: Line = ""
    proposer: Line = ""
    phone: Line = ""
    place: Line = ""
    category: Line = ""
    source: Line = ""
    content: Text = ""
    wish: Text = ""
    cosigners: Count | None = None
    submitted_at: MomentOrNone = ""
    receiver: Line = ""
    opinion: Text = ""


class VotingProcedure(Facts, kw_only=True):
    """How a vote is held, posted with its call."""

    matter: NonEmptyLine
    method: Line = ""
    opens_at: MomentOrNone = ""
    closes_at: MomentOrNone = ""
    electorate: Text = ""
    rule: Line = ""
    steps: Annotated[list[Text], Meta(min_length=1, max_length=60)]
    counting: Paragraphs = []
    proxies: Paragraphs = []
    tellers: Names = []


class BallotItem(Part, kw_only=True):
    """One item on a ballot paper; every item offers 反对. `hint` says how it is filled in."""

    title: NonEmptyLine
    motion: Text = ""
    hint: NonEmptyLine = "请选一项"
    options: Annotated[list[NonEmptyLine], Meta(min_length=2, max_length=40)] = field(
        default_factory=lambda: ["同意", "反对", "弃权"]
    )


class BallotPaper(Facts, kw_only=True):
    """A ballot on paper. `place`, `area`, `guardian` (who votes for a ward) are printed for named ballots only."""

    matter: NonEmptyLine
    items: Annotated[list[BallotItem], Meta(min_length=1, max_length=30)]
    named: bool = True
    place: Line = ""
    name: Line = ""
    guardian: Line = ""
    area: AmountOrNone = ""
    serial: Line = ""
    instructions: Lines = []
    return_until: MomentOrNone = ""
    return_to: Line = ""


class ProxyForm(Facts, kw_only=True):
    """A written power to vote for somebody. Empty fields are left to the pen."""

    matter: NonEmptyLine
    meeting: Line = ""
    principal: Line = ""
    principal_place: Line = ""
    agent: Line = ""
    agent_contact: Line = ""
    powers: Lines = []
    until: DateOrNone = ""
    notes: Lines = []


class CountLine(Part, kw_only=True):
    """One option of one item, counted."""

    label: NonEmptyLine
    heads: Count | None = None
    area: AmountOrNone = ""


class CountItem(Part, kw_only=True):
    """One item, counted; what is not known yet is left to the pen."""

    title: NonEmptyLine
    options: Annotated[list[CountLine], Meta(min_length=1, max_length=60)]
    invalid: Measure | None = None


class CountSheet(Facts, kw_only=True):
    """The tellers' sheet."""

    matter: NonEmptyLine
    counted_at: MomentOrNone = ""
    place: Line = ""
    paper: PaperCount | None = None
    items: Annotated[list[CountItem], Meta(min_length=1, max_length=60)]
    tellers: Names = []
    roll_hash: DigestOrNone = ""
    result_hash: DigestOrNone = ""


class PreliminaryResult(VoteResult, kw_only=True):
    """The result as it was counted, before the tellers have signed it."""


class Resolution(Facts, kw_only=True):
    """决议: what was decided, in force from when."""

    matter: NonEmptyLine
    meeting: Line = ""
    decided_on: DateOrNone = ""
    result: Text = ""
    content: Annotated[list[Text], Meta(min_length=1, max_length=100)]
    executor: Line = ""
    supervisor: Line = ""
    effective_on: DateOrNone = ""


class Question(Part, kw_only=True):
    """One question of a rating form."""

    text: NonEmptyLine
    grades: Annotated[list[NonEmptyLine], Meta(min_length=2, max_length=10)] = field(
        default_factory=lambda: ["满意", "基本满意", "不满意"]
    )


class RatingForm(Facts, kw_only=True):
    """评议: a form to be filled in; `online` is the address of the page where the same is asked."""

    matter: NonEmptyLine
    questions: Annotated[list[Question], Meta(min_length=1, max_length=40)]
    until: DateOrNone = ""
    return_to: Line = ""
    online: Line = ""
    named: bool = False
