"""Proof of posting: places, photos, damage, and the days that were missing."""

import datetime as dt
import io

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from community.models import Unit, User
from core import ledger
from core.errors import BadInput, NotAllowed, WrongStage
from publish.models import EvidencePhoto, Notice
from publish.operations import add_evidence, add_posting, end_due_periods, record_damage, repost
from tests.publish.conftest import Hire, Issue
from tests.publish.test_periods import at

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


@pytest.fixture
def notice(issue: Issue) -> Notice:
    return issue("topic_list", now=at(2026, 11, 2))


def picture() -> io.BytesIO:
    """Return a JPEG with a place in its EXIF."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    Image.new("RGB", (320, 240), "white").save(out, "JPEG", exif=exif)
    out.seek(0)
    return out


def test_a_notice_is_posted_at_the_places_its_facts_name(notice: Notice) -> None:
    assert [posting.place for posting in notice.postings.all()] == notice.facts["places"]


def test_a_photo_is_kept_without_exif_with_who_and_when(notice: Notice, secretary: User) -> None:
    posting = notice.postings.all()[0]

    evidence = add_evidence(
        posting, photo=picture(), moment="start", view="close_up", by=secretary, now=at(2026, 11, 2, 11)
    )

    assert (evidence.uploaded_by, evidence.taken_at, evidence.uploaded_at) == (
        secretary,
        at(2026, 11, 2, 11),
        at(2026, 11, 2, 11),
    )
    with default_storage.open(str(evidence.photo)) as file, Image.open(file) as stored:
        assert dict(stored.getexif()) == {}
    assert ledger.entries_about(notice).filter(act="add_evidence").get().document_hash == evidence.photo_hash


def test_what_is_no_photo_or_from_tomorrow_is_refused_and_nothing_is_kept(notice: Notice, secretary: User) -> None:
    posting = notice.postings.all()[0]

    with pytest.raises(BadInput):
        add_evidence(posting, photo=io.BytesIO(b"%PDF-1.7"), moment="start", view="wide", by=secretary)
    with pytest.raises(BadInput, match="不能晚于现在"):
        add_evidence(
            posting,
            photo=picture(),
            moment="start",
            view="wide",
            by=secretary,
            taken_at=at(2026, 11, 3),
            now=at(2026, 11, 2),
        )
    for moment, view in (("noon", "wide"), ("start", "inside")):
        with pytest.raises(BadInput, match="请选择"):
            add_evidence(posting, photo=picture(), moment=moment, view=view, by=secretary)
    assert EvidencePhoto.objects.count() == 0


def test_missing_days_of_the_worst_place_are_added_to_the_period(notice: Notice, secretary: User) -> None:
    assert notice.ends_on == dt.date(2026, 11, 9)
    first, second = notice.postings.all()[:2]

    record_damage(first, damage="被撕毁", by=secretary, on=dt.date(2026, 11, 4), now=at(2026, 11, 5))
    repost(first, by=secretary, now=at(2026, 11, 6))
    record_damage(second, damage="雨淋", by=secretary, now=at(2026, 11, 5))
    repost(second, by=secretary, now=at(2026, 11, 5))

    notice.refresh_from_db()
    # Two days missing at the first place, one at the second: nine days from 2 November.
    assert (notice.extra_days, notice.ends_on) == (2, dt.date(2026, 11, 11))
    entry = ledger.entries_about(notice).filter(act="extend_period").get()
    assert (entry.reason, entry.office) == ("被撕毁", "secretary")


def test_damage_and_reposting_follow_each_other_inside_the_period(notice: Notice, secretary: User) -> None:
    posting = notice.postings.all()[0]

    with pytest.raises(WrongStage, match="没有登记损毁"):
        repost(posting, by=secretary, now=at(2026, 11, 3))
    with pytest.raises(BadInput, match="损毁日期"):
        record_damage(posting, damage="撕毁", by=secretary, on=dt.date(2026, 11, 1), now=at(2026, 11, 3))
    with pytest.raises(BadInput, match="损毁日期"):
        record_damage(posting, damage="撕毁", by=secretary, on=dt.date(2026, 11, 4), now=at(2026, 11, 3))
    record_damage(posting, damage="撕毁", by=secretary, now=at(2026, 11, 3))
    with pytest.raises(WrongStage, match="已经登记过损毁"):
        record_damage(posting, damage="又撕", by=secretary, now=at(2026, 11, 3))
    with pytest.raises(BadInput, match="重新张贴的日期"):
        repost(posting, by=secretary, on=dt.date(2026, 11, 2), now=at(2026, 11, 3))
    end_due_periods(at(2026, 11, 10))
    with pytest.raises(WrongStage, match="公示期已经结束"):
        repost(posting, by=secretary, now=at(2026, 11, 10))


def test_places_are_added_once(notice: Notice, secretary: User) -> None:
    add_posting(notice, place="3幢门厅", by=secretary)

    with pytest.raises(BadInput, match="已经登记"):
        add_posting(notice, place=" 3幢门厅 ", by=secretary)
    with pytest.raises(BadInput, match="请写明"):
        add_posting(notice, place="", by=secretary)
    with pytest.raises(BadInput, match=r"“🎉”（U\+1F389）这个字") as refused:
        add_posting(notice, place="门厅🎉", by=secretary)
    assert refused.value.field == "place"
    assert notice.postings.filter(place__contains="门厅🎉").count() == 0


def test_a_resident_posts_no_evidence(notice: Notice, resident: User, hire: Hire, neighbours: Unit) -> None:
    posting = notice.postings.all()[0]

    for stranger in (resident, hire("secretary", neighbours)):
        with pytest.raises(NotAllowed):
            add_evidence(posting, photo=picture(), moment="start", view="wide", by=stranger)
        with pytest.raises(NotAllowed):
            record_damage(posting, damage="撕毁", by=stranger)
        with pytest.raises(NotAllowed):
            add_posting(notice, place="别处", by=stranger)
