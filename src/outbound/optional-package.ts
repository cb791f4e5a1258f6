import { unavailable } from "../domain/errors.ts";

/** A package that is not among Sluice's dependencies. */
export async function optionalPackage<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw unavailable(`this needs the package ${name} beside Sluice: npm install ${name}`, {
      kind: "no_package",
      package: name,
    });
  }
}
