"""One row a respondent over all exports, with what travels with the respondent: profile, sample design, weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.study import Study
from plait.study.definition import Survey
from plait.survey.answers import (
    Trouble,
    not_a_number,
    parse_number,
    plain_names,
    read_single,
    undeclared,
    vocabulary,
)
from plait.survey.cells import read_cells
from plait.survey.questions import Column
from plait.survey.records import Cells, Records, Source
from plait.survey.variables import (
    CLUSTER,
    CLUSTERS_IN_POPULATION,
    RESPONDENT,
    STRATUM,
    IntArray,
    export_column,
    replicate_columns,
    weight_column,
)
from plait.tabular.folding import fold

FloatArray = npt.NDArray[np.float64]

_BETWEEN_STRATA = " \u00d7 "
_NOT_KNOWN = "unknown"


def join(sources: Mapping[str, Source], records: Records) -> tuple[pd.DataFrame, dict[str, IntArray]]:
    """Bring the respondents of all exports together, in order of first appearance.

    Returns:
        The respondents and which exports they are in, and for each export (respondents,) their row there, -1 where
        they are not in it.
    """
    everyone = pd.concat([source.ids for source in sources.values()], ignore_index=True)
    ids = everyone.drop_duplicates().reset_index(drop=True)
    if len(sources) > 1:
        reason = "rows of respondents who are in several exports"
        records.kept("all exports", "join", reason, len(everyone), len(ids))
    positions = {
        name: pd.Index(source.ids).get_indexer(pd.Index(ids)).astype(np.int64) for name, source in sources.items()
    }
    responses = pd.DataFrame({RESPONDENT: ids.astype("str")})
    for name, position in positions.items():
        responses[export_column(name)] = position >= 0
    return responses, positions


# --- read, export by export --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Facts:
    """What each export says about its respondents beside their answers, by export; one value a row.

    Attributes:
        profile: Of each profile variable, the option as its number in the definition; -1 for not known.
        units: Of `CLUSTER` and `STRATUM`, where the definition names columns for them, what they are called.
        clusters_in_population: Numbers, where the definition names a column for them.
        weights: Numbers, of exports that carry weights.
        replicates: (rows, R) numbers, of exports that carry replicate weights.
    """

    profile: dict[str, dict[str, IntArray]]
    units: dict[str, dict[str, pd.Series]]
    clusters_in_population: dict[str, FloatArray]
    weights: dict[str, FloatArray]
    replicates: dict[str, FloatArray]


def read_facts(study: Study, sources: Mapping[str, Source], records: Records) -> Facts:
    """Read the profile, the sample design and the weights of every export.

    A cluster, a stratum or a number of clusters that is missing is a problem; a missing weight stays missing.
    """
    survey = study.definition.survey
    assert survey is not None
    design = survey.design
    missing = {fold(text) for text in survey.missing} | {""}
    units = {CLUSTER: (design.cluster,) if design.cluster else (), STRATUM: design.strata}
    counts: dict[str, FloatArray] = {}
    if design.clusters_in_population:
        in_population = design.clusters_in_population
        for name, source in sources.items():
            counts[name] = _numbers(source, in_population, missing, records)
            message = "does not say how many clusters the population has"
            records.refused(source, in_population, message, "fill the cells", np.flatnonzero(np.isnan(counts[name])))
    return Facts(
        profile={
            variable: {name: _profile_codes(study, variable, source, records) for name, source in sources.items()}
            for variable, profile in survey.profile.items()
            if profile.column
        },
        units={
            unit: {name: _unit_names(source, columns, missing, unit, records) for name, source in sources.items()}
            for unit, columns in units.items()
            if columns
        },
        clusters_in_population=counts,
        weights={
            name: _numbers(source, column, missing, records)
            for name, source in sources.items()
            if (column := survey.exports[name].weight)
        },
        replicates={
            name: np.column_stack([_numbers(source, column, missing, records) for column in given.names])
            for name, source in sources.items()
            if (given := survey.exports[name].replicate_weights)
        },
    )


def _profile_codes(study: Study, variable: str, source: Source, records: Records) -> IntArray:
    survey = study.definition.survey
    assert survey is not None
    profile = survey.profile[variable]
    column = profile.column or ""
    words = vocabulary(
        profile.options,
        missing=dict.fromkeys(profile.unknown, _NOT_KNOWN),
        missing_everywhere=dict.fromkeys(survey.missing, _NOT_KNOWN),
        mapping=study.mappings.get(variable, ()),
        unmapped=profile.unmapped,
        unusable=_NOT_KNOWN,
        labels=source.labels(column),
        declared_missing=source.declared_missing(column),
    )
    number = {option: i for i, option in enumerate(profile.options)}
    cells = read_cells(source, column, partial(read_single, words=words), records)
    of_distinct = np.array([number[r.options[0]] if r.options else -1 for r in cells.distinct], dtype=np.int64)
    return np.asarray(of_distinct[cells.code])


def _unit_names(source: Source, columns: tuple[str, ...], missing: set[str], unit: str, records: Records) -> pd.Series:
    """(rows,) what each row's cluster or stratum is called; several columns are crossed."""
    parts = [plain_names(source.rows[column]) for column in columns]
    for column, part in zip(columns, parts, strict=True):
        code, distinct = pd.factorize(part)
        unknown = missing | {fold(declared) for declared in source.declared_missing(column)}
        empty = np.array([fold(str(cell)) in unknown for cell in distinct], dtype=bool)
        message = f"does not say which {unit} the respondent belongs to"
        mend = f"fill the cells, or leave the rows out by an exclusion: a {unit} cannot be guessed"
        records.refused(source, column, message, mend, np.flatnonzero(empty[code]))
    return reduce(lambda crossed, part: crossed.str.cat(part, sep=_BETWEEN_STRATA), parts)


def _numbers(source: Source, column: str, missing: set[str], records: Records) -> FloatArray:
    """(rows,) numbers that are no answers; missing where a cell is empty or declared to be no answer."""
    code, distinct = pd.factorize(source.rows[column])
    texts, declared = pd.Series(distinct, dtype="str"), source.declared_missing(column)
    read = np.full(len(texts), np.nan)
    # Weights differ from row to row: what is plainly a number is read at one go.
    plain = (texts.str.fullmatch(r"[0-9]+\.?[0-9]*") & ~texts.isin([*missing, *declared])).to_numpy(dtype=bool)
    read[plain] = texts[plain].to_numpy(dtype=object).astype(np.float64)
    troubles: list[Trouble | None] = [None] * len(texts)
    for i in np.flatnonzero(~plain):
        cell = str(texts[i])
        if fold(cell) in missing:
            continue
        number = parse_number(cell)
        if cell in declared:
            troubles[i] = undeclared(cell)
        elif number is None:
            troubles[i] = not_a_number(cell)
        elif number < 0:
            troubles[i] = Trouble("the number is negative", "mend the cell", cell)
        else:
            read[i] = number
    records.troubled(source, column, Cells(code, troubles))
    return np.asarray(read[code])


# --- joined ------------------------------------------------------------------------------------------------------------


def fact_columns(
    survey: Survey,
    facts: Facts,
    sources: Mapping[str, Source],
    positions: Mapping[str, IntArray],
    records: Records,
) -> dict[str, Column]:
    """Sample design, weights and profile of the respondents; where exports differ, what `when_profile_changes:` says."""
    columns: dict[str, Column] = {}
    for unit, given in facts.units.items():
        code, names = pd.factorize(pd.concat(list(given.values()), ignore_index=True))
        ends = np.cumsum([len(here) for here in given.values()])[:-1]
        codes = dict(zip(given, np.split(code.astype(np.int64), ends), strict=True))
        labels = [str(name) for name in names]
        columns[unit] = _texts(labels, _agreed(survey, unit, codes, labels, sources, positions, records))
    if facts.clusters_in_population:
        columns[CLUSTERS_IN_POPULATION] = _one_number_a_stratum(survey, facts, sources, positions, columns, records)
    for name, weights in facts.weights.items():
        columns[weight_column(name)] = np.where(positions[name] >= 0, weights[positions[name]], np.nan)
    for name, replicates in facts.replicates.items():
        here = np.where(positions[name][:, None] >= 0, replicates[positions[name]], np.nan)
        columns |= dict(zip(replicate_columns(name, here.shape[1]), here.T, strict=True))
    for variable, of_export in facts.profile.items():
        options = survey.profile[variable].options
        kept = _agreed(survey, variable, of_export, list(options), sources, positions, records)
        columns[variable] = _texts([o if spec.counts else None for o, spec in options.items()], kept)
    return columns


def _agreed(
    survey: Survey,
    variable: str,
    codes: Mapping[str, IntArray],
    names: Sequence[str],
    sources: Mapping[str, Source],
    positions: Mapping[str, IntArray],
    records: Records,
) -> IntArray:
    """(respondents,) one value out of those that the exports give, as a number in `names`; -1 for none."""
    rule = survey.when_profile_changes
    given = {name: np.where(positions[name] >= 0, code[positions[name]], -1) for name, code in codes.items()}
    kept = np.full(len(next(iter(positions.values()))), -1, dtype=np.int64)
    for values in list(given.values())[:: -1 if rule == "last" else 1]:
        kept = np.where(kept >= 0, kept, values)
    written = np.array([*names, ""], dtype=object)
    for export, values in given.items():
        differs = np.flatnonzero((values >= 0) & (values != kept))
        rows = positions[export][differs]
        if rule == "refuse":
            mend = "mend the exports, or say under `when_profile_changes:` which value is kept"
            records.refused(sources[export], variable, "differs from an earlier export", mend, rows)
        else:
            other = "an earlier" if rule == "first" else "a later"
            reason = f"differs from {other} export; the {rule} known value is kept"
            change = (written[values[differs]], written[kept[differs]])
            records.changed("join", reason, sources[export], variable, rows, *change)
    return kept


def _one_number_a_stratum(
    survey: Survey,
    facts: Facts,
    sources: Mapping[str, Source],
    positions: Mapping[str, IntArray],
    columns: Mapping[str, Column],
    records: Records,
) -> FloatArray:
    """(respondents,) how many clusters the population has; it must be one number for all of a stratum."""
    kept = np.full(len(next(iter(positions.values()))), np.nan)
    for name, given in facts.clusters_in_population.items():
        here = np.where(positions[name] >= 0, given[positions[name]], np.nan)
        kept = np.where(np.isnan(kept), here, kept)
    strata = columns.get(STRATUM, np.zeros(len(kept)))
    several = pd.Series(kept).groupby(np.asarray(strata)).nunique()
    for stratum, count in several[several > 1].items():
        where = f"for the stratum '{stratum}'" if STRATUM in columns else "for the population"
        records.problems.add(
            next(iter(sources.values())).file,
            f"gives {count} numbers of clusters {where}",
            "a stratum has one number of clusters",
            column=survey.design.clusters_in_population or "",
        )
    return kept


def _texts(names: Sequence[str | None], code: IntArray) -> pd.Series:
    return pd.Series(pd.array([*names, None], dtype="str").take(np.where(code < 0, len(names), code)))
