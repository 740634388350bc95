"""`liquest verify`: a case's vault, or a bundle, offline, check by check.

A bundle goes through the very verifier that travels in it (alone/), then its proofs of
trusted time are judged as well. A vault is checked in place: nothing in it is changed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ..errors import IntegrityError, LiquestError, Text, UsageError
from ..findings import read_findings
from ..run.executor import default_workers
from ..run.progress import Progress, shown
from . import proofs
from .alone.checks import ENTRIES, KEY, NOTE
from .alone.container import Container, Folder, Zip, read
from .alone.program import verify as verify_alone
from .alone.text import Broken
from .check import ASSUMING, INVALID, NOTHING, PENDING, VALID, Check
from .intake import digest
from .items import Item
from .log import Log, rebuild
from .merkle import leaf_hash
from .note import Checkpoint, Verifier
from .proofs.config import Trust, read_config
from .results import DOSSIER, recorded
from .store import Vault, check_agreement
from .withheld import original_of


@dataclass(frozen=True)
class Known:
    """What the reader knows from elsewhere, to hold the evidence against.

    `key`: the public key that must have signed; without it, the key is an assumption.
    `earlier`: checkpoints that were seen before; the log must continue each.
    `trust`: root certificates and block headers for the proofs of time.
    """

    key: str = ""
    earlier: tuple[Path, ...] = ()
    trust: Trust | None = None


def verify(
    path: Path, progress: Progress, *, out: Path | None = None, known: Known | None = None
) -> list[Check]:
    """Every check of a case folder, of an unpacked bundle or of a bundle file.

    Raises UsageError when `path` is neither a case nor a bundle.
    """
    known = known or Known()
    if (path / "case.toml").exists() or (path / "vault" / "log" / "state").exists():
        return verify_case(path, out or path / "out", progress, known)
    if path.is_file() or (path / "vault").is_dir() or (path / NOTE).exists():
        return verify_bundle(path, progress, known)
    raise UsageError(
        Text("there is no such case or bundle", "没有这样的案件或证据包"), where=str(path),
        remedy=Text("Give a case folder, a bundle, or a bundle's folder.",
                    "请给出案件文件夹、证据包或解压后的文件夹。"),
    )  # fmt: skip


def verify_bundle(path: Path, progress: Progress, known: Known) -> list[Check]:
    """The checks of a bundle."""
    with shown(progress, Text("Verifying", "核验"), 0):
        made = [
            Check(f.name, f.subject, f.status, Text(*f.assumption), Text(*f.detail))
            for f in verify_alone(path, known.key)
            if f.name != "time"
        ]
        if any(c.name in ("container", "name", "key") and c.status == INVALID for c in made):
            return made
        with tempfile.TemporaryDirectory(prefix="liquest-") as folder:
            box: Container = Folder(path) if path.is_dir() else Zip(path)
            points = _unpacked(box, Path(folder))
            if known.earlier:
                log = rebuild(Path(folder) / "log", read(box, ENTRIES))
                signer = Verifier.of(read(box, KEY).decode())
                made += [_continues(one, signer, log) for one in known.earlier]
            return made + _times(Path(folder), points, known.trust)


def _unpacked(box: Container, root: Path) -> dict[str, bytes]:
    """The proofs of a bundle laid out below `root`; returns the checkpoints by name."""
    points = {}
    for name in box.names:
        if name.startswith("vault/checkpoints/"):
            points[name.rpartition("/")[2]] = read(box, name)
        elif name.startswith("vault/proofs/"):
            place = root / name.removeprefix("vault/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(read(box, name))
    return points


def _continues(path: Path, signer: Verifier, log: Log) -> Check:
    """Whether the log continues a checkpoint that was seen before."""
    try:
        note = path.read_bytes()
        point = Checkpoint.of(signer.verify(note, str(path)), str(path))
        check_agreement(point, signer.name, log, str(path))
    except IntegrityError as error:
        return _invalid("earlier", str(path), error)
    except OSError as error:
        words = Text(f"cannot be opened: {error.strerror}", f"无法打开：{error.strerror}")
        return Check("earlier", str(path), INVALID, NOTHING, words)
    words = Text(f"the log continues it from line {point.size}", f"日志自第 {point.size} 行延续")
    return Check("earlier", str(path), VALID, NOTHING, words)


def verify_case(case_root: Path, out: Path, progress: Progress, known: Known) -> list[Check]:
    """The checks of the vault of a case and of the results below `out`."""
    try:
        vault = Vault.open(case_root, write=False)
    except IntegrityError as error:
        return [_invalid("log", str(case_root / "vault"), error)]
    with shown(progress, Text("Verifying", "核验"), 0):
        made = [_key(vault, known.key)]
        if made[0].status == INVALID:
            return made
        made += _checkpoints(vault)
        made += [_continues(one, vault.verifier, vault.log) for one in known.earlier]
        items, found = _items(vault)
        made += found + _objects(vault, items)
        originals = {original_of(i) for i in items}
        made += _findings(out, {i.sha256 for i in items} | originals)
        made += _dossier(vault, items, out)
        points = {p.name: raw for p, raw in vault.checkpoints()}
        return made + _times(vault.root, points, known.trust or _own_trust(case_root))


def _key(vault: Vault, demanded: str) -> Check:
    subject = "vault/key.pub"
    try:
        vkey = vault.verifier.vkey()
        if (vault.root / "key").exists():
            vault.signer()
        if demanded and demanded.strip() != vkey:
            raise IntegrityError(
                Text("the vault has another key", "证据库使用另一把密钥"),
                expected=demanded.strip(), got=vkey,
            )  # fmt: skip
    except IntegrityError as error:
        return _invalid("key", subject, error)
    fits = Text("the key is well formed", "公钥格式正确")
    if demanded:
        return Check("key", subject, VALID, NOTHING, fits)
    return Check(
        "key", subject, ASSUMING,
        Text(f"{vkey} is the investigator's key", f"{vkey} 确为调查者的公钥"), fits,
    )  # fmt: skip


def _checkpoints(vault: Vault) -> list[Check]:
    """Each kept checkpoint: its signature, its place, and that the log continues it."""
    made: list[Check] = []
    verifier = vault.verifier
    newest = 0
    for path, note in vault.checkpoints():
        subject = f"vault/checkpoints/{path.name}"
        try:
            point = Checkpoint.of(verifier.verify(note, subject), subject)
            if path.name != f"{point.size:012d}":
                raise IntegrityError(
                    Text("another checkpoint stands in its place: an older one replayed",
                         "此处是另一检查点：旧检查点重放"),
                    expected=path.name, got=f"{point.size:012d}", where=subject,
                )  # fmt: skip
            check_agreement(point, verifier.name, vault.log, subject)
        except IntegrityError as error:
            made.append(_invalid("checkpoint", subject, error))
            continue
        newest = max(newest, point.size)
        words = Text(f"signed; the root of the first {point.size} lines",
                     f"签名有效；为前 {point.size} 行的根")  # fmt: skip
        made.append(Check("checkpoint", subject, VALID, NOTHING, words))
    if newest < vault.log.size:
        left = vault.log.size - newest
        words = Text(f"{left} lines at the end are not signed yet; seal again to sign them",
                     f"末尾 {left} 行尚未签名；再次封存即可签名")  # fmt: skip
        made.append(Check("checkpoint", "vault/log", PENDING, NOTHING, words))
    return made


def _items(vault: Vault) -> tuple[list[Item], list[Check]]:
    """Every line: an item with its own id, its leaf hash in the tree, its parent before it."""
    items: list[Item] = []
    made: list[Check] = []
    ids: set[str] = set()
    try:
        for index, line in enumerate(vault.log.lines()):
            subject = f"vault/log/entries:{index + 1}"
            try:
                stored = vault.log.leaf(index)
                if (leaf := leaf_hash(line)) != stored:
                    raise IntegrityError(
                        Text("a line is not the one that was logged", "该行不是日志记下的那一行"),
                        expected=stored.hex(), got=leaf.hex(), where=subject,
                    )  # fmt: skip
                item = Item.of(line)
                if item.parent and item.parent not in ids:
                    raise IntegrityError(
                        Text("a line names a parent that is not before it", "该行的上级不在其前"),
                        expected="an earlier id", got=item.parent, where=subject,
                    )  # fmt: skip
            except IntegrityError as error:
                made.append(_invalid("item", subject, error))
                continue
            ids.add(item.id)
            items.append(item)
    except IntegrityError as error:
        made.append(_invalid("log", "vault/log/entries", error))
    made += _tree(vault)
    if not made:
        words = Text(f"{len(items)} lines, each with its id and in the tree",
                     f"{len(items)} 行，编号相符，均在树中")  # fmt: skip
        made.append(Check("items", "vault/log/entries", VALID, NOTHING, words))
    return items, made


def _tree(vault: Vault) -> list[Check]:
    """The stored inner hashes against the leaves: proofs are made from them."""
    try:
        vault.log.check_tree()
    except IntegrityError as error:
        return [_invalid("log", "vault/log/hashes", error)]
    return []


def _objects(vault: Vault, items: Sequence[Item]) -> list[Check]:
    """Every sealed object: there, of its size, with its digest."""
    sizes = {i.sha256: i for i in items}
    with ThreadPoolExecutor(default_workers()) as pool:
        made = [c for c in pool.map(lambda i: _object(vault, i), sizes.values()) if c is not None]
    if not made:
        words = Text(f"{len(sizes)} objects have the bytes that were sealed",
                     f"{len(sizes)} 个对象与封存时一致")  # fmt: skip
        made.append(Check("objects", "vault/objects", VALID, NOTHING, words))
    for path in sorted(vault.objects.root.glob("??/*")):
        name = path.parent.name + path.name
        if name not in sizes:
            words = Text(
                "no line of the log names it: left by a run that was stopped, or put there; "
                "it is no evidence",
                "日志中没有提及：可能是中断的运行所留，或被放入；不属于证据",
            )
            made.append(Check("object", name, PENDING, NOTHING, words))
    return made


def _object(vault: Vault, item: Item) -> Check | None:
    path = vault.path_of(item.sha256)
    try:
        got = f"{digest(path)}, {path.stat().st_size} bytes"
    except OSError as error:
        got = f"nothing ({error.strerror})"
    if got == f"{item.sha256}, {item.size} bytes":
        return None
    changed = IntegrityError(
        Text(f"the sealed object of {item.source} was changed or is gone",
             f"{item.source} 的封存对象被改动或已不在"),
        expected=f"{item.sha256}, {item.size} bytes", got=got,
    )  # fmt: skip
    return _invalid("object", item.sha256, changed)


def _findings(out: Path, sealed: set[str]) -> list[Check]:
    made: list[Check] = []
    count, unsealed = 0, set()
    for path in sorted((out / "findings").glob("*.jsonl")):
        if path.name.endswith(".problems.jsonl"):
            continue
        try:
            for one in read_findings(path):
                count += 1
                unsealed |= {i.source for i in one.inputs} - sealed
        except IntegrityError as error:
            made.append(_invalid("finding", f"findings/{path.name}", error))
        except (ValueError, KeyError, TypeError, LiquestError) as error:
            words = Text(f"not readable: {error}", f"无法读取：{error}")
            made.append(Check("finding", f"findings/{path.name}", INVALID, NOTHING, words))
    if count and not made:
        words = Text(f"{count} have the ids of their content", f"{count} 条结论的编号与内容相符")
        made.append(Check("findings", "findings", VALID, NOTHING, words))
    if unsealed:
        words = Text(
            f"{len(unsealed)} of their sources are not sealed; run: liquest investigate",
            f"其来源中有 {len(unsealed)} 个未封存；请运行 liquest investigate",
        )
        made.append(Check("findings", "findings", PENDING, NOTHING, words))
    return made


def _dossier(vault: Vault, items: Iterable[Item], out: Path) -> list[Check]:
    """The dossier against the digests that were recorded when it was written."""
    path = out / DOSSIER
    known = recorded(vault, items)
    if not path.exists() or not known:
        return []
    if (got := digest(path)) in known:
        words = Text("as it was when it was written", "与生成时一致")
        return [Check("dossier", DOSSIER, VALID, NOTHING, words)]
    changed = IntegrityError(
        Text("the dossier was changed after it was written", "卷宗在生成之后被改动"),
        expected=known[-1], got=got,
    )  # fmt: skip
    return [_invalid("dossier", DOSSIER, changed)]


def _own_trust(case_root: Path) -> Trust | None:
    """The roots and headers that the case names; those in a bundle would vouch for themselves."""
    return read_config(case_root).trust if (case_root / "case.toml").exists() else None


def _times(root: Path, points: dict[str, bytes], trust: Trust | None) -> list[Check]:
    made = proofs.verify_all(root, points, trust)
    if not made:
        words = Text("no proof of trusted time yet; run: liquest prove CASE",
                     "尚无可信时间证明；请运行 liquest prove 案件")  # fmt: skip
        made = [Check("time", "vault/proofs", PENDING, NOTHING, words)]
    return made


def _invalid(name: str, subject: str, error: IntegrityError | Broken) -> Check:
    words = error.what if isinstance(error, IntegrityError) else Text(*error.words)
    return Check(name, subject, INVALID, NOTHING, words)
