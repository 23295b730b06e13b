// What somebody does with the pages of mister-smith.

import { demand, place, same } from "./pages.js";

const AGENT = "agent-3f2b8c1e-5d4a-4e6f-9a7b-1c2d3e4f5a6b";

async function results(page) {
  return page.locator("#results li strong").allTextContents();
}

export async function search(browser) {
  const page = await browser.window();
  await browser.visit(page, "index.html");
  const input = page.getByRole("combobox");
  await page.keyboard.press("/");
  demand(await input.evaluate((element) => element === document.activeElement), "`/` leads to the search");

  await input.fill(`agents.${AGENT}.status.idle`);
  same((await results(page))[0], "agents.status", "a subject as it travels");
  await input.fill("agents.*.status.*");
  same((await results(page))[0], "agents.status", "a filter");
  await input.fill("tasks.>");
  demand((await results(page)).length >= 6, "everything below `tasks`");
  await input.fill("tasks.analysis.qu");
  same((await results(page))[0], "tasks.queue", "a subject that is not written to its end");
  await input.fill("percent_complete");
  demand((await results(page)).includes("TaskProgress"), "a member of a payload");
  await input.fill("HEARTBEAT");
  same((await results(page))[0], "agents.heartbeat", "capital letters");
  await input.fill("<img src=x>");
  same(await results(page), [], "nothing");
  same(await page.getByRole("status").textContent(), "0 results", "that nothing was found is told");

  await input.fill("task");
  const before = await input.getAttribute("aria-activedescendant");
  await page.keyboard.press("ArrowDown");
  const after = await input.getAttribute("aria-activedescendant");
  same([before, after], ["result-0", "result-1"], "the keyboard moves through the results");
  const chosen = (await results(page))[1];
  await page.keyboard.press("Enter");
  await page.waitForURL(/#|subjects|payloads|streams/);
  demand(place(browser, page).includes(chosen), `${chosen} is opened, not ${page.url()}`);

  await page.keyboard.press("Control+k");
  await input.fill("agents.status");
  await page.keyboard.press("Escape");
  demand(await page.locator("#results").isHidden(), "Escape closes the results");
}

/** Places in pages, also those that are folded. */
export async function links(browser) {
  const page = await browser.window();
  const inView = (id) => page.locator(`[id="${id}"]`).evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight + element.offsetHeight && element.checkVisibility();
  });
  const id = "payload-resource_usage.cpu_percent";
  await browser.visit(page, `payloads/AgentStatus.html#${id}`);
  demand(await inView(id), "a member within a member is shown");
  await page.locator("main details").first().evaluate((details) => { details.open = false; });
  await page.evaluate((hash) => { location.hash = ""; location.hash = hash; }, id);
  await page.waitForFunction((place) => document.getElementById(place).checkVisibility(), id);
  await page.locator("#payload-status a.name").click();
  demand(page.url().endsWith("#payload-status"), "a member's name is its address");

  await browser.visit(page, "subjects/agents.status.html");
  same(await page.locator("#tree [aria-current]").textContent(), "status.{status_type}", "the tree says where one is");
  await page.locator("#tree").getByText("heartbeat", { exact: true }).click();
  await page.waitForURL(/agents.heartbeat/);
  await page.locator("main .hub a").first().click();
  await page.waitForURL(/payloads\/AgentHeartbeat/);
  await page.goBack();
  await page.waitForURL(/agents.heartbeat/);
}

/** Subjects stand in a tree by their parts, in which arrows move. */
export async function tree(browser) {
  const page = await browser.window();
  await browser.visit(page, "roles.html");
  const at = () => page.evaluate(() => document.activeElement.textContent);
  const visible = () => page.locator("#tree :is(summary, a):visible").count();
  const folded = await visible();
  await page.locator("#tree summary", { hasText: "agents." }).focus();
  same(await at(), "agents.{agent_id}", "what all subjects of a branch begin with is said once");
  await page.keyboard.press("ArrowRight");
  demand(await visible() > folded + 5, "a branch unfolds");
  await page.keyboard.press("ArrowRight");
  same(await at(), "commands.{command_type}", "to the right is what stands below");
  await page.keyboard.press("ArrowDown");
  same(await at(), "status.{status_type}", "down is the next one");
  await page.keyboard.press("ArrowLeft");
  same(await at(), "agents.{agent_id}", "to the left is the branch");
  await page.keyboard.press("ArrowLeft");
  same(await visible(), folded, "a branch folds");
  await page.keyboard.press("End");
  same(await at(), "Streams", "the last one");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL(/subjects\/agents.commands/);
}

export async function copying(browser) {
  const page = await browser.window({ permissions: ["clipboard-read", "clipboard-write"] });
  await browser.visit(page, "payloads/AgentStatus.html");
  const text = await page.locator("#example + .block code").textContent();
  await page.locator("#example + .block button").click();
  await page.locator("#example + .block button.done").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  same(copied, text, "what is copied");
  demand(JSON.parse(copied).agent_id.startsWith("agent-"), "it is a document");
}

export async function tabs(browser) {
  const page = await browser.window();
  await browser.visit(page, "subjects/agents.status.html");
  const shown = async () => (await page.locator("[data-tab]:visible").evaluateAll((all) => all.map((tab) => tab.dataset.tab)));
  same(await shown(), ["Rust"], "one language is shown");
  await page.getByRole("tab", { name: "Rust" }).focus();
  await page.keyboard.press("ArrowRight");
  same(await shown(), ["Python"], "the keyboard changes it");
  await browser.visit(page, "subjects/tasks.queue.html");
  same(await shown(), ["Python"], "it stays on the next page");
}

export async function themes(browser) {
  const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await browser.window();
  await browser.visit(light, "index.html");
  const white = await background(light);
  const dark = await browser.window({ colorScheme: "dark" });
  await browser.visit(dark, "index.html");
  const black = await background(dark);
  demand(white === "rgb(255, 255, 255)" && black !== white, `the system's theme: ${white}, ${black}`);
  await light.getByRole("button", { name: "Dark theme" }).click();
  same(await background(light), black, "the button turns it dark");
  await browser.visit(light, "roles.html");
  same(await background(light), black, "it stays dark on the next page");
  same(await light.getByRole("button", { name: "Dark theme" }).getAttribute("aria-pressed"), "true", "the button says so");
}

export async function phone(browser) {
  const page = await browser.window({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  for (const file of ["index.html", "roles.html", "tokens.html", "topology.html", "payloads.html", "subjects/agents.capabilities.html", "payloads/TaskResult.html", "streams/task_lifecycle.html"]) {
    await browser.visit(page, file);
    const [width, height] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]);
    demand(width <= 390, `${file} is ${width} pixels wide`);
    demand(height > 400, `${file} is ${height} pixels high`);
  }
  demand(await page.locator("#side").isHidden(), "the tree is out of the way");
  await page.getByRole("button", { name: "Menu" }).click();
  demand(await page.locator("#side").isVisible(), "the menu opens it");
  await page.getByRole("link", { name: "Topology" }).click();
  await page.waitForURL(/topology/);
  await page.getByRole("combobox").fill("agents.x.status.idle");
  same((await results(page))[0], "agents.status", "the search works here too");
}

/** Everything but the tree and the search is there without a script. */
export async function scriptless(browser) {
  const page = await browser.window({ javaScriptEnabled: false });
  await page.goto(browser.url("index.html"));
  await page.getByRole("link", { name: /heartbeat/ }).first().click();
  await page.waitForURL(/agents.heartbeat/);
  demand(await page.getByText("from natsmith_runtime").count() === 0, "no other language's code");
  for (const text of ["Python", "TypeScript", "nats CLI"]) demand(await page.getByRole("heading", { name: text }).isVisible(), `${text} is shown`);
  await page.getByRole("link", { name: "Roles" }).click();
  await page.waitForURL(/roles/);
}

export async function print(browser) {
  const page = await browser.window();
  await browser.visit(page, "subjects/agents.status.html");
  await page.emulateMedia({ media: "print" });
  demand(await page.locator("#side").isHidden(), "the tree is not printed");
  demand(await page.locator("[data-tab=CLI]").isVisible(), "every language is printed");
  const paper = await page.pdf();
  demand(paper.length > 10_000, `${paper.length} bytes are printed`);
}

export async function topology(browser) {
  const page = await browser.window();
  await browser.visit(page, "topology.html");
  const node = page.locator('#topology a[data-id="from-agent"]');
  await node.hover();
  const lit = await page.locator(".edges path.lit").count();
  const edges = await page.locator('.edges path[data-from="from-agent"]').count();
  demand(lit === edges && lit > 5, `${lit} of ${edges} edges of the agent stand out`);
  await node.click();
  await page.waitForURL(/roles.html#agent/);
}
