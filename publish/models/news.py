"""Signals that are owed to the rooms above: kept until they have been delivered."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class News(models.Model):
    """One signal about one notice or objection, written in the transaction of the act.

    A process that dies between its commit and the signal leaves the row; the periodic sweep delivers it then.
    Receivers may therefore hear the same news twice and must not act twice.
    """

    name = models.CharField(max_length=40)
    notice = models.ForeignKey("publish.Notice", models.CASCADE, related_name="+")
    objection = models.ForeignKey("publish.Objection", models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    delivered_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("待传达")
        verbose_name_plural = _("待传达")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(delivered_at__isnull=True), name="news_to_deliver"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.notice_id}"
