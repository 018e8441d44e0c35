"""What is hidden of every table, decided and attacked before any table is made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from plait import tables
from plait.disclosure.audit import NOT_ATTACKED, NOT_FOUND, PROTECTED, Verdict, protect
from plait.disclosure.findings import Findings
from plait.disclosure.hiding import Hiding, Place, main_rows
from plait.disclosure.labels import Labels
from plait.disclosure.rules import Rules
from plait.disclosure.sample_tables import hiding_of_profile, profile_table, weights_that_tell
from plait.disclosure.suppression import SuppressionLog
from plait.disclosure.survey_tables import estimates_table, numbers_table
from plait.disclosure.theme_audit import Verdicts, contradictions, protect_themes
from plait.disclosure.themes import ThemeHiding
from plait.errors import StudyError
from plait.study import Study
from plait.study.definition import Survey
from plait.tables import ALL, PUBLISHED_ESTIMATES, PUBLISHED_PROFILE


@dataclass(frozen=True)
class Protected:
    """What is published of the survey and the themes, what of it is hidden, and what the attack came to.

    Attributes:
        main: The estimates that are published, one row a cell.
        survey: What of them is hidden.
        profile: What of the profile is hidden.
        themes: What of the theme counts is hidden.
        audit: Columns of `plait.tables.PUBLISHED_AUDIT`.
    """

    main: pd.DataFrame
    survey: Hiding
    profile: Hiding
    themes: ThemeHiding
    audit: pd.DataFrame


def protect_all(study: Study, findings: Findings, rules: Rules, labels: Labels) -> Protected:
    """Decide what is hidden, attack what is left, and hide more until no attack succeeds.

    Raises:
        StudyError: A hidden group can be found, and hiding more does not help; its weight tells of it; or numbers contradict
            each other, so that nobody can try.
    """
    survey, main = study.definition.survey, main_rows(findings.estimates)
    hiding, profile = Hiding.of(main, survey, rules), hiding_of_profile(findings.profile, survey, rules)
    themes = ThemeHiding.of(findings.themes, labels.parents, rules.in_sight)
    if problems := weights_that_tell(findings.margins, rules):
        raise StudyError(problems)
    if not rules.attacked:
        hiding.hide_cells()
        return Protected(main, hiding, profile, themes, _audit([_not_attacked()]))
    rows: list[dict[str, object]] = []
    if survey is not None:
        rows = _protect_survey(survey, SurveyTables(main, findings, labels, hiding, profile))
    verdicts = protect_themes(themes)
    if rules != rules.in_sight:
        themes.rules = rules
        themes.hide()
        verdicts = protect_themes(themes, verdicts)
    if problems := contradictions(verdicts):
        raise StudyError(problems)
    return Protected(main, hiding, profile, themes, _audit([*rows, *_of_themes(verdicts)]))


def _protect_survey(survey: Survey, made: SurveyTables) -> list[dict[str, object]]:
    """Attack the profile, then the estimates; first with every base and answer in sight, then by the rules."""
    rules, everyone = made.hiding.rules, made.everyone
    found: dict[tuple[str, Place], Verdict] = {}
    for current in dict.fromkeys([rules.in_sight, rules]):
        made.hiding.rules = made.hiding_of_profile.rules = current
        made.hiding.hide_cells()
        profile = protect(made.hiding_of_profile, survey, {}, made.profile, PUBLISHED_PROFILE, everyone=everyone)
        estimates = protect(made.hiding, survey, made.sizes(), made.questions, PUBLISHED_ESTIMATES)
        if problems := [*profile.problems, *estimates.problems]:
            raise StudyError(problems)
        for table, outcome in ((PUBLISHED_PROFILE, profile), (PUBLISHED_ESTIMATES, estimates)):
            for verdict in outcome.verdicts:
                before = found.get((table.name, verdict.place))
                mended = before is not None and before.words == PROTECTED and verdict.words == NOT_FOUND
                found[table.name, verdict.place] = replace(verdict, words=PROTECTED) if mended else verdict
    return [_in_audit(table, verdict) for (table, _), verdict in found.items()]


@dataclass(frozen=True)
class SurveyTables:
    """The survey's tables as they would be published now, made by what publishes them."""

    main: pd.DataFrame
    findings: Findings
    labels: Labels
    hiding: Hiding
    hiding_of_profile: Hiding

    def questions(self, questions: Iterable[str]) -> pd.DataFrame:
        """The rows of questions: shares, and the bases of numbers that have no shares."""
        main = self.main[self.main["question"].isin(list(questions))].reset_index(drop=True)
        pairs = self.findings.pairs.iloc[:0]
        shares = estimates_table(main, pairs, self.labels, self.hiding, SuppressionLog())
        numbers = main[~main["question"].isin(shares["question"])]
        if numbers.empty:
            return shares
        others = numbers_table(numbers, self.labels, self.hiding, SuppressionLog())
        bases = others.assign(option="", grain="respondent", per_cent_unweighted=float("nan"))
        return pd.concat([shares, bases[bases.columns.intersection(shares.columns)]], ignore_index=True)

    def profile(self, _: Iterable[str] = ()) -> pd.DataFrame:
        """The profile as a table of everybody, by each variable; how many they are is in the row flow."""
        profile = profile_table(self.findings.profile, self.labels, self.hiding_of_profile, SuppressionLog())
        rows = pd.DataFrame(
            {
                "question": "",
                "break": profile["variable"],
                "group": profile["group"],
                "base_unweighted": profile["base_unweighted"],
            }
        )
        if self.everyone is not None:
            everyone = {"question": "", "break": ALL, "group": "", "base_unweighted": self.everyone}
            rows = pd.concat([rows, pd.DataFrame([everyone])], ignore_index=True)
        return rows.assign(grain="respondent", option="", measure="", per_cent_unweighted=float("nan"), marker="")

    @property
    def everyone(self) -> int | None:
        """How many respondents there are, as the row flow says."""
        flow = self.findings.flow["rows_out"]
        return int(flow.iloc[-1]) if len(flow) else None

    def sizes(self) -> dict[tuple[str, str], int]:
        """How many respondents each group of a variable has, where the profile says it."""
        shown = self.profile().dropna(subset=["base_unweighted"])
        to = self.hiding.rules.base_to
        keys = zip(shown["break"], shown["group"], shown["base_unweighted"], strict=True)
        return {(break_, group): int(n) + (to - 1) // 2 for break_, group, n in keys}


def _in_audit(table: str, verdict: Verdict) -> dict[str, object]:
    return {
        "table": table,
        "question": verdict.place.question,
        "break": verdict.place.break_,
        "groups_hidden": verdict.hidden,
        "verdict": verdict.words,
    }


def _of_themes(verdicts: Verdicts) -> list[dict[str, object]]:
    return [
        {
            "table": tables.PUBLISHED_THEMES.name,
            "question": f"{collection}: {theme}",
            "break": by,
            "groups_hidden": hidden,
            "verdict": words,
        }
        for (collection, by, theme), (hidden, words) in verdicts.items()
    ]


def _not_attacked() -> dict[str, object]:
    nothing: dict[str, object] = {"table": "", "question": "", "break": "", "groups_hidden": 0}
    return nothing | {"verdict": NOT_ATTACKED}


def _audit(rows: list[dict[str, object]]) -> pd.DataFrame:
    return tables.PUBLISHED_AUDIT.of(pd.DataFrame(rows, columns=list(tables.PUBLISHED_AUDIT.columns)))
