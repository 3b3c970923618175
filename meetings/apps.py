"""Registers the app."""

from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    """Meetings."""

    name = "meetings"
    verbose_name = "会议"

    def ready(self) -> None:
        """Connect the receivers; say who conducts the ballots of a meeting, and where their pages lead back to."""
        from meetings import receivers  # noqa: F401, PLC0415 - models are ready only now
        from meetings.conducting import runs_the_meeting  # noqa: PLC0415 - the same
        from meetings.occasions import meeting_of  # noqa: PLC0415 - the same
        from voting.conducting import register_judge  # noqa: PLC0415 - the same
        from voting.occasions import register_occasion  # noqa: PLC0415 - the same

        register_judge(runs_the_meeting)
        register_occasion(meeting_of)
