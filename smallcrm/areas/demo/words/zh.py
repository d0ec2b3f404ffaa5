"""A trading house in Shenzhen and the factories and shops of the Pearl River delta it works with."""

from __future__ import annotations

import random

from smallcrm.areas.demo.words import Firm, Person, Place, Words, lines, pairs, places
from smallcrm.areas.demo.words.zh_texts import TEXTS
from smallcrm.base.text import pinyin

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高梁郑谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严赖覃洪武莫孔"
GIVEN = [
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "军",
    "洋",
    "勇",
    "艳",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "秀英",
    "霞",
    "平",
    "刚",
    "桂英",
    "建国",
    "建华",
    "志强",
    "志豪",
    "志明",
    "美玲",
    "美华",
    "文静",
    "文杰",
    "文华",
    "晓彤",
    "晓东",
    "晓燕",
    "小红",
    "俊杰",
    "俊豪",
    "嘉欣",
    "嘉怡",
    "嘉俊",
    "子轩",
    "梓涵",
    "雨婷",
    "思远",
    "思敏",
    "慧敏",
    "慧玲",
    "国栋",
    "国华",
    "海燕",
    "海峰",
    "丽华",
    "丽娟",
    "永强",
    "永康",
    "秋生",
    "春梅",
    "冬梅",
    "家明",
    "家豪",
    "浩然",
    "宇航",
    "欣怡",
    "诗雅",
    "凯",
    "鑫",
    "波",
    "辉",
    "鹏",
    "飞",
    "斌",
    "玲",
    "燕",
    "红",
    "云",
    "英",
    "锦荣",
    "耀辉",
    "伟文",
    "伟强",
    "少芬",
    "佩珊",
    "婉仪",
    "绮雯",
    "泽宇",
    "振华",
    "德胜",
    "金凤",
    "玉兰",
    "雪梅",
]
MARKS = [
    "恒泰",
    "锐捷",
    "云帆",
    "明辉",
    "鸿图",
    "联丰",
    "美居",
    "宏鑫",
    "华盛",
    "金源",
    "永兴",
    "顺达",
    "德信",
    "嘉禾",
    "兴隆",
    "泰源",
    "金裕",
    "视明",
    "恒昌",
    "永顺",
    "万利",
    "富源",
    "智联",
    "创维达",
    "汇通",
    "瑞丰",
    "鼎盛",
    "天成",
    "博雅",
    "新锐",
    "卓越",
    "凯旋",
    "利民",
    "众诚",
    "同创",
    "海纳",
    "东升",
    "南粤",
    "粤华",
    "百川",
    "千禧",
    "佳美",
    "优品",
    "美亚",
    "晨光",
    "星辉",
    "旭日",
    "长青",
    "绿源",
    "清泉",
    "远大",
    "高科",
    "科达",
    "精工",
    "巧匠",
    "匠心",
    "乐童",
    "童趣",
    "喜洋",
    "康宁",
    "安泰",
    "仁和",
    "益生",
    "颐和",
    "锦绣",
    "缤纷",
    "丽都",
    "龙腾",
    "虎跃",
    "凤鸣",
    "麒麟",
    "玉鼎",
    "福星",
    "吉祥",
    "如意",
    "盈丰",
    "丰硕",
    "满堂红",
    "三和",
    "四海",
    "五洲",
    "六合",
    "双喜",
    "大唐",
    "新城",
    "中天",
    "国威",
    "民生",
    "正大",
    "光明",
    "和兴",
    "恒达",
    "立信",
    "诚远",
    "启航",
    "扬帆",
    "领航",
    "飞鹰",
    "雄鹰",
    "金牛",
    "银河",
]
TRADES = pairs("""
电子 | 电子元器件
光电科技 | 电子元器件
科技 | 电子元器件
智能科技 | 电子元器件
精密五金 | 五金制品
锁业 | 五金制品
刀剪 | 五金制品
塑胶制品 | 塑胶
模具 | 塑胶
照明 | 灯饰照明
灯饰 | 灯饰照明
家电配件 | 家用电器
家电 | 家用电器
皮具 | 皮具箱包
箱包 | 皮具箱包
服饰 | 服装纺织
内衣 | 服装纺织
织造 | 服装纺织
布业 | 服装纺织
玩具 | 玩具礼品
礼品 | 玩具礼品
陶瓷 | 陶瓷卫浴
卫浴 | 陶瓷卫浴
家具 | 家具
包装材料 | 包装印刷
纸品 | 包装印刷
印刷 | 包装印刷
食品 | 食品饮料
茶业 | 食品饮料
饮料 | 食品饮料
水产冷链 | 食品饮料
酒业 | 食品饮料
供应链 | 贸易物流
进出口 | 贸易物流
跨境电商 | 贸易物流
国际货运代理 | 贸易物流
珠宝 | 珠宝首饰
玉器 | 珠宝首饰
眼镜 | 光学眼镜
生物制药 | 医药健康
医疗器械 | 医药健康
化妆品 | 日化美妆
日化 | 日化美妆
建材 | 建材
铝型材 | 建材
石材 | 建材
文具 | 文具办公
酒店用品 | 酒店餐饮
餐饮管理 | 酒店餐饮
新能源 | 新能源
电池 | 新能源
汽车配件 | 汽车配件
""")
PLACES = places("""
深圳 | 广东 | 5180 | 0755 | 20
广州 | 广东 | 5100 | 020 | 18
东莞 | 广东 | 5230 | 0769 | 16
佛山 | 广东 | 5280 | 0757 | 12
惠州 | 广东 | 5160 | 0752 | 7
中山 | 广东 | 5284 | 0760 | 7
珠海 | 广东 | 5190 | 0756 | 5
江门 | 广东 | 5290 | 0750 | 5
汕头 | 广东 | 5150 | 0754 | 4
肇庆 | 广东 | 5260 | 0758 | 3
湛江 | 广东 | 5240 | 0759 | 2
清远 | 广东 | 5115 | 0763 | 2
揭阳 | 广东 | 5220 | 0663 | 2
潮州 | 广东 | 5210 | 0768 | 2
梅州 | 广东 | 5140 | 0753 | 1
河源 | 广东 | 5170 | 0762 | 1
阳江 | 广东 | 5295 | 0662 | 1
韶关 | 广东 | 5120 | 0751 | 1
茂名 | 广东 | 5250 | 0668 | 1
厦门 | 福建 | 3610 | 0592 | 2
义乌 | 浙江 | 3220 | 0579 | 2
宁波 | 浙江 | 3150 | 0574 | 1
苏州 | 江苏 | 2150 | 0512 | 1
""")
DISTRICTS = {
    "深圳": "南山区 宝安区 龙岗区 福田区 龙华区", "广州": "白云区 番禺区 海珠区 天河区 花都区", "东莞": "虎门镇 长安镇 厚街镇 南城街道 塘厦镇",
    "佛山": "顺德区 南海区 禅城区", "惠州": "仲恺区 大亚湾区 惠城区", "中山": "古镇镇 小榄镇 火炬区", "珠海": "横琴 金湾区 香洲区", "江门": "新会区 开平市 蓬江区",
    "汕头": "澄海区 潮南区 龙湖区",
}  # fmt: skip
STREETS = [
    "朗山路",
    "科技园北路",
    "工业大道",
    "振兴路",
    "创业二路",
    "建设路",
    "中山路",
    "解放大道",
    "环城路",
    "迎宾大道",
    "兴业路",
    "南环路",
    "港口大道",
    "文化路",
    "人民东路",
    "沿江路",
    "车公庙工业区",
    "西乡大道",
    "福永大道",
    "民营路",
]


def firm(rng: random.Random) -> Firm:
    """A factory or trader of the delta."""
    place = rng.choices(PLACES, [each.weight for each in PLACES])[0]
    mark, (trade, industry) = rng.choice(MARKS), rng.choice(TRADES)
    if rng.random() < 0.35:
        mark += rng.choice(("达", "鑫", "源", "美", "盛", "通", "华", "龙", "兴", "邦"))
    form = rng.random()
    district = rng.choice(DISTRICTS.get(place.city, "").split() or [""])
    if form < 0.14:
        name = f"{place.city}{district.removesuffix('镇').removesuffix('区')}{mark}{trade}{'厂' if industry not in ('贸易物流', '酒店餐饮') else '行'}"
    elif form < 0.8:
        name = f"{place.city}市{district if rng.random() < 0.3 else ''}{mark}{trade}有限公司"
    elif form < 0.92:
        name = f"广东{mark}{trade}股份有限公司" if place.region == "广东" else f"{place.region}{mark}{trade}有限公司"
    else:
        name = f"{mark}{trade}（{place.city}）有限公司"
    short = mark + trade[:2]
    address = f"{''.join(pinyin(short)[0])}-{''.join(each[0] for each in pinyin(place.city)[0])}"  # hengtaidianzi-sz
    return Firm(name, address, industry, short, place.city)


def person(rng: random.Random) -> Person:
    """Somebody who works there."""
    surname, given = rng.choice(SURNAMES), rng.choice(GIVEN)
    title = rng.choice(("总", "经理", "先生", "女士", "工"))
    return Person(surname + given, "".join(pinyin(surname + given)[0]), surname + title, surname)


def street(rng: random.Random) -> str:
    """A street and number."""
    building = rng.choice(
        (
            "",
            f" {rng.choice('ABC')} 座 {rng.randint(2, 28)}{rng.randint(1, 12):02d}",
            f" {rng.randint(1, 9)} 栋",
            " 2 楼",
        )
    )
    return f"{rng.choice(STREETS)} {rng.randint(1, 388)} 号{building}"


def postcode(rng: random.Random, place: Place) -> str:
    """A postcode of the town."""
    return f"{place.postcode}{rng.randint(0, 99):02d}"


def phone(rng: random.Random, place: Place) -> str:
    """A landline."""
    digits = 8 if place.dial in ("020", "0755", "0769", "0757", "0512", "0574", "0579", "0592") else 7
    number = f"{rng.choice('2368')}{rng.randint(0, 10 ** (digits - 1) - 1):0{digits - 1}d}"
    return f"{place.dial} {number[:-4]} {number[-4:]}"


def mobile(rng: random.Random) -> str:
    """A mobile number."""
    return f"{rng.choice(('136', '137', '138', '139', '150', '159', '186', '188'))}{rng.randint(0, 99_999_999):08d}"


_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def tax_number(rng: random.Random) -> str:
    """A 统一社会信用代码 whose check character is right."""
    body = (
        "914403"
        + "".join(str(rng.randint(0, 9)) for _ in range(2))
        + "MA"
        + "".join(rng.choice(_USCC) for _ in range(7))
    )
    total = sum(_USCC.index(char) * pow(3, place, 31) for place, char in enumerate(body))
    return body + _USCC[-total % 31]


def duplicate(name: str) -> str:
    """The firm as a colleague typed it."""
    return name.replace("有限公司", "").replace("市", "", 1) or name


WORDS = Words(
    language="zh",
    company="恒达通贸易",
    country="CN",
    country_name="中国",
    currency="CNY",
    timezone="Asia/Shanghai",
    address="http://crm.hengdatong.example:8070",
    staff={
        "owner": ("林国栋", "总经理"),
        "manager": ("刘建华", "销售总监"),
        "sales1": ("林晓彤", "客户经理"),
        "sales2": ("陈志豪", "客户经理"),
        "sales3": ("黄美玲", "高级客户经理"),
        "sales4": ("周凯", "销售代表"),
        "sales5": ("梁嘉欣", "客户经理"),
        "sales6": ("邓永强", "销售代表"),
        "service": ("谢慧敏", "客服主管"),
        "marketing": ("苏雨婷", "市场专员"),
        "viewer": ("何秀英", "会计"),
    },
    teams=("销售部", "华南团队", "华东与跨境团队"),
    pools=("华南公海", "渠道公海"),
    places=PLACES,
    firm=firm,
    person=person,
    street=street,
    postcode=postcode,
    phone=phone,
    mobile=mobile,
    tax_number=tax_number,
    tax_offices=(),
    banks=(
        "中国工商银行深圳科技园支行",
        "中国建设银行东莞虎门支行",
        "招商银行广州白云支行",
        "中国银行佛山顺德支行",
        "农业银行惠州仲恺支行",
    ),
    invoice_kind="special",
    duplicate=duplicate,
    jobs=pairs("""
采购总监 | 决策人
采购经理 | 决策人
总经理 | 决策人
老板 | 决策人
工程师 | 技术评估
品质主管 | 技术评估
生产主管 | 使用者
仓库主管 | 使用者
财务 | 付款人
会计 | 付款人
跟单员 | 对接人
助理 | 对接人
"""),
    sources=("展会", "转介绍", "官网", "电话", "老客户", "阿里巴巴", "广交会"),
    statuses=("新客户", "合作中", "上升", "下滑", "流失"),
    tags=lines("展会 2025\n广交会 2026\n框架协议\n季节性\n出口\n月结\n战略\n先款后货\n重点跟进\n样板客户"),
    products=lines("""
智能门锁主板
Type-C 连接器
LED 驱动电源
铝合金外壳
锂电池模组
彩盒包装
注塑外壳
不锈钢铰链
线束组件
温控器
亚克力灯罩
真皮手袋五金
纸箱
喷雾泵头
不锈钢保温杯
"""),
    colleagues=("仓库老李", "品质部", "谢慧敏", "财务", "惠州工厂"),
    **TEXTS,
)
