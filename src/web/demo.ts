/** The demo page: copies the snippet that it shows, with this server's own address in it. */
const snippet = document.querySelector("#snippet");
const button = document.querySelector("#copy");
const socket = document.querySelector("#socket");

if (snippet !== null) {
  snippet.textContent = `<script async src="${location.origin}/widget.js"></script>`;
}
if (socket !== null) socket.textContent = `${location.origin.replace(/^http/, "ws")}/chat`;
button?.addEventListener("click", () => {
  void navigator.clipboard.writeText(snippet?.textContent ?? "").then(
    () => {
      button.textContent = "Copied";
    },
    () => {
      button.textContent = "Select and copy it";
    },
  );
});
