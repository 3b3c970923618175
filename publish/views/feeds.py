"""The board for machines: Atom, iCalendar, sitemap; and for the screen in the hall."""

import datetime as dt
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import dateformat, timezone
from django.utils.dateparse import parse_datetime
from django.utils.feedgenerator import Atom1Feed, Enclosure
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from community.models import Unit
from core import clock, qr
from core.web import page_errors
from publish import kinds
from publish.ical import Event, calendar_text
from publish.models import Notice, NoticeStatus
from publish.queries import public_notices, with_working_days
from publish.views.board import unit_of
from publish.web_paper import body_html

FEED_SIZE = 50
CALENDAR_SIZE = 500
SITEMAP_SIZE = 20_000
SLIDES = 30
SLIDE_LIMIT = 20_000
WEEKS_BACK = dt.timedelta(days=60)


def _address(notice: Notice) -> str:
    return f"{settings.PUBLIC_URL}{reverse('publish:notice', args=[notice.pk])}"


@require_safe
@cache_control(public=True, max_age=300)
@page_errors
def atom(request: HttpRequest) -> HttpResponseBase:
    """Send the newest 50 notices as Atom."""
    unit = unit_of(request)
    feed = Atom1Feed(
        title=_("%(unit)s公示栏") % {"unit": unit or ""},
        link=f"{settings.PUBLIC_URL}{reverse('publish:board')}",
        feed_url=f"{settings.PUBLIC_URL}{request.get_full_path()}",
        description=_("编号公示，可扫码核验。"),
        language="zh-CN",
        feed_guid=f"urn:wuyi:board:{unit.code if unit else 'all'}",
    )
    for notice in public_notices(unit=unit)[:FEED_SIZE]:
        changed = notice.withdrawn_at or notice.superseded_at or notice.ended_at or notice.posted_at
        feed.add_item(
            title=f"{notice.number} {notice.title}",
            link=_address(notice),
            description=_summary(notice),
            author_name=str(notice.issuer),
            unique_id=f"urn:wuyi:notice:{notice.content_hash}",
            pubdate=notice.posted_at,
            updateddate=changed,
            categories=[kinds.title_of(notice.kind)],
            enclosures=[
                Enclosure(
                    f"{settings.PUBLIC_URL}{reverse('publish:pdf', args=[notice.pk])}",
                    str(notice.file_size),
                    "application/pdf",
                )
            ],
        )
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def _summary(notice: Notice) -> str:
    state = notice.state_word
    if not notice.days or notice.ends_on is None:
        return str(state)
    return _("%(state)s，公示期至%(day)s") % {"state": state, "day": dateformat.format(notice.ends_on, "Y-m-d")}


@require_safe
@cache_control(public=True, max_age=300)
@page_errors
def calendar(request: HttpRequest) -> HttpResponseBase:
    """Send the last days of notices and the meetings they call, as iCalendar."""
    unit = unit_of(request)
    since = clock.local_date() - WEEKS_BACK
    found = public_notices(unit=unit).filter(ends_on__gte=since, status__in=[NoticeStatus.POSTED, NoticeStatus.ENDED])
    events = [event for notice in found.defer("paper")[:CALENDAR_SIZE] for event in _events(notice)]
    name = _("%(unit)s公示栏") % {"unit": unit or ""}
    return HttpResponse(calendar_text(name, events), content_type="text/calendar; charset=utf-8")


def _events(notice: Notice) -> list[Event]:
    stamp = notice.posted_at or clock.now()
    events = []
    if notice.days and notice.ends_on is not None:
        events.append(
            Event(
                uid=f"{notice.content_hash}@wuyi",
                summary=_("公示截止：%(title)s") % {"title": notice.title},
                url=_address(notice),
                stamp=stamp,
                day=notice.ends_on,
                tentative=notice.provisional,
            )
        )
    if notice.kind == "meeting_notice" and (starts_at := _moment(notice.facts.get("starts_at"))) is not None:
        events.append(
            Event(
                uid=f"{notice.content_hash}-meeting@wuyi",
                summary=str(notice.facts.get("meeting", notice.title)),
                url=_address(notice),
                stamp=stamp,
                starts_at=starts_at,
                location=str(notice.facts.get("place", "")),
            )
        )
    return events


def _moment(text: object) -> dt.datetime | None:
    try:
        moment = parse_datetime(str(text))
    except ValueError:
        return None
    return timezone.make_aware(moment) if moment is not None and timezone.is_naive(moment) else moment


@require_safe
@cache_control(public=True, max_age=3600)
def sitemap(_request: HttpRequest) -> HttpResponse:
    """Send the permanent pages of all public notices, newest first."""
    rows = public_notices().values_list("pk", "posted_on")[:SITEMAP_SIZE]
    urls = "".join(
        f"<url><loc>{escape(settings.PUBLIC_URL + reverse('publish:notice', args=[pk]))}</loc>"
        f"<lastmod>{posted_on:%Y-%m-%d}</lastmod></url>"
        for pk, posted_on in rows
    )
    head = '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return HttpResponse(f"{head}{urls}</urlset>", content_type="application/xml")


@require_safe
@page_errors
def kiosk(request: HttpRequest) -> HttpResponseBase:
    """Show the hall the running notices: it turns pages by itself and lives on when the network is gone."""
    unit = unit_of(request)
    return render(request, "publish/kiosk.html", {"unit": unit, "slides": _slides(unit), "shown_at": clock.now()})


@require_safe
@page_errors
def kiosk_slides(request: HttpRequest) -> HttpResponseBase:
    """Send the slides alone: the screen asks for them every minute."""
    response = render(request, "publish/_kiosk_slides.html", {"slides": _slides(unit_of(request))})
    response["Cache-Control"] = "no-store"
    return response


def _slides(unit: Unit | None) -> list[dict[str, object]]:
    """Return what the screen shows; a long paper (a roll) only by its code. One query, three with working days."""
    slides: list[dict[str, object]] = []
    for notice, working_days in with_working_days(public_notices(unit=unit, state="running").defer(None)[:SLIDES]):
        if notice.paper is None:
            continue
        body = body_html(notice)
        slides.append(
            {
                "notice": notice,
                "working_days": working_days,
                "kind_title": kinds.title_of(notice.kind),
                "qr": qr.data_url(notice.paper["verify_url"]),
                "body": body if len(body) <= SLIDE_LIMIT else "",
            }
        )
    return slides
