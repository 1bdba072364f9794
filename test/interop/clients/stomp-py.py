"""stomp.py over TCP: does what JSON lines on standard input say, prints what it saw as JSON lines."""
import base64
import json
import sys
import threading

import stomp

out_lock = threading.Lock()
settle_headers = []
over = threading.Event()


def saw(what, **more):
    with out_lock:
        print(json.dumps({"saw": what, **more}), flush=True)


class Listener(stomp.ConnectionListener):
    def on_connected(self, frame):
        saw("connected")

    def on_error(self, frame):
        saw("error", message=frame.headers.get("message", ""))

    def on_receipt(self, frame):
        saw("receipt", id=frame.headers["receipt-id"])

    def on_message(self, frame):
        settle_headers.append(frame.headers)
        body = frame.body if isinstance(frame.body, bytes) else frame.body.encode()
        saw(
            "message",
            number=len(settle_headers) - 1,
            subscription=frame.headers["subscription"],
            headers=frame.headers,
            body=base64.b64encode(body).decode(),
        )

    def on_disconnected(self):
        saw("disconnected")
        over.set()


def run(connection, line):
    do = line["do"]
    if do == "subscribe":
        connection.subscribe(line["destination"], id=line["id"], ack=line["ack"])
    elif do == "send":
        headers = {name: line[name] for name in ("receipt", "transaction") if name in line}
        connection.send(line["destination"], base64.b64decode(line["body"]), headers=headers)
    elif do == "ack":
        connection.ack(settle_headers[line["number"]]["ack"])
    elif do == "nack":
        connection.nack(settle_headers[line["number"]]["ack"])
    elif do == "begin":
        connection.begin(line["transaction"])
    elif do == "commit":
        connection.commit(line["transaction"])
    elif do == "abort":
        connection.abort(line["transaction"])
    elif do == "disconnect":
        connection.disconnect(receipt="disconnected")
        over.wait(5)


def main():
    options = json.loads(sys.stdin.readline())
    beat = options["heartbeat"]
    connection = stomp.Connection12(
        [("127.0.0.1", options["port"])],
        heartbeats=(beat, beat),
        auto_decode=False,
        reconnect_attempts_max=1,
    )
    connection.set_listener("", Listener())
    try:
        connection.connect(options["login"], options["passcode"], wait=True)
    except stomp.exception.ConnectFailedException:
        return
    for text in sys.stdin:
        run(connection, json.loads(text))


main()
