"""Customer lists in which some are there twice, and who is whom: with typing errors, other legal forms, places and
phones, and with neighbours that only look alike."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field


def _words(text: str) -> list[str]:
    return text.split()


_BRAND = "宏远鼎盛恒泰华瑞锦程天翔海纳博雅卓越金鹏银河星辰东方西域南洋北辰嘉禾丰润佳美康宁安泰顺达通利源隆昌茂荣光明辉煌联创智慧云峰雪松玉龙飞虎骏马凤凰青松翠竹春晖秋实夏雨冬阳万里千帆百川九州四海五岳七彩"
_TRADES = _words(
    "科技 贸易 机械 电子 食品 服饰 建材 物流 化工 医药 家具 印刷 包装 广告 装饰 软件 网络 汽配 纺织 五金 塑料 模具 仪器 能源 环保 农业 文化"
    " 餐饮 教育咨询 信息技术 电气设备 精密制造 生物工程 供应链管理 自动化 新材料 国际货运 房地产 园林绿化 酒店管理"
)
_FORMS = ("有限公司", "有限责任公司", "股份有限公司", "集团有限公司", "公司", "(集团)有限公司", "")
_CITIES = {
    "上海": "上海", "北京": "北京", "杭州": "浙江", "宁波": "浙江", "苏州": "江苏", "南京": "江苏", "深圳": "广东",
    "广州": "广东", "东莞": "广东", "成都": "四川", "武汉": "湖北", "长沙": "湖南", "西安": "陕西", "青岛": "山东",
    "济南": "山东", "郑州": "河南", "合肥": "安徽", "厦门": "福建", "沈阳": "辽宁", "天津": "天津",
}  # fmt: skip
_AREA = dict(
    zip(
        _CITIES,
        _words("021 010 0571 0574 0512 025 0755 020 0769 028 027 0731 029 0532 0531 0371 0551 0592 024 022"),
        strict=True,
    )
)
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱江尹薛闫段雷侯龙陶黎贺顾毛郝龚邵万钱严赖覃洪武莫孔"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰飞鹏建国志文俊海燕晓红宇浩博雪梅琳婷欣怡佳慧颖子涵梓轩嘉辰一诺思远"
_ENGLISH = _words(
    "apex north blue silver golden harbor summit orion delta vertex cedar falcon lumen quartz ridge sterling atlas beacon"
    " cobalt drift ember forge granite helix ivory jasper keystone lotus maple nimbus onyx pioneer quest raven sierra"
    " titan umbra vista willow zenith aurora bright crest dynamo evergreen frontier glacier horizon"
)
_WORK = _words(
    "trading logistics foods textiles engineering software electronics plastics chemicals packaging machinery motors"
    " furniture printing pharma solutions instruments components lighting ceramics"
)
_ENDINGS = (" Co., Ltd.", " Ltd", " Inc.", " GmbH", " LLC", " Corporation", " Company Limited", "")
HEADERS = ("customer_id", "customer_name", "contact", "phone", "city", "region")


@dataclass(slots=True)
class Customer:
    owner: int
    """Which customer it is: the same number, the same customer."""
    kind: str
    place: str
    core: str
    ending: str
    place_shown: str
    contact: str
    phone: str
    city: str

    @property
    def name(self) -> str:
        if self.kind != "zh":
            return self.core + self.ending
        if self.place_shown == "front":
            return f"{self.place}{self.core}{self.ending}"
        if self.place_shown == "city":
            return f"{self.place}市{self.core}{self.ending}"
        if self.place_shown == "brackets":
            return f"{self.core}({self.place}){self.ending}"
        return self.core + self.ending


@dataclass(slots=True)
class Duplicated:
    """`columns`: cells of the customers by field key; `owners`: which customer each row is."""

    columns: dict[str, list[str]]
    owners: list[int] = field(default_factory=list)

    def pairs(self) -> set[tuple[int, int]]:
        """The pairs of rows that are one customer."""
        rows: dict[int, list[int]] = {}
        for row, owner in enumerate(self.owners):
            rows.setdefault(owner, []).append(row)
        return {(a, b) for found in rows.values() for i, a in enumerate(found) for b in found[i + 1 :]}


def duplicated(count: int = 10_000, share: float = 0.08, seed: int = 1) -> Duplicated:
    """`count` rows, of which `share` are another row's customer once more."""
    dice = random.Random(seed)
    extra = round(count * share)
    people = _originals(dice, count - extra)
    rows = people + [_again(dice, dice.choice(people)) for _ in range(extra)]
    dice.shuffle(rows)
    columns: dict[str, list[str]] = {key: [] for key in HEADERS}
    for number, row in enumerate(rows):
        cells = (f"C{number:06}", row.name, row.contact, row.phone, row.city, _CITIES.get(row.city, ""))
        for key, cell in zip(HEADERS, cells, strict=True):
            columns[key].append(cell)
    return Duplicated(columns, [row.owner for row in rows])


def _originals(dice: random.Random, count: int) -> list[Customer]:
    made: list[Customer] = []
    taken: set[tuple[str, str]] = set()
    while len(made) < count:
        family = _family(dice) if dice.random() < 0.04 else [_one(dice)]
        for customer in family:
            key = (customer.core, customer.place)
            if key not in taken and len(made) < count:
                taken.add(key)
                customer.owner = len(made)
                made.append(customer)
    return made


def _one(dice: random.Random) -> Customer:
    kind = dice.choices(("zh", "en", "person"), (0.77, 0.15, 0.08))[0]
    place = dice.choice(list(_CITIES))
    contact = _person(dice)
    if kind == "zh":
        core = "".join(dice.choice(_BRAND) for _ in range(dice.choice((2, 2, 2, 3)))) + dice.choice(_TRADES)
        ending, shown = dice.choice(_FORMS[:6]), dice.choice(("front", "front", "city", "brackets", "no"))
    elif kind == "en":
        words = [dice.choice(_ENGLISH), dice.choice(_ENGLISH), dice.choice(_WORK)]
        core, ending, shown = " ".join(words).title(), dice.choice(_ENDINGS), "no"
    else:
        core, ending, shown = contact, "", "no"
    city = place if dice.random() < 0.8 else ""
    return Customer(0, kind, place, core, ending, shown, contact, _number(dice, place), city)


def _family(dice: random.Random) -> list[Customer]:
    """Customers that only look alike."""
    first = _one(dice)
    while first.kind != "zh":
        first = _one(dice)
    kind = dice.choice(("branches", "works", "number", "neighbour"))
    places = dice.sample(list(_CITIES), 4)
    if kind == "branches":
        return [_sister(dice, first, place=p, place_shown=dice.choice(("front", "brackets", "city"))) for p in places]
    if kind == "works":
        return [_sister(dice, first, core=f"{first.core}{n}厂", ending="") for n in "一二三"]
    if kind == "number":
        brand = "".join(dice.choice(_BRAND) for _ in range(2))
        trade = dice.choice(("医院", "中学", "建筑工程公司", "机床厂", "人民医院"))
        return [_sister(dice, first, core=f"{brand}第{n}{trade}", ending="", place_shown="front") for n in "一二三"]
    other = first.core[0] + dice.choice(_BRAND) + first.core[2:]
    return [first, _sister(dice, first, core=other)]


def _sister(dice: random.Random, first: Customer, **changes: str) -> Customer:
    """Another customer of nearly that name, with people and a phone of its own."""
    place = changes.get("place", first.place)
    given = {slot: getattr(first, slot) for slot in Customer.__slots__}
    given |= {"contact": _person(dice), "phone": _number(dice, place), "city": place if first.city else ""} | changes
    return Customer(**given)


def _again(dice: random.Random, first: Customer) -> Customer:
    """A customer as somebody else typed it."""
    again = Customer(**{slot: getattr(first, slot) for slot in Customer.__slots__})
    edits = Counter(
        dice.choices(("form", "place", "typo", "swap", "drop", "width", "none"), (30, 25, 18, 8, 6, 15, 8), k=2)
    )
    if "form" in edits:
        again.ending = dice.choice(_FORMS if first.kind == "zh" else _ENDINGS if first.kind == "en" else ("",))
    if "place" in edits:
        again.place_shown = dice.choice(("front", "brackets", "no", "city"))
    for edit in ("typo", "swap", "drop"):
        if edit in edits and not (first.kind == "person" and edit == "drop"):
            again.core = _mistyped(dice, again.core, edit)
    if "width" in edits:
        again.ending = again.ending.replace("(", "（").replace(")", "）").replace(".", " ").upper()
        again.core = " ".join(again.core) if first.kind == "zh" and dice.random() < 0.2 else again.core.upper()
    again.phone = dice.choices(
        (first.phone, _reformatted(dice, first.phone), _number(dice, first.place), _near(dice, first.phone), ""),
        (40, 28, 16, 8, 8),
    )[0]
    if first.kind == "person":
        again.contact = again.core if dice.random() < 0.9 else ""
    else:
        again.contact = dice.choices((first.contact, "", _person(dice)), (75, 12, 13))[0]
    again.city = first.city if dice.random() < 0.75 else ""
    return again


def _mistyped(dice: random.Random, core: str, edit: str) -> str:
    at = dice.randrange(len(core) - 1)
    if edit == "swap":
        return core[:at] + core[at + 1] + core[at] + core[at + 2 :]
    if edit == "drop":
        return core[:at] + core[at + 1 :]
    letters = _BRAND if not core.isascii() else "abcdefghijklmnopqrstuvwxyz"
    return core[:at] + dice.choice(letters) + core[at + 1 :]


def _person(dice: random.Random) -> str:
    return dice.choice(_SURNAMES) + "".join(dice.choice(_GIVEN) for _ in range(dice.choice((1, 2, 2))))


def _number(dice: random.Random, place: str) -> str:
    if dice.random() < 0.7:
        return f"1{dice.choice('3578')}{dice.randrange(10**9):09}"
    return f"{_AREA[place]}-{dice.randrange(2, 9)}{dice.randrange(10**7):07}"


def _reformatted(dice: random.Random, phone: str) -> str:
    if "-" in phone:
        area, _, local = phone.partition("-")
        return dice.choice(
            (f"({area}){local}", f"+86 {area[1:]} {local}", f"{area}{local}", f"{phone}转{dice.randrange(100, 999)}")
        )
    parts = f"{phone[:3]} {phone[3:7]} {phone[7:]}"
    wide = phone.translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789"})
    return dice.choice((parts, parts.replace(" ", "-"), f"+86{phone}", f"86-{phone}", wide))


def _near(dice: random.Random, phone: str) -> str:
    at = len(phone) - 1 - dice.randrange(4)
    return phone[:at] + str((int(phone[at]) + dice.randrange(1, 10)) % 10) + phone[at + 1 :]
