"""Signing in with a printed voting code: it opens its ballot, without an account."""

from django.http import HttpRequest

from community import codes
from community.signin import SignedIn
from voting.live.access import SESSION_KEY
from voting.models import Voter


def resolve_voting_code(_request: HttpRequest, code: str) -> SignedIn | None:
    """Return who a normalized voting code stands for, or None."""
    voter = Voter.objects.select_related("ballot").filter(code_hash=codes.hash_code(code)).first()
    if voter is None:
        return None
    return SignedIn(
        name=voter.name,
        session={SESSION_KEY: {str(voter.ballot_id): voter.pk}},
        next=f"/ballots/{voter.ballot_id}/",
    )
