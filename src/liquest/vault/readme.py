"""README.txt of a bundle: what it is, how to verify it, and what that does not prove."""

from __future__ import annotations

from collections.abc import Sequence

from .note import Checkpoint

_ZH = """Liquest 证据包
==============

本包含有封存的原始文件、其清单与日志、签名检查点、可信时间证明，以及由此得出的结论与卷宗。
无需安装 Liquest，无需联网，即可核验。

1. 核验全部内容（仅需 Python 3.9 以上）：

     python3 verify.py

   或不解压：python3 verify.py 证据包.zip
   请经其他途径取得公钥并核对：python3 verify.py 证据包.zip --key '公钥'

2. 不用我们的任何程序：
   对象的文件名即其 SHA-256：sha256sum vault/objects/??/*
   bundle.note 列出每个文件的 SHA-256、大小与名称，由 vault/key.pub 签名
   （C2SP signed-note，Ed25519）。
   vault/log/entries 每行是一个条目；各行构成 RFC 6962 Merkle 树，根在 vault/checkpoints/ 中。

3. 可信时间（检查点在何时之前已经存在）：

{commands}

这些证明了什么，没有证明什么
  封存时间（collected_at）是封存者计算机的时钟所示。
  可信时间证明字节在某时刻之前已经存在，之后未被改动；
  它证明存在，不证明字节所述为真，也不证明由谁、以何种方式取得。

公钥：{key}
日志：{origin}，{size} 行，根 {root}
"""

_EN = """Liquest evidence bundle
=======================

This bundle holds the sealed original files, their manifest and log, signed checkpoints,
proofs of trusted time, and the findings and dossier drawn from them. Verifying it needs
neither Liquest nor a network.

1. Verify everything (Python 3.9 or newer, nothing else):

     python3 verify.py

   or without unpacking: python3 verify.py BUNDLE.zip
   Get the public key by another way and demand it: python3 verify.py BUNDLE.zip --key 'KEY'

2. With nothing of ours:
   An object's name is its SHA-256: sha256sum vault/objects/??/*
   bundle.note lists SHA-256, size and name of every file, signed by vault/key.pub
   (C2SP signed-note, Ed25519).
   Every line of vault/log/entries is an item; the lines form the Merkle tree of RFC 6962,
   whose root stands in vault/checkpoints/.

3. Trusted time (before which moment did a checkpoint exist):

{commands}

What this proves and what it does not
  The time of sealing (collected_at) is what the clock of the sealing computer said.
  Trusted time proves that the bytes existed before a moment and have not changed since;
  it proves existence, not truth: not that what the bytes say is so, nor who took them
  from where.

Public key: {key}
Log: {origin}, {size} lines, root {root}
"""

_GENERAL = """     openssl ts -verify -in TOKEN.tsr -data CHECKPOINT -CAfile AUTHORITY.pem
     ots verify -f CHECKPOINT CHECKPOINT.ots"""


def readme(vkey: str, point: Checkpoint, commands: Sequence[str]) -> str:
    """Chinese first, then English; `commands` are shell lines for the proofs in the bundle."""
    none = (
        "     （本包尚无可信时间证明；一般形式如下）\n" + _GENERAL,
        "     (no proof of time in this bundle yet; in general)\n" + _GENERAL,
    )
    lines = "\n".join(f"     {line}" for line in commands)
    texts = []
    for text, absent in zip((_ZH, _EN), none, strict=True):
        texts.append(
            text.format(
                commands=lines or absent, key=vkey, origin=point.origin, size=point.size,
                root=point.root.hex(),
            )
        )  # fmt: skip
    return "\n\n".join(texts)
