// Runs one check: `node run.js CHECK FOLDER`. It ends well, or says what is wrong on standard error.

import { accessible, hostile, many, quiet, valid } from "./whole.js";
import { copying, links, phone, print, scriptless, search, tabs, themes, topology, tree } from "./use.js";
import { graphs } from "./graphs.js";
import { Browser } from "./pages.js";

const checks = { accessible, copying, graphs, hostile, links, many, phone, print, quiet, scriptless, search, tabs, themes, topology, tree, valid };
const [name, folder] = process.argv.slice(2);

const browser = await Browser.open(folder);
try {
  const told = await checks[name](browser);
  await browser.close();
  if (told) console.log(JSON.stringify(told));
} catch (error) {
  console.error(error.message);
  await browser.browser.close();
  process.exitCode = 1;
}
