// What `natsmith graph` writes, read by those it is written for.

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { demand } from "./pages.js";

const mermaid = createRequire(import.meta.url).resolve("@mermaid-js/tiny/dist/mermaid.tiny.js");

export async function graphs(browser) {
  const names = fs.readdirSync(browser.folder);
  const page = await browser.window();
  await page.addScriptTag({ path: mermaid });
  const charts = names.filter((name) => name.endsWith(".mmd"));
  for (const name of charts) {
    const text = fs.readFileSync(path.join(browser.folder, name), "utf8");
    const told = await page.evaluate(async (text) => {
      mermaid.initialize({ startOnLoad: false, maxTextSize: 1e7, maxEdges: 1e5, htmlLabels: false });
      const parsed = await mermaid.parse(text);
      const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
      const nodes = [...db.getVertices().values()].map((vertex) => vertex.text);
      return { type: parsed.diagramType, nodes, edges: db.getEdges().length };
    }, text);
    demand(told.type.startsWith("flowchart"), `${name}: it is a ${told.type}`);
    const declared = text.split("\n").filter((line) => /^ *(from|row|to|stream|consumer)[0-9x]+[[({]/.test(line)).length;
    const edges = text.split("\n").filter((line) => /->/.test(line)).length;
    demand(told.nodes.length === declared && declared > 0, `${name}: ${told.nodes.length} nodes of ${declared}`);
    demand(told.edges === edges, `${name}: ${told.edges} edges of ${edges}`);
  }
  const drawings = names.filter((name) => name.endsWith(".svg"));
  for (const name of drawings) {
    await page.goto(browser.url(name));
    const root = await page.evaluate(() => document.documentElement.nodeName);
    const faults = await page.locator("parsererror").count();
    demand(root === "svg" && faults === 0, `${name}: no browser reads it`);
  }
  demand(charts.length > 4 && drawings.length === charts.length, `${charts.length} charts, ${drawings.length} drawings`);
}
