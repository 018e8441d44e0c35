"""From the coding that the coders agreed on to the coding that is counted: decisions, applied in the order of their log.

Renames, merges, splits, recodes, exclusions and rules of exclusivity are what otherwise lives in a file called "final,
with tweaks". Here each is a row of a log with its date, its reason and who made it, and what it did to the coding is
counted. Nothing is deleted: what no longer counts stays as an excluded segment that names its decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.errors import Problems, did_you_mean
from plait.qualitative.counted_coding import Coding, Rows
from plait.qualitative.import_log import ImportLog, listed
from plait.qualitative.transcripts import CodedText
from plait.study.coding_checks import EVERY_CODE
from plait.study.definition import Collection
from plait.study.side_files import Decision
from plait.tables import CODER_CODES, CODES, DECISIONS, IMPORT_LOG


def apply_decisions(
    coded: CodedText, collections: Mapping[str, Collection], decisions: Mapping[int, Decision], file: str
) -> tuple[CodedText, pd.DataFrame]:
    """Apply a log of decisions to the coding that is counted; other coders' work stays as it is.

    Args:
        coded: The coded text as read.
        collections: The collections of the definition, by name: whose coding is counted.
        decisions: The log, by row of its file.
        file: The log as messages call it.

    Returns:
        The decided coded text, and what each decision did (`plait.tables.DECISIONS`). Counted segments add up: those
        after are those before, with the added and without the removed. A code that is given up everywhere becomes
        structural: it is no finding any more. A decision that does nothing is a warning in the import log.

    Raises:
        StudyError: Sources that do not exist or that the coder was not given, renames onto a code in use, and splits
            that leave segments without a code to go to; all at once.
    """
    meeting = _Meeting(coded, collections, decisions, file)
    effects = [meeting.apply(row, decision) for row, decision in decisions.items()]
    meeting.problems.raise_if_any()
    return meeting.decided(effects), DECISIONS.of([_line(effect) for effect in effects])


@dataclass
class _Effect:
    """What one decision did: to how many counted segments, and in which sources."""

    row: int
    decision: Decision
    before: int = 0
    changed: int = 0
    added: int = 0
    removed: int = 0
    sources: set[str] = field(default_factory=set)


def _line(effect: _Effect) -> dict[str, object]:
    decision = effect.decision
    said = decision.model_dump(include={"action", "collection", "code", "source", "why", "who"})
    return said | {
        "row": effect.row,
        "date": decision.date.isoformat(),
        "into": ";".join(decision.into),
        "segments_before": effect.before,
        "segments_changed": effect.changed,
        "segments_added": effect.added,
        "segments_removed": effect.removed,
        "sources_touched": len(effect.sources),
    }


class _Meeting:
    """The coding while a log of decisions is applied to it."""

    def __init__(
        self, coded: CodedText, collections: Mapping[str, Collection], decisions: Mapping[int, Decision], file: str
    ) -> None:
        self.coded, self.collections, self.file = coded, collections, file
        self.problems = Problems()
        self.coding = Coding.of(coded, {name: spec.count_from for name, spec in collections.items()})
        self.parents = dict(zip(coded.codes["code"], coded.codes["parent"], strict=True))
        self.order = {code: n for n, code in enumerate(coded.codes.sort_values("order")["code"])}
        self.columns = {name: self._own_codes(name, spec) for name, spec in collections.items()}
        self.new_columns: set[tuple[str, str]] = set()
        self.left_out: set[tuple[str, str]] = set()
        self.last_split = {(d.collection, d.code): row for row, d in decisions.items() if d.action == "split"}
        self.staying: dict[tuple[str, str], set[int]] = {key: set() for key in self.last_split}
        self.given_up: set[str] = set()

    def _own_codes(self, name: str, spec: Collection) -> list[str]:
        c = self.coded.coder_codes
        return list(c.loc[(c["collection"] == name) & (c["coder"] == spec.count_from), "code"])

    def apply(self, row: int, decision: Decision) -> _Effect:
        """Do what a decision says."""
        effect = _Effect(row, decision)
        source = ""
        if decision.source:
            source, collection = self._source(row, decision)
            if not source:
                return effect
        else:
            collection = decision.collection
        scope = self.coding.counted([collection] if collection else self.collections)
        if source:
            scope &= self.coding.source == source
        rows = np.flatnonzero(scope & (self.coding.code == decision.code)) if decision.code else np.flatnonzero(scope)
        effect.before = len(rows)
        match decision.action:
            case "rename":
                self._rename(rows, scope, effect)
            case "merge" | "recode":
                self._give(rows, decision.into[0], effect)
            case "split":
                self._split(rows, collection, effect)
            case "add":
                self._add(rows, source, collection, effect)
            case "exclude":
                self._exclude(rows, source, collection, effect)
            case "gives_way":
                self._remove(self.coding.beside(rows, self._others(scope, decision)), effect, "gives way")
            case "stands_alone":
                self._remove(
                    self.coding.beside(self._others(scope, decision), rows), effect, "does not stand beside it"
                )
        self._columns_after(collection, effect)
        return effect

    # --- the actions ---------------------------------------------------------------------------------------------------

    def _rename(self, rows: Rows, scope: npt.NDArray[np.bool_], effect: _Effect) -> None:
        into = effect.decision.into[0]
        if in_use := int((scope & (self.coding.code == into)).sum()):
            self.problems.add(
                self.file,
                f"the name '{into}' is that of a code in use ({in_use} segments)",
                "to put the two together is a merge; or choose a new name",
                row=f"row {effect.row}",
                column="into",
            )
        self._give(rows, into, effect)

    def _split(self, rows: Rows, collection: str, effect: _Effect) -> None:
        decision, key = effect.decision, (effect.decision.collection, effect.decision.code)
        others = [code for code in decision.into if code != decision.code]
        stays = decision.code in decision.into
        if stays:
            self.staying[key] |= set(rows.tolist())
        else:
            rows = rows[~np.isin(rows, list(self.staying[key]))]
            self._give(rows, others[0], effect)
        for code in others if stays else others[1:]:
            self._put(rows, code, effect)
        if self.last_split[key] == effect.row:
            self._check_all_covered(key, collection if not decision.source else decision.collection, effect)

    def _check_all_covered(self, key: tuple[str, str], collection: str, effect: _Effect) -> None:
        names = [collection] if collection else self.collections
        left = np.flatnonzero(self.coding.counted(names) & (self.coding.code == key[1]))
        left = left[~np.isin(left, list(self.staying[key]))]
        if len(left):
            names_of = dict(zip(self.coded.sources["source"], self.coded.sources["name"], strict=True))
            where = list(dict.fromkeys(names_of[source] for source in self.coding.source[left]))
            self.problems.add(
                self.file,
                f"the split of '{key[1]}' says nothing of {len(left)} segments in {len(where)} sources ({listed(where)})",
                f"add rows for them; a last row without a source takes the rest, with {key[1]!r} in `into` if they stay",
                row=f"row {effect.row}",
                column="source",
            )

    def _add(self, there: Rows, source: str, collection: str, effect: _Effect) -> None:
        whole = self.coding.whole_source(source, collection, self.collections[collection].count_from, self.coded)
        if whole not in self.coding.place[there]:
            self._added(self.coding.append(whole, effect.decision.code, self._origin(effect)), effect)

    def _exclude(self, rows: Rows, source: str, collection: str, effect: _Effect) -> None:
        self._remove(rows, effect, "excluded")
        if source and not effect.decision.code:
            # Nobody was to code it, so that it is outside the base as well.
            self.left_out.add((self.collections[collection].count_from, source))
            effect.sources.add(source)

    def _others(self, scope: npt.NDArray[np.bool_], decision: Decision) -> Rows:
        """The segments that a rule of exclusivity means: of the codes and themes named, never of the code itself."""
        named = set(self.parents) if EVERY_CODE in decision.into else set(decision.into)
        named |= {code for code, parent in self.parents.items() if parent in named}
        return np.flatnonzero(scope & np.isin(self.coding.code.astype(str), sorted(named - {decision.code})))

    # --- what actions are made of ----------------------------------------------------------------------------------------

    def _give(self, rows: Rows, code: str, effect: _Effect) -> None:
        """Give segments another code; where it stands on the very same stretch already, they are removed instead."""
        there = self.coding.has(rows, code)
        self.coding.code[rows[~there]] = code
        effect.changed += int((~there).sum())
        effect.sources |= set(self.coding.source[rows[~there]])
        self._remove(rows[there], effect, f"'{code}' stands there already")

    def _put(self, rows: Rows, code: str, effect: _Effect) -> None:
        """Give segments a code beside the one they have."""
        places = self.coding.place[rows[~self.coding.has(rows, code)]]
        for place in places:
            self._added(self.coding.append(int(place), code, self._origin(effect)), effect)

    def _added(self, row: int, effect: _Effect) -> None:
        effect.added += 1
        effect.sources.add(self.coding.source[row])

    def _remove(self, rows: Rows, effect: _Effect, why: str) -> None:
        self.coding.exclude(rows, f"{self._origin(effect)}: {effect.decision.action}, {why}")
        effect.removed += len(rows)
        effect.sources |= set(self.coding.source[rows])

    def _origin(self, effect: _Effect) -> str:
        return f"{self.file}, row {effect.row}"

    def _source(self, row: int, decision: Decision) -> tuple[str, str]:
        """The source that a decision names and its collection; empty, with a problem noted, where it cannot be."""
        s = self.coded.sources
        here = s[s["collection"].isin([decision.collection] if decision.collection else list(self.collections))]
        found = here[(here[["source", "name", "origin_id"]] == decision.source).any(axis="columns")]
        message, mend = "", ""
        if found.empty:
            message, mend = "there is no such source", did_you_mean(decision.source, list(here["name"]))
        elif len(found) > 1:
            message, mend = f"may be any of {len(found)} sources", "name the collection, or use the source's id"
        else:
            source, collection = str(found["source"].iloc[0]), str(found["collection"].iloc[0])
            coder = self.collections[collection].count_from
            given = (self.coded.assignments["source"] == source) & (self.coded.assignments["coder"] == coder)
            if given.any() and (coder, source) not in self.left_out:
                return source, collection
            message, mend = f"is not among the sources of '{coder}', whose coding is counted", "remove the decision"
        self.problems.add(self.file, message, mend, row=f"row {row}", column="source", value=decision.source)
        return "", ""

    # --- what comes out ------------------------------------------------------------------------------------------------

    def _columns_after(self, collection: str, effect: _Effect) -> None:
        """The codes that the decided coding tells apart, in the order of the sheet that it began as."""
        decision = effect.decision
        gone = not decision.source and decision.action in ("rename", "merge", "exclude")
        if decision.action == "split":
            here = self.coding.counted([collection] if collection else self.collections)
            gone = decision.code not in self.coding.code[here]
        if gone:
            self.given_up.add(decision.code)
        new = {"add": (decision.code,), "gives_way": (), "stands_alone": ()}.get(decision.action, decision.into)
        for name in [collection] if collection else self.collections:
            own = self.columns[name]
            if decision.action == "rename" and decision.code in own and new[0] not in own:
                own[own.index(decision.code)] = new[0]
            elif gone and decision.code in own:
                own.remove(decision.code)
            for code in new if own else ():
                if code not in own:
                    own.append(code)
                    self.new_columns.add((name, code))

    def decided(self, effects: list[_Effect]) -> CodedText:
        """The coded text with the decided coding in place of the counted coder's."""
        coded = self.coded
        a = coded.assignments
        pairs = zip(a["coder"], a["source"], strict=True)
        kept = np.array([pair not in self.left_out for pair in pairs], dtype=bool)
        used = set(self.coding.code[self.coding.counted(self.collections)])
        parents = set(coded.codes["parent"])
        over = coded.codes["code"].isin(self.given_up - used - parents)
        codes = coded.codes.assign(kind=coded.codes["kind"].mask(over, "structural"))
        return replace(
            coded,
            segments=self.coding.segments(),
            assignments=a[kept].reset_index(drop=True),
            codes=CODES.of(codes),
            coder_codes=self._coder_codes(),
            import_log=_with(coded.import_log, IMPORT_LOG.of(self._cautions(effects))),
        )

    def _coder_codes(self) -> pd.DataFrame:
        c = self.coded.coder_codes
        mine = pd.Series(False, index=c.index)
        rows: list[dict[str, object]] = []
        for name, own in self.columns.items():
            coder = self.collections[name].count_from
            mine |= (c["collection"] == name) & (c["coder"] == coder)
            first = [code for code in own if (name, code) not in self.new_columns]
            added = sorted((code for code in own if (name, code) in self.new_columns), key=self.order.__getitem__)
            rows += [{"coder": coder, "collection": name, "code": code} for code in first + added]
        return _with(c[~mine], CODER_CODES.of(rows))

    def _cautions(self, effects: list[_Effect]) -> list[dict[str, object]]:
        log = ImportLog(self.file, "", "decisions")
        for e in effects:
            if not (e.changed or e.added or e.removed or e.sources or self._keeps(e)):
                log.caution("decision", f"row {e.row}: {e.decision.action} of '{e.decision.code}' changes nothing")
        return log.rows

    def _keeps(self, effect: _Effect) -> bool:
        """Whether a row of a split says of some segments that they stay."""
        return effect.decision.action == "split" and effect.decision.code in effect.decision.into and effect.before > 0


def _with(table: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([table, more], ignore_index=True)
