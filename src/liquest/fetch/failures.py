"""What can go wrong between here and a venue.

LiquestError
└── FetchError         the venue's bytes could not be had
    ├── Absent         the venue says that it has no such file (404, 410)
    ├── Refused        the answer came and may not be taken
    │   └── Mismatch   its bytes are not those of the published checksum
    ├── Unreachable    every attempt failed
    └── Stopped        the run was ended from outside
"""

from __future__ import annotations

from ..errors import LiquestError, Text


class FetchError(LiquestError):
    """The venue's bytes could not be had."""

    exit_code = 3


class Absent(FetchError):
    """The venue says that it has no such file."""

    def __init__(self, url: str, status: int = 404) -> None:
        super().__init__(
            Text(f"the venue has no such file ({status})", f"交易场所没有该文件（{status}）"),
            where=url,
            remedy=Text(
                "Check symbol and date; daily files appear the next day, and venues remove some.",
                "请核对合约与日期；日度文件于次日发布，部分文件可能已被移除。",
            ),
        )


class Refused(FetchError):
    """The answer came and may not be taken."""


class Mismatch(Refused):
    """The bytes are not those that the venue's own checksum names."""

    def __init__(self, url: str, *, published: str, got: str, reason: Text | None = None) -> None:
        super().__init__(
            reason
            or Text(
                f"the bytes do not fit the published checksum: expected {published}, got {got}",
                f"内容与公布的校验和不符：应为 {published}，实为 {got}",
            ),
            where=url,
            remedy=Text(
                "The file is kept aside as *.rejected; run the command again later.",
                "该文件已另存为 *.rejected；请稍后重新运行。",
            ),
        )
        self.published = published
        self.got = got


class Unreachable(FetchError):
    """Every attempt failed."""

    def __init__(self, url: str, attempts: int, last: str) -> None:
        super().__init__(
            Text(
                f"given up after {attempts} attempts; the last one: {last}",
                f"尝试 {attempts} 次后放弃；最后一次：{last}",
            ),
            where=url,
            remedy=Text(
                "Check the network and run the command again: it goes on where it stopped.",
                "请检查网络后重新运行：将从中断处继续。",
            ),
        )


class Stopped(FetchError):
    """The run was ended from outside."""

    def __init__(self, url: str) -> None:
        super().__init__(Text("the run was stopped", "运行已中止"), where=url)
