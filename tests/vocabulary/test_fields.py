from __future__ import annotations

from collections import Counter

import pytest

from crm_xl.vocabulary.fields import LANGS, Table, find_field, normal_header, split_unit
from crm_xl.vocabulary.records import CUSTOMERS, INTERACTIONS, ORDERS, SURVEYS
from crm_xl.vocabulary.tables import TABLES

DOCUMENT = """
客户编号 客户名称 客户性质 所属行业 企业规模(员工数) 年营收 成立时间 主营业务 联系人 职位 联系电话 邮箱 地址 国家 区域 城市 客户来源
负责人 跟进状态 信息更新日期 性别 年龄 收入 职业 生活方式 价值观 生日 生日历法 签约日期 合同到期日
首次合作时间 最近合作时间 年消费金额(万元) 历史合作次数 平均订单金额(万元) 月均合作次数 产品/服务偏好
咨询渠道 互动频率(月均联系次数) 投诉次数 满意度评分(1-5) 使用时长 功能使用率
客户等级 毛利率 平均回款天数 复购率 潜在价值(1-5) 战略重要性(1-5) 是否大客户 流失原因 竞争对手
客户类型标签 价值层级 活跃状态 生命周期阶段 综合得分 完整度 客户关系等级 大客户级别 CLV(万元) 健康度 流失风险标记 风险原因
建议策略 备注
"""
OTHER_TABLES = {
    "Orders": "订单号 客户编号 订单日期 金额(元) 产品 购买渠道 毛利率 回款日期",
    "Interactions": "日期 客户编号 方式 类型 内容 结果 响应时长(小时) 负责人 下次联系时间",
    "Complaints": "日期 客户编号 内容 原因 处理人 状态 解决日期 处理时长(小时) 客户评价",
    "Surveys": "日期 客户编号 来源 产品质量 服务响应 客户体验 满意度(1-5) 推荐意愿(0-10) 反馈 正负面 改进措施 处理状态",
    "Targets": "目标 类型 指标 范围 周期 基线 目标值 截止日期 当前值 完成度 状态",
    "Strategies": "体系 标签 类别 部门 策略 预算(元) 实际投入(元)",
    "Plan": "细分群体 数量 占比 核心特征 策略建议 负责人 执行时间 预期目标",
    "Indicators": "评估维度 指标 权重(%) 参考区间 数据来源 说明",
    "Bands": "指标 下限 得分 行为表现",
    "ActivityRules": "未合作月数≥ 月均合作≥ 标签",
    "LifecycleRules": "未合作月数≥ 合作次数≥ 阶段",
    "HealthRules": "下降≥ 标签",
    "RfmClasses": "类别 R从 R到 F从 F到 M从 M到",
}


@pytest.mark.parametrize("header", [*DOCUMENT.split(), "RFM 得分", "RFM 类别"])
def test_every_column_of_the_document_is_a_column_here(header: str) -> None:
    found = find_field(CUSTOMERS, header)
    assert found is not None
    stem = found[0].zh
    assert header in (stem, f"{stem}(万元)")


@pytest.mark.parametrize("name", OTHER_TABLES)
def test_headers_and_their_order(name: str) -> None:
    assert [f.header("zh") for f in TABLES[name].fields] == OTHER_TABLES[name].split()


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("年采购金额", "annual_spend"),
        ("年贡献营收", "annual_spend"),
        ("合作次数", "order_count"),
        ("订单数", "order_count"),
        ("联系方式", "phone"),
        ("公司地址", "address"),
        ("合作频率", "monthly_orders"),
        ("客户性质(企业/个人)", "customer_type"),
        ("员工数", "company_size"),
        ("Account Name", "customer_name"),
        ("Account Owner", "owner"),
        ("Customer ID", "customer_id"),
        ("Annual Revenue", "annual_revenue"),
        ("Lead Source", "source"),
        ("Billing Address", "address"),
        ("Last Modified Date", "updated_on"),
        ("Last Purchase Date", "last_order"),
        ("Total Orders", "order_count"),
        ("E-mail", "email"),
        ("annual_spend", "annual_spend"),
    ],
)
def test_aliases(header: str, key: str) -> None:
    for written in (header, f"  {header} ", header.upper(), header.replace("(", "（").replace(")", "）")):
        found = find_field(CUSTOMERS, written)
        assert found is not None and found[0].key == key


@pytest.mark.parametrize(
    ("table", "header", "key", "unit"),
    [
        (CUSTOMERS, "年消费金额", "annual_spend", "wan"),
        (CUSTOMERS, "年消费金额(万元)", "annual_spend", "wan"),
        (CUSTOMERS, "年消费金额（元）", "annual_spend", "yuan"),
        (CUSTOMERS, "Annual spend (CNY)", "annual_spend", "yuan"),
        (CUSTOMERS, "Annual spend (CNY 10k)", "annual_spend", "wan"),
        (CUSTOMERS, "客单价(元)", "average_order", "yuan"),
        (CUSTOMERS, "CLV(万元)", "clv", "wan"),
        (CUSTOMERS, "CLV", "clv", "wan"),
        (CUSTOMERS, "企业规模(员工数)", "company_size", None),
        (CUSTOMERS, "满意度评分(1-5)", "satisfaction", None),
        (ORDERS, "金额", "amount", "yuan"),
        (ORDERS, "金额(元)", "amount", "yuan"),
        (ORDERS, "金额(万元)", "amount", "wan"),
        (ORDERS, "订单金额（万元）", "amount", "wan"),
        (INTERACTIONS, "联系方式", "method", None),
        (SURVEYS, "推荐意愿", "recommend", None),
    ],
)
def test_the_unit_in_a_header_wins(table: Table, header: str, key: str, unit: str | None) -> None:
    found = find_field(table, header)
    assert found is not None and (found[0].key, found[1]) == (key, unit)


@pytest.mark.parametrize("header", [None, "", "什么", "联系人(元)", "客户编号(万元)", "年消费金额(美元)"])
def test_no_field(header: str | None) -> None:
    assert find_field(CUSTOMERS, header) is None


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_headers_lead_back_to_their_own_field(table: Table) -> None:
    for field in table.fields:
        for lang in LANGS:
            for unit in ("wan", "yuan"):
                found = find_field(table, field.header(lang, unit))  # type: ignore[arg-type]
                assert found is not None and found[0] is field
                assert found[1] == (unit if field.kind == "money" else None)
        assert table.field(field.key) is field


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_no_header_means_two_fields(table: Table) -> None:
    names = [(normal_header(n), f.key) for f in table.fields for n in {f.zh, f.en, *f.aliases}]
    seen: dict[str, set[str]] = {}
    for name, key in names:
        seen.setdefault(name, set()).add(key)
    assert {n: keys for n, keys in seen.items() if len(keys) > 1} == {}
    assert [k for k, n in Counter(f.key for f in table.fields).items() if n > 1] == []


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_words_of_both_languages(table: Table) -> None:
    assert table.name.isascii() and table.name.isalnum()
    assert table.en.isascii() and not table.zh.isascii()
    for field in table.fields:
        assert field.en.replace("≥", "").isascii() and field.key.isascii()
        assert field.zh == field.en or any("\u4e00" <= ch <= "\u9fff" for ch in field.zh)
        assert (field.unit is not None) == (field.kind == "money")
    assert not table.key or table.field(table.key)


def test_units() -> None:
    assert split_unit("年消费金额（万元）") == ("年消费金额", "wan")
    assert split_unit("Amount (RMB)") == ("amount", "yuan")
    assert split_unit("满意度(1-5)") == ("满意度(1-5)", None)
    assert split_unit("(元)") == ("(元)", None)
    assert CUSTOMERS.field("annual_spend").header("zh") == "年消费金额(万元)"
    assert CUSTOMERS.field("annual_spend").header("en", "yuan") == "Annual spend (CNY)"
    assert ORDERS.field("amount").header("zh") == "金额(元)"
    assert CUSTOMERS.field("phone").header("zh", "yuan") == "联系电话"


def test_headers_are_evened_out() -> None:
    assert normal_header(" ＡＢc（１） ") == normal_header("abc(1)") == "abc(1)"
    assert normal_header("未合作月数≥") == "未合作月数≥"
