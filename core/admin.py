"""The back office of the core: the calendar, and the ledger to read."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from core.actors import Actor
from core.calendar import set_day
from core.errors import Refused
from core.models import CalendarDay, CalendarYear, LedgerEntry, News


class RefusalsAreTold:
    """Saving goes through operations, which may refuse: the sentence becomes a message, and nothing is stored."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show or save the form."""
        try:
            answer: HttpResponse = super().changeform_view(request, *args, **kwargs)  # type: ignore[misc] # a mixin
        except Refused as error:
            messages.error(request, str(error))
            return redirect(request.get_full_path())
        return answer


class ReadOnlyAdmin(admin.ModelAdmin[Model]):
    """Shown, never edited."""

    def has_add_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Return False."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Return False."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Return False."""
        return False


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    """Every act, newest first."""

    list_display = ("sequence", "at", "actor_name", "office", "act", "subject_type", "subject_id")
    list_filter = ("act", "office")
    search_fields = ("actor_name", "subject_id", "hash")
    ordering = ("-sequence",)
    show_full_result_count = False


@admin.register(News)
class NewsAdmin(ReadOnlyAdmin):
    """Signals that are owed, with what went wrong."""

    list_display = ("name", "about", "created_at", "delivered_at", "attempts", "problem")
    list_filter = ("name",)
    ordering = ("-id",)
    show_full_result_count = False


@admin.register(CalendarDay)
class CalendarDayAdmin(RefusalsAreTold, admin.ModelAdmin[CalendarDay]):
    """Days set by hand; saved with a ledger entry, and open notices hear of it."""

    list_display = ("date", "is_working_day", "source")
    date_hierarchy = "date"

    def get_readonly_fields(self, _request: HttpRequest, obj: CalendarDay | None = None) -> tuple[str, ...]:
        """Return the date once the day is stored: another day is another row."""
        return ("date",) if obj else ()

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Return False: a day is corrected, with its reason, not removed."""
        return False

    def save_model(
        self,
        request: HttpRequest,
        obj: CalendarDay,
        _form: ModelForm[CalendarDay],
        _change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """Set the day through the operation."""
        if isinstance(request.user, Actor):
            set_day(obj.date, works=obj.is_working_day, source=obj.source, by=request.user)


@admin.register(CalendarYear)
class CalendarYearAdmin(admin.ModelAdmin[CalendarYear]):
    """Years imported with `import_schedule`."""

    list_display = ("year", "source", "imported_at")

    def has_add_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Return False."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Return False."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Return False."""
        return False
