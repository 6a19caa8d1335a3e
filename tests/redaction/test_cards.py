"""Which digits are a payment card number, in caller data and in text with phone numbers and ids."""

from __future__ import annotations

import pytest

from mcp_finesse.redaction import REDACTED, Redaction

CARDS = Redaction()
VISA = "4111111111111111"


@pytest.mark.parametrize(
    "text",
    [
        VISA,
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "4111/1111/1111/1111",
        "4111_1111_1111_1111",
        "4111,1111,1111,1111",
        "4111 - 1111 - 1111 - 1111",
        "4111-1111 1111.1111",
        "4111\u00a01111\u20091111\u30001111",
        "4111\u200b1111\u20601111\ufeff1111",
        "4111\u00ad1111\u20111111\u22121111",
        "4111\n1111\r\n1111\t1111",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "41111111 11111111",
        "４１１１ １１１１ １１１１ １１１１",
        "٤١١١١١١١١١١١١١١١",
        "४१११ ११११ ११११ ११११",
        "4\ufe0f\u20e31111\u034f11111111111",
        "𝟒𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏",
        "3782 822463 10005",  # American Express, 15 digits
        "3056 9309 0259 04",  # Diners Club, 14 digits
        "4222222222222",  # 13 digits
        "6304000000000000000",  # 19 digits
        "+4111111111111111",  # too long for a phone number
    ],
)
def test_card_number_is_redacted_in_any_grouping_and_script(text: str) -> None:
    assert CARDS.text(text).lstrip("+") == REDACTED
    assert CARDS.text(f"card {text} thanks").replace("+", "") == f"card {REDACTED} thanks"
    assert CARDS.text(f"x{text}y").replace("+", "") == f"x{REDACTED}y"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"{VISA} and 378282246310005", f"{REDACTED} and {REDACTED}"),
        (f"20260131 {VISA} 123", f"20260131 {REDACTED} 123"),
        (f"12 {VISA} 12 25", f"12 {REDACTED} 12 25"),
        (f"id{VISA}=25121010000", f"id{REDACTED}=25121010000"),
        # Inside a longer string of digits: if it begins and ends like a card of a known issuer
        (f"99{VISA}77", f"99{REDACTED}77"),
        (f"00000000{VISA}", f"00000000{REDACTED}"),
    ],
)
def test_card_number_next_to_other_digits_is_redacted(text: str, shown: str) -> None:
    assert CARDS.text(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",  # wrong check digit
        "411111111111",  # 12 digits
        "0000000000000000",
        "call 33100421 from +13125550142 at 1764511200000",
        "+378282246310005",  # a plus sign and at most 15 digits: a phone number
        "004930901820460",  # no card begins with 0
        "2026-01-31 15:30:00",
        "31.01.2026 15:30:07",
        "16804377, 16804378, 16804379",  # a list of ids
        "192.168.10.1",
        "",
    ],
)
def test_other_numbers_are_not_redacted(text: str) -> None:
    assert CARDS.text(text) == text


def luhn_valid(prefix: str) -> str:
    """Return the prefix with its check digit."""
    digits = [int(digit) for digit in prefix]
    total = sum(
        digit if place % 2 else (digit * 2 - 9 if digit > 4 else digit * 2)
        for place, digit in enumerate(reversed(digits))
    )
    return prefix + str(-total % 10)


@pytest.mark.parametrize(
    "prefix",
    ["491511234567", "00491511234567", "1312555014255", "4915112345678", "8610123456789", "900491511234567"],
)
def test_phone_number_that_has_a_valid_check_digit_stays_in_a_number_field(prefix: str) -> None:
    number = luhn_valid(prefix)
    for name in ("from_address", "toAddress", "dialed_number", "phone_number", "message"):
        assert CARDS.data({name: number}) == {name: number}


@pytest.mark.parametrize("name", ["from_address", "toAddress", "phone_number", "message", "anything"])
def test_number_that_no_phone_number_can_be_is_redacted_in_every_field(name: str) -> None:
    assert CARDS.data({name: VISA}) == {name: REDACTED}
    assert CARDS.data({name: "3782 822463 10005"}) == {name: REDACTED}


@pytest.mark.parametrize(
    "name", ["id", "dialog_id", "dialogId", "request_id", "cursor", "uri", "after", "feed"]
)
def test_ids_are_never_changed(name: str) -> None:
    assert CARDS.data({name: VISA}) == {name: VISA}


def test_number_in_json_is_redacted() -> None:
    assert CARDS.data({"order": int(VISA), "count": 12, "id": int(VISA)}) == {
        "order": REDACTED,
        "count": 12,
        "id": int(VISA),
    }


def test_cards_are_shown_if_the_rule_is_off() -> None:
    assert Redaction(cards=False).text(VISA) == VISA


@pytest.mark.parametrize("text", ["1" * 1_500, "4 " * 2_000, "1" * 60_000, "x" * 60_000 + "1" * 13])
def test_run_of_digits_that_is_too_long_to_examine_is_redacted_as_a_whole(text: str) -> None:
    assert CARDS.text(text).strip("x ") == REDACTED


@pytest.mark.parametrize("number", range(40))
def test_request_id_in_a_sentence_is_not_changed(number: int) -> None:
    digits = luhn_valid(f"4{number:014d}")
    request_id = f"a{digits[:7]}-{digits[7:11]}-4123-8{digits[11:14]}-{digits[14:]}1234567890"[:36]
    assert len(request_id) == 36
    sentence = f"The request {request_id} was accepted."
    assert CARDS.text(sentence, with_numbers=True) == sentence
