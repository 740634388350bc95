"""What the file system refuses, as one clear error."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import OutputError, Text


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """OutputError for a full disk or a folder that may not be written; else the error itself."""
    try:
        yield
    except OSError as error:
        raise output_error(error, folder) from error


def output_error(error: OSError, folder: Path) -> Exception:
    """The OutputError for what `error` says about `folder`, or `error` when it says neither."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutputError(
            Text("the disk is full", "磁盘空间不足"), where=str(folder),
            remedy=Text(
                "Free some space and run it again: what is sealed stays sealed.",
                "请清理空间后重新运行：已封存的内容不会丢失。",
            ),
        )  # fmt: skip
    denied = error.errno in (errno.EACCES, errno.EROFS, errno.EPERM)
    if denied or isinstance(error, FileExistsError | NotADirectoryError):
        return OutputError(
            Text("the folder cannot be written", "文件夹无法写入"), where=str(folder),
            remedy=Text("Check its permissions.", "请检查其权限。"),
        )  # fmt: skip
    return error
