"""What people at the trading house write down."""

from __future__ import annotations

from typing import Any

from smallcrm.areas.demo.words import lines, pairs

TEXTS: dict[str, Any] = {
    "calls": pairs("""
问{qty}个{product}的价格 | {contact}在和另一家比价，{weekday}前要报价。交期比价格更要紧。
{product}交期延误 | 物流丢了一托盘货，已道歉，{colleague}明天补发，{contact}表示理解。
{product}返单 | 和上次一样，{qty}个，第{week}周交货，{contact}发订单邮件。
问试产情况 | {product}上线顺利，有两箱运输时压坏，希望内衬加厚。
新品计划 | 他们准备上新系列，{product}要三种规格，{contact}发图纸。
发票问题 | 上一张发票没扣折扣，{colleague}重新开。
初次联系 | 一直向别家采购{product}，合同{month}到期，{contact}愿意看报价。
备货情况 | 只剩两周库存，给他们预留{qty}个到{weekday}。
确认收到样品 | 样品已到，{contact}{weekday}拿给采购会看。
催款 | 答应这周五付款。{contact}出差，别人批不了。
新对接人 | {contact}接手采购，以前合作过，希望见一面。
年底用量 | 去年十二月断过货，今年{qty}个{product}想分批提。
没联系上 | 给前台留了话，{contact}{weekday}回来。
框架协议 | 对服务满意，想要一年不变的价格，按月送货。
颜色投诉 | 上一批颜色偏深，照片随后发来，{colleague}核对色样。
给{contact}打电话谈账期 | 希望月结 60 天，先报给财务看。
"""),
    "visits": pairs("""
拜访：带{product}样品 | 和{contact}看了产线，目前人工装配，每周{qty}件，用我们的{product}能省一道工序。
拜访：参观新产线 | 明年一季度要加两条线，用量翻倍，{contact}要我们先备料。
拜访：看投诉的货 | 现场看了，堆了三层压坏的，换加强箱就能解决。
{city}片区走访 | 顺路看看，货架备货正常，{contact}给看了新款。
拜访：新仓库 | {month}搬的，面积大一倍，以后按半托盘送。
展会面谈 | {contact}带同事过来，拿走几款{product}样品。
陪{contact}参观惠州工厂 | 看了贴片和老化，对检测流程很放心。
"""),
    "meetings": pairs("""
季度回顾 | 采购量同比上升，两次迟交。{contact}希望{product}有专人跟进。
合同谈判 | 谈付款条件：月结 30 天可以，{qty}个以上要再让 2 个点。
新项目启动会 | {month}定稿，四周后首批交货，{contact}定表面处理。
与{contact}视频会议 | 过了{product}的图纸，他们倾向不开窗的方案。
涨价沟通 | 解释了原材料涨价，{contact}接受先涨一半，{month}起再涨另一半。
成本评审 | {product}三个方案，第二个最合适。
"""),
    "messages": pairs("""
微信发了打样照片 | {contact}几分钟就回了：可以做。
{weekday}能送货吗 | 可以，上午 8 到 11 点，{contact}安排卸货。
感谢下单 | 对方说出货很快。
催图纸 | {weekday}给，设计请假了。
确认拜访时间 | {contact}在门口接。
"""),
    "emails": pairs("""
{qty}个{product}报价单 | 报价已发，有效期 30 天，含税含运费。
{product}修改报价 | 换国产料重新核价，比上次低四个点。
订单确认 | 确认{qty}个，第{week}周交货，{contact}要求邮件发送货单。
资料与证书 | 发了 RoHS 证书和{product}规格书。
会议纪要 | 达成的事项、各自{weekday}前完成的工作。
投诉答复 | {qty}个开红字发票，下周补货。
新价格表 | {month}起执行，{contact}问哪些不变。
邀请参观工厂 | {month}开放日，他们来两个人。
"""),
    "notes": pairs("""
听说他们在{city}要开新厂 | 司机说的，可以向{contact}了解用量。
{contact}习惯用微信 | 上午十点前不要打电话。
付款稳定，总是最后一天 | 已和财务说好。
有竞争对手供货 | 车间看到别家{product}，约占三成。
{product}的样板客户 | 愿意带别的客户参观产线。
春节前后停工三周 | 提前备货。
"""),
    "tasks": pairs("""
寄{product}样品 | 两种规格，不丝印。
录入投诉照片 | 放文件里，写批号。
找财务查信用额度 | 订单比平时大。
问{colleague}交期 | {contact}在等。
更新特价表 | 月底到期。
写拜访报告 | 附尺寸。
"""),
    "plans": {
        "call": lines("""
电话确认样品
跟进{product}报价
问{contact}返单
约{product}交货周
谈框架协议续签
催签回订单
提醒付款
"""),
        "visit": lines("上门拜访，带新版样机\n拜访：看产线\n拜访新对接人{contact}\n季度走访"),
        "meeting": lines("与{contact}季度回顾\n合同谈判\n视频会议：{product}图纸"),
        "message": lines("微信确认{weekday}送货\n催图纸"),
        "email": lines("发{qty}个{product}报价\n发修改后的价格\n发{product}证书"),
        "task": lines("准备{product}样品\n查{product}库存\n录入投诉照片\n核算{product}成本\n订{city}货车"),
    },
    "late": pairs("""
call | 电话说明交期延误
email | 发{product}新报价
task | 查{product}库存
call | 给{contact}回电话
email | 框架协议续签函
"""),
    "outcomes": ("下单", "要报价", "有意向", "再联系", "未接通", "已解决", "暂无需求"),
    "remarks": lines("""
家族企业，老板一次会就能定。
主要做出口，九月到圣诞最忙。
要求全部环保料，明年起验厂。
下午五点后不收货，只能进 4.2 米车。
2019 年就合作，涨价后停过，又回来了。
连接器用量最大，一般备三周库存。
对客服评价高，最怕发票出错。
集团统一采购，价格和母公司谈。
两成出口欧洲，要加长标签。
对颜色要求很高，必须实物打样。
规模小但增长快，今年新开两家店。
广交会上认识的。
"""),
    "reasons": ("联系不上", "暂无需求", "预算推迟", "已在别处采购", "换了采购"),
    "consent_how": ("订单上勾选", "展会签名", "官网登记并邮件确认"),
    "views": {
        "key": "重点客户",
        "quiet": "60 天没联系",
        "week": "本周要跟",
        "fair": "广交会 2026",
        "leeds": "深圳客户",
        "own": "我的大客户",
        "tasks": "未完成任务",
        "bosses": "决策人",
    },
    "custom": {
        "terms": ("月结 30 天", "月结 60 天", "货到付款", "先款后货"),
        "ramp": (),
        "delivery": ("周一", "周三", "周五"),
    },
    "papers": {
        "quote": "报价单 {number}.pdf",
        "report": "拜访报告 {date}.txt",
        "prices": "阶梯价 {date}.csv",
        "title": "Quotation {number}",
        "to": "To {customer}",
        "body": "{qty} pcs, DDP, valid 30 days.",
        "report_body": "{date} 拜访\n{customer}，{contact}\n\n{text}\n\n下一步：{next}\n",
        "columns": "品名,数量,单价",
    },
    "import_file": "老客户.xlsx",
    "sample_tag": "示例",
}
