"""manage.py live_protocol: the schemas of docs/live-protocol.md, from the code."""

import json
from typing import Any

from core.commands import JsonCommand
from voting.messages import schemas


class Command(JsonCommand):
    """Print the schemas."""

    help = (
        "Print the JSON Schemas of the ballot socket's messages as the last section of docs/live-protocol.md has them."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print one Markdown section for each message."""
        for kind, schema in schemas().items():
            self.stdout.write(f"### {kind}\n\n```json\n{json.dumps(schema, ensure_ascii=False, indent=1)}\n```\n")
