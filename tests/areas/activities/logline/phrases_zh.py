"""Chinese phrases, each followed by what it means (the notation is that of ``cast.told``)."""

PHRASES = r"""
给王总打了5分钟电话，交期能接受，周二发报价
    call 王 5min | + task Tue 24 Nov: 发报价 | ~ 交期能接受
微信聊了价格 下周三下午2点拜访
    message | + visit Wed 25 Nov 14:00: 拜访 | ~ 价格
没人接 明天再打
    call no_answer | + call Sat 21 Nov: 再打
打了电话没人接明天再打
    call no_answer | + call Sat 21 Nov: 再打
打电话给王总，没接
    call 王 no_answer
王总来电，问交期
    call in 王 | ~ 问交期
王总打电话来说要500个
    call in 王 | ~ 说要500个
接到李工电话，样品不合格
    call in 李 | ~ 样品不合格
收到王总邮件，下周给答复
    email in 王 | + task Mon 23 Nov: 给答复
拜访了王总，谈了两个小时
    visit 王 120min
昨天下午3点拜访王总，聊了一个半小时
    visit 王 90min 19 Nov 15:00
今天上午去了他们工厂，见了李经理
    visit 李 20 Nov 09:00 | ~ 他们工厂
上周二和王总见面
    meeting 王 10 Nov
和王总、李工开了会，1小时20分
    meeting 王 李 80min
电话沟通，客户对价格有异议
    call | ~ 客户对价格有异议
电话：客户下周三给答复
    call | + task Wed 25 Nov: 客户给答复
微信：王总说要500个，周五前报价
    message 王 | + task Fri 27 Nov: 报价 | ~ 王总说要500个
微信发了报价
    message | ~ 报价
已发报价，下周一跟进
    message | + call Mon 23 Nov: 跟进 | ~ 报价
发了邮件给李文静
    email 李
寄了样品
    note | ~ 寄了样品
备注：预算已批
    note | ~ 预算已批
预算已批
    note | ~ 预算已批
明天上午10点给王总打电话
    + call Sat 21 Nov 10:00 王: 给王总打电话
后天拜访
    + visit Sun 22 Nov: 拜访
大后天下午三点半开会
    + meeting Mon 23 Nov 15:30: 开会
下下周一去拜访王总
    + visit Mon 30 Nov 王: 去拜访王总
月底前签合同
    + task Mon 30 Nov: 签合同
下个月5号交样品
    + task Sat 05 Dec: 交样品
3月5号回访
    + call Fri 05 Mar: 回访
3-5回访
    + call Fri 05 Mar: 回访
12月底再联系
    + call Thu 31 Dec: 再联系
三天后联系
    + call Mon 23 Nov: 联系
两周后提醒我
    + task Fri 04 Dec remind: Follow up
半个月后再跟进
    + call Sat 05 Dec: 再跟进
过几天再打
    + call Mon 23 Nov: 再打
三个工作日内发报价
    + task Wed 25 Nov: 发报价
提醒我周四催款
    + call Thu 26 Nov remind: 催款
记得明天发合同
    + task Sat 21 Nov: 发合同
让小李周五发合同
    + task Fri 27 Nov by 小李: 发合同
小李周五发合同
    + task Fri 27 Nov by 小李: 发合同
安排小李明天上门
    + visit Sat 21 Nov by 小李: 上门
约王总周四下午见面
    + meeting Thu 26 Nov 14:00 王: 约王总见面
约了下周三下午2点拜访
    + visit Wed 25 Nov 14:00: 拜访
约好明天10点电话会议
    + call Sat 21 Nov 10:00: 电话会议
下周再约
    + task Mon 23 Nov: 再约
要准备样品
    + task: 准备样品
客户要求周二发报价
    + task Tue 24 Nov: 客户要求发报价
客户下周三付款
    + task Wed 25 Nov: 客户付款
客户要500个
    note | ~ 客户要500个
客户考虑一下
    note | ~ 客户考虑一下
不用再打了
    note | ~ 不用再打了
没打电话
    note | ~ 没打电话
没接受报价
    note | ~ 没接受报价
没通过验收
    note | ~ 没通过验收
周总结下周发
    + task Mon 23 Nov: 周总结发
下周总结会
    + task Mon 23 Nov: 总结会
半小时后再打
    + call Fri 20 Nov 10:30: 再打
打了半个小时电话
    call 30min
通了20多分钟电话
    call 20min
聊了几分钟
    call | ~ 几分钟
和王总聊了10来分钟，关于发票1107
    call 王 10min | ~ 关于发票1107
发票1107已开，金额5000元
    note | ~ 发票1107已开，金额5000元
买了5米电缆
    note | ~ 买了5米电缆
提了3点要求
    note | ~ 提了3点要求
便宜一点
    note | ~ 便宜一点
晚上8点视频会议
    + meeting Fri 20 Nov 20:00: 视频会议
中午12点一起吃饭
    + meeting Fri 20 Nov 12:00: 一起吃饭
14:30-16:00开会
    + meeting Fri 20 Nov 14:30 90min: 开会
上午9点到11点培训
    meeting 120min 20 Nov 09:00
拜访王總，報價週五發
    visit 王 | + task Fri 27 Nov: 報價發
打電話給王總，沒人接，後天再打
    call 王 no_answer | + call Sun 22 Nov: 再打
联系不上，换个时间
    call no_answer | ~ 换个时间
关机，明天再试
    call switched_off | + call Sat 21 Nov: 再试
占线
    call busy
空号
    call wrong_number
王总说下周出差
    note 王 | ~ 王总说下周出差
王总出差到下周一
    note 王 | ~ 王总出差到下周一
今天下午3点拜访王总
    + visit Fri 20 Nov 15:00 王: 拜访王总
今天拜访王总
    visit 王
今天拜访了王总
    visit 王
周末前给方案
    + task Fri 20 Nov: 给方案
尽快报价
    + task Fri 20 Nov: 报价
稍后再打
    + call Fri 20 Nov: 再打
年底前完成回款
    + task Thu 31 Dec: 完成回款
老李来访，参观了车间
    visit in 李 | ~ 车间
加了微信，明天发资料
    message | + task Sat 21 Nov: 发资料
客户扑空，改天再约
    visit not_there | + task: 改天再约
联系电话0755-86423317
    note | ~ 联系电话0755-86423317
王建国电话13800138000
    note 王 | ~ 王建国电话13800138000
对方公司周二盘点
    note | ~ 对方公司周二盘点
下周三之前寄样
    + task Wed 25 Nov: 寄样
打了个电话给王总，他说价格太高，周五之前重新报价，小李跟进
    call 王 | + task Fri 27 Nov: 重新报价 | + call by 小李: 跟进 | ~ 他说价格太高
周二(24号)发报价
    + task Tue 24 Nov: 发报价
11月24日14:00开会
    + meeting Tue 24 Nov 14:00: 开会
二十五号付款
    + task Wed 25 Nov: 付款
再联系
    + call: 再联系
继续跟进
    note | ~ 继续跟进
跟进
    call
电话
    call
小王打来电话
    call in 王
今天和王总通了电话，约好下周四上午10点上门
    call 王 | + visit Thu 26 Nov 10:00: 上门
刚跟李工打完电话，15分钟，图纸要改
    call 李 15min | ~ 图纸要改
电话回访，客户满意
    call | ~ 客户满意
电话联系王总，无人接听，下午再打
    call 王 no_answer | + call Fri 20 Nov 14:00: 再打
上午拜访，王总不在，明天再去
    visit 王 20 Nov 09:00 not_in | + visit Sat 21 Nov: 再去
去了一趟惠州工厂，参观产线，2小时10分
    visit 130min | ~ 惠州工厂, 产线
在展会上见了王总
    meeting 王 | ~ 在展会
微信上跟李工确认了图纸
    message 李 | ~ 确认了图纸
微信联系李工，没回
    message 李 no_reply
微信没回，明天电话联系
    message no_reply | + call Sat 21 Nov: 电话联系
发微信给王总催款
    message 王
给王总发了微信，问了交期
    message 王 | ~ 交期
王总微信说下周下单
    message in 王 | + task Mon 23 Nov: 下单
王总发来微信，要样品
    message in 王 | ~ 要样品
邮件发了合同给王总
    email 王 | ~ 合同
邮件发送报价，等回复
    email | ~ 报价，等回复
收到询价邮件，明天报价
    email in | + task Sat 21 Nov: 报价
王总回复邮件，同意降价2%
    email in 王 | ~ 同意降价2%
合同已寄出，下周五前回签
    note | + task Fri 27 Nov: 回签 | ~ 合同已寄出
安排周四送样
    + task Thu 26 Nov: 安排送样
周四送样
    + task Thu 26 Nov: 送样
准备周五的投标
    + task Fri 27 Nov: 准备投标
周五投标
    + task Fri 27 Nov: 投标
明天投标截止
    + task Sat 21 Nov: 投标截止
25号前付尾款
    + task Wed 25 Nov: 付尾款
12月5号之前交货
    + task Sat 05 Dec: 交货
下周一上午九点半开视频会议，1小时
    + meeting Mon 23 Nov 09:30 60min: 开视频会议
后天下午王总来公司
    + visit Sun 22 Nov 14:00 王: 王总来公司
王总下周二来访
    + visit Tue 24 Nov 王: 王总来访
接待王总，参观车间，90分钟
    visit in 王 90min | ~ 车间
请王总吃饭，聊了两个小时
    meeting 王 120min
中午和王总吃饭
    + meeting Fri 20 Nov 12:00 王: 和王总吃饭
昨晚请王总吃饭
    meeting 王 19 Nov 18:00
前天电话沟通过
    call 18 Nov
上个月拜访过一次
    visit 20 Oct | ~ 一次
三天前打过电话
    call 17 Nov
两个星期前见过面
    meeting 06 Nov
一小时前通了电话
    call 20 Nov 09:00
过两天再联系
    + call Sun 22 Nov: 再联系
一周后回访
    + call Fri 27 Nov: 回访
两个月后复购提醒
    + task Wed 20 Jan remind: 复购提醒
半年后续约
    + task Thu 20 May: 续约
明年3月续签合同
    + task Mon 01 Mar: 续签合同
年后再联系
    + call: 年后再联系
有空再约
    note | ~ 有空再约
回头再说
    note | ~ 回头再说
没时间，下次再聊
    note | + call: 再聊 | ~ 没时间
暂时不需要
    note | ~ 暂时不需要
已有供应商，没兴趣
    note | ~ 已有供应商，没兴趣
价格偏高，考虑中
    note | ~ 价格偏高，考虑中
客户嫌贵，要求打九折
    note | ~ 客户嫌贵，要求打九折
可以接受，尽快发合同
    note | + task Fri 20 Nov: 发合同 | ~ 可以接受
需要3台，预算5万
    note | ~ 需要3台，预算5万
要10个，周三前发货
    note | + task Wed 25 Nov: 发货 | ~ 要10个
王总要求周三前发货
    + task Wed 25 Nov 王: 王总要求发货
李工说图纸周五给
    note 李 | ~ 李工说图纸周五给
老板不在，让周二再打
    call not_in | + call Tue 24 Nov: 再打
客户说下周给答复，下周五跟进
    + task Mon 23 Nov: 客户说给答复 | + call Fri 27 Nov: 跟进
让王伟周五去拜访
    + visit Fri 27 Nov: 王伟去拜访
小李负责周五报价
    + task Fri 27 Nov by 小李: 负责报价
小李明天去客户那里
    + visit Sat 21 Nov by 小李: 去客户那里
交给小李跟进
    + call by 小李: 跟进
我明天去拜访
    + visit Sat 21 Nov: 去拜访
我们下周三去拜访王总
    + visit Wed 25 Nov 王: 去拜访王总
@小李 明天发合同
    + task Sat 21 Nov by 小李: 发合同
提醒：12月1日合同到期
    + task Tue 01 Dec remind: 合同到期
下午3：30开会
    + meeting Fri 20 Nov 15:30: 开会
15点拜访
    + visit Fri 20 Nov 15:00: 拜访
15时30分到厂
    + visit Fri 20 Nov 15:30: 到厂
3点一刻见面
    + meeting Fri 20 Nov 15:15: 见面
晚上七点请吃饭
    + meeting Fri 20 Nov 19:00: 请吃饭
打了两次都没接
    call no_answer | ~ 两次
电话打不通
    call no_answer
电话通了，说在开会，晚点再打
    call | + call Fri 20 Nov: 再打 | ~ 说在开会
正在开会，半小时后回电
    note | + call Fri 20 Nov 10:30: 回电 | ~ 正在开会
号码是空号
    call wrong_number
通话3分钟
    call 3min
通话时长12分钟
    call 12min
面谈1个小时
    meeting 60min
王建国 电话 5分钟
    call 王 5min
给 王总 打了 电话，没 接
    call 王 no_answer
加微信
    message
发资料
    note | ~ 发资料
打电话
    call
要打电话给王总
    + call 王: 打电话给王总
客户周二会来
    + task Tue 24 Nov: 客户会来
会议纪要已发
    note | ~ 会议纪要已发
开会讨论方案
    meeting | ~ 方案
第一次拜访，客户很热情
    visit | ~ 第一，客户很热情
二次拜访王总，带样品
    visit 王 | ~ 二次，带样品
电话王总
    call 王
王总电话，问价格
    call 王 | ~ 问价格
欧阳经理来电
    call in 欧阳
陈总来电，问价格
    call in | ~ 陈总，问价格
周总来电
    call in 周
和周总约了周三
    + meeting Wed 25 Nov 周: 和周总约了
刚和王总通完电话，聊了20分钟，下周三去他们公司面谈
    call 王 20min | + visit Wed 25 Nov: 去他们公司面谈
和客户沟通了需求，周五前出方案
    call | + task Fri 27 Nov: 出方案 | ~ 需求
客户反馈样品没问题，准备下单
    note | ~ 客户反馈样品没问题，准备下单
客户反馈：样品不合格，要求重新打样，周四前寄出
    note | + task Thu 26 Nov: 寄出 | ~ 客户反馈：样品不合格，要求重新打样
王总：价格再降3%就签
    note 王 | ~ 王总：价格再降3%就签
李工：图纸周五前给
    + task Fri 27 Nov 李: 李工：图纸给
王总电话说下周二来厂
    call in 王 | + visit Tue 24 Nov: 来厂
与王总面谈1小时，达成初步意向
    meeting 王 60min | ~ 达成初步意向
拜访王总（采购总监），送样品，聊了40分钟
    visit 王 40min | ~ （采购总监），送样品
上午10点拜访李工，下午给他报价
    visit 李 20 Nov 10:00 | + task Fri 20 Nov 14:00: 给他报价
下午2点见李工
    + meeting Fri 20 Nov 14:00 李: 见李工
约李工明天下午3点电话会议
    + call Sat 21 Nov 15:00 李: 约李工电话会议
明天约李工吃饭
    + meeting Sat 21 Nov 李: 约李工吃饭
后天上午9:30-11:00客户来访
    + visit Sun 22 Nov 09:30 90min: 客户来访
11月30日前寄送合同
    + task Mon 30 Nov: 寄送合同
本周五前完成报价
    + task Fri 20 Nov: 完成报价
这周内回复
    + message Fri 20 Nov: 回复
下周内安排上门
    + visit Fri 27 Nov: 安排上门
月初寄的样品收到了
    note | ~ 月初寄的样品收到了
收到样品了
    note | ~ 收到样品了
样品收到，下周测试
    note | + task Mon 23 Nov: 测试 | ~ 样品收到
款已收到
    note | ~ 款已收到
收到定金5000元
    note | ~ 收到定金5000元
今天收到货款3.6万
    note | ~ 今天收到货款3.6万
3.6万逾期12天
    note | ~ 3.6万逾期12天
逾期12天未付款，明天电话催款
    note | + call Sat 21 Nov: 电话催款 | ~ 逾期12天未付款
催款电话打了，答应周五付
    call | + task Fri 27 Nov: 答应付
答应周五前付款
    + task Fri 27 Nov: 答应付款
承诺月底付清
    + task Mon 30 Nov: 承诺付清
电话催款，王总答应下周一付款
    call | + task Mon 23 Nov 王: 王总答应付款
王总没回微信，晚上再发一次
    message 王 no_reply | + task Fri 20 Nov 19:00: 再发一次
给李工留言了
    call 李 voicemail
李工让我周四再联系他
    + call Thu 26 Nov 李: 李工让我再联系他
他让我周四再联系
    + call Thu 26 Nov: 他让我再联系
王总叫我明天去一趟
    + visit Sat 21 Nov 王: 王总叫我去一趟
明天不去了
    note | ~ 明天不去了
周三不用去了
    note | ~ 周三不用去了
取消周三的会
    note | ~ 取消周三的会
会议改到周四下午三点
    + meeting Thu 26 Nov 15:00: 会议改到
推迟到下周
    + meeting Mon 23 Nov: Meeting
拜访改期，等通知
    note | ~ 拜访改期，等通知
2点到3点开会
    + meeting Fri 20 Nov 14:00 60min: 开会
两点半见王总
    + meeting Fri 20 Nov 14:30 王: 见王总
九点一刻电话
    call 20 Nov 09:15
八点三刻出发
    note | ~ 八点三刻出发
晚上8点一刻视频
    + meeting Fri 20 Nov 20:15: 视频
20:00视频会议
    + meeting Fri 20 Nov 20:00: 视频会议
十二月三号上午十点拜访
    + visit Thu 03 Dec 10:00: 拜访
12.3拜访
    + visit Thu 03 Dec: 拜访
12/3拜访
    + visit Thu 03 Dec: 拜访
12-03拜访
    + visit Thu 03 Dec: 拜访
2026-12-03拜访
    + visit Thu 03 Dec: 拜访
2026年12月3日下午2点半拜访
    + visit Thu 03 Dec 14:30: 拜访
3号拜访
    + visit Thu 03 Dec: 拜访
5号楼拜访
    visit | ~ 5号楼
第3天回访
    call | ~ 第3天
打第二次电话，没接
    call no_answer | ~ 第二次电话
家长来电咨询价格，明天试听
    call in | + meeting Sat 21 Nov: 试听 | ~ 咨询价格
给家长打电话，约周六上午10点试听
    call | + meeting Sat 21 Nov 10:00: 试听
张妈妈来电
    call in | ~ 张妈妈
微信联系家长，已续费
    message | ~ 已续费
发了报价单，待确认
    message | ~ 报价单，待确认
发了3份样品
    note | ~ 3份样品
电话10086
    note | ~ 电话10086
电话号码13800138000，微信同号
    note | ~ 电话号码13800138000，微信同号
加了王总微信
    message 王
添加微信，发了名片
    message | ~ 名片
名片已发
    message | ~ 名片
上上周拜访过
    visit 06 Nov
大前天打过电话没接
    call 17 Nov no_answer
昨天下午打电话没人接，今天上午再打
    call 19 Nov 14:00 no_answer | + call Fri 20 Nov 09:00: 再打
早上打了电话
    call 20 Nov 09:00
中午再打
    + call Fri 20 Nov 12:00: 再打
晚点打
    + call Fri 20 Nov: 打
过半小时打
    + call Fri 20 Nov 10:30: 打
过一小时再打
    + call Fri 20 Nov 11:00: 再打
隔天再打
    + call Sat 21 Nov: 再打
一个月后再联系
    + call Sun 20 Dec: 再联系
三个月内下单
    + task Sat 20 Feb: 下单
明后天联系
    + call Sun 22 Nov: 联系
这两天给答复
    + task Sun 22 Nov: 给答复
年底前有采购计划
    + task Thu 31 Dec: 有采购计划
春节前发货
    note | ~ 春节前发货
周六上午去拜访
    + visit Sat 21 Nov 09:00: 去拜访
礼拜三下午拜访
    + visit Wed 25 Nov 14:00: 拜访
星期天休息
    note | ~ 星期天休息
五分钟
    note | ~ 五分钟
聊了5分
    call 5min
聊了两句
    call | ~ 两句
说了价格
    note | ~ 说了价格
谈妥价格，签合同
    call | ~ 价格，签合同
已签合同
    note | ~ 已签合同
合同签了
    note | ~ 合同签了
"""
