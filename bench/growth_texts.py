"""Texts of errors in English and Chinese, whose words are of very different frequency, the same ones every time."""

import random
from typing import Final

from attrs import frozen

HALF: Final = "request"
"""The word that half of all issues contain."""

_TYPES: Final = [
    "ValueError",
    "KeyError",
    "TypeError",
    "AttributeError",
    "TimeoutError",
    "ConnectionError",
    "OperationalError",
    "IntegrityError",
    "PermissionError",
    "FileNotFoundError",
    "RuntimeError",
    "IndexError",
    "UnicodeDecodeError",
    "JSONDecodeError",
    "HTTPError",
    "ReadTimeout",
    "ValidationError",
    "AssertionError",
    "MemoryError",
    "StopIteration",
    "NullPointerException",
    "ZeroDivisionError",
    "SocketException",
    "IllegalStateException",
    "OutOfMemoryError",
    "RangeError",
    "ReferenceError",
    "SyntaxError",
    "CICDFailure",
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "DeadlockDetected",
    "SerializationFailure",
    "RecursionError",
    "BrokenPipeError",
]
_ENGLISH: Final = [
    "failed",
    "to",
    "while",
    "handling",
    "user",
    "order",
    "payment",
    "the",
    "session",
    "timeout",
    "invalid",
    "token",
    "expired",
    "for",
    "connection",
    "refused",
    "by",
    "upstream",
    "server",
    "not",
    "found",
    "in",
    "database",
    "cannot",
    "read",
    "property",
    "of",
    "undefined",
    "missing",
    "field",
    "unexpected",
    "value",
    "response",
    "status",
    "retry",
    "exceeded",
    "pool",
    "exhausted",
    "lock",
    "wait",
    "deadlock",
    "constraint",
    "violated",
    "duplicate",
    "entry",
    "cache",
    "miss",
    "stale",
    "version",
    "conflict",
    "permission",
    "denied",
    "disk",
    "quota",
    "certificate",
    "verify",
    "handshake",
    "aborted",
    "malformed",
    "payload",
    "unsupported",
    "encoding",
    "overflow",
    "negative",
    "balance",
    "checkout",
    "cart",
    "inventory",
    "shipment",
    "invoice",
    "refund",
    "coupon",
    "webhook",
    "signature",
    "mismatch",
    "scheduler",
    "worker",
    "heartbeat",
    "lost",
    "partition",
    "rebalance",
    "offset",
    "broker",
]
_CHINESE: Final = [
    "用户",
    "订单",
    "支付",
    "失败",
    "找不到",
    "数据库",
    "连接",
    "超时",
    "请求",
    "参数",
    "错误",
    "无效",
    "登录",
    "会话",
    "过期",
    "库存",
    "不足",
    "商品",
    "接口",
    "返回",
    "异常",
    "服务",
    "不可用",
    "权限",
    "拒绝",
    "文件",
    "读取",
    "写入",
    "解析",
    "配置",
    "缺少",
    "字段",
    "类型",
    "重复",
    "提交",
    "锁等待",
    "死锁",
    "事务",
    "回滚",
    "消息",
    "队列",
    "积压",
    "证书",
    "校验",
    "签名",
    "不一致",
    "退款",
    "优惠券",
    "物流",
    "地址",
    "余额",
    "内存",
    "溢出",
    "磁盘",
    "空间",
    "版本",
    "冲突",
    "节点",
    "心跳",
    "丢失",
    "任务",
    "调度",
    "重试",
    "次数",
    "上限",
    "熔断",
    "限流",
]
_SYLLABLES: Final = [
    "ba",
    "be",
    "bi",
    "ca",
    "co",
    "da",
    "de",
    "di",
    "fa",
    "fo",
    "ga",
    "go",
    "ha",
    "ki",
    "la",
    "lo",
    "ma",
    "me",
    "mi",
    "na",
    "no",
    "pa",
    "po",
    "ra",
    "re",
    "ri",
    "sa",
    "se",
    "ta",
    "to",
    "va",
    "ve",
]
_FOLDERS: Final = [
    "api",
    "cart",
    "tax",
    "stock",
    "price",
    "order",
    "user",
    "mail",
    "bill",
    "ship",
    "auth",
    "jobs",
    "core",
    "web",
    "admin",
    "sync",
    "report",
]


@frozen
class Words:
    """Words and how often they come, as the running sums that ``random.choices`` takes."""

    words: list[str]
    sums: list[float]

    def draw(self, chance: random.Random, count: int) -> list[str]:
        """Return ``count`` words, the k-th of them with weight 1/k."""
        return chance.choices(self.words, cum_weights=self.sums, k=count)


def zipf(words: list[str]) -> Words:
    """Return words of which the k-th is drawn with weight 1/k."""
    total, sums = 0.0, []
    for rank in range(1, len(words) + 1):
        total += 1 / rank
        sums.append(total)
    return Words(words, sums)


def _identifiers(count: int) -> list[str]:
    """Return made-up names of functions and things, such as ``RelocaTama``."""
    chance = random.Random(count)
    return [
        "".join(chance.choice(_SYLLABLES) for _ in range(chance.randint(2, 3))).capitalize()
        + "".join(chance.choice(_SYLLABLES) for _ in range(chance.randint(1, 2))).capitalize()
        for _ in range(count)
    ]


_TYPE_WORDS: Final = zipf(list(_TYPES))
_ENGLISH_WORDS: Final = zipf(list(_ENGLISH))
_CHINESE_WORDS: Final = zipf(list(_CHINESE))
_NAMES: Final = zipf(_identifiers(5_000))


@frozen
class Text:
    """What search looks into."""

    type: str
    message: str
    file_path: str


def draw_text(chance: random.Random, number: int) -> Text:
    """Return the text of the issue ``number``: a fifth of the messages are Chinese, and half mention a request."""
    token = f"{number * 2_654_435_761 % 2**32:08x}"  # names this issue and no other
    words = _CHINESE_WORDS if chance.random() < 0.2 else _ENGLISH_WORDS  # noqa: PLR2004 - the fifth
    glue = "" if words is _CHINESE_WORDS else " "
    drawn = glue.join(words.draw(chance, chance.randint(4, 12)))
    name, other = _NAMES.draw(chance, 2)
    request = f" ({HALF} {token})" if number % 2 else f" [{token}]"
    message = f"{drawn}: {name}.{other.lower()}({chance.randrange(10**6)}){request}"
    folder, module = chance.choice(_FOLDERS), _NAMES.draw(chance, 1)[0].lower()
    return Text(_TYPE_WORDS.draw(chance, 1)[0], message, f"shop/{folder}/{module}.py")


def token_of(number: int) -> str:
    """Return the word that only the issue ``number`` contains."""
    return f"{number * 2_654_435_761 % 2**32:08x}"
