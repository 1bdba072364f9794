// Stops with a plain word where the running Node is too old to run these sources.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 24 || (major === 24 && minor < 13)) {
  process.stderr.write(
    `customer-chat needs Node 24.13 or newer; this is ${process.versions.node} (${process.execPath}).\n` +
      "npm ci brings Node 26 for the npm scripts where a binary exists for this system; where it could not,\n" +
      "install Node 26 and run the command again.\n",
  );
  process.exit(78);
}
