"""Simple commands and declarations: which of them assign, hide, export, or start a program."""

from __future__ import annotations

import re

from compiler.shell.facts import Exposed, Exposure, Hidden, Place, Program
from compiler.shell.shfmt import Json
from compiler.shell.words import NAME, Context, Where, Words, has_substitution, literal

# `compgen -b` of bash 4.4 to 5.3.
_BUILTINS = """
. : [ alias bg bind break builtin caller cd command compgen complete compopt continue declare dirs disown echo enable eval exec
exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd printf pushd pwd read readarray
readonly return set shift shopt source suspend test times trap true type typeset ulimit umask unalias unset wait
"""
BUILTINS = frozenset(_BUILTINS.split())

# Commands that start another one, with their options that take a value. None of them knows builtins but `command` and `builtin`.
_STARTERS: dict[str, tuple[str, int]] = {
    "sudo": ("CDghpRrTtuU", 0),
    "doas": ("Cu", 0),
    "command": ("", 0),
    "builtin": ("", 0),
    "env": ("uCS", 0),
    "nohup": ("", 0),
    "nice": ("n", 0),
    "ionice": ("cnpPu", 0),
    "setsid": ("", 0),
    "stdbuf": ("ioe", 0),
    "timeout": ("ks", 1),
    "xargs": ("adEeIiLlnPs", 0),
}

_SAFE_LETTERS = frozenset("euCfbhBTE")
_SAFE_NAMES = frozenset({"errexit", "nounset", "pipefail", "noclobber", "noglob", "errtrace", "functrace"})
_LOUD = {"x": "xtrace", "v": "verbose", "a": "allexport"}
_STRICT = frozenset("euETp")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_STATUS = re.compile(r"[0-9]{1,18}")  # what always fits bash's own numbers


class Commands(Words):
    """Adds what simple commands do."""

    def call(self, node: Json, context: Context) -> None:
        assigns, args = node.get("Assigns") or [], node.get("Args") or []
        if not args:
            self.assignments(assigns, context)
            return
        name = literal(args[0])
        for assign in assigns:
            self.prefix(assign, context, name or "a program")
        for word in args:
            self.word(word, context)
        self.program(args, (), name)
        if name in BUILTINS:
            self.builtin(name, node, args, context)

    # ── assignments ─────────────────────────────────────────────────────────────────────────────────────────────

    def assignments(self, assigns: list[Json], context: Context) -> None:
        """`a=… b=…`: the status is the one of the last `$( )` of all."""
        running = [part for assign in assigns for part in _substitutions(assign)]
        for assign in assigns:
            self.assignment(assign, context, Where.SEEN)
        for part in running[:-1]:
            self.refuse(Hidden.ASSIGNMENTS, part)

    def assignment(self, assign: Json, context: Context, where: Where) -> None:
        name = assign["Name"]["Value"]
        self.index(assign, name, context)
        value, array = assign.get("Value"), assign.get("Array")
        if value:
            self.word(value, context, where)
        for element in (array or {}).get("Elems") or ():
            if element.get("Index"):
                self.index(element, name, context)
            if element.get("Value"):
                self.word(element["Value"], context, where)
        if array:
            numeric = all(self.numeric(element.get("Value")) for element in array.get("Elems") or ())
        else:
            numeric = self.numeric(value)
        sources = self.names(array or value or {})
        is_array = array is not None or assign.get("Index") is not None
        self.assign(name, assign["Name"], sources, numeric=numeric, array=is_array)

    def prefix(self, assign: Json, context: Context, program: str) -> None:
        """`S=… cmd`: for that one process."""
        if assign.get("Value"):
            self.word(assign["Value"], context)
            if program not in BUILTINS:
                self.expose(assign["Value"], Exposure.ENVIRONMENT, program)

    def declaration(self, node: Json, context: Context) -> None:
        """declare, local, export, readonly, typeset."""
        variant = node["Variant"]["Value"]
        args = node.get("Args") or []
        letters = "".join(_options(args))
        exported = variant == "export" or "x" in letters
        self.programs.append(Program(variant, self.place(node["Variant"]), (), (), builtin=True))
        if "i" in letters:
            self.number(None, node, f"{variant} -i")
        for arg in args:
            if not arg.get("Name"):
                word = arg.get("Value") or {}
                self.word(word, context)
                if literal(word) is None and word:
                    for name in self.names(word):
                        self.number(name, word, f"{variant} with a name known only when run")
                continue
            if arg.get("Value") or arg.get("Array"):
                self.assignment(arg, context, Where.MASKED)
                if exported and arg.get("Value"):
                    self.expose(arg["Value"], Exposure.EXPORT, variant)
                if "n" in letters and arg.get("Value") and literal(arg["Value"]) is None:
                    for name in self.names(arg["Value"]):
                        self.number(name, arg["Value"], f"{variant} -n")
            else:
                self.declared(arg, variant, letters, exported)

    def declared(self, arg: Json, variant: str, letters: str, exported: bool) -> None:
        name, place = arg["Name"]["Value"], self.place(arg["Name"])
        if exported:
            self.exposed_name(name, place, variant)
        elif variant in {"declare", "local", "typeset"} and "p" not in letters and "f" not in letters:
            self.assign(name, arg["Name"], (), numeric=True, array="a" in letters or "A" in letters)

    def exposed_name(self, name: str, place: Place, program: str) -> None:
        self.exposed.append(Exposed((name,), Exposure.EXPORT, program, place))

    # ── programs ────────────────────────────────────────────────────────────────────────────────────────────────

    def program(self, args: list[Json], via: tuple[str, ...], name: str | None) -> None:
        if name is None:
            for word in args:
                self.expose(word, Exposure.ARGUMENT, "a program")
            return
        words = tuple(literal(word) for word in args[1:])
        builtin = name in BUILTINS and not any(v not in {"command", "builtin"} for v in via)
        self.programs.append(Program(name, self.place(args[0]), words, via, builtin))
        inner = self.started(args, name)
        if inner and (name in {"command", "builtin"}):
            self.program(inner, (*via, name), literal(inner[0]))
            return
        if inner:
            self.program_below(inner, (*via, name))
        if not builtin:
            for word in args[1:]:
                self.expose(word, Exposure.ARGUMENT, name)

    def program_below(self, args: list[Json], via: tuple[str, ...]) -> None:
        """The command that another one starts: named, but its arguments are already the outer one's."""
        name = literal(args[0])
        if name is None:
            return
        self.programs.append(Program(name, self.place(args[0]), tuple(literal(w) for w in args[1:]), via, builtin=False))
        inner = self.started(args, name)
        if inner:
            self.program_below(inner, (*via, name))

    def started(self, args: list[Json], name: str) -> list[Json]:
        """The words of the command that `name` starts; empty where it starts none or where that cannot be known."""
        if name not in _STARTERS:
            return []
        valued, operands = _STARTERS[name]
        rest = list(args[1:])
        while rest:
            text = literal(rest[0])
            if text is None and not _ASSIGNMENT.match(self.source(rest[0])):
                return rest if not operands else rest[operands:]
            if text == "--":
                rest.pop(0)
                break
            if text is not None and text.startswith("-") and len(text) > 1:
                if name in {"sudo", "command"} and text in {"-v", "-V", "-l", "-k", "-K", "-n"} and text != "-n":
                    return []
                rest.pop(0)
                if len(text) == 2 and text[1] in valued and rest:
                    rest.pop(0)
                continue
            if name in {"sudo", "env", "doas"} and _ASSIGNMENT.match(text or self.source(rest[0])):
                rest.pop(0)
                continue
            break
        return rest[operands:]

    # ── builtins ────────────────────────────────────────────────────────────────────────────────────────────────

    def builtin(self, name: str, node: Json, args: list[Json], context: Context) -> None:
        if name in {"command", "builtin"}:
            inner = self.started(args, name)
            target = literal(inner[0]) if inner else None
            if target in BUILTINS:
                self.builtin(target, node, inner, context)
            return
        if name in {"read", "mapfile", "readarray", "printf", "getopts", "unset", "test", "[", "wait"}:
            self.named(name, args)
        elif name == "exec":
            self.refuse(Hidden.EXEC, args[0])
        elif name == "exit":
            self.exit(args, context)
        elif name in {"set", "shopt"}:
            self.option(name, args)
        elif name in {"trap", "enable", "disown", "suspend", "logout"}:
            self.refuse(Hidden.OPTION, args[0], name)
        elif name in {"eval", "alias", "unalias"}:
            self.refuse(Hidden.OPAQUE, args[0], name)
        elif name == "shift" and not context.function:
            self.refuse(Hidden.POSITIONAL, args[0])
        elif name == "export":
            for word in args[1:]:
                self.expose(word, Exposure.EXPORT, name)

    def exit(self, args: list[Json], context: Context) -> None:
        """`exit 1` fails the step, as meant; any other never reaches the mark that says the step is done."""
        code = literal(args[1]) if len(args) > 1 else None
        if not context.subshell and (code is None or not _STATUS.fullmatch(code) or int(code) % 256 == 0):
            self.refuse(Hidden.EXIT, {"Pos": args[0]["Pos"], "End": args[-1]["End"]})

    def option(self, name: str, args: list[Json]) -> None:
        words = [literal(word) for word in args[1:]]
        whole = {"Pos": args[0]["Pos"], "End": args[-1]["End"]}
        if name == "shopt":
            named = any(word and word[0] == "-" and "o" in word for word in words)  # -o: the names of `set`
            if None in words or {"inherit_errexit", "expand_aliases", "extglob"} & set(words) or named:
                self.refuse(Hidden.OPTION, whole)
            return
        loud, refused, named, turned = False, False, False, "-"
        for word in words:
            if named and word is not None:
                refused |= word not in _SAFE_NAMES and word not in _LOUD.values()
                refused |= turned == "+" and word in {"errexit", "nounset", "pipefail", "errtrace", "functrace"}
                loud |= turned == "-" and word in _LOUD.values()
                named = False
            elif word and word[0] in "-+" and len(word) > 1:
                turned, letters = word[0], set(word[1:])
                named = "o" in letters
                refused |= not letters <= _SAFE_LETTERS | set(_LOUD) | {"o"} or (turned == "+" and bool(letters & _STRICT))
                loud |= turned == "-" and bool(letters & set(_LOUD))
            else:
                refused = True
        if refused:
            self.refuse(Hidden.OPTION, whole)
        elif loud:
            self.refuse(Hidden.LOUD, whole)

    def named(self, builtin: str, args: list[Json]) -> None:
        """Builtins that take the *name* of a variable: they assign it, and evaluate an index in it."""
        for word in _name_words(builtin, args):
            text = literal(word)
            if text is None and builtin not in {"mapfile", "readarray", "getopts"}:  # these take no index
                for name in self.names(word) or (None,):
                    self.number(name, word, f"`{builtin}` with a name known only when run")
                continue
            match = NAME.match(text or "")
            if text and match and builtin not in {"unset", "test", "["}:
                rest = text[match.end() :]
                array = builtin in {"mapfile", "readarray"} or rest.startswith("[") or _reads_array(builtin, args)
                self.assign(match.group(), word, (), numeric=builtin == "wait", array=array)
        if builtin == "read" and not _name_words(builtin, args):
            self.assign("REPLY", args[0], (), numeric=False)
        if builtin in {"mapfile", "readarray"} and not _name_words(builtin, args):
            self.assign("MAPFILE", args[0], (), numeric=False, array=True)
        if builtin == "getopts":
            self.assign("OPTARG", args[0], (), numeric=False)


_VALUED = {"read": "dinNptu", "mapfile": "dnOsuCc", "readarray": "dnOsuCc"}


def _name_words(builtin: str, args: list[Json]) -> list[Json]:
    """The words of a command line that are names of variables."""
    rest = list(args[1:])
    if builtin == "printf":
        return rest[1:2] if rest and literal(rest[0]) == "-v" else []
    if builtin == "wait":
        texts = [literal(word) for word in rest]
        return [rest[texts.index("-p") + 1]] if "-p" in texts[:-1] else []
    if builtin in {"test", "["}:
        texts = [literal(word) for word in rest]
        return [rest[index + 1] for index, text in enumerate(texts[:-1]) if text == "-v"]
    if builtin == "getopts":
        return rest[1:2]
    names: list[Json] = []
    valued = _VALUED.get(builtin, "")
    while rest:
        text = literal(rest[0])
        word = rest.pop(0)
        if text is not None and text.startswith("-") and len(text) > 1 and not names:
            if builtin == "read" and text[-1] == "a" and rest:
                names.append(rest.pop(0))
            elif text[-1] in valued and rest:
                rest.pop(0)
            continue
        names.append(word)
    return names


def _reads_array(builtin: str, args: list[Json]) -> bool:
    return builtin == "read" and any(re.fullmatch(r"-[A-Za-z]*a", literal(word) or "") for word in args[1:])


def _options(args: list[Json]) -> list[str]:
    texts = [literal(arg["Value"]) for arg in args if not arg.get("Name") and arg.get("Value")]
    return [text[1:] for text in texts if text and text.startswith("-")]


def _substitutions(node: object) -> list[Json]:
    """The outermost `$( )` below a node, in order; not those in an arithmetic expression, which fail by themselves."""
    found: list[Json] = []
    if isinstance(node, list):
        for item in node:
            found += _substitutions(item)
    elif isinstance(node, dict):
        if node.get("Type") == "CmdSubst":
            return [node]
        if node.get("Type") == "ArithmExp" or not has_substitution(node):
            return []
        for value in node.values():
            if isinstance(value, dict | list):
                found += _substitutions(value)
    return found
