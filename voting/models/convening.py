"""Table of meetings that must be called because enough people asked for them in writing."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from voting.models.ballot import Ballot


class Convening(models.Model):
    """That a requisition reached its share, so that a meeting must be called; `convened_at` once it was.

    `due_on` is the last day where the jurisdiction sets one, with its citation in `basis`; the national law gives none.
    """

    ballot = models.OneToOneField(Ballot, models.PROTECT, related_name="convening")
    owed_at = models.DateTimeField(_("达到法定比例"))
    due_on = models.DateField(_("期限"), null=True, blank=True)
    basis = models.CharField(_("期限的依据"), max_length=200, blank=True)
    convened_at = models.DateTimeField(_("召集"), null=True, blank=True)
    convened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(_("会议时间和地点"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("应召集的会议")
        verbose_name_plural = _("应召集的会议")
        constraints = [
            models.CheckConstraint(condition=Q(due_on__isnull=True) | ~Q(basis=""), name="convening_deadline_is_cited"),
            models.CheckConstraint(
                condition=Q(convened_at__isnull=True, convened_by__isnull=True, note="")
                | (Q(convened_at__isnull=False, convened_by__isnull=False) & ~Q(note="")),
                name="convened_meeting_says_who_and_when",
            ),
        ]
        indexes = [models.Index(fields=["convened_at", "due_on"], name="conveners_wait_by_deadline")]

    def __str__(self) -> str:
        return f"{self.ballot}"
