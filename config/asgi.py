"""The ASGI application: pages and API by Django, sockets by Channels, the live path by the lifespan."""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_asgi_application()

from asgiref.sync import sync_to_async  # noqa: E402 - Django must be set up first
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - Django must be set up first
from django.urls import re_path  # noqa: E402 - Django must be set up first

from config.turns import InTurn  # noqa: E402 - Django must be set up first
from core.realtime import hub  # noqa: E402 - Django must be set up first
from core.realtime.socket import NoSuchSocket  # noqa: E402 - Django must be set up first
from meetings.live import reader as meeting_reader  # noqa: E402 - Django must be set up first
from meetings.routing import websocket_urlpatterns as meeting_sockets  # noqa: E402 - Django must be set up first
from voting.live.reader import reader  # noqa: E402 - Django must be set up first
from voting.live.writer import writer  # noqa: E402 - Django must be set up first
from voting.routing import websocket_urlpatterns as ballot_sockets  # noqa: E402 - Django must be set up first


async def lifespan(_scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Start the hub, writer and reader with the server; at its end commit what is queued."""
    await receive()
    hub.current()
    writer.start()
    reader.start()
    meeting_reader.start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await sync_to_async(writer.stop, thread_sensitive=False)()
    await sync_to_async(reader.stop, thread_sensitive=False)()
    await sync_to_async(meeting_reader.stop, thread_sensitive=False)()
    await hub.current().stop()
    await send({"type": "lifespan.shutdown.complete"})


# The sockets check origin and sign-in themselves, without Channels' session and user lookups.
sockets = URLRouter([*ballot_sockets, *meeting_sockets, re_path(r"", NoSuchSocket.as_asgi())])
application = ProtocolTypeRouter({"http": InTurn(django_application), "websocket": sockets, "lifespan": lifespan})
