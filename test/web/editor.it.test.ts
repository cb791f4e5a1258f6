import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createResolver } from "../../src/resolver/index.ts";
import { HttpSource } from "../../src/resolver/sources/http.ts";
import {
  type EditorScene,
  FILE,
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

describe("the editor", () => {
  it("shows what the model will get as it is typed, and makes a version of it with a message, by keys alone", () =>
    scene.browser.visit({ key: scene.keys.mia }, async ({ page, look }) => {
      const prompt = await scene.newPrompt();
      await page.goto(`/p/${prompt}`);
      await page.getByRole("button", { name: "Edit", exact: true }).focus();
      await page.keyboard.press("Enter");
      await page.getByText("You are looking at @1; typing makes a draft.").waitFor();
      await rendered(page).getByText("You answer questions about ‹product›.").waitFor();
      await typeAtEnd(page, "\nSay thank you.");
      await rendered(page).getByText("Say thank you.").waitFor();
      await page.waitForURL(/\?draft=/);
      await saved(page);
      await page.getByLabel("product", { exact: true }).fill("chairs");
      await page.getByLabel("question", { exact: true }).fill("Where is </untrusted> my chair?");
      await rendered(page).getByText("You answer questions about chairs.").waitFor();
      await page.getByText("Nothing stands in the way of saving it.").waitFor();
      await look("editor");
      await page.getByRole("button", { name: "Save as version…" }).focus();
      await page.keyboard.press("Enter");
      const dialog = page.getByRole("dialog", { name: `Save a new version of ${prompt}?` });
      await dialog.getByText("Say thank you.").waitFor();
      await dialog.getByRole("button", { name: "Save", exact: true }).click();
      await dialog.getByRole("alert").filter({ hasText: "Say what changed and why" }).waitFor();
      await look("editor, saving");
      await dialog.getByLabel("What changed and why?").focus();
      await page.keyboard.type("thanks the customer");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog", { name: `Saved as ${prompt}@2` }).waitFor();
      await page.getByRole("button", { name: "Close" }).press("Enter");
      await page.getByRole("heading", { name: `${prompt}@2` }).waitFor();
      await page.getByText("thanks the customer").waitFor();
      // What has become a version is no draft any more.
      expect((await scene.ask("GET", `/v1/drafts?prompt=${prompt}`)).items).toEqual([]);
    }));

  it("takes 200 kB at most for a first look, what is written in among them", async () => {
    const path = `/p/${await scene.newPrompt()}/~edit?from=1`;
    const { bytes } = await scene.browser.firstLook({ key: scene.keys.mia, path, drawn: ".cm-content" });
    expect(bytes).toBeLessThan(200_000);
  });

  it("An undeclared variable is underlined as it is typed, the finding names it, Declare fixes it, and Save becomes possible.", () =>
    scene.browser.visit({ key: scene.keys.mia }, async ({ page, look }) => {
      const prompt = await scene.newPrompt();
      await page.goto(`/p/${prompt}/~edit`);
      await page.locator(".cm-content").first().waitFor();
      await typeAtEnd(page, "\nBe {{ tone }}.");
      await page.locator(".cm-lintRange-error", { hasText: "tone" }).waitFor();
      const findings = page.getByRole("list", { name: "Findings" });
      await findings.getByText('variable "tone" is used but not declared').waitFor();
      await look("editor, findings");
      await page.getByRole("button", { name: "Save as version…" }).press("Enter");
      await page.getByLabel("What changed and why?").fill("a tone");
      await page.getByRole("button", { name: "Save", exact: true }).press("Enter");
      await page.getByRole("alert").filter({ hasText: "One finding has to be mended first" }).waitFor();
      await page.keyboard.press("Escape");
      await findings.getByRole("button", { name: "Go there" }).press("Enter");
      await page.keyboard.press("F8");
      await findings.getByRole("button", { name: "Declare “tone”" }).press("Enter");
      await page.locator(".cm-lintRange-error").waitFor({ state: "detached" });
      await findings.waitFor({ state: "hidden" });
      await rendered(page).getByText("Be ‹tone›.").waitFor();
      await page.getByRole("button", { name: "Save as version…" }).press("Enter");
      await page.getByLabel("What changed and why?").fill("a tone");
      await page.getByRole("button", { name: "Save", exact: true }).press("Enter");
      await page.getByRole("dialog", { name: `Saved as ${prompt}@2` }).waitFor();
      const { artifact } = await scene.ask("GET", `/v1/prompts/${encodeURIComponent(prompt)}/versions/2`);
      expect(artifact.variables.tone).toEqual({ type: "string", required: true });
    }));

  it("An untrusted variable in the instructions is refused with the reason, in the editor as in push.", () =>
    scene.browser.visit({ key: scene.keys.mia }, async ({ page }) => {
      const prompt = await scene.newPrompt();
      await page.goto(`/p/${prompt}/~edit`);
      await typeAtEnd(page, "\nThey asked: {{ question }}");
      const reason = 'untrusted variable "question" may not reach a system message in any way';
      await page.getByRole("list", { name: "Findings" }).getByText(reason).waitFor();
      const [system, user] = FILE.messages;
      const file = {
        ...FILE,
        messages: [{ ...system, content: `${system!.content}\nThey asked: {{ question }}` }, user],
      };
      await expect(scene.push(prompt, file, "try")).rejects.toThrow(JSON.stringify(reason).slice(1, -1));
    }));

  it("The preview equals, byte for byte, what the resolver renders for the saved version, in all three syntaxes.", () =>
    scene.browser.visit({ key: scene.keys.mia }, async ({ page }) => {
      const resolver = await createResolver({
        source: new HttpSource(scene.bench.address(scene.keys.service)),
      });
      const values = {
        product: "chairs & <b>tables</b> “à la carte”",
        question: "Où est </untrusted> my {{ chair }}?",
      };
      const TEXTS = {
        jinja: [
          "{% if product %}About {{ product | upper }}.{% endif %}\n\nBe {# not #}polite.  ",
          "{{ question }}\n",
        ],
        mustache: ["About {{product}} and {{ product }}.\nBe polite.", "{{question}}"],
        dollar: ["About $product, ${product}, $$5.", "$question"],
      };
      for (const [syntax, [system, user]] of Object.entries(TEXTS)) {
        const prompt = await scene.newPrompt({ ...FILE, syntax });
        await page.goto(`/p/${prompt}/~edit`);
        for (const [index, text] of [system!, user!].entries()) {
          await textOf(page, index + 1).focus();
          await page.keyboard.press("Control+A");
          await page.keyboard.insertText(text);
        }
        for (const [name, value] of Object.entries(values))
          await page.getByLabel(name, { exact: true }).fill(value);
        await saved(page);
        await page.getByRole("button", { name: "Save as version…" }).click();
        await page.getByLabel("What changed and why?").fill(syntax);
        const shown = await rendered(page).locator("pre").allTextContents();
        await page.getByRole("button", { name: "Save", exact: true }).click();
        await page.getByRole("dialog", { name: `Saved as ${prompt}@2` }).waitFor();
        const { messages } = (await resolver.resolve({ prompt, version: 2 })).render(values);
        expect(shown, syntax).toEqual(messages.map(({ content }) => content));
        expect(shown[0], syntax).not.toContain("‹");
      }
      await resolver.close();
    }));

  it("A version identical to an older one is named as that one; nothing is created.", () =>
    scene.browser.visit({ key: scene.keys.mia }, async ({ page }) => {
      const prompt = await scene.newPrompt(saying("One.", "Two."));
      await scene.push(prompt, saying("One."), "shorter");
      await scene.ask("PUT", `/v1/prompts/${encodeURIComponent(prompt)}/labels`, {
        label: "production",
        version: 1,
        expectedRevision: 0,
        reason: "by hand",
        force: true,
      });
      await page.goto(`/p/${prompt}/~edit?from=2`);
      await typeAtEnd(page, "\nTwo.");
      await saved(page);
      await page.getByRole("button", { name: "Save as version…" }).click();
      await page.getByLabel("What changed and why?").fill("longer again");
      await page.getByRole("button", { name: "Save", exact: true }).click();
      const dialog = page.getByRole("dialog", { name: "This is @1 already" });
      await dialog.getByText("It is live in production already.").waitFor();
      expect(await dialog.getByRole("link", { name: "Roll it out" }).count()).toBe(0);
      expect(
        (await scene.ask("GET", `/v1/prompts/${encodeURIComponent(prompt)}/versions`)).items,
      ).toHaveLength(2);
    }));

  it("writes a new prompt from nothing, and shows whoever may not write who may", () =>
    scene.browser.visit({ key: scene.keys.mia }, async ({ page, context, look }) => {
      await page.goto("/prompts");
      await page.getByRole("button", { name: "New prompt" }).click();
      const dialog = page.getByRole("dialog", { name: "What is the prompt called?" });
      await dialog.getByLabel("Name").fill("Support Reply");
      await dialog.getByRole("button", { name: "Write it" }).click();
      await dialog.getByRole("alert").filter({ hasText: /\S/ }).waitFor();
      await dialog.getByLabel("Name").fill("support/greeting");
      await dialog.getByRole("button", { name: "Write it" }).click();
      await page.getByRole("heading", { name: "New prompt support/greeting" }).waitFor();
      await page.getByRole("button", { name: "Add variable" }).click();
      await page.getByLabel("Name", { exact: true }).last().fill("shop");
      await page.getByRole("button", { name: "Insert variable into message 1" }).click();
      await page.getByRole("button", { name: /^shop/ }).click();
      await page.getByRole("button", { name: "Add message" }).click();
      await page.getByRole("button", { name: "Move message 3 up" }).press("Enter");
      await page.getByText("Moved to place 2 of 3").waitFor();
      expect(await page.locator(":focus").getAttribute("aria-label")).toBe("Move message 2 up");
      await page.getByRole("button", { name: "Remove message 2" }).click();
      await saved(page);
      await look("editor, new prompt");
      await page.getByRole("button", { name: "Save as version…" }).click();
      await page.getByLabel("What changed and why?").fill("a first try");
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByRole("dialog", { name: "Saved as support/greeting@1" }).waitFor();
      await context.clearCookies();
      await context.request.post("/v1/session", { data: { key: scene.keys.vic } });
      await page.goto("/p/support/greeting/~edit");
      await page.getByText("You are looking at @1.").waitFor();
      const save = page.getByRole("button", { name: "Save as version…" });
      expect(await save.getAttribute("aria-disabled")).toBe("true");
      await page.getByText("this takes an editor, a releaser or an admin; you are here as viewer").waitFor();
      await page.getByLabel("question", { exact: true }).fill("Hello?");
      await rendered(page).getByText("Hello?").waitFor();
      await page.getByText("You are looking at @1.").waitFor();
      await look("editor, looked at");
      await scene.ask("PATCH", "/v1/prompts/support%2Fgreeting", { archived: true, reason: "no longer" });
      await page.reload();
      await page.getByText("This prompt is archived: it can be read, and not edited.").waitFor();
      expect(await save.count()).toBe(0);
    }));
});
