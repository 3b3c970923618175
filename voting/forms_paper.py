"""Forms of the papers' page. The sums are checked by the operations, which name the field."""

from django import forms
from django.utils.translation import gettext_lazy as _

from voting.operations.paper import MAX_PAPERS


class IssueForm(forms.Form):
    """How many papers were handed out."""

    issued = forms.IntegerField(label=_("发出张数"), min_value=0, max_value=MAX_PAPERS)


class ReconcileForm(forms.Form):
    """What became of the papers."""

    returned = forms.IntegerField(label=_("收回张数"), min_value=0, max_value=MAX_PAPERS)
    unreturned = forms.IntegerField(label=_("未收回张数"), min_value=0, max_value=MAX_PAPERS)
    valid = forms.IntegerField(label=_("有效张数"), min_value=0, max_value=MAX_PAPERS)
    invalid = forms.IntegerField(label=_("无效张数"), min_value=0, max_value=MAX_PAPERS)


class WitnessForm(forms.Form):
    """Who saw an assisted vote."""

    witness = forms.CharField(label=_("见证人"), max_length=100)


class BoxForm(forms.Form):
    """A mobile box going out."""

    box = forms.CharField(label=_("票箱"), max_length=40)
    place = forms.CharField(label=_("去处"), max_length=200)
    carriers = forms.CharField(
        label=_("随箱监票人"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("一行一人，至少三人。"),
    )
