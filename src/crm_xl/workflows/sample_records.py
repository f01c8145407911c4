"""Complaints, survey answers, needs and points of the sample's customers, and what else is known of them.

All random numbers come from a generator of their own, so that customers and orders stay what they are.
Days are counted back from the sample's day; birthdays alone are fixed.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .dice import Dice

Pair = tuple[str, str]
Row = dict[str, Any]

YEAR = 365
OLD_LOG = (372, 720)
"""Days ago of complaints before the last 12 months."""


# what customers complain of, and the cause
_TROUBLES: tuple[tuple[Pair, Pair], ...] = (
    (("反映到货比约定晚了三天", "Delivery came three days late"), ("交付", "Delivery")),
    (("反映售后响应慢", "After-sales response was slow"), ("服务响应", "Service response")),
    (("反映部分产品有划痕，要求换货", "Some goods were scratched: asked for replacement"), ("产品质量", "Product quality")),
    (("反映发票信息有误", "The invoice had a mistake"), ("单据", "Paperwork")),
)  # fmt: skip
COMPLAINTS_TOLD: tuple[Pair, ...] = tuple(said for said, _ in _TROUBLES)
"""What customers complain of, as the contacts have it."""
_TOLD = {text: trouble for trouble in _TROUBLES for text in trouble[0]}

_SOLVED: Pair = ("已解决", "Resolved")
_HANDLING: Pair = ("处理中", "In progress")
_OPEN: Pair = ("未处理", "Open")
_VERDICTS: tuple[Pair, ...] = (
    ("满意", "Satisfied"), ("基本满意", "Mostly satisfied"), ("不满意", "Dissatisfied"),
)  # fmt: skip

_ORIGINS: tuple[Pair, ...] = (("问卷", "Questionnaire"), ("访谈", "Interview"), ("在线评价", "Online review"))
_POSITIVE: Pair = ("正面", "Positive")
_NEUTRAL: Pair = ("中性", "Neutral")
_NEGATIVE: Pair = ("负面", "Negative")
_PRAISE: tuple[Pair, ...] = (
    ("交期准，质量稳定", "On time and of steady quality"),
    ("售后工程师很专业", "The service engineer knew his job"),
    ("客户经理响应快，沟通顺畅", "Our account manager answers fast"),
    ("培训讲得清楚，上手快", "The training was clear, we started quickly"),
)
_MIXED: tuple[Pair, ...] = (
    ("产品不错，希望价格再优惠些", "Good product, the price could be better"),
    ("交期可以再快一点", "Delivery could be a little faster"),
    ("希望定期告知新品信息", "Please tell us regularly about new products"),
)
# what was said, what was done about it
_BLAME: tuple[tuple[Pair, Pair], ...] = (
    (("报修两天才有人联系", "It took two days until somebody called back"),
     ("纳入快速响应通道，专人跟踪", "Put on the fast lane with a person in charge")),
    (("同类产品竞品更便宜", "Competitors are cheaper"),
     ("按用量重新报价，赠送一年维保", "New quotation by volume, one year of maintenance free")),
    (("批次间质量有波动", "Quality differs between batches"),
     ("提供批次检测报告，增加出货抽检", "Test report with each batch, more checks before shipping")),
    (("换了对接人以后沟通不畅", "Since our contact changed, nobody understands us"),
     ("销售经理上门拜访，重新确认对接人", "Visit by the sales manager, contact person agreed anew")),
)  # fmt: skip
# recommendation 0 to 10 by satisfaction
_RECOMMEND = {1: (0, 3), 2: (2, 5), 3: (5, 7), 4: (7, 9), 5: (9, 10)}

_ASKED: tuple[Pair, ...] = (
    ("问卷", "Questionnaire"), ("访谈", "Interview"), ("拜访", "Visit"), ("电话", "Phone"),
)  # fmt: skip
_BASIC: Pair = ("基本", "Basic")
_LATENT: Pair = ("潜在", "Latent")
_EMOTIONAL: Pair = ("情感", "Emotional")
_PERSONAL: Pair = ("个性化", "Individual")
_PRICE: Pair = ("价格", "Price")
_QUALITY: Pair = ("质量", "Quality")
_NO: Pair = ("", "")
# kind, sensitive to, need
_NEEDS: tuple[tuple[Pair, Pair, Pair], ...] = (
    (_BASIC, _PRICE, ("大批量采购的阶梯价", "Volume prices for large orders")),
    (_BASIC, _PRICE, ("账期延长到60天", "Payment within 60 days")),
    (_BASIC, _QUALITY, ("每批附质检报告", "A test report with each batch")),
    (_BASIC, _QUALITY, ("交期稳定在两周内", "Delivery reliably within two weeks")),
    (_BASIC, _QUALITY, ("售后响应不超过2小时", "After-sales response within 2 hours")),
    (_LATENT, _QUALITY, ("与自家系统做数据对接", "Data connection to their own system")),
    (_LATENT, _NO, ("新厂投产后增加供货", "More supply once the new plant runs")),
    (_LATENT, _PRICE, ("旧设备以旧换新", "Trade-in for old equipment")),
    (_EMOTIONAL, _NO, ("重要节点有高层拜访", "Visits by our management on important dates")),
    (_EMOTIONAL, _NO, ("固定一位懂行业的对接人", "One contact person who knows the industry")),
    (_PERSONAL, _QUALITY, ("按产线尺寸定制规格", "Sizes made for their production line")),
    (_PERSONAL, _NO, ("专属培训与操作手册", "Training and manuals of their own")),
    (_PERSONAL, _PRICE, ("按需组合的服务套餐", "A service package put together to need")),
)
_NEED_WEIGHTS = (14, 8, 9, 12, 10, 8, 6, 5, 5, 6, 8, 5, 4)
_PRIORITIES: tuple[Pair, ...] = (("高", "High"), ("中", "Medium"), ("低", "Low"))
_NEED_STATES: tuple[Pair, ...] = (("未满足", "Unmet"), ("处理中", "In progress"), ("已满足", "Met"))

_BOUGHT: Pair = ("消费积分", "Purchase")
_GAINS: tuple[tuple[Pair, int], ...] = (
    (("推荐新客户", "Referral"), 300), (("参加活动", "Event"), 50), (("生日礼遇", "Birthday gift"), 100),
)  # fmt: skip
_REDEEMED: Pair = ("兑换礼品", "Redeemed")
YUAN_PER_POINT = 100

_BUSINESS: dict[Pair, tuple[Pair, ...]] = {
    ("制造业", "Manufacturing"): (
        ("机械零部件加工", "Machined parts"), ("电子元件生产", "Electronic components"),
        ("汽车配套件", "Car parts"), ("工业包装", "Industrial packaging"),
    ),
    ("零售业", "Retail"): (
        ("连锁超市经营", "Supermarket chain"), ("日用百货批发零售", "Household goods"),
        ("线上线下家居销售", "Furniture, online and in shops"),
    ),
    ("服务业", "Services"): (
        ("仓储与配送", "Storage and delivery"), ("园区物业管理", "Property management"), ("团体餐饮", "Catering"),
    ),
    ("机构", "Institutions"): (("检验检测", "Testing and inspection"), ("技术成果转化", "Technology transfer")),
    ("医疗", "Healthcare"): (
        ("医疗器械销售", "Medical devices"), ("口腔诊疗", "Dental care"), ("康复护理", "Rehabilitation"),
    ),
    ("教育", "Education"): (("职业技能培训", "Vocational training"), ("图书与教具", "Books and teaching aids")),
    ("建筑业", "Construction"): (
        ("市政工程施工", "Public works"), ("建材供应", "Building materials"), ("室内装饰", "Interior work"),
    ),
    ("信息技术", "Information technology"): (
        ("企业软件开发", "Business software"), ("系统集成", "System integration"), ("数据服务", "Data services"),
    ),
}  # fmt: skip
_TRADES = {text: trades for industry, trades in _BUSINESS.items() for text in industry}
# yearly revenue in 万元 by number of employees
_REVENUE = {
    "<50": (300, 2_000), "50-100": (1_500, 6_000), "100-200": (4_000, 15_000), "200-500": (10_000, 40_000),
    "500-1000": (30_000, 90_000), ">1000": (80_000, 300_000),
}  # fmt: skip
_SOLAR: Pair = ("公历", "Solar")
_LUNAR: Pair = ("农历", "Lunar")
_BORN = (1964, 1996)


def add_details(dice: Dice, customers: Sequence[Row], orders: Sequence[Row], say: int, day: np.datetime64) -> None:
    """Birthdays, contracts and what the company does, into the rows of the customers."""
    first: dict[str, np.datetime64] = {}
    for line in orders:
        first.setdefault(line["customer_id"], line["order_date"])
    for row in customers:
        since = first.get(row["customer_id"], row.get("first_order"))
        if dice.chance(0.72):
            # to the 28th: a day that every month has, solar or lunar
            born = datetime.date(dice.whole(*_BORN), dice.whole(1, 12), dice.whole(1, 28))
            row["birthday"] = np.datetime64(born.isoformat(), "D")
            row["birthday_calendar"] = dice.pick((_SOLAR, _LUNAR), (76, 24))[say]
        if dice.chance(0.8):
            row["email"] = f"{row['customer_id'].lower()}@example.com"
        if dice.chance(0.85):
            row["main_business"] = dice.pick(_TRADES[row["industry"]])[say]
        years, extra = dice.whole(5, 28), dice.whole(0, 364)
        if dice.chance(0.8):
            row["founded"] = day - (years * YEAR + extra)
        low, high = _REVENUE[row["company_size"].removesuffix("人")]
        revenue = low + (high - low) * dice.between(0, 1) ** 2
        if dice.chance(0.75):
            row["annual_revenue"] = float(round(revenue, -2))
        signed, term = dice.whole(0, 20), dice.pick((1, 2, 3), (60, 25, 15))
        if since is not None and dice.chance(0.8):
            row["signed_on"] = since - signed
            ends = row["signed_on"] + term * YEAR
            renewed = row["follow_up"] in _STILL_BUYING
            while renewed and ends <= day:
                ends += YEAR
            row["contract_end"] = ends


_STILL_BUYING = ("合作中", "In business")


def make_records(
    dice: Dice,
    kinds: Mapping[str, str],
    customers: Sequence[Row],
    orders: Sequence[Row],
    talks: Sequence[Row],
    say: int,
    day: np.datetime64,
) -> dict[str, list[Row]]:
    """Rows by table name, by date, for customers, orders and contacts as the sample has them.

    `kinds`: how each customer buys, by id. Complaints are those of the contacts and a few older ones.
    """
    return {
        "Complaints": _by_date(_complaints(dice, kinds, customers, talks, say, day), "complaint_date"),
        "Surveys": _by_date(_surveys(dice, kinds, customers, say, day), "survey_date"),
        "Needs": _by_date(_needs(dice, customers, say, day), "need_date"),
        "Loyalty": _by_date(_loyalty(dice, kinds, orders, say, day), "loyalty_date"),
    }


def _by_date(rows: list[Row], date: str) -> list[Row]:
    return sorted(rows, key=lambda row: row[date])


def _complaints(
    dice: Dice, kinds: Mapping[str, str], customers: Sequence[Row], talks: Sequence[Row], say: int, day: np.datetime64
) -> list[Row]:
    owner = {row["customer_id"]: row["owner"] for row in customers}
    told = [(t["contact_date"], t["customer_id"], _TOLD[t["content"]]) for t in talks if t["content"] in _TOLD]
    for customer, kind in kinds.items():
        if kind in ("dormant", "lost") and dice.chance(0.12):
            told.append((day - dice.whole(*OLD_LOG), customer, dice.pick(_TROUBLES)))
    rows: list[Row] = []
    for when, customer, (said, cause) in told:
        row: Row = {
            "complaint_date": when,
            "customer_id": customer,
            "content": said[say],
            "cause": cause[say],
            "handler": owner[customer],
        }
        hours = round(dice.between(2, 9) ** dice.pick((1, 2), (45, 55)), 1)
        took = int(hours // 24)
        gone = kinds[customer] in ("dormant", "lost")
        verdict = dice.pick(_VERDICTS, (20, 40, 40) if gone else (55, 35, 10))[say]
        if when + took <= day and not dice.chance(0.22 if gone else 0.1):
            row |= {"status": _SOLVED[say], "resolved_on": when + took, "handling_hours": hours, "verdict": verdict}
        else:
            row["status"] = dice.pick((_HANDLING, _OPEN), (65, 35))[say]
        rows.append(row)
    return rows


def _surveys(dice: Dice, kinds: Mapping[str, str], customers: Sequence[Row], say: int, day: np.datetime64) -> list[Row]:
    rows: list[Row] = []
    for customer in customers:
        typed = customer.get("satisfaction")
        kind = kinds[customer["customer_id"]]
        if typed is None or not dice.chance({"active": 0.75, "occasional": 0.6}.get(kind, 0.4)):
            continue
        dates = [dice.whole(4, 200)]
        if dice.chance(0.45):
            dates.append(dates[0] + dice.whole(150, 240))
        for back in dates:
            felt = typed if back == dates[0] else dice.whole(max(1, typed - 1), min(5, typed + 1))
            rows.append(_answer(dice, customer, felt, back, say, day))
    return rows


def _answer(dice: Dice, customer: Row, felt: int, back: int, say: int, day: np.datetime64) -> Row:
    near = [min(5, max(1, felt + dice.pick((-1, 0, 1), (20, 60, 20)))) for _ in range(3)]
    row: Row = {
        "survey_date": day - back,
        "customer_id": customer["customer_id"],
        "origin": dice.pick(_ORIGINS, (60, 25, 15))[say],
        "product_quality": near[0],
        "service": near[1],
        "experience": near[2],
        "satisfaction": felt,
        "recommend": dice.whole(*_RECOMMEND[felt]),
    }
    if felt >= 4:
        row["sentiment"] = _POSITIVE[say]
        if dice.chance(0.6):
            row["feedback"] = dice.pick(_PRAISE)[say]
    elif felt == 3:
        row["sentiment"] = _NEUTRAL[say]
        row["feedback"] = dice.pick(_MIXED)[say]
    else:
        said, done = dice.pick(_BLAME)
        state = dice.pick((_SOLVED, _HANDLING, _OPEN), (50, 25, 25) if back > 45 else (10, 40, 50))
        row |= {"sentiment": _NEGATIVE[say], "feedback": said[say], "status": state[say]}
        if state != _OPEN:
            row["measure"] = done[say]
    return row


def _needs(dice: Dice, customers: Sequence[Row], say: int, day: np.datetime64) -> list[Row]:
    rows: list[Row] = []
    for customer in customers:
        if not dice.chance(0.62):
            continue
        for _ in range(dice.pick((1, 2, 3), (50, 35, 15))):
            kind, sensitivity, need = dice.pick(_NEEDS, _NEED_WEIGHTS)
            back = dice.whole(3, 700)
            state = dice.pick(_NEED_STATES, (20, 30, 50) if back > 120 else (50, 40, 10))
            rows.append(
                {
                    "customer_id": customer["customer_id"],
                    "need_date": day - back,
                    "survey_method": dice.pick(_ASKED, (30, 25, 25, 20))[say],
                    "need": need[say],
                    "need_kind": kind[say],
                    "sensitivity": sensitivity[say],
                    "priority": dice.pick(_PRIORITIES, (30, 45, 25))[say],
                    "status": state[say],
                }
            )
    return rows


def _loyalty(dice: Dice, kinds: Mapping[str, str], orders: Sequence[Row], say: int, day: np.datetime64) -> list[Row]:
    """Points of four in ten buyers: for their latest orders, a gift now and then, no balance below 0."""
    bought: dict[str, list[Row]] = {}
    for line in orders:
        if line["amount"] > 0:
            bought.setdefault(line["customer_id"], []).append(line)
    rows: list[Row] = []
    for customer, lines in bought.items():
        if not dice.chance(0.4) or kinds[customer] == "lost":
            continue
        balance = 0
        last = lines[-1]["order_date"]
        for line in lines[-dice.whole(2, 6) :]:
            points = int(line["amount"] // YUAN_PER_POINT)
            balance += points
            rows.append(_points(customer, line["order_date"], points, _BOUGHT[say]))
        if dice.chance(0.35):
            reason, points = dice.pick(_GAINS)
            balance += points
            rows.append(_points(customer, last, points, reason[say]))
        if balance >= 200 and dice.chance(0.4):
            spent = int(balance * dice.between(0.2, 0.7)) // 50 * 50
            later = int((day - last).astype(int))
            if spent:
                rows.append(_points(customer, day - dice.whole(0, later), -spent, _REDEEMED[say]))
    return rows


def _points(customer: str, when: np.datetime64, points: int, reason: str) -> Row:
    return {"customer_id": customer, "loyalty_date": when, "points": points, "reason": reason}
