import io
import stat
import warnings
import zipfile
from pathlib import Path

import pytest

from plait.errors import StudyError
from plait.qualitative.package import Limits, read_package


def zipped(path: Path, members: dict[str, bytes], *more: tuple[str, bytes]) -> Path:
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # repeated names are the point of one test
        for name, data in [*members.items(), *more]:
            archive.writestr(name, data)
    return path


def refusal(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(StudyError) as error:
        read_package(path, "p.qdpx", (".qde", ".txt"), limits or Limits())
    assert all(p.file == "p.qdpx" for p in error.value.problems)
    return str(error.value)


def test_only_what_is_wanted_is_read(tmp_path) -> None:
    path = zipped(tmp_path / "p", {"Project.QDE": b"x", "Sources/a.TXT": b"a", "Sources/film.mp4": b"f" * 99})
    wanted = {"Project.QDE": b"x", "Sources/a.TXT": b"a"}
    assert read_package(path, "p.qdpx", (".qde", ".txt")) == wanted
    assert read_package(path, "p.qdpx", {"A.txt"}) == {"Sources/a.TXT": b"a"}


def test_what_an_operating_system_adds_is_passed_over(tmp_path) -> None:
    path = zipped(tmp_path / "p", {"project.qde": b"x", "__MACOSX/._project.qde": b"?", "sources/.DS_Store": b"?"})
    assert read_package(path, "p.qdpx", (".qde",)) == {"project.qde": b"x"}


@pytest.mark.parametrize("name", ["../evil.txt", "a/../../evil.txt", "/etc/evil.txt", "C:/evil.txt", "a\\..\\evil.txt"])
def test_a_path_that_leads_outside_is_refused(tmp_path, name: str) -> None:
    assert "leads outside the package" in refusal(zipped(tmp_path / "p", {"project.qde": b"x", name: b"y"}))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["p"]


@pytest.mark.parametrize("second", ["project.qde", "PROJECT.qde"])
def test_two_members_of_one_name_are_refused(tmp_path, second: str) -> None:
    assert "2 members of one name" in refusal(zipped(tmp_path / "p", {"project.qde": b"x"}, (second, b"y")))


def test_a_link_is_refused(tmp_path) -> None:
    with zipfile.ZipFile(tmp_path / "p", "w") as archive:
        link = zipfile.ZipInfo("sources/a.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert "a link instead of a file" in refusal(tmp_path / "p")


def test_an_encrypted_member_is_refused(tmp_path) -> None:
    data = bytearray(zipped(tmp_path / "p", {"project.qde": b"x"}).read_bytes())
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "p").write_bytes(data)
    assert "encrypted" in refusal(tmp_path / "p")


@pytest.mark.parametrize("keep", [0, 10, 100, -30])
def test_a_file_that_was_cut_off_is_refused(tmp_path, keep: int) -> None:
    path = zipped(tmp_path / "p", {"project.qde": b"x" * 50, "sources/a.txt": bytes(range(256))})
    path.write_bytes(path.read_bytes()[:keep])
    assert "cannot be read as a zip package" in refusal(path)


def test_damaged_content_is_refused(tmp_path) -> None:
    data = bytearray(zipped(tmp_path / "p", {"sources/a.txt": bytes(range(256)) * 9}).read_bytes())
    data[60] ^= 0xFF
    (tmp_path / "p").write_bytes(data)
    assert "cannot be read as a zip package" in refusal(tmp_path / "p")


def test_limits_hold_before_anything_is_read(tmp_path) -> None:
    path = zipped(tmp_path / "p", {"project.qde": b"0" * 3_000_000, "sources/a.txt": b"ab"})
    assert "packed more than 200 to 1" in refusal(path)
    assert "holds 2 members; at most 1" in refusal(path, Limits(members=1))
    assert "of text in one member" in refusal(path, Limits(member_bytes=10**6, ratio=10**6))
    assert "of text in all" in refusal(path, Limits(total_bytes=10**6, ratio=10**6))


def test_a_long_film_is_no_reason_to_refuse(tmp_path) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("project.qde", "x")
        archive.writestr("sources/film.mp4", b"f" * 5000)
    (tmp_path / "p").write_bytes(data.getvalue())
    assert read_package(tmp_path / "p", "p", (".qde",), Limits(member_bytes=100, total_bytes=100))


def test_a_missing_file_is_told(tmp_path) -> None:
    assert "there is no such file" in refusal(tmp_path / "gone")
