"""Forms of deliberation: the pages and the API read the same ones."""

from deliberation.forms.acting import ActForm
from deliberation.forms.registry import ACT_FORMS, MOVE_FORMS, form_of_act, form_of_move
from deliberation.forms.voices import OpinionForm, ProposeForm, RatingForm, TaskForm

__all__ = [
    "ACT_FORMS",
    "MOVE_FORMS",
    "ActForm",
    "OpinionForm",
    "ProposeForm",
    "RatingForm",
    "TaskForm",
    "form_of_act",
    "form_of_move",
]
