"""Every address of the platform."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from config import pages
from config.api import api, no_such_address
from config.health import healthz, metrics, readyz

handler400 = "config.pages.bad_request"

urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("api/v1/", api.urls),
    re_path(r"^api/", no_such_address),
    # One door: it counts wrong passwords and checks two at a time.
    path("admin/login/", RedirectView.as_view(pattern_name="community:sign_in", query_string=True)),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("style/", pages.style, name="style"),
    path("offline/", pages.offline, name="offline"),
    path("service-worker.js", pages.service_worker, name="service_worker"),
    path("", include("community.urls")),
    path("ballots/", include("voting.urls")),
    path("notices/", include("publish.urls")),
    path("meetings/", include("meetings.urls")),
    path("", include("deliberation.urls")),
]
