"""Reads a state machine definition, and refuses whatever this interpreter would not do exactly.

Known are Task, Choice (on one string), Succeed and Fail, with the fields below.
Any other type or field, a ``Next`` that leads nowhere and a state that nothing
leads to are errors at start-up, so that one machine never runs another pipeline
than AWS does.

Source: the Amazon States Language specification, states-language.net/spec.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from infra.local.states.fields import DefinitionError, Fields

_RESULT_PATH = re.compile(r"\$\.[A-Za-z_][A-Za-z0-9_]*")
_VARIABLE = re.compile(r"\$(\.[A-Za-z_][A-Za-z0-9_]*)+")


@dataclass(frozen=True, slots=True)
class Retrier:
    """When and how often a failed task is tried again. Seconds."""

    error_equals: tuple[str, ...]
    interval_seconds: int
    max_attempts: int
    backoff_rate: float
    max_delay_seconds: int


@dataclass(frozen=True, slots=True)
class Catcher:
    """Where a failed task leads, and under which key its error is put."""

    error_equals: tuple[str, ...]
    next: str
    result_key: str


@dataclass(frozen=True, slots=True)
class Task:
    """Calls a function with the whole data and puts its result under ``result_key``."""

    resource: str
    timeout_seconds: int
    result_key: str
    retriers: tuple[Retrier, ...]
    catchers: tuple[Catcher, ...]
    next: str  # "" ends the execution


@dataclass(frozen=True, slots=True)
class Rule:
    """One branch of a Choice: taken when the value at ``variable`` is this string."""

    variable: tuple[str, ...]
    string_equals: str
    next: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Takes the first branch that fits, else ``default``."""

    rules: tuple[Rule, ...]
    default: str


@dataclass(frozen=True, slots=True)
class Succeed:
    """Ends the execution well."""


@dataclass(frozen=True, slots=True)
class Fail:
    """Ends the execution badly."""

    error: str
    cause: str


State: TypeAlias = Task | Choice | Succeed | Fail


@dataclass(frozen=True, slots=True)
class StateMachine:
    """A checked definition: every name leads somewhere and every state is reached."""

    start_at: str
    states: Mapping[str, State]

    def resources(self) -> tuple[str, ...]:
        """Returns the resources that tasks call, sorted."""
        return tuple(sorted({s.resource for s in self.states.values() if isinstance(s, Task)}))


def parse_definition(document: object) -> StateMachine:
    """Returns the state machine of a parsed JSON document.

    Raises:
        DefinitionError: this interpreter would not run it exactly as AWS does.
    """
    top = Fields("state machine", document)
    top.optional_text("Comment")
    start_at, states = top.text("StartAt"), top.mapping("States")
    top.finish()
    machine = StateMachine(start_at, {name: _state(name, body) for name, body in states.items()})
    _check_targets(machine)
    return machine


def _state(name: str, body: object) -> State:
    fields = Fields(f"state {name}", body)
    fields.optional_text("Comment")
    kind = fields.text("Type")
    parsers: dict[str, Callable[[Fields], State]] = {
        "Task": _task,
        "Choice": _choice,
        "Succeed": _succeed,
        "Fail": _fail,
    }
    parse = parsers.get(kind)
    if parse is None:
        raise DefinitionError(f"state {name}: type {kind!r} is not supported")
    state = parse(fields)
    fields.finish()
    return state


def _task(fields: Fields) -> Task:
    return Task(
        resource=fields.text("Resource"),
        timeout_seconds=fields.number("TimeoutSeconds", at_least=1),
        result_key=_result_key(fields),
        retriers=tuple(_retrier(each) for each in fields.optional_items("Retry")),
        catchers=tuple(_catcher(each) for each in fields.optional_items("Catch")),
        next="" if fields.flag("End") else fields.text("Next"),
    )


def _retrier(fields: Fields) -> Retrier:
    retrier = Retrier(
        error_equals=fields.texts("ErrorEquals"),
        interval_seconds=fields.number("IntervalSeconds", at_least=1, default=1),
        max_attempts=fields.number("MaxAttempts", at_least=0, default=3),
        backoff_rate=fields.decimal("BackoffRate", at_least=1.0, default=2.0),
        max_delay_seconds=fields.number("MaxDelaySeconds", at_least=1, default=31_622_400),
    )
    fields.finish()
    return retrier


def _catcher(fields: Fields) -> Catcher:
    catcher = Catcher(fields.texts("ErrorEquals"), fields.text("Next"), _result_key(fields))
    fields.finish()
    return catcher


def _choice(fields: Fields) -> Choice:
    return Choice(tuple(_rule(each) for each in fields.items("Choices")), fields.text("Default"))


def _rule(fields: Fields) -> Rule:
    variable = fields.text("Variable")
    if not _VARIABLE.fullmatch(variable):
        raise DefinitionError(f"{fields.where}: Variable {variable!r} is not a path such as $.sign.outcome")
    rule = Rule(tuple(variable.split(".")[1:]), fields.text("StringEquals"), fields.text("Next"))
    fields.finish()
    return rule


def _succeed(fields: Fields) -> Succeed:
    del fields  # it has none
    return Succeed()


def _fail(fields: Fields) -> Fail:
    return Fail(fields.text("Error"), fields.text("Cause"))


def _result_key(fields: Fields) -> str:
    path = fields.text("ResultPath")
    if not _RESULT_PATH.fullmatch(path):
        raise DefinitionError(f"{fields.where}: ResultPath {path!r} is not one key such as $.sign")
    return path.removeprefix("$.")


def _targets(state: State) -> tuple[str, ...]:
    if isinstance(state, Task):
        return tuple(name for name in (state.next, *(c.next for c in state.catchers)) if name)
    if isinstance(state, Choice):
        return (*(rule.next for rule in state.rules), state.default)
    return ()


def _check_targets(machine: StateMachine) -> None:
    reached, waiting = set[str](), [machine.start_at]
    while waiting:
        name = waiting.pop()
        if name not in machine.states:
            raise DefinitionError(f"a transition leads to {name!r}, which is not a state")
        if name not in reached:
            reached.add(name)
            waiting.extend(_targets(machine.states[name]))
    lost = sorted(set(machine.states) - reached)
    if lost:
        raise DefinitionError(f"nothing leads to: {', '.join(lost)}")
