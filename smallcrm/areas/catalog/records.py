"""A product or service: what it is called, what it costs, whether it is sold today."""

from __future__ import annotations

from smallcrm.areas.customers.records.choices import company_currency
from smallcrm.base.i18n import L
from smallcrm.records import fields, world
from smallcrm.records.record import Card, Record, register


@register
class Product(Record):
    """Something that is sold."""

    card = Card(
        key="product", name="products", number=35, one=L("Product"), many=L("Products"), icon="package", reach="open", setup=True,
        quick_add=True, columns=("code", "series", "price", "active"),
        sections=(("main", L("Product")), ("price", L("Price"))),
        about=L("What you sell. Opportunities, quotes and orders are made of products."),
    )  # fmt: skip

    name = fields.Text(
        L("Name"), required=True, unique=True, sort=True, search="title", match="name", column=True,
        aliases=("product", "product name", "item", "产品", "产品名称", "商品", "商品名称", "προϊόν", "είδος", "ονομασία"),
    )  # fmt: skip
    code = fields.Text(
        L("Product code"), most=60, unique=True, sort=True, search="text", match="number", column=True,
        aliases=("code", "sku", "article", "item no", "产品编码", "编码", "货号", "κωδικός", "κωδικός είδους"),
    )  # fmt: skip
    series = fields.Text(
        L("Product group"), most=80, open_list=True, filter=True, column=True, search="text",
        aliases=("series", "family", "category", "group", "系列", "类别", "产品类别", "σειρά", "κατηγορία", "ομάδα"),
    )  # fmt: skip
    active = fields.Flag(
        L("Sold today"), default=True, filter=True, column=True, aliases=("active", "在售", "启用", "ενεργό"),
        help=L("What is no longer sold stays where it stands and is not offered again."),
    )  # fmt: skip
    description = fields.LongText(L("Description"), search="text", aliases=("描述", "说明", "περιγραφή"))
    unit = fields.Text(
        L("Unit"), most=30, open_list=True, section="price", aliases=("unit of measure", "单位", "计量单位", "μονάδα")
    )
    currency = fields.Choice(
        L("Currency"), world.currencies, default=company_currency, section="price", aliases=("币种", "νόμισμα")
    )
    price = fields.Money(
        L("Price"), section="price", sort=True, column=True,
        aliases=("sales price", "list price", "unit price", "单价", "价格", "标准价格", "销售价", "τιμή", "τιμή πώλησης"),
    )  # fmt: skip
    cost = fields.Money(
        L("Cost"), section="price", sort=True, aliases=("unit cost", "purchase price", "成本", "成本价", "κόστος"),
        help=L("What one costs you. Roles may hide it."),
    )  # fmt: skip

    class Meta:
        table_name = "product"
