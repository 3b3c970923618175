"""Tables of publish: notices and their numbers, postings, objections, issuers and periods."""

from publish.models.issuer import IssuerProfile, NoticePeriodProfile, PeriodMode
from publish.models.notice import Notice, NoticeStatus, Rendering, RenderingStatus, Variant
from publish.models.numbering import Family, NumberSeries, PublishingLease, ReservationState, ReservedNumber
from publish.models.objection import Channel, Objection, ObjectionStatus
from publish.models.posting import EvidenceMoment, EvidencePhoto, EvidenceView, Posting
from publish.models.seal import SealImage

__all__ = [
    "Channel",
    "EvidenceMoment",
    "EvidencePhoto",
    "EvidenceView",
    "Family",
    "IssuerProfile",
    "Notice",
    "NoticePeriodProfile",
    "NoticeStatus",
    "NumberSeries",
    "Objection",
    "ObjectionStatus",
    "PeriodMode",
    "Posting",
    "PublishingLease",
    "Rendering",
    "RenderingStatus",
    "ReservationState",
    "ReservedNumber",
    "SealImage",
    "Variant",
]
