"""Login on an established transport: open the stream, authenticate once, bind the resource."""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ET
from collections.abc import Callable

from pydantic import SecretStr
from slixmpp.jid import JID

from mcp_finesse.account_guard import AccountGuard, Attempt, Channel
from mcp_finesse.errors import CredentialsError, NotReadyError
from mcp_finesse.xmpp.negotiation import BIND, SESSION, PasswordNotChecked, replaced_error, wants_session
from mcp_finesse.xmpp.protocol.iq_tracker import StanzaError
from mcp_finesse.xmpp.stream import TransportClient
from mcp_finesse.xmpp.transport.base import Deadline, step


async def log_in(
    stream: TransportClient,
    transport: asyncio.Transport,
    where: str,
    seconds: float,
    guard: AccountGuard,
    password: SecretStr,
    may_send_password: Callable[[], bool],
) -> None:
    """Establish an XMPP session on a transport.

    Args:
        stream: the XMPP session.
        transport: the transport that the route's opener returned.
        where: the address to name in errors.
        seconds: time limit for each of the three steps.
        guard: the guard that protects the account against lockout.
        password: the password or token that the stream sends.
        may_send_password: whether the password may still be sent, after the wait for the guard.

    Raises:
        CredentialsError: the XMPP server rejected the user id or password. Only one attempt was made.
        NotReadyError: the password may no longer be sent. No password was sent.
        SignInPausedError: another failed attempt could lock the account. No password was sent.
        ReplacedError: another XMPP session uses the resource.
        NetworkError: another failure in the step ``stream``, ``sasl`` or ``bind``.
    """
    try:
        async with guard.attempt(password, decisive=True, channel=Channel.XMPP) as attempt:
            if not may_send_password():
                attempt.not_sent()
                raise NotReadyError(
                    "The password or token changed while the login waited. Nothing was sent.",
                    advice="Try again.",
                )
            await _authenticate(stream, transport, where, seconds, attempt)
    except BaseException:
        if stream.transport is None:  # the stream does not close a transport that was not attached
            transport.abort()
        raise
    async with step("bind", where, Deadline(seconds)):
        features = await stream.until(stream.features_after_login)
        try:
            stream.establish(await _bind(stream, features))
        except StanzaError as refused:
            if refused.condition == "conflict":  # the server keeps the old session (RFC 6120 7.7.2.2)
                place = stream.requested_jid.resource
                raise replaced_error(
                    f"the XMPP resource {place} is used by another session of this user"
                ) from refused
            raise ValueError(f"the server rejected the resource ({refused})") from refused


async def _authenticate(
    stream: TransportClient, transport: asyncio.Transport, where: str, seconds: float, attempt: Attempt
) -> None:
    try:
        async with step("stream", where, Deadline(seconds)):
            stream.attach(transport)
            await stream.until(stream.offered)
        async with step("sasl", where, Deadline(seconds)):
            try:
                await stream.until(stream.accepted)
            except PasswordNotChecked:
                attempt.unchecked()
                raise
    except CredentialsError:
        attempt.rejected()
        raise
    except BaseException:
        if not stream.password_sent:
            attempt.not_sent()
        raise
    attempt.accepted()


async def _bind(stream: TransportClient, features: ET.Element) -> JID:
    """Bind the resource (RFC 6120 7). If the XMPP server requires it, also send the session request of RFC 3921."""
    bind = ET.Element(f"{BIND}bind")
    ET.SubElement(bind, f"{BIND}resource").text = stream.requested_jid.resource
    answer = await stream.exchange("set", "", bind)
    jid = JID(answer.findtext(f"{BIND}bind/{BIND}jid"))
    if not jid.resource:
        raise ValueError("the response contains no JID")
    if wants_session(features):
        await stream.exchange("set", "", ET.Element(f"{SESSION}session"))
    return jid
