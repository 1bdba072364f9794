/** A bot that greets whoever waits, answers one question and leaves the rest to people. */
import { createChatClient } from "customer-chat/client";

const { CHAT_URL = "http://127.0.0.1:3000", CHAT_TOKEN = "session-of-the-bot" } = process.env;

const bot = createChatClient({ url: CHAT_URL, credentials: { token: CHAT_TOKEN }, desk: true });
const known = new Set();

/** Takes the chat, says what it knows, and gives it to the desk. */
async function greet({ id, customer }, question) {
  await bot.claim(id);
  const answer = /order/i.test(question) ? "Orders leave within a day." : "Somebody will be with you soon.";
  bot.send({ userTo: customer.id, text: answer, conversation: id });
  await new Promise((resolve) => {
    const stop = bot.on("outgoing", (outgoing) => {
      if (outgoing.length > 0) return;
      stop();
      resolve();
    });
  });
  await bot.release(id);
}

bot.on("state", ({ status, code = "" }) => console.log(status, code));
bot.on("desk", () => {
  for (const { conversation, preview } of bot.desk.waiting.values()) {
    // The first words follow at once.
    if (preview === "" || known.has(conversation.id)) continue;
    known.add(conversation.id);
    // A colleague may have been faster.
    greet(conversation, preview).catch(({ code, message }) => console.log(code, message));
  }
});
bot.start();

process.once("SIGTERM", () => bot.stop());
