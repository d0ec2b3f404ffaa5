"""Which letters a language really uses: what tells a right decoding from one that only happens to work.

Frequencies are those of everyday business text; pairs are the most frequent ones of the languages that share a code
page, counted over CLDR's names of countries, languages and currencies. ``_`` is a word's border.
"""

from __future__ import annotations

import re
from functools import lru_cache

# Letters from frequent to rare. The first third counts fully, the last hardly.
GREEK = "αιοντσεπρκυλμςίάγόέήδωθχφύώβξζψϊΐϋΰ"
CYRILLIC = "оеаинтсрвлкмдпуяыьгзбчйхіжюшцщэїєфъёґђјљњћџ"


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text.split())


WESTERN_PAIRS = _pairs("""
sø à_ ør _ø øs aï øe øy dì ì_ ès ão tà ês rå ål sã åk øn ià rø ño hø må ær nø mæ nè eñ ræ _å æn ïr fæ lø nê æs åd
æi võ õr dò òl ød ït dø _à uø jø lè kø øl pæ ïe uè æk øj ïn tã àn dê lå åg fø dè èn mè là àr ïs èr uê _æ cè rù ù_
ï_ añ mã ið eà tø gæ æl eï mê lê cê às uà vè rè àf cà ên ã_ òr læ næ ña òn mà hå ån eø øi øv æt tè ïa è_ èq væ gã
gà õe çã ço èm èv èt pè êt êm ût oû ûr aû eñ iñ nù ìn ðu rð ðí åb uñ èg œu eœ nœ cœ œn ét
""")
CENTRAL_PAIRS = _pairs("""
ă_ či čn ńs ań nă čk _č ič uč ač lă că če oł łu ča ło ră iń şi oń ł_ _ş nč _ś tă ół oč rč łn eń eč čt śr ał ţi żi
ża sł lč mč čj bă _ł ży aş ać ła uń bč dă čí dč gă _ż św uł łg yń ęt ią ić ře ně oś śn ą_ ę_ ń_ čv čo ađ đa śc ść
ć_ úč să ję ęz zł tř ří ův ců ům ů_ ěj ěk ěs ět ěl ňs ňo řa ři ář ěr ďa ľa ľo ťa eť sť ťo ős ő_ ök ző ső tő vő ű_
űk tű żą ąd ąc ąż ęb ęk ęg ęś eł ły rł wł pł kł źd iź aź ďo ľs ŕa ĺž aţ eţ uţ oţ ţă ţe ăr ăt ăn ăc ăl ăs ţ_ ě_
""")

# Han characters that lists of customers are full of: words of such lists, places, surnames, given names, grammar.
HAN = frozenset(
    "公司有限责任股份集团中国国际贸易科技电子信息工程技术服务管理咨询发展投资实业商贸物流运输餐饮教育医疗器械软件网络"
    "装饰设计建筑材料机械设备精密塑胶五金制品厂食品农业化工能源汽车房地产传媒文化广告印刷包装纺织服饰酒店旅游"
    "客户名称联系人电话手机号码地址邮箱邮件城市省区县级别备注最近时间日期负责业务来源状态行业职务部门性别姓"
    "年月日元金额数量单价合同订单产品型规格编序税纳识开户银行账等重点普通一般重要意向跟进成交老新介绍展会片要求"
    "下午上前回复打报货交期款付收请再谈说他她我们你您是不了的在和与及或已未没又来去到就都也很太贵便宜可以能对为"
    "北京上海广州深圳天津重庆成都杭州苏州南武汉西安佛山青岛厦门东莞宁波长沙无锡福建江浙省湖四川河山"
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦史顾侯邵孟龙万段雷钱汤尹黎常武乔贺赖龚文"
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超平刚桂兰丹萍鹏华红玉建志小大生学家子涵轩浩宇梓欣怡嘉德信恒泰盛达源远丰"
    "宏图瑞鑫诚创讯利美佳康安通顺兴隆祥永昌一二三四五六七八九十百千个第本总经理先女士老师学员报课程班"
    "會員國際貿易電話聯絡號碼稱務業資訊們這個來時對說為與過還沒長東門開關廠設計報價單數據區縣級備註臺灣"
    "陳張劉楊黃趙吳孫鄭謝許鄧馮蕭蔣葉閻鍾陸應該學習發現後產問題經濟實際總進應種樣點見無從動兩應體制機當"
    "人这中大上个国到说们为子和你地出道也时要就得那以会家可下而过天去能对小多然于心学么之都好看起没成事只作当想"
    "文开手十用主行方又如前所本见经头面公同三已老从动两长知将因间现法回第四行业"
)

# The letters beyond ASCII of the languages behind each code page: no text uses all of a page's letters at once.
WESTERN = (
    "àâæçéèêëîïôœùûüÿ",
    "äöüßé",
    "áéíñóúüº",
    "áâãàçéêíóôõúü",
    "àèéìíòóùú",
    "æøåéäöü",
    "åäöéü",
    "ëïéöüè",
    "áéíóúýðþæö",
)
CENTRAL = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž", "äöüßé")
_SHARED = frozenset("".join(WESTERN)) & frozenset("".join(CENTRAL))


def _ranks(order: str) -> dict[str, float]:
    third = len(order) / 3
    return {letter: 1.0 if i < third else 0.65 if i < 2 * third else 0.25 for i, letter in enumerate(order)}


_GREEK_WEIGHTS = _ranks(GREEK)
_CYRILLIC_WEIGHTS = _ranks(CYRILLIC)
_WORD = re.compile(r"[^\W\d_]+")
_MEASURES = re.compile(r"(?<=\d)[½¼¾°]|(?<=\d )[½¼¾°]|(?<=m)[²³]|(?<=,)[½¼¾]")
_STRAY_QUOTE = re.compile("(?<![x\\d])[’¶](?=x)")
_accents = frozenset("άέήίόύώΐΰΆΈΉΊΌΎΏ")


def _cased(word: str) -> bool:
    """Whether the case of a word's letters is one people write: lower, Upper, UPPER."""
    return word.islower() or word.isupper() or word.istitle() or (word[0].isupper() and word[1:].islower())


@lru_cache(maxsize=1)
def _level_one() -> frozenset[str]:
    """The everyday characters: level 1 of GB 2312 and of Big5, which both sort their characters by use."""
    found: set[str] = set()
    for lead in range(0xB0, 0xD8):
        for trail in range(0xA1, 0xFF):
            found.update(bytes([lead, trail]).decode("gb2312", "ignore"))
    for lead in range(0xA4, 0xC7):
        for trail in (*range(0x40, 0x7F), *range(0xA1, 0xFF)):
            found.update(bytes([lead, trail]).decode("big5", "ignore"))
    return frozenset(found)


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or char >= "\U00020000"


def _han_weight(char: str) -> float:
    return 1.0 if char in HAN else 0.7 if char in _level_one() else 0.12


def _greek_word(word: str) -> float:
    if any("a" <= c.lower() <= "z" for c in word) or not _cased(word):
        return 0.05
    if (
        sum(c in _accents for c in word) > 1
        or "ς" in word[:-1]
        or word.islower() * word.endswith("σ") * (len(word) > 2)
    ):
        return 0.2
    return sum(_GREEK_WEIGHTS.get(c.lower(), 0.1) for c in word) / len(word)


def _cyrillic_word(word: str) -> float:
    if any(c.isascii() for c in word) or not _cased(word):
        return 0.05
    return sum(_CYRILLIC_WEIGHTS.get(c.lower(), 0.05) for c in word) / len(word)


def _latin_word(word: str, pairs: frozenset[str]) -> float:
    """By the pairs its unusual letters stand in, and by their number."""
    strange = [i for i, c in enumerate(word) if not c.isascii()]
    if len(word) > 2 and len(strange) > len(word) * 0.5:
        return 0.1
    low = f"_{word.lower()}_"
    known = sum(
        1.0 if low[i + 1] in _SHARED else 0.5 * (low[i : i + 2] in pairs) + 0.5 * (low[i + 1 : i + 3] in pairs)
        for i in strange
    )
    return (0.5 + 0.5 * known / len(strange)) * (1.0 if _cased(word) else 0.6)


def _one_language(words: list[str], languages: tuple[str, ...]) -> float:
    """How many of the words one of the languages could have written; half for those that only a second one could."""
    letters = [frozenset(c for c in word.lower() if not c.isascii()) for word in words]
    fits = [frozenset(i for i, used in enumerate(letters) if used <= frozenset(language)) for language in languages]
    first = max(fits, key=len)
    second = max((fit - first for fit in fits), key=len)
    return (len(first) + 0.5 * len(second)) / len(words)


@lru_cache(maxsize=4096)
def _word_weight(word: str, pairs: frozenset[str]) -> float:
    """How much a run of letters with at least one beyond ASCII looks like a word: 0 to 1."""
    if any(_is_han(c) for c in word):
        if any(not c.isascii() and not _is_han(c) for c in word):
            return 0.1
        han = [c for c in word if _is_han(c)]
        return sum(map(_han_weight, han)) / len(han)
    strange = [c for c in word if not c.isascii()]
    alone = 0.4 if len(word) == 1 else 1.0  # a sign misread, more often than an article
    if all("\u0370" <= c <= "\u03ff" for c in strange):
        return _greek_word(word) * alone
    if all("\u0400" <= c <= "\u04ff" for c in strange):
        return _cyrillic_word(word) * alone
    if _is_latin(word):
        return _latin_word(word, pairs)
    return 0.45 if all("\uff00" <= c <= "\uffef" or "\u3040" <= c <= "\u30ff" for c in strange) else 0.1


def _is_latin(word: str) -> bool:
    return all(c.isascii() or "\u00c0" <= c <= "\u024f" or c in "ªº" for c in word)


_GOOD_SIGNS = frozenset("“”‘’–—…•€£§©®°«»·№×™¥￥、。，：；？！（）【】《》“”—～％＋－／＆＃＠．　０１２３４５６７８９")
_ODD_SIGNS = frozenset("¤¦¬±¹²³¼½¾¿¡ªº¶¨´¸¯¢÷ƒˆ˜†‡‰‹›΄΅")


def _sign_weight(char: str) -> float:
    """The same for a character beyond ASCII that is no letter."""
    if char in "€£":
        return 0.9
    if char in _GOOD_SIGNS:
        return 0.7
    if char in _ODD_SIGNS:
        return 0.15
    code = ord(char)
    if code < 0xA0 or 0xE000 <= code <= 0xF8FF or code >= 0xF0000 or code == 0xFFFD:
        return -1.0
    return 0.6 if 0xFF00 <= code <= 0xFFEF or 0x3000 <= code <= 0x303F else 0.5 if code == 0xA0 else 0.2


def plausibility(text: str, *, central: bool = False) -> tuple[float, int]:
    """How much ``text`` looks like something a person wrote (0 to 1), and by how many characters beyond ASCII.

    ``central`` judges Latin letters as those of Central Europe.
    """
    pairs = CENTRAL_PAIRS if central else WESTERN_PAIRS
    text = _MEASURES.sub("€", text)
    score, weight, latin = 0.0, 0, []
    for word in _WORD.findall(text):
        count = sum(not c.isascii() for c in word)
        if count:
            score += _word_weight(word, pairs) * count
            weight += count
            if _is_latin(word):
                latin.append(word)
    if latin:
        count = sum(not c.isascii() for word in latin for c in word)
        score -= count * 0.5 * (1 - _one_language(latin, CENTRAL if central else WESTERN))
    for char in _STRAY_QUOTE.sub("\u0080", _WORD.sub("x", text)):
        if not char.isascii():
            score += _sign_weight(char)
            weight += 1
    return (max(0.0, score / weight) if weight else 1.0), weight
