"""`manage.py demo`: builds the demonstration community through the real operations."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from community.models import Unit
from core import clock
from deliberation.demo.play import play
from deliberation.demo.town import PASSWORD, STAFF


class Command(BaseCommand):
    """Build the demonstration; `--once` says what there is when it has been built before."""

    help = "Build the demonstration community (about 1,300 households, a proposal in every stage)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --once."""
        parser.add_argument("--once", action="store_true", help="do nothing when it is there, or other data are")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Build, or say what there is. A build that was broken off is started again from nothing."""
        note = Path(settings.DATA_DIR) / "demo.json"
        state = json.loads(note.read_text()) if note.exists() else {}
        if Unit.objects.exists():
            if state.get("state") == "built":
                if not options["once"]:
                    raise CommandError("演示社区已经建好；要重新开始，请先清空数据目录。")
                self._print_accounts(state)
                return
            if state.get("state") != "building":
                if not options["once"]:
                    raise CommandError("数据库里已有数据，不载入演示社区。")
                return
            self.stdout.write("上次没有建完，重新开始 / the last build was broken off, starting anew")
            call_command("flush", interactive=False, verbosity=0)
        note.write_text(json.dumps({"state": "building"}))
        self.stdout.write(
            "建立演示社区，只在第一次，一两分钟 / building the demonstration, only this once, a minute or two:"
        )
        town = play(clock.now(), say=lambda line: self.stdout.write(f"  {line}"))
        state = {"state": "built", "code": town.codes[0] if town.codes else ""}
        note.write_text(json.dumps(state))
        self._print_accounts(state)

    def _print_accounts(self, state: dict[str, Any]) -> None:
        offices = {
            "officer": "街道干部 subdistrict officer",
            "secretary": "社区书记 secretary",
            "director": "居委会主任 director",
            "member1": "居委会委员、计票人 committee member, teller",
            "member2": "居委会委员、计票人 committee member, teller",
            "member3": "居委会委员、记录人 committee member, recorder",
            "facilitator": "主持人 facilitator",
            "supervisor": "居务监督委员会 supervisor",
            "grid": "网格员 grid worker",
        }
        self.stdout.write("演示账户 / demonstration accounts:")
        for username, _name, _offices in STAFF:
            self.stdout.write(f"  {username:<12} {PASSWORD}  {offices[username]}")
        self.stdout.write(f"  {'resident':<12} {PASSWORD}  居民、业主 resident, owner")
        if state.get("code"):
            self.stdout.write(f"  投票码 / printed voting code: {state['code']}")
