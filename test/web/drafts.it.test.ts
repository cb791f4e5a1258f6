import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type EditorScene,
  openEditorScene,
  rendered,
  saved,
  saying,
  textOf,
  typeAtEnd,
} from "./support/editor-scene.ts";

let scene: EditorScene;
beforeAll(async () => {
  scene = await openEditorScene();
});
afterAll(() => scene?.close());

const LINES = [
  "You answer questions about {{ product }}.",
  "Be polite.",
  "Quote the policy.",
  "Never promise a date.",
];
const changed = (place: number, line: string) => saying(...LINES.with(place, line));
const textSaved = async (prompt: string, number: number) =>
  (await scene.ask("GET", `/v1/prompts/${encodeURIComponent(prompt)}/versions/${number}`)).artifact
    .messages[0].content;

/** What a browser notes of a connection that it does not have. */
function offlineIsNoFault(wrong: readonly string[]): void {
  expect(wrong.filter((line) => !/net::ERR_|status of 502/.test(line))).toEqual([]);
  (wrong as string[]).length = 0;
}

describe("two people who write", () => {
  it("Two people edit the same prompt at once: the second is told while typing that the first has saved, is shown what changed, merges, and her version has both changes; no text of either is lost.", () =>
    scene.browser.visit({ key: scene.keys.mia }, async ({ page, look }) => {
      const prompt = await scene.newPrompt(saying(...LINES));
      await scene.ask("POST", "/v1/drafts", { prompt, base: 1, file: saying("ben's") }, scene.keys.ben);
      await page.goto(`/p/${prompt}/~edit`);
      await page.getByText("ben has a draft of this too, from @1").waitFor();
      await typeAtEnd(page, "\nSay thank you.");
      await saved(page);
      await scene.push(prompt, changed(1, "Be warm."), "warmer", scene.keys.ben);
      await page
        .getByText(/ben saved @2 at \d\d:\d\d: “warmer”\. Yours is from @1 and does not have it\./)
        .waitFor();
      await page.getByRole("link", { name: "See what ben changed" }).waitFor();
      // She goes on all the same, and saving says it once more.
      await page.getByRole("button", { name: "Save as version…" }).click();
      await page.getByLabel("What changed and why?").fill("thanks");
      await page.getByRole("button", { name: "Save", exact: true }).click();
      const merge = page.getByRole("dialog", { name: "ben saved @2 meanwhile" });
      await merge
        .getByText("Both of you changed this, in different lines: both changes are in it.")
        .waitFor();
      await look("editor, merging");
      await merge.getByRole("button", { name: "Save the merged text as @3" }).click();
      await page.getByRole("dialog", { name: `Saved as ${prompt}@3` }).waitFor();
      expect(await textSaved(prompt, 3)).toBe([...LINES.with(1, "Be warm."), "Say thank you."].join("\n"));
      expect(await textSaved(prompt, 2)).toContain("Be warm.");
    }));

  it("…and when both changed the same line, she chooses, and can undo the merge.", () =>
    scene.browser.visit({ key: scene.keys.mia }, async ({ page, look }) => {
      const prompt = await scene.newPrompt(saying(...LINES));
      const { draftId } = await scene.ask(
        "POST",
        "/v1/drafts",
        { prompt, base: 1, file: changed(1, "Be cheerful.") },
        scene.keys.mia,
      );
      const file = { ...changed(1, "Be warm."), params: { temperature: 0.5 } };
      await scene.push(prompt, file, "warmer", scene.keys.ben);
      await page.goto(`/p/${prompt}/~edit?draft=${draftId}`);
      await page.getByRole("button", { name: "Bring it into mine" }).click();
      const merge = page.getByRole("dialog", { name: "ben saved @2 meanwhile" });
      await merge.getByText("Both of you changed the same lines: choose.").waitFor();
      await merge.getByText("Only ben changed this: taken.").waitFor();
      await merge.getByRole("button", { name: "Bring it into my draft" }).click();
      await merge.getByRole("alert").filter({ hasText: "Choose first: one place" }).waitFor();
      await look("editor, choosing");
      await merge.getByRole("radio", { name: /^ben’s/ }).check();
      await merge.getByRole("button", { name: "Bring it into my draft" }).click();
      await rendered(page).getByText("Be warm.").waitFor();
      await page.getByText("@2 is in your draft now.").waitFor();
      await saved(page);
      expect(await scene.ask("GET", `/v1/drafts/${draftId}`)).toMatchObject({
        base: 2,
        file: { params: { temperature: 0.5 } },
      });
      await page.getByRole("button", { name: "Undo the merge" }).click();
      await rendered(page).getByText("Be cheerful.").waitFor();
      await saved(page);
      expect(await scene.ask("GET", `/v1/drafts/${draftId}`)).toMatchObject({
        base: 1,
        file: { params: { temperature: 0.2 } },
      });
      // What was undone can be gone back to as well.
      await page.getByRole("button", { name: "History" }).click();
      await page
        .getByRole("button", { name: /^Go back to this/ })
        .first()
        .waitFor();
      await look("editor, history");
    }));

  it("reads another's draft, and copies it to one of her own", () =>
    scene.browser.visit({ key: scene.keys.mia }, async ({ page }) => {
      const prompt = await scene.newPrompt(saying(...LINES));
      const body = { prompt, base: 1, file: changed(1, "Be brief.") };
      const { draftId } = await scene.ask("POST", "/v1/drafts", body, scene.keys.ben);
      await page.goto(`/p/${prompt}/~edit?draft=${draftId}`);
      await page.getByText("ben's draft from @1.").waitFor();
      expect(await page.getByRole("button", { name: "Add message" }).count()).toBe(0);
      await page.getByRole("button", { name: "Copy to mine" }).click();
      await page.waitForURL((url) => !url.search.includes(draftId));
      await typeAtEnd(page, "\nSay thank you.");
      await saved(page);
      await page.getByRole("button", { name: "Discard draft…" }).click();
      await page.getByRole("button", { name: "Discard", exact: true }).click();
      await page.waitForURL(`/p/${prompt}`);
      const { items } = await scene.ask("GET", `/v1/drafts?prompt=${prompt}`);
      expect(items).toMatchObject([{ draftId, owner: "ben" }]);
    }));
});

describe("what is typed", () => {
  it("Closing the tab, killing the browser, or signing out while typing loses nothing; after signing in the draft stands as it was.", () =>
    scene.browser.visit({ key: scene.keys.mia }, async ({ page, context, wrong }) => {
      const prompt = await scene.newPrompt(saying(...LINES));
      await page.goto(`/p/${prompt}/~edit`);
      await typeAtEnd(page, "\nOne.");
      await saved(page);
      const address = page.url();
      // Closed where nothing goes out any more, as when a browser is killed.
      await context.setOffline(true);
      await typeAtEnd(page, "\nTwo.");
      await rendered(page).getByText("Two.").waitFor();
      await page.close({ runBeforeUnload: false });
      await context.setOffline(false);
      const again = await context.newPage();
      await again.goto(address);
      await again.getByText("was kept on this device and is back.").waitFor();
      await rendered(again).getByText("Two.").waitFor();
      await saved(again);
      await typeAtEnd(again, "\nThree.");
      await again.getByRole("button", { name: "mia" }).click();
      await again.getByRole("button", { name: "Sign out" }).click();
      await again.getByLabel("Your key").fill(scene.keys.mia);
      await again.keyboard.press("Enter");
      await rendered(again).getByText("Three.").waitFor();
      await saved(again);
      const { file } = await scene.ask("GET", `/v1/drafts/${new URL(address).searchParams.get("draft")}`);
      expect(file.messages[0].content).toBe([...LINES, "One.", "Two.", "Three."].join("\n"));
      offlineIsNoFault(wrong);
      // Nobody else who signs in on this device is shown it.
      expect(
        await again.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('sluice.draft'))"),
      ).toEqual([]);
    }));

  it("The server goes away while she types: the page says so, keeps the text on the device, and sends it when the server is back.", () =>
    scene.browser.visit({ key: scene.keys.mia }, async ({ page, context, wrong }) => {
      const prompt = await scene.newPrompt(saying(...LINES));
      await page.goto(`/p/${prompt}/~edit`);
      await page.locator(".cm-content").first().waitFor();
      // As from what stands before a server that is not there yet: a browser does not come back to that by itself.
      await context.route("**/v1/changes", (route) => route.fulfill({ status: 502 }), { times: 1 });
      await scene.bench.restart(async () => {
        // Said before anything is typed.
        await page.getByText(/Not connected since \d\d:\d\d/).waitFor();
        await typeAtEnd(page, "\nOffline.");
        await page.getByText("Saved on this device; the server is away.").waitFor();
        await rendered(page).getByText("Offline.").waitFor();
      });
      await saved(page);
      const { items } = await scene.ask("GET", `/v1/drafts?prompt=${prompt}`);
      expect(items).toMatchObject([{ owner: "mia" }]);
      const { file } = await scene.ask("GET", `/v1/drafts/${items[0].draftId}`);
      expect(file.messages[0].content).toContain("Offline.");
      // Saved, and the answer is lost: it is hers, and no other window's. So is every other answer, until she has seen it:
      // the first one that came would be followed by another attempt at once.
      await page.route("**/v1/**", async (route) => {
        if (route.request().url().includes("/v1/drafts/")) await route.fetch();
        await route.abort();
      });
      await typeAtEnd(page, "\nUnanswered.");
      await page.getByText("Saved on this device; the server is away.").waitFor();
      await page.unrouteAll({ behavior: "wait" });
      await typeAtEnd(page, "\nAnswered.");
      await saved(page);
      const { file: after } = await scene.ask("GET", `/v1/drafts/${items[0].draftId}`);
      expect(after.messages[0].content).toMatch(/\nUnanswered\.\nAnswered\.$/);
      // She is told again of what others do.
      await scene.push(prompt, changed(1, "Be warm."), "warmer", scene.keys.ben);
      await page.getByText(/ben saved @2 at/).waitFor();
      offlineIsNoFault(wrong);
    }));

  it("on a network that is gone without a word is said to be on the device, and is sent when it is back", () =>
    scene.browser.visit({ key: scene.keys.mia }, async ({ page, wrong }) => {
      const prompt = await scene.newPrompt(saying(...LINES));
      await page.goto(`/p/${prompt}/~edit`);
      await page.locator(".cm-content").first().waitFor();
      const { promise: network, resolve: isBack } = Promise.withResolvers<void>();
      let isGone = true;
      await page.route("**/v1/drafts**", async (route) => {
        if (!isGone) return route.continue();
        await network;
        return route.abort();
      });
      await typeAtEnd(page, "\nUnanswered.");
      await page.getByText("Saved on this device; the server is away.").waitFor();
      isGone = false;
      isBack();
      await saved(page);
      const { items } = await scene.ask("GET", `/v1/drafts?prompt=${prompt}`);
      const { file } = await scene.ask("GET", `/v1/drafts/${items[0].draftId}`);
      expect(file.messages[0].content).toMatch(/\nUnanswered\.$/);
      offlineIsNoFault(wrong);
    }));

  it("A session that expires in mid-edit asks for the key in a dialog, and the save then goes through.", () =>
    scene.browser.visit({ key: scene.keys.mia }, async ({ page, context }) => {
      const prompt = await scene.newPrompt(saying(...LINES));
      await page.clock.install();
      await page.goto(`/p/${prompt}/~edit`);
      await page.getByText("You are looking at @1").waitFor();
      await textOf(page).focus();
      await page.keyboard.press("Control+End");
      // In one moment: the dialog comes a second after the last key, or at once where nobody is writing.
      await page.clock.pauseAt(Date.now() + 5_000);
      await context.clearCookies();
      await page.keyboard.insertText("\nStill here.");
      await page.clock.resume();
      const dialog = page.getByRole("dialog", { name: "Your session is over" });
      await dialog.getByLabel("Your key").fill(scene.keys.mia);
      await page.keyboard.press("Enter");
      await dialog.waitFor({ state: "hidden" });
      await saved(page);
      await page.getByRole("button", { name: "Save as version…" }).click();
      await page.getByLabel("What changed and why?").fill("still here");
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByRole("dialog", { name: `Saved as ${prompt}@2` }).waitFor();
      expect(await textSaved(prompt, 2)).toContain("Still here.");
    }));

  it("in two windows at once is one or the other, and she is asked which", () =>
    scene.browser.visit({ key: scene.keys.mia }, async ({ page, context }) => {
      const prompt = await scene.newPrompt(saying(...LINES));
      await page.goto(`/p/${prompt}/~edit`);
      await typeAtEnd(page, "\nFirst.");
      await saved(page);
      const other = await context.newPage();
      await other.goto(page.url());
      await typeAtEnd(other, "\nSecond.");
      await saved(other);
      await typeAtEnd(page, "\nThird.");
      await page.getByText("This draft was saved from another window or device meanwhile").waitFor();
      await page.getByRole("button", { name: "Take what was saved there" }).click();
      await textOf(page).getByText("Second.").waitFor();
      await typeAtEnd(page, "\nFourth.");
      await saved(page);
      const { file } = await scene.ask("GET", `/v1/drafts/${new URL(page.url()).searchParams.get("draft")}`);
      expect(file.messages[0].content).toBe([...LINES, "First.", "Second.", "Fourth."].join("\n"));
    }));
});
