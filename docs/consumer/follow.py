"""Follows revoked keys and sign-ins. KAFKA_BROKERS=kafka:9092 python follow.py (pip install confluent-kafka)"""

import json
import os
import signal
import sqlite3
import sys

from confluent_kafka import Consumer, KafkaException

BROKERS = os.environ.get("KAFKA_BROKERS")
GROUP = os.environ.get("GROUP", "my-team.follow")
TOPICS = os.environ.get("TOPICS", "key-management.keys,identity.logins")
STATE = os.environ.get("STATE", "follow.db")
if not BROKERS:
    sys.exit('Set KAFKA_BROKERS to your brokers (kafka:9092). "npm run start:services" prints its own.')

# What you do with each fact. Types that are not named here are passed over: new ones may come at any time.
ACT = {
    "KeyRevoked.v1": lambda fact: {name: fact[name] for name in ("keyId", "reason")},
    "LoginRecorded.v1": lambda fact: {name: fact[name] for name in ("accountId", "method")},
}

# How far each stream was read, in the database that your own rows are in: both change in one transaction, or neither.
database = sqlite3.connect(STATE, timeout=10, isolation_level=None)
database.execute(
    "CREATE TABLE IF NOT EXISTS streams (id TEXT PRIMARY KEY, epoch INTEGER NOT NULL, version INTEGER NOT NULL)"
)
ADVANCE = """INSERT INTO streams VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, version = excluded.version
    WHERE (epoch, version) < (excluded.epoch, excluded.version)"""


def receive(message):
    headers = {name: value.decode() for name, value in message.headers()}
    stream, version, kind = message.key().decode(), int(headers["stream_version"]), headers["ce_type"]
    # Rises when Rollcall's own log was restored from a backup: what it says then counts, whatever was said before under that version.
    epoch = int(headers["source_position"].split(".")[0])
    database.execute("BEGIN IMMEDIATE")
    try:
        is_new = database.execute(ADVANCE, (stream, epoch, version)).rowcount == 1
        if is_new and kind in ACT:
            fact = ACT[kind](json.loads(message.value()))
            print(json.dumps({"stream": stream, "version": version, "type": kind, **fact}), flush=True)
        database.execute("COMMIT")
    except BaseException:
        database.execute("ROLLBACK")
        raise  # It is delivered again: what was read is told only after this.


going_on = True


def stop(*_):
    global going_on
    going_on = False


signal.signal(signal.SIGINT, stop)
signal.signal(signal.SIGTERM, stop)
consumer = Consumer(
    {
        "bootstrap.servers": BROKERS,
        "client.id": GROUP,
        "group.id": GROUP,
        "auto.offset.reset": "earliest",
        "enable.auto.offset.store": False,
    }
)
consumer.subscribe(TOPICS.split(","))
while going_on:
    message = consumer.poll(1.0)
    if message is None:
        continue
    if message.error():
        raise KafkaException(message.error())
    receive(message)
    consumer.store_offsets(message)
consumer.close()
