"""The machine as a document: docs/states.md is written from the tables in code, never by hand."""

from django.utils import translation

from deliberation import limits
from deliberation.moves import MOVES, Move
from deliberation.requirements import REQUIREMENTS
from deliberation.rules import titles_of
from deliberation.stages import FINAL, STAGELESS, Stage, Status, statuses_in

_MODES = {"working": "个工作日", "calendar": "日"}


def states_document() -> str:
    """Return docs/states.md, in Chinese, whatever language is active."""
    with translation.override("zh-hans"):
        return "\n".join([*_head(), *_diagram(), *_statuses(), *_moves(), *_requirements()]) + "\n"


def _head() -> list[str]:
    return [
        "# 提案的状态与流转",
        "",
        "本页由 `manage.py states_doc` 根据代码生成，请勿手改：状态在 `deliberation/stages.py`，流转在",
        "`deliberation/moves.py`，条件在 `deliberation/requirements.py`，期限在 `deliberation/limits.py`。",
        "",
    ]


def _diagram() -> list[str]:
    """Return the main path and what leaves it; suspending, resuming and terminating are in the table."""
    lines = ["## 主路径与分支", "", "```mermaid", "stateDiagram-v2"]
    for stage in Stage:
        lines.append(f'    state "{stage.label}" as {stage.value}_stage {{')
        lines += [f'        state "{status.label}" as {status.value}' for status in statuses_in(stage)]
        lines.append("    }")
    lines += [f'    state "{status.label}" as {status.value}' for status in Status if status in STAGELESS]
    lines.append("    [*] --> draft")
    for move in MOVES.values():
        if move.key in _EVERYWHERE:
            continue
        lines += [
            f"    {source.value} --> {target.value}: {move.title}" for source in move.sources for target in move.targets
        ]
    lines += [f"    {status.value} --> [*]" for status in Status if status in FINAL]
    return [*lines, "```", "", "“中止”“恢复”“终止”可从多个状态发生，图中不画，见下表。", ""]


_EVERYWHERE = frozenset({"suspend", "resume", "terminate"})


def _statuses() -> list[str]:
    lines = ["## 状态", "", "| 状态 | 标识 | 阶段 | 默认期限 | 终态 |", "|---|---|---|---|---|"]
    stage_words = {status: stage.label for stage in Stage for status in statuses_in(stage)}
    for status in Status:
        term = limits.DUE.get(status)
        due = f"{term.days}{_MODES[term.mode]}" if term else ""
        stage = stage_words.get(status, "前一状态的阶段")
        lines.append(f"| {status.label} | `{status.value}` | {stage} | {due} | {'是' if status in FINAL else ''} |")
    return [*lines, ""]


def _moves() -> list[str]:
    lines = [
        "## 流转",
        "",
        "| 流转 | 标识 | 从 | 到 | 谁可以 | 条件 | 理由 | 依据 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [_move_line(move) for move in MOVES.values()]
    return [*lines, ""]


def _move_line(move: Move) -> str:
    sources = "、".join(str(status.label) for status in move.sources)
    targets = "中止前的状态" if move.key == "resume" else "、".join(str(status.label) for status in move.targets)
    offices = titles_of(move.offices) + ("、系统" if "system" in move.offices else "")
    needs = "<br>".join(f"`{key}`" for key in move.requirements)
    if move.reason_codes:
        reason = "<br>".join(f"`{code}` {title}" for code, title in move.reason_codes.items())
    else:
        reason = "须写明" if move.needs_reason else ""
    title = f"**{move.title}**" if move.main else str(move.title)
    return f"| {title} | `{move.key}` | {sources} | {targets} | {offices} | {needs} | {reason} | {move.article} |"


def _requirements() -> list[str]:
    lines = ["## 条件", "", "| 标识 | 不满足时的提示 | 依据 |", "|---|---|---|"]
    lines += [f"| `{need.key}` | {need.sentence} | {need.article} |" for need in REQUIREMENTS.values()]
    return lines
