"""Tables of deliberation: proposals, what people say about them, plans, records, tasks, ratings."""

from deliberation.models.attached import Appeal, Photo
from deliberation.models.choices import Category, Electorate, Source
from deliberation.models.execution import Completion, FollowUp, ResponsibilityTask
from deliberation.models.papers import NoticeLink, PostedRoll, Purpose
from deliberation.models.plan import BudgetLine, PartyReview, PartyStep, PartyStepKind, Plan
from deliberation.models.proposal import Proposal
from deliberation.models.rating import Grade, Rating, Rectification
from deliberation.models.voices import ConsultationRecord, CoSignature, Opinion, Stakeholder, Stance

__all__ = [
    "Appeal",
    "BudgetLine",
    "Category",
    "CoSignature",
    "Completion",
    "ConsultationRecord",
    "Electorate",
    "FollowUp",
    "Grade",
    "NoticeLink",
    "Opinion",
    "PartyReview",
    "PartyStep",
    "PartyStepKind",
    "Photo",
    "Plan",
    "PostedRoll",
    "Proposal",
    "Purpose",
    "Rating",
    "Rectification",
    "ResponsibilityTask",
    "Source",
    "Stakeholder",
    "Stance",
]
