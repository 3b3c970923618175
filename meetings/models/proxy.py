"""Written powers to vote at a meeting, lodged before it opens and carried to each of its ballots."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from meetings.models.attendance import Attendance
from meetings.models.meeting import Meeting


class MeetingProxy(models.Model):
    """One member's written power for another member of the same meeting. It rests while who gave it is there."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="proxies")
    principal = models.ForeignKey(Attendance, models.PROTECT, related_name="proxies_given", verbose_name=_("委托人"))
    holder = models.ForeignKey(Attendance, models.PROTECT, related_name="proxies_held", verbose_name=_("受托人"))
    matters = models.CharField(_("授权事项"), max_length=300)
    lodged_at = models.DateTimeField(_("提交"))
    lodged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(_("撤销"), null=True, blank=True)

    class Meta:
        verbose_name = _("会议委托书")
        verbose_name_plural = _("会议委托书")
        ordering = ["meeting", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["principal"], condition=Q(revoked_at__isnull=True), name="one_meeting_proxy_for_each_principal"
            ),
            models.CheckConstraint(condition=~Q(principal=F("holder")), name="nobody_is_their_own_meeting_proxy"),
            models.CheckConstraint(condition=~Q(matters=""), name="meeting_proxy_says_for_what"),
        ]

    def __str__(self) -> str:
        return f"{self.principal_id} → {self.holder_id}"
