"""manage.py serve: the platform on one port, with its background process beside it."""

import os
import signal
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from config.address import DEFAULT_HOST, DEFAULT_PORT, EVERYWHERE, bracketed, served_address
from config.server import Background, raise_limits, serve
from config.static_files import advice_on_static_files


class Command(BaseCommand):
    """Serve pages, API and sockets."""

    help = "Serve pages, API and live sockets, with one background process beside the server."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--host", default=os.environ.get("HOST") or DEFAULT_HOST)
        parser.add_argument(
            "--port", type=int, default=os.environ.get("PORT") or DEFAULT_PORT, help="0 takes a free one and prints it"
        )
        parser.add_argument(
            "--no-background", action="store_true", help="start no background process (it runs elsewhere)"
        )

    def handle(self, *_args: Any, host: str, port: int, no_background: bool, **_options: Any) -> None:
        """Check, start, serve, stop."""
        _check_migrations()
        for advice in raise_limits():
            self.stderr.write(advice)
        for advice in (advice_on_static_files(), follow_address(host, port)):
            if advice:
                self.stderr.write(advice)
        signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(0))
        background = None if no_background else Background()
        if background is not None:
            background.start()

        def ready(port: int) -> None:
            self.stdout.write(f"五议已启动 / Wuyi is serving: http://{bracketed(host)}:{port}")
            self.stdout.flush()

        try:
            serve(host, port, ready)
        except KeyboardInterrupt:
            pass
        finally:
            if background is not None:
                background.stop()


def follow_address(host: str, port: int) -> str:
    """Let links and codes on paper carry the address served, unless PUBLIC_URL says another; return advice, or "".

    The background process, which sets most papers, inherits it. A free port (0) is not known before it starts: links
    then keep the default.
    """
    if os.environ.get("PUBLIC_URL", "").strip():
        return ""
    if port:
        address = served_address(host, port)
        os.environ["PUBLIC_URL"] = settings.PUBLIC_URL = address
        settings.CSRF_TRUSTED_ORIGINS = [address]
        if host not in EVERYWHERE and bracketed(host) not in settings.ALLOWED_HOSTS:
            settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, bracketed(host)]
    if host not in EVERYWHERE:
        return ""
    return (
        f"纸上的二维码会指向 {settings.PUBLIC_URL}，别的设备打不开；"
        "请用 PUBLIC_URL=http://本机地址:端口 说明居民怎样找到这台机器。"
        f" / QR codes on paper will point to {settings.PUBLIC_URL}; set PUBLIC_URL."
    )


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
