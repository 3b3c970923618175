"""Papers set into one PDF: a page for each voter with a QR code that opens the entry, bearer codes for secret ones."""

import datetime as dt
import io

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from pypdf import PdfReader

from community.models import Office, Term, User
from core import clock
from core.actors import COMMAND_LINE
from core.errors import BadInput, NotAllowed, Stale, WrongStage
from tests.voting.factories import make_ballot, make_unit, open_a_ballot, voters_of
from voting.models import BearerPaper, PrintRun, PrintState
from voting.operations import VoterDraft, close_ballot, open_ballot, printing
from voting.operations.paper import let_paper_win
from voting.operations.printing import print_papers, request_papers, resume_printing
from voting.papers import bearer_of, entry_address, paper_mark, voter_of_paper

pytestmark = pytest.mark.django_db(transaction=True)


def officer(name: str = "甲", office: str = Office.TELLER) -> User:
    user = User.objects.create(username=name, name=name)
    Term.objects.create(user=user, office=office, unit=make_unit(), starts_on="2026-01-01")
    return user


def text_of(run: PrintRun) -> list[str]:
    run.refresh_from_db()
    with default_storage.open(run.file) as file:
        return [page.extract_text() for page in PdfReader(io.BytesIO(file.read())).pages]


def test_a_roll_becomes_one_file_with_a_page_for_each_voter() -> None:
    roll = [VoterDraft(name, area=8_840, place=f"1-10{n}") for n, name in enumerate(("张三", "李四", "王五"), 1)]
    ballot = make_ballot(roll, rule="owners_278_ordinary")

    run = request_papers(ballot, first=1, last=3, by=officer())

    run.refresh_from_db()
    assert (run.state, run.done) == (PrintState.READY, 3)
    pages = text_of(run)
    assert len(pages) == 3
    for number, (page, voter) in enumerate(zip(pages, voters_of(ballot), strict=True), 1):
        mark = paper_mark(ballot, number, voter.pk)
        assert all(word in page for word in (voter.name, voter.place, "88.40", "同意", "反对", "弃权", mark))
        assert voter_of_paper(ballot, mark) == voter
        assert entry_address(ballot, mark).endswith(f"/ballots/{ballot.pk}/paper/?code={mark}")


def test_a_mark_is_of_its_voter_only() -> None:
    ballot, other = make_ballot(), make_ballot()
    one, two, _three = voters_of(ballot)
    mark = paper_mark(ballot, 1, one.pk)

    assert voter_of_paper(ballot, mark) == one
    assert voter_of_paper(ballot, mark.upper()) == one
    assert voter_of_paper(ballot, mark.replace("1-", "2-", 1)) is None
    assert voter_of_paper(other, mark) is None
    assert voter_of_paper(ballot, "0-" + mark[2:]) is None
    assert voter_of_paper(ballot, "2") == two


def test_secret_papers_carry_codes_and_no_names() -> None:
    ballot = make_ballot([VoterDraft("张三"), VoterDraft("李四")], kind="secret")

    run = request_papers(ballot, first=1, last=2, by=officer())

    pages = text_of(run)
    assert len(pages) == 2
    assert all("张三" not in page and "李四" not in page and "不记名" in page for page in pages)
    assert BearerPaper.objects.filter(ballot=ballot).count() == 2
    codes = [page.split("编号：")[1].split()[0] for page in pages]
    assert {bearer.pk for code in codes if (bearer := bearer_of(ballot, code))} == set(
        BearerPaper.objects.values_list("pk", flat=True)
    )


def test_orders_are_bounded_and_for_the_office() -> None:
    ballot, by = make_ballot(3), officer()

    for first, last in ((0, 2), (2, 1), (1, 4)):
        with pytest.raises(BadInput):
            request_papers(ballot, first=first, last=last, by=by)
    with pytest.raises(NotAllowed):
        request_papers(ballot, first=1, last=1, by=User.objects.create(username="guest", name="路人"))
    large = make_ballot(401)
    with pytest.raises(BadInput) as many:
        request_papers(large, first=1, last=401, by=by)
    closed = close_ballot(open_a_ballot(), by=COMMAND_LINE)
    with pytest.raises(WrongStage):
        request_papers(closed, first=1, last=1, by=by)

    assert "一次最多印 400 张" in str(many.value)
    assert not PrintRun.objects.exists()


def test_closing_deletes_the_file() -> None:
    ballot = open_ballot(make_ballot(), by=COMMAND_LINE)
    run = request_papers(ballot, first=1, last=1, by=officer())
    run.refresh_from_db()
    name = run.file
    assert default_storage.exists(name)

    close_ballot(ballot, by=COMMAND_LINE)

    run.refresh_from_db()
    assert (run.state, run.file) == (PrintState.FAILED, "")
    assert not default_storage.exists(name)


def test_what_cannot_be_set_says_so_and_stores_no_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    ballot = make_ballot([VoterDraft("𒀀"), VoterDraft("乙")])
    secret = make_ballot([VoterDraft("甲"), VoterDraft("乙")], kind="secret")
    by = officer()

    run = request_papers(ballot, first=1, last=2, by=by)
    monkeypatch.setattr(printing, "_FOLDER", "\x00")
    lost = request_papers(secret, first=1, last=1, by=by)

    for one in (run, lost):
        one.refresh_from_db()
        assert one.state == PrintState.FAILED
        assert one.failure
    assert not BearerPaper.objects.exists()


def test_what_was_left_half_done_is_taken_up_again() -> None:
    ballot = make_ballot()
    long_ago = clock.now() - dt.timedelta(minutes=11)
    run = PrintRun.objects.create(
        ballot=ballot, first=1, last=2, by=officer(), requested_at=long_ago, state=PrintState.RUNNING, done=1
    )

    assert resume_printing() == 1
    assert resume_printing() == 0
    print_papers(run.pk)

    assert len(text_of(run)) == 2


def test_a_run_that_another_process_began_anew_is_finished_by_that_one_alone() -> None:
    ballot = make_ballot([VoterDraft("甲"), VoterDraft("乙")], kind="secret")
    at = clock.now() - dt.timedelta(minutes=11)
    slow = PrintRun.objects.create(
        ballot=ballot, first=1, last=1, by=officer(), requested_at=at, state=PrintState.RUNNING
    )
    assert resume_printing() == 1
    ready = PrintRun.objects.get()

    with pytest.raises(Stale):
        printing._finish(slow, ["ABCDE23456"], "papers/late.pdf")
    printing._fail(slow, "too late")

    assert (ready.state, PrintRun.objects.get().file) == (PrintState.READY, ready.file)
    assert BearerPaper.objects.count() == 1


def test_the_page_takes_an_order_shows_progress_and_hands_over_the_file() -> None:
    ballot, by = make_ballot(), officer()
    client = Client()
    client.force_login(by)
    url = f"/ballots/{ballot.pk}/paper/print/"

    wrong = client.post(url, {"first": "2", "last": "1"})
    missing = client.post(url, {})
    client.post(url, {"first": "1", "last": "2"})
    run = PrintRun.objects.get()
    page = client.get(url)
    file = client.get(f"{url}{run.pk}/")
    PrintRun.objects.filter(pk=run.pk).update(state=PrintState.RUNNING, file="", done=1)
    running = client.get(url)

    assert (wrong.status_code, missing.status_code) == (422, 422)
    assert f"{url}{run.pk}/" in page.content.decode()
    assert (file.status_code, file["Content-Type"]) == (200, "application/pdf")
    assert file.content[:5] == b"%PDF-"
    assert "no-store" in file["Cache-Control"]
    assert (running["Refresh"], "1 / 2" in running.content.decode()) == ("3", True)
    assert client.get(f"{url}{run.pk}/").status_code == 404
    resident = Client()
    resident.force_login(officer("居民", Office.RESIDENT))
    assert [resident.get(url).status_code, resident.get(f"{url}{run.pk}/").status_code] == [403, 403]


def test_the_paper_says_which_vote_wins() -> None:
    ballot, by = make_ballot(), officer()
    let_paper_win(ballot, wins=True, by=by)

    run = request_papers(ballot, first=1, last=1, by=by)

    assert "以纸质票为准" in "".join(text_of(run)[0].split())
