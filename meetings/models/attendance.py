"""Who was invited, what they answered, when they were in the room."""

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from meetings.models.meeting import Meeting


class Role(models.TextChoices):
    """In what role somebody is at the meeting. Only members are due and count towards the quorum.

    An elector stands on the roll of the other body where two bodies vote on a matter of the agenda, each by its own
    ballot with its own roll and quorum: there to speak and to vote in that ballot, nothing else.
    """

    MEMBER = "member", _("出席")
    ELECTOR = "elector", _("另一方表决人")
    GUEST = "guest", _("列席")
    OBSERVER = "observer", _("旁听")


class Reply(models.TextChoices):
    """What an invited person answered."""

    NONE = "none", _("未答复")
    COMING = "coming", _("参加")
    LEAVE = "leave", _("请假")


class How(models.TextChoices):
    """By which road somebody signed in."""

    QR = "qr", _("扫码")
    DESK = "desk", _("签到台")
    OVERRIDE = "override", _("补签")


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    """Attendances in the orders pages ask for."""

    def by_role(self) -> "AttendanceQuerySet":
        """Order them as lists read, in the order of the roles, each in the order of the invitations."""
        ranks = [When(role=role, then=Value(rank)) for rank, role in enumerate(Role.values)]
        return self.order_by(Case(*ranks), "id")


class Attendance(models.Model):
    """One person at one meeting. Weights: `heads` in persons, `area` in 0.01 m2.

    `signed_in_at` is the first time in, `signed_out_at` the last time out; present means in and not out.
    `capacity` is the office (or the word) in which the person sits here. Where `guardian_name` is set, the seat is a
    minor's or an incapable person's, and it is the guardian (with the account `guardian`, if any) who comes and votes.
    """

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="attendances")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="attendances"
    )
    guardian = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="ward_attendances"
    )
    guardian_name = models.CharField(_("监护人"), max_length=50, blank=True)
    name = models.CharField(_("姓名"), max_length=100)
    place = models.CharField(_("房号"), max_length=100, blank=True)
    capacity = models.CharField(_("身份"), max_length=60, blank=True)
    role = models.CharField(_("角色"), max_length=8, choices=Role.choices, default=Role.MEMBER)
    is_stakeholder = models.BooleanField(_("利益相关方"), default=False)
    heads = models.PositiveIntegerField(_("人数"), default=1)
    area = models.PositiveBigIntegerField(_("面积（0.01平方米）"), default=0)
    reply = models.CharField(_("答复"), max_length=8, choices=Reply.choices, default=Reply.NONE)
    leave_reason = models.CharField(_("请假事由"), max_length=300, blank=True)
    replied_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    signed_in_at = models.DateTimeField(_("签到"), null=True, blank=True)
    signed_out_at = models.DateTimeField(_("签退"), null=True, blank=True)
    how = models.CharField(_("签到方式"), max_length=8, choices=How.choices, blank=True)
    override_reason = models.CharField(_("补签理由"), max_length=300, blank=True)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("与会人")
        verbose_name_plural = _("与会人")
        ordering = ["meeting", "id"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "user"], name="person_is_invited_once"),
            models.CheckConstraint(
                condition=Q(signed_in_at__isnull=True, signed_out_at__isnull=True, how="")
                | (Q(signed_in_at__isnull=False) & ~Q(how="")),
                name="signing_in_says_how",
            ),
            models.CheckConstraint(
                condition=~Q(how="override") | ~Q(override_reason=""), name="override_has_its_reason"
            ),
            models.CheckConstraint(
                condition=Q(signed_out_at__isnull=True) | Q(signed_out_at__gte=F("signed_in_at")),
                name="signed_out_after_in",
            ),
            models.CheckConstraint(condition=~Q(reply="leave") | ~Q(leave_reason=""), name="leave_has_its_reason"),
            models.CheckConstraint(
                condition=Q(guardian__isnull=True) | (~Q(guardian_name="") & Q(user__isnull=True)),
                name="ward_comes_with_the_guardian",
            ),
        ]
        indexes = [
            models.Index(fields=["meeting", "role", "signed_in_at"], name="attendances_of_meeting"),
            models.Index(fields=["user", "meeting"], name="meetings_of_user"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_present(self) -> bool:
        """Return whether the person is in the room now."""
        return self.signed_in_at is not None and self.signed_out_at is None


class Presence(models.Model):
    """One stay in the room, from in to out (open while `out_at` is null)."""

    attendance = models.ForeignKey(Attendance, models.PROTECT, related_name="presences")
    in_at = models.DateTimeField(_("进"))
    out_at = models.DateTimeField(_("出"), null=True, blank=True)

    class Meta:
        verbose_name = _("在场")
        verbose_name_plural = _("在场")
        ordering = ["attendance", "in_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["attendance"], condition=Q(out_at__isnull=True), name="in_the_room_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(out_at__isnull=True) | Q(out_at__gte=F("in_at")), name="presence_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attendance_id}: {self.in_at}"
