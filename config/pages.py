"""Pages that belong to no room: the style page, what a phone shows without network, a request that cannot be read."""

import datetime as dt
import re
from types import SimpleNamespace
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from core import clock, qr
from core.requirements import Missing


class ExampleForm(forms.Form):
    """Every kind of field once."""

    title = forms.CharField(label="标题", max_length=40, help_text="一句话说清楚要办什么事。")
    body = forms.CharField(label="说明", widget=forms.Textarea, required=False)
    category = forms.ChoiceField(label="类别", choices=[("", "请选择"), ("lift", "加装电梯"), ("fund", "维修资金")])
    side = forms.ChoiceField(
        label="您的态度", choices=[("for", "支持"), ("against", "反对")], widget=forms.RadioSelect, required=False
    )
    photo = forms.FileField(label="照片", required=False, help_text="最多6张，每张不超过10MB。")
    agreed = forms.BooleanField(label="我已读过承诺书", help_text="提案公开时，您的姓名会隐去。")


def icon_names() -> list[str]:
    """Return the names of the icons in static/icons/sprite.svg, in its order. Reads the file."""
    sprite = (settings.BASE_DIR / "static/icons/sprite.svg").read_text(encoding="utf-8")
    return re.findall(r'<symbol id="(\w+)"', sprite)


def style(request: HttpRequest) -> HttpResponse:
    """Show every component with example facts: the page designers and the browser test look at."""
    today = clock.local_date()
    states = ["done", "done", "now", "ahead", "ahead"]
    keys = ["propose", "deliberate", "settle", "decide", "evaluate"]
    lines: list[dict[str, Any]] = [
        {
            "day": today - dt.timedelta(days=ago),
            "at": clock.now() - dt.timedelta(days=ago),
            "office": office,
            "who": who,
            "what": what,
            "reason": reason,
            "document": document,
            "document_url": "#",
        }
        for ago, office, who, what, reason, document in [
            (0, "书记", "李*", "发布方案公示", "", "〔2026〕12号"),
            (0, "网格员", "王**", "上传张贴照片", "", ""),
            (3, "主任", "张*", "要求补充材料", "缺少 3 幢 2 单元的测绘图", ""),
        ]
    ]
    context = {
        "steps": [
            {"key": key, "state": state, "date": today - dt.timedelta(days=20 - 6 * place), "days_left": 3}
            for place, (key, state) in enumerate(zip(keys, states, strict=True))
        ],
        "missing": [Missing("study", "党组织研究记录", "《居委会组织法》第三十条")],
        "met": [SimpleNamespace(sentence="方案第3版已定稿"), SimpleNamespace(sentence="名册公示期满，异议已答复")],
        "soon": today + dt.timedelta(days=2),
        "late": today - dt.timedelta(days=2),
        "calm": today + dt.timedelta(days=12),
        "today": today,
        "now": clock.now(),
        "options": [
            {"key": "for", "label": "同意"},
            {"key": "against", "label": "反对"},
            {"key": "abstain", "label": "弃权"},
        ],
        "vote_states": ["none", "chosen", "sending", "accepted", "retrying"],
        "qr": qr.data_url("http://127.0.0.1:8000/style/"),
        "paragraphs": [
            "根据《中华人民共和国民法典》第二百七十八条，3幢2单元业主提议加装电梯，经协商形成方案第3版，现予公示。",
            "方案总价312,000.00元，由13户业主按楼层系数分摊；施工期45天，由物业服务人负责日常养护。",
            "公示期内如有异议，请书面、实名向社区居民委员会提出，电话0817-2220000。",
        ],
        "lines": lines,
        "form": ExampleForm(),
        "wrong_form": ExampleForm({"title": "", "category": "lift"}, prefix="wrong"),
        "page": Paginator(range(100), 10).page(3),
        "tabs": [
            {"href": "#all", "label": _("全部"), "current": True, "count": 128},
            {"href": "#running", "label": _("公示中"), "current": False, "count": 4},
            {"href": "#ended", "label": _("已期满"), "current": False, "count": None},
        ],
        "facts": [("户数", "13户"), ("面积", "1,237.60平方米"), ("规则", "《民法典》第二百七十八条第一款")],
        "icons": icon_names(),
    }
    answer = render(request, "style.html", context)
    answer["X-Robots-Tag"] = "noindex"
    return answer


def offline(request: HttpRequest) -> HttpResponse:
    """Say that there is no network; the service worker keeps this page."""
    return render(request, "offline.html")


def service_worker(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django passes it
    """Serve static/js/service_worker.js from the root: a worker covers only what stands below its own address."""
    script = (settings.BASE_DIR / "static/js/service_worker.js").read_text(encoding="utf-8")
    return HttpResponse(script, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that cannot be read; one that says too much learns the limit."""
    if not isinstance(exception, RequestDataTooBig):
        return render(request, "400.html", status=400)
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20
    sentence = _("内容太多：一次提交的文字不能超过%(limit)d MB，没有保存。") % {"limit": limit}
    return render(request, "errors/422.html", {"sentence": sentence}, status=413)


class TextMiddleware(MiddlewareMixin):
    """Refuses a form with a NUL, which PostgreSQL cannot hold; what needs no form token reads its body itself.

    Stands after the CSRF check, which has read the form.
    """

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _words: Any) -> HttpResponse | None:
        """Return the page that says so; nothing is raised, which would put a traceback in the log for a wrong form."""
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return None
        if not any("\x00" in text for _name, texts in request.POST.lists() for text in texts):
            return None
        sentence = _("填写的内容里有不能保存的空字符，没有保存。请返回，重新输入那一处。")
        return render(request, "errors/422.html", {"sentence": sentence}, status=400)
