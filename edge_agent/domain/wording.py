"""The words for people behind the numbers that travel, in Chinese and English."""

from __future__ import annotations

from types import ModuleType

from protocol import decisions, reasons

DECISIONS = {
    decisions.PASS: ("放行", "pass"),
    decisions.HOLD: ("暂扣，待人工核查", "set aside: a person must look"),
    decisions.REJECT: ("剔除，无可用追溯码", "rejected: no usable trace code"),
    decisions.AGAIN: ("重复读取，或请再扫一次", "nothing new, or scan once more"),
}

REASONS = {
    reasons.OK: ("正常", "nothing is wrong"),
    reasons.UNTERMINATED: ("读码中断，数据不完整", "the reader fell silent inside a code"),
    reasons.TOO_LONG: ("条码内容过长", "the code is longer than any we know"),
    reasons.NO_READ: ("未读到条码", "the reader saw no code"),
    reasons.EMPTY: ("条码内容为空", "the code is empty"),
    reasons.LENGTH: ("条码长度不对", "the code has the wrong length"),
    reasons.NOT_DIGITS: ("应为数字处出现其他字符", "something else stands where a digit must be"),
    reasons.HEAD: ("二十位数字，但不以8开头", "twenty digits that do not begin with 8"),
    reasons.CHECK_DIGIT: ("校验位错误", "the check digit is wrong"),
    reasons.DATE: ("日期不存在", "there is no such date"),
    reasons.CHARACTER: ("含有GS1不允许的字符", "a character that GS1 does not allow"),
    reasons.AI_UNKNOWN: ("含有未知的GS1应用标识符", "an unknown GS1 application identifier"),
    reasons.AI_REPEATED: ("同一GS1标识符出现两个不同的值", "one GS1 identifier with two values"),
    reasons.FOREIGN: ("不是药品追溯码", "not a code of the drug trade"),
    reasons.AI_REQUIRED: ("缺少必须同时出现的GS1标识符", "a GS1 identifier lacks its companion"),
    reasons.AI_EXCLUDED: ("不得同时出现的GS1标识符", "GS1 identifiers that exclude each other"),
    reasons.VALUE: ("取值不符合该字段的规则", "a value breaks the rule of its field"),
    reasons.SEPARATOR: ("FNC1分隔符缺失或位置不对", "FNC1 is missing or misplaced"),
    reasons.LINK: ("不是有效的GS1数字链接", "not a valid GS1 Digital Link"),
    reasons.LINK_COMPRESSED: (
        "压缩的GS1数字链接，未解读",
        "a compressed GS1 Digital Link: not read",
    ),
    reasons.TWO_READINGS: ("有两种可能的解读", "can be read in two ways"),
    reasons.NO_TRACE_CODE: ("链接中没有唯一的追溯码", "a link without exactly one trace code"),
    reasons.ENVELOPE: ("ISO/IEC 15434信封不完整", "a broken ISO/IEC 15434 envelope"),
    reasons.PATTERN: ("不符合设置的编码规则", "against the pattern in the settings"),
    reasons.REREAD: ("同一工位刚刚读过", "the same unit, read here a moment ago"),
    reasons.SEEN_BEFORE: ("该追溯码已登记过", "this unit is booked already"),
    reasons.ARTICLE_NUMBER: ("商品条码，不是追溯码", "an article number, not a trace code"),
    reasons.NO_SERIAL: ("GS1码缺少GTIN或序列号", "a GS1 code without GTIN or serial number"),
    reasons.UNKNOWN_RECORD: ("固件较新，本程序尚不认识", "from a newer firmware: kept, not judged"),
    reasons.CRADLE_FAULT: ("扫码座自身故障报告", "a report about the cradle itself"),
    reasons.NOT_IN_DOCUMENT: ("单据中没有该码", "the document does not expect this unit"),
    reasons.UPSTREAM_MISSING: ("上游未提供追溯信息", "no supplier's document speaks of it"),
    reasons.SURPLUS: ("数量超出单据", "more than the document says"),
    reasons.LOT_DIFFERS: ("批号与单据不符", "another lot than the document says"),
    reasons.EXPIRY_DIFFERS: ("有效期与单据不符", "another expiry than the document says"),
    reasons.PRODUCT_DIFFERS: ("品种与单据不符", "another product than the document says"),
    reasons.NOT_ACTIVATED: ("追溯码未激活", "the code is not activated"),
    reasons.RECALLED: ("召回品种，不得流通", "recalled: must not move"),
    reasons.REFLUX_SUSPECT: ("疑似回流药", "may be a pack that was paid for before"),
    reasons.WRONG_OWNER: ("货主不符", "belongs to another owner"),
    reasons.OTHER_DOCUMENT: ("已在其他单据登记", "booked by another document"),
    reasons.PARENT_AND_CHILD: (
        "同一单据中既有父码又有子码",
        "a pack and its parent in one document",
    ),
    reasons.PACK_CONFLICT: ("包装关联关系有冲突", "sources disagree about what holds it"),
    reasons.CANCELLED: ("追溯码已注销或被替换", "the code was cancelled or replaced"),
    reasons.EXPIRED: ("已过有效期", "the use-by date has passed"),
    reasons.WRONG_LEVEL: ("包装级别不对", "a pack of the wrong level"),
    reasons.SAME_DOCUMENT: ("本单据已扫过该码", "counted in this document already"),
    reasons.NO_DOCUMENT: ("本工位未打开单据", "no document is open at this station"),
    reasons.PLACEHOLDER: ("拆零占位码，按数量登记", "stands for split packs: counted only"),
    reasons.COMMAND_DONE: ("操作指令已执行", "the command was carried out"),
    reasons.COMMAND_REFUSED: ("操作指令无法执行", "the command cannot be carried out now"),
    reasons.REFLUX_UNKNOWN: ("回流情况未知", "nobody could say whether it was paid for"),
    reasons.SEALED: ("已封存，不得移动", "sealed: must not move"),
    reasons.TRUNCATED: ("报文不完整", "the message ends too early"),
    reasons.TRAILING: ("报文末尾有多余数据", "octets after the end of the message"),
    reasons.NOT_SHORTEST: ("数字不是最短编码", "a number not in its shortest form"),
    reasons.INDEFINITE: ("不允许的不定长编码", "an indefinite length"),
    reasons.TAG: ("不允许的CBOR标签", "a CBOR tag"),
    reasons.FLOAT_OR_SIMPLE: ("不允许的浮点数或简单值", "a float or an unknown simple value"),
    reasons.KEY_TYPE: ("映射的键不是整数", "a map key that is no integer"),
    reasons.KEY_ORDER: ("映射的键乱序或重复", "map keys out of order, or twice the same"),
    reasons.DEPTH: ("嵌套过深", "nested too deeply"),
    reasons.SIZE: ("报文过大", "the message is too large"),
    reasons.UTF8: ("文本不是合法的UTF-8", "text that is not UTF-8"),
    reasons.VERSION: ("未知的报文版本", "an unknown version of the message"),
    reasons.KIND: ("未知的报文种类", "an unknown kind of message"),
    reasons.FIELD: ("字段缺失或取值不对", "a field is missing or has a wrong value"),
    reasons.TOPIC: ("主题名称不合规则", "a topic that is none of ours"),
    reasons.INTERNAL: ("程序内部错误，报文已保留", "our own fault; the message is kept"),
}


# What the person at the station does next, for the reasons that hold or refuse goods and open no
# finding (domain.findings has a next step for each of its own).
_SCAN_AGAIN = (
    "对准条码再扫一次；仍不行则人工登记",
    "scan again; if it fails again, book it by hand",
)
_FIND_CODE = (
    "找到二十位追溯码或GS1二维码再扫",
    "find the 20-digit code or the GS1 code, and scan that",
)
_ASK_SUPPLIER = ("拒收或另放，联系上游核实", "set it aside, and ask the supplier")

NEXT = {
    reasons.UNTERMINATED: _SCAN_AGAIN,
    reasons.TOO_LONG: _FIND_CODE,
    reasons.NO_READ: _SCAN_AGAIN,
    reasons.EMPTY: _SCAN_AGAIN,
    reasons.LENGTH: _SCAN_AGAIN,
    reasons.NOT_DIGITS: _SCAN_AGAIN,
    reasons.HEAD: _FIND_CODE,
    reasons.CHECK_DIGIT: _SCAN_AGAIN,
    reasons.DATE: _ASK_SUPPLIER,
    reasons.CHARACTER: _SCAN_AGAIN,
    reasons.AI_UNKNOWN: _ASK_SUPPLIER,
    reasons.AI_REPEATED: _ASK_SUPPLIER,
    reasons.FOREIGN: _FIND_CODE,
    reasons.AI_REQUIRED: _ASK_SUPPLIER,
    reasons.AI_EXCLUDED: _ASK_SUPPLIER,
    reasons.VALUE: _ASK_SUPPLIER,
    reasons.SEPARATOR: (
        "检查扫码枪是否传送FNC1，再扫一次",
        "set the engine to send FNC1, and scan again",
    ),
    reasons.LINK: _FIND_CODE,
    reasons.LINK_COMPRESSED: _FIND_CODE,
    reasons.TWO_READINGS: ("扫描同一包装上的另一个条码", "scan the other code of the same pack"),
    reasons.NO_TRACE_CODE: _FIND_CODE,
    reasons.ENVELOPE: _SCAN_AGAIN,
    reasons.PATTERN: ("核对编码规则设置", "compare the pattern in the settings with the label"),
    reasons.SEEN_BEFORE: (
        "查询该码的去向，确认是否重复赋码",
        "ask `scandock explain CODE` where it went; two packs may bear one code",
    ),
    reasons.ARTICLE_NUMBER: _FIND_CODE,
    reasons.NO_SERIAL: _FIND_CODE,
    reasons.UNKNOWN_RECORD: ("升级本程序后人工核对", "upgrade the agent, and look at it by hand"),
    reasons.NO_DOCUMENT: ("先扫描打开单据的指令码", "scan the card that opens the document first"),
    reasons.COMMAND_REFUSED: (
        "查看单据状态；未结差异须先处理",
        "look at the document: open findings must be settled first",
    ),
}


def _names(module: ModuleType) -> dict[int, str]:
    return {value: name for name, value in vars(module).items() if name.isupper()}


_DECISION_NAMES = _names(decisions)
_REASON_NAMES = _names(reasons)


def decision_name(decision: int) -> str:
    """The number's name in protocol.decisions, by which machines know it."""
    return _DECISION_NAMES[decision]


def reason_name(reason: int) -> str:
    """The number's name in protocol.reasons; a newer cradle may send one we have no name for."""
    return _REASON_NAMES.get(reason, f"REASON_{reason}")
