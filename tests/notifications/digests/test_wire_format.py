"""Quoted-printable that can be joined, and header lines that can be read back."""

import quopri
from email import message_from_bytes
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.digests.fragments import Piece, RenderError, mark, wrapped
from notifications.digests.wire_format import UnsafeHeader, encoded, header, mailbox, plain_header

TEXT = st.text(
    st.sampled_from("ab =.é€\n \t\U0001f600=fF") | st.characters(blacklist_categories=("Cs", "Cc")), max_size=400
)
LINE = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), max_size=300)


@given(st.lists(TEXT, max_size=5))
def test_pieces_joined_decode_to_the_texts_joined(texts) -> None:
    wire = b"".join(encoded(text) for text in texts)
    assert quopri.decodestring(wire).decode().replace("\r\n", "\n") == "".join(texts)
    assert all(len(line) <= 76 for line in wire.split(b"\r\n"))
    assert b"\n" not in wire.replace(b"\r\n", b"")
    assert wire.isascii()


@given(TEXT, TEXT, TEXT)
def test_a_filled_piece_is_the_text_with_the_values_in_it(before, value, after) -> None:
    piece = Piece(f"{before}{mark('name')}{after}", holes={"name"})
    wire = piece.fill({"name": encoded(value)})
    assert quopri.decodestring(wire).decode().replace("\r\n", "\n") == before + value + after


def test_a_piece_says_which_holes_it_must_have() -> None:
    with pytest.raises(RenderError):
        Piece("no hole", holes={"name"})
    with pytest.raises(RenderError):
        Piece(str(mark("other")), holes=set())


@given(LINE)
def test_a_header_reads_back_as_it_was(value) -> None:
    line = header("Subject", value)
    assert all(len(one) <= 78 for one in line.split(b"\r\n")) or " " not in value or value.isascii()
    assert all(len(word) <= 75 for word in line.split() if word.startswith(b"=?"))
    assert line.isascii()
    read = str(make_header(decode_header(message_from_bytes(line + b"\r\n")["Subject"])))
    assert read.split() == value.split()


@given(LINE)
def test_a_mailbox_never_touches_the_address(phrase) -> None:
    line = mailbox("To", phrase, "a@b.example")
    assert line.endswith(b"\r\n <a@b.example>\r\n")
    assert line.count(b"@") <= 1 + phrase.count("@")


@pytest.mark.parametrize("build", [header, plain_header, lambda name, value: mailbox(name, value, "a@b.example")])
@pytest.mark.parametrize("value", ["a\r\nBcc: x@y.example", "a\nb", "a\x00b", "a\x7fb"])
def test_a_control_character_never_reaches_a_header(build, value) -> None:
    with pytest.raises(UnsafeHeader):
        build("Subject", value)


def test_something_that_looks_encoded_is_encoded() -> None:
    line = header("Subject", "=?utf-8?q?Bcc?=")
    assert str(make_header(decode_header(message_from_bytes(line + b"\r\n")["Subject"]))) == "=?utf-8?q?Bcc?="


def test_a_paragraph_keeps_to_its_width_and_leaves_addresses_whole() -> None:
    url = f"https://x.example/{'a' * 90}"
    lines = wrapped(f"{'woord ' * 40}{url} en {'nog-een-woord ' * 9}", "   ").splitlines()
    assert url in [line.strip() for line in lines]
    assert all(len(line) <= 72 and line.startswith("   ") for line in lines if url not in line)
