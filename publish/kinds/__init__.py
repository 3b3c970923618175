"""The kinds of papers: what facts each is made of, checked to the last field. Pure but for its sentences.

validate(kind, facts)   raises BadInput with the path of the field and what was expected
example(kind)           facts that are right, to copy from
schema(kind)            JSON Schema
title_of(kind)          the Chinese name of the kind
upheld_of(kind)         what happens when an objection to it is upheld
"""

from publish.kinds.catalogue import KINDS, Kind, example, example_paper, keys, kind_of, schema, title_of, upheld_of
from publish.kinds.checks import CHARACTERS_LIMIT, parse, validate

__all__ = [
    "CHARACTERS_LIMIT",
    "KINDS",
    "Kind",
    "example",
    "example_paper",
    "keys",
    "kind_of",
    "parse",
    "schema",
    "title_of",
    "upheld_of",
    "validate",
]
