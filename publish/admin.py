"""The back office of publish. What has been published is shown, not edited: acts go through the operations."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from publish.models import (
    IssuerProfile,
    Notice,
    NoticePeriodProfile,
    NumberSeries,
    Objection,
    Posting,
    ReservedNumber,
)


class ReadOnly(admin.ModelAdmin[Any]):
    """A table one may look at."""

    def has_add_permission(self, _request: HttpRequest, _obj: models.Model | None = None) -> bool:
        """Return False: rows are made by operations."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: models.Model | None = None) -> bool:
        """Return False: rows are changed by operations."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: models.Model | None = None) -> bool:
        """Return False: rows stay."""
        return False


@admin.register(Notice)
class NoticeAdmin(ReadOnly):
    """Notices by unit and state."""

    list_display = ["number", "title", "kind", "issuer", "status", "posted_on", "ends_on", "provisional"]
    list_filter = ["status", "kind", "provisional"]
    search_fields = ["number", "title", "content_hash", "file_hash"]
    list_select_related = ["issuer"]
    date_hierarchy = "posted_on"
    show_full_result_count = False


@admin.register(Objection)
class ObjectionAdmin(ReadOnly):
    """Objections by deadline."""

    list_display = ["notice", "status", "channel", "received_at", "acknowledge_due_on", "rule_due_on"]
    list_filter = ["status", "channel"]
    list_select_related = ["notice"]


@admin.register(Posting)
class PostingAdmin(ReadOnly):
    """Where notices hang."""

    list_display = ["notice", "place", "damaged_on", "missing_days"]
    list_select_related = ["notice"]


@admin.register(NumberSeries)
class NumberSeriesAdmin(ReadOnly):
    """The next number of each series."""

    list_display = ["issuer", "family", "year", "next_serial"]
    list_filter = ["family", "year"]
    list_select_related = ["issuer"]


@admin.register(ReservedNumber)
class ReservedNumberAdmin(ReadOnly):
    """Numbers given outside the platform, or voided."""

    list_display = ["number", "purpose", "state", "reserved_at", "void_reason"]
    list_filter = ["state"]


@admin.register(IssuerProfile)
class IssuerProfileAdmin(admin.ModelAdmin[IssuerProfile]):
    """How units sign. The code word is fixed once it stands on papers."""

    list_display = ["full_name", "code_word", "letterhead", "committee_term"]
    search_fields = ["full_name", "code_word"]
    raw_id_fields = ["unit"]

    def get_readonly_fields(self, _request: HttpRequest, obj: IssuerProfile | None = None) -> list[str]:
        """Return the code word once the unit has numbered papers."""
        used = obj is not None and NumberSeries.objects.filter(issuer_id=obj.unit_id, next_serial__gt=1).exists()
        return ["unit", "code_word"] if used else []

    def has_delete_permission(self, _request: HttpRequest, _obj: models.Model | None = None) -> bool:
        """Return False: papers refer to their issuer."""
        return False


@admin.register(NoticePeriodProfile)
class NoticePeriodProfileAdmin(admin.ModelAdmin[NoticePeriodProfile]):
    """How long kinds are posted in a jurisdiction."""

    list_display = ["unit", "key", "days", "mode", "basis"]
    list_filter = ["key", "mode"]
    list_select_related = ["unit"]
    raw_id_fields = ["unit"]
