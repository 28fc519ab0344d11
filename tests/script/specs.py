"""Small specs that the tests of the script share. Each step notes its name in `log`."""

HEAD = 'runbook t {\n  title "T"\n  lang en\n}\n'


def step(name: str, body: str = "", back: str | None = None, settings: str = "") -> str:
    """A step that notes its name, then runs `body`."""
    back = back if back is not None else f"undo $ echo undo-{name} >>log"
    lines = (f"$ echo {name} >>log", f"$ {body}" if body else "", settings, back)
    return f'  step {name} "Step {name}" {{\n' + "".join(f"    {line}\n" for line in lines) + "  }\n"


def two_phases(first: str, second: str, tail: str = "") -> str:
    return HEAD + f'phase one "One" {{\n{first}}}\nphase two "Two" {{\n{second}}}\n{tail}'


OK_PROBE = 'probe fine "All fine" {\n  file good\n}\n'
ROLLBACK = 'rollback "Back" {\n  verify fine\n}\n'
THREE = HEAD + OK_PROBE + 'phase one "One" {\n' + step("a") + step("b") + step("c", "[[ ! -e broken ]]") + "}\n" + ROLLBACK
