"""HTTP API of publish."""

from ninja import Router

router = Router(tags=["publish"])
