"""What the side files refer to: every variable, option, code and break that they mention must exist."""

from __future__ import annotations

import math
from collections.abc import Collection

from plait.errors import Problems, did_you_mean
from plait.study.definition import Definition
from plait.study.side_files import BreakdownColumn, CodebookEntry, MappedAnswer, Summary, Target


def check_targets(definition: Definition, targets: list[tuple[str, Target]], problems: Problems) -> None:
    """Each raking variable exists, covers all its groups and sums to one."""
    survey = definition.survey
    if not (survey and survey.weighting):
        return
    file = survey.weighting.targets or ""
    known = [*survey.profile, *survey.derived, *survey.crosses]
    shares: dict[str, dict[str, float]] = {}
    counts: dict[str, dict[str, float]] = {}
    for row, target in targets:
        if (target.share is None) == (target.count is None):
            problems.add(file, "gives neither a share nor a count, or both", "give one of them", row=row)
            continue
        there = survey.groups_of(target.variable) if target.variable in known else ()
        if not _group_exists(problems, file, row, "variable", target.variable, known, target.group, there):
            continue
        if target.group in shares.get(target.variable, {}) | counts.get(target.variable, {}):
            problems.add(file, f"has the group '{target.group}' of '{target.variable}' twice", "remove one", row=row)
        elif target.share is not None:
            shares.setdefault(target.variable, {})[target.group] = target.share
        elif target.count is not None:
            counts.setdefault(target.variable, {})[target.group] = target.count
    units: dict[str, dict[str, None]] = {}
    for _, target in targets:
        units.setdefault(target.variable, {})[target.unit] = None
    for variable, found in units.items():
        if len(found) > 1:
            message = f"counts the groups of '{variable}' in {' and in '.join(found)}"
            problems.add(file, message, "take all of a variable's targets from one count", column="unit")
    if shares and counts:
        problems.add(
            file,
            f"gives shares ({', '.join(shares)}) and counts ({', '.join(counts)})",
            "give the same for every variable",
        )
    for variable, groups in (shares | counts).items():
        missing = [g for g in survey.groups_of(variable) if g not in groups]
        if missing:
            problems.add(
                file, f"'{variable}' has no target for {', '.join(missing)}", "add a row each (zero is allowed)"
            )
    first = next(iter(counts.values()), {})
    for variable, groups in counts.items():
        if not math.isclose(sum(groups.values()), sum(first.values()), rel_tol=0.0005):
            problems.add(
                file,
                f"the counts of '{variable}' sum to {sum(groups.values()):,.0f}, those of '{next(iter(counts))}' to "
                f"{sum(first.values()):,.0f}",
                "make every variable describe the same population",
            )
    for variable, groups in shares.items():
        if not math.isclose(sum(groups.values()), 1, abs_tol=0.0005):
            problems.add(
                file,
                f"the shares of '{variable}' sum to {sum(groups.values()):.4f}",
                "make them sum to 1 (within 0.0005)",
            )


def check_mappings(
    definition: Definition, mappings: dict[str, list[tuple[str, MappedAnswer]]], problems: Problems
) -> None:
    """A mapping leads to options that exist, and says one thing about an answer."""
    survey = definition.survey
    if not survey:
        return
    for variable, rows in mappings.items():
        holder = survey.profile.get(variable) or survey.questions[variable]
        file = holder.mapping or ""
        options = survey.profile[variable].options if variable in survey.profile else survey.options_of(variable)
        seen: dict[str, str] = {}
        for row, answer in rows:
            if answer.option != "unknown" and answer.option not in options:
                problems.add(
                    file,
                    f"'{variable}' has no option '{answer.option}'",
                    did_you_mean(answer.option, [*options, "unknown"]),
                    row=row,
                    column="option",
                )
            if seen.setdefault(answer.raw.casefold(), answer.option) != answer.option:
                problems.add(file, "leads to two options", "keep one row", row=row, column="raw", value=answer.raw)


def check_codebook(definition: Definition, codebook: list[tuple[str, CodebookEntry]], problems: Problems) -> None:
    """Codes are unique, parents exist and are themes, aliases lead to one code."""
    if not definition.coded_text:
        return
    file = definition.coded_text.codebook
    themes = {entry.code for _, entry in codebook if entry.kind == "theme"}
    names: dict[str, str] = {}
    for row, entry in codebook:
        if entry.kind == "theme" and entry.parent:
            problems.add(file, f"the theme '{entry.code}' has a parent", "themes stand at the top", row=row)
        if entry.parent and entry.parent not in themes:
            problems.add(
                file,
                f"there is no theme '{entry.parent}'",
                did_you_mean(entry.parent, sorted(themes)),
                row=row,
                column="parent",
            )
        for name in (entry.code, *entry.aliases):
            if name.casefold() in names:
                problems.add(
                    file,
                    f"the name '{name}' stands for two codes ('{names[name.casefold()]}' and '{entry.code}')",
                    "give each code its own name",
                    row=row,
                )
            names[name.casefold()] = entry.code


def check_summaries(
    definition: Definition,
    summaries: list[tuple[str, Summary]],
    codebook: list[tuple[str, CodebookEntry]],
    problems: Problems,
) -> None:
    """Each summary speaks of a known collection and theme, and either of a case or of a group of a known break."""
    coded = definition.coded_text
    if not (coded and coded.summaries):
        return
    file = coded.summaries
    codes = [entry.code for _, entry in codebook if entry.kind != "structural"]
    seen: dict[tuple[str, ...], str] = {}
    for row, found in summaries:
        if found.theme not in codes:
            message, mend = f"there is no theme '{found.theme}' in the codebook", did_you_mean(found.theme, codes)
            problems.add(file, message, mend, row=row, column="theme")
        if bool(found.case) == bool(found.by or found.group) or bool(found.by) != bool(found.group):
            mend = "fill in case, or both by and group"
            problems.add(file, "a summary is of one case or of one group", mend, row=row)
        if found.collection not in coded.collections:
            message, mend = (
                f"there is no collection '{found.collection}'",
                did_you_mean(found.collection, coded.collections),
            )
            problems.add(file, message, mend, row=row, column="collection")
        elif found.by and found.by not in coded.collections[found.collection].breaks:
            breaks = coded.collections[found.collection].breaks
            message = f"'{found.by}' is not among the breaks of '{found.collection}'"
            problems.add(file, message, did_you_mean(found.by, breaks), row=row, column="by")
        key = (found.collection, found.theme, found.case, found.by, found.group)
        if seen.setdefault(key, row) != row:
            problems.add(file, f"has a summary of this cell before, in {seen[key]}", "put the two into one", row=row)


def check_breakdown_columns(
    definition: Definition, columns: dict[str, list[tuple[str, BreakdownColumn]]], problems: Problems
) -> None:
    """Each column of a breakdown table is a group of a known break."""
    survey = definition.survey
    if not survey:
        return
    for name, rows in columns.items():
        file = survey.breakdowns[name].columns
        for row, column in rows:
            there = survey.groups_of(column.break_) if column.break_ in survey.breaks else ()
            _group_exists(problems, file, row, "break", column.break_, survey.breaks, column.group, there)


def _group_exists(
    problems: Problems,
    file: str,
    row: str,
    kind: str,
    variable: str,
    known: Collection[str],
    group: str,
    groups: Collection[str],
) -> bool:
    """Whether a row of a side file names a variable (or a break) that exists and a group of it; what does not is told."""
    if variable not in known:
        message, mend = f"there is no {kind} '{variable}'", did_you_mean(variable, known)
        problems.add(file, message, mend, row=row, column=kind)
    elif group not in groups:
        message, mend = f"'{variable}' has no group '{group}'", did_you_mean(group, groups)
        problems.add(file, message, mend, row=row, column="group")
    else:
        return True
    return False
