"""Which answers of which groups are hidden, where rules speak of cells: small ones, and what would tell of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from plait.disclosure.rules import Rules
from plait.disclosure.suppression import COMPANY_OF_COUNTS, by_size

Cell = tuple[str, str]
"""A group and an option."""


@dataclass(frozen=True)
class Answers:
    """How many of each group gave each answer to a question.

    Attributes:
        single: Whether each person gave one answer, so that the answers add up to the base.
        nets: The members of every net.
        counts: By group and option, nets included.
        bases: By group.
    """

    single: bool
    nets: Mapping[str, tuple[str, ...]]
    counts: dict[str, dict[str, int]]
    bases: dict[str, int]

    def small(self, group: str, option: str, rules: Rules) -> bool:
        """Whether an answer is of few people, or of all but few where those who did not give it are an answer, too."""
        n = self.counts[group][option]
        return n < rules.cell_below or (not self.single and self.bases[group] - n < rules.cell_below)


def hidden_cells(
    answers: Answers, shown: Sequence[str], rules: Rules, of_total: Iterable[str] | None, cells: dict[Cell, str]
) -> None:
    """Add to `cells` the small answers and, until nothing changes, what they could be found by.

    Args:
        answers: The answers of all groups of one break.
        shown: The groups whose per cents are published.
        rules: The disclosure profile.
        of_total: The answers that are hidden in the total, too; None where the groups are everyone.
        cells: What is hidden already, each with its rule.
    """
    for group in shown:
        for option in answers.counts[group]:
            if answers.small(group, option, rules):
                cells.setdefault((group, option), f"fewer than {rules.cell_below} people")
    hidden_in_total = set(of_total or ())
    before = -1
    while len(cells) != before:
        before = len(cells)
        for group in shown:
            _company_in_the_group(answers, group, cells)
        if of_total is not None:
            _company_in_other_groups(answers, shown, hidden_in_total, cells)


def _company_in_the_group(answers: Answers, group: str, cells: dict[Cell, str]) -> None:
    """Answers that add up to the base, and to their net, with one of them hidden."""
    counts = answers.counts[group]
    if not answers.single:
        return
    options = [option for option in counts if option not in answers.nets]
    hidden = [option for option in options if (group, option) in cells]
    if len(hidden) == 1 and len(options) > 1:
        others = by_size(counts, (option for option in options if option not in hidden))
        cells[group, others[0]] = COMPANY_OF_COUNTS
    for net, members in answers.nets.items():
        inside = [option for option in members if (group, option) in cells]
        if net not in counts or not members:
            continue
        if (group, net) in cells and not inside:
            cells[group, by_size(counts, members)[0]] = COMPANY_OF_COUNTS
        elif len(inside) == 1:
            cells.setdefault((group, net), COMPANY_OF_COUNTS)


def _company_in_other_groups(
    answers: Answers, shown: Sequence[str], of_total: set[str], cells: dict[Cell, str]
) -> None:
    """An answer that is hidden in one group alone, while the total tells it."""
    silent = [group for group, base in answers.bases.items() if base > 0 and group not in shown]
    for option in {option for _, option in cells} - of_total:
        hidden = [group for group in shown if (group, option) in cells]
        sizes = {group: answers.counts[group][option] for group in shown if group not in hidden}
        if len(hidden) + len(silent) == 1 and sizes:
            cells[by_size(sizes, sizes)[0], option] = COMPANY_OF_COUNTS
