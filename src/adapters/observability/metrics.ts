/** Metrics in Prometheus' format, a registry per server. */
import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import type { Broker } from "../../broker/broker.ts";

/** `refusedRequests` counts the requests and upgrades that the transports refused, by code. */
export function createMetrics(broker: Broker, refusedRequests: ReadonlyMap<string, number>): Registry {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: "chat_sessions",
    help: "STOMP sessions by transport",
    labelNames: ["transport"],
    registers,
    collect() {
      this.reset();
      for (const { connection } of broker.sessions) this.inc({ transport: connection.transport });
    },
  });
  new Gauge({
    name: "chat_outbox_octets",
    help: "output queued for all sessions",
    registers,
    collect() {
      let octets = 0;
      for (const { outbox } of broker.sessions) octets += outbox.pendingBytes;
      this.set(octets);
    },
  });
  new Gauge({
    name: "chat_queued_octets",
    help: "messages of all /queue/ destinations",
    registers,
    collect() {
      this.set(broker.queues.octets);
    },
  });
  const counters: readonly (readonly [string, string, string, ReadonlyMap<string, number>])[] = [
    ["chat_frames_total", "frames received by command", "command", broker.stats.frames],
    ["chat_refusals_total", "refusals by code", "code", broker.stats.refusals],
    ["chat_disconnects_total", "sessions ended by the server, by code", "code", broker.stats.disconnects],
    [
      "chat_dropped_dead_letters_total",
      "dead letters dropped because their queue was full, by why they were dead letters",
      "reason",
      broker.stats.droppedDeadLetters,
    ],
    ["chat_refused_requests_total", "requests below /chat refused, by code", "code", refusedRequests],
  ];
  for (const [name, help, label, counts] of counters) {
    new Counter({
      name,
      help,
      labelNames: [label],
      registers,
      collect() {
        this.reset();
        for (const [value, count] of counts) this.inc({ [label]: value }, count);
      },
    });
  }
  return registry;
}
