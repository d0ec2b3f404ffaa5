"""The headers people give their columns, per concept and in the languages of our users: data, not code.

A field of a record points at a concept (or several) for its aliases. Headers are compared by ``plain_header``.
"""

from __future__ import annotations

import re
from functools import lru_cache

from smallcrm.base.text import fold

_TABLE = """
company:
    公司 | 公司名称 | 公司全称 | 企业 | 企业名称 | 单位 | 单位名称 | 客户 | 客户名称 | 客户名 | 客户全称 | 客户公司
    | 名称 | 商户 | 门店 | 店名 | 甲方 | 买方 | 购方 | 抬头 | company | company name | account | account name
    | customer | customer name | client | client name | organisation | organization | business | firm | firm name
    | business name | trading name | legal name | name of company | bill to | buyer | επωνυμία | επωνυμία εταιρείας
    | επωνυμία επιχείρησης | εταιρεία | εταιρία | πελάτης | ονομασία | επιχείρηση | διακριτικός τίτλος
    | όνομα πελάτη | φίρμα
short name:
    简称 | 公司简称 | 客户简称 | short name | alias | abbreviation | σύντομη ονομασία | διακριτικός τίτλος
person:
    姓名 | 名字 | 联系人 | 联系人姓名 | 联络人 | 主要联系人 | 对接人 | 经办人 | 负责人姓名 | 学员 | 学员姓名 | 学生
    | 学生姓名 | 家长 | 家长姓名 | name | full name | contact | contact name | contact person | person | student
    | student name | parent name | attn | attention | ονοματεπώνυμο | όνομα | υπεύθυνος | υπεύθυνος επικοινωνίας
    | επαφή | άτομο επικοινωνίας | πρόσωπο επικοινωνίας | στοιχεία επικοινωνίας | μαθητής
first name:
    名 | first name | given name | forename | όνομα | μικρό όνομα
last name:
    姓 | 姓氏 | last name | surname | family name | επώνυμο | επίθετο
title:
    职务 | 职位 | 岗位 | 头衔 | title | job title | position | θέση | ιδιότητα | τίτλος
role:
    角色 | 关系 | role | relationship | ρόλος | σχέση
mobile:
    手机 | 手机号 | 手机号码 | 移动电话 | 联系手机 | mobile | mobile phone | mobile no | mobile number | cell
    | cell phone | cellphone | gsm | κινητό | κινητό τηλέφωνο | κιν | κιν τηλ
phone:
    电话 | 电话号码 | 联系电话 | 联系方式 | 座机 | 固话 | 固定电话 | 公司电话 | 办公电话 | phone | phone number
    | phone no | telephone | telephone number | tel | tel no | tel mob | landline | office phone | work phone
    | contact number | τηλέφωνο | τηλέφωνα | τηλ | σταθερό | σταθερό τηλέφωνο | τηλέφωνο επικοινωνίας
email:
    邮箱 | 电子邮箱 | 电子邮件 | 邮件 | 邮箱地址 | email | e-mail | e mail | mail | email address | e-mail address
    | mailbox | ηλεκτρονικό ταχυδρομείο | ηλ ταχυδρομείο | διεύθυνση email | μέιλ
wechat:
    微信 | 微信号 | wechat | wechat id | weixin
website:
    网址 | 网站 | 官网 | 主页 | website | web site | web | url | homepage | site | ιστοσελίδα | ιστότοπος | σελίδα
tax number:
    税号 | 纳税人识别号 | 纳税识别号 | 统一社会信用代码 | 社会信用代码 | 信用代码 | 税务登记号 | vat | vat number
    | vat no | vat id | tax id | tax number | tax no | tin | vat reg no | αφμ | α.φ.μ. | α φ μ
    | αριθμός φορολογικού μητρώου
tax office:
    税务机关 | 主管税务机关 | tax office | δου | δ.ο.υ. | δ ο υ | εφορία
industry:
    行业 | 所属行业 | 行业类别 | industry | sector | branch | line of business | κλάδος | δραστηριότητα | επάγγελμα
    | αντικείμενο
grade:
    级别 | 等级 | 客户级别 | 客户等级 | 重要程度 | 分级 | grade | rating | rank | class | cat | category | tier
    | priority | βαθμίδα | κατηγορία | κατάταξη
source:
    来源 | 客户来源 | 线索来源 | 渠道 | 获客渠道 | source | lead source | origin | channel | how found | πηγή
    | προέλευση
status:
    状态 | 客户状态 | 跟进状态 | status | state | κατάσταση
country:
    国家 | 国别 | 国家地区 | country | country region | office location | χώρα
region:
    省 | 省份 | 省市 | 地区 | 区域 | 大区 | region | province | state province | county | area | regional office
    | περιφέρεια | νομός | περιοχή
city:
    城市 | 市 | 所在城市 | 所在地 | 城区 | city | town | location | πόλη | δήμος
address:
    地址 | 详细地址 | 公司地址 | 联系地址 | 通讯地址 | 办公地址 | 收货地址 | address | street | street address
    | address line 1 | postal address | διεύθυνση | οδός | οδός και αριθμός
postcode:
    邮编 | 邮政编码 | postcode | post code | postal code | zip | zip code | τκ | τ.κ. | τ κ | ταχυδρομικός κώδικας
    | ταχ κώδικας
notes:
    备注 | 说明 | 备注信息 | 其他 | 描述 | notes | note | remarks | remark | comments | comment | description | memo
    | σημειώσεις | σημείωση | παρατηρήσεις | σχόλια | περιγραφή
tags:
    标签 | tags | tag | labels | keywords | ετικέτες
owner:
    负责人 | 业务员 | 销售 | 销售员 | 销售代表 | 销售人员 | 客户经理 | 跟进人 | 跟单 | 归属人 | 所属销售 | owner
    | account owner | sales agent | sales rep | salesperson | sales person | rep | agent | account manager
    | assigned to | responsible | salesman | seller | πωλητής | υπεύθυνος πωλήσεων | χειριστής | ανατέθηκε σε
team:
    团队 | 部门 | 小组 | team | department | group | ομάδα | τμήμα
manager:
    经理 | 主管 | 上级 | manager | supervisor | head | team lead | προϊστάμενος | διευθυντής | μάνατζερ
parent:
    上级公司 | 母公司 | 集团 | 总公司 | 上级客户 | parent | parent company | parent account | group company
    | subsidiary of | headquarters | μητρική | μητρική εταιρεία | θυγατρική της | όμιλος
employees:
    人数 | 员工数 | 员工人数 | 规模 | 公司规模 | employees | number of employees | staff | headcount | company size
    | εργαζόμενοι | προσωπικό | αριθμός εργαζομένων
annual revenue:
    年营业额 | 营业额 | 年销售额 | 年采购额 | 年收入 | 营收 | 采购额 | turnover | revenue | annual revenue
    | annual turnover | sales volume | τζίρος | κύκλος εργασιών | ετήσιος τζίρος | έσοδα
currency:
    币种 | 货币 | currency | νόμισμα
since:
    建档日期 | 成交日期 | 合作日期 | 合作时间 | 开始日期 | 客户日期 | since | customer since | client since
    | start date | started | πελάτης από | από | ημερομηνία έναρξης | έναρξη συνεργασίας
created:
    创建时间 | 创建日期 | 录入时间 | 添加时间 | created | created at | date created | date added
    | ημερομηνία δημιουργίας | καταχώρηση
next follow-up:
    下次联系 | 下次联系时间 | 下次跟进 | 下次跟进时间 | 下次回访 | 下次拜访 | next contact | next follow-up
    | next follow up | follow up date | next call | next step date | επόμενη επαφή | επόμενη επικοινωνία
    | επόμενο βήμα
last follow-up:
    最近联系 | 最后联系 | 最近跟进 | 最后跟进时间 | 上次联系 | 最近联系时间 | last contact | last contacted
    | last follow-up | last activity | τελευταία επαφή | τελευταία επικοινωνία
birthday:
    生日 | 出生日期 | 出生年月 | birthday | birth date | date of birth | dob | γενέθλια | ημερομηνία γέννησης
gender:
    性别 | gender | sex | φύλο
id number:
    身份证 | 身份证号 | 身份证号码 | id number | id card | passport | αδτ | αριθμός ταυτότητας | ταυτότητα
language:
    语言 | language | γλώσσα
number:
    编号 | 客户编号 | 序号 | 单号 | 订单号 | 合同号 | 号码 | code | number | no | nr | id | ref | reference
    | customer no | account no | opportunity id | κωδικός | κωδ | αριθμός | αα | α/α
product:
    产品 | 产品名称 | 商品 | 货品 | 课程 | product | product name | item | article | course | προϊόν | είδος
    | μάθημα
series:
    系列 | 类别 | 品类 | series | family | product family | category | οικογένεια | σειρά
price:
    单价 | 价格 | 售价 | price | unit price | sales price | list price | τιμή | τιμή μονάδας | τιμή πώλησης
cost:
    成本 | 成本价 | 进价 | cost | unit cost | κόστος
quantity:
    数量 | qty | quantity | ποσότητα
unit:
    单位 | 计量单位 | unit | uom | μονάδα | μονάδα μέτρησης | μμ
amount:
    金额 | 总金额 | 合同金额 | 成交金额 | 预计金额 | amount | value | deal value | close value | total | sum | ποσό
    | αξία | σύνολο
tax rate:
    税率 | tax rate | vat rate | φπα | συντελεστής φπα
stage:
    阶段 | 销售阶段 | 商机阶段 | stage | deal stage | sales stage | phase | στάδιο | φάση
probability:
    赢率 | 成功率 | 概率 | probability | win rate | likelihood | πιθανότητα
expected close:
    预计成交日期 | 预计成交时间 | 预计签单日期 | expected close | expected close date | expected closing
    | estimated close | αναμενόμενο κλείσιμο
closed:
    成交日期 | 关闭日期 | 结束日期 | close date | closed | closed on | closing date | date closed
    | ημερομηνία κλεισίματος | κλείσιμο
opened:
    开始日期 | 接触日期 | engage date | open date | opened | start | έναρξη
reason:
    原因 | 输单原因 | reason | loss reason | lost reason | αιτία | λόγος
subject:
    主题 | 标题 | subject | topic | title | θέμα | τίτλος
date:
    日期 | 时间 | date | when | ημερομηνία | ημ/νία
campaign:
    活动 | 市场活动 | campaign | καμπάνια
"""


def _read(table: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    concept = ""
    for line in table.strip().splitlines():
        if not line.startswith(" "):
            concept = line.rstrip(":")
            found[concept] = ()
        else:
            found[concept] += tuple(word.strip() for word in line.split("|") if word.strip())
    return found


COLUMNS = _read(_TABLE)


def column_words(concept: str) -> tuple[str, ...]:
    """The headers that mean ``concept``, as people write them. Raises KeyError for a concept nobody declared."""
    return COLUMNS[concept]


@lru_cache(maxsize=1)
def all_column_words() -> frozenset[str]:
    """Every header word of every concept, plain."""
    return frozenset(plain_header(word) for texts in COLUMNS.values() for word in texts)


_BRACKETS = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")
_SPACED_HAN = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_DECORATION = re.compile(r"[*＊:：.．·\"“”'’?？!！#№]+|(?:必填|选填|required|optional|υποχρεωτικο)$")


@lru_cache(maxsize=8192)
def plain_header(text: str) -> str:
    """A header as it is compared: folded, without brackets, stars, dots, underscores and line ends."""
    bare = _BRACKETS.sub(" ", text)
    bare = bare if bare.strip() else text
    folded = fold(_DECORATION.sub(" ", fold(bare)).replace("_", " ").replace("-", " ").replace("/", " "))
    return _SPACED_HAN.sub("", folded) or fold(text)


_SCALES = (
    (re.compile(r"百万|\bmillions?\b|\bmio\b|\bmln\b|[€$£¥]\s?m\b|\bm\s?[€$£¥]|\bεκ(?:ατ)?\b"), 6),
    (re.compile(r"亿"), 8),
    (re.compile(r"万"), 4),
    (re.compile(r"千元|千人|\bthousands?\b|\bχιλ(?:ιαδεσ)?\b|[€$£¥]\s?k\b|\bk\s?[€$£¥]|\bk(?:eur|usd|cny)\b"), 3),
)


def scale_of(header: str) -> int:
    """By how many zeros a column's figures are short: ``营业额（万元）`` → 4, ``Revenue (k€)`` → 3, else 0.

    Only what stands in brackets or after a comma or slash is a unit; the rest is the name.
    """
    units = " ".join(_BRACKETS.findall(header)) or header.rpartition("/")[2] * ("/" in header)
    said = fold(units)
    return next((power for pattern, power in _SCALES if pattern.search(said)), 0) if said else 0
