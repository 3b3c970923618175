"""Who may do what with notices. Reads terms of office, writes nothing."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from community.models import Office, Unit, User
from community.rules import holds_office
from core.errors import NotAllowed
from publish.models import Notice

LEADERS = (Office.SECRETARY, Office.DIRECTOR)
ISSUERS = (*LEADERS, Office.COMMITTEE_MEMBER)
# Papers that another office makes by its own duty, beside the issuers.
ALSO_ISSUED_BY: dict[str, tuple[Office, ...]] = {
    "meeting_notice": (Office.FACILITATOR,),
    "minutes": (Office.FACILITATOR,),
    "count_sheet": (Office.TELLER,),
    "preliminary_result": (Office.TELLER,),
    "vote_result": (Office.TELLER,),
    "evaluation_report": (Office.SUPERVISION_COMMITTEE,),
    "rectification_notice": (Office.SUPERVISION_COMMITTEE,),
    "follow_up_order": (Office.SUPERVISION_COMMITTEE, Office.SUBDISTRICT_OFFICER),
    "legality_opinion": (Office.SUBDISTRICT_OFFICER,),
}
WITHDRAWERS = LEADERS
SEALERS = LEADERS
OBJECTION_OFFICE = (*ISSUERS, Office.GRID_WORKER)
RULERS = (*LEADERS, Office.SUPERVISION_COMMITTEE)
POSTERS = (*ISSUERS, Office.GRID_WORKER, Office.FACILITATOR)
STAFF = tuple(dict.fromkeys((*ISSUERS, *RULERS, *POSTERS, Office.TELLER, Office.SUBDISTRICT_OFFICER)))


def signed_in(user: object) -> User:
    """Return who is signed in. Raises NotAllowed for visitors."""
    if not isinstance(user, User) or not user.is_active:
        raise NotAllowed(_("请先登录。"), code="not_signed_in")
    return user


def issuing_offices(kind: str) -> tuple[Office, ...]:
    """Return the offices that may issue this kind."""
    return (*ISSUERS, *ALSO_ISSUED_BY.get(kind, ()))


def may(user: object, offices: tuple[Office, ...], unit: Unit) -> bool:
    """Return whether `user` holds one of `offices` at `unit` or above it. One query."""
    return holds_office(user, *offices, unit=unit)


def may_read(user: object, notice: Notice) -> bool:
    """Return whether `user` may see the paper: public once posted; else its recipient and the issuer's staff."""
    if notice.is_public and notice.number:
        return True
    pk = getattr(user, "pk", None)
    return pk is not None and (pk in {notice.recipient_id, notice.issued_by_id} or may(user, STAFF, notice.issuer))


def readable(user: object, notices: Iterable[Notice]) -> list[Notice]:
    """Return those of `notices` whose titles `user` may see: what is or will be public, else as `may_read`.

    One query for each issuer of papers that are not public.
    """
    pk = getattr(user, "pk", None)
    staff_of: dict[int, bool] = {}

    def is_open(notice: Notice) -> bool:
        if notice.is_public or pk is None:
            return notice.is_public
        if pk in {notice.recipient_id, notice.issued_by_id}:
            return True
        if notice.issuer_id not in staff_of:
            staff_of[notice.issuer_id] = may(user, STAFF, notice.issuer)
        return staff_of[notice.issuer_id]

    return [notice for notice in notices if is_open(notice)]


def require_reader(user: object, notice: Notice) -> None:
    """Raise NotAllowed unless `user` may see the paper."""
    if not may_read(user, notice):
        raise NotAllowed(_("这份文书不公开，只有收件人和经办人员可以查看。"))
