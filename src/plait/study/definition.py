"""The study definition: what a researcher writes in `study.yaml`.

The models are the reference for the keys; `plait schema` turns them into a JSON Schema for editors. Cross-references
(does this question exist?) are checked in `plait.study.checks` and its neighbours, files in `plait.study.load`.
"""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    JsonValue,
    StringConstraints,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from plait.checklists import checklists
from plait.study.docstrings import docstrings_of

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=60)]
"""A short name made of letters, digits and underscores."""
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]
"""A study's name: small letters, digits and hyphens; it names folders."""
Text = Annotated[str, StringConstraints(min_length=1)]


def _inside(path: str) -> str:
    parts = path.replace("\\", "/").split("/")
    if path.startswith(("/", "~", "\\")) or ".." in parts or ":" in parts[0] or "\0" in path:
        raise ValueError("paths outside the study folder are refused; name a file inside it")
    return path


File = Annotated[str, StringConstraints(min_length=1), AfterValidator(_inside)]
"""A path below the study folder (side files) or below its raw folder (exports, coded text)."""


class Model(BaseModel):
    """What every model shares: unknown keys are refused, values do not change, docstrings explain the keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, defer_build=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The schema of the model, in which each key is explained by the docstring below it."""
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        for name, text in docstrings_of(cls).items():
            properties[cls.model_fields[name].alias or name]["description"] = text
        return schema


def _label_only(value: Any) -> Any:
    return {"label": value} if isinstance(value, str) else value


def one_or_many(value: Any) -> Any:
    """Take a single value for a list of one."""
    return [value] if isinstance(value, (str, dict)) else value


Many = Annotated[tuple[Text, ...], BeforeValidator(one_or_many, json_schema_input_type=Text | tuple[Text, ...])]
"""One text, or a list of them."""


Condition = dict[Name, Many]
"""Variables and the groups that meet it; all of them must hold."""


# --- who, when, how ----------------------------------------------------------------------------------------------------


class Fieldwork(Model):
    """First and last day of data collection."""

    start: datetime.date
    end: datetime.date

    @model_validator(mode="after")
    def _ordered(self) -> Fieldwork:
        if self.end < self.start:
            raise ValueError("fieldwork ends before it starts")
        return self


class Licence(Model):
    """Under which licence the published tables may be used."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    """Its identifier: CC-BY-4.0, OGL-UK-3.0."""
    title: str = ""
    path: Annotated[str, StringConstraints(pattern=r"^(https?://\S+)?$")] = ""
    """Where its text is on the web."""


def _name_only(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class About(Model):
    """What a reader must know before any number (British Polling Council, items 1 to 6)."""

    commissioned_by: Text
    conducted_by: Text
    population: Text
    """Whom the findings are about."""
    sample: Text
    """How people came to be asked."""
    mode: Text
    """How they answered: app, web form, interview."""
    fieldwork: Fieldwork
    design: Text
    """The mixed-methods design: purpose, priority, sequence (GRAMMS items 1 and 2)."""
    contact: str = ""
    tables: str = ""
    """Where the full tables are, where they are published elsewhere than beside the report (item 8)."""
    licence: Annotated[Licence | None, BeforeValidator(_name_only, json_schema_input_type=Text | Licence)] = None
    """Of the published tables: an identifier by itself, or with its title and address."""
    limitations: tuple[Text, ...] = ()
    """Sentences for the report's section on limitations."""


# --- survey ------------------------------------------------------------------------------------------------------------

NoAnswer = Literal["refused", "dont_know", "not_applicable"]
Empty = Literal["not_asked", "not_routed", "skipped", "refused", "dont_know", "not_applicable"]
"""Why a cell holds no answer. The first two are outside every base."""
EMPTY: tuple[Empty, ...] = get_args(Empty)
Limit = Annotated[float | None, BeforeValidator(lambda limit: None if limit in ("", "~", "null", None) else limit)]
Between = tuple[Limit, Limit]
"""Lowest and highest number, both included; null where there is no limit."""


class Option(Model):
    """One answer that can be chosen."""

    label: Text
    """As printed in tables and figures."""
    raw: Many = ()
    """How the export writes it; the label when left out."""
    no_answer: NoAnswer | None = None
    """Set where choosing this option is not an answer; it is then outside the base unless `in_base`."""
    in_base: bool = False
    exclusive: bool = False
    """In a multi-select: cannot be ticked beside others."""
    between: Between | None = None
    """Numbers that fall into this option (a band of ages); then `raw` may be left out."""
    score: float | None = None
    """Its value in the mean of a scale; an option without a score is outside the mean's base."""

    @property
    def written(self) -> tuple[str, ...]:
        return self.raw or (() if self.between else (self.label,))

    @property
    def counts(self) -> bool:
        """Whether this option is tabulated and its choosers are in the base."""
        return self.no_answer is None or self.in_base


Measure = Literal["mean", "median", "quartiles", "deciles", "total", "ratio"]
"""Quartiles and deciles are the outer two: below the lower decile lies a tenth, above the upper one another."""

Options = dict[Name, Annotated[Option, BeforeValidator(_label_only, json_schema_input_type=Text | Option)]]
"""Options by name, in order; a text alone is the label."""


class Net(Model):
    """A sum of options, computed from unrounded estimates."""

    label: Text
    of: Annotated[tuple[Name, ...], BeforeValidator(one_or_many, json_schema_input_type=Name | tuple[Name, ...])]


class Scale(Model):
    """Options in order that several questions share."""

    options: Options
    nets: dict[Name, Net] = {}
    unipolar: bool = False
    """Of an amount (how often, how long), from none to much, rather than between two opposite poles: its bars start at one
    line, and their colour darkens."""


class ReplicateWeights(Model):
    """Columns of weights from which standard errors are to be estimated, as a data provider supplies them.

    Each column holds whole weights, not multipliers of the weight.
    """

    columns: Many
    """All of them; `W1 to W80` stands for a numbered run."""
    method: Literal["jackknife", "brr", "fay", "bootstrap"]
    """How they were made, which says what the squared deviations are multiplied by: jackknife (R - 1) / R, balanced
    repeated replication 1 / R, Fay's 1 / (R (1 - rho)^2), bootstrap 1 / (R - 1)."""
    rho: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Of `fay`: the factor by which weights were perturbed."""
    scale: Annotated[float, Field(gt=0)] | None = None
    """In place of what the method says."""
    rscales: tuple[Annotated[float, Field(ge=0)], ...] = ()
    """One more factor for each column; then `scale` is 1 unless it is given (stratified jackknife)."""

    @model_validator(mode="after")
    def _consistent(self) -> ReplicateWeights:
        if (self.method == "fay") != (self.rho is not None):
            raise ValueError("rho belongs to method: fay")
        size = len(self.names)
        if size < 2 or len(set(self.names)) < size:
            raise ValueError("give at least two columns, each once; a run is written `W1 to W80`")
        if self.rscales and len(self.rscales) != size:
            raise ValueError(f"there are {size} columns and {len(self.rscales)} rscales; give one for each")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The columns, runs written out."""
        return tuple(name for written in self.columns for name in _run(written))

    @property
    def scales(self) -> tuple[float, ...]:
        """What the squared deviation of each replicate is multiplied by."""
        size = len(self.names)
        usual = {"jackknife": (size - 1) / size, "brr": 1 / size, "bootstrap": 1 / (size - 1)}
        usual["fay"] = 1 / (size * (1 - (self.rho or 0.0)) ** 2)
        scale = self.scale if self.scale is not None else 1.0 if self.rscales else usual[self.method]
        return tuple(scale * factor for factor in self.rscales or (1.0,) * size)


_RUN = re.compile(r"(.*?)([0-9]+)\s+to\s+(.*?)([0-9]+)", re.IGNORECASE)


def _run(written: str) -> list[str]:
    """The columns that `W1 to W80` stands for; any other text is a column by itself."""
    found = _RUN.fullmatch(written)
    if not found or found[1] != found[3] or not int(found[2]) < int(found[4]) < int(found[2]) + _MOST_COLUMNS:
        return [written]
    width = len(found[2]) if found[2].startswith("0") else 1
    return [f"{found[1]}{number:0{width}d}" for number in range(int(found[2]), int(found[4]) + 1)]


_MOST_COLUMNS = 10_000


def _date_format(format: str) -> str:
    """Refuse a form that does not say the day, the month and the year."""
    day = datetime.datetime(2026, 11, 12)
    try:
        whole = datetime.datetime.strptime(day.strftime(format), format).date() == day.date()
    except ValueError as error:
        raise ValueError(f"is no form of a date: {error}") from error
    if not whole:
        raise ValueError("must say day, month and year, such as %d/%m/%Y")
    return format


class DateColumn(Model):
    """How the dates of a column are written; nothing is guessed from the cells."""

    format: Annotated[Text, AfterValidator(_date_format)] | None = None
    """As Python's `strptime` takes it: "%d/%m/%Y %H:%M". May be left out where every date begins with the year."""
    unreadable: Literal["refuse", "keep"] = "refuse"
    """Cells that are no such date: they stop the run, or are counted in the cleaning log."""
    outside_fieldwork: Literal["refuse", "leave_out", "keep"] = "refuse"
    """Rows dated before the first or after the last day of `about.fieldwork`: they stop the run, leave, or stay and
    are counted in the cleaning log."""


class Export(Model):
    """One raw survey file. What is left out is detected from its content; what cannot be told apart is refused."""

    file: File
    label: str = ""
    format: Text | None = None
    """csv, xlsx, xls, sav, dta or parquet."""
    encoding: Text | None = None
    delimiter: Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=1)] | None = None
    sheet: Text | None = None
    """The worksheet that holds the answers."""
    layout: Text | None = None
    """The tool that wrote the file, as its reader is called, or `generic`."""
    header_rows: Annotated[int, Field(ge=1, le=9)] | None = None
    """Rows above the data; the first holds the column names."""
    dictionary: File | None = None
    """A raw file with the data dictionary: variables, codes, labels and whom each question was put to."""
    rows: Literal["respondents", "ticks"] = "respondents"
    """`ticks`: a respondent has one row for every option ticked."""
    weight: Text | None = None
    """Column of weights: where to start from, or with `method: supplied` the weights themselves."""
    replicate_weights: ReplicateWeights | None = None
    """Columns of replicate weights beside those of `weight`, with `method: supplied`."""
    dates: dict[Text, DateColumn] = {}
    """Columns that hold dates and how these are written."""


class Exclusion(Model):
    """Rows that are not respondents or not to be counted: test entries, previews, no consent, unfinished forms."""

    column: Text | None = None
    values: Annotated[tuple[str, ...], BeforeValidator(one_or_many, json_schema_input_type=str | tuple[str, ...])] = ()
    """Rows with one of these cells leave; an empty text stands for an empty cell."""
    other_than: Annotated[
        tuple[str, ...], BeforeValidator(one_or_many, json_schema_input_type=str | tuple[str, ...])
    ] = ()
    """Rows with any other cell leave."""
    before: datetime.date | None = None
    """Rows dated before this day leave; the column is declared under the `dates` of its export."""
    after: datetime.date | None = None
    """Rows dated after this day leave."""
    unanswered: tuple[Name, ...] = ()
    """Respondents who answered none of these questions leave."""
    reason: Text

    @model_validator(mode="after")
    def _one_way(self) -> Exclusion:
        dated = self.before is not None or self.after is not None
        ways = [bool(self.values), bool(self.other_than), dated, bool(self.unanswered)]
        if ways.count(True) != 1 or bool(self.column) == bool(self.unanswered):
            raise ValueError("give a column with values, other_than, or before and after; or give unanswered")
        return self


class Duplicates(Model):
    """What to do with people who answered more than once. Without it a repeated respondent stops the run."""

    key: Many = ()
    """Columns that together say who a person is; the respondent id when left out."""
    keep: Literal["first", "last", "refuse"]
    """Which row of a person is kept, in the order of the file."""
    no_key: Many = ()
    """Cells that are no key (a placeholder the tool left); such rows are all kept."""
    suspicious_above: Annotated[int, Field(ge=1)] = 5
    """A key on more rows than this is listed in the cleaning log: it may not be one person."""


class Profile(Model):
    """A fact about the respondent that travels with the answers."""

    label: Text
    column: Text | None = None
    """Its column in every export; left out where only a vendor's breakdown table has it."""
    options: Options
    ordered: bool = False
    """Whether the options stand in an order (ages, sizes): scales and numbers are then tested for a trend along it."""
    unknown: Many = ()
    """Values that mean "not known"; an empty cell always does."""
    mapping: File | None = None
    """Side file that says which option each written answer is (raw, option, why); `unknown` is an option there."""
    unmapped: Name = "refuse"
    """What a text is that is neither an option nor in the mapping: `refuse` stops the run, `unknown` counts and logs
    it, an option takes it."""


class Derived(Model):
    """A variable made by merging the options of another one."""

    label: Text
    source: Name = Field(alias="from")
    groups: dict[Name, Net]
    ordered: bool = False
    """Whether the groups stand in an order."""


class Cross(Model):
    """A variable made by crossing two others (phase by role)."""

    label: Text
    of: tuple[Name, Name]


class Question(Model):
    """One survey question."""

    label: Text
    """Short name for tables and figures."""
    text: Text
    """Wording as asked."""
    type: Literal["single", "multi", "number"] = "single"
    export: Name | None = None
    """Which export holds it; not needed where there is only one."""
    column: Text | None = None
    """Column of a single choice or a number, or of a multi-select written as delimited text."""
    columns: dict[Name, Text] = {}
    """Columns of a multi-select with one column an option."""
    separator: Annotated[str, StringConstraints(strip_whitespace=False, min_length=1)] = ";"
    """Between the options of a multi-select written as delimited text."""
    ticked: Many = ("1",)
    """In option columns: what a tick looks like. The option's own text always counts as one."""
    unticked: Annotated[tuple[str, ...], BeforeValidator(one_or_many, json_schema_input_type=str | tuple[str, ...])] = (
        "0",
    )
    """In option columns: what a box that was seen and left empty looks like."""
    missing: dict[Text, Empty] = {}
    """Cells that are no answer, and why. They go before the survey's `missing`."""
    blank: Name = "skipped"
    """What an empty cell means: a reason, an option that it stands for, or, in a multi-select, `none_ticked`. With one
    column an option it is said of respondents all of whose cells are empty."""
    mapping: File | None = None
    """Side file that says which option each written answer is (raw, option, why)."""
    unmapped: Name = "refuse"
    """What a text is that is neither an option nor in the mapping: `refuse` stops the run; an option (\"Other\") takes
    it, within a multi-select as one of the options ticked; a reason such as `skipped` makes the cell no answer. Of a
    number: what is no number, or not `between`."""
    scale: Name | None = None
    options: Options = {}
    nets: dict[Name, Net] = {}
    max_choices: Annotated[int, Field(ge=1)] | None = None
    too_many: Literal["keep", "set_aside", "refuse"] = "keep"
    """What to do where more options are ticked than `max_choices`."""
    contradictions: Literal["keep_others", "keep_exclusive", "set_aside", "refuse"] = "keep_others"
    """What to do where an exclusive option is ticked beside others."""
    stray: Literal["set_aside", "keep", "refuse"] = "set_aside"
    """What to do with answers of people the question was not for."""
    asked_of: Annotated[
        tuple[Condition, ...], BeforeValidator(one_or_many, json_schema_input_type=Condition | tuple[Condition, ...])
    ] = ()
    """Routing: any of these conditions; within one condition all must hold. Empty means everyone."""
    compare_by: Name | None = None
    """The break of the question's comparison figure."""
    unit: str = ""
    """Of a number: hours, pounds."""
    between: Between | None = None
    """Of a number: the lowest and highest that can be true; others stop the run."""
    measures: tuple[Measure, ...] = ()
    """What is estimated beside shares: by default mean and median of a number, and the mean of a scored scale."""
    ratio_to: Name | None = None
    """Of a number: the number that `ratio` divides by."""
    repeats: Name | None = None
    """The same question in an earlier export; the change between the two is estimated."""

    @property
    def in_exports(self) -> bool:
        """Whether respondent-level answers exist, not only a vendor's breakdown table."""
        return self.column is not None or bool(self.columns)

    @model_validator(mode="after")
    def _consistent(self) -> Question:
        if self.type == "number":
            if self.options or self.scale or self.nets or self.columns:
                raise ValueError("a number has a column, and neither options nor a scale")
            if not self.column:
                raise ValueError("a number needs its column")
        elif bool(self.options) == bool(self.scale):
            raise ValueError("give either options or a scale")
        if self.type != "number" and (self.between or self.unit):
            raise ValueError("between and unit are for type: number")
        if ("ratio" in self.measures) != (self.ratio_to is not None):
            raise ValueError("measures: [ratio] and ratio_to belong together")
        if self.column and self.columns:
            raise ValueError("give either column or columns")
        if self.columns and self.type != "multi":
            raise ValueError("columns (one an option) are for type: multi")
        return self


class SampleDesign(Model):
    """How the sample was drawn, where it was not a simple one."""

    cluster: Text | None = None
    """Column that names the primary sampling unit (the school), where people were recruited through it."""
    strata: Many = ()
    """Columns that together name the stratum the unit was drawn from."""
    clusters_in_population: Text | None = None
    """Column with the number of units in the stratum's population, for the finite population correction."""
    lonely: Literal["refuse", "certainty", "adjust", "average"] = "refuse"
    """What a stratum with one unit adds to the variance: nothing (it was certain to be in), its distance from the
    overall mean, or the average of the other strata."""


class Trim(Model):
    """Bounds on a weight, as multiples of the mean weight."""

    lower: Annotated[float, Field(gt=0, lt=1)] | None = None
    upper: Annotated[float, Field(gt=1)] | None = None
    while_raking: bool = False
    """Trim and rake in turn until bounds and targets hold together; otherwise trimming comes last, and the targets are
    no longer met exactly."""

    @model_validator(mode="after")
    def _limited(self) -> Trim:
        if self.while_raking and self.lower is None and self.upper is None:
            raise ValueError("while_raking needs a lower or an upper bound")
        return self


class Bounds(Model):
    """Limits of the ratio of final to start weight (calibration)."""

    lower: Annotated[float, Field(ge=0, lt=1)]
    upper: Annotated[float, Field(gt=1)]


class Collapse(Model):
    """Merging of groups that are too thin to be weighted to a target of their own."""

    fewer_than: Annotated[int, Field(ge=1)]
    """Groups with fewer respondents are merged."""
    into: dict[Name, dict[Name, Name]]
    """Variable, thin group and the neighbour that takes it; targets are added up."""


class Weighting(Model):
    """Weights that make the respondents agree with what is known about the population."""

    method: Literal["raking", "post_stratification", "linear", "logit", "supplied"] = "raking"
    """`supplied`: the exports carry weights, which are checked and used as they are."""
    description: str = ""
    """How supplied weights were made: variables, targets, source. With `method: supplied` it is required."""
    targets: File | None = None
    """Side file: variable, group, share or count, source, date, unit, grade."""
    population: Condition = {}
    """Whom the targets describe; respondents outside it get no weight. Empty means everyone."""
    unknown: Literal["keep_share", "leave_out", "refuse"] = "keep_share"
    """Respondents whose group of a weighting variable is not known: they keep their share of the sample, get no
    weight, or stop the run."""
    collapse: Collapse | None = None
    bounds: Bounds | None = None
    """For `linear` (optional) and `logit` (required)."""
    trim: Trim = Trim()

    @model_validator(mode="after")
    def _consistent(self) -> Weighting:
        if (self.method == "supplied") == (self.targets is not None):
            raise ValueError("weights are supplied, or made to meet targets: give one of them")
        if self.method == "logit" and self.bounds is None:
            raise ValueError("method: logit needs bounds")
        if self.bounds and self.method not in ("linear", "logit"):
            raise ValueError("bounds are for linear and logit calibration; raking is limited by trim")
        if self.trim.while_raking and self.method != "raking":
            raise ValueError("trim.while_raking is for method: raking")
        return self


class StandardErrors(Model):
    """How the standard errors of a weighted, clustered or stratified sample are estimated."""

    method: Literal["linearised", "bootstrap", "jackknife"] = "linearised"
    """Taylor linearisation with residuals on the targets; the rescaling bootstrap of Rao and Wu (1988); or the
    jackknife, which leaves out one cluster at a time. Every replicate is weighted to the targets again."""
    replicates: Annotated[int, Field(ge=50, le=10_000)] = 500
    """Of the bootstrap."""
    seed: Annotated[int, Field(ge=0)] = 1
    """Of the bootstrap: the same seed draws the same replicates."""
    intervals: Literal["usual", "wilson", "korn_graubard", "logit", "arcsine", "wald"] = "usual"
    """Of shares: Wilson's on the effective base, Korn and Graubard's exact one, on the log-odds, on the arcsine of the
    square root, or Wald's. Usual is Wilson's for a simple random sample and Korn and Graubard's for any other. Where
    nobody or everybody chose an option, which has neither log-odds nor a standard error, Korn and Graubard's stands in
    for the last three."""


class Comparisons(Model):
    """How groups are compared with each other."""

    letters: Literal["design", "effective_base"] = "design"
    """Pairwise tests: design-based t, or the pooled z test on effective bases that agencies use."""
    adjust: Literal["holm", "hochberg", "bonferroni", "benjamini_hochberg", "benjamini_yekutieli", "none"] = "holm"
    """Over the pairs of groups of a question's option and break."""
    tests: Literal["rao_scott", "saddlepoint", "adjusted_wald"] = "rao_scott"
    """Of independence between a break and the answers, where the sample is not a simple one: the second-order
    chi-squared of Rao and Scott (1984) as an F, or with p from a saddlepoint approximation, which holds for very small p,
    too; or the Wald test with fewer degrees of freedom for few clusters."""
    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95


Predictor = Annotated[
    str,
    BeforeValidator(lambda text: text.replace(" ", "") if isinstance(text, str) else text),
    StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*(\*[A-Za-z][A-Za-z0-9_]*)?$", max_length=121),
]
"""A variable, or two with an asterisk between them."""


class OutcomeModel(Model):
    """A regression on a declared outcome: logistic for an option or net, linear for a number."""

    label: Text
    outcome: Text
    """`question:option`, `question:net`, or a question that is a number."""
    predictors: Annotated[tuple[Predictor, ...], Field(min_length=1)]
    """Breaks, of which the first group is the one that others are compared with; questions that are numbers; and
    interactions of two of them, `a*b`, which stand for both and their product."""

    @property
    def variables(self) -> tuple[str, ...]:
        """The predictors without their interactions, each once."""
        return tuple(dict.fromkeys(name for predictor in self.predictors for name in predictor.split("*")))

    @property
    def interactions(self) -> tuple[tuple[str, str], ...]:
        """The pairs whose interaction is in the model, each once."""
        pairs = (tuple(predictor.split("*")) for predictor in self.predictors if "*" in predictor)
        return tuple(dict.fromkeys((first, second) for first, second in pairs))


class CountsFile(Model):
    """A vendor's long table of respondent counts, reconciled with the bases of the breakdown table."""

    file: File
    family_column: Text
    count_column: Text
    families: dict[Text, Name]
    """Family as the file calls it, and the break it is."""


class Breakdown(Model):
    """A vendor's breakdown table: shares, bases and margins of error for one question."""

    question: Name
    responses: File
    responders: File
    margin_of_error: File | None = None
    columns: File
    """Side file: which column is which group (column, break, group, label)."""
    total_from: Name
    """The break whose groups add up to everyone."""
    counts: CountsFile | None = None
    known_differences: dict[Name, Text] = {}
    """Breaks whose bases differ between files, each with the reason; any other difference stops the run."""


class Survey(Model):
    """The survey strand."""

    respondent_id: Text | None = None
    """Column that identifies a respondent in every export. A single export can do without: then each row is one."""
    exports: dict[Name, Export] = {}
    missing: dict[Text, Empty] = {}
    """Cells that are no answer in any question, and why."""
    exclusions: tuple[Exclusion, ...] = ()
    duplicates: Duplicates | None = None
    when_profile_changes: Literal["first", "last", "refuse"] = "first"
    """Which value is kept where a respondent's profile differs between exports."""
    profile: dict[Name, Profile] = {}
    derived: dict[Name, Derived] = {}
    crosses: dict[Name, Cross] = {}
    scales: dict[Name, Scale] = {}
    questions: dict[Name, Question]
    breaks: tuple[Name, ...] = ()
    merge_small: dict[Name, Name] = {}
    """A break, and the coarser variable (derived from it, or one of those that it crosses) that takes its place for a
    question of which a group would have to be hidden."""
    design: SampleDesign = SampleDesign()
    weighting: Weighting | None = None
    errors: Annotated[
        StandardErrors,
        BeforeValidator(
            lambda value: {"method": value} if isinstance(value, str) else value,
            json_schema_input_type=Literal["linearised", "bootstrap", "jackknife"] | StandardErrors,
        ),
    ] = StandardErrors()
    """A method by itself, or the method with its settings."""
    comparisons: Comparisons = Comparisons()
    models: dict[Name, OutcomeModel] = {}
    breakdowns: dict[Name, Breakdown] = {}

    def options_of(self, question: str) -> Options:
        """The options of a question, whether its own or its scale's."""
        q = self.questions[question]
        return self.scales[q.scale].options if q.scale else q.options

    @property
    def splits(self) -> tuple[str, ...]:
        """What tables are split by: the breaks, and what may have to take the place of one."""
        return tuple(dict.fromkeys([*self.breaks, *self.merge_small.values()]))

    def measures_of(self, question: str) -> tuple[Measure, ...]:
        """What is estimated for a question beside the shares of its options."""
        q = self.questions[question]
        if q.measures:
            return q.measures
        if q.type == "number":
            return ("mean", "median")
        scored = any(option.score is not None for option in self.options_of(question).values())
        return ("mean",) if scored and q.type == "single" else ()

    def nets_of(self, question: str) -> dict[str, Net]:
        q = self.questions[question]
        return (self.scales[q.scale].nets if q.scale else {}) | q.nets

    def is_number(self, variable: str) -> bool:
        """Whether a variable is a question whose answers are numbers."""
        return variable in self.questions and self.questions[variable].type == "number"

    def is_ordered(self, variable: str) -> bool:
        """Whether the options of a question or the groups of another variable stand in an order."""
        for kind in (self.profile, self.derived):
            if variable in kind:
                return bool(kind[variable].ordered)
        return variable in self.questions and self.questions[variable].scale is not None

    def is_unipolar(self, question: str) -> bool:
        """Whether a question has a scale that runs from none to much."""
        scale = self.questions[question].scale
        return scale is not None and self.scales[scale].unipolar

    def export_of(self, question: str) -> str:
        """The export that holds a question's answers."""
        return self.questions[question].export or next(iter(self.exports))

    def questions_in(self, export: str) -> dict[str, Question]:
        """The questions whose answers an export holds."""
        return {name: q for name, q in self.questions.items() if q.in_exports and self.export_of(name) == export}

    def groups_of(self, variable: str) -> dict[str, str]:
        """Group ids and labels, in order, of anything that can split a table."""
        if variable in self.profile:
            return {k: o.label for k, o in self.profile[variable].options.items() if o.counts}
        if variable in self.derived:
            return {k: g.label for k, g in self.derived[variable].groups.items()}
        if variable in self.crosses:
            first, second = (self.groups_of(v) for v in self.crosses[variable].of)
            return {f"{a}__{b}": f"{first[a]}, {second[b]}" for a in first for b in second}
        return {k: o.label for k, o in self.options_of(variable).items() if o.counts}

    def label_of(self, variable: str) -> str:
        """The printed name of a question or of anything that can split a table."""
        for kind in (self.profile, self.derived, self.crosses, self.questions):
            if variable in kind:
                return str(kind[variable].label)
        raise KeyError(variable)


# --- coded text --------------------------------------------------------------------------------------------------------


class Near(Model):
    """How far two segments may lie apart to count as near each other: one of the two."""

    characters: Annotated[int | None, Field(ge=1)] = None
    """Between the end of one and the start of the other."""
    paragraphs: Annotated[int | None, Field(ge=0)] = None
    """From the last paragraph of one to the first of the other; 0 is the same paragraph."""

    @model_validator(mode="after")
    def _says_one_distance(self) -> Near:
        if (self.characters is None) == (self.paragraphs is None):
            raise ValueError("near takes either characters or paragraphs")
        return self


class Collection(Model):
    """Texts of one kind that were coded: the interviews, or the answers to an open question."""

    label: Text
    mode: Literal["interview", "focus_group", "open_text", "observation", "document"]
    cases: Text = "participants"
    """What the report calls the people, in the plural."""
    count_from: Text
    """The coder whose coding is counted (the adjudicated one, where there is one)."""
    breaks: dict[Name, Text] = {}
    """Case attributes to split theme counts by, with their printed names."""
    agreement_unit: Literal["source", "paragraph", "character"] = "paragraph"
    """The unit of agreement that comes first where codings have a place in the text; the others stand beside it."""
    adjudication: File | None = None
    """Raw file: the worklist of disagreements with every decision filled in. Its coder is called `count_from`."""
    attribution: Annotated[tuple[Name, ...], Field(max_length=2)] = ()
    """Case attributes that a quotation is attributed with. Where too few people share them, the last is left out first."""
    near: Near | None = None
    """When two segments count as near each other; without it only those that share text are related."""
    order_by: Text | None = None
    """Case attribute (a date like 2026-03-31, or a number) that says in which order texts were collected; without it
    they are taken in the order of the file."""

    @property
    def people_unit(self) -> str:
        """The unit of a theme count in which people are counted: texts where each is one person's answer, else cases."""
        return "sources" if self.mode == "open_text" else "cases"


class TableFile(Model):
    """A raw file that is, or may be, a table. What is left out is told from its content."""

    file: File
    encoding: Text | None = None
    """Of text, where it cannot be told; for a project also that of transcripts that are not UTF-8."""
    delimiter: Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=1)] | None = None
    sheet: Text | None = None
    """Of a workbook with several."""


def _file_only(value: Any) -> Any:
    return {"file": value} if isinstance(value, str) else value


OneTable = Annotated[TableFile, BeforeValidator(_file_only, json_schema_input_type=Text | TableFile)]


class Sheet(TableFile):
    """One coder's sheet: a row a text, a 0/1 column a code."""

    coder: Text
    adjudicated: bool = False
    assigned: Literal["all", "marked"] = "all"
    """`marked`: the coder was given only the rows that carry a mark (a partial third coder)."""


class Sheets(Collection):
    """Coder sheets with one column a code."""

    format: Literal["sheets"]
    sheets: tuple[Sheet, ...]
    id_column: Text
    text_column: Text
    attributes: dict[Name, Text] = {}
    """Case attribute and the column that holds it."""


class ToolFile(TableFile):
    """One file that a tool for qualitative analysis exported, or a coded Word document."""

    reader: Text | None = None
    """The kind of file, as messages call it; told from the content when left out."""
    coder: Text | None = None
    """Who coded it, where the file does not say (tools that lose the coder: one export a coder)."""
    assigned: Literal["coded", "all"] = "coded"
    """The sources its coders were given: those with a coding of theirs, or all of the file's."""
    case: Text | None = None
    """Whose counts a table of a single case holds, where its header and the file's name disagree."""


OneToolFile = Annotated[ToolFile, BeforeValidator(_file_only, json_schema_input_type=Text | ToolFile)]


class ToolFiles(Collection):
    """Files from a tool for qualitative analysis: projects, exports of segments, tables of counts, coded documents.

    What kind of file each is, is told from its content.
    """

    format: Literal["tool"]
    files: Annotated[
        tuple[OneToolFile, ...],
        BeforeValidator(one_or_many, json_schema_input_type=OneToolFile | tuple[OneToolFile, ...]),
        Field(min_length=1),
    ]
    participants: OneTable | None = None
    """Raw file with one row a case: `case`, its attributes and, where sources are not called like their case,
    `source`."""
    adjudicated: Many = ()
    """Coders whose coding was agreed on and is not one person's own reading."""
    interviewers: Many = ()
    """How transcripts call those who ask ("Interviewer", "I"); their words are no participant's."""
    leave_out: Many = ()
    """Codes of the tool that are no codes of the study (speakers, automatic codes), by name or by path."""
    code_separator: Annotated[str, StringConstraints(strip_whitespace=False)] = ""
    """Between several codes in one cell or comment, where the tool has no sign of its own."""
    note_prefix: str = ""
    """Starts a comment that is a note and not a code."""


class SegmentTable(Collection, TableFile):
    """A table of coded segments, one row a segment, code and coder."""

    format: Literal["segments"]
    participants: OneTable
    """Raw file with one row a case: `case` and its attributes."""
    adjudicated: Many = ()
    """Coders whose coding was agreed on and is not one person's own reading."""
    columns: dict[Literal["case", "source", "code", "coder", "text"], Text] = {}
    """Where the file's headers differ: our name and theirs."""


class Screening(Model):
    """What strings are held against before they leave."""

    deny_list: File | None = None
    """Raw file (it never leaves): name, kind. Real names of people, schools, trusts and places."""
    allow_list: File | None = None
    """Side file: word, why. Words with a capital letter that name nobody."""


class CodedText(Model):
    """The coded-text strand."""

    codebook: File
    """Side file: code, parent, label, kind, definition, aliases."""
    decisions: File | None = None
    """Side file of what was decided about the coding: date, action, collection, code, source, into, why, who."""
    quotes: File | None = None
    """Side file: quote_id, collection, code, source, text, approved_by, date. Only what is approved is printed."""
    quotes_per_person: Annotated[int, Field(ge=1)] = 2
    """How many quotations of one person may be printed."""
    screening: Screening = Screening()
    summaries: File | None = None
    """Side file of the framework matrix, what an author says of a theme in a case or group: collection, theme, case (as
    the raw files call it) or by and group, summary."""
    texts: File | None = None
    """Raw file: collection, source, sha256, as `plait texts` writes it. A text that has changed since stops the run."""
    collections: dict[Name, Annotated[Sheets | ToolFiles | SegmentTable, Field(discriminator="format")]]


# --- robustness --------------------------------------------------------------------------------------------------------


class Alternative(Model):
    """Another choice that could have been made: the numbers of the claims are made again with it."""

    label: Text
    """What is done otherwise, in a few words, as printed."""


class Unweighted(Alternative):
    """Everyone counts the same."""

    kind: Literal["unweighted"]


class OtherTrimming(Alternative):
    """Weights are cut at other multiples of their mean, or not at all."""

    kind: Literal["trimming"]
    lower: Annotated[float, Field(gt=0, lt=1)] | None = None
    upper: Annotated[float, Field(gt=1)] | None = None


class TargetsWithout(Alternative):
    """Weights are made without the targets of a variable."""

    kind: Literal["targets_without"]
    variable: Name


class OtherBase(Alternative):
    """Options that are no answer are counted in the base of a question, or options are left out of it."""

    kind: Literal["base"]
    counted: dict[Name, Many] = {}
    """Question, and those of its options that are otherwise no answer."""
    left_out: dict[Name, Many] = {}
    """Question, and those of its options that are otherwise in the base."""


class OtherUnit(Alternative):
    """Themes of a collection are counted in another unit."""

    kind: Literal["unit"]
    collection: Name
    unit: Literal["sources", "cases", "characters", "words"]
    """Texts, people, or how much of what was said."""


class WithoutCoder(Alternative):
    """Themes of a collection are counted from the coding of somebody else than a coder."""

    kind: Literal["without_coder"]
    collection: Name
    coder: Text


AnyAlternative = Annotated[
    Unweighted | OtherTrimming | TargetsWithout | OtherBase | OtherUnit | WithoutCoder, Field(discriminator="kind")
]

# --- joining -----------------------------------------------------------------------------------------------------------


class JoinedPeople(Model):
    """How the cases of a collection are found among the respondents: by an id, and only with their consent."""

    respondent: Name
    """Case attribute that holds the respondent id of the survey; it is never published."""
    consent: Name | None = None
    """Case attribute that says whether a person agreed that the two be joined."""
    given: Text = "yes"
    """What `consent` says where it was given; anything else, or nothing, is no consent."""
    consent_of_all: Text | None = None
    """Instead: how everyone gave their consent, in a sentence that the report repeats."""

    @model_validator(mode="after")
    def _says_how_consent_was_given(self) -> JoinedPeople:
        if (self.consent is None) == (self.consent_of_all is None):
            raise ValueError("people are joined with their consent: give either consent or consent_of_all")
        return self


class JoinedGroups(Model):
    """Which groups of the survey the values of a case attribute are."""

    variable: Name
    """A break of the survey."""
    groups: Annotated[dict[Text, Name], Field(min_length=1)]
    """Value of the case attribute, and group of the variable; cases with other values are in none of the groups."""


class Joining(Model):
    """How the strands are brought together beyond construct by construct."""

    people: dict[Name, JoinedPeople] = {}
    """By collection: the same people in both strands."""
    groups: dict[Name, Annotated[dict[Name, JoinedGroups], Field(min_length=1)]] = {}
    """By collection and case attribute: the same kinds of people in both strands."""
    typology: Name | None = None
    """The joined variable whose groups are the columns of the typology."""


# --- reporting checklists ----------------------------------------------------------------------------------------------


class ItemAnswer(Model):
    """What the authors say to one item of a checklist, or why it does not apply."""

    text: str = ""
    not_applicable: str = ""

    @model_validator(mode="after")
    def _one_of_two(self) -> ItemAnswer:
        if bool(self.text) == bool(self.not_applicable):
            raise ValueError("give either the text or the reason why it is not_applicable")
        return self


def _text_only(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


ItemAnswers = dict[Name, Annotated[ItemAnswer, BeforeValidator(_text_only, json_schema_input_type=Text | ItemAnswer)]]
"""By the names of the checklist's items; a text alone is the answer."""


def _items(checklist: str) -> Any:
    """Tell editors the names of a checklist's items; `plait.study.reporting_checks` refuses others."""
    names: list[JsonValue] = [item.name for item in checklists()[checklist].items]
    return Field(json_schema_extra={"propertyNames": {"enum": names}})


class Reporting(Model):
    """The authors' words on items of reporting checklists that the run cannot know. What is left out shows as open."""

    gramms: Annotated[ItemAnswers, _items("gramms")] = {}
    """Mixed-methods studies (O'Cathain, Murphy and Nicholl 2008)."""
    coreq: Annotated[ItemAnswers, _items("coreq")] = {}
    """Interviews and focus groups (Tong, Sainsbury and Craig 2007)."""
    cherries: Annotated[ItemAnswers, _items("cherries")] = {}
    """Online surveys (Eysenbach 2004)."""
    leave_out: dict[Literal["gramms", "coreq", "cherries"], Text] = {}
    """Checklists that do not fit the study, each with the reason."""

    def answers(self, checklist: str) -> ItemAnswers:
        """What the authors say to a checklist."""
        found: ItemAnswers = getattr(self, checklist)
        return found


# --- the whole ---------------------------------------------------------------------------------------------------------


class Definition(Model):
    """A study: who was asked what, how it was coded, and how the strands are linked."""

    study: Slug
    """The study's short name; results go to a folder of this name."""
    title: Text
    research_question: Text
    simulated: bool = False
    """Marks every output: the data were made by a program."""
    about: About
    survey: Survey | None = None
    coded_text: CodedText | None = None
    linking: File | None = None
    """Side file of the joint display: which survey items and themes speak of the same construct."""
    claims: File | None = None
    """Side file of sentences, each with its numbers and the cells that these come from; checked in every run."""
    robustness: tuple[AnyAlternative, ...] = ()
    """Other choices that could have been made; the numbers of the claims are made again with each of them."""
    joining: Joining = Joining()
    """Which people, and which groups of people, are the same in both strands."""
    reporting: Reporting = Reporting()

    @property
    def checklists(self) -> tuple[str, ...]:
        """The reporting checklists that fit the study's strands."""
        coded = self.coded_text.collections.values() if self.coded_text else ()
        fits = {
            "both": self.survey is not None and self.coded_text is not None,
            "talk": any(collection.mode in ("interview", "focus_group") for collection in coded),
            "survey": self.survey is not None,
        }
        return tuple(name for name, checklist in checklists().items() if fits[checklist.about])

    @model_validator(mode="after")
    def _has_a_strand(self) -> Definition:
        if self.survey is None and self.coded_text is None:
            raise ValueError("a study needs a survey, coded text, or both")
        if self.linking and not (self.survey and self.coded_text):
            raise ValueError("linking joins two strands; this study has one")
        if self.robustness and not self.claims:
            raise ValueError("robustness is that of the numbers of the claims; name their file under `claims:`")
        if self.joining != Joining() and not self.linking:
            raise ValueError("joining sets side by side what a linking file names; this study has none")
        return self
