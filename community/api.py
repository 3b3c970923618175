"""HTTP API of community."""

from ninja import Router

router = Router(tags=["community"])
