"""The ASGI application: pages and API by Django, sockets by Channels."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402 - Django must be set up first
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - Django must be set up first
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402 - Django must be set up first

from meetings.routing import websocket_urlpatterns as meeting_sockets  # noqa: E402 - Django must be set up first
from voting.routing import websocket_urlpatterns as ballot_sockets  # noqa: E402 - Django must be set up first

application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter([*ballot_sockets, *meeting_sockets]))),
    }
)
