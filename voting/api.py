"""HTTP API of voting."""

from ninja import Router

router = Router(tags=["voting"])
