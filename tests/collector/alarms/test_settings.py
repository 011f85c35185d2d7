"""The settings of channels: what is wrong is named, what is secret is hidden, and every one has its texts."""

import pytest

from logcenter_collector.alarms.channels.fields import HIDDEN, InvalidSettingsError
from logcenter_collector.alarms.channels.kinds import KINDS, open_channel
from logcenter_collector.texts import LANGUAGES

FEISHU = "https://open.feishu.cn/open-apis/bot/v2/hook/1b2c"
LARK = "https://open.larksuite.com/open-apis/bot/v2/hook/1b2c"
DINGTALK = "https://oapi.dingtalk.com/robot/send?access_token=1b2c"
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1b2c"


def wrong(kind: str, settings: dict[str, object]) -> dict[str, str]:
    """Return what is said of each wrong field."""
    with pytest.raises(InvalidSettingsError) as caught:
        open_channel(kind, settings)
    return {error.field: error.message for error in caught.value.errors}


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("feishu", FEISHU),
        ("feishu", LARK),
        ("dingtalk", DINGTALK),
        ("wecom", WECOM),
        ("webhook", "https://example.org/alarms?team=1"),
        ("apprise", "mailtos://user:password@example.org?to=team@example.org"),
    ],
)
def test_right_settings_open_a_channel(kind: str, url: str) -> None:
    assert not open_channel(kind, {"url": f"  {url} "}).knows_repeats or kind == "webhook"


def test_an_unknown_kind_is_told_which_there_are() -> None:
    assert {"kind": "must be one of feishu, dingtalk, wecom, webhook, apprise"} == wrong("pager", {})


def test_every_wrong_field_is_named_at_once() -> None:
    assert {
        "url": "is needed",
        "secret": "must be a text",
        "colour": "is no setting of this channel; it has url, secret, keyword",
        "keyword": "must have at most 100 characters, not 300",
    } == wrong("feishu", {"secret": 5, "colour": "red", "keyword": "x" * 300})


@pytest.mark.parametrize(
    ("kind", "url", "says"),
    [
        ("feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/", "whole address"),
        ("feishu", DINGTALK, "whole address"),
        ("dingtalk", "https://oapi.dingtalk.com/robot/send", "whole address"),
        ("dingtalk", WECOM, "whole address"),
        ("wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=", "whole address"),
        ("wecom", "1b2c", "begin with https://"),
        ("webhook", "ftp://example.org/", "begin with https://"),
        ("webhook", "https://", "begin with https://"),
        ("webhook", "https://user:password@example.org/", "user name"),
        ("webhook", "https://example.org/\nx", "one line"),
        ("webhook", "https://[::1/", "must be an address"),
        ("apprise", "example.org", "as Apprise has them"),
        ("apprise", "json://a.example.org json://b.example.org", "as Apprise has them"),
        ("apprise", "dbus://", "as Apprise has them"),
        ("apprise", "syslog://localhost", "a service in the network"),
        ("apprise", "windows://x", "a service in the network"),
        ("apprise", "file:///etc/passwd", "a service in the network"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused(kind: str, url: str, says: str) -> None:
    assert says in wrong(kind, {"url": url})["url"]


@pytest.mark.parametrize(("secret", "says"), [("short", "at least 16 bytes, not 5"), ("whsec_!", "is no base64")])
def test_a_weak_secret_of_a_webhook_is_refused(secret: str, says: str) -> None:
    assert says in wrong("webhook", {"url": "https://example.org/", "secret": secret})["secret"]


def test_secrets_are_hidden_and_the_rest_is_shown() -> None:
    shown = KINDS["dingtalk"].shown({"url": DINGTALK, "secret": "", "keyword": "logs"})

    assert {"url": HIDDEN, "secret": "", "keyword": "logs"} == shown


def test_a_secret_that_comes_back_hidden_stays_as_it_was() -> None:
    changed = KINDS["feishu"].changed(
        {"url": FEISHU, "secret": "old", "keyword": "logs"}, {"url": HIDDEN, "secret": "new", "keyword": ""}
    )

    assert {"url": FEISHU, "secret": "new", "keyword": ""} == changed


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_and_setting_has_its_texts(kind: str, language: str) -> None:
    form = KINDS[kind].form(language)

    assert [field.name for field in KINDS[kind].fields] == [field.name for field in form]
    assert all(field.label and field.hint for field in form)
    assert KINDS[kind].title(language)


def test_whatever_lets_others_write_into_a_group_is_secret() -> None:
    assert {"feishu", "dingtalk", "wecom", "apprise"} == {
        name for name, kind in KINDS.items() if any(field.name == "url" and field.secret for field in kind.fields)
    }
