"""Words for people, in Chinese and English, for kinds of codes and for what stands in them.

The Chinese titles are written by hand, in the terms of the national standard, for the application
identifiers of the drug trade and its logistics. Where the standard's term was not certain there is
none: the English title is shown then, and nothing is invented.

Source: GB/T 16986-2018 商品条码 应用标识符 for the Chinese terms; ANSI MH10.8.2 and IFA's
    specification of the PPN code for the data identifiers of ISO/IEC 15434.
"""

from __future__ import annotations

from edge_agent.domain.gs1_titles import TITLES
from protocol import codes

KINDS = {
    codes.MSFX20: ("码上放心追溯码", "20-digit trace code of MSFX"),
    codes.GS1_TRACE: ("GS1追溯码", "GS1 code of one unit"),
    codes.GS1_PARTIAL: ("GS1码，未标识到单件", "GS1 code that names no unit"),
    codes.SSCC: ("系列货运包装箱代码", "serial shipping container code"),
    codes.EAN13_ARTICLE: ("商品条码", "article number"),
    codes.GARBLED: ("受损的追溯码", "damaged code of the trade"),
    codes.UNKNOWN: ("未知编码", "no code of the trade"),
    codes.MA: ("MA码 (IDcode)", "object identifier of the MA scheme"),
    codes.PPN: ("PPN药品编码", "Pharmacy Product Number and serial"),
    codes.PPN_PARTIAL: ("PPN码，未标识到单件", "Pharmacy Product Number that names no unit"),
    codes.PZN_ARTICLE: ("德国药品商品号 (PZN)", "German article number (PZN)"),
    codes.URL_TRACE: ("链接中的追溯码", "link around one trace code"),
    codes.URL_UNRESOLVED: ("无法识别的链接", "link that names no unit"),
    codes.NUMERIC_OTHER: ("企业自编追溯码", "maker's own number"),
    codes.SENTINEL: ("拆零占位码", "stands for split packs"),
    codes.COMMAND: ("操作指令码", "operator's command"),
    codes.AMBIGUOUS: ("有歧义的编码", "can be read in two ways"),
}

# By AI; by its first three digits where the fourth is the place of a decimal point.
_CHINESE = {
    "00": "系列货运包装箱代码",
    "01": "全球贸易项目代码",
    "02": "物流单元内贸易项目",
    "10": "批号",
    "11": "生产日期",
    "12": "付款截止日期",
    "13": "包装日期",
    "15": "保质期",
    "16": "销售截止日期",
    "17": "有效期",
    "20": "内部产品变体",
    "21": "系列号",
    "22": "消费品变体",
    "240": "附加产品标识",
    "241": "客户方代码",
    "242": "定制产品变体代码",
    "243": "包装组件代码",
    "250": "二级系列号",
    "251": "源实体参考代码",
    "253": "全球文件类型代码",
    "254": "全球参与方位置码扩展部分代码",
    "255": "全球优惠券代码",
    "30": "变量贸易项目中项目数量",
    "310": "净重（千克）",
    "311": "长度或第一尺寸（米）",
    "312": "宽度、直径或第二尺寸（米）",
    "313": "深度、厚度、高度或第三尺寸（米）",
    "314": "面积（平方米）",
    "315": "净体积、净容积（升）",
    "316": "净体积、净容积（立方米）",
    "320": "净重（磅）",
    "330": "物流重量（千克）",
    "340": "物流重量（磅）",
    "37": "物流单元内贸易项目数量",
    "390": "应支付金额或优惠券价值",
    "391": "应支付金额或优惠券价值",
    "392": "变量贸易项目应支付金额",
    "393": "变量贸易项目应支付金额",
    "400": "客户订单代码",
    "401": "全球货物托运标识代码",
    "402": "全球货物装运标识代码",
    "403": "路径代码",
    "410": "交货地全球位置码",
    "411": "受票方全球位置码",
    "412": "供货方全球位置码",
    "413": "货物最终目的地全球位置码",
    "414": "标识物理位置的全球位置码",
    "415": "开票方全球位置码",
    "416": "产品或服务所在地全球位置码",
    "420": "交货地邮政编码",
    "421": "含ISO国家（地区）代码的交货地邮政编码",
    "422": "贸易项目原产国（地区）代码",
    "423": "贸易项目初始加工国家（地区）代码",
    "424": "贸易项目加工国家（地区）代码",
    "425": "贸易项目拆分国家（地区）代码",
    "426": "全程加工贸易项目的国家（地区）代码",
    "7001": "北约物资代码",
    "7003": "产品有效日期和时间",
    "7004": "活性值",
    "7006": "首次冷冻日期",
    "7007": "收获日期",
    "8001": "卷状产品可变属性值",
    "8002": "蜂窝移动电话标识符",
    "8003": "全球可回收资产代码",
    "8004": "全球单个资产代码",
    "8005": "变量贸易项目单价",
    "8006": "贸易项目组件标识代码",
    "8007": "国际银行账号",
    "8008": "产品生产日期与时间",
    "8010": "组件/部件代码",
    "8011": "组件/部件序列号",
    "8012": "软件版本号",
    "8013": "全球型号代码",
    "8017": "全球服务关系提供方代码",
    "8018": "全球服务关系接受方代码",
    "8019": "服务关系事项代码",
    "8020": "付款单参考代码",
    "90": "贸易伙伴之间相互约定的信息",
} | {f"9{digit}": "公司内部信息" for digit in range(1, 10)}

# Data identifiers of ISO/IEC 15434, format 06, as packs in Germany carry them.
_DATA_IDENTIFIERS = {
    "9N": ("药品编码 (PPN)", "PPN"),
    "1T": ("批号", "BATCH/LOT"),
    "D": ("有效期", "EXPIRY"),
    "16D": ("生产日期", "PROD DATE"),
    "S": ("系列号", "SERIAL"),
    "8P": ("全球贸易项目代码", "GTIN"),
    "33L": ("网址", "URL"),
}

# Parts of an MA identifier; as domain practice has them, for no text of the scheme was at hand.
_MA_PARTS = {
    "MA": ("产品标识", "PRODUCT"),
    "S": ("序列号", "SERIAL"),
    "M": ("生产日期", "PROD DATE"),
    "L": ("批号", "BATCH/LOT"),
    "D": ("灭菌批号", "STERILISATION LOT"),
    "E": ("失效日期", "EXPIRY"),
    "V": ("有效期", "VALID TO"),
    "C": ("校验码", "CHECK"),
}


def title(kind: int, name: str) -> tuple[str, str]:
    """Return the Chinese and the English title of what ``name`` stands for in such a code.

    Each is "" where none is known; for an AI's Chinese title that means: show the English one.

    Args:
        name: an application identifier, a data identifier or a part of an MA identifier.
    """
    if kind == codes.MA:
        return _MA_PARTS.get(name, ("", ""))
    if not name.isdigit():
        return _DATA_IDENTIFIERS.get(name, ("", ""))
    family = name[:3] if len(name) == 4 and name[0] == "3" else name
    return _CHINESE.get(family, ""), TITLES.get(family, "")
