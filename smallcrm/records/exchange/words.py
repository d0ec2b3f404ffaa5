"""Words that tell sums, remarks and explanations from data, and what stands for nothing, yes and no: data, not code."""

from __future__ import annotations

import re

from smallcrm.base.text import fold


def _folded(words: str) -> frozenset[str]:
    return frozenset(fold(word) for word in words.split(" | ") if word.strip())


_TOTAL = """
合计 | 总计 | 小计 | 共计 | 累计 | 总额 | 汇总 | 本页合计 | 本月合计 | 平均 | total | totals | grand total
 | sub total | subtotal | sum | sums | overall | average | σύνολο | σύνολα | γενικό σύνολο | μερικό σύνολο
 | υποσύνολο | άθροισμα | μέσος όρος | summe | gesamt | totale | somme"""
_SUBTOTAL = """
小计 | 本页合计 | 本月合计 | sub total | subtotal | μερικό σύνολο | υποσύνολο | zwischensumme"""
_NOTE = """
注 | 备注 | 说明 | 附注 | 制表 | 制表人 | 审核 | 审核人 | 填表 | 填表人 | 打印 | 打印时间 | note | notes | nb
 | prepared by | printed | generated | exported | created by | end of report | source | legend | σημείωση | σημ | εκτύπωση | πηγή"""
_EXPLAIN = """
说明 | 填写说明 | 使用说明 | 导入说明 | 填表说明 | 封面 | 目录 | 字典 | 选项 | 参数 | 下拉 | 模板说明
 | explanation | explanations | instructions | instruction | readme | read me | help | info | about | notes
 | legend | lists | options | lookup | lookups | cover | contents | index | guide | template guide | οδηγίες
 | επεξήγηση | επεξηγήσεις | βοήθεια | πληροφορίες | σημειώσεις | εξώφυλλο | περιεχόμενα | λίστες | hinweise
 | anleitung"""


def _starts(words: str) -> re.Pattern[str]:
    """A text that begins with one of the words: Han words may be spaced out (合 计), others end at a word's end."""
    folded = sorted(_folded(words), key=len, reverse=True)
    han = [r"\s*".join(word) for word in folded if word[0] > "\u2e80"]
    other = [word.replace(" ", r"[\s\-]*") for word in folded if word[0] <= "\u2e80"]
    return re.compile(rf"(?:{'|'.join(other)})(?![^\W\d_])|(?:{'|'.join(han)})")


def _ends(words: str) -> re.Pattern[str]:
    """A short text that ends with one of the words: ``华北区小计``, ``North total``."""
    folded = sorted(_folded(words), key=len, reverse=True)
    han = [r"\s*".join(word) for word in folded if word[0] > "\u2e80"]
    other = [word for word in folded if word[0] <= "\u2e80"]
    return re.compile(rf".{{1,20}}(?:(?:{'|'.join(han)})|\s(?:{'|'.join(other)}))\s*[:：]?")


_total, _subtotal, _note, _explain = _starts(_TOTAL), _starts(_SUBTOTAL), _starts(_NOTE), _folded(_EXPLAIN)
_some_total, _some_subtotal = _ends(_TOTAL), _ends(_SUBTOTAL)
_footer = re.compile(
    r"共\s*\d|第\s*\d+\s*页|(?:page|σελ(?:ιδα)?\.?)\s*\d|\d+\s*(?:rows?|records?|条|行|εγγραφ)|(?:导出|生成|打印)[时日于]"
)


def means_total(text: str) -> bool:
    """``合 计``, ``Total:``, ``Σύνολο πελατών``: the label of a row of sums."""
    folded = fold(text)
    return len(text) <= 40 and bool(_total.match(folded) or _some_total.fullmatch(folded))


def means_subtotal(text: str) -> bool:
    """The label of a sum in the middle of a table."""
    folded = fold(text)
    return len(text) <= 40 and bool(_subtotal.match(folded) or _some_subtotal.fullmatch(folded))


def means_note(text: str) -> bool:
    """``注：…``, ``Prepared by …``, ``* …``: a remark below a table."""
    folded = fold(text)
    return text.lstrip().startswith(("*", "※", "•")) or bool(_note.match(folded) or _footer.match(folded))


def means_explanation(sheet: str) -> bool:
    """Whether a sheet of that name explains rather than holds data."""
    return fold(sheet).strip(" ._-()0123456789") in _explain


# Columns that only count the rows: a row in which nothing else is filled is blank.
SERIAL = _folded("""
序号 | 行号 | 编号 | no | nr | n | # | s n | sn | s no | sr no | row | line | αα | α α | a a""")

# What a row between header and data may hold: the unit of each column, or what to type there.
UNITS = _folded("""
元 | 万元 | 千元 | 人 | 家 | 个 | 台 | 件 | 套 | 天 | 年 | 月 | 日 | % | ￥ | ¥ | $ | € | £ | eur | usd | cny
 | rmb | gbp | ευρώ | χιλ | kg | km | m | m2 | m² | pcs | days | years | months | h | hours | 必填 | 选填 | 文本
 | 数字 | 日期 | text | number | date | required | optional | string | yyyy-mm-dd | dd/mm/yyyy | mm/dd/yyyy
 | υποχρεωτικό | προαιρετικό | ημερομηνία""")

# What stands in a cell for "nothing": always, and where no text is expected.
EMPTY = _folded("""
- | -- | --- | — | —— | – | ― | / | \\ | . | .. | … | n/a | n.a. | na | #n/a | nil | null | (null) | <null>
 | nan | none | tbd | tbc | 无 | 暂无 | 没有 | 空 | 无数据 | 未填写 | δ/υ | δυ | δ.υ. | -- -- | (empty) | (none)
 | (blank)""")
EMPTY_VALUE = EMPTY | _folded("""
? | ？ | ?? | ??? | x x | 未知 | 不详 | 待定 | 待补 | 待填 | unknown | not available | not known | keine
 | άγνωστο | χωρίς | καμία | κανένα | κανένας | δεν υπάρχει""")

YES = _folded("""
1 | y | yes | true | t | x | ✓ | ✔ | √ | ☑ | ✅ | on | ok | 是 | 对 | 有 | 真 | 已 | 启用 | ναι | ν | αληθές
 | σωστό | ja | oui | si | sí | wahr | vrai""")
NO = _folded("""
0 | n | no | false | f | ✗ | ✘ | × | ☐ | ❌ | off | 否 | 不 | 不是 | 没有 | 无 | 假 | 未 | 停用 | όχι | ο
 | ψευδές | λάθος | nein | non | falsch | faux""")
