"""Tables of who votes for somebody else, and of who steps aside."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from voting.models.ballot import Ballot, Item
from voting.models.roll import Voter


class Proxy(models.Model):
    """A written power to vote for somebody else, lodged before opening. `holder` may stand outside the roll.

    It names the matter, the powers and the term (`valid_until`; null: until this vote ends); the principal's
    instructions to the holder are kept with it. `holder_present` says whether a holder outside the roll is in the room;
    of a holder on the roll the entry there says it.
    """

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="proxies")
    principal = models.ForeignKey(Voter, models.PROTECT, related_name="proxies_given")
    holder = models.ForeignKey(Voter, models.PROTECT, null=True, blank=True, related_name="proxies_held")
    holder_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    holder_name = models.CharField(_("受托人"), max_length=100)
    matter = models.CharField(_("委托事项"), max_length=300)
    powers = models.CharField(_("授权权限"), max_length=300)
    instructions = models.TextField(_("委托人的指示"), blank=True)
    lodged_at = models.DateTimeField(_("提交"))
    valid_until = models.DateField(_("期限"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("撤销"), null=True, blank=True)
    holder_present = models.BooleanField(_("名册外的受托人到会"), default=False)

    class Meta:
        verbose_name = _("委托书")
        verbose_name_plural = _("委托书")
        constraints = [
            models.UniqueConstraint(
                fields=["ballot", "principal"],
                condition=Q(revoked_at__isnull=True),
                name="one_proxy_for_each_principal",
            ),
            models.CheckConstraint(
                condition=Q(holder__isnull=True) | ~Q(holder=F("principal")), name="nobody_is_their_own_proxy"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.principal} → {self.holder_name}"


class Recusal(models.Model):
    """A voter who steps aside on one item: neither votes nor counts as present for it; the total stays."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="recusals")
    voter = models.ForeignKey(Voter, models.PROTECT, related_name="recusals")
    reason = models.TextField(_("事由"), blank=True)

    class Meta:
        verbose_name = _("回避")
        verbose_name_plural = _("回避")
        constraints = [
            models.UniqueConstraint(fields=["item", "voter"], name="recusal_is_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.voter_id}"
