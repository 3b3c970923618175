"""What a proposal may be about, how it may come in, who may decide it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Category(models.TextChoices):
    """What a proposal is about."""

    ELEVATOR = "elevator", _("加装电梯")
    PARKING = "parking", _("停车")
    MAINTENANCE_FUND = "maintenance_fund", _("维修资金")
    CHARGING = "charging", _("充电设施")
    WASTE = "waste", _("垃圾分类与点位")
    RENOVATION = "renovation", _("老旧小区改造")
    GREENING = "greening", _("绿化环境")
    SAFETY = "safety", _("安全")
    ELDERLY = "elderly", _("养老助残")
    COVENANT = "covenant", _("公约与秩序")
    OTHER = "other", _("其他")


class Source(models.TextChoices):
    """How a matter came in."""

    RESIDENT = "resident", _("居民提出")
    DESK = "desk", _("窗口登记")
    PHONE = "phone", _("电话登记")
    GRID_WORKER = "grid_worker", _("网格员上报")
    HOTLINE = "hotline", _("12345热线")
    INSTITUTION = "institution", _("驻区单位")
    REQUISITION = "requisition", _("联名动议")


class Electorate(models.TextChoices):
    """Who decides: the owners who bear the cost, the adults, the households, or the residents' representatives."""

    OWNERS = "owners", _("业主")
    ADULTS = "adults", _("十八周岁以上居民")
    HOUSEHOLDS = "households", _("户代表")
    REPRESENTATIVES = "representatives", _("居民代表")
