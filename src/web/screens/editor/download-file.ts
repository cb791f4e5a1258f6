import type { EditedFile } from "../../editing/edited-file.ts";

/** The draft as a prompt file, as `sluice push` takes it. */
export async function downloadFile(prompt: string, file: EditedFile): Promise<void> {
  const { stringify } = await import("yaml");
  const text = stringify({ name: prompt, ...file }, { lineWidth: 0 });
  const address = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `${prompt.replaceAll("/", "-")}.yaml`;
  link.click();
  URL.revokeObjectURL(address);
}
