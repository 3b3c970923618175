"""Tables of tellers: who was named to watch and count, and who signed the count."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from voting.models.ballot import Ballot


class Teller(models.Model):
    """Somebody named before the count to watch and count one ballot. Where anybody is named, nobody else signs."""

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="tellers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("监票计票人"))
    named_at = models.DateTimeField(_("指定"))

    class Meta:
        verbose_name = _("监票计票人")
        verbose_name_plural = _("监票计票人")
        constraints = [
            models.UniqueConstraint(fields=["ballot", "user"], name="teller_is_named_once"),
        ]

    def __str__(self) -> str:
        return f"{self.ballot_id}: {self.user}"


class Certification(models.Model):
    """One teller's signature under the count. `agrees` false blocks and is recorded with the reason.

    A signature is an account's; only who signed on paper stands here by name alone. It holds for the result with
    `result_hash` and no other: after a recount that changed anything it must be given again.
    """

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="certifications")
    teller = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    teller_name = models.CharField(_("监票计票人"), max_length=100)
    agrees = models.BooleanField(_("确认"), default=True)
    reason = models.TextField(_("理由"), blank=True)
    result_hash = models.CharField(max_length=64)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("计票确认")
        verbose_name_plural = _("计票确认")
        constraints = [
            models.UniqueConstraint(
                fields=["ballot", "teller"], condition=Q(teller__isnull=False), name="teller_signs_once"
            ),
            models.UniqueConstraint(
                fields=["ballot", "teller_name"], condition=Q(teller__isnull=True), name="name_signs_once"
            ),
            models.CheckConstraint(condition=Q(agrees=True) | ~Q(reason=""), name="disagreement_has_a_reason"),
        ]

    def __str__(self) -> str:
        return self.teller_name
