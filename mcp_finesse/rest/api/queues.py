"""REST operations on queues and their statistics (guide p.139 to 144)."""

from __future__ import annotations

from mcp_finesse.model import Queue, read_list
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import UCCE, Operation, sends

GET_QUEUE = Operation(
    "Queue: get",
    "GET",
    "/finesse/api/Queue/{id}",
    "guide p.139",
    platforms=frozenset({UCCE}),
    unconfirmed="whether UCCX responds with an error or with -1 for every statistic",
)


@sends(GET_QUEUE)
async def get_queue(client: RestClient, queue_id: str) -> Queue:
    """Read a queue. A queue without agents has no statistics.

    Raises:
        NotFoundError: the queue does not exist. Also raises the errors of ``RestClient.get``.
    """
    return Queue.from_element(await client.get(GET_QUEUE.path_of(queue_id)))


GET_QUEUES = Operation(
    "Queue: get list for user",
    "GET",
    "/finesse/api/User/{id}/Queues",
    "guide p.141",
    unconfirmed="on UCCX the queues have no statistics",
)


@sends(GET_QUEUES)
async def get_queues(client: RestClient, user_id: str) -> list[Queue]:
    """Read the queues of a user. A supervisor also has the queues of all members of the supervised teams.

    Raises:
        NotFoundError: the user does not exist. Also raises the errors of ``RestClient.get``.
    """
    return read_list(await client.get(GET_QUEUES.path_of(user_id)), Queue)
