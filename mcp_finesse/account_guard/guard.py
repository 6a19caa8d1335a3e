"""Admits authenticated requests and XMPP logins of one account, so that a wrong password never locks it.

If the password was accepted within the last 30 seconds, two requests may be in flight, and no attempt is
recorded. If the password was not accepted recently, this machine sends one request at a time, and records each
request before sending it. Status 401 can be caused by the role or by the password. For a ``decisive`` request,
only the password can be the cause. Requests that are not decisive are sent one at a time. After status 401, one
decisive request determines the cause. A request and its check therefore cause at most two rejections.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace

from pydantic import SecretStr

from mcp_finesse.account_guard import messages, rules
from mcp_finesse.account_guard.hosts import addresses_of, host_of
from mcp_finesse.account_guard.rules import FRESH, Answer, Channel, Decision, Record, SignIn, Verdict
from mcp_finesse.account_guard.store import CHECK_SLOT, SLOTS, BusyError, MemoryStore, Store
from mcp_finesse.account_guard.waiting_line import WaitingLine
from mcp_finesse.errors import ConfigurationError, CredentialsError, SignInPausedError

log = logging.getLogger(__name__)
_LOOK_AGAIN = 0.02
_LONGEST_WAIT = 60.0
_LONGEST_CHECK_WAIT = 5.0
_VERDICT_TRIES = 5
_KEPT_SECRETS = 16


class _Secret:
    """What this process knows about one password or token of the user.

    Attributes:
        accepted_at: When Finesse last accepted the password. None if this has not happened yet.
        known_to_be_accepted: Whether Finesse has ever accepted the password, in any process.
        rejected: Whether Finesse rejected the password. A rejected password is never sent again.
        doubted: Whether the cause of a status 401 is unknown. If so, the next request must be decisive.
        answer_lost: Whether a response was lost. If so, the next request must be decisive.
        quiet_version: The version of the record in which no attempt counted as a possible wrong password.
    """

    def __init__(self, text: SecretStr) -> None:
        self.text = text
        self.accepted_at: float | None = None
        self.known_to_be_accepted = False
        self.rejected = False
        self.doubted = False
        self.answer_lost = False
        self.quiet_version: object = object()

    @property
    def must_prove(self) -> bool:
        """Whether a decisive request must be accepted before any other request is sent."""
        return self.doubted or self.answer_lost

    def is_fresh(self, now: float) -> bool:
        """Return whether the password was accepted so recently that several requests may be in flight."""
        at = self.accepted_at
        return at is not None and not self.must_prove and 0 <= now - at < FRESH


class AccountGuard:
    """Admits the sign-in attempts of one user. All clients of a session share one guard.

    The password can change during the life of a guard. A rejection applies to one password, but attempts with all
    passwords count towards the same limit.

    Args:
        user_id: The user id.
        store: Where attempts are recorded. The default is a record in memory for this guard only.
        hosts: URLs or names of the servers that check this account.
        role: ``agent`` or ``administrator``. A rejection applies to one role. Attempts with either role count
            towards the same limit.
        renewable: Whether the password is read again later, so that errors do not ask for a restart.
        now: The wall clock, in seconds.
    """

    def __init__(
        self,
        user_id: str,
        store: Store | None = None,
        *,
        hosts: Iterable[str] = (),
        role: str = "agent",
        renewable: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._user_id = user_id
        self._store: Store = store or MemoryStore()
        self._role = role
        self._renewable = renewable
        self._now = now
        self._names: set[str] = set()
        self._unresolved: set[str] = set()
        self._addresses: frozenset[str] = frozenset()
        self.add_hosts(hosts)
        self._secrets: list[_Secret] = []  # the newest last
        self._line = WaitingLine()

    @property
    def note(self) -> str:
        """A note for the status about where attempts are recorded, or an empty string."""
        return self._store.note

    def add_hosts(self, hosts: Iterable[str]) -> None:
        """Add URLs or names of servers that check the same account, such as the other node of the cluster."""
        new = {host for host in map(host_of, hosts) if host} - self._names
        self._names |= new
        self._unresolved |= new

    def rejection(self) -> CredentialsError:
        """Return the error for a password that has just been rejected."""
        return messages.rejected_now(self._user_id, self._role, renewable=self._renewable)

    async def check_room(self) -> None:
        """Check that a new password could be sent now.

        Raises:
            SignInPausedError: One more attempt with any password could lock the account.
        """
        await self._resolve()
        now = self._now()
        sign_in = SignIn("", self._role, frozenset(self._names) | self._addresses)
        try:
            decision = self._store.update(
                lambda record: (record, rules.decide(record, sign_in, now, in_flight=0, channel=Channel.REST))
            )
        except BusyError:
            return  # the attempt itself checks again
        self._answer(decision)

    @asynccontextmanager
    async def attempt(
        self, password: SecretStr, *, decisive: bool, channel: Channel = Channel.REST
    ) -> AsyncIterator[Attempt]:
        """Wait until the password may be sent. The attempt is in flight until the context ends.

        If the context ends without a reported result, the response counts as lost.

        Args:
            password: The password or token.
            decisive: Whether only the password, and not the role, can cause a rejection.
            channel: The service to which the password is sent.

        Raises:
            CredentialsError: Finesse rejected this password less than five minutes ago.
            SignInPausedError: One more failed attempt could lock the account.
            NotReadyError: Other attempts of this account took too long.
            ConfigurationError: Attempts cannot be recorded anywhere.
        """
        secret = self._secret(password)
        attempt = Attempt(self, secret, alone=await self._enter(secret, decisive))
        try:
            await self._admit(attempt, channel)
            yield attempt
        finally:
            attempt._close()
            self._line.leave(decisive=decisive)

    # -- within this process

    def _secret(self, password: SecretStr) -> _Secret:
        """Return what is known about a password. Only the most recent passwords are remembered."""
        for known in self._secrets:
            if known.text == password:
                return known
        secret = _Secret(password)
        self._secrets = [*self._secrets[1 - _KEPT_SECRETS :], secret]
        return secret

    async def _enter(self, secret: _Secret, decisive: bool) -> bool:
        """Wait until this process has room for the attempt. Return whether it must be the only attempt in flight."""
        self._raise_rejection(secret)
        while not self._line.has_room(decisive=decisive, fresh=secret.is_fresh(self._now())):
            await self._line.change()
            self._raise_rejection(secret)
        alone = not secret.is_fresh(self._now())
        self._line.enter(decisive=decisive, alone=alone)
        return alone

    def _raise_rejection(self, secret: _Secret) -> None:
        if secret.rejected:
            raise self._rejected_before(self._now() + rules.WINDOW)

    # -- on this machine

    async def _admit(self, attempt: Attempt, channel: Channel) -> None:
        if attempt._alone:
            await self._resolve()
        deadline = time.monotonic() + _LONGEST_WAIT
        while True:
            self._raise_rejection(attempt._secret)
            try:
                if (
                    self._check(attempt, channel)
                    if attempt._alone
                    else self._admit_beside_others(attempt, channel)
                ):
                    return
            except BusyError:
                pass
            if time.monotonic() > deadline:
                raise messages.wait_timed_out(self._user_id)
            await asyncio.sleep(_LOOK_AGAIN)

    def _check(self, attempt: Attempt, channel: Channel) -> bool:
        """Admit an attempt that must be the only attempt in flight. Record the attempt before it is sent."""
        secret = attempt._secret
        slot = self._store.take_slot(CHECK_SLOT)
        if slot is None:
            return False
        try:
            sign_in, now = self._sign_in(secret), self._now()

            def update(record: Record) -> tuple[Record, Answer]:
                if (past := rules.without_future(record, now)) is not record:
                    return past, Answer.WAIT
                proof = rules.proof_of(record, sign_in)
                if proof is not None:
                    secret.known_to_be_accepted = True
                in_flight = self._others_in_flight(1)
                if self._decide(secret, record, now, in_flight, channel) is Answer.WAIT:
                    return record, Answer.WAIT
                if proof is not None and not secret.must_prove and 0 <= now - proof.at < FRESH:
                    secret.accepted_at = proof.at
                    return record, Answer.WAIT
                counts = proof is None or secret.doubted
                return rules.begin(record, [attempt._recorded(sign_in, now, counts)], now), Answer.SEND

            if self._store.update(update) is Answer.SEND:
                attempt._slots[CHECK_SLOT] = slot
                slot = None
                return True
        finally:
            if slot is not None:
                self._store.release_slot(slot)
        if secret.is_fresh(self._now()):  # another process recorded that the password was accepted
            attempt._alone = self._line.exclusive = False
            self._line.wake()
        return False

    def _admit_beside_others(self, attempt: Attempt, channel: Channel) -> bool:
        """Admit an attempt with a password that was accepted within the last 30 seconds, without writing."""
        secret = attempt._secret
        if self._store.version() == secret.quiet_version and (free := self._free_slot()) is not None:
            number, slot = free
            if (
                self._store.version() == secret.quiet_version
            ):  # a rejection is recorded before the slot of its attempt is free
                attempt._slots[number] = slot
                return True
            self._store.release_slot(slot)
        sign_in, now = self._sign_in(secret), self._now()
        before = self._store.version()

        def update(record: Record) -> tuple[Record, bool]:
            if (past := rules.without_future(record, now)) is not record:
                return past, False
            # The check of a password occupies a slot and is also in the record, so it is counted twice. This attempt
            # therefore waits for the result of the check.
            answer = self._decide(secret, record, now, self._others_in_flight(0), channel)
            quiet = not rules.counted_attempts(record, sign_in.hosts, now)
            secret.quiet_version = before if quiet else object()
            if answer is Answer.WAIT or (free := self._free_slot()) is None:
                return record, False
            number, slot = free
            attempt._slots[number] = slot
            return record, True

        return self._store.update(update)

    def _free_slot(self) -> tuple[int, int] | None:
        for number in range(SLOTS):
            if number != CHECK_SLOT and (slot := self._store.take_slot(number)) is not None:
                return number, slot
        return None

    def _others_in_flight(self, own_slots: int) -> int:
        return len(self._store.held_slots()) - own_slots

    def _decide(
        self, secret: _Secret, record: Record, now: float, in_flight: int, channel: Channel
    ) -> Answer:
        """Apply ``rules.decide`` to the attempt, and pass the decision to ``_answer``.

        An unreadable record is ignored if this process has seen that the password was accepted.
        """
        if secret.known_to_be_accepted:
            record = replace(record, unreadable_at=None)
        sign_in = self._sign_in(secret)
        return self._answer(rules.decide(record, sign_in, now, in_flight=in_flight, channel=channel))

    def _answer(self, decision: Decision) -> Answer:
        """Return the decision SEND or WAIT. For any other decision, raise the corresponding error."""
        if decision.answer is Answer.REJECTED:
            raise self._rejected_before(decision.until)
        if decision.answer is Answer.PAUSE:
            raise messages.paused(self._user_id, decision, self._now())
        return decision.answer

    async def _resolve(self) -> None:
        """Resolve the addresses of new hosts. Only a shared store needs them."""
        if self._unresolved and self._store.shared:
            names, self._unresolved = self._unresolved, set()
            self._addresses |= await addresses_of(sorted(names))

    def _sign_in(self, secret: _Secret) -> SignIn:
        text = "\0".join((self._role, self._user_id.strip().casefold(), secret.text.get_secret_value()))
        return SignIn(self._store.fingerprint(text), self._role, frozenset(self._names) | self._addresses)

    def _rejected_before(self, until: float) -> CredentialsError:
        seconds = until - self._now()
        return messages.rejected_before(self._user_id, self._role, seconds, renewable=self._renewable)


class Attempt:
    """An admitted request or XMPP login, and the methods that report its result."""

    def __init__(self, guard: AccountGuard, secret: _Secret, *, alone: bool) -> None:
        self._guard = guard
        self._secret = secret
        self._alone = alone
        self._ids: list[str] = []  # the ids in the record
        self._slots: dict[int, int] = {}

    @property
    def proven(self) -> bool:
        """Whether this password was accepted before, in any process."""
        return self._secret.known_to_be_accepted

    @property
    def must_prove(self) -> bool:
        """Whether a decisive request must be accepted before any other request is sent."""
        return self._secret.must_prove

    def accepted(self) -> None:
        """Report that Finesse accepted the password."""
        guard = self._guard
        write = bool(self._ids) or not self._secret.known_to_be_accepted
        self._secret.accepted_at = guard._now()
        self._secret.known_to_be_accepted = True
        self._secret.doubted = self._secret.answer_lost = False
        if write:
            self._write(lambda record: rules.accept(record, guard._sign_in(self._secret), guard._now()))
        self._ids.clear()

    def rejected(self) -> CredentialsError:
        """Report that Finesse rejected the password, and return the error to raise."""
        guard = self._guard
        self._secret.rejected = True
        self._record_rejection()
        return guard.rejection()

    def not_sent(self) -> None:
        """Report that the password was not sent."""
        self._remove()

    def lost(self) -> None:
        """Report that no response arrived. Finesse may have counted the attempt as a wrong password."""
        self._secret.answer_lost = True

    def answered(self) -> None:
        """Report a response that neither accepts nor rejects the password."""
        self._remove()

    def unchecked(self) -> None:
        """Report that the server was unable to check the password."""
        self._write(lambda record: self._with_verdict(record, Verdict.UNCHECKED))
        self._ids.clear()

    async def settle_401(self, ask: Callable[[], Awaitable[bool | None]]) -> bool:
        """Send one decisive request to determine whether the role or the password caused a status 401.

        New attempts wait until the cause is determined. Attempts in flight are awaited first, because their
        responses may show the cause.

        Args:
            ask: A function that sends the decisive request. The function returns True if the request was
                accepted, False if it was rejected, and None if the response was lost.

        Returns:
            False if the password was rejected. The rejection is then recorded. True if the password was
            accepted, or if the cause could not be determined. If the cause could not be determined, the next
            request must be decisive.
        """
        guard = self._guard
        guard._line.exclusive = True
        while guard._line.others > 0:
            await guard._line.change()
        if self._secret.rejected or not await self._may_check():
            if self._secret.rejected:
                self._record_rejection()
            return not self._secret.rejected
        self._secret.doubted = True
        verdict = await ask()
        if verdict:
            self.accepted()
        elif verdict is False:
            self.rejected()
        self._ids.clear()  # after a lost response, both attempts stay in the record as possible wrong passwords
        return verdict is not False

    async def _may_check(self) -> bool:
        """Acquire the check slot, and record the decisive request and this attempt."""
        guard = self._guard
        deadline = time.monotonic() + _LONGEST_CHECK_WAIT
        while time.monotonic() < deadline:
            try:
                self._take_check_slot()
                if CHECK_SLOT in self._slots and guard._store.update(self._plan_check):
                    return True
                if self._secret.rejected:
                    return False
            except BusyError:
                pass
            except (SignInPausedError, ConfigurationError):
                break
            await asyncio.sleep(_LOOK_AGAIN)
        self._secret.doubted = True
        self._write(lambda record: self._with_verdict(record, Verdict.OPEN))
        self._ids.clear()
        return False

    def _take_check_slot(self) -> None:
        if CHECK_SLOT in self._slots:
            return
        slot = self._guard._store.take_slot(CHECK_SLOT)
        if slot is not None:
            self._slots[CHECK_SLOT] = slot

    def _plan_check(self, record: Record) -> tuple[Record, bool]:
        guard = self._guard
        sign_in, now = guard._sign_in(self._secret), guard._now()
        if (past := rules.without_future(record, now)) is not record:
            return past, False
        without_mine = replace(rules.settle(record, self._ids, None), unreadable_at=None)
        in_flight = guard._others_in_flight(len(self._slots)) + 1
        decision = rules.decide(without_mine, sign_in, now, in_flight=in_flight, channel=Channel.REST)
        if decision.answer is Answer.REJECTED:  # another process has recorded the result
            self._secret.rejected = True
            return record, False
        if guard._answer(decision) is Answer.WAIT:
            return record, False
        mine = self._recorded(sign_in, now, counts=True)
        check = rules.Attempt(uuid.uuid4().hex, sign_in.secret, sign_in.role, sign_in.hosts, now)
        self._ids.append(check.id)
        return rules.begin(record, [mine, check], now), True

    def _recorded(self, sign_in: SignIn, now: float, counts: bool) -> rules.Attempt:
        if not self._ids:
            self._ids.append(uuid.uuid4().hex)
        return rules.Attempt(self._ids[0], sign_in.secret, sign_in.role, sign_in.hosts, now, counts=counts)

    def _record_rejection(self) -> None:
        self._write(lambda record: self._with_verdict(record, Verdict.REJECTED))
        self._ids.clear()

    def _with_verdict(self, record: Record, verdict: Verdict) -> Record:
        """Return the record with the verdict on this attempt. An attempt that is not in the record is added."""
        guard = self._guard
        now = guard._now()
        mine = self._recorded(guard._sign_in(self._secret), now, counts=True)
        return rules.settle(rules.begin(record, [mine], now), self._ids, verdict)

    def _remove(self) -> None:
        if self._ids:
            ids = list(self._ids)
            self._write(lambda record: rules.settle(record, ids, None))
            self._ids.clear()

    def _write(self, change: Callable[[Record], Record]) -> None:
        """Record a verdict. If that fails, the attempt keeps the verdict that the record already contains."""
        for _ in range(_VERDICT_TRIES):
            try:
                self._guard._store.update(lambda record: (change(record), None))
            except BusyError:
                continue
            except ConfigurationError as error:
                log.warning("%s", error)
            return
        log.warning(
            "The result of a sign-in attempt could not be recorded: another process is using the record."
        )

    def _close(self) -> None:
        for slot in self._slots.values():
            self._guard._store.release_slot(slot)
        self._slots.clear()
