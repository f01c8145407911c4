"""What the strategy of an RFM class starts with: goal, owner, resources, and what its customers decide by.

The measures themselves are in the strategy library (`strategy_texts`, system rfm).
"""

from __future__ import annotations

from typing import NamedTuple

from .fields import Lang
from .labels import LABELS

Pair = tuple[str, str]

_DIRECTOR: Pair = ("销售总监", "Sales director")
_MANAGER: Pair = ("销售经理", "Sales manager")
_SELLER: Pair = ("销售专员", "Sales representative")
_SUCCESS: Pair = ("客户成功专员", "Customer success specialist")
_CARE: Pair = ("客服主管", "Customer service lead")
_MARKETING: Pair = ("市场专员", "Marketing specialist")
_OPERATIONS: Pair = ("销售运营", "Sales operations")


class PlanText(NamedTuple):
    """The texts of one class; `factors`: what its customers look at when they decide."""

    goal: Pair
    owner: Pair
    resources: Pair
    factors: Pair


_AT_RISK = PlanText(
    ("挽留复购，降低流失率", "Keep them and win the next order; lower the churn rate"),
    _SUCCESS,
    ("优惠政策预算、客服优先通道", "Discount budget, priority service line"),
    ("问题解决效率、竞品对比、优惠政策", "How fast problems are solved, what competitors offer, discounts"),
)
_NEW = PlanText(
    ("快速培育，促成第二单", "Onboard quickly and win the second order"),
    _CARE,
    ("新手资料、安装指导人员、第二单优惠券", "Starter guides, set-up support, voucher for the second order"),
    ("上手难易、交付是否守时、有没有人答疑", "Easy start, delivery on time, somebody who answers questions"),
)

RFM_PLAN_TEXTS: dict[str, PlanText] = {
    # five
    "five_high": PlanText(
        ("深化合作，提升 ARPU 值", "Deepen the partnership and raise ARPU"),
        _DIRECTOR,
        ("高层接待预算、定制化研发资源", "Budget for executive visits, engineers for customisation"),
        (
            "增值服务、定制化功能、专属客户成功经理；需技术、采购、管理层共同认可",
            "Added services, customisation, a dedicated contact; engineering, purchasing and management must agree",
        ),
    ),
    "five_new": _NEW,
    "five_potential": PlanText(
        ("促进转化，缩短决策周期", "Turn interest into orders and shorten the decision"),
        _SELLER,
        ("市场活动预算、试用账号资源", "Event budget, trial accounts"),
        (
            "性价比、案例背书、试用体验；对价格敏感，也看重功能是否匹配",
            "Value for money, reference cases, trial; price-sensitive but wants the right features",
        ),
    ),
    "five_essential": PlanText(
        ("守住年度采购，不被比价换走", "Secure the yearly purchase against competing quotes"),
        _MANAGER,
        ("排产与备货额度、备件维保服务", "Reserved production and stock, spare parts and maintenance"),
        ("供货保障、总拥有成本、维保响应", "Security of supply, total cost of ownership, maintenance response"),
    ),
    "five_risk": _AT_RISK,
    # eight
    "key_value": PlanText(
        ("巩固战略合作，共同制定年度目标", "Consolidate the strategic partnership with shared yearly goals"),
        _DIRECTOR,
        ("高管对接时间、优先供货与账期额度", "Executive time, priority supply and credit terms"),
        ("长期供货能力、联合开发、账期条件", "Long-term supply, joint development, payment terms"),
    ),
    "key_develop": PlanText(
        ("提高下单频次，年下单次数翻一倍", "Raise order frequency: twice as many orders a year"),
        _MANAGER,
        ("耗材与服务合同报价、分批付款额度", "Quotes for consumables and service contracts, staged payment"),
        ("单次总价、付款方式、后续服务", "Price of the whole order, way of payment, service afterwards"),
    ),
    "key_keep": PlanText(
        ("当月恢复采购节奏，查清少下单的原因", "Restore the buying rhythm this month and learn why it slowed"),
        _MANAGER,
        ("样品、差旅预算、交期协调权限", "Samples, travel budget, authority over delivery dates"),
        ("交期、质量稳定、价格是否变化", "Delivery time, steady quality, changes in price"),
    ),
    "key_win_back": PlanText(
        ("重启大单，三个月内拿下一次回归订单", "Revive the large account: one return order within three months"),
        _DIRECTOR,
        ("特批价格、升级方案的技术支持", "Specially approved price, engineers for the upgrade proposal"),
        ("升级带来的收益、特批价格、领导重视程度", "Gain from an upgrade, special price, attention from the top"),
    ),
    "general_value": PlanText(
        ("提高每单金额，向重要价值客户升级", "Raise the order value and move them up to key value"),
        _MARKETING,
        ("组合装与赠礼预算、积分权益", "Budget for bundles and gifts, loyalty benefits"),
        ("满额优惠、组合是否划算、积分权益", "Rebates, good bundles, loyalty benefits"),
    ),
    "general_develop": PlanText(
        ("培养使用习惯，促成第二单", "Build the habit of using and win the second order"),
        _MARKETING,
        ("体验装、入门资料", "Sample packs, starter material"),
        ("起订量低、试用门槛、产品是否易懂", "Small minimum order, easy trial, a product that explains itself"),
    ),
    "general_keep": PlanText(
        ("低成本唤回，恢复补货", "Bring them back at low cost and restart restocking"),
        _CARE,
        ("老客户券、短信与邮件触达", "Returning-customer vouchers, text and email"),
        ("补货方便、老客户优惠", "Easy restocking, discounts for regulars"),
    ),
    "general_win_back": PlanText(
        ("控制投入，只做批量触达", "Limit the effort to bulk contact"),
        _MARKETING,
        ("短信额度", "Text message allowance"),
        ("价格和促销", "Price and promotions"),
    ),
    # ten
    "champions": PlanText(
        ("转化为推荐人，带来新客户", "Turn them into advocates who bring new customers"),
        _DIRECTOR,
        ("推荐奖励、新品样品、年度伙伴奖", "Referral rewards, first samples, yearly partner award"),
        ("率先体验、合作荣誉、专属权益", "Being first, recognition, exclusive benefits"),
    ),
    "loyal": PlanText(
        ("提升单客价值，推荐更高配置", "Raise the value per customer with the next model up"),
        _MANAGER,
        ("会员权益、周年礼品预算", "Membership benefits, budget for anniversary gifts"),
        ("服务稳定、会员权益、升级后的收益", "Steady service, membership benefits, gain from an upgrade"),
    ),
    "potential_loyalists": PlanText(
        ("养成采购习惯，半年内升为忠诚客户", "Make buying a habit: loyal within six months"),
        _SELLER,
        ("阶梯价权限、配套服务试用", "Tiered prices, trial of a matching service"),
        ("阶梯价、配套是否齐全、对接人固定", "Tiered prices, matching products, one steady contact"),
    ),
    "new": _NEW,
    "promising": PlanText(
        ("趁印象还在，促成第二次下单", "Win the second order while memory is fresh"),
        _MARKETING,
        ("小额优惠券、使用技巧资料", "Small vouchers, usage tips"),
        ("口碑评价、小额试错成本", "Reviews, low cost of trying"),
    ),
    "need_attention": PlanText(
        ("一个月内明确需求，防止下滑", "Clarify their plans within a month before they slip"),
        _SELLER,
        ("限时报价权限", "Authority for time-limited quotes"),
        ("价格比较、响应速度", "Price comparison, speed of response"),
    ),
    "about_to_sleep": PlanText(
        ("沉睡前激活，促成补货", "Reactivate them before they go dormant"),
        _CARE,
        ("续单优惠、回访人力", "Reorder discount, time for calls"),
        ("补货方便、联系人是否熟悉", "Easy restocking, a contact they know"),
    ),
    "cant_lose": PlanText(
        ("一周内面谈，谈定续约条件", "Meet within a week and settle renewal terms"),
        _DIRECTOR,
        ("续约让利空间、高层拜访预算", "Room for concessions, budget for executive visits"),
        ("竞品差异、续约条件、高层承诺", "Difference to competitors, renewal terms, commitment from the top"),
    ),
    "at_risk": _AT_RISK,
    "hibernating": PlanText(
        ("核实存续，低成本唤醒或归档", "Check they still exist; wake them at low cost or archive"),
        _MARKETING,
        ("年度唤醒活动预算", "Budget of the yearly reactivation campaign"),
        ("清仓价格、新品吸引力", "Clearance prices, appeal of new products"),
    ),
    # every scheme
    "prospect_customer": PlanText(
        ("快速完成首单", "Win the first order quickly"),
        _SELLER,
        ("演示人员、试单价格、样品", "Demonstrators, trial-lot price, samples"),
        ("是否解决痛点、案例背书、试单成本", "Whether it solves the problem, reference cases, cost of a trial"),
    ),
    "incomplete": PlanText(
        ("补齐订单数据，完成评分", "Complete the order data so that they can be scored"),
        _OPERATIONS,
        ("财务与订单系统的导出权限", "Exports from accounting and the order system"),
        ("", ""),
    ),
}
"""Key of a class's label -> its texts."""

INDUSTRY_FACTORS: dict[Pair, Pair] = {
    ("制造业", "Manufacturing"): ("交期、质量稳定、售后响应", "Delivery time, steady quality, after-sales response"),
    ("零售业", "Retail"): ("价格、补货速度、促销支持", "Price, speed of restocking, support for promotions"),
    ("服务业", "Services"): ("响应速度、灵活付费、使用体验", "Fast response, flexible payment, ease of use"),
    ("教育", "Education"): ("预算周期、培训支持、口碑", "Budget cycle, training, reputation"),
    ("医疗", "Healthcare"): ("合规资质、可靠性、维保", "Compliance, reliability, maintenance"),
    ("建筑业", "Construction"): ("项目报价、工期配合、账期", "Project price, keeping to the schedule, credit terms"),
    ("信息技术", "Information technology"): (
        "功能匹配、数据对接、技术支持",
        "Right features, data integration, technical support",
    ),
    ("机构", "Institutions"): ("采购流程合规、服务保障、预算", "Compliant purchasing, guaranteed service, budget"),
}
"""Industry -> what decides there."""


def rfm_plan_text(label: str, lang: Lang) -> PlanText | None:
    """The texts of a class by its label in a language; None for a class of the user's own."""
    at = 0 if lang == "zh" else 1
    return next((texts for key, texts in RFM_PLAN_TEXTS.items() if LABELS[key][at] == label), None)


def decision_factors(group: str, lang: Lang) -> str:
    """What customers of an RFM class or an industry decide by; empty where nobody knows but the user."""
    at = 0 if lang == "zh" else 1
    texts = rfm_plan_text(group, lang)
    if texts is not None:
        return texts.factors[at]
    return next((factors[at] for names, factors in INDUSTRY_FACTORS.items() if names[at] == group), "")
