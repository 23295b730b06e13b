// A browser with the pages of one contract in it, and what every test asks of them.

import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

/** Fails with a reason. */
export function demand(condition, reason) {
  if (!condition) throw new Error(reason);
}

export function same(found, expected, what) {
  demand(JSON.stringify(found) === JSON.stringify(expected), `${what}: found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
}

/** Every page below a folder, by its path inside it. */
export function allPages(folder) {
  const files = fs.readdirSync(folder, { recursive: true }).map((file) => file.split(path.sep).join("/"));
  return files.filter((file) => file.endsWith(".html")).sort();
}

/** A page of each kind, and the longest one: all others are made by the same templates. */
export function everyKind(folder) {
  const size = (file) => fs.statSync(path.join(folder, file)).size;
  const kinds = byFolder(allPages(folder));
  return [...kinds].flatMap(([kind, pages]) => {
    if (kind === ".") return pages;
    const bySize = [...pages].sort((a, b) => size(a) - size(b));
    return [...new Set([bySize.at(0), bySize.at(-1)])];
  });
}

function byFolder(files) {
  const groups = new Map();
  for (const file of files) groups.set(path.dirname(file), [...(groups.get(path.dirname(file)) ?? []), file]);
  return groups;
}

export class Browser {
  constructor(folder, browser) {
    this.folder = folder;
    this.browser = browser;
    this.faults = [];
  }

  static async open(folder) {
    const browser = await chromium.launch({
      executablePath: process.env.NATSMITH_CHROMIUM,
      // Containers have no name spaces to make a sandbox of, and the pages are our own.
      args: ["--no-sandbox", "--disable-dev-shm-usage"],
    });
    return new Browser(folder, browser);
  }

  /** A window. What is said on the console and every request that leaves the folder is a fault. */
  async window(options = {}) {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const inside = pathToFileURL(this.folder).href;
    page.on("console", (message) => this.faults.push(`${page.url()}: the console says ${message.text()}`));
    page.on("pageerror", (error) => this.faults.push(`${page.url()}: ${error}`));
    page.on("dialog", (dialog) => {
      this.faults.push(`${page.url()}: a dialog says ${dialog.message()}`);
      dialog.dismiss();
    });
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(`${inside}/`) && !url.startsWith("data:")) this.faults.push(`${page.url()}: asks for ${url}`);
    });
    page.on("requestfailed", (request) => this.faults.push(`${page.url()}: has no ${request.url()}`));
    return page;
  }

  url(file) {
    const [name, hash] = file.split("#");
    return pathToFileURL(path.join(this.folder, name)).href + (hash ? `#${hash}` : "");
  }

  /** Goes to a page and waits until its script has done its work. */
  async visit(page, file) {
    await page.goto(this.url(file));
    await page.waitForSelector("html[data-ready]", { state: "attached" });
  }

  async close() {
    await this.browser.close();
    demand(this.faults.length === 0, this.faults.join("\n"));
  }
}

/** Where a page is, from the root of the pages. */
export function place(browser, page) {
  return decodeURI(page.url()).replace(`${decodeURI(pathToFileURL(browser.folder).href)}/`, "");
}
