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
    reasons.REREAD: ("同一工位刚刚读过", "the same unit, read here a moment ago"),
    reasons.SEEN_BEFORE: ("该追溯码已登记过", "this unit is booked already"),
    reasons.ARTICLE_NUMBER: ("商品条码，不是追溯码", "an article number, not a trace code"),
    reasons.NO_SERIAL: ("GS1码缺少GTIN或序列号", "a GS1 code without GTIN or serial number"),
    reasons.UNKNOWN_RECORD: ("固件较新，本程序尚不认识", "from a newer firmware: kept, not judged"),
    reasons.CRADLE_FAULT: ("扫码座自身故障报告", "a report about the cradle itself"),
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
