"""The language of the record is Chinese, whoever clicked, and it never leaks into another thread."""

import threading

import pytest
from django.utils import translation

from core.official import official_language
from deliberation.stages import Status


@official_language()
def _status_word() -> str:
    return str(Status.ACCEPTED.label)


def test_what_is_put_together_for_the_record_is_chinese_and_the_reader_keeps_theirs() -> None:
    with translation.override("en"):
        assert (_status_word(), str(Status.ACCEPTED.label)) == ("已受理", "Accepted")


def test_an_error_inside_gives_the_reader_s_language_back() -> None:
    with translation.override("en"):
        with pytest.raises(ValueError, match="broken"), official_language():
            raise ValueError("broken")
        assert translation.get_language() == "en"


def test_two_threads_do_not_hand_each_other_their_language() -> None:
    inside, done = threading.Barrier(2, timeout=10), []

    @official_language()
    def meet() -> None:
        inside.wait()

    def click(language: str) -> None:
        with translation.override(language):
            meet()
            done.append((language, translation.get_language()))

    threads = [threading.Thread(target=click, args=(language,)) for language in ("en", "zh-hans")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(done) == [("en", "en"), ("zh-hans", "zh-hans")]
