from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.people.account import LOCK_TIME, WRONG_TRIES_MAX, Account, CodeState
from gateway.domain.people.errors import AccountNotFound, UsernameTaken
from gateway.storage.people.tables import ACCOUNT


class SqlAccounts:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, account: Account) -> None:
        row = {
            "id": account.id,
            "username": account.username,
            "full_name": account.full_name,
            "password_hash": account.password_hash,
            "totp_sealed": account.totp_sealed,
            "code_state": account.code_state.value,
            "last_step": account.last_step,
            "wrong_tries": account.wrong_tries,
            "locked_until": account.locked_until,
            "pairwise_salt": account.pairwise_salt,
            "opened_at": account.opened_at,
            "wrong_codes": account.wrong_codes,
            "codes_locked_until": account.codes_locked_until,
        }
        try:
            await self._connection.execute(insert(ACCOUNT), row)
        except IntegrityError as error:
            raise UsernameTaken from error

    async def find_by_username(self, username: str) -> Account | None:
        known = select(ACCOUNT).where(ACCOUNT.c.username == username)
        row = (await self._connection.execute(known)).one_or_none()
        return None if row is None else _entity(row)

    async def get(self, account_id: UUID) -> Account:
        return await self._one(select(ACCOUNT).where(ACCOUNT.c.id == account_id))

    async def get_for_update(self, account_id: UUID) -> Account:
        """Holds the row, so that tries made at the same time are judged one after the other."""
        return await self._one(select(ACCOUNT).where(ACCOUNT.c.id == account_id).with_for_update())

    async def _one(self, wanted: Select[Any]) -> Account:
        row = (await self._connection.execute(wanted)).one_or_none()
        if row is None:
            raise AccountNotFound
        return _entity(row)

    async def activate(self, account_id: UUID) -> None:
        await self._connection.execute(
            update(ACCOUNT)
            .where(ACCOUNT.c.id == account_id)
            .values(code_state=CodeState.ACTIVE.value)
        )

    async def spend_step(self, account_id: UUID, step: int) -> bool:
        spent = await self._connection.execute(
            update(ACCOUNT)
            .where(ACCOUNT.c.id == account_id, ACCOUNT.c.last_step < step)
            .values(last_step=step, wrong_codes=0)
        )
        return spent.rowcount == 1

    async def count_wrong_try(self, account_id: UUID, *, now: datetime) -> None:
        last = ACCOUNT.c.wrong_codes + 1 >= WRONG_TRIES_MAX
        await self._connection.execute(
            update(ACCOUNT)
            .where(ACCOUNT.c.id == account_id)
            .values(
                wrong_codes=case((last, 0), else_=ACCOUNT.c.wrong_codes + 1),
                codes_locked_until=case(
                    (last, now + LOCK_TIME), else_=ACCOUNT.c.codes_locked_until
                ),
            )
        )

    async def keep_next_secret(self, account_id: UUID, sealed: str) -> None:
        await self._connection.execute(
            update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(totp_next_sealed=sealed)
        )

    async def adopt_next_secret(self, account_id: UUID, step: int) -> bool:
        adopted = await self._connection.execute(
            update(ACCOUNT)
            .where(ACCOUNT.c.id == account_id, ACCOUNT.c.totp_next_sealed.is_not(None))
            .where(ACCOUNT.c.last_step < step)
            .values(
                totp_sealed=ACCOUNT.c.totp_next_sealed,
                totp_next_sealed=None,
                code_state=CodeState.ACTIVE.value,
                last_step=step,
                wrong_codes=0,
            )
        )
        return adopted.rowcount == 1

    async def forget_wrong_passwords(self, account_id: UUID) -> None:
        await self._connection.execute(
            update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(wrong_tries=0)
        )

    async def count_wrong_password(self, account_id: UUID, *, now: datetime) -> None:
        last = ACCOUNT.c.wrong_tries + 1 >= WRONG_TRIES_MAX
        await self._connection.execute(
            update(ACCOUNT)
            .where(ACCOUNT.c.id == account_id)
            .values(
                wrong_tries=case((last, 0), else_=ACCOUNT.c.wrong_tries + 1),
                locked_until=case((last, now + LOCK_TIME), else_=ACCOUNT.c.locked_until),
            )
        )


def _entity(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        username=row.username,
        full_name=row.full_name,
        password_hash=row.password_hash,
        totp_sealed=row.totp_sealed,
        code_state=CodeState(row.code_state),
        last_step=row.last_step,
        wrong_tries=row.wrong_tries,
        locked_until=row.locked_until,
        pairwise_salt=row.pairwise_salt,
        opened_at=row.opened_at,
        totp_next_sealed=row.totp_next_sealed,
        wrong_codes=row.wrong_codes,
        codes_locked_until=row.codes_locked_until,
    )
