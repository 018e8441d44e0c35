"""The reviewers' notebooks, executed: what they find, what they tell, and what they keep to themselves."""

from __future__ import annotations

import json
import os
import platform
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from nbformat import v4

from plait import tables
from plait.descriptions import short_name
from plait.errors import StudyError
from plait.report import notebooks
from plait.report.masthead import Masthead
from plait.report.notebook_page import checks_in, tally
from plait.report.notebooks import execute_notebooks
from report.make_published import empty_published
from report.results_folder import copy_example, write_results

pytestmark = [pytest.mark.rendering, pytest.mark.slow]
STUDY = Masthead("School libraries", ("Simulated data",))
EXAMPLES = ["ecf-rural-coastal", "ite-mentors"]
RUN = (
    "import sys\nfrom pathlib import Path\nfrom plait.report.masthead import Masthead\n"
    "from plait.report.notebooks import execute_notebooks\n"
    "execute_notebooks([Path(s) for s in sys.argv[2:]], Path(sys.argv[1]), Masthead('School libraries'))"
)
PREPARED = "# Loans\n\nIt counts."
Notebook = Callable[..., Path]


@pytest.fixture(scope="module")
def sources(root: Path) -> list[Path]:
    return sorted((root / "notebooks").glob("*.ipynb"))


@pytest.fixture
def notebook(tmp_path: Path) -> Notebook:
    """Write a small notebook that runs some code after its parameters."""

    def write(source: str, name: str = "loans.ipynb") -> Path:
        cells = [v4.new_markdown_cell(PREPARED), v4.new_code_cell("results = None", metadata={"tags": ["parameters"]})]
        cells += [
            v4.new_code_cell("from plait.report.review import Checks\nchecks = Checks()"),
            v4.new_code_cell(source),
        ]
        for number, cell in enumerate(cells):
            cell.id = f"loans-{number}"
        nbformat.write(v4.new_notebook(cells=cells), tmp_path / name)
        return tmp_path / name

    return write


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_check_holds_of_the_examples_and_nothing_warns(root: Path, sources: list[Path], tmp_path: Path) -> None:
    for study in EXAMPLES:
        results = copy_example(root, study, tmp_path / study)
        execute_notebooks(sources, results / "notebooks", STUDY)
        assert files(results / "notebooks") == sorted(
            [f"{s.stem}.{kind}" for s in sources for kind in ("html", "ipynb")] + ["study.json"]
        )
        for source in sources:
            executed = nbformat.read(results / "notebooks" / source.name, as_version=4)
            assert tally(executed).failed == 0
            assert tally(executed).passed > 3
            statements = [check["statement"] for check in checks_in(executed)]
            assert [s for s in statements if statements.count(s) > 1] == []
            streams = [o for cell in executed.cells for o in cell.get("outputs", []) if o.output_type == "stream"]
            assert [o.text for o in streams if o.name == "stderr"] == []


def test_a_study_without_a_number_has_nothing_to_check_and_passes(sources: list[Path], tmp_path: Path) -> None:
    results = write_results(tmp_path, empty_published())
    execute_notebooks(sources, results / "notebooks", STUDY)
    for source in sources:
        made = tally(nbformat.read(results / "notebooks" / source.name, as_version=4))
        assert (made.failed, made.idle > 3) == (0, True)
        page = (results / "notebooks" / f"{source.stem}.html").read_text(encoding="utf-8")
        assert "nothing of this kind was published." in page


DAMAGES = [
    ("row_flow", "rows_out", "cleaning_and_weighting", "every step adds up: rows in - dropped = rows out"),
    (
        "sample_profile",
        "base_unweighted",
        "cleaning_and_weighting",
        "every unweighted per cent follows from the counts",
    ),
    ("weighting", "value", "cleaning_and_weighting", "raking converged"),
    ("weight_distribution", "respondents", "cleaning_and_weighting", "the distribution of weights holds everyone"),
    ("survey_estimates", "base_unweighted", "survey_findings", "all options of a question have one base in a group"),
    ("survey_estimates", "ci_high", "survey_findings", "every interval holds its share"),
    ("survey_tests", "statistic", "survey_findings", "p worked out from statistic and degrees of freedom"),
    ("survey_models", "ci_low", "survey_findings", "every interval holds its coefficient"),
    ("suppression_log", "cells", "survey_findings", "survey_estimates: what is missing is what the log says"),
    ("agreement_counts", "both", "coding_and_agreement", "cohen_kappa worked out from the counts is the published one"),
    ("coding_steps", "segments_in", "coding_and_agreement", "every step adds up: in + added - removed = out"),
    ("theme_counts", "per_cent", "coding_and_agreement", "per cents are those of the counts"),
    ("cooccurrence", "n_both", "coding_and_agreement", "Jaccard's index worked out from the counts"),
    ("saturation_curve", "new", "coding_and_agreement", "new codes add up to codes so far"),
    ("attack_audit", "verdict", "survey_findings", "no hidden group of the survey can be found"),
    ("joint_display", "per_cent", "integration", "a survey item has its per cent from the survey's table"),
    ("unlinked", "item", "integration", "every question is linked or told to be left out"),
    ("joining", "joined", "integration", "where nothing is hidden the parts add up to everyone"),
    (
        "strands_by_group",
        "per_cent",
        "integration",
        "a group's survey item has per cent, interval and base from the survey's table",
    ),
    ("strands_by_group", "n", "integration", "a group's themes have the counts that the theme table has"),
    ("statistics_by_theme", "base", "integration", "no more of them speak of a theme than the theme table has"),
    ("quote_matrix", "of", "integration", "the counts beside quotations are those of the theme table"),
    ("quotes", "text", "integration", "a quotation has the words and the attribution of the table of quotations"),
    ("claims", "value", "integration", "every number of a sentence is that of the published cell it names"),
    ("claims", "printed", "integration", "what is printed stands in its sentence"),
    ("robustness", "difference", "integration", "every difference is that of the values, up to rounding"),
    ("robustness", "base", "integration", "a reported number is that of its sentence, with its interval and base"),
]


def changed(value: Any) -> Any:
    return f"not {value}" if isinstance(value, str) else 2 * value + 7


def test_a_number_that_was_changed_is_noticed(root: Path, sources: list[Path], tmp_path: Path) -> None:
    """Somebody corrects numbers and words by hand, in each table: each is told, and stays to be seen."""
    results = copy_example(root, "ite-mentors", tmp_path)
    (results / "published" / "datapackage.json").unlink()  # its hashes would tell before any check is made
    known = {short_name(table): table for table in tables.PUBLISHED}
    for name, column, _, _ in DAMAGES:
        file = results / "published" / f"{name}.csv"
        frame = tables.read_csv(file, known[name])
        told = frame[column].notna()
        if name == "suppression_log":  # what was merged is not missing
            told &= ~frame["rule"].str.startswith("merged")
        first = frame.index[told][1 if name == "weighting" else 0]  # how many rounds is no mistake
        frame.loc[first, column] = {"ci_high": 0, "ci_low": 90}.get(column, changed(frame.loc[first, column]))
        tables.write_csv(frame, file)
    with pytest.raises(StudyError) as caught:
        execute_notebooks(sources, results / "notebooks", STUDY)
    problems = [(problem.file, problem.message) for problem in caught.value.problems]
    for _, _, notebook, statement in DAMAGES:
        assert any(file == f"{notebook}.ipynb" and f"a check failed: {statement}" in said for file, said in problems), (
            statement
        )
    assert files(results / "notebooks") == sorted(
        [f"{s.stem}.failed.{kind}" for s in sources for kind in ("html", "ipynb")] + ["study.json"]
    )
    page = (results / "notebooks" / "survey_findings.failed.html").read_text(encoding="utf-8")
    assert re.search(r"\d checks failed", page)
    assert '<li class="fail"><b>FAIL</b> <span>every interval holds its share' in page


def test_what_failed_is_gone_once_it_is_mended(
    notebook: Notebook, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bad = notebook("checks.that('the roof is tight', False)")
    with pytest.raises(StudyError, match=r"loans.ipynb: a check failed: the roof is tight\n.*see loans.failed.html"):
        execute_notebooks([bad], tmp_path / "out", STUDY)
    assert files(tmp_path / "out") == ["loans.failed.html", "loans.failed.ipynb", "study.json"]
    execute_notebooks([notebook("checks.that('the roof is tight', True)")], tmp_path / "out", STUDY)
    assert files(tmp_path / "out") == ["loans.html", "loans.ipynb", "study.json"]
    assert capfd.readouterr() == ("", "")  # no kernel was left hanging


def test_a_cell_that_cannot_be_run_tells_where_and_not_on_whose_machine(notebook: Notebook, tmp_path: Path) -> None:
    here = "import warnings, os\nwarnings.warn(f'damp in {os.getcwd()}/shelf.csv')\nopen(os.getcwd() + '/no such/book.csv')"
    out = tmp_path / "Jo O'Neill" / "out"
    with pytest.raises(StudyError) as told:
        execute_notebooks([notebook(here)], out, STUDY)
    assert "loans.ipynb, cell 4: a cell could not be run: FileNotFoundError" in str(told.value)
    assert "book.csv" in str(told.value)
    written = "".join(path.read_text(encoding="utf-8") for path in out.iterdir()) + str(told.value)
    assert "damp in shelf.csv" in written
    for secret in (str(tmp_path), "Neill", str(Path.home()), sys.prefix, platform.node(), "ipykernel_"):
        assert secret not in written, secret


def test_a_notebook_without_a_check_is_a_problem(notebook: Notebook, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="no check was made in it"):
        execute_notebooks([notebook("print('PASS  everything')")], tmp_path / "out", STUDY)


def test_one_cell_is_tagged_parameters(notebook: Notebook, tmp_path: Path) -> None:
    source = notebook("checks.that('dry', True)")
    source.write_text(source.read_text(encoding="utf-8").replace('"parameters"', '"other"'), encoding="utf-8")
    with pytest.raises(StudyError, match="has 0 cells tagged 'parameters'"):
        execute_notebooks([source], tmp_path / "out", STUDY)


def test_a_users_own_kernels_and_start_up_files_change_nothing(
    notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = tmp_path / "jupyter" / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(json.dumps({"argv": ["/no/such/python"], "display_name": "mine", "language": "python"}))
    start = tmp_path / "ipython" / "profile_default" / "startup" / "mine.py"
    start.parent.mkdir(parents=True)
    start.write_text("mine = True")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    execute_notebooks([notebook("checks.that('nothing is mine', 'mine' not in dir())")], tmp_path / "out", STUDY)
    assert (tmp_path / "out" / "loans.html").is_file()


LAST = "checks.that('the last line is reached', True)"


def test_no_notebook_meets_what_another_has_done(notebook: Notebook, tmp_path: Path) -> None:
    """Their kernels come from one process, and are as fresh as if each had been started by itself."""
    first = "import os, sys, pandas\nmine = pandas.mine = True\nsys.modules['statistics'] = os.environ['MINE'] = 'mine'"
    told = "from pathlib import Path\nPath('first').write_text(str(os.getpid()))"
    wait = "import os, sys, time, pandas\nfrom pathlib import Path\nwhile not Path('first').exists(): time.sleep(0.01)"
    alone = (
        "import statistics\nseen = ['mine' in dir(), hasattr(pandas, 'mine'), statistics == 'mine', 'MINE' in os.environ]\n"
        "checks.that('nothing is seen of the first', not any(seen))\nprint(os.getpid())"
    )
    sources = [notebook(f"{first}\n{told}\n{LAST}", "first.ipynb"), notebook(f"{wait}\n{alone}", "second.ipynb")]
    execute_notebooks(sources, tmp_path / "out", STUDY)
    second = nbformat.read(tmp_path / "out" / "second.ipynb", as_version=4)
    assert second.cells[-1].outputs[-1].text.strip() != (tmp_path / "out" / "first").read_text()


def test_a_kernel_that_dies_is_told_and_the_others_end(notebook: Notebook, tmp_path: Path) -> None:
    sources = [notebook("import os\nos._exit(1)", "dies.ipynb"), notebook(LAST, "lives.ipynb")]
    with pytest.raises(
        StudyError, match=r"1 problem to mend:\n.*dies.ipynb: it could not be run to its end: Kernel died"
    ):
        execute_notebooks(sources, tmp_path / "out", STUDY)
    assert files(tmp_path / "out") == [
        *("dies.failed.html", "dies.failed.ipynb", "lives.html", "lives.ipynb", "study.json")
    ]


def test_a_cell_that_takes_too_long_is_told(
    notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = "from plait.report import notebook_run\nnotebook_run._SECONDS = 1\nnotebook_run.main()"
    monkeypatch.setattr(notebooks, "_RUN", (sys.executable, "-P", "-c", run))
    with pytest.raises(StudyError, match=r"loans.ipynb: a cell took more than 1 seconds"):
        execute_notebooks([notebook("import time\ntime.sleep(600)")], tmp_path / "out", STUDY)


def test_where_nothing_can_be_forked_kernels_are_started(
    notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = notebook(f"import os\nprint(sorted(os.listdir()))\n{LAST}")
    execute_notebooks([source], tmp_path / "forked", STUDY)
    run = "from plait.report import notebook_run\nnotebook_run.CAN_FORK = False\nnotebook_run.main()"
    monkeypatch.setattr(notebooks, "_RUN", (sys.executable, "-P", "-c", run))
    execute_notebooks([source], tmp_path / "started", STUDY)
    made = [{path.name: path.read_bytes() for path in (tmp_path / how).iterdir()} for how in ("forked", "started")]
    assert made[0] == made[1]


ENDS: dict[str, Callable[[int, int], None]] = {
    "nothing happens": lambda caller, run: None,
    "the caller is killed": lambda caller, run: os.kill(caller, signal.SIGKILL),
    "the caller is told to end": lambda caller, run: os.kill(caller, signal.SIGTERM),
    "the caller is interrupted": lambda caller, run: os.kill(caller, signal.SIGINT),
    "the process that runs notebooks is killed": lambda caller, run: os.kill(run, signal.SIGKILL),
}


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("happens", ENDS)
def test_no_process_outlives_its_caller(root: Path, notebook: Notebook, tmp_path: Path, happens: str) -> None:
    rest = 0 if happens == "nothing happens" else 600
    who = "import os, time\nfrom pathlib import Path\nPath('.part').write_text(f'{os.getppid()} {os.getpid()}')\n"
    sources = [notebook(f"{who}os.rename('.part', 'who')\ntime.sleep({rest})\n{LAST}"), notebook(LAST, "short.ipynb")]
    out = tmp_path / "out"
    order = [sys.executable, "-c", RUN, str(out), *map(str, sources)]
    with subprocess.Popen(
        order, env=os.environ | {"PYTHONPATH": str(root / "src")}, stderr=subprocess.DEVNULL
    ) as started:
        soon((out / "who").exists)
        run, kernel = (int(pid) for pid in (out / "who").read_text().split())
        ENDS[happens](started.pid, run)
    soon(lambda: gone(run) and gone(kernel))
    assert (started.returncode == 0) == (happens == "nothing happens")


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE  # nobody may be there to bury it
    except psutil.NoSuchProcess:
        return True


def soon(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.02)
    pytest.fail("it did not come to pass")


def test_the_same_bytes_in_other_surroundings(root: Path, sources: list[Path], tmp_path: Path) -> None:
    surroundings = {
        "one": {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8"},
        "another place": {"PYTHONHASHSEED": "7", "TZ": "America/Caracas", "LC_ALL": "C", "LANG": "C", "COLUMNS": "20"},
    }
    made = []
    for place, settings in surroundings.items():
        results = copy_example(root, "ecf-rural-coastal", tmp_path / place)
        subprocess.run(
            [sys.executable, "-c", RUN, str(results / "notebooks"), *map(str, sources)],
            env=os.environ | {"PYTHONPATH": str(root / "src")} | settings,
            check=True,
        )
        made.append({path.name: path.read_bytes() for path in sorted((results / "notebooks").iterdir())})
    assert list(made[0]) == list(made[1])
    assert [name for name in made[0] if made[0][name] != made[1][name]] == []
    assert not [name for name, content in made[0].items() if str(tmp_path).encode() in content]


def test_the_sources_name_no_study_but_the_example_that_they_open(root: Path, sources: list[Path]) -> None:
    names = re.compile(r"\b(?:im_q\d|ec_[a-z]+|mentor\w*|teacher tapp)\b", re.IGNORECASE)
    for source in sources:
        for cell in nbformat.read(source, as_version=4).cells:
            if "parameters" not in cell.metadata.get("tags", []):
                assert not names.search(cell.source), cell.source
