"""The back office of votes: a jurisdiction's own rules and what the residents' meeting has entrusted."""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from core.actors import Actor
from core.admin import RefusalsAreTold
from voting.models import Authorisation, RuleOverride
from voting.operations import drop_rule, record_authorisation, set_rule


@admin.register(RuleOverride)
class RuleOverrideAdmin(RefusalsAreTold, admin.ModelAdmin[RuleOverride]):
    """Saved and deleted through the operations: held against the law's floor, with a ledger entry."""

    list_display = ["unit", "key", "article", "silence", "invalid"]
    list_filter = ["key"]
    list_select_related = ["unit"]
    raw_id_fields = ["unit"]

    def get_readonly_fields(self, _request: HttpRequest, obj: RuleOverride | None = None) -> tuple[str, ...]:
        """Return place and rule once stored: another place is another row."""
        return ("unit", "key") if obj else ()

    def save_model(
        self,
        request: HttpRequest,
        obj: RuleOverride,
        _form: ModelForm[RuleOverride],
        _change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """Set the rule through the operation."""
        if isinstance(request.user, Actor):
            obj.pk = set_rule(
                unit=obj.unit, key=obj.key, article=obj.article, quorum=obj.quorum, passing=obj.passing,
                silence=obj.silence, invalid=obj.invalid, convene_days=obj.convene_days, by=request.user,
            ).pk  # fmt: skip

    def delete_model(self, request: HttpRequest, obj: RuleOverride) -> None:
        """Drop the rule through the operation."""
        if isinstance(request.user, Actor):
            drop_rule(unit=obj.unit, key=obj.key, by=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[RuleOverride]) -> None:
        """Drop each of the chosen rules."""
        for obj in queryset:
            self.delete_model(request, obj)


@admin.register(Authorisation)
class AuthorisationAdmin(RefusalsAreTold, admin.ModelAdmin[Authorisation]):
    """Recorded once; ended early with `revoke_authorisation`, never edited: ballots rest on it."""

    list_display = ["matter", "community", "given_on", "until_on", "document", "revoked_at"]
    list_select_related = ["community"]
    raw_id_fields = ["community"]
    fields = ["community", "matter", "given_on", "until_on", "document", "document_hash"]

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Return False."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Return False."""
        return False

    def save_model(
        self,
        request: HttpRequest,
        obj: Authorisation,
        _form: ModelForm[Authorisation],
        _change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """Record it through the operation."""
        if isinstance(request.user, Actor):
            obj.pk = record_authorisation(
                community=obj.community, matter=obj.matter, given_on=obj.given_on, until_on=obj.until_on,
                document=obj.document, document_hash=obj.document_hash, by=request.user,
            ).pk  # fmt: skip
