"""Takes out of the firmware's sources what its program never asks for, before they are compiled.

MicroPython keeps in the heap every name that another file might ask for: each constant, function,
method and argument. Here the program is known as a whole. A constant of another file becomes its
number, as the compiler does within a file; what nobody names is left out; and so are the names of
arguments, which matter only to calls by keyword, and annotations with all that they import.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeGuard

_Constants = dict[str, int]  # by module and name: "protocol.reasons.OK"
_Piece = tuple[str, set[str]]  # its name, "" for what runs at once; and the names it asks for


def fold(sources: dict[str, str]) -> dict[str, str]:
    """Return the same program, smaller.

    Args:
        sources: text by name of the module, such as "protocol.reasons": all that the program has.
            It asks for nothing by a name that it puts together, and calls no function of its own by
            keyword.
    """
    trees = {name: _Plain().visit(ast.parse(text)) for name, text in sources.items()}
    for _ in range(2):  # constants, and constants made of those
        known = {
            f"{name}.{constant}": value
            for name, tree in trees.items()
            for constant, value in _constants(tree)
        }
        for name, tree in trees.items():
            trees[name] = _Numbers(name, tree, known).visit(tree)
    promises = {
        f"{name}.{one.name}"
        for name, tree in trees.items()
        for one in tree.body
        if isinstance(one, ast.ClassDef) and not one.bases and not one.body
    }
    for tree in trees.values():
        imported = _imported(tree)
        for one in [one for one in tree.body if isinstance(one, ast.ClassDef)]:
            kept = [base for base in one.bases if _place(base, imported) not in promises]
            one.bases, one.body = kept, one.body or [ast.Pass()]
    asked = _reached([piece for name, tree in trees.items() for piece in _pieces(name, tree)])
    for name, tree in trees.items():
        trees[name] = _Shake(name, asked).visit(tree)
    return {
        name: ast.unparse(ast.fix_missing_locations(_Arguments().visit(tree)))
        for name, tree in trees.items()
    }


def _constants(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Each ``NAME = const(…)`` or ``NAME = …`` with a whole number, at the top of a module."""
    for one in tree.body:
        match one:
            case ast.Assign(
                targets=[ast.Name(name)],
                value=ast.Call(func=ast.Name("const"), args=[ast.Constant(int(value))])
                | ast.Constant(int(value)),
            ) if name.isupper():
                yield name, value


def _reached(pieces: list[_Piece]) -> set[str]:
    """All names that the program asks for, from what it does as it is loaded."""
    asked = {""}
    known = 0
    while len(asked) > known:
        known = len(asked)
        for name, asks in pieces:
            if name in asked:
                asked |= asks
    return asked


def _pieces(module: str, tree: ast.Module) -> Iterator[_Piece]:
    """What a module consists of; "protocol.cbor.loads" of a module, "add" of an object."""
    imported = _imported(tree)
    for one in tree.body:
        if isinstance(one, ast.ClassDef):
            methods = [method for method in one.body if _is_method(method)]
            rest = [node for node in one.body if not _is_method(node)]
            asks = set[str]().union(*(_asks(module, imported, node) for node in rest + one.bases))
            yield f"{module}.{one.name}", asks
            for method in methods:
                yield method.name, _asks(module, imported, method)
        elif name := _defined(one):
            yield f"{module}.{name}", _asks(module, imported, one)
        else:
            yield "", _asks(module, imported, one)
    for name, place in _imports(tree):
        yield f"{module}.{name}", {place}


def _asks(module: str, imported: dict[str, str], piece: ast.AST) -> set[str]:
    asked = set()
    for one in ast.walk(piece):
        match one:
            case ast.Attribute(ast.Name(name), attr) if name in imported:
                asked |= {f"{imported[name]}.{attr}"}
            case ast.Attribute(attr=name):
                asked |= {name}
            case ast.Name("const"):
                continue  # the compiler knows it without an import
            case ast.Constant(str(name)):  # may be a name
                asked |= {name, f"{module}.{name}"}
            case ast.Name(name, ast.Load()):
                asked |= {f"{module}.{name}"}
    return asked


def _defined(node: ast.AST) -> str:
    """The name that a statement does nothing but define; or none."""
    match node:
        case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
            return name
        case ast.Assign([ast.Name(_)], ast.Call(func)) if not _is_const(func):
            return ""  # what is called may do something else as well
        case ast.Assign([ast.Name(name)]):
            return name
    return ""


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Names of a module, and what they stand for; there may be two choices."""
    for one in ast.walk(tree):
        if isinstance(one, (ast.Import, ast.ImportFrom)):
            home = f"{one.module}." if isinstance(one, ast.ImportFrom) else ""
            yield from [(alias.asname or alias.name, home + alias.name) for alias in one.names]


def _imported(tree: ast.AST) -> dict[str, str]:
    """The same of those names that never stand for anything else."""
    found = dict(_imports(tree))
    for one in ast.walk(tree):
        match one:
            case ast.Name(name, ast.Store()) | ast.arg(name):
                found.pop(name, None)
    return found


class _Plain(ast.NodeTransformer):
    """Annotations out, but for machine code, where the compiler reads them; and bare promises."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
        if _is_promise(node):
            return None
        if not _is_machine_code(node):
            node.returns = None
            self.generic_visit(node)
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST | None:
        node.returns = None
        return None if _is_promise(node) else self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        return ast.Assign([node.target], node.value) if node.value else None

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        return None if _is_for_types(node.targets[0]) else node

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if _is_for_types(node.test) else self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)


class _Numbers(ast.NodeTransformer):
    """Constants become numbers, and go: nobody asks for their names any longer."""

    def __init__(self, module: str, tree: ast.AST, known: _Constants) -> None:
        self._known = known
        self._module = module
        self._imported = _imported(tree)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id in self._imported:
            value = self._known.get(f"{self._imported[node.value.id]}.{node.attr}")
            if value is not None:
                return ast.Constant(value)
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        place = self._imported.get(node.id, f"{self._module}.{node.id}")
        value = self._known.get(place) if isinstance(node.ctx, ast.Load) else None
        return node if value is None else ast.Constant(value)


class _Shake(ast.NodeTransformer):
    """Drops imports and definitions that nobody asks for."""

    def __init__(self, module: str, asked: set[str]) -> None:
        self._home = f"{module}."  # "" within a class
        self._asked = asked

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
        return self._unless_asked(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST | None:
        return self._unless_asked(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        return self._unless_asked(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST | None:
        home, self._home = self._home, ""
        self.generic_visit(node)
        self._home = home
        node.body = node.body or [ast.Pass()]
        return self._unless_asked(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        kept = [one for one in node.names if self._home + (one.asname or one.name) in self._asked]
        node.names = kept
        return node if kept else None

    def _unless_asked(self, node: ast.AST) -> ast.AST | None:
        name = _defined(node)
        return node if name[:2] in ("", "__") or self._home + name in self._asked else None


class _Arguments(ast.NodeTransformer):
    """Arguments are called by their place: _0, _1, …"""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return node if _is_machine_code(node) else self._renamed(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._renamed(node)

    def _renamed(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        names = {one.arg: f"_{place}" for place, one in enumerate(node.args.args)}
        for one in ast.walk(node):
            if isinstance(one, ast.Name):
                one.id = names.get(one.id, one.id)
            elif isinstance(one, ast.arg):
                one.arg = names.get(one.arg, one.arg)
        return node


def _place(node: ast.expr, imported: dict[str, str]) -> str:
    return imported.get(node.id, "") if isinstance(node, ast.Name) else ""


def _is_promise(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Say whether a method is only there for others to keep what it promises."""
    match node.body[-1]:
        case ast.Raise(ast.Name("NotImplementedError")):
            return True
    return False


def _is_machine_code(node: ast.FunctionDef) -> bool:
    return any(isinstance(one, ast.Attribute) for one in node.decorator_list)


def _is_method(node: ast.AST) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return not node.name.startswith("__")
    return False


def _is_const(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "const"


def _is_for_types(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "TYPE_CHECKING"
