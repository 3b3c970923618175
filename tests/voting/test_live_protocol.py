"""docs/live-protocol.md says what the code does."""

from io import StringIO

from django.conf import settings
from django.core.management import call_command

from voting.live import limits
from voting.messages import RefusalCode


def test_the_schemas_in_the_documentation_are_those_of_the_code() -> None:
    printed = StringIO()
    call_command("live_protocol", stdout=printed)

    text = (settings.BASE_DIR / "docs/live-protocol.md").read_text(encoding="utf-8")

    assert text.endswith(printed.getvalue())


def test_every_refusal_code_and_limit_is_documented() -> None:
    text = (settings.BASE_DIR / "docs/live-protocol.md").read_text(encoding="utf-8")

    assert [code for code in RefusalCode.__args__ if f"`{code}`" not in text] == []  # type: ignore[attr-defined] # Literal keeps its words there
    assert f"{limits.BURST} at once, {limits.PER_SECOND:.0f} a second" in text
    places = limits.SOCKETS_PER_VOTER, limits.SOCKETS_PER_SESSION, limits.SOCKETS_PER_ADDRESS
    assert "voter ({}), session ({}) or address ({:,};".format(*places) in text
