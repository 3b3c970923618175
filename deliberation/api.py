"""HTTP API of deliberation."""

from ninja import Router

router = Router(tags=["deliberation"])
