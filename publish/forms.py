"""Forms of publish. They check form only; the operations decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.fields import DayField
from publish.kinds import upheld_of
from publish.models import EvidenceMoment, EvidenceView


class ObjectionForm(forms.Form):
    """A resident's objection: written and with a real name."""

    name = forms.CharField(label=_("姓名"), max_length=50, help_text=_("异议须实名，只有经办人员看得到。"))
    phone = forms.CharField(
        label=_("电话"), max_length=20, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})
    )
    text = forms.CharField(
        label=_("异议内容"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("请写明对哪一条有异议、理由和依据。"),
    )
    is_mine = forms.BooleanField(label=_("以上内容由我本人提出，愿意留下姓名和电话"))

    def __init__(self, *args: Any, signed_in: bool = False, has_phone: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if signed_in:
            del self.fields["name"]
            if has_phone:
                del self.fields["phone"]


class RulingForm(forms.Form):
    """What was ruled on an objection, and why."""

    upheld = forms.TypedChoiceField(
        label=_("结论"),
        choices=(),  # said by the kind of the paper
        widget=forms.RadioSelect,
        coerce=lambda value: value == "yes",
    )
    ruling = forms.CharField(label=_("答复和理由"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, kind: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        upheld = gettext("异议成立，%(next)s") % {"next": upheld_of(kind)}
        self.fields["upheld"].choices = [("yes", upheld), ("no", _("异议不成立"))]  # type: ignore[attr-defined] # a choice


class ReasonForm(forms.Form):
    """Why a notice is withdrawn."""

    reason = forms.CharField(label=_("撤回理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class PlaceForm(forms.Form):
    """One more place."""

    place = forms.CharField(label=_("张贴地点"), max_length=200)


class EvidenceForm(forms.Form):
    """One photo of a posting."""

    moment = forms.ChoiceField(label=_("时点"), choices=EvidenceMoment.choices)
    view = forms.ChoiceField(label=_("景别"), choices=EvidenceView.choices)
    photo = forms.FileField(
        label=_("照片"), widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"})
    )


class SealForm(forms.Form):
    """A picture of the issuer's electronic seal."""

    image = forms.FileField(
        label=_("印章图片"),
        widget=forms.FileInput(attrs={"accept": "image/png"}),
        help_text=_("透明底的 PNG，不超过 1 MB。本平台不绘制印章，只使用您上传的图片。"),
    )
    width_mm = forms.IntegerField(
        label=_("宽度（毫米）"), initial=42, min_value=30, max_value=60, help_text=_("与实物印章一样大。")
    )


class DamageForm(forms.Form):
    """A posting was found damaged."""

    damage = forms.CharField(label=_("损毁情况"), max_length=200)
    on = DayField(label=_("发现日期"), required=False)


class RepostForm(forms.Form):
    """A damaged posting hangs again."""

    on = DayField(label=_("重新张贴日期"), required=False)


class VerifyForm(forms.Form):
    """A PDF to compare where the browser cannot do it itself."""

    file = forms.FileField(label=_("PDF 文件"), widget=forms.FileInput(attrs={"accept": "application/pdf"}))
