"""Operators' bash, understood: pieces and constants, facts, braces, and what is refused.

| module | does |
|---|---|
| `body` | spec text -> `Body`: dedent, `${a.b}` inlined, pieces with places |
| `shfmt` | the one process: bodies -> syntax trees |
| `analyse`, `walk`, `words` | syntax trees -> `Facts` |
| `facts` | what is known about a body, as data |
| `braces` | `$name` -> `${name}` |
| `check`, `names`, `numbers`, `secrets`, `refusals` | facts -> diagnostics RB401 … RB425 |

The only process that it starts is `shfmt`; without it a build fails (RB404).
"""

from compiler.shell.analyse import analyse, analyse_all
from compiler.shell.body import join, to_body
from compiler.shell.braces import braced
from compiler.shell.check import check
from compiler.shell.facts import Facts, Place
from compiler.shell.names import Kind

__all__ = ["Facts", "Kind", "Place", "analyse", "analyse_all", "braced", "check", "join", "to_body"]
