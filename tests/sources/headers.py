"""Headers as exports have them: those that mean a field, spelt in some other way, and those that only look like it."""

from __future__ import annotations

SURE: dict[str, str] = {
    # remarks, numbering, 的
    "客户的名称": "customer_name", "客户名称（必填）": "customer_name", "*客户名称": "customer_name",
    "2、客户名称": "customer_name", "（3）联系电话": "phone", "联系的电话": "phone", "客户名称：": "customer_name",
    "邮箱[选填]": "email", "最近合作的时间": "last_order", "所属的行业": "industry",
    # words
    "Customer Full Name": "customer_name", "Cust. Name": "customer_name", "cust_name": "customer_name",
    "Name of customer": "customer_name", "Name of the Customer": "customer_name", "CustomerName__c": "customer_name",
    "Cust No.": "customer_id", "ACCT_ID": "customer_id", "Acct Number": "customer_id", "Date of last order": "last_order",
    "Last Ord Dt": "last_order", "Order count": "order_count", "Avg order value": "average_order",
    "Customer Name (required)": "customer_name", "ID of Customer": "customer_id", "Lead source*": "source",
    "电话联系": "phone", "称名户客": "customer_name", "客户名称 Customer Name": "customer_name",
    "联系电话/Phone": "phone",
    # pinyin
    "kehu mingcheng": "customer_name", "KehuBianhao": "customer_id", "lianxi_dianhua": "phone", "fuzeren": "owner",
    "zui jin he zuo shi jian": "last_order", "hangye": "industry", "客户mingcheng": "customer_name",
    # homophones
    "客护名称": "customer_name", "客户名成": "customer_name", "连系电话": "phone", "最进合作时间": "last_order",
    "负则人": "owner", "历史和作次数": "order_count",
    # slips
    "Custmer ID": "customer_id", "Cutsomer Name": "customer_name", "Number of emplyees": "company_size",
    "Average ordre value": "",
}  # fmt: skip
"""Header -> field key; '' where a slip is in too short a word to be sure of."""

NEAR_MISSES = (
    "最近联系时间", "首次联系时间", "最近登录时间", "最近跟进日期", "上年消费金额", "去年消费金额", "月消费金额", "预计年采购金额",
    "年消费次数", "本年消费金额", "上级客户编号", "原客户编号", "供应商编号", "产品编号", "产品名称", "部门名称", "供应商名称", "客户简称",
    "客户名称拼音", "客户英文名称", "曾用客户名称", "开票名称", "紧急联系人", "备用联系人", "第二联系人电话", "紧急联系电话", "推荐人电话",
    "备用电话", "传真电话", "开票地址", "注册地址2", "前负责人", "原负责人", "创建人", "更新人", "合作年限", "合作意向", "合同开始日期",
    "客户分类", "客户性别", "客户生日备注", "行业排名", "城市等级", "区域经理", "联系人性别", "联系人生日", "职位等级", "使用市场",
    "投诉率", "满意度调查日期", "毛利", "利润", "毛利额", "复购次数", "回款金额", "回款日期", "目标客户", "是否老客户", "潜在客户数",
    "Last contact date", "First contact date", "Last login date", "Contact date", "Contract number", "Contract value",
    "Customer name (old)", "Parent account ID", "Parent account", "Previous owner", "Second phone", "Secondary email",
    "Fax number", "Billing city", "Shipping address", "County", "Stage", "Country code", "City code", "Phone type",
    "Order numbers", "Order status", "Number of contacts", "Number of contracts", "Annual sales target", "Average order age",
    "Company website", "Company phone ext", "Contact count", "Source URL", "Owner email", "Account manager phone",
    "Customer segment old", "Created by", "Updated by", "Total discount", "Supplier name", "Product name", "Product ID",
)  # fmt: skip
"""Other things than any field of a customer; some name one of our results."""
