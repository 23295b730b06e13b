// What has to hold for every page.

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { HtmlValidate } from "html-validate";
import { allPages, demand, everyKind, same } from "./pages.js";

const require = createRequire(import.meta.url);

/** Pages say nothing on the console, ask for nothing outside, and have one first heading. */
export async function quiet(browser) {
  const page = await browser.window();
  const files = allPages(browser.folder);
  for (const file of files) {
    await browser.visit(page, file);
    same(await page.locator("h1").count(), 1, `${file}: first headings`);
  }
  return { pages: files.length };
}

/** axe-core, which would like to fetch the style once more and may not, finds nothing to complain about, in light and dark, wide and narrow. */
export async function accessible(browser) {
  const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
  const faults = [];
  let pages = 0;
  for (const [colorScheme, width] of [["light", 1440], ["dark", 1440], ["light", 390]]) {
    const page = await browser.window({ colorScheme, viewport: { width, height: 900 } });
    for (const file of everyKind(browser.folder)) {
      await browser.visit(page, file);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"], preload: false }));
      for (const { id, nodes } of violations) {
        for (const { html, failureSummary } of nodes.slice(0, 3)) faults.push(`${file} (${colorScheme}, ${width}): ${id}: ${html.slice(0, 200)}\n${failureSummary}`);
      }
      pages += 1;
    }
  }
  demand(faults.length === 0, faults.slice(0, 40).join("\n"));
  return { pages };
}

/** A validator has nothing to complain about. */
export async function valid(browser) {
  const validator = new HtmlValidate({
    extends: ["html-validate:recommended", "html-validate:document"],
    rules: {
      // The look of the text itself, and what search engines ask for.
      "long-title": "off", "no-trailing-whitespace": "off", "doctype-style": "off", "void-style": "off",
      // HTML lets an id hold anything but white space; style and script lie beside the pages.
      "valid-id": ["error", { relaxed: true }], "require-sri": "off",
    },
  });
  const faults = [];
  const files = allPages(browser.folder);
  for (const file of files) {
    const report = await validator.validateString(fs.readFileSync(path.join(browser.folder, file), "utf8"));
    for (const { messages } of report.results) {
      for (const { ruleId, message, line } of messages) faults.push(`${file}:${line}: ${ruleId}: ${message}`);
    }
  }
  demand(faults.length === 0, `${faults.length} faults\n${faults.slice(0, 40).join("\n")}`);
  return { pages: files.length };
}

/** From opening the page to the first result, in milliseconds. */
export async function many(browser) {
  const times = [];
  for (let run = 0; run < 3; run += 1) {
    const page = await browser.window();
    await page.goto(browser.url("index.html"));
    times.push(await page.evaluate(async () => {
      while (!("ready" in document.documentElement.dataset)) await new Promise((next) => { setTimeout(next, 1); });
      const input = document.querySelector("[role=combobox]");
      input.value = "module7.a-value.subject57";
      input.dispatchEvent(new Event("input"));
      const first = document.querySelector("#results li strong")?.textContent;
      if (first !== "module7.subject57") throw new Error(`found ${first}`);
      // The result is on the screen when the next picture is.
      await new Promise((next) => { requestAnimationFrame(() => { setTimeout(next, 0); }); });
      return performance.now();
    }));
    await page.context().close();
  }
  const best = Math.min(...times);
  demand(best < 1000, `the first result takes ${times.join(", ")} ms`);
  return { milliseconds: times.map(Math.round) };
}

/** Nothing that a description says is more than text. */
export async function hostile(browser) {
  const page = await browser.window();
  const files = allPages(browser.folder);
  for (const file of files) {
    await browser.visit(page, file);
    const found = await page.evaluate(() => ({
      scripts: [...document.querySelectorAll("script")].filter((script) => !/assets\/(natsmith|contract)\.js$/.test(script.src)).length,
      others: document.querySelectorAll("iframe, object, embed, img, form, base, video, meta[http-equiv=refresh], svg image, [onerror], [onload], [onclick], [style]").length,
      links: [...document.querySelectorAll("main a[href]")].filter((link) => !["file:", "https:", "http:", "mailto:"].includes(link.protocol || "file:")).length,
      width: document.documentElement.scrollWidth,
      harm: globalThis.harm,
    }));
    same(found, { scripts: 0, others: 0, links: 0, width: 1280, harm: undefined }, file);
  }
  const phone = await browser.window({ viewport: { width: 390, height: 844 }, isMobile: true });
  for (const file of files) {
    await browser.visit(phone, file);
    const width = await phone.evaluate(() => document.documentElement.scrollWidth);
    demand(width <= 390, `${file} is ${width} pixels wide on a phone`);
  }
  await page.getByRole("combobox").fill("script");
  demand(await page.locator("#results li").count() > 0, "what the descriptions say can be found");
  return { pages: files.length };
}
