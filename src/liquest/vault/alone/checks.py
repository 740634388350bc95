"""The checks of a bundle: files, log, checkpoints, items, findings."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath

from .container import Container, digest, read
from .text import NONE, Broken, Found, Key, b64, canonical, checked_id, in_order, signed_text

NOTE, KEY, ENTRIES, OBJECTS = "bundle.note", "vault/key.pub", "vault/log/entries", "vault/objects/"
HEAD = "liquest bundle 1"
EMPTY = hashlib.sha256(b"").digest()


def good(name: str, subject: str, en: str, zh: str) -> Found:
    """A check that passed."""
    return Found(name, subject, "valid", NONE, (en, zh))


def bad(name: str, subject: str, error: Broken) -> Found:
    """A check that failed, in the words of the error."""
    return Found(name, subject, "invalid", NONE, error.words)


def wrong(name: str, subject: str, en: str, zh: str, want: str = "", got: str = "") -> Found:
    """A check that failed."""
    return bad(name, subject, Broken(en, zh, want, got))


def check_key(box: Container, demanded: str) -> tuple[Key | None, Found]:
    """The key of the bundle, and whether it is the one that the reader demands."""
    try:
        text = read(box, KEY).decode("utf-8", "replace")
        key, vkey = Key.of(text), text[:-1]
        if demanded and demanded.strip() != vkey:
            raise Broken("the bundle is signed by another key", "证据包由另一把密钥签名",
                         demanded.strip(), vkey)  # fmt: skip
    except Broken as error:
        return None, bad("key", KEY, error)
    if demanded:
        return key, good("key", KEY, f"the key that you gave: {vkey}", f"即您给出的密钥：{vkey}")
    return key, Found(
        "key", KEY, "valid with assumption",
        (f"{vkey} is the investigator's key: compare it with one that came by another way",
         f"{vkey} 确为调查者的公钥：请经其他途径核对"),
        ("the key is well formed", "公钥格式正确"),
    )  # fmt: skip


def _listed(box: Container, key: Key) -> dict[str, tuple[str, int]]:
    """The signed list: (digest, size) by name."""
    lines = signed_text(read(box, NOTE), key).split("\n")
    if lines[:2] != [HEAD, f"origin {key.name}"]:
        raise Broken("the list is not of a bundle of this log", "清单不属于此日志的证据包",
                     f"{HEAD}, origin {key.name}", ", ".join(lines[:2])[:120])  # fmt: skip
    listed = {}
    for line in lines[2:-1]:
        found = re.fullmatch(r"([0-9a-f]{64}) (\d+) (.+)", line)
        if found is None or found[3] in listed:
            raise Broken("a line of the list is no file or stands twice", "清单中有无效或重复的行",
                         "digest, size, name", line[:100])  # fmt: skip
        listed[found[3]] = (found[1], int(found[2]))
    return listed


def check_files(box: Container, key: Key) -> list[Found]:
    """Every file against the signed list: changed, missing, extra."""
    try:
        listed = _listed(box, key)
    except Broken as error:
        return [bad("list", NOTE, error)]
    made = [good("list", NOTE, f"signed; {len(listed)} files", f"签名有效，{len(listed)} 个文件")]
    for name in sorted(listed.keys() - set(box.names)):
        made.append(wrong("file", name, f"{name} is missing: it is in the signed list",
                          f"缺少 {name}：签名清单中有此文件"))  # fmt: skip
    for name in sorted(set(box.names) - listed.keys() - {NOTE}):
        made.append(wrong("file", name, f"{name} is extra: it is not in the signed list",
                          f"多出 {name}：不在签名清单中"))  # fmt: skip
    here = sorted(listed.keys() & set(box.names))
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        seen = dict(zip(here, pool.map(lambda n: digest(box, n), here)))  # noqa: B905
    for name, (sha, size) in seen.items():
        want = listed[name]
        if (sha, size) != want:
            made.append(wrong("file", name, f"{name} was changed", f"{name} 被改动",
                              f"{want[0]}, {want[1]} bytes", f"{sha}, {size} bytes"))  # fmt: skip
        elif name.startswith(OBJECTS) and named(name) != sha:
            made.append(wrong("object", name, f"{name} does not hold the bytes that it names",
                              f"{name} 的内容与名称不符", named(name), sha))  # fmt: skip
    if len(made) == 1:
        made.append(good("files", f"{len(here)}", "each has the bytes that were signed",
                         "内容均与签名一致"))  # fmt: skip
    return made


def named(name: str) -> str:
    """The digest that an object's name says."""
    return name[len(OBJECTS) :].replace("/", "", 1)


def roots(lines: list[bytes], sizes: Iterable[int]) -> dict[int, bytes]:
    """The Merkle roots of the first n lines, for every n in `sizes` (RFC 6962, 2.1)."""
    wanted, made = set(sizes), {0: EMPTY}
    edge: list[tuple[int, bytes]] = []
    for size, line in enumerate(lines, 1):
        node, level = hashlib.sha256(b"\0" + line).digest(), 0
        while edge and edge[-1][0] == level:
            node, level = hashlib.sha256(b"\1" + edge.pop()[1] + node).digest(), level + 1
        edge.append((level, node))
        if size in wanted:
            root = node
            for _, left in edge[-2::-1]:
                root = hashlib.sha256(b"\1" + left + root).digest()
            made[size] = root
    return made


def check_points(box: Container, key: Key, lines: list[bytes]) -> list[Found]:
    """Every checkpoint: signed, of this log, the root of its beginning; the last of all of it."""
    made: list[Found] = []
    points: list[tuple[str, int, bytes]] = []
    for name in (n for n in box.names if n.startswith("vault/checkpoints/")):
        try:
            text = signed_text(read(box, name), key).split("\n")
            if len(text) != 4 or text[0] != key.name or not re.fullmatch(r"\d{1,18}", text[1]):
                raise Broken("the note is no checkpoint of this log", "该文本不是此日志的检查点",
                             f"{key.name}, size, root", ", ".join(text)[:120])  # fmt: skip
            points.append((name, int(text[1]), b64(text[2])))
        except Broken as error:
            made.append(bad("checkpoint", name, error))
    have = roots(lines, (size for _, size, _ in points))
    for name, size, root in points:
        if PurePosixPath(name).name != f"{size:012d}":
            made.append(wrong(
                "checkpoint", name, "another checkpoint stands in its place: an older one replayed",
                "此处是另一检查点：旧检查点重放", PurePosixPath(name).name, f"{size:012d}"
            ))  # fmt: skip
        elif size > len(lines):
            made.append(wrong(
                "checkpoint", name, "the log is shorter than what was signed",
                "日志短于已签名的长度", f"{size} lines", f"{len(lines)} lines"
            ))  # fmt: skip
        elif have[size] != root:
            made.append(wrong(
                "checkpoint", name, f"a fork: the first {size} lines have another root than signed",
                f"日志分叉：前 {size} 行的根与签名不符", root.hex(), have[size].hex()
            ))  # fmt: skip
        else:
            made.append(good("checkpoint", name, f"signed; the root of the first {size} lines",
                             f"签名有效；为前 {size} 行的根"))  # fmt: skip
    newest = max((size for _, size, _ in points), default=0)
    if newest < len(lines) or not points:
        made.append(wrong(
            "checkpoint", ENTRIES,
            "no checkpoint covers the whole log: an older one replayed, or lines added",
            "没有覆盖整个日志的检查点：旧检查点重放，或添加了条目",
            f"{len(lines)} lines", f"{newest} lines"
        ))  # fmt: skip
    return made


def _check_line(box: Container, number: int, line: bytes, ids: set[str]) -> tuple[str, str]:
    """One manifest line; returns the digest of its object, and that of the original which the
    object is a version of, its credentials withheld ("" for any other)."""
    text = line.decode("utf-8", "surrogateescape")
    item = checked_id(text, (f"line {number} of the manifest", f"清单第 {number} 行"))
    if (in_order(item) if max(text) < "\ue000" else canonical(item)) != text:
        raise Broken(f"line {number} is not canonical JSON", f"第 {number} 行不是规范 JSON")
    if item["parent"] and item["parent"] not in ids:
        raise Broken(f"line {number} names a parent that is not before it",
                     f"第 {number} 行的上级不在其前", "an earlier id", item["parent"])  # fmt: skip
    ids.add(item["id"])
    sha = str(item["sha256"])
    name = f"{OBJECTS}{sha[:2]}/{sha[2:]}"
    if name not in box.sizes or box.sizes[name] != item["size"]:
        got = f"{box.sizes[name]} bytes" if name in box.sizes else "nothing"
        raise Broken(f"line {number} ({item['source']}) does not have its object",
                     f"第 {number} 行（{item['source']}）没有相应的对象",
                     f"{name}, {item['size']} bytes", got)  # fmt: skip
    rules, _, original = str(item["transform"]).partition(":")
    return sha, original if rules.startswith("credentials-") and item["parent"] else ""


def check_items(box: Container, lines: list[bytes]) -> tuple[list[Found], set[str]]:
    """Every manifest line: canonical, its id right, its parent before it, its object here."""
    made: list[Found] = []
    ids: set[str] = set()
    digests: set[str] = set()
    originals: set[str] = set()
    for number, line in enumerate(lines, 1):
        try:
            digest, original = _check_line(box, number, line, ids)
            digests.add(digest)
            originals.add(original)
        except Broken as error:
            made.append(bad("item", f"{ENTRIES}:{number}", error))
        except (KeyError, TypeError, ValueError) as error:
            made.append(wrong("item", f"{ENTRIES}:{number}", f"line {number} is no item: {error}",
                              f"第 {number} 行不是条目：{error}"))  # fmt: skip
    for name in box.names:
        if name.startswith(OBJECTS) and named(name) not in digests:
            made.append(wrong("object", name, f"{name} is named by no line of the log",
                              f"{name} 不被日志中任何一行提及"))  # fmt: skip
    if not made:
        made.append(good("items", ENTRIES, f"{len(lines)} lines, each with its object",
                         f"{len(lines)} 行，对象齐全"))  # fmt: skip
    return made, digests | originals


def check_findings(box: Container, digests: set[str]) -> list[Found]:
    """Every finding: its id right, the bytes that it stands on in the log."""
    made: list[Found] = []
    count, unsealed = 0, set()
    for name in box.names:
        if not re.fullmatch(r"out/findings/[^/]+(?<!\.problems)\.jsonl", name):
            continue
        text = read(box, name).decode("utf-8", "surrogateescape")
        for number, line in enumerate(text.split("\n")[:-1], 1):
            try:
                one = checked_id(line, (f"finding {number}", f"第 {number} 条结论"))
                unsealed |= {i["source"] for i in one["inputs"]} - digests
                count += 1
            except (Broken, KeyError, TypeError) as error:
                kept = error if isinstance(error, Broken) else Broken(f"{error}", f"{error}")
                made.append(bad("finding", f"{name}:{number}", kept))
    if count and not made:
        made.append(good("findings", "out/findings", f"{count} have the ids of their content",
                         f"{count} 条结论的编号与内容相符"))  # fmt: skip
    if unsealed:
        shown = ", ".join(sorted(unsealed))[:200]
        made.append(Found(
            "findings", "out/findings", "pending", NONE,
            (f"{len(unsealed)} of the sources of findings are not sealed: {shown}",
             f"结论的来源中有 {len(unsealed)} 个未封存：{shown}"),
        ))  # fmt: skip
    return made
