"""What watches when no run does: a rules file for Prometheus, and for each schedule a script with its systemd units.

File names are those under which they are installed. Formats: Prometheus, "Alerting rules"; systemd.service(5), systemd.timer(5),
systemd.time(7); crontab(5).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from compiler.emit import locale
from compiler.emit.bash import Function, functions_of
from compiler.emit.leaves import Bare, Code, Comment, Expanded, Word
from compiler.emit.render import Rendered, render_bash, render_watch
from compiler.emit.tables import diagnose_symbol
from compiler.emit.watch_leaves import Annotation, Remark, Scalar, Setting
from compiler.plan.model import Alert, Plan, Probe, ProbeUse, Schedule
from compiler.version import __version__

RULES = "alerts.yml"
PROGRAMS = "/usr/local/sbin"
UNITS = "/etc/systemd/system"
CRON = "/etc/cron.d"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@dataclass(frozen=True)
class Watch:
    """The files beside script and runbook. `scripts` are those of the schedules, with the origin of every character."""

    files: Mapping[str, str]
    scripts: tuple[Rendered, ...] = ()


def emit(plan: Plan) -> Watch:
    """The files of a spec, by name; none where it has neither rules nor schedules. All Plans of one environment give the same."""
    files: dict[str, str] = {}
    if any(alert.rule for alert in plan.alerts):
        files[RULES] = rules(plan)
    scripts = tuple(script(plan, schedule) for schedule in plan.schedules)
    for schedule, made in zip(plan.schedules, scripts, strict=True):
        files[f"{schedule.name}.sh"] = made.text
        files[f"{schedule.name}.service"] = service(plan, schedule)
        files[f"{schedule.name}.timer"] = timer(plan, schedule)
    return Watch(files, scripts)


def rules(plan: Plan) -> str:
    """The rules file: one group, named after the runbook, with the alerts that say how they are measured."""
    say = _say(plan)
    return render_watch(
        "watch/alerts.yml.j2",
        head=[Remark(say["rules"]), Remark(say["built"]), Remark(say["change"])],
        group=Scalar(".".join((plan.meta.name, *_environment(plan)))),
        runbook=Annotation(_runbook(plan)),
        rules=[
            {
                "name": Scalar(alert.rule.name),
                "expression": Scalar(alert.rule.expression),
                "held": Scalar(shortest(alert.rule.held)),
                "severity": None if alert.rule.severity is None else Scalar(alert.rule.severity),
                "summary": Annotation(summary(alert)),
                "action": Annotation(alert.action),
            }
            for alert in plan.alerts
            if alert.rule is not None
        ],
    ).text


def summary(alert: Alert) -> str:
    """`API Error Rate > 5%`."""
    return alert.title if alert.limit is None else f"{alert.title} {alert.op} {alert.limit}"


def shortest(seconds: int) -> str:
    """`5m`, `1h`, `90s`: a duration as Prometheus reads it, in the largest unit without a rest."""
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "m")):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def calendar(every: int) -> str | None:
    """The times of day that lie so far apart, as systemd writes them; None where the day cannot be divided so."""
    if every < _MINUTE and _MINUTE % every == 0:
        return f"*-*-* *:*:00/{every}"
    if every % _MINUTE == 0 and every < _HOUR and _HOUR % every == 0:
        return f"*-*-* *:00/{every // _MINUTE}:00"
    if every % _HOUR == 0 and every < _DAY and _DAY % every == 0:
        return f"*-*-* 00/{every // _HOUR}:00:00"
    return "*-*-* 00:00:00" if every == _DAY else None


def cron(schedule: Schedule) -> str | None:
    """The lines for `/etc/cron.d`; None where cron cannot say how often.

    `PATH` as systemd sets it: cron's own leaves out what `ss` and `iptables` lie in. `flock`: one at a time, also as systemd.
    """
    every = schedule.every
    if every % _MINUTE == 0 and every < _HOUR and _HOUR % every == 0:
        times = "* * * * *" if every == _MINUTE else f"*/{every // _MINUTE} * * * *"
    elif every % _HOUR == 0 and every < _DAY and _DAY % every == 0:
        times = "0 * * * *" if every == _HOUR else f"0 */{every // _HOUR} * * *"
    elif every == _DAY:
        times = "0 0 * * *"
    else:
        return None
    return f"PATH={_PATH}\n{times} {schedule.user} flock -n {PROGRAMS}/{schedule.name}.sh {PROGRAMS}/{schedule.name}.sh"


def service(plan: Plan, schedule: Schedule) -> str:
    """The unit that asks once."""
    return render_watch(
        "watch/service.j2",
        head=_head(plan, schedule),
        title=Setting(_fill(_say(plan)["service"], title=schedule.title, runbook=_runbook(plan))),
        user=Setting(schedule.user),
        script=Setting(f"{PROGRAMS}/{schedule.name}.sh"),
    ).text


def timer(plan: Plan, schedule: Schedule) -> str:
    """The unit that starts it, at times of day that lie so far apart, else so long after the last time."""
    times = calendar(schedule.every)
    return render_watch(
        "watch/timer.j2",
        head=_head(plan, schedule),
        title=Setting(_fill(_say(plan)["service"], title=schedule.title, runbook=_runbook(plan))),
        calendar=None if times is None else Setting(times),
        every=Setting(f"{schedule.every}s"),
    ).text


def script(plan: Plan, schedule: Schedule) -> Rendered:
    """The script that asks once, and does what the schedule says otherwise."""
    say = _say(plan)
    functions = [f for probe in schedule.probes for f in functions_of(probe)]
    if schedule.otherwise is not None:
        folder = None if schedule.dir is None else Expanded(schedule.dir)
        comment = Comment(f"otherwise ({schedule.otherwise.span})")
        functions.append(Function(Bare("otherwise"), comment, folder, (Code(schedule.otherwise, 2),), False))
    return render_bash(
        "bash/schedule.sh.j2",
        title=[Comment(line) for line in _lines(plan, schedule)],
        functions=functions,
        comment={key: Comment(say[key]) for key in ("child", "start", "ask")},
        uses=[_use(use, schedule.probe(use.probe)) for use in schedule.checks],
        diagnose=any(probe.diagnose for probe in schedule.probes),
        otherwise=None if schedule.otherwise is None else Bare(schedule.timeout),
        say={key: Word(say[key]) for key in ("otherwise", "otherwise_failed")},
    )


def _use(use: ProbeUse, probe: Probe) -> dict[str, object]:
    return {
        "symbol": Bare(probe.symbol),
        "timeout": Bare(probe.timeout),
        "every": Bare(1 if use.patience is None else use.patience.every),
        "within": Bare(0 if use.patience is None else use.patience.within),
        "title": Word(probe.title),
        "optional": Word("yes" if probe.optional is not None else ""),
        "diagnose": Word(diagnose_symbol(probe.symbol) if probe.diagnose else ""),
    }


def _head(plan: Plan, schedule: Schedule) -> list[Remark]:
    return [Remark(line) for line in _lines(plan, schedule)]


def _lines(plan: Plan, schedule: Schedule) -> Iterator[str]:
    say = _say(plan)
    titles = ", ".join(schedule.probe(name).title for name in dict.fromkeys(use.probe for use in schedule.checks))
    yield _fill(say["asks"], title=schedule.title, probes=titles)
    yield say["built"]
    yield say["change"]


def _environment(plan: Plan) -> tuple[str, ...]:
    return () if plan.environment is None else (plan.environment.name,)


def _runbook(plan: Plan) -> str:
    """What the files say they belong to: the title, and the environment."""
    return " · ".join((plan.meta.title, *_environment(plan)))


def _say(plan: Plan) -> dict[str, str]:
    """The sentences, with what is the same in all of a spec's files."""
    fixed = {"version": __version__, "spec": plan.spec.path, "hash": plan.spec.sha256}
    say = locale.load("schedule", plan.meta.lang)
    rules_title = {"rules": _fill(say["rules"], runbook=_runbook(plan))}
    return {**say, **rules_title, "built": _fill(say["built"], **fixed)}


def _fill(text: str, **values: str) -> str:
    return locale.fill(text, values)
