"""The papers of a proposal that a reader may know of."""

from deliberation.models import NoticeLink, Proposal
from publish.rules import readable


def papers_of(proposal: Proposal, user: object) -> list[NoticeLink]:
    """Return the links to what is posted, and to letters and records for their recipient and the staff, oldest first.

    At most two queries.
    """
    found = proposal.notice_links.select_related("notice__issuer").defer("notice__facts", "notice__paper")
    links = list(found.order_by("id"))
    shown = {notice.pk for notice in readable(user, [link.notice for link in links])}
    return [link for link in links if link.notice_id in shown]
