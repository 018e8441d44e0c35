"""Who answered: every group's number and share, beside the weighted share and the population target."""

from __future__ import annotations

import numpy as np
import pandas as pd

from plait import tables
from plait.study import Study
from plait.survey.breakdowns import BreakdownTable
from plait.survey.variables import codes_of


def describe_sample(
    study: Study, responses: pd.DataFrame, weights: pd.DataFrame, margins: pd.DataFrame, read: list[BreakdownTable]
) -> pd.DataFrame:
    """Describe the respondents by every profile, merged, break and weighting variable.

    Numbers and unweighted shares are of all respondents; weighted shares and targets are of the first weight set.
    Variables that only a vendor's breakdown table has, and crossed ones that have no targets, are left out. Without
    respondents' rows the bases of the first breakdown table stand in.

    Returns:
        Columns of `plait.tables.PROFILE`.
    """
    survey = study.definition.survey
    if survey is None:
        return tables.PROFILE.empty()
    if not survey.exports:
        return _from_bases(read)
    weight_set = next(iter(survey.exports))
    fitted = margins[margins["weight_set"] == weight_set]
    targets = {(row["variable"], row["group"]): row for row in fitted.to_dict("records")}
    weighted_by = set(fitted["variable"])
    final = weights[weight_set].to_numpy(dtype=float) if weight_set in weights else np.full(len(responses), np.nan)
    rows: list[dict[str, object]] = []
    for variable in dict.fromkeys([*survey.profile, *survey.derived, *survey.breaks, *fitted["variable"]]):
        if variable not in responses or variable in survey.questions:
            continue
        if variable in survey.crosses and variable not in weighted_by:
            continue
        codes = codes_of(responses, variable, survey)
        known, weighted = codes >= 0, (codes >= 0) & np.isfinite(final)
        for i, group in enumerate(survey.groups_of(variable)):
            here = codes == i
            target = targets.get((variable, group))
            rows.append(
                {
                    "variable": variable,
                    "group": group,
                    "n": int(here.sum()),
                    "share_unweighted": here.sum() / known.sum() if known.any() else np.nan,
                    "share_weighted": final[here & weighted].sum() / final[weighted].sum()
                    if weighted.any()
                    else np.nan,
                    "share_target": target["share_target"] if target else np.nan,
                    "source": f"{target['source']}, {target['date']}, {target['unit']}" if target else "",
                    "grade": target["grade"] if target else "",
                }
            )
    return tables.PROFILE.of(pd.DataFrame(rows, columns=list(tables.PROFILE.columns)))


def _from_bases(read: list[BreakdownTable]) -> pd.DataFrame:
    if not read:
        return tables.PROFILE.empty()
    bases = read[0].cells.drop_duplicates(["break", "group"])
    return tables.PROFILE.of(
        pd.DataFrame(
            {
                "variable": bases["break"],
                "group": bases["group"],
                "n": bases["base"],
                "share_unweighted": bases["base"] / bases.groupby("break")["base"].transform("sum"),
                "share_weighted": np.nan,
                "share_target": np.nan,
                "source": "",
                "grade": "",
            }
        )
    )
