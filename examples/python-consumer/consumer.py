"""Counts views by platform from JetStream, as libs/contracts/events/asyncapi.json describes it.

NATS_URL=nats://127.0.0.1:4222 python3 consumer.py STATE_FILE [--from POSITION] [--once]
It needs nats-py. With --once it ends when every event is counted; else it waits for more.
"""
import argparse, asyncio, json, os, pathlib, sqlite3, nats
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

ASYNCAPI = pathlib.Path(__file__).parents[2] / "libs/contracts/events/asyncapi.json"
STREAM, DURABLE = "CLIPTALLY", "python-views"


async def sequence_after(js, position):
    """Sequence of the first message past a position of the log, by bisection: both only grow."""
    state = (await js.stream_info(STREAM)).state
    low, high = max(state.first_seq, 1), state.last_seq + 1
    while low < high:
        middle = (low + high) // 2
        message = await js.get_msg(STREAM, middle)
        past = int(message.headers["ce-position"]) > position
        low, high = (low, middle) if past else (middle + 1, high)
    return low


async def subscribe(js, subject, position):
    """A durable keeps its place in JetStream: the position counts only when it is first made."""
    try:
        await js.consumer_info(STREAM, DURABLE)
    except NotFoundError:
        await js.add_consumer(STREAM, ConsumerConfig(
            durable_name=DURABLE, filter_subject=subject, ack_policy=AckPolicy.EXPLICIT,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=await sequence_after(js, position)))
    return await js.pull_subscribe_bind(DURABLE, STREAM)


def take(db, message):
    """Counts an event once: its id and its effect are written in one transaction."""
    head = message.headers
    if head["ce-dataversion"] != "1" or head.get("ce-instore") == "true":
        raise SystemExit("The data are of another version, or too large: they are in the log.")
    views = json.loads(message.data)
    with db:
        if db.execute("insert or ignore into seen values (?)", (head["ce-id"],)).rowcount == 0:
            return "seen before"
        db.execute("insert into platform values (?, 1, ?) on conflict (name) do update set "
                   "observations = observations + 1, views = views + excluded.views",
                   (views["platform"], views["views"]))
    return "counted"


async def main(options):
    db = sqlite3.connect(options.state)
    db.execute("create table if not exists seen (id text primary key)")
    db.execute("create table if not exists platform (name text primary key, observations, views)")
    channel = json.loads(ASYNCAPI.read_text("utf-8"))["channels"]["ViewsRecorded"]
    client = await nats.connect(os.environ["NATS_URL"])
    every = channel["address"].replace("{platform}", "*")
    subscription = await subscribe(client.jetstream(), every, options.position)
    while True:
        info = await subscription.consumer_info()
        if options.once and info.num_pending == 0 and info.num_ack_pending == 0:
            break
        try:
            messages = await subscription.fetch(100, timeout=5)
        except nats.errors.TimeoutError:
            continue  # Nothing new.
        for message in messages:
            print(message.headers["ce-position"], message.subject, take(db, message), flush=True)
            await message.ack_sync(timeout=5)  # After the commit: a crash means a redelivery.
    print(*db.execute("select * from platform order by name"), sep="\n")
    await client.close()


arguments = argparse.ArgumentParser()
arguments.add_argument("state")
arguments.add_argument("--from", dest="position", type=int, default=0)
arguments.add_argument("--once", action="store_true")
asyncio.run(main(arguments.parse_args()))
