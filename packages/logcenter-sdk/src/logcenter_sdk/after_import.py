"""Do something with a module as soon as it is imported, be that now or later, without importing it."""

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

from logcenter_sdk import boundary
from logcenter_sdk.boundary import say

Action = Callable[[ModuleType], None]


def after_import(name: str, action: Action) -> None:
    """Call ``action`` with the module ``name``: at once where it is imported, else right after it is."""
    module = sys.modules.get(name)
    if module is not None and not _is_initializing(module):
        action(module)
        return
    _FINDER.actions[name] = action
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)


def forget_imports() -> None:
    """Wait for no module any more."""
    _FINDER.actions.clear()
    if _FINDER in sys.meta_path:
        sys.meta_path.remove(_FINDER)


def _is_initializing(module: ModuleType) -> bool:
    return bool(getattr(getattr(module, "__spec__", None), "_initializing", False))


class _Finder:
    """Finds nothing itself: asks the other finders, and has the loader of a module we wait for call us."""

    def __init__(self) -> None:
        self.actions: dict[str, Action] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        action = self.actions.pop(name, None)
        if action is None:
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(name, path, target)
            if spec is not None:
                _call_after(spec.loader, action)
                return spec
        self.actions[name] = action
        return None


def _call_after(loader: Any, action: Action) -> None:  # noqa: ANN401 - loaders have no common class
    execute = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        del loader.exec_module
        execute(module)
        _act(action, module)

    try:
        loader.exec_module = exec_module
    except AttributeError:
        say(f"{loader!r} cannot be watched")


def _act(action: Action, module: ModuleType) -> None:
    try:
        action(module)
    except Exception as error:
        if boundary.raise_bugs:
            raise
        say(f"could not hook into {module.__name__}: {error}")


_FINDER: Final = _Finder()
