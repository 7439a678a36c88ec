"""Compiled templates are kept for the next run, and nothing depends on them."""

from pathlib import Path

from jinja2 import DictLoader, Environment

from importer.report.page_templates import KeptTemplates


def rendered(folder: Path, text: str = "Total {{ total }}") -> str:
    environment = Environment(loader=DictLoader({"page": text}), bytecode_cache=KeptTemplates(folder), autoescape=True)
    return environment.get_template("page").render(total=5)


def test_a_template_is_compiled_once(tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "pages"
    assert rendered(folder) == "Total 5"
    (kept,) = folder.iterdir()
    written = kept.read_bytes()
    assert rendered(folder) == "Total 5" and kept.read_bytes() == written


def test_a_changed_template_is_compiled_again(tmp_path: Path) -> None:
    assert rendered(tmp_path) == "Total 5" and rendered(tmp_path, "Sum {{ total }}") == "Sum 5"
    assert rendered(tmp_path, "Sum {{ total }}") == "Sum 5" and len(list(tmp_path.iterdir())) == 1


def test_a_damaged_file_is_compiled_again(tmp_path: Path) -> None:
    rendered(tmp_path)
    (kept,) = tmp_path.iterdir()
    whole = kept.read_bytes()
    for damaged in (b"", b"nonsense", whole[:-10], *(whole[:length] for length in range(10, 100))):
        kept.write_bytes(damaged)
        assert rendered(tmp_path) == "Total 5"
    assert kept.read_bytes() == whole


def test_a_draft_that_cannot_take_its_place_is_removed(tmp_path: Path) -> None:
    rendered(tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.unlink()
    (kept / "in the way").mkdir(parents=True)
    assert rendered(tmp_path) == "Total 5" and list(tmp_path.iterdir()) == [kept]


def test_a_folder_that_cannot_be_used_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert rendered(tmp_path / "file" / "pages") == "Total 5"
