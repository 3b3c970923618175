"""manage.py serve: the platform on one port, with its background process beside it."""

import signal
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from config.server import Background, raise_limits, serve


class Command(BaseCommand):
    """Serve pages, API and sockets."""

    help = "Serve pages, API and live sockets, with one background process beside the server."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000, help="0 takes a free one and prints it")
        parser.add_argument(
            "--no-background", action="store_true", help="start no background process (it runs elsewhere)"
        )

    def handle(self, *_args: Any, host: str, port: int, no_background: bool, **_options: Any) -> None:
        """Check, start, serve, stop."""
        _check_migrations()
        for advice in raise_limits():
            self.stderr.write(advice)
        signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(0))
        background = None if no_background else Background()
        if background is not None:
            background.start()
        shown = f"[{host}]" if ":" in host else host

        def ready(port: int) -> None:
            self.stdout.write(f"五议已启动 / Wuyi is serving: http://{shown}:{port}")
            self.stdout.flush()

        try:
            serve(host, port, ready)
        except KeyboardInterrupt:
            pass
        finally:
            if background is not None:
                background.stop()


def _check_migrations() -> None:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except OperationalError as error:
        raise CommandError(f"数据库连接不上 / cannot reach the database: {str(error).splitlines()[0]}") from error
    finally:
        connection.close()
    if missing:
        raise CommandError(f"数据库缺少 {len(missing)} 个迁移，请先运行 manage.py migrate / migrations are missing")
