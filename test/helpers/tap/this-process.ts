/** The one tap of this process, put on when this is first loaded. */
import { Tap, tapServers } from "./tap.ts";

export const tapped = new Tap();
tapServers(tapped);
