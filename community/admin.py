"""The back office for what has no page of its own. Writes go through operations where there is one."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from community import operations
from community.models import (
    ExclusiveUnit,
    Household,
    Owner,
    Ownership,
    Residency,
    SignInCode,
    Term,
    Unit,
    User,
)
from core.admin import RefusalsAreTold


class NothingIsDeleted:
    """People and places are referred to by ballots and the ledger: they end, they are not deleted."""

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Return False."""
        return False


class ReadOnly(NothingIsDeleted):
    """Shown, never edited: an import or an operation writes it."""

    def has_add_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Return False."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Return False."""
        return False


@admin.register(Unit)
class UnitAdmin(ReadOnly, admin.ModelAdmin[Unit]):
    """The tree, written by `import_units`."""

    list_display = ("code", "name", "kind", "depth")
    list_filter = ("kind",)
    search_fields = ("code", "name")
    ordering = ("path",)
    show_full_result_count = False


@admin.register(User)
class WuyiUserAdmin(NothingIsDeleted, UserAdmin[User]):
    """Accounts; closing one is taking away `is_active`."""

    list_display = ("username", "name", "unit", "identity_level", "is_active", "is_staff")
    list_filter = ("identity_level", "is_active", "is_staff")
    search_fields = ("username", "name", "phone")
    ordering = ("username",)
    autocomplete_fields = ("unit",)
    readonly_fields = ("last_login", "date_joined", "identity_level")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("个人"), {"fields": ("name", "phone", "email", "born_on", "unit", "identity_level", "large_type")}),
        (_("权限"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("时间"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {"classes": ("wide",), "fields": ("username", "name", "unit", "usable_password", "password1", "password2")},
        ),
    )


@admin.register(Term)
class TermAdmin(RefusalsAreTold, NothingIsDeleted, admin.ModelAdmin[Term]):
    """Offices. A new one is an appointment by the administrator; a change sets its last day."""

    list_display = ("user", "office", "unit", "starts_on", "ends_on", "is_seconded")
    list_filter = ("office", "is_seconded")
    search_fields = ("user__name", "user__username", "unit__name", "unit__code")
    autocomplete_fields = ("user", "unit")
    date_hierarchy = "starts_on"
    list_select_related = ("user", "unit")

    def get_readonly_fields(self, _request: HttpRequest, obj: Term | None = None) -> tuple[str, ...]:
        """Return what an appointment cannot change."""
        return ("user", "office", "unit", "starts_on", "is_seconded") if obj else ()

    def save_model(self, request: HttpRequest, obj: Term, form: ModelForm[Term], change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Appoint, or end the term, with its ledger entry."""
        by = request.user
        if not isinstance(by, User):
            return
        if not change:
            made = operations.appoint(
                user=obj.user,
                office=obj.office,
                unit=obj.unit,
                starts_on=obj.starts_on,
                ends_on=obj.ends_on,
                is_seconded=obj.is_seconded,
                by=by,
            )
            obj.pk = made.pk
        elif "ends_on" in form.changed_data and obj.ends_on is not None:
            operations.end_term(obj, by=by, reason="后台管理", ends_on=obj.ends_on)


class OwnershipInline(ReadOnly, admin.TabularInline[Ownership, ExclusiveUnit]):
    """Who owns a unit."""

    model = Ownership
    extra = 0


@admin.register(Household)
class HouseholdAdmin(ReadOnly, admin.ModelAdmin[Household]):
    """Households, written by `import_roll`."""

    list_display = ("label", "unit")
    search_fields = ("label", "unit__code")
    list_select_related = ("unit",)
    show_full_result_count = False


@admin.register(ExclusiveUnit)
class ExclusiveUnitAdmin(ReadOnly, admin.ModelAdmin[ExclusiveUnit]):
    """Exclusive units and their owners, written by `import_roll`."""

    list_display = ("label", "household", "kind", "area")
    list_filter = ("kind",)
    search_fields = ("label", "household__label", "ownerships__owner__name")
    list_select_related = ("household",)
    inlines = (OwnershipInline,)
    show_full_result_count = False


@admin.register(Owner)
class OwnerAdmin(ReadOnly, admin.ModelAdmin[Owner]):
    """Owners, written by `import_roll`."""

    list_display = ("name", "kind", "community", "user")
    list_filter = ("kind",)
    search_fields = ("name", "phone")
    list_select_related = ("community", "user")
    show_full_result_count = False


@admin.register(Residency)
class ResidencyAdmin(ReadOnly, admin.ModelAdmin[Residency]):
    """Who lives where, written by `register_resident`."""

    list_display = ("user", "household", "relation", "is_representative")
    search_fields = ("user__name", "household__label")
    list_select_related = ("user", "household")


@admin.register(SignInCode)
class SignInCodeAdmin(ReadOnly, admin.ModelAdmin[SignInCode]):
    """When codes were printed; the codes themselves are nowhere."""

    list_display = ("user", "created_at", "expires_at", "revoked_at")
    search_fields = ("user__name", "user__username")
    list_select_related = ("user",)
    fields = ("user", "created_at", "expires_at", "revoked_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[SignInCode]:
        """Return them newest first."""
        found: QuerySet[SignInCode] = super().get_queryset(request).order_by("-created_at")
        return found
