// A person at the web console, in a real Chromium: node console.mjs ADDRESS FOLDER. Prints what was seen, as JSON.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const require = createRequire(join(process.env.PEERS, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [address, folder] = process.argv.slice(2);
const SIZES = { 1440: 900, 1024: 768, 390: 844 };

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const seen = { errors: [], violations: [], requests: [], states: [] };
try {
  const context = await browser.newContext({ bypassCSP: false, viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && seen.errors.push(message.text()));
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("request", (request) => seen.requests.push(new URL(request.url()).origin));
  page.setDefaultTimeout(20000);

  await page.goto(address);
  await page.getByText("Live", { exact: true }).waitFor();
  seen.url = page.url();
  const card = (name) => page.locator("article.agent", { hasText: name });
  const state = async (name, text) => {
    await card(name).locator(".states .badge", { hasText: text }).waitFor();
    seen.states.push(`${name}: ${text}`);
  };

  const check = async (label) => {
    const found = await page.evaluate(`(() => { const module = { exports: {} }; ${axe}; return module.exports.run(); })()`);
    for (const each of found.violations) {
      const nodes = each.nodes.map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`);
      seen.violations.push(`${label} ${each.id}: ${nodes.join(" | ")}`);
    }
    seen.checked = (seen.checked ?? 0) + 1;
    const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
    seen.overflow = Math.max(seen.overflow ?? 0, overflow);
  };

  // Another agent signs in and becomes ready; a customer calls the queue; the agent answers.
  await card("Ben Ito").getByRole("button", { name: "Sign in" }).click();
  await state("Ben Ito", "Not ready");
  await card("Ben Ito").getByRole("button", { name: "Ready", exact: true }).click();
  await state("Ben Ito", "Ready");
  await page.getByLabel("Name (callVariable1)").fill("A & B Ltd");
  await page.locator("console-desk form.form button.main").click();
  await state("Ben Ito", "Phone is ringing");
  await card("Ben Ito").getByRole("button", { name: "Answer" }).click();
  await state("Ben Ito", "Talking");

  // Markup in every field that a customer can fill.
  await page.locator("console-desk form.form select").nth(1).selectOption("");
  await page.getByRole("textbox", { name: "Other number" }).fill("<u>1234567</u>");
  await page.getByLabel("Number of the customer").fill("<img src=x onerror=fail()>");
  await page.getByLabel("Name (callVariable1)").fill("<b>bold</b>");
  await page.getByLabel("More variables").fill("<i>name</i>=<script>fail()</script>");
  await page.locator("console-desk form.form button.main").click();
  const planted = page.locator("console-desk .row", { hasText: "<img src=x onerror=fail()>" });
  await planted.waitFor();
  seen.planted = await planted.textContent();
  await page.locator("console-wire .entry.person", { hasText: "<img src=x" }).click();
  seen.markup = await page.locator("body").evaluate((body) => body.querySelectorAll("b, i, u, img, script, iframe, object").length);
  await page.locator(".drawer button").click();
  await planted.getByRole("button", { name: "Hang up" }).click();
  await planted.waitFor({ state: "detached" });
  await page.getByLabel("More variables").fill("");

  // The next event is lost, and the next action fails.
  await page.getByText("Break something").click();
  await page.locator("form.inline", { hasText: "agent events" }).getByRole("button", { name: "Inject" }).click();
  await page.getByText("Active: lose event").waitFor();
  await card("Ben Ito").getByRole("button", { name: "Hold", exact: true }).click();
  await state("Ben Ito", "Call on hold");
  await page.locator("console-wire .entry.fault.failed").first().waitFor();
  await page.locator("form.inline", { hasText: "with" }).getByRole("button", { name: "Inject" }).click();
  await page.getByText("Active: fail any action").waitFor();
  await card("Ben Ito").locator("summary").click();
  await page.screenshot({ path: join(folder, "console-faults.png") });
  await check("faults and menu");
  await page.keyboard.press("Escape");
  await card("Ben Ito").getByRole("button", { name: "Not ready afterwards" }).click();
  await check("dialog");
  await page.keyboard.press("Escape");
  await card("Ben Ito").getByRole("button", { name: "Resume" }).click();
  seen.message = await page.locator(".message.bad").textContent();
  await page.locator(".message.bad button").click();
  await page.getByText("Break something").click();

  // More for the pictures: a second call waits, and agent 1001, who has a client, takes a third.
  await page.locator("console-desk form.form select").nth(1).selectOption("8810");
  await page.getByLabel("Name (callVariable1)").fill("M. Sørensen");
  await page.locator("console-desk form.form button.main").click();
  await page.locator("console-desk .row", { hasText: "in South.Sales" }).waitFor();
  await card("Ada Okoro").getByRole("button", { name: "Sign in" }).click();
  await card("Ada Okoro").getByRole("button", { name: "Ready", exact: true }).click();
  await state("Ada Okoro", "Ready");
  await page.locator("console-desk form.form select").nth(1).selectOption("8801");
  await page.locator("console-desk form.form button.main").click();
  await state("Ada Okoro", "Phone is ringing");
  await card("Ada Okoro").getByRole("button", { name: "Answer" }).click();
  await state("Ada Okoro", "Talking");

  // A row of the diagram, by keyboard.
  const event = page.locator("console-wire .entry.event", { hasText: "Dialogs" }).last();
  await event.click();
  seen.time = await page.locator(".drawer dt").first().textContent();
  seen.xml = await page.locator(".drawer pre").textContent();
  await page.keyboard.press("Escape");
  await page.locator("console-wire .entry[tabindex='0']").focus();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  seen.drawer = await page.locator(".drawer h3").textContent();

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Export" }).click(),
  ]);
  seen.text = readFileSync(await download.path(), "utf8");

  await page.setViewportSize({ width: 1280, height: 720 });
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(folder, "console.png") });
  for (const [width, height] of Object.entries(SIZES)) {
    await page.setViewportSize({ width: Number(width), height });
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      const tabs = width === "390" ? ["desk", "floor", "wire"] : [""];
      for (const tab of tabs) {
        if (tab) await page.locator(`#tab-${tab}`).click();
        await page.waitForTimeout(500);
        await page.screenshot({ path: join(folder, `console-${width}-${colorScheme}${tab && `-${tab}`}.png`) });
        await check(`${width} ${colorScheme} ${tab}`);
      }
    }
  }

  // The diagram still follows new rows after the window has become lower and another tab was open.
  await page.locator(".drawer button").click();
  const scroller = page.locator("console-wire .scroller");
  await scroller.evaluate((element) => { element.scrollTop = element.scrollHeight; });
  await page.setViewportSize({ width: 390, height: 600 });
  await page.locator("#tab-desk").click();
  await page.locator("console-desk form.form button.main").click();
  await page.locator("#tab-wire").click();
  await page.waitForTimeout(1000);
  seen.behind = await scroller.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight);
} catch (error) {
  seen.failure = String(error);
  await browser.contexts()[0]?.pages()[0]?.screenshot({ path: join(folder, "failure.png") });
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
