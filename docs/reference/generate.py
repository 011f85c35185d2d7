"""Write the SDK's part of the configuration pages from its code.

``python docs/reference/generate.py`` writes both languages; a test holds that they have not drifted. Texts come from
the docstrings of ``logcenter_sdk.config.Config`` and, in Chinese, from ``settings.zh-CN.toml``.
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

from logcenter_sdk import config
from logcenter_sdk.config import Config
from logcenter_sdk.release import COMMIT_VARIABLES, REPO_VARIABLES, VERSION_VARIABLES
from logcenter_sdk.variables import SWITCHES, VARIABLES

FOLDER: Final = Path(__file__).parent
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
    """Return the whole text of both pages, with the generated part anew."""
    return {
        FOLDER / words.page: _with_part((FOLDER / words.page).read_text(encoding="utf-8"), tables(words, texts))
        for words, texts in ((ENGLISH, english_texts()), (CHINESE, chinese_texts()))
    }


def _with_part(page: str, part: str) -> str:
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{part}\n{_END}{after}"


if __name__ == "__main__":
    for path, text in generated().items():
        path.write_text(text, encoding="utf-8")
