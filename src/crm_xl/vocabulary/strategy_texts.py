"""The default strategy library in Chinese and English: what to do about each built-in label."""

from __future__ import annotations

from typing import Literal, NamedTuple

StrategySystem = Literal["segment", "level", "rfm", "grade", "stage"]


class StrategyText(NamedTuple):
    """One row of the strategy library; `category` is the kind of measure, `department` who acts."""

    system: StrategySystem
    label_zh: str
    label_en: str
    category_zh: str
    category_en: str
    department_zh: str
    department_en: str
    zh: str
    en: str


_COMMUNICATION = ("沟通", "Communication")
_SERVICE = ("服务", "Service")
_MARKETING = ("营销", "Marketing")
_BY_MARKETING = ("市场", "Marketing")
_BY_SALES = ("销售", "Sales")
_BY_CARE = ("客服", "Customer service")

STRATEGY_TEXTS: tuple[StrategyText, ...] = (
    # value x activity
    StrategyText(
        "segment",
        "高价值活跃客户",
        "High-value · Active",
        *_SERVICE,
        *_BY_CARE,
        "配备专属客服，问题24小时内答复；新品上市优先体验；签年度合作协议，按全年采购额给阶梯折扣。",
        "Assign a dedicated service contact who answers within 24 hours, invite them first to try new "
        "products, and sign an annual agreement with volume discounts.",
    ),
    StrategyText(
        "segment",
        "高价值低频客户",
        "High-value · Occasional",
        *_COMMUNICATION,
        *_BY_SALES,
        "客户经理每月回访一次，问清采购计划和未下单的原因；把零散采购改为季度框架订单，锁定价格并预留库存。",
        "Have the account manager call monthly about buying plans, and turn scattered purchases into a "
        "quarterly framework order with a fixed price and reserved stock.",
    ),
    StrategyText(
        "segment",
        "高价值沉睡客户",
        "High-value · Dormant",
        *_COMMUNICATION,
        *_BY_SALES,
        "销售经理一周内一对一回访，当面说明产品更新；针对停单原因给出回归优惠套餐，必要时请主管出面拜访。",
        "Within a week, have the sales manager visit in person with the product updates and a "
        "welcome-back package that answers why orders stopped.",
    ),
    StrategyText(
        "segment",
        "高价值流失客户",
        "High-value · Lost",
        *_MARKETING,
        *_BY_SALES,
        "销售总监48小时内致电，查清败给了价格、竞品还是服务；限时给首单8折和补救方案，三个月内每两周跟进一次。",
        "The sales director calls within 48 hours to learn whether price, a competitor or service lost "
        "them, offers 20% off the first order back, and follows up fortnightly.",
    ),
    StrategyText(
        "segment",
        "中价值活跃客户",
        "Mid-value · Active",
        *_MARKETING,
        *_BY_SALES,
        "按现有用量推荐配套产品和组合装，第二个品类首单优惠；邀请参加行业研讨会，目标是一年内升入高价值。",
        "Recommend matching products and bundles from what they already use, give an opening discount on "
        "a second product line, and aim to lift them to high value within a year.",
    ),
    StrategyText(
        "segment",
        "中价值低频客户",
        "Mid-value · Occasional",
        *_COMMUNICATION,
        *_BY_SALES,
        "每月电话回访一次，弄清两次采购间隔长的原因；推出满额减免或按季订购的套餐，让下单更有规律。",
        "Call once a month to learn why the gaps between purchases are long, then offer a quarterly "
        "subscription or a minimum-order rebate to make ordering regular.",
    ),
    StrategyText(
        "segment",
        "中价值沉睡客户",
        "Mid-value · Dormant",
        *_MARKETING,
        *_BY_MARKETING,
        "发送产品更新邮件和同行案例，一周内电话跟进；给30天有效的回归优惠套餐，先促成一笔小额订单。",
        "Email the product updates with a case from their industry, phone within a week, and use a 30-day "
        "welcome-back package to win one small order first.",
    ),
    StrategyText(
        "segment",
        "中价值流失客户",
        "Mid-value · Lost",
        *_COMMUNICATION,
        *_BY_CARE,
        "做一次流失原因电话访谈，按价格、竞品、服务分类登记；原因已解决的发回归邀请和首单优惠，其余每季度问候一次。",
        "Interview them by phone and file the cause as price, competitor or service; where it is solved, "
        "invite them back with a first-order discount, otherwise greet them quarterly.",
    ),
    StrategyText(
        "segment",
        "低价值活跃客户",
        "Low-value · Active",
        *_MARKETING,
        *_BY_MARKETING,
        "下单勤、金额小：引导线上自助下单，降低服务成本；用满额包邮和加购折扣提高单笔金额，有潜力的升级跟进。",
        "They order often but little: move them to online self-service, raise the order size with free "
        "shipping and add-on discounts, and hand promising ones to sales.",
    ),
    StrategyText(
        "segment",
        "低价值低频客户",
        "Low-value · Occasional",
        *_SERVICE,
        *_BY_CARE,
        "纳入标准化服务，每月一封邮件或短信；每季度推一次通用型套餐，有回应的再由销售电话联系，不占用拜访时间。",
        "Keep them on standard service with one email or text a month and one general package a quarter; "
        "sales phones only those who respond.",
    ),
    StrategyText(
        "segment",
        "低价值沉睡客户",
        "Low-value · Dormant",
        *_MARKETING,
        *_BY_MARKETING,
        "用邮件或短信批量发送新品和限时优惠，不安排上门；两轮无回应的改为每半年联系一次，省下时间给更有价值的客户。",
        "Send new products and a limited-time offer by bulk email, with no visits; after two rounds "
        "without reply, contact them only every six months.",
    ),
    StrategyText(
        "segment",
        "低价值流失客户",
        "Low-value · Lost",
        *_COMMUNICATION,
        *_BY_MARKETING,
        "发一份三个问题的短问卷了解离开原因，附一张回归优惠券；仍无回应就停止投入，名单留存，每年集中唤醒一次。",
        "Send a three-question survey on why they left, with a return voucher; if nothing comes back, "
        "stop spending on them and try again once a year.",
    ),
    # activity alone
    StrategyText(
        "segment",
        "活跃",
        "Active",
        *_SERVICE,
        *_BY_CARE,
        "保持每月至少一次有内容的联系，及时告知新品和交期变化；订单完成后三天内做满意度回访，有投诉当天响应。",
        "Keep one useful contact a month about new products and delivery times, ask about satisfaction "
        "three days after each order, and answer complaints the same day.",
    ),
    StrategyText(
        "segment",
        "低频",
        "Occasional",
        *_COMMUNICATION,
        *_BY_SALES,
        "弄清客户的采购周期，在下一次采购前两周主动联系；提供定期配送或按季订购的方案，缩短两次下单的间隔。",
        "Learn the buying cycle, get in touch two weeks before the next purchase is due, and offer "
        "scheduled deliveries to shorten the gap between orders.",
    ),
    StrategyText(
        "segment",
        "沉睡",
        "Dormant",
        *_MARKETING,
        *_BY_SALES,
        "先发产品更新邮件，再由负责人一对一回访；配合限时的回归优惠套餐，争取在本月内恢复第一单。",
        "Email what has changed in the products, follow with a personal visit by the owner, and use a "
        "limited welcome-back package to restart orders this month.",
    ),
    StrategyText(
        "segment",
        "流失",
        "Lost",
        *_COMMUNICATION,
        *_BY_SALES,
        "逐一登记流失原因和去向，按原因分组；能挽回的由销售经理带方案上门，每季度统计一次召回率，据此调整优惠力度。",
        "Record why each customer left and to whom, send the sales manager with a proposal where there is "
        "hope, and review the win-back rate every quarter.",
    ),
    # value alone
    StrategyText(
        "segment",
        "高价值",
        "High-value",
        *_SERVICE,
        *_BY_SALES,
        "指定专属客户经理，每季度做一次业务复盘；优先排产、优先发货，年底按全年采购额兑现返利，守住现有份额。",
        "Name a dedicated account manager, hold a business review each quarter, give priority in "
        "production and delivery, and pay a year-end rebate on total purchases.",
    ),
    StrategyText(
        "segment",
        "中价值",
        "Mid-value",
        *_MARKETING,
        *_BY_SALES,
        "对照已买和未买的品类，每季度提出一个增购建议；采购额过门槛即享会员价，让客户看得到升级的好处。",
        "Compare what they buy with what they do not, make one add-on proposal each quarter, and show the "
        "member price that the next spending threshold unlocks.",
    ),
    StrategyText(
        "segment",
        "低价值",
        "Low-value",
        *_SERVICE,
        *_BY_MARKETING,
        "以线上渠道和标准套餐为主，控制单个客户的服务成本；每半年筛选一次，采购额上升快的交给销售重点培养。",
        "Serve them online with standard packages to keep costs down, and every six months pass the "
        "fastest-growing ones to sales for development.",
    ),
    # neither
    StrategyText(
        "segment",
        "潜在客户",
        "Prospect",
        *_COMMUNICATION,
        *_BY_SALES,
        "三天内完成首次联系，了解需求、预算和决策人；发送同行案例和产品资料，提供限时试用，两周内约一次演示。",
        "Make first contact within three days to learn need, budget and decision maker, send a case from "
        "their industry with a limited trial, and book a demo within two weeks.",
    ),
    StrategyText(
        "segment",
        "信息待完善",
        "Incomplete",
        *_COMMUNICATION,
        *_BY_SALES,
        "请负责人本周补齐最近合作时间、年消费金额和合作次数；可对照订单和合同，问不清的打电话核实，补齐后刷新分析。",
        "The owner fills in last order date, annual spend and number of orders this week, from orders and "
        "contracts or by phone, then refreshes the analysis.",
    ),
    StrategyText(
        "segment",
        "不在范围",
        "Out of scope",
        *_SERVICE,
        *_BY_MARKETING,
        "不参与本次分析，暂不安排任何动作；如需纳入，请在“目标与范围”表的分析范围中加入该客户对应的值，再刷新。",
        "Not part of this analysis, so nothing to do; to include the customer, add its value to the Scope "
        "table on the sheet Goals and scope and refresh.",
    ),
    # levels
    StrategyText(
        "level",
        "一级(核心客户)",
        "Tier 1 (Core)",
        *_SERVICE,
        *_BY_SALES,
        "配备专属客户经理，安排定期高层拜访；开通快速响应通道，问题24小时内解决；优先参加新品内测，按需提供定制方案。",
        "Provide a dedicated account manager and regular executive visits, resolve issues within 24 "
        "hours, and offer early product trials and tailored solutions.",
    ),
    StrategyText(
        "level",
        "二级(潜力客户)",
        "Tier 2 (Potential)",
        *_COMMUNICATION,
        *_BY_SALES,
        "每月电话回访一次，推送产品升级和优惠政策；邀请参加行业研讨会和培训；针对痛点给出方案，争取一年内升入一级。",
        "Call monthly with product upgrades and offers, invite them to seminars and training, and propose "
        "a fix for their main pain point to reach Tier 1 within a year.",
    ),
    StrategyText(
        "level",
        "三级(普通客户)",
        "Tier 3 (Standard)",
        *_SERVICE,
        *_BY_CARE,
        "按标准流程服务，节日和换季发送关怀邮件；推广通用型套餐，每半年收集一次反馈，从中找出增购需求。",
        "Serve by the standard process with seasonal greetings, promote general packages, and collect "
        "feedback twice a year to spot needs for additional purchases.",
    ),
    StrategyText(
        "level",
        "四级(低价值/风险客户)",
        "Tier 4 (Low value or at risk)",
        *_MARKETING,
        *_BY_CARE,
        "先核算投入产出，减少上门次数；发满意度问卷找出原因，给一次限时折扣或服务升级，半年无改善则转为自然维护。",
        "Check return on effort and cut visits, survey satisfaction to find the cause, offer one limited "
        "discount or service upgrade, and step back after six months without change.",
    ),
    StrategyText(
        "level",
        "信息待完善",
        "Incomplete",
        *_COMMUNICATION,
        *_BY_CARE,
        "得分依据不足，先补数据再定级：补录毛利率、满意度和近半年的互动记录，优先处理采购额大的客户。",
        "Too little data for a level: add margin, satisfaction and the last six months of contacts, "
        "starting with the customers who spend most.",
    ),
    # the other names for levels
    StrategyText(
        "level",
        "深度合作",
        "Deep cooperation",
        *_SERVICE,
        *_BY_SALES,
        "由专属客户经理对接，每季度一次高层互访和业务复盘；新方案先在这里共创试点，续约提前三个月谈妥。",
        "Keep one dedicated account manager, meet executives and review business each quarter, pilot new "
        "solutions here first, and settle renewals three months early.",
    ),
    StrategyText(
        "level",
        "一般合作",
        "Regular cooperation",
        *_COMMUNICATION,
        *_BY_SALES,
        "每月回访一次，了解还向谁采购；挑一个相邻产品做试用，按采购量给阶梯优惠，逐步扩大合作范围。",
        "Call every month and learn from whom else they buy, offer a trial of one neighbouring product and "
        "volume discounts, and widen the cooperation step by step.",
    ),
    StrategyText(
        "level",
        "潜在合作",
        "Possible cooperation",
        *_MARKETING,
        *_BY_MARKETING,
        "每两周推送一次同行业案例，邀请参加线上演示；给首单试用方案和限期优惠，由销售跟进到明确的采购时间。",
        "Send a case from their industry every two weeks, invite them to a demo, offer a trial order at a "
        "limited price, and follow up until a buying date is fixed.",
    ),
    StrategyText(
        "level",
        "流失风险",
        "At risk",
        *_COMMUNICATION,
        *_BY_CARE,
        "三天内由负责人致电，问清下单减少的原因；对症给补救方案或回归优惠，两周后复访，一个月无起色上报经理。",
        "Have the owner call within three days to learn why orders fell, offer a remedy or a return price, "
        "check again after two weeks, and tell the manager if nothing changes in a month.",
    ),
    # RFM, five classes (新客户 also in ten)
    StrategyText(
        "rfm",
        "高价值客户",
        "High value",
        *_SERVICE,
        *_BY_SALES,
        "每月高层互访、每季度业务复盘，谈妥下一年的框架协议；提供产品升级包和专属培训，由客户成功经理一对一跟进。",
        "Meet at executive level each month, review business each quarter towards next year's framework "
        "agreement, and add an upgrade package with dedicated training.",
    ),
    StrategyText(
        "rfm",
        "新客户",
        "New",
        *_MARKETING,
        *_BY_CARE,
        "首单交付后三天内回访，指导安装使用；30天内送一张第二单优惠券，用新手资料和专人答疑把首购变成复购。",
        "Call within three days of the first delivery to help with set-up, then turn the first purchase "
        "into a second with starter guides and a 30-day voucher.",
    ),
    StrategyText(
        "rfm",
        "潜力客户",
        "Potential",
        *_MARKETING,
        *_BY_MARKETING,
        "发放限时试用和场景化案例白皮书，邀请参加线上研讨会；提供三期免费操作指导，主攻还没有采购过的产品线。",
        "Give a limited trial with a white paper of real cases, invite them to an online seminar, and "
        "offer three free coaching sessions on products not yet bought.",
    ),
    StrategyText(
        "rfm",
        "低频刚需客户",
        "Low-frequency essential",
        *_SERVICE,
        *_BY_SALES,
        "把年度采购月份记入日历，提前两个月送上报价和排产计划；平时每季度问候一次，提供备件和维保，避免被比价换走。",
        "Put their yearly buying month in the calendar, quote two months ahead, and stay close in between "
        "with a quarterly call, spare parts and maintenance.",
    ),
    StrategyText(
        "rfm",
        "流失风险客户",
        "At risk",
        *_COMMUNICATION,
        *_BY_CARE,
        "客户成功专员48小时内电话沟通，排查流失原因；推出首单8折的回归优惠套餐，并开通客服优先通道。",
        "Call within 48 hours to find out why orders are falling off, offer a welcome-back package with "
        "20% off the first order, and open a priority service line.",
    ),
    # RFM, eight classes
    StrategyText(
        "rfm",
        "重要价值客户",
        "Key value",
        *_SERVICE,
        *_BY_SALES,
        "安排高管对接人，每半年共同制定采购计划；提供优先供货、账期优惠和联合开发机会，并请其出任案例客户。",
        "Name an executive sponsor, plan purchases together every six months, offer priority supply and "
        "better payment terms, and ask them to be a reference customer.",
    ),
    StrategyText(
        "rfm",
        "重要发展客户",
        "Key develop",
        *_MARKETING,
        *_BY_SALES,
        "单笔大但次数少：了解全年用量计划，建议分批下单、分批付款；搭配耗材和服务合同，争取把年下单次数翻一倍。",
        "Large orders but few: ask for the yearly plan, suggest staged orders and payments, and add "
        "consumables or a service contract to double the number of orders.",
    ),
    StrategyText(
        "rfm",
        "重要保持客户",
        "Key keep",
        *_COMMUNICATION,
        *_BY_SALES,
        "一向采购多、近期突然少来：当周就打电话问原因，核对交期、质量和价格有无变化，由原经办人带样品上门恢复合作。",
        "A big regular gone quiet: phone this week, check delivery, quality and price for changes, and "
        "send the usual contact with samples to restore the rhythm.",
    ),
    StrategyText(
        "rfm",
        "重要挽留客户",
        "Key win back",
        *_MARKETING,
        *_BY_SALES,
        "曾下过大单但久未合作：请主管领导登门致意，针对当年的项目提出升级或更换方案，给老客户专享的特批价。",
        "Once a big order, now long silent: have a senior manager call in person with an upgrade of the "
        "original project at a specially approved price.",
    ),
    StrategyText(
        "rfm",
        "一般价值客户",
        "General value",
        *_MARKETING,
        *_BY_MARKETING,
        "来得勤、金额小：推出组合装和满额赠礼，提高每单件数；邀请加入积分计划，用积分兑换服务或培训名额。",
        "Frequent but small buyers: use bundles and gifts above a set amount to raise each order, and let "
        "loyalty points buy service or training places.",
    ),
    StrategyText(
        "rfm",
        "一般发展客户",
        "General develop",
        *_COMMUNICATION,
        *_BY_MARKETING,
        "刚接触、用量不大：两周内发送入门资料和热销品清单，送小额体验装；一个月后电话了解使用感受，再推荐合适的套餐。",
        "New and small: send starter material, a best-seller list and a sample pack within two weeks, "
        "then call after a month to recommend a fitting package.",
    ),
    StrategyText(
        "rfm",
        "一般保持客户",
        "General keep",
        *_MARKETING,
        *_BY_CARE,
        "以往常来、近来少来：群发新品和补货提醒，附七天有效的老客户券；有回应的由客服当天电话跟进下单。",
        "Regulars of modest size who come less: send a restocking reminder with a seven-day voucher, and "
        "have customer service phone those who respond the same day.",
    ),
    StrategyText(
        "rfm",
        "一般挽留客户",
        "General win back",
        *_COMMUNICATION,
        *_BY_MARKETING,
        "仅保留低成本触达，大促前短信提醒一次；连续两次无反应就移出促销名单，客户主动咨询时再恢复跟进。",
        "Keep to low-cost contact: one text before each big promotion, off the list after two without "
        "reaction, and back on it when they ask.",
    ),
    # RFM, ten classes; "At risk" is also in five: one English text
    StrategyText(
        "rfm",
        "冠军",
        "Champions",
        *_MARKETING,
        *_BY_MARKETING,
        "请客户推荐同行，成功后双方都得奖励；每季度优先拿到新品样品并参与产品评审，年底颁发年度伙伴奖，公开致谢。",
        "Ask for referrals and reward both sides, send first samples for their review each quarter, and "
        "thank them publicly with a partner-of-the-year award.",
    ),
    StrategyText(
        "rfm",
        "忠诚",
        "Loyal",
        *_SERVICE,
        *_BY_CARE,
        "加入会员积分，按累计订单升级权益；定期推荐更高配置，合作周年送定制礼品，并请客户填写推荐意愿。",
        "Enrol them in the loyalty programme with benefits that grow with orders, suggest the next model "
        "up, mark the anniversary with a gift, and ask whether they would recommend us.",
    ),
    StrategyText(
        "rfm",
        "潜力忠诚",
        "Potential loyalists",
        *_MARKETING,
        *_BY_SALES,
        "在第二、三单后给出会员邀请和阶梯价；按已买产品推荐一项配套服务，连续三个月由同一位销售跟进，养成采购习惯。",
        "After the second or third order, offer membership with tiered prices and one matching service, "
        "and keep the same sales contact for three months.",
    ),
    StrategyText(
        "rfm",
        "有望",
        "Promising",
        *_COMMUNICATION,
        *_BY_MARKETING,
        "首次采购后已有一段时间，趁印象还在发送使用技巧和客户评价；给一张限品类的小额券，促成第二次下单。",
        "Some time has passed since the first order: send usage tips and customer reviews while memory is "
        "fresh, with a small voucher towards a second order.",
    ),
    StrategyText(
        "rfm",
        "需关注",
        "Need attention",
        *_COMMUNICATION,
        *_BY_SALES,
        "各项都居中，推一把就上、放一放就走：发限时的专属推荐单，由销售电话询问下季度计划，一个月内给出答复。",
        "Average on every count and easily won or lost: send a limited personal offer, ask about next "
        "quarter's plans by phone, and reply within a month.",
    ),
    StrategyText(
        "rfm",
        "即将沉睡",
        "About to sleep",
        *_MARKETING,
        *_BY_CARE,
        "赶在客户走远之前提醒：列出上次采购的品项和建议补货量，附两周有效的续单优惠，并请客服确认联系人是否更换。",
        "Remind them before they drift away: list the last items with a suggested restock, add a two-week "
        "reorder discount, and check that the contact is still right.",
    ),
    StrategyText(
        "rfm",
        "不可流失",
        "Can't lose them",
        *_COMMUNICATION,
        *_BY_SALES,
        "过去下单最多的一批，须由销售总监亲自拜访；对照竞品做一份价格和服务对比，当场给出续约条件，一周内落实。",
        "Formerly the most frequent buyers: the sales director visits in person with a comparison against "
        "competitors, and settles renewal terms within a week.",
    ),
    StrategyText(
        "rfm",
        "流失风险",
        "At risk",
        *_COMMUNICATION,
        *_BY_CARE,
        "48小时内致电问清减少下单的原因，逐条记录并答复；送上首单8折的回归套餐，由专人优先处理后续问题。",
        "Call within 48 hours to find out why orders are falling off, offer a welcome-back package with "
        "20% off the first order, and open a priority service line.",
    ),
    StrategyText(
        "rfm",
        "休眠",
        "Hibernating",
        *_MARKETING,
        *_BY_MARKETING,
        "并入年度唤醒活动，用换季新品和清仓价各试一次；核实公司是否仍在经营，联系方式失效的请客服更新或归档。",
        "Include them in the yearly reactivation campaign, once with new products and once with clearance "
        "prices, and update or archive contacts that no longer work.",
    ),
    StrategyText(
        "rfm",
        "潜在客户",
        "Prospect",
        *_MARKETING,
        *_BY_SALES,
        "尚无订单：按来源分组，展会和官网来的一周内约演示；提供小批量试单价，试单满意后再谈长期供货条件。",
        "No order yet: group them by source, book demos with trade-fair and website leads within a week, "
        "and offer a trial-lot price before talking long-term terms.",
    ),
    StrategyText(
        "rfm",
        "信息待完善",
        "Incomplete",
        *_SERVICE,
        *_BY_SALES,
        "缺少订单日期或金额，无法打分：从财务或订单系统补录近12个月的订单后刷新；补录前先按普通客户维护。",
        "Order dates or amounts are missing, so no scores: add the last 12 months of orders from "
        "accounting, refresh, and treat as a standard customer until then.",
    ),
    # grades
    StrategyText(
        "grade",
        "A",
        "A",
        *_SERVICE,
        *_BY_SALES,
        "成立由销售、技术、客服组成的专属小组，制定年度客户计划；给专属优惠政策和定制化服务，高层每季度至少会面一次。",
        "Form an account team from sales, engineering and service with a yearly account plan, exclusive "
        "terms and tailored service, and meet at executive level every quarter.",
    ),
    StrategyText(
        "grade",
        "B",
        "B",
        *_COMMUNICATION,
        *_BY_SALES,
        "指定资深客户经理，每月拜访一次；围绕潜在价值制定增购计划，开放部分A级权益试用，每半年评估能否升级。",
        "Assign a senior account manager who visits monthly, plan growth around their potential, let them "
        "try some A-tier benefits, and review an upgrade twice a year.",
    ),
    StrategyText(
        "grade",
        "C",
        "C",
        *_MARKETING,
        *_BY_CARE,
        "提供基础服务和线上支持，用季节促销吸引再次购买；每季度看一次采购变化，增长明显的调入B级名单。",
        "Offer basic service and online support, bring them back with seasonal promotions, and move those "
        "who clearly grow to tier B at the quarterly check.",
    ),
    StrategyText(
        "grade",
        "信息待完善",
        "Incomplete",
        *_COMMUNICATION,
        *_BY_SALES,
        "暂不评级：请客户经理补填潜在价值和战略重要性(1-5分)，并核对首次合作时间与年采购金额，下次刷新时自动定级。",
        "Not graded yet: the account manager adds potential and strategic importance (1-5) and checks "
        "first order and annual spend; the next refresh sets the tier.",
    ),
    # stages
    StrategyText(
        "stage",
        "潜在",
        "Prospect",
        *_MARKETING,
        *_BY_SALES,
        "加快首单：摸清需求和决策链，送样或开通试用账号，七天内回访试用情况；用首单优惠和客户案例打消顾虑。",
        "Speed up the first order: learn who decides, send a sample or open a trial account, ask about it "
        "within seven days, and ease doubts with a first-order discount.",
    ),
    StrategyText(
        "stage",
        "成交",
        "First order",
        *_SERVICE,
        *_BY_CARE,
        "首单后30天是关键：确认收货、验收和付款顺利，赠送操作培训；在初见成效时提出第二单的建议方案。",
        "The 30 days after the first order decide: confirm delivery, acceptance and payment, give free "
        "training, and propose the second order once first results show.",
    ),
    StrategyText(
        "stage",
        "复购",
        "Repeat",
        *_MARKETING,
        *_BY_SALES,
        "按采购节奏提前提醒补货，推荐配套产品；签年度框架协议享阶梯价，每季度做一次满意度调查，防止竞品切入。",
        "Remind them to restock ahead of their rhythm, sign a yearly framework with tiered prices, and "
        "survey satisfaction quarterly to keep competitors out.",
    ),
    StrategyText(
        "stage",
        "沉睡",
        "Dormant",
        *_COMMUNICATION,
        *_BY_SALES,
        "查看最后一单之后的互动和投诉，先解决遗留问题；再发产品更新和回归优惠，由原负责人在两周内约一次面谈。",
        "Look at contacts and complaints since the last order and settle what is open, then have the "
        "owner arrange a meeting within two weeks with a return offer.",
    ),
    StrategyText(
        "stage",
        "流失",
        "Lost",
        *_COMMUNICATION,
        *_BY_CARE,
        "填写流失原因和竞争对手，集中复盘；价格原因的给对比报价，服务原因的先致歉并整改，三个月后再做一次召回。",
        "Record the cause and the competitor and review both together; answer price with a comparative "
        "quote, answer service with an apology and a fix, and retry in three months.",
    ),
    StrategyText(
        "stage",
        "信息待完善",
        "Incomplete",
        *_COMMUNICATION,
        *_BY_SALES,
        "合作次数与最近合作时间缺其一，无法判断阶段：请按合同或发货单补填；两项都为空才算潜在客户。",
        "Number of orders or last order date is missing, so the stage is unknown: fill it in from "
        "contracts or delivery notes; both empty means a prospect.",
    ),
)
