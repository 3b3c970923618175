"""Tables of deliberation: proposals, what people say about them, plans, records, tasks, ratings."""

from deliberation.models.execution import Completion, FollowUp, ResponsibilityTask
from deliberation.models.papers import NoticeLink, Purpose
from deliberation.models.plan import BudgetLine, PartyReview, Plan
from deliberation.models.proposal import Appeal, Category, Electorate, Photo, Proposal, Source
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
    "Photo",
    "Plan",
    "Proposal",
    "Purpose",
    "Rating",
    "Rectification",
    "ResponsibilityTask",
    "Source",
    "Stakeholder",
    "Stance",
]
