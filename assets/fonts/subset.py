"""Makes NotoSansJP-jisx0208.otf: Noto Sans CJK JP Regular with the characters that people write here and nothing else. Needs fonttools (PyPI)
and the collection of Debian's package fonts-noto-cjk.

    subset.py NotoSansCJK-Regular.ttc NotoSansJP-jisx0208.otf
"""

import sys

from fontTools import subset

LATIN = [*range(0x20, 0x7F), *range(0xA0, 0x180)]
MARKS = [*range(0x2010, 0x2028), *range(0x2030, 0x203B), 0x20AC, 0x2122, *range(0x2190, 0x2194), 0x2212, 0x25A0, 0x25A1, 0x25B2, 0x25BC]
MARKS += [0x25CB, 0x25CF, 0x2713]
KANA = [*range(0x3000, 0x3100), *range(0xFF01, 0xFFA0)]
# JIS X 0208: marks, kana, and the 6,355 kanji of both levels.
ROWS = [*range(1, 9), *range(16, 85)]


def jis():
    for row in ROWS:
        for cell in range(1, 95):
            try:
                yield ord(bytes([row + 0xA0, cell + 0xA0]).decode("euc_jp"))
            except UnicodeDecodeError:
                continue


def main():
    source, target = sys.argv[1:]
    wanted = sorted({*LATIN, *MARKS, *KANA, *jis()})
    subset.main(
        [
            source,
            "--font-number=0",
            f"--unicodes={','.join(f'{char:X}' for char in wanted)}",
            "--layout-features=kern",
            "--no-hinting",
            "--drop-tables+=DSIG,vhea,vmtx,VORG,BASE",
            f"--output-file={target}",
        ]
    )


if __name__ == "__main__":
    main()
