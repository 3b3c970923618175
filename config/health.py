"""Whether the process is up, whether it can serve, and its figures (to this machine and its token only)."""

import hmac
import os
import resource

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest

from core.news import given_up
from core.realtime import hub
from core.web import THIS_MACHINE
from voting.live.writer import writer

METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
_OF_PROXIES = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")
_migrated = False

_screens = Gauge("wuyi_screens", "Open (socket, topic) pairs in this process")
_deliveries = Gauge("wuyi_deliveries", "Messages written to screens since start")
_fan_out = Gauge("wuyi_fan_out_seconds", "Seconds spent writing to screens since start")
_votes = Gauge("wuyi_votes_answered", "Votes answered by this process's writer since start")
_batches = Gauge("wuyi_vote_batches", "Batches committed by this process's writer since start")
_waiting = Gauge("wuyi_votes_waiting", "Votes that wait for the next batch")
_memory = Gauge("wuyi_peak_memory_bytes", "Largest resident size so far")
_screens.set_function(lambda: sum(one.screen_count() for one in hub.alive()))
_deliveries.set_function(lambda: sum(one.deliveries for one in hub.alive()))
_fan_out.set_function(lambda: sum(one.seconds_spent for one in hub.alive()))
_votes.set_function(lambda: writer.done)
_batches.set_function(lambda: writer.batches)
_waiting.set_function(lambda: writer.waiting)
_memory.set_function(lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def healthz(_request: HttpRequest) -> JsonResponse:
    """Say that the process is up."""
    return JsonResponse({"status": "ok"})


def readyz(_request: HttpRequest) -> JsonResponse:
    """Say whether the database and the channel layer answer and the tables are those of this version."""
    checks = {"database": _database(), "migrations": _migrations(), "channel_layer": _channel_layer()}
    is_ready = all(state == "ok" for state in checks.values())
    status = "ok" if is_ready else "unavailable"
    news = _news() if is_ready else "unknown"
    if news == "stuck":
        status = "degraded"  # it serves, but a proposal or a paper may wait for news that never came
    return JsonResponse({"status": status, **checks, "news": news}, status=200 if is_ready else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """Show figures for Prometheus: to this machine, or to whoever shows METRICS_TOKEN."""
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    has_token = bool(METRICS_TOKEN) and hmac.compare_digest(shown.encode(), METRICS_TOKEN.encode())
    if not (has_token or _is_local(request)):
        raise Http404
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _is_local(request: HttpRequest) -> bool:
    """Return whether somebody on this machine asks, not a proxy on it for somebody else."""
    host = request.get_host().rsplit(":", 1)[0]
    return (
        request.META.get("REMOTE_ADDR") in THIS_MACHINE
        and host in {"127.0.0.1", "localhost", "[::1]"}
        and not any(name in request.headers for name in _OF_PROXIES)
    )


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is not ready
        return "unreachable"
    return "ok"


def _migrations() -> str:
    global _migrated  # noqa: PLW0603 - asked every few seconds, and true forever once true
    if not _migrated:
        try:
            executor = MigrationExecutor(connection)
            _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        except Exception:  # noqa: BLE001 - as above
            return "unreachable"
    return "ok" if _migrated else "missing"


def _news() -> str:
    try:
        return "stuck" if given_up() else "ok"
    except Exception:  # noqa: BLE001 - as above
        return "unknown"


def _channel_layer() -> str:
    if not settings.REDIS_URL:
        return "ok"
    try:
        async_to_sync(get_channel_layer().group_send)("live.ready", {"type": "ready"})
    except Exception:  # noqa: BLE001 - as above
        return "unreachable"
    return "ok"
