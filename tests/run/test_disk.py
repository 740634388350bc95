"""disk: a file is there whole or not at all; what the file system refuses is one clear error."""

from __future__ import annotations

import errno
from pathlib import Path

import duckdb
import pytest

from liquest.errors import OutputError
from liquest.run.disk import output_error, whole, writing


def test_a_file_takes_its_place_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("before")
    with whole(path) as out:
        out.write("after 之后")
        assert path.read_text() == "before"
    assert path.read_text(encoding="utf-8") == "after 之后"
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_a_file_that_was_not_finished_leaves_no_trace(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "a.json"
    path.write_text("before")
    with pytest.raises(type(error)), whole(path) as out:
        out.write("half")
        raise error
    assert path.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_the_folder_is_made(tmp_path: Path) -> None:
    with writing(tmp_path / "a" / "b"):
        assert (tmp_path / "a" / "b").is_dir()


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        duckdb.IOException("Could not write all bytes: No space left on device"),
        duckdb.OutOfMemoryException("… set by the 'max_temp_directory_size' setting"),
    ],
)
def test_a_full_disk(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(OutputError) as refused, writing(tmp_path):
        raise error
    assert refused.value.exit_code == 4
    assert "the disk is full" in refused.value.render("en")
    assert "磁盘空间不足" in refused.value.render("zh")
    assert refused.value.remedy is not None and refused.value.where == str(tmp_path)


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.EPERM])
def test_a_folder_that_may_not_be_written(tmp_path: Path, code: int) -> None:
    with pytest.raises(OutputError) as refused, writing(tmp_path):
        raise OSError(code, "no", str(tmp_path / "x"))
    assert "--out" in refused.value.render("en")


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OutputError), writing(out):
            pass


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EACCES, "Permission denied", "/data/source.csv"),
        OSError(errno.EIO, "Input/output error"),
        duckdb.InvalidInputException("File '/mnt/disk1/bad.parquet' is no Parquet file"),
    ],
)
def test_what_is_wrong_with_a_source_is_no_fault_of_the_output(
    tmp_path: Path, error: OSError | duckdb.Error
) -> None:
    assert output_error(error, tmp_path) is None
    with pytest.raises(type(error)) as raised, writing(tmp_path):
        raise error
    assert raised.value is error
