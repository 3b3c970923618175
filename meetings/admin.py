"""The back office looks at meetings; every change goes through the pages and their operations."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from meetings.models import Attendance, Meeting, Minutes, Motion


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg] # one base for several models
    """Shown, never edited."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Return False."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Return False."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Return False."""
        return False


@admin.register(Meeting)
class MeetingAdmin(ReadOnly):
    """Meetings."""

    list_display = ("title", "community", "kind", "phase", "starts_at")
    list_filter = ("phase", "kind")
    search_fields = ("title",)


@admin.register(Attendance)
class AttendanceAdmin(ReadOnly):
    """Who was invited and who came."""

    list_display = ("name", "meeting", "role", "signed_in_at", "how")
    search_fields = ("name",)


@admin.register(Motion)
class MotionAdmin(ReadOnly):
    """Motions."""

    list_display = ("text", "meeting", "status")


@admin.register(Minutes)
class MinutesAdmin(ReadOnly):
    """Minutes."""

    list_display = ("meeting", "version", "frozen_at")
