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
    more_than_issued = forms.BooleanField(label=_("已重新清点，收回的票仍多于发出的，本次投票无效"), required=False)


class WitnessForm(forms.Form):
    """Who saw an assisted vote."""

    witness = forms.CharField(label=_("见证人"), max_length=100)


class BoxForm(forms.Form):
    """A mobile box going out."""

    box = forms.CharField(label=_("票箱"), max_length=40)
    place = forms.CharField(label=_("去处"), max_length=200)
    seal = forms.CharField(label=_("封条号"), max_length=60)
    carriers = forms.CharField(
        label=_("随箱监票人"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("一行一人，至少三人。"),
    )


class BoxReturnForm(forms.Form):
    """A mobile box coming back, opened and counted."""

    papers = forms.IntegerField(label=_("箱内张数"), min_value=0, max_value=MAX_PAPERS)
    seal_intact = forms.BooleanField(label=_("封条完好"), required=False)


class PrintForm(forms.Form):
    """Which papers to print: those of the voters numbered so on the roll, or so many of a secret ballot."""

    first = forms.IntegerField(label=_("从名册第几号"), min_value=1, max_value=MAX_PAPERS)
    last = forms.IntegerField(label=_("到第几号"), min_value=1, max_value=MAX_PAPERS)


class PrintCountForm(forms.Form):
    """How many papers of a secret ballot to print."""

    last = forms.IntegerField(label=_("印几张"), min_value=1, max_value=MAX_PAPERS)
