"""What the guide sheet of a template says: steps, colours, rules, questions."""

from __future__ import annotations

from .texts import Pair

Entry = tuple[Pair, Pair]

_FILL: Entry = (
    ("1 填写客户", "1 Fill in customers"),
    (
        "在“{customers}”里每个客户填一行，或把 CRM 导出的数据粘贴进去。"
        "有订单明细的话粘贴到“{orders}”，合作时间、次数和金额会自己算出来。",
        "Fill one row per customer on the sheet {customers}, or paste what your CRM exports. If you have order lines,"
        " paste them into {orders}: dates, counts and amounts then fill themselves.",
    ),
)
_REFRESH: Entry = (
    ("2 刷新分析", "2 Refresh"),
    (
        "装了加载项：点功能区里的“刷新分析”。没有装：先关闭这个文件，再运行 crm-xl refresh 文件名.xlsx。",
        "With the add-in: click Refresh analysis on the ribbon. Without it: close this file and run"
        " crm-xl refresh file.xlsx.",
    ),
)

GUIDE_STEPS: dict[str, tuple[Entry, ...]] = {
    "customer-info": (
        _FILL,
        _REFRESH,
        (
            ("3 看分群", "3 Read the groups"),
            (
                "“{profile}”看每一群有多大、贡献多少；“{customers}”看每位客户的标签。",
                "{profile} shows how big each group is and what it spends; {customers} shows the tag of every customer.",
            ),
        ),
        (
            ("4 行动", "4 Act"),
            (
                "打开“{plan}”，给每一群定下负责人、执行时间和预期目标，先从高价值的沉睡客户做起。",
                "Open {plan} and give each group an owner, a date and an expected result. Start with high-value"
                " customers who have gone quiet.",
            ),
        ),
        (
            ("5 每周一次", "5 Every week"),
            (
                "每周补上新的订单和联系记录，刷新一次，看“{goals}”的状态、“{tracking}”的曲线和“{movement}”里客户的去向，再调整做法。",
                "Once a week add new orders and contacts, refresh, look at {goals}, at the lines in {tracking} and at"
                " who moved in {movement}, and adjust.",
            ),
        ),
    ),
    "relationship-evaluation": (
        _FILL,
        _REFRESH,
        (
            ("3 定权重", "3 Set the weights"),
            (
                "在“{indicators}”里定各指标的权重(合计 100)，在“{bands}”里定多少算几分。改完刷新。",
                "Set the weight of each indicator in {indicators} (100 in all) and what earns which score in {bands}."
                " Refresh afterwards.",
            ),
        ),
        (
            ("4 看评分", "4 Read the scores"),
            (
                "“{scores}”看全部客户的得分和等级；“{evaluation}”选一位客户，看每项得分、差多少升级、先抓哪一项。",
                "{scores} has the score and level of every customer. In {evaluation} choose a customer to see each"
                " score, what is missing to the next level, and what to work on first.",
            ),
        ),
        (
            ("5 按等级行动，每半年校准", "5 Act by level, calibrate twice a year"),
            (
                "“{level_plan}”给每一级定负责人和时间；每半年看“{calibration}”，核心客户占比和流失率不对就调整权重，并写下原因。",
                "Give each level an owner and a date in {level_plan}. Twice a year look at {calibration}: where shares"
                " and churn look wrong, change the weights and note why.",
            ),
        ),
    ),
    "sales-strategy": (
        _FILL,
        _REFRESH,
        (
            ("3 看看板", "3 Look at the dashboard"),
            (
                "“{dashboard}”一页看清客户、金额、目标和风险名单；“{rfm}”看五类客户各有多少、在哪里。",
                "{dashboard} shows customers, money, targets and the risk list on one page; {rfm} shows how many"
                " customers of each class there are.",
            ),
        ),
        (
            ("4 定策略、派任务", "4 Plan and assign"),
            (
                "在“{sales_plan}”给每类客户定负责人和资源；“{tasks}”里已经按风险提出任务，改好负责人和日期就能分派。",
                "Give each class an owner and resources in {sales_plan}. {tasks} already proposes tasks for customers"
                " at risk: adjust owner and date, and assign.",
            ),
        ),
        (
            ("5 每周复盘", "5 Review every week"),
            (
                "每周补上订单和联系记录，刷新，在“{reviews}”里对照目标写下原因和调整措施。",
                "Every week add orders and contacts, refresh, and note causes and adjustments against the targets in"
                " {reviews}.",
            ),
        ),
    ),
    "key-accounts": (
        _FILL,
        _REFRESH,
        (
            ("3 定分级标准", "3 Set the criteria"),
            (
                "在“{criteria}”里定收入贡献、合作年限、潜在价值、战略重要性的权重和各级的分数线。",
                "Set the weights of revenue, tenure, potential and strategic importance in {criteria}, and the score"
                " that each tier asks for.",
            ),
        ),
        (
            ("4 记录需求和满意度", "4 Record needs and satisfaction"),
            (
                "拜访后在“{interactions}”“{needs}”各记一行；打印“{questionnaire}”请客户填写，结果录入“{surveys}”。",
                "After a visit add a line to {interactions} and to {needs}. Print {questionnaire} for the customer and"
                " type the answers into {surveys}.",
            ),
        ),
        (
            ("5 每季度重新分级", "5 Re-grade every quarter"),
            (
                "刷新后看“{accounts}”：谁升级、谁降级、为什么，再调整投入。",
                "After a refresh see in {accounts} who rose, who fell and why, and move your effort.",
            ),
        ),
    ),
    "case-analysis": (
        _FILL,
        _REFRESH,
        (
            ("3 选一位客户", "3 Choose a customer"),
            (
                "在“{case}”上方的浅黄色格子里选编号(或输入名称)，一页看清背景、价值、策略和效果。",
                "Choose an ID (or type a name) in the yellow cell of {case}: background, value, strategies and results"
                " on one page.",
            ),
        ),
        (
            ("4 关怀", "4 Care"),
            (
                "“{care}”列出未来的生日、周年、合同到期和该联系的客户；积分变动记在“{loyalty}”。",
                "{care} lists birthdays, anniversaries, contract ends and contacts due; points go into {loyalty}.",
            ),
        ),
        (
            ("5 持续改进", "5 Keep improving"),
            (
                "客户反馈和内部培训记在“{improvements}”，写清责任人、日期和结果。",
                "Note customer feedback and training in {improvements}, with who, when and what came of it.",
            ),
        ),
    ),
    "full": (
        _FILL,
        _REFRESH,
        (
            ("3 先看看板", "3 Begin with the dashboard"),
            (
                "“{dashboard}”一页看清客户、金额、目标进度和风险最高的客户；想看某一群，打开“{plan}”。",
                "{dashboard} shows customers, money, targets and the customers most at risk on one page; for one group"
                " open {plan}.",
            ),
        ),
        (
            ("4 定策略、派任务", "4 Plan and assign"),
            (
                "在“{plan}”“{sales_plan}”里定负责人和时间，在“{tasks}”里分派，“{care}”提醒生日、周年和该联系的客户。",
                "Set owners and dates in {plan} and {sales_plan}, assign work in {tasks}; {care} reminds you of"
                " birthdays, anniversaries and contacts due.",
            ),
        ),
        (
            ("5 每周复盘，每季度评估", "5 Review weekly, evaluate quarterly"),
            (
                "每周补上订单和联系记录，刷新，看“{risk}”，写“{reviews}”；每季度看“{level_plan}”“{accounts}”“{movement}”"
                "“{value}”“{cohorts}”，再调整规则和投入。",
                "Every week add orders and contacts, refresh, look at {risk} and fill in {reviews}. Every quarter look at"
                " {level_plan}, {accounts}, {movement}, {value} and {cohorts}, and adjust rules and effort.",
            ),
        ),
    ),
}
"""Template -> its first steps; {key} stands for the name of a sheet."""

GUIDE_COLOURS: tuple[tuple[str, Pair, Pair], ...] = (
    ("typed", ("蓝色标题", "Blue header"), ("由您填写。", "Yours to fill in.")),
    (
        "logged",
        ("灰蓝色标题", "Grey-blue header"),
        (
            "有订单或互动记录时由刷新更新；没有记录时请您填写。",
            "Updated from orders or contacts if you keep them; otherwise yours to fill in.",
        ),
    ),
    (
        "computed",
        ("绿色标题", "Green header"),
        ("分析结果，刷新时更新，请不要手工修改。", "Results, updated by a refresh. Please do not type here."),
    ),
    (
        "setting",
        ("浅黄色格子", "Yellow cell"),
        ("可以选择或修改的设置。", "A setting that you may choose or change."),
    ),
)
"""(look, sample text, meaning)."""

GUIDE_RULES: tuple[tuple[str, Pair], ...] = (
    (
        "dimensions",
        (
            "客户按什么分群：选择维度、价值分层的方法。",
            "What makes the groups: the dimensions and how value tiers are cut.",
        ),
    ),
    (
        "parameters",
        (
            "高、中、低价值的金额，多久算沉睡和流失，生命周期、需求、行业和 RFM 的规则。",
            "Amounts of high, mid and low value, when a customer is dormant or lost, lifecycle, demand, industry, RFM.",
        ),
    ),
    ("indicators", ("每项指标的权重。", "The weight of each indicator.")),
    ("bands", ("每项指标多少算几分。", "What earns which score.")),
    ("criteria", ("大客户按什么分级，各级的分数线。", "What makes a key account, and the score of each tier.")),
    ("strategies", ("每种标签建议做什么。", "What is suggested for each label.")),
)
"""(sheet, which rules stand there)."""

GUIDE_FUNCTIONS: tuple[str, ...] = (
    "SEGMENT", "VALUE_TIER", "ACTIVITY", "LIFECYCLE", "MONTHLY_ORDERS", "DEMAND_TYPE", "INDUSTRY_GROUP",
    "RFM_SCORES", "RFM_CLASS", "ABC_CLASS", "STRATEGY", "CLV", "MASK",
)  # fmt: skip

GUIDE_QUESTIONS: tuple[Entry, ...] = (
    (
        ("出现 #NAME? 怎么办？", "What if I see #NAME?"),
        (
            "这台电脑没有装加载项，而这个格子刚被重新计算。数据没有丢：装好加载项点“刷新分析”，"
            "或运行 crm-xl refresh，结果就回来。没有变成 #NAME? 的格子仍是正确的结果。",
            "This computer has no add-in, and Excel has just calculated that cell again. Nothing is lost:"
            " install the"
            " add-in and refresh, or run crm-xl refresh, and the result is back. All other cells are still"
            " right.",
        ),
    ),
    (
        ("可以自己加列吗？", "May I add columns?"),
        (
            "可以。加在表格里任何位置都行，刷新不会动您的列，也可以拿它做细分维度。列的顺序也可以换。",
            "Yes, anywhere in a table. A refresh never touches your columns, and you can use them as"
            " dimensions. You may"
            " also change the order of columns.",
        ),
    ),
    (
        ("可以改标题吗？", "May I rename headers?"),
        (
            "常见叫法都认得，例如“客户ID”“手机号”。认不出的标题会被当作您自己的列。",
            "Common names are understood, such as Account ID or Mobile. Any other header counts as a"
            " column of your own.",
        ),
    ),
    (
        ("怎样删除客户？", "How do I delete a customer?"),
        (
            "在客户表里右键选“删除”→“表行”。即使订单里还有他，刷新也不会加回来，除非您重新录入这个编号。",
            "Right-click the row and choose Delete, Table Rows. A refresh does not bring the customer"
            " back, even if there"
            " are still orders, unless you type the ID again.",
        ),
    ),
    (
        ("发给没有加载项的人呢？", "And people without the add-in?"),
        (
            "直接发就行，对方看到的就是现在的结果。如果对方还要编辑，先把“参数”里的“结果形式”改成“数值”并刷新。",
            "Just send the file: they see the results as they are. If they are going to edit it, set Form"
            " of results on"
            " Parameters to Values and refresh first.",
        ),
    ),
    (
        ("编号或电话变了样？", "IDs or phones look wrong?"),
        (
            "这两列已经设为文本，开头的 0 和长号码都会保留。从别处复制时请用“粘贴值”。",
            "Both columns are set to text, so leading zeros and long numbers survive. Paste as values when"
            " you copy them"
            " from elsewhere.",
        ),
    ),
)
