"""HTTP API of meetings."""

from ninja import Router

router = Router(tags=["meetings"])
