"""The API's own answers: an unknown address and a wrong method are problem documents too."""

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db]


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_an_unknown_address_is_a_problem_document(method: str) -> None:
    answer = getattr(Client(enforce_csrf_checks=True), method)("/api/v1/nothing")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_found"


def test_a_wrong_method_is_a_problem_document() -> None:
    answer = Client().put("/api/v1/session", "{}", content_type="application/json")

    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert answer.json()["code"] == "method_not_allowed"
    assert set(answer["Allow"].split(", ")) == {"GET", "POST", "DELETE"}


def test_an_unreadable_body_is_told_in_english_where_no_language_is_named() -> None:
    answer = Client().post("/api/v1/session", "{", content_type="application/json")

    assert answer.json()["title"] == "The request is not readable JSON."


def test_every_operation_describes_its_refusals() -> None:
    schema = Client().get("/api/v1/openapi.json").json()

    refused = [
        operation["responses"]["4XX"]["content"]["application/problem+json"]["schema"]["$ref"]
        for path in schema["paths"].values()
        for operation in path.values()
    ]
    assert len(refused) > 20
    assert set(refused) == {"#/components/schemas/Problem"}
    answer = Client().get("/api/v1/ballots?page_size=many").json()
    described = schema["components"]["schemas"]["Problem"]
    assert set(described["required"]) <= set(answer) <= set(described["properties"])
