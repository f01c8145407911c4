"""The sample: an invented B2B customer base with two years of orders and contacts.

Every date counts back from `as_of`, so the same groups appear whatever the day. All random
numbers come from one seeded generator and none depends on the language: both languages tell the
same story, line by line.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from crm_xl.vocabulary.fields import Lang, Table
from crm_xl.vocabulary.records import CUSTOMERS, INTERACTIONS, ORDERS
from crm_xl.vocabulary.tables import TABLES

from .dice import Dice
from .sample_records import COMPLAINTS_TOLD, add_details, make_records
from .sample_tasks import make_tasks

Pair = tuple[str, str]
Row = dict[str, Any]

FEWEST, MOST = 40, 5000
LOG_DAYS = 728
YEAR_EDGE = (358, 367)
"""Days ago that may lie on either side of a 12-month window: nothing happens there."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Tables with the field keys as columns. Empty: '' for text, NaN for numbers, NaT for dates.

    Customer amounts are in 万元, order amounts in 元.
    """

    customers: pd.DataFrame
    orders: pd.DataFrame
    interactions: pd.DataFrame
    records: Mapping[str, pd.DataFrame]
    """Complaints, surveys, needs, points, tasks, by table name."""


@dataclass(frozen=True, slots=True)
class _Habit:
    """How one kind of customer buys: `share` of 200 customers, days counted back from `as_of`."""

    share: int
    kind: Literal["active", "occasional", "dormant", "lost"]
    value: Literal["high", "mid", "low"]
    spend: tuple[float, float]  # 万元 in 12 months; before them if there is nothing in them
    last: tuple[int, int]
    gap: tuple[int, int]
    since: tuple[int, int]
    most: int = 99  # orders


_HABITS = (
    _Habit(14, "active", "high", (14, 150), (1, 14), (12, 22), (150, 725)),
    _Habit(12, "occasional", "high", (14, 60), (6, 80), (46, 95), (240, 725)),
    _Habit(6, "dormant", "high", (14, 45), (96, 170), (25, 80), (300, 725)),
    _Habit(5, "lost", "high", (14, 40), (190, 310), (25, 80), (400, 725)),
    _Habit(16, "active", "mid", (2.8, 9), (1, 16), (14, 24), (120, 725)),
    _Habit(26, "occasional", "mid", (2.8, 9), (6, 80), (46, 110), (240, 725)),
    _Habit(12, "dormant", "mid", (2.8, 9), (96, 170), (25, 90), (240, 725)),
    _Habit(9, "lost", "mid", (2.8, 9), (190, 330), (25, 90), (380, 725)),
    _Habit(9, "active", "low", (0.5, 1.7), (1, 16), (14, 24), (120, 725)),
    _Habit(17, "occasional", "low", (0.3, 1.7), (6, 80), (46, 110), (240, 725)),
    _Habit(12, "dormant", "low", (0.3, 1.7), (96, 170), (25, 90), (240, 725)),
    _Habit(7, "lost", "low", (0.3, 1.7), (190, 330), (25, 90), (380, 725)),
    _Habit(7, "lost", "low", (0.6, 8), (372, 560), (25, 90), (600, 725)),
    # just won: one order
    _Habit(4, "active", "mid", (2.8, 6), (3, 27), (30, 30), (30, 30), most=1),
    _Habit(4, "active", "low", (0.3, 1.6), (3, 27), (30, 30), (30, 30), most=1),
    _Habit(3, "occasional", "mid", (2.8, 7), (65, 84), (30, 30), (90, 90), most=1),
    _Habit(3, "occasional", "low", (0.3, 1.6), (65, 84), (30, 30), (90, 90), most=1),
    # one large order a year
    _Habit(4, "dormant", "high", (16, 40), (110, 170), (363, 363), (600, 725), most=2),
    _Habit(3, "lost", "high", (16, 40), (190, 320), (363, 363), (300, 725), most=1),
)
_PROSPECTS = 20
# typed, not in the log: first and last order in days ago, annual spend in 万元, orders
_TYPED = (
    (1500, 40, 3.6, 38), (900, 70, 12.5, 14), (1100, 130, 5.2, 11), (1300, 240, 1.4, 6),
    (1000, 420, 0.0, 9), (75, 75, 0.8, 1),
)  # fmt: skip
_DATELESS = (6.8, 5)  # typed spend and orders without a date

_OWNERS: tuple[Pair, ...] = (
    ("陈立新", "Leo Chen"), ("林佳宁", "Jenny Lin"), ("周明远", "Martin Zhou"), ("许静文", "Sophie Xu"),
    ("何志强", "Kevin He"), ("孙雨桐", "Rita Sun"),
)  # fmt: skip
_PLACES: tuple[tuple[Pair, tuple[Pair, ...]], ...] = (
    (("华东", "East China"), (("上海", "Shanghai"), ("苏州", "Suzhou"), ("杭州", "Hangzhou"),
                            ("宁波", "Ningbo"), ("南京", "Nanjing"), ("无锡", "Wuxi"))),
    (("华南", "South China"), (("广州", "Guangzhou"), ("深圳", "Shenzhen"), ("佛山", "Foshan"),
                             ("东莞", "Dongguan"))),
    (("华北", "North China"), (("北京", "Beijing"), ("天津", "Tianjin"), ("石家庄", "Shijiazhuang"))),
    (("华中", "Central China"), (("武汉", "Wuhan"), ("长沙", "Changsha"), ("郑州", "Zhengzhou"))),
    (("西南", "Southwest China"), (("成都", "Chengdu"), ("重庆", "Chongqing"), ("昆明", "Kunming"))),
    (("东北", "Northeast China"), (("沈阳", "Shenyang"), ("大连", "Dalian"), ("长春", "Changchun"))),
)  # fmt: skip
_PLACE_WEIGHTS = (36, 22, 14, 12, 10, 6)
_INDUSTRIES: tuple[tuple[Pair, tuple[Pair, ...]], ...] = (
    (("制造业", "Manufacturing"), (("机械有限公司", "Machinery Co., Ltd."),
        ("精密制造有限公司", "Precision Co., Ltd."), ("电子科技有限公司", "Electronics Co., Ltd."),
        ("汽车零部件有限公司", "Auto Parts Co., Ltd."), ("包装材料有限公司", "Packaging Co., Ltd."))),
    (("零售业", "Retail"), (("商贸有限公司", "Trading Co., Ltd."), ("百货有限公司", "Department Stores Ltd."),
        ("连锁超市有限公司", "Supermarkets Ltd."), ("家居用品有限公司", "Homeware Co., Ltd."))),
    (("服务业", "Services"), (("物流有限公司", "Logistics Co., Ltd."),
        ("物业服务有限公司", "Property Services Ltd."),
        ("餐饮管理有限公司", "Catering Ltd."), ("企业咨询有限公司", "Consulting Ltd."))),
    (("机构", "Institutions"), (("检测研究院", "Testing Institute"),
        ("技术转移中心", "Technology Transfer Centre"), ("产业服务中心", "Industry Service Centre"))),
    (("医疗", "Healthcare"), (("医疗器械有限公司", "Medical Devices Co., Ltd."),
        ("口腔门诊部", "Dental Clinic"), ("康复医院", "Rehabilitation Hospital"),
        ("健康管理有限公司", "Health Management Ltd."))),
    (("教育", "Education"), (("教育科技有限公司", "Education Technology Ltd."),
        ("职业培训学校", "Vocational School"), ("图书有限公司", "Books Ltd."))),
    (("建筑业", "Construction"), (("建设工程有限公司", "Construction Co., Ltd."),
        ("建材有限公司", "Building Materials Co., Ltd."), ("装饰工程有限公司", "Interiors Ltd."))),
    (("信息技术", "Information technology"), (("软件有限公司", "Software Ltd."),
        ("网络科技有限公司", "Networks Ltd."), ("数据服务有限公司", "Data Services Ltd."))),
)  # fmt: skip
_INDUSTRY_WEIGHTS = (32, 20, 14, 7, 9, 7, 6, 5)
# company words: head + tail
_HEADS: tuple[Pair, ...] = tuple(zip(
    "澄岚栩沐霁弈砚屿霖珩昀煦蔚珞笙翎钧淳晟茗谧嵘湛琅",
    ("North", "Silver", "Blue", "Oak", "Amber", "Stone", "River", "Cloud", "Maple", "Iron", "Bright",
     "Cedar", "Copper", "Crane", "East", "Golden", "Green", "Harvest", "Jade", "Lotus", "Pearl", "Pine",
     "Red", "Summit"),
    strict=True,
))  # fmt: skip
_TAILS: tuple[Pair, ...] = tuple(zip(
    "舟野川汀砺桐漾拓衡朔穗铭骋垣桥棠辰阔越禾",
    ("field", "bridge", "stream", "harbour", "gate", "wood", "wave", "path", "scale", "peak", "grain", "mark",
     "ride", "wall", "span", "blossom", "star", "plain", "crest", "leaf"),
    strict=True,
))  # fmt: skip
# names that wildcard matching and masking have to get right
_ODD_NAMES: tuple[tuple[int, Pair], ...] = (
    (1, ("A*贸易有限公司", "A* Trading Co., Ltd.")),
    (0, ("B*机械有限公司", "B* Machinery Co., Ltd.")),
    (7, ("Y?数码有限公司", "Y? Digital Ltd.")),
)
_LONG_IDS = ("913200002024060171", "913200002024060172")
_SIZES: tuple[Pair, ...] = (
    ("<50人", "<50"), ("50-100人", "50-100"), ("100-200人", "100-200"), ("200-500人", "200-500"),
    ("500-1000人", "500-1000"), (">1000人", ">1000"),
)  # fmt: skip
_SIZE_WEIGHTS = {
    "high": (2, 8, 18, 32, 26, 14), "mid": (12, 26, 28, 22, 9, 3), "low": (38, 32, 18, 9, 2, 1),
}  # fmt: skip
_SURNAMES: tuple[Pair, ...] = tuple(zip(
    "王李张刘陈杨赵黄周吴徐马朱胡郭高罗郑梁谢",
    ("Wang", "Li", "Zhang", "Liu", "Chen", "Yang", "Zhao", "Huang", "Zhou", "Wu", "Xu", "Ma", "Zhu", "Hu",
     "Guo", "Gao", "Luo", "Zheng", "Liang", "Xie"),
    strict=True,
))  # fmt: skip
_GIVEN: tuple[Pair, ...] = (
    ("思远", "Simon"), ("雅琴", "Grace"), ("建平", "James"), ("晓雯", "Wendy"), ("志远", "Alan"),
    ("海燕", "Helen"), ("文博", "Ben"), ("丽娟", "Lucy"), ("永康", "Victor"), ("欣怡", "Cindy"),
)  # fmt: skip
# position, and how the contact is called when the name is masked
_POSITIONS: tuple[tuple[Pair, Pair], ...] = (
    (("采购经理", "Purchasing manager"), ("经理", "Ms.")),
    (("总经理", "General manager"), ("总", "Mr.")),
    (("供应链总监", "Supply chain director"), ("总监", "Mr.")),
    (("行政主管", "Office supervisor"), ("主管", "Ms.")),
    (("技术主任", "Technical lead"), ("主任", "Mr.")),
    (("运营经理", "Operations manager"), ("经理", "Mr.")),
)
_POSITION_WEIGHTS = (36, 16, 12, 14, 8, 14)
# ratings 1 to 5: satisfaction, then potential and strategic importance
_SATISFACTION = {
    "active": (1, 3, 14, 42, 40),
    "occasional": (2, 6, 24, 44, 24),
    "dormant": (12, 20, 34, 26, 8),
    "lost": (16, 26, 34, 18, 6),
    "prospect": (1, 1, 1, 1, 1),
}
_PROMISE = {"high": (2, 6, 22, 40, 30), "mid": (8, 20, 38, 26, 8), "low": (26, 34, 26, 10, 4)}
_ROADS: tuple[Pair, ...] = (
    ("创新路", "Chuangxin Road"), ("科技大道", "Keji Avenue"), ("工业园路", "Gongyeyuan Road"),
    ("人民路", "Renmin Road"), ("滨河路", "Binhe Road"), ("发展大道", "Fazhan Avenue"),
)  # fmt: skip
_DISTRICTS: tuple[Pair, ...] = (
    ("高新区", "Hi-tech Zone"),
    ("经开区", "Development Zone"),
    ("新区", "New Area"),
)
_SOURCES: tuple[Pair, ...] = (
    ("展会合作", "Trade fair"), ("线上咨询", "Online enquiry"), ("线下拜访", "Field visit"),
    ("老客户介绍", "Referral"), ("官网", "Website"), ("社交媒体", "Social media"),
)  # fmt: skip
_ENQUIRY: tuple[Pair, ...] = (
    ("电话", "Phone"),
    ("官网", "Website"),
    ("展会", "Trade fair"),
    ("微信", "WeChat"),
)
_CLASSES: tuple[Pair, ...] = (("VIP", "VIP"), ("普通", "Standard"), ("潜力", "Potential"))
_FOLLOW_UP: dict[str, Pair] = {
    "active": ("合作中", "In business"),
    "occasional": ("合作中", "In business"),
    "dormant": ("待唤醒", "To reactivate"),
    "lost": ("已流失", "Lost"),
    "prospect": ("跟进中", "In contact"),
}
# product, its gross margin
_PRODUCTS: tuple[tuple[Pair, float], ...] = (
    (("A产品标准版", "Product A Standard"), 0.22),
    (("A产品专业版", "Product A Professional"), 0.28),
    (("定制服务", "Custom service"), 0.38),
    (("定制服务年度维保", "Custom service: annual maintenance"), 0.42),
    (("综合解决方案", "Full solution"), 0.33),
    (("综合解决方案智能升级包", "Full solution: smart upgrade"), 0.36),
)
_FAMILIES: tuple[Pair, ...] = (
    ("A产品", "Product A"), ("定制服务", "Custom service"), ("综合解决方案", "Full solution"),
)  # fmt: skip
_CHANNELS: tuple[Pair, ...] = (
    ("直销", "Direct sales"), ("官网", "Website"), ("经销商", "Distributor"),
    ("电商平台", "Online marketplace"),
)  # fmt: skip
_CAUSES: tuple[Pair, ...] = (
    ("价格", "Price"), ("竞品", "Competitor"), ("服务响应", "Service response"), ("功能", "Features"),
    ("需求变化", "Changed needs"), ("其他", "Other"),
)  # fmt: skip
_COMPETITORS: tuple[Pair, ...] = (
    ("竞品甲", "Competitor A"),
    ("竞品乙", "Competitor B"),
    ("竞品丙", "Competitor C"),
)
_NOTES: tuple[Pair, ...] = (
    ("偏好定制化产品", "Prefers customised products"),
    ("对价格敏感，报价前先核对竞品", "Price-sensitive: check competitors before quoting"),
    ("每年3月做预算，2月底前联系", "Budgets in March: get in touch before the end of February"),
    ("要求月结30天", "Asks for payment within 30 days of month end"),
    ("售后响应要求不超过2小时", "Expects after-sales response within 2 hours"),
    ("采购与技术两个部门共同决策", "Purchasing and engineering decide together"),
    ("可安排参观样板工厂", "Would like to visit a reference plant"),
)
_NO_DATE_NOTE: Pair = ("由旧台账转入，合作日期待核对", "Taken over from an old list, dates to be checked")

_METHODS: dict[str, Pair] = {
    "phone": ("电话", "Phone"), "meeting": ("会议", "Meeting"), "email": ("邮件", "Email"),
    "visit": ("拜访", "Visit"), "wechat": ("微信", "WeChat"), "sms": ("短信", "SMS"),
    "social": ("社交媒体", "Social media"), "web": ("官网", "Website"), "fair": ("展会", "Trade fair"),
    "service": ("服务", "Service"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Talk:
    """One kind of contact: its methods, what was said, whether it waits for an answer of ours."""

    purpose: Pair
    methods: tuple[str, ...]
    said: tuple[Pair, ...]
    answered: bool = False


_TALKS: dict[str, _Talk] = {
    "enquiry": _Talk(("咨询", "Enquiry"), ("phone", "wechat", "web", "email"), (
        ("询问交期和最小起订量", "Asked about delivery time and minimum order"),
        ("索要最新报价单", "Asked for the current price list"),
        ("了解产品升级后的兼容性", "Asked whether the upgrade is compatible"),
        ("咨询年度合作折扣", "Asked about a discount for a yearly agreement"),
    ), answered=True),
    "follow_up": _Talk(("回访", "Follow-up"), ("phone", "visit", "wechat", "meeting"), (
        ("回访使用情况，客户反馈正常", "Checked on use: all in order"),
        ("确认下季度采购计划", "Went through next quarter's purchasing plan"),
        ("了解近期未下单的原因", "Asked why there were no recent orders"),
        ("沟通续约和价格条件", "Talked about renewal and prices"),
    )),
    "complaint": _Talk(("投诉", "Complaint"), ("phone", "email", "wechat"), COMPLAINTS_TOLD, answered=True),
    "material": _Talk(("资料发送", "Material sent"), ("email", "wechat", "sms"), (
        ("发送产品更新说明", "Sent the product update"),
        ("发送同行业案例白皮书", "Sent a white paper with cases from the industry"),
        ("发送年度合作方案", "Sent the proposal for a yearly agreement"),
    )),
    "trial": _Talk(("试用开通", "Trial opened"), ("email", "web", "phone"), (
        ("开通30天试用", "Opened a 30-day trial"),
        ("寄送样品一套", "Sent a set of samples"),
    )),
    "trial_used": _Talk(("试用激活", "Trial activated"), ("web", "phone"), (
        ("客户已登录试用并完成首次操作", "Customer logged in and finished the first task"),
        ("样品测试通过", "The sample passed the test"),
    )),
    "seminar": _Talk(("活动", "Event"), ("meeting", "web", "social"), (
        ("参加线上研讨会", "Joined the online seminar"),
        ("报名产品培训课程", "Signed up for product training"),
    )),
    "fair": _Talk(("活动", "Event"), ("fair",), (
        ("到展位参观新品", "Saw the new products at our stand"),
        ("在展会洽谈年度合作", "Discussed a yearly agreement at the fair"),
    )),
    "on_site": _Talk(("服务", "Service"), ("service", "visit"), (
        ("现场安装调试", "Installed and adjusted on site"),
        ("季度巡检，更换易损件", "Quarterly inspection, wear parts replaced"),
    ), answered=True),
    "remote": _Talk(("服务", "Service"), ("service", "phone", "wechat"), (
        ("远程协助解决操作问题", "Solved an operating problem remotely"),
        ("协助核对发票和对账单", "Helped to check invoices and statements"),
    ), answered=True),
}  # fmt: skip
# kinds of contact, and how often each happens
_WITH_CUSTOMER = (
    ("enquiry", "follow_up", "material", "seminar", "fair", "on_site", "remote"),
    (20, 36, 16, 7, 3, 9, 9),
)
_WITH_PROSPECT = (
    ("enquiry", "follow_up", "material", "trial", "trial_used", "seminar", "fair"),
    (22, 24, 26, 14, 6, 4, 4),
)
_CONNECTED: Pair = ("接通", "Connected")
_NO_ANSWER: Pair = ("未接通", "No answer")
_DONE: Pair = ("已完成", "Done")
_PENDING: Pair = ("待跟进", "To follow up")
# contacts: how many, between how many days ago
_CONTACTS = {
    "active": ((9, 16), (1, 600)),
    "occasional": ((5, 11), (2, 600)),
    "dormant": ((4, 9), (15, 600)),
    "lost": ((2, 7), (40, 700)),
    "prospect": ((1, 5), (2, 150)),
}


@dataclass(slots=True)
class _Customer:
    """A customer before it has a number; `buys` is [(days ago, yuan)], oldest first."""

    kind: str
    value: Literal["high", "mid", "low"]
    since: int
    buys: list[tuple[int, float]]
    typed: Row
    id: str = ""
    owner: str = ""


def make_sample(as_of: datetime.date, lang: Lang, *, customers: int = 200, seed: int = 20240601) -> Sample:
    """A sample of `customers` customers (40 to 5000) as it stands on `as_of`.

    With the default rules it holds every crossing of value and activity, prospects, a customer
    with missing facts, all lifecycle stages and all five RFM classes. The same arguments give the
    same tables.
    """
    if not FEWEST <= customers <= MOST:
        raise ValueError(f"customers: {FEWEST} to {MOST}, not {customers}")
    dice = Dice(seed)
    say = 0 if lang == "zh" else 1
    day = np.datetime64(as_of.isoformat()[:10], "D")

    people = _people(dice, customers, say)
    bought = _orders(dice, people, say, day)
    talked, complaints = _interactions(dice, people, say, day)
    rows = _customer_rows(dice, people, complaints, say, day)
    more = Dice(seed + 1)
    add_details(more, rows, bought, say, day)
    records = make_records(more, {p.id: p.kind for p in people}, rows, bought, talked, say, day)
    records["Tasks"] = make_tasks(Dice(seed + 2), rows, say, day)
    return Sample(
        _frame(CUSTOMERS, rows),
        _frame(ORDERS, bought),
        _frame(INTERACTIONS, talked),
        {name: _frame(TABLES[name], lines) for name, lines in records.items()},
    )


def _people(dice: Dice, count: int, say: int) -> list[_Customer]:
    """All customers with id and owner, oldest first."""
    people = [_typed(*facts) for facts in _TYPED]
    people.append(_Customer("occasional", "mid", 420, [], {"annual_spend": _DATELESS[0], "order_count": _DATELESS[1]}))
    shares = [h.share for h in _HABITS] + [_PROSPECTS]
    for index, number in enumerate(_apportion(count - len(people), shares)):
        for _ in range(number):
            if index < len(_HABITS):
                people.append(_buyer(dice, _HABITS[index]))
            else:
                people.append(_Customer("prospect", "low", dice.whole(5, 240), [], {}))
    mixed = [people[i] for i in dice.order(len(people))]
    mixed.sort(key=lambda p: -p.since)
    buyers = [p for p in mixed if p.buys]
    middle = len(buyers) // 2
    for person, long_id in zip(buyers[middle : middle + 2], _LONG_IDS, strict=True):
        person.id = long_id
    number = 0
    for person in mixed:
        person.owner = dice.pick(_OWNERS)[say]
        if not person.id:
            number += 1
            person.id = f"C{number:03d}"
    return mixed


def _typed(first: int, last: int, spend: float, count: int) -> _Customer:
    kind = "lost" if last > 180 else "dormant" if last > 92 else "occasional"
    facts: Row = {"first_order": first, "last_order": last, "annual_spend": spend, "order_count": count}
    return _Customer(kind, "high" if spend >= 10 else "mid" if spend >= 2 else "low", first, [], facts)


def _apportion(total: int, shares: Sequence[int]) -> list[int]:
    """Whole numbers in proportion to `shares` that add up to `total`; each at least 1."""
    spare = total - len(shares)
    exact = [spare * s / sum(shares) for s in shares]
    counts = [int(x) for x in exact]
    by_rest = sorted(range(len(shares)), key=lambda i: (counts[i] - exact[i], i))
    for i in by_rest[: spare - sum(counts)]:
        counts[i] += 1
    return [c + 1 for c in counts]


def _buyer(dice: Dice, habit: _Habit) -> _Customer:
    last = dice.whole(*habit.last)
    gap = dice.whole(*habit.gap)
    since = max(last, dice.whole(*habit.since))
    days = [last]
    for step in range(1, min(habit.most, 1 + (since - last) // gap)):
        ago = last + round(step * gap + dice.between(-0.3, 0.3) * gap)
        if ago <= LOG_DAYS and not YEAR_EDGE[0] <= ago <= YEAR_EDGE[1]:
            days.append(ago)
    sizes = [dice.between(0.6, 1.4) for _ in days]
    low, high = habit.spend
    spend = 10_000 * (low + (high - low) * dice.between(0, 1) ** 2)
    recent = sum(s for ago, s in zip(days, sizes, strict=True) if ago < YEAR_EDGE[0]) or sum(sizes)
    trend = dice.between(0.6, 1.2)  # what came before the last 12 months
    buys = [
        (ago, size * spend / recent * (1 if ago < YEAR_EDGE[0] else trend))
        for ago, size in zip(days, sizes, strict=True)
    ]
    return _Customer(habit.kind, habit.value, max(days), buys[::-1], {})


def _orders(dice: Dice, people: list[_Customer], say: int, day: np.datetime64) -> list[Row]:
    """Order lines by date. Some orders have several lines, a few are partly returned."""
    orders: list[tuple[int, _Customer, float, list[int]]] = []
    for person in people:
        usual = dice.order(len(_PRODUCTS))[: dice.whole(2, 4)]
        orders += [(ago, person, amount, usual) for ago, amount in person.buys]
    orders.sort(key=lambda o: -o[0])
    lines: list[tuple[int, Row]] = []
    refunds = 0
    for number, (ago, person, amount, usual) in enumerate(orders, start=1):
        channel = dice.pick(_CHANNELS, (56, 16, 18, 10))[say]
        collect = dice.whole(8, 35) if person.value == "high" else dice.whole(10, 65)
        paid = ago - collect >= 0 and not dice.chance(0.03)
        parts = min(len(usual), dice.pick((1, 2, 3, 4), (62, 26, 9, 3)))
        sizes = [dice.between(0.4, 1.6) for _ in range(parts)]
        for part, size in enumerate(sizes):
            product, margin = _PRODUCTS[usual[part]]
            line: Row = {
                "order_no": f"SO{number:05d}",
                "customer_id": person.id,
                "order_date": day - ago,
                "amount": float(max(5, round(amount * size / sum(sizes) / 10)) * 10),
                "product": product[say],
                "channel": channel,
                "margin": round(min(0.5, max(0.1, margin + dice.between(-0.1, 0.1))), 2),
            }
            if paid:
                line["paid_on"] = day - (ago - collect)
            lines.append((ago, line))
            if part == 0 and dice.chance(0.03):
                refunds += 1
                back = max(0, ago - dice.whole(0, 20))
                if ago > YEAR_EDGE[1]:
                    back = max(back, YEAR_EDGE[1] + 1)
                refund = {k: v for k, v in line.items() if k != "paid_on"}
                refund["order_date"] = day - back
                refund["amount"] = -float(round(line["amount"] * dice.between(0.05, 0.2)))
                if refunds % 2 == 0:
                    refund["order_no"] = f"RF{refunds // 2:04d}"
                lines.append((back, refund))
    lines.sort(key=lambda item: -item[0])
    return [line for _, line in lines]


def _interactions(
    dice: Dice, people: list[_Customer], say: int, day: np.datetime64
) -> tuple[list[Row], dict[str, int]]:
    """Contacts by date, and the complaints of each customer within 12 months."""
    talks: list[tuple[int, Row]] = []
    complaints: dict[str, int] = {}
    for person in people:
        (fewest, most), (latest, oldest) = _CONTACTS[person.kind]
        oldest = max(latest + 20, min(oldest, person.since + 30))
        angry = 0
        if person.kind != "prospect":
            weights = (60, 22, 12, 6) if person.kind in ("dormant", "lost") else (82, 13, 4, 1)
            angry = dice.pick((0, 1, 2, 3), weights)
            complaints[person.id] = angry
        kinds = _WITH_PROSPECT if person.kind == "prospect" else _WITH_CUSTOMER
        when = [(dice.whole(latest, oldest), dice.pick(*kinds)) for _ in range(dice.whole(fewest, most))]
        when += [(dice.whole(latest, min(340, oldest)), "complaint") for _ in range(angry)]
        soonest = min(ago for ago, _ in when)
        for ago, name in when:
            talk = _TALKS[name]
            method = dice.pick(talk.methods)
            if method == "phone":
                outcome = dice.pick((_CONNECTED, _NO_ANSWER), (78, 22) if name == "follow_up" else (1, 0))
            else:
                outcome = dice.pick((_DONE, _PENDING), (85, 15))
            row: Row = {
                "contact_date": day - ago,
                "customer_id": person.id,
                "method": _METHODS[method][say],
                "purpose": talk.purpose[say],
                "content": dice.pick(talk.said)[say] if outcome != _NO_ANSWER else "",
                "outcome": outcome[say],
                "owner": person.owner,
            }
            if talk.answered:
                row["response_hours"] = round(dice.between(0.5, 7) ** dice.pick((1, 2), (70, 30)), 1)
            ahead = dice.whole(2, 45)
            if ago == soonest and dice.chance(0.6):
                row["next_contact"] = day + ahead
            elif dice.chance(0.15):
                row["next_contact"] = day - ago + ahead
            talks.append((ago, row))
    talks.sort(key=lambda item: -item[0])
    return [row for _, row in talks], complaints


def _customer_rows(
    dice: Dice, people: list[_Customer], complaints: dict[str, int], say: int, day: np.datetime64
) -> list[Row]:
    names = _Names(dice, say)
    phones = dice.order(10_000)
    rows: list[Row] = []
    for index, person in enumerate(people):
        (region, cities) = dice.pick(_PLACES, _PLACE_WEIGHTS)
        city = dice.pick(cities)
        if index % 11 == 4 and names.odd:
            trade, name = names.odd.pop(0)
            industry = _INDUSTRIES[trade][0]
        else:
            industry, endings = dice.pick(_INDUSTRIES, _INDUSTRY_WEIGHTS)
            name = names.next(city[say] if dice.chance(0.6) else "", dice.pick(endings)[say])
        position, masked = dice.pick(_POSITIONS, _POSITION_WEIGHTS)
        surname, given = dice.pick(_SURNAMES)[say], dice.pick(_GIVEN)[say]
        if dice.chance(0.6):
            contact = f"{surname}*{masked[say]}" if say == 0 else f"{masked[say]} {surname[0]}***"
        else:
            contact = surname + given if say == 0 else f"{given} {surname}"
        number, road, district = dice.whole(1, 399), dice.pick(_ROADS)[say], dice.pick(_DISTRICTS)[say]
        prospect = person.kind == "prospect"
        rating = dice.pick((1, 2, 3, 4, 5), _SATISFACTION[person.kind])
        promise = _PROMISE[person.value]
        row: Row = {
            "customer_id": person.id,
            "customer_name": name,
            "customer_type": ("企业", "Company")[say],
            "industry": industry[say],
            "company_size": dice.pick(_SIZES, _SIZE_WEIGHTS[person.value])[say],
            "contact": contact,
            "position": position[say],
            "phone": f"1380000{phones[index]:04d}",
            "address": f"{city[0]}市{district}{road}{number}号"
            if say == 0
            else f"{number} {road}, {district}, {city[1]}",
            "country": ("中国", "China")[say],
            "region": region[say],
            "city": city[say],
            "source": dice.pick(_SOURCES, (24, 18, 16, 22, 14, 6))[say],
            "owner": person.owner,
            "follow_up": _FOLLOW_UP[person.kind][say],
            "channel": dice.pick(_ENQUIRY, (40, 22, 20, 18))[say],
            "account_class": _account_class(dice, person)[say],
            "potential": dice.pick((1, 2, 3, 4, 5), promise),
            "strategic": dice.pick((1, 2, 3, 4, 5), promise),
            "updated_on": day - (dice.whole(1, 85) if dice.chance(0.92) else dice.whole(95, 240)),
        }
        family = dice.pick(_FAMILIES)[say]
        if not person.buys and not (prospect and dice.chance(0.3)):
            row["preference"] = family
        if not prospect:
            row["complaints"] = complaints[person.id]
            if dice.chance(0.88):
                row["satisfaction"] = rating
        if person.kind == "lost" and dice.chance(0.75):
            cause = dice.pick(_CAUSES, (28, 24, 18, 12, 14, 4))
            row["churn_cause"] = cause[say]
            if cause[0] in ("价格", "竞品"):
                row["competitor"] = dice.pick(_COMPETITORS)[say]
        if dice.chance(0.12):
            row["note"] = dice.pick(_NOTES)[say]
        for key, value in person.typed.items():
            row[key] = day - value if key in ("first_order", "last_order") else value
        if person.typed and "last_order" not in person.typed:
            row["note"] = _NO_DATE_NOTE[say]
        rows.append(row)
    return rows


def _account_class(dice: Dice, person: _Customer) -> Pair:
    if person.kind == "prospect":
        return _CLASSES[-1]
    return dice.pick(_CLASSES, {"high": (70, 20, 10), "mid": (10, 60, 30), "low": (1, 84, 15)}[person.value])


class _Names:
    """Company names, never the same twice; a word comes back only when all have been used."""

    def __init__(self, dice: Dice, say: int) -> None:
        self.words = [_HEADS[i // len(_TAILS)][say] + _TAILS[i % len(_TAILS)][say]
                      for i in dice.order(len(_HEADS) * len(_TAILS))]  # fmt: skip
        self.odd = [(trade, name[say]) for trade, name in _ODD_NAMES]
        self.blank = " " if say else ""
        self.at = 0
        self.used: set[str] = set()

    def next(self, place: str, ending: str) -> str:
        while True:
            stem = self.words[self.at % len(self.words)] + self.blank + ending
            self.at += 1
            if stem not in self.used:
                self.used.add(stem)
                return f"{place}{self.blank}{stem}" if place else stem


def _frame(table: Table, rows: list[Row]) -> pd.DataFrame:
    """Rows as a table with all of its fields, in the types that `Sample` promises."""
    columns: dict[str, pd.Series[Any]] = {}
    for field in table.fields:
        if field.kind == "date":
            dates = np.array([row.get(field.key, "NaT") for row in rows], dtype="datetime64[s]")
            columns[field.key] = pd.Series(dates)
        elif field.kind in ("number", "count", "money", "ratio", "rating"):
            numbers = np.array([row.get(field.key, np.nan) for row in rows], dtype=np.float64)
            columns[field.key] = pd.Series(numbers)
        else:
            columns[field.key] = pd.Series([row.get(field.key, "") for row in rows], dtype="str")
    return pd.DataFrame(columns)
