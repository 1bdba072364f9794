/** A shop with the chat in it: one Express application, one port, the shop's own sessions. */
import { createServer } from "node:http";
import express from "express";
import { createChatServer } from "customer-chat";

const { PORT = "3000", DATA_DIR = "./data" } = process.env;

/** Stands for the shop's own store of sessions. */
const sessions = new Map([
  ["session-of-carla", { kind: "customer", subject: "42", name: "Carla" }],
  ["session-of-anna", { kind: "agent", login: "anna", name: "Anna" }],
  ["session-of-the-bot", { kind: "agent", login: "bot", name: "Robot" }],
]);

const chat = await createChatServer({
  dataDir: DATA_DIR,
  serviceName: "Shop",
  // A session of the shop's is all it takes; without one the chat decides, and makes a guest.
  authenticate: ({ token = "" }, next) => (token.startsWith("session-") ? sessions.get(token) : next()),
  // Customers follow their own orders; everything else is as the chat decides.
  can: ({ principal, verb, destination, allowed }) =>
    allowed || (verb === "SUBSCRIBE" && destination === `/topic/orders/${principal.id}`),
});

chat.on("message", ({ message }) => console.log(`${message.userFrom} wrote to ${message.userTo}`));

const shop = express();
shop.use(chat.router);
shop.get("/", (_request, response) => {
  response.send('<h1>The shop</h1><script async src="/widget.js"></script>');
});
// Stands for what happens in a warehouse. `user` is the customer's id in the chat.
shop.post("/orders/:user/sent", async (request, response) => {
  const { user } = request.params;
  await chat.publish(`/topic/orders/${user}`, JSON.stringify({ state: "sent" }));
  const { conversation } = await chat.send({ userTo: user, message: "Your order is on its way." });
  // What they answer is for the people of the desk.
  await chat.release(conversation);
  response.status(204).end();
});

const server = createServer(shop);
chat.attach(server);
server.listen(Number(PORT), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

process.once("SIGTERM", async () => {
  await chat.close();
  server.close();
});
