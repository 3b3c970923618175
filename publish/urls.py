"""Pages of publish."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

app_name = "publish"


def _soon(_request: HttpRequest, **_kwargs: str) -> HttpResponse:
    return HttpResponse()


urlpatterns = [path("verify/<str:digest>/", _soon, name="verify")]
