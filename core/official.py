"""The language of the record. Papers, the ledger, notifications and broadcast news are Chinese, whoever clicked."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import translation

LANGUAGE = "zh-hans"


@contextmanager
def official_language() -> Iterator[None]:
    """Say everything inside in Chinese; as a decorator, everything the function says.

    For text that is stored, typeset or sent to many, where it is put together. What is said to one reader (a page, a
    refusal) stays outside, in that reader's language. (`translation.override` itself, as a decorator, is one object
    for all threads and would hand one thread's language to another.)
    """
    with translation.override(LANGUAGE):
        yield
