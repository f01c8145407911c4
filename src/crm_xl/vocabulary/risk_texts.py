"""What the sheets of churn risk and of groups from the data say: Chinese, English."""

from __future__ import annotations

Pair = tuple[str, str]

RISK_SHEETS: dict[str, Pair] = {
    "risk": ("流失风险分析", "Churn risk"),
    "clusters": ("数据分群", "Groups from the data"),
}

RISK_PURPOSES: dict[str, Pair] = {
    "risk": (
        "谁快要流失、有多少钱面临流失，先联系名单最上面的客户；再看以前的预警到底准不准。",
        "Who is about to leave, and how much money goes with them: call the top of the list first. And how good earlier"
        " warnings turned out to be.",
    ),
    "clusters": (
        "不按规则，让数据自己把相似的客户分到一起；看每一群有什么特点，和按规则分的群体怎样对应。",
        "Customers who are alike put together by the data, not by rules: what each group is like, and how the groups"
        " compare with the segments made by rules.",
    ),
}

RISK_TEXTS: dict[str, Pair] = {
    # risk
    "risk_title": ("流失风险分析", "Churn risk"),
    "risk_hint": (
        "面临流失金额 = 流失可能性 × 年消费，名单按它从大到小列出前 100 位：先联系最上面的。沉默超出节奏 = 比平常间隔的最长一成还久。",
        "Money at stake = chance of loss × annual spend; the list has the 100 with most of it: call the top ones first."
        " Overdue = silent for longer than nine in ten of the usual gaps.",
    ),
    "risk_by_silence": (
        "流失可能性 = 1 − 这么久的沉默有多常见(按客户自己的下单间隔；不到 3 次的，按全体客户)。它说的是沉默有多反常，当概率看会偏高。",
        "Chance of loss = 1 − how usual such a silence is, by the customer's own gaps between orders (with fewer than 3,"
        " those of all). It says how odd the silence is; as a probability it is too high.",
    ),
    "risk_by_model": (
        "流失可能性：买过不止一次的客户 = 1 − 存活概率(由订单记录预测)；只买过一次的，预测模型判断不了，= 1 − 这么久的沉默有多常见。",
        "Chance of loss: 1 − probability alive, predicted from the order log, of customers who bought more than once; of"
        " the others, whom the model cannot judge, 1 − how usual such a silence is.",
    ),
    "risk_switch": (
        "“参数”里的“CLV 算法”改为“预测”更准。",
        "Set the CLV method on Parameters to Predictive for a better one.",
    ),
    "risk_not_modelled": (
        "预测没有做成：{reason}。",
        "There is no prediction: {reason}.",
    ),
    "risk_no_orders": (
        "没有订单记录，看不出客户的下单节奏，所以没有名单。请在“订单”里录入订单明细。",
        "There are no orders on record, so there is no rhythm to judge by and no list. Enter order lines on Orders.",
    ),
    "tile_flagged": ("被预警的客户", "Customers warned of"),
    "tile_stake": ("面临流失金额(万元)", "At stake (CNY 10k)"),
    "tile_overdue": ("沉默超出节奏的客户", "Customers overdue"),
    "tile_precision": ("预警的客户里真正流失的比例", "Of those warned of, lost"),
    "tile_recall": ("流失的客户里事先预警到的比例", "Of those lost, warned of"),
    "tile_lift": ("最危险的十分之一：流失率是平均的几倍", "Top tenth: times the average"),
    "risks_heading": ("流失风险名单(前 100 位)", "Customers at risk (the first 100)"),
    "chart_stakes": ("面临流失金额最大的十位(万元)", "The ten with most at stake (CNY 10k)"),
    "chart_deciles": (
        "回测：按流失可能性从高到低的十组，各有多少真的流失",
        "Back-test: share lost in each tenth, most at risk first",
    ),
    "rhythm_own": ("客户自己", "the customer"),
    "rhythm_all": ("全体客户", "all customers"),
    "warned_yes": ("被预警", "Warned of"),
    "warned_no": ("没有预警", "Not warned of"),
    "warned_all": ("合计", "All"),
    # back-test
    "backtest_found": (
        "回测：{start} 有 {customers} 位客户近 12 个月下过单，只凭那天以前的记录，{flagged} 位会被预警。到 {end}，{churned} 位没有再下单({base})。",
        "Back-test: on {start}, {customers} customers had ordered in the 12 months before; by the records up to that day"
        " alone, {flagged} would have been warned of. By {end}, {churned} had not ordered again ({base}).",
    ),
    "backtest_rates": (
        "预警的客户里 {precision} 真的流失，流失的客户里 {recall} 事先预警到。",
        "Of those warned of, {precision} were lost; of those lost, {recall} had been warned of.",
    ),
    "backtest_none_flagged": (
        "一位也没有预警到。",
        "None of them had been warned of.",
    ),
    "backtest_good": (
        "预警的准确率是随便挑的 {lift} 倍，值得照着名单联系。",
        "A warning is {lift} times as good as a guess: worth acting on.",
    ),
    "backtest_some": (
        "预警的准确率是随便挑的 {lift} 倍，有些帮助，但要结合您对客户的了解。",
        "A warning is {lift} times as good as a guess: some help, next to what you know of the customer.",
    ),
    "backtest_poor": (
        "预警的准确率和随便挑差不多({lift} 倍)，请不要只凭它做决定。",
        "A warning is about as good as a guess ({lift} times): do not rely on it alone.",
    ),
    "backtest_by_silence": (
        "那天以前的记录还不够预测，十组是按沉默有多反常排的，和现在的名单算法不同。",
        "The records up to that day could not carry a prediction: the tenths go by how odd the silence was, unlike"
        " today's list.",
    ),
    "backtest_few": (
        "人数很少，这些比例靠运气的成分大，仅供参考。",
        "These are few customers: the shares owe much to chance.",
    ),
    "backtest_not": ("没有回测：{reason}", "No back-test: {reason}"),
    "backtest_no_orders": ("没有订单记录。", "there are no orders on record."),
    "backtest_short_log": (
        "订单记录从 {begins} 开始，太短。以 {start} 为界，之前至少要有 {needed} 起的订单；也可以在“参数”里把“回测月数”改小。",
        "the order log begins on {begins}, which is too late. To warn as of {start} it must reach back to {needed}; or make"
        " the months of the back-test on Parameters fewer.",
    ),
    "backtest_nobody_active": (
        "{start} 以前的 12 个月里没有客户下过单。",
        "nobody had ordered in the 12 months up to {start}.",
    ),
    "backtest_log_ends": (
        "{start} 以后没有任何订单，分不清是客户流失还是没有录入。",
        "there is no order after {start}, and whether customers left or orders were not entered cannot be told.",
    ),
    "backtest_nobody_lost": (
        "{start} 的 {customers} 位客户到 {end} 都又下过单，没有人流失，预警了 {flagged} 位。",
        "all {customers} customers of {start} had ordered again by {end}: nobody was lost; {flagged} had been warned of.",
    ),
    # clusters
    "clusters_title": ("数据分群", "Groups from the data"),
    "clusters_hint": (
        "按年消费、订单数、未下单天数、平均订单金额，把相似的客户分到一起(k-均值)。每一群的名字说它与全体相比突出在哪里。",
        "Customers alike in annual spend, orders, days without an order and average order are put together (k-means). Each"
        " group is named after what sets it apart from all customers.",
    ),
    "clusters_off": (
        '现在没有打开。把“参数”里的“数据分群”改为“开”，再刷新；需要先安装：pip install "crm-xl[groups]"',
        'Switched off. Set Groups from the data on Parameters to On and refresh; it needs: pip install "crm-xl[groups]"',
    ),
    "clusters_none": ("没有分群：{reason}", "No groups: {reason}"),
    "clusters_found": (
        "把 {customers} 位客户分成 {groups} 群，轮廓系数 {silhouette}：{verdict}。",
        "{customers} customers in {groups} groups, silhouette {silhouette}: {verdict}.",
    ),
    "clusters_reading": (
        "轮廓系数：-1 到 1，越大各群分得越开。低于 0.25 = 看不出明显的群，只作参考；0.25-0.5 = 分得不太开；0.5 以上 = 分得清楚。",
        "Silhouette: -1 to 1, larger where groups stand further apart. Below 0.25 there are no real groups, take it as a"
        " hint only; 0.25 to 0.5 they overlap; from 0.5 on they are distinct.",
    ),
    "silhouette_none": ("看不出明显的群", "no real groups"),
    "silhouette_weak": ("分得不太开", "groups overlap"),
    "silhouette_clear": ("分得清楚", "distinct groups"),
    "silhouette_chosen": ("✓ 采用", "✓ chosen"),
    "cluster_none": ("未分群(资料不全)", "In no group (data missing)"),
    "cluster_others": ("其余", "All others"),
    "cluster_matrix": (
        "数据分群 × 客户类型标签(客户数)：同一行集中在一格 = 两种分法一致",
        "Groups from the data × segments by rules (customers): a row in one cell means that both agree",
    ),
    "cluster_corner": ("数据分群 ↓  标签 →", "Data group ↓  Segment →"),
    "chart_cluster_customers": ("各群客户数", "Customers per group"),
    "chart_cluster_spend": ("各群消费占比", "Share of spend per group"),
}
