"""What the linking file and `joining:` may say: names that exist, strands that can be joined, judgements that are whole."""

from __future__ import annotations

from plait.errors import Problems, did_you_mean
from plait.study.definition import Collection, Definition, JoinedGroups, Survey
from plait.study.side_files import CodebookEntry, Link
from plait.study.yaml_text import Key, YamlText

_BOTH_SPEAK = ("confirmation", "expansion", "discordance")
"""Fits that compare what two strands say."""


# --- the linking file --------------------------------------------------------------------------------------------------


def check_links(
    definition: Definition,
    links: list[tuple[str, Link]],
    codebook: list[tuple[str, CodebookEntry]],
    problems: Problems,
) -> None:
    """Linked items exist, and every judgement of fit is whole.

    A fit is the author's (Fetters, Curry and Creswell 2013): it is never computed, and here it is only seen that it has
    what it speaks of, an author and a date. Confirmation, expansion and discordance compare two strands. Of silence
    (O'Cathain, Murphy and Nicholl 2010) one strand is enough, since the other may have nothing to link; where both are
    linked, the rationale says which of them is silent.
    """
    survey, file = definition.survey, definition.linking
    if not (file and survey):
        return
    codes = [entry.code for _, entry in codebook if entry.kind != "structural"]
    seen: set[str] = set()
    for row, link in links:
        if link.construct_id in seen:
            problems.add(file, f"has the construct '{link.construct_id}' twice", "remove one", row=row)
        seen.add(link.construct_id)
        if not (link.survey or link.themes):
            message = f"the construct '{link.construct_id}' names neither survey items nor themes"
            problems.add(file, message, "name what speaks of it, or remove the row", row=row)
        _check_items(survey, file, row, link, problems)
        for theme in link.themes:
            if theme not in codes:
                message = f"there is no code '{theme}' in the codebook that is counted"
                problems.add(file, message, did_you_mean(theme, codes), row=row, column="themes")
        _check_judgement(file, row, link, problems)


def _check_items(survey: Survey, file: str, row: str, link: Link, problems: Problems) -> None:
    for item in link.survey:
        question, _, option = item.partition(":")
        if question not in survey.questions:
            message, mend = f"there is no question '{question}'", did_you_mean(question, survey.questions)
            problems.add(file, message, mend, row=row, column="survey", value=item)
            continue
        known = [o for o, spec in survey.options_of(question).items() if spec.counts] + list(survey.nets_of(question))
        if option not in known:
            message, mend = f"'{question}' has no option or net '{option}'", did_you_mean(option, known)
            problems.add(file, message, mend, row=row, column="survey", value=item)


def _check_judgement(file: str, row: str, link: Link, problems: Problems) -> None:
    both = bool(link.survey and link.themes)
    if link.fit in _BOTH_SPEAK and not both:
        message = f"a fit of '{link.fit}' needs both strands"
        problems.add(file, message, "name survey items and themes", row=row, column="fit")
    if link.fit == "discordance" and not link.rationale:
        problems.add(file, "a discordance has no rationale", "say why the strands differ", row=row, column="rationale")
    if link.fit == "silence" and both and not link.rationale:
        mend = "say which strand is silent, or link only the one that speaks"
        problems.add(file, "a silence of two linked strands has no rationale", mend, row=row, column="rationale")
    for column, given in (("author", link.author), ("date", link.date)):
        if link.fit and not given:
            message, mend = f"a fit has no {column}", "say who judged it, and when"
            problems.add(file, message, mend, row=row, column=column)


# --- joining -----------------------------------------------------------------------------------------------------------


def check_joining(definition: Definition, text: YamlText, problems: Problems) -> None:
    """What is joined exists in both strands, and an id that joins people is used for nothing that is published."""
    survey, coded, joining = definition.survey, definition.coded_text, definition.joining
    if not (survey and coded):
        return

    def refuse(place: Key, message: str, mend: str) -> None:
        row, column = f"row {text.line_of(place)}", ".".join(map(str, place))
        problems.add("study.yaml", message, mend, row=row, column=column)

    for kind, joined in (("people", joining.people), ("groups", joining.groups)):
        for name in joined:
            if name not in coded.collections:
                message, mend = f"there is no collection '{name}'", did_you_mean(name, coded.collections)
                refuse(("joining", kind, name), message, mend)
    for name, people in joining.people.items():
        place: Key = ("joining", "people", name, "respondent")
        if survey.respondent_id is None:
            mend = "name the survey's column under `respondent_id:`, or join by groups"
            refuse(place, "joins people by the respondent id of the survey, which has none", mend)
        for key in _published_as(people.respondent, coded.collections.get(name)):
            message = f"'{people.respondent}' says who somebody is, and `{key}:` would publish it"
            refuse(place, message, f"take it out of `{key}:`")
    variables = []
    for name, attributes in joining.groups.items():
        for attribute, groups in attributes.items():
            place = ("joining", "groups", name, attribute)
            if name in coded.collections and attribute not in coded.collections[name].breaks:
                mend = did_you_mean(attribute, coded.collections[name].breaks)
                refuse(place, f"'{attribute}' is not among the breaks of '{name}'", mend)
            variables.append(groups.variable)
            for problem in _unknown_groups(survey, groups):
                refuse(place, *problem)
    if joining.typology and joining.typology not in variables:
        message = f"no collection is joined by the groups of '{joining.typology}'"
        refuse(("joining", "typology"), message, did_you_mean(joining.typology, variables))


def _published_as(attribute: str, collection: Collection | None) -> list[str]:
    """The keys of a collection that would publish what an attribute says."""
    if collection is None:
        return []
    keys = {"breaks": collection.breaks, "attribution": collection.attribution, "order_by": [collection.order_by]}
    return [key for key, names in keys.items() if attribute in names]


def _unknown_groups(survey: Survey, joined: JoinedGroups) -> list[tuple[str, str]]:
    if joined.variable not in survey.breaks:
        message = f"'{joined.variable}' is not among the breaks of the survey"
        return [(message, did_you_mean(joined.variable, survey.breaks))]
    known = survey.groups_of(joined.variable)
    return [
        (f"'{joined.variable}' has no group '{group}'", did_you_mean(group, known))
        for group in dict.fromkeys(joined.groups.values())
        if group not in known
    ]
