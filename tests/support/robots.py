"""The robot of a group as Feishu documents it: it checks signatures, and refuses in an answer of 200."""

import base64
import hashlib
import hmac
import time
from typing import Any

from support.receiver import Arrived, Reply

PATH = "/open-apis/bot/v2/hook/"
SECRET = "a5dB0PXuDzGhnRIrlSo1Sd"  # made up
ANSWERS: dict[str, Reply] = {
    "keyword": Reply(200, {"code": 19024, "msg": "Key Words Not Found"}),
    "address": Reply(200, {"code": 19022, "msg": "Ip Not Allowed"}),
    "gone": Reply(200, {"code": 19001, "msg": "param invalid: incoming webhook access token invalid", "data": {}}),
    "limited": Reply(200, {"code": 11232, "data": {}, "msg": "frequency limited psm[lark.oapi]appID[1500]"}),
    "limited_as_before": Reply(200, {"code": 9499, "msg": "too many request", "data": {}}),
    "malformed": Reply(400, {"code": 9499, "msg": "Bad Request", "data": {}}),
    "of_its_time": Reply(200, {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}),
    "page": Reply(200, b"<html>Sign in</html>"),
    "overloaded": Reply(503, b""),
    "gateway": Reply(504, b""),
}


def feishu(arrived: Arrived) -> Reply:
    """Answer as Feishu does."""
    case = arrived.path.removeprefix(PATH)
    if case == "signed" and not _rightly_signed(arrived.message):
        says = "sign match fail or timestamp is not within one hour from current time"
        return Reply(200, {"code": 19021, "msg": says})
    return ANSWERS.get(case, Reply(200, {"code": 0, "msg": "success", "data": {}}))


def _rightly_signed(message: dict[str, Any]) -> bool:
    key = f"{message.get('timestamp')}\n{SECRET}".encode()
    expected = base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
    return message.get("sign") == expected and abs(time.time() - int(message["timestamp"])) < 3600
