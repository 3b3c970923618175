"""An echo behind the very server settings of `manage.py serve`, for suites that test a websocket server's conformance.

`python -m bench.echo [PORT]`, then `kosoku -m fuzzingclient 127.0.0.1:9120`. docs/faults.md says what came out.
"""

import os
import sys
from typing import Any

LARGEST_FRAME = 32 * 1024 * 1024  # the suites send up to 16 MiB; the product refuses such frames


async def echo(_scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Send every message back."""
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        kind = "text" if event.get("text") is not None else "bytes"
        await send({"type": "websocket.send", kind: event[kind]})


def main() -> None:
    """Serve until interrupted."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import uvicorn  # noqa: PLC0415 - after the settings are named

    from config.server import configured  # noqa: PLC0415 - after the settings are named

    config = configured("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 9120)
    config.app, config.lifespan, config.ws_max_size = echo, "off", LARGEST_FRAME
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
