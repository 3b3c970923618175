"""The live ballot as a tutorial would build it, for comparison only: ORM in a thread, one group_send for each vote.

Every socket is a member of the channel layer, every vote is a transaction of its own, every vote is told to everybody.
Started by `manage.py bench_live --naive`.
"""

import json
import os
import sys
from typing import Any
from urllib.parse import parse_qs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import uvicorn
from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from channels.db import database_sync_to_async  # noqa: E402 - Django must be set up first
from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402 - the same
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - the same
from django.urls import path  # noqa: E402 - the same

from voting import tickets  # noqa: E402 - the same
from voting.live.reader import news_of  # noqa: E402 - the same
from voting.operations import CastIntent, cast_votes  # noqa: E402 - the same
from voting.queries import ballot_state  # noqa: E402 - the same


class NaiveConsumer(AsyncJsonWebsocketConsumer):
    """One socket."""

    async def connect(self) -> None:
        """Join the group, send the state."""
        self.ballot_id = int(self.scope["url_route"]["kwargs"]["ballot_id"])
        ticket = parse_qs(self.scope["query_string"].decode()).get("ticket")
        read = tickets.read(ticket[0]) if ticket else None
        self.voter_id = read.voter_id if read else None
        await self.channel_layer.group_add(f"ballot{self.ballot_id}", self.channel_name)
        await self.accept()
        await self.send_json(await database_sync_to_async(ballot_state)(self.ballot_id))

    async def receive_json(self, content: Any, **_more: Any) -> None:
        """Store the vote, answer, tell everybody."""
        intent = CastIntent(self.ballot_id, self.voter_id, content["request"], content["choices"])
        [outcome] = await database_sync_to_async(cast_votes)([intent])
        kind = "vote.accepted" if outcome.accepted else "vote.refused"
        await self.send_json({"type": kind, "request": content["request"], "receipt": outcome.receipt})
        tally = (await database_sync_to_async(news_of)(self.ballot_id))[1].message
        await self.channel_layer.group_send(f"ballot{self.ballot_id}", {"type": "tell", "tally": tally})

    @classmethod
    async def encode_json(cls, content: Any) -> str:
        """Write compact JSON, which the load client scans for."""
        return json.dumps(content, separators=(",", ":"))

    async def tell(self, event: Any) -> None:
        """Pass the news on."""
        await self.send_json(event["tally"])


application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": URLRouter([path("ws/ballots/<str:ballot_id>/", NaiveConsumer.as_asgi())]),
    }
)

if __name__ == "__main__":
    port = int(sys.argv[1])
    print(f"naive: http://127.0.0.1:{port}", flush=True)
    uvicorn.run(application, port=port, log_level="error", backlog=8192, ws="websockets-sansio")
