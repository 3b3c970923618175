"""What every page knows about its reader."""

from typing import Any

from django.http import HttpRequest


def reader(request: HttpRequest) -> dict[str, Any]:
    """Return `large_type`: whether the reader chose the large-type view (cookie, or the account's setting)."""
    chosen = request.COOKIES.get("large_type")
    user = getattr(request, "user", None)
    return {"large_type": chosen == "1" if chosen is not None else bool(getattr(user, "large_type", False))}
