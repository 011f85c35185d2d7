"""Write from the code what pages say of it: the SDK's settings, and who may use which route.

``python docs/reference/generate.py`` writes both languages; a test holds that they have not drifted. Texts of settings
come from the docstrings of ``logcenter_sdk.config.Config`` and, in Chinese, from ``settings.zh-CN.toml``.
"""

import ast
import inspect
import re
import tomllib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

from attrs import NOTHING, fields

from logcenter_collector.domain.access import SCOPES_OF
from logcenter_collector.web.rules import API_RULES, DASHBOARD_RULES, Reach, Rule, Rules
from logcenter_sdk import config
from logcenter_sdk.config import Config
from logcenter_sdk.release import COMMIT_VARIABLES, REPO_VARIABLES, VERSION_VARIABLES
from logcenter_sdk.variables import SWITCHES, VARIABLES

FOLDER: Final = Path(__file__).parent
HOW_TO: Final = FOLDER.parent / "how-to"
_BEGIN: Final = "<!-- begin: made by docs/reference/generate.py -->"
_END: Final = "<!-- end -->"
_PROXIES: Final = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_BUILD: Final[Mapping[str, tuple[str, ...]]] = {
    "version": VERSION_VARIABLES,
    "commit_hash": COMMIT_VARIABLES,
    "repo_url": REPO_VARIABLES,
}


class Words(NamedTuple):
    """What the tables of one language say around names and values."""

    page: str
    head: str
    build_head: str
    build: str
    github: str
    comma: str
    below: str
    on: str
    off: str


ENGLISH: Final = Words(
    "configuration.md",
    "| argument | type | variable | default | meaning |",
    "| argument | variables, the first that is set |",
    "Version, commit and repository come from the variables of CI systems and platforms:",
    "On GitHub, Gitea and Forgejo also `GITHUB_REF_NAME` of a tag, and `GITHUB_SERVER_URL` with `GITHUB_REPOSITORY`.",
    ", ",
    "see below",
    "on",
    "off",
)
CHINESE: Final = Words(
    "configuration.zh-CN.md",
    "| 参数 | 类型 | 变量 | 默认值 | 意思 |",
    "| 参数 | 变量，取第一个已设置的 |",
    "版本、提交和仓库来自 CI 系统和平台的变量：",
    "在 GitHub、Gitea 和 Forgejo 上还有标签的 `GITHUB_REF_NAME`，以及 `GITHUB_SERVER_URL` 加 `GITHUB_REPOSITORY`。",
    "、",
    "见下",
    "开",
    "关",
)


class AccessWords(NamedTuple):
    """What the table of routes says in one language."""

    page: str
    head: str
    dashboard: str
    nothing: str
    nothing_for_reports: str
    key_or: str
    reach: Mapping[Reach, str]
    anybody: str


ENGLISH_ACCESS: Final = AccessWords(
    "access.md",
    "| route | while the collector is open | once it is closed | role |",
    "dashboard: ",
    "nothing",
    "nothing, unless a key is demanded",
    "a key of the project, or a token with {}",
    {Reach.SHOWN: "", Reach.PROJECT: ", for this project", Reach.WHOLE: ", for all projects"},
    "anybody",
)
CHINESE_ACCESS: Final = AccessWords(
    "access.zh-CN.md",
    "| 路由 | 收集器开放时 | 收集器关闭后 | 角色 |",
    "控制台：",
    "无需凭据",
    "无需凭据，除非要求密钥",
    "该项目的密钥，或带 {} 的令牌",
    {Reach.SHOWN: "", Reach.PROJECT: "，限于该项目", Reach.WHOLE: "，不限项目"},
    "任何人",
)


def access_table(words: AccessWords) -> str:
    """Return the table of all routes."""
    rows = [*_rows(API_RULES, words, ""), *_rows(DASHBOARD_RULES, words, words.dashboard)]
    return "\n".join([words.head, "|---|---|---|---|", *rows])


def _rows(rules: Rules, words: AccessWords, before: str) -> list[str]:
    return [
        f"| {before}`{name}` | {words.nothing_for_reports if rule.by_key else words.nothing} "
        f"| {_closed(rule, words)} | {_least_role(rule, words)} |"
        for name, rule in rules.items()
    ]


def _closed(rule: Rule, words: AccessWords) -> str:
    if rule.scope is None:
        return words.nothing
    scope = f"`{rule.scope}`"
    return words.key_or.format(scope) if rule.by_key else scope + words.reach[rule.reach]


def _least_role(rule: Rule, words: AccessWords) -> str:
    if rule.scope is None:
        return words.anybody
    return next(f"`{role}`" for role, scopes in SCOPES_OF.items() if rule.scope in scopes)


def english_texts() -> dict[str, str]:
    """Return what each setting means: the docstring below its field, in Markdown."""
    tree = ast.parse(inspect.getsource(config))
    [body] = [each.body for each in tree.body if isinstance(each, ast.ClassDef) and each.name == Config.__name__]
    return {
        field.target.id: _markdown(text.value.value)
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
    }


def _markdown(docstring: str) -> str:
    text = " ".join(docstring.split()).replace("``", "`").removesuffix(".")
    return text[0].lower() + text[1:]


def chinese_texts() -> dict[str, str]:
    """Return the same in Chinese."""
    return tomllib.loads((FOLDER / "settings.zh-CN.toml").read_text(encoding="utf-8"))


def tables(words: Words, texts: Mapping[str, str]) -> str:
    """Return the generated part of a page."""
    rows = [
        f"| `{each.name}` | {_type(each.type)} | {_variables(each.name, words)} | {_default(each.default, words)} "
        f"| {texts[each.name]} |"
        for each in fields(Config)
    ]
    build = [f"| `{name}` | {_listed(variables, words)} |" for name, variables in _BUILD.items()]
    lines = [words.head, "|---|---|---|---|---|", *rows, "", words.build, "", words.build_head, "|---|---|", *build]
    return "\n".join([*lines, "", words.github])


def _type(kind: Any) -> str:  # noqa: ANN401 - any type
    name = kind.__name__ if isinstance(kind, type) and not hasattr(kind, "__args__") else str(kind)
    shown = _CALLABLE.sub("Report → Report, None", name.removesuffix(" | None"))
    return f"`{shown}`".replace("|", "\\|")


_CALLABLE: Final = re.compile(r".*Callable.*")


def _variables(name: str, words: Words) -> str:
    if name == "proxy":
        return _listed(_PROXIES, words)
    if name in _BUILD:
        return f"`{_BUILD[name][0]}`{words.comma}… {words.below}"
    variable = VARIABLES.get(name) or SWITCHES.get(name)
    return f"`{variable}`" if variable else "–"  # noqa: RUF001 - a dash


def _listed(names: tuple[str, ...], words: Words) -> str:
    return words.comma.join(f"`{name}`" for name in names)


def _default(value: object, words: Words) -> str:
    if value in {None, NOTHING, ()}:
        return "–"  # noqa: RUF001 - a dash
    if isinstance(value, bool):
        return words.on if value else words.off
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def generated() -> dict[Path, str]:
    """Return the whole text of each page, with the generated part anew."""
    parts = {
        FOLDER / ENGLISH.page: tables(ENGLISH, english_texts()),
        FOLDER / CHINESE.page: tables(CHINESE, chinese_texts()),
        HOW_TO / ENGLISH_ACCESS.page: access_table(ENGLISH_ACCESS),
        HOW_TO / CHINESE_ACCESS.page: access_table(CHINESE_ACCESS),
    }
    return {page: _with_part(page.read_text(encoding="utf-8"), part) for page, part in parts.items()}


def _with_part(page: str, part: str) -> str:
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{part}\n{_END}{after}"


if __name__ == "__main__":
    for path, text in generated().items():
        path.write_text(text, encoding="utf-8")
