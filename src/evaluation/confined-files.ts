import { globSync, readFileSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { invalidInput, notFound } from "../domain/errors.ts";
import { fileSource, type FileSource } from "./file-source.ts";

/** The largest file that a dataset may include, in bytes. */
const MAX_FILE_BYTES = 50 * 1024 * 1024;
/** The most files that one pattern may name. */
const MAX_FILES = 10_000;

/**
 * Reads the files a dataset refers to, under one folder only: a path that leaves it, also through a symbolic
 * link, is refused, so that a dataset from a stranger's pull request can be run.
 */
export function confinedFiles(folder: string): FileSource {
  const root = realpathSync(folder);

  function locate(path: string, where: string): string {
    const full = resolve(root, path);
    let real: string;
    try {
      real = realpathSync(full);
    } catch {
      // Said before it is said whether it exists: what lies outside is nobody's business here.
      if (!isInside(root, full)) throw outside(path, where);
      throw notFound(`${where}: there is no file ${path} (looked in ${folder})`, { where, path });
    }
    if (!isInside(root, real)) throw outside(path, where);
    return real;
  }

  return fileSource({
    read(path, where) {
      const real = locate(path, where);
      const { size } = statSync(real);
      if (!statSync(real).isFile()) throw invalidInput(`${where}: ${path} is not a file`, { where, path });
      if (size > MAX_FILE_BYTES)
        throw invalidInput(`${where}: ${path} has ${size} bytes; at most ${MAX_FILE_BYTES} are read`, {
          where,
          path,
        });
      return readFileSync(real, "utf8");
    },
    list(pattern, where) {
      if (!/[*?[{]/.test(pattern)) return [relative(root, locate(pattern, where))];
      if (isAbsolute(pattern) || pattern.split(/[\\/]/).includes("..")) throw outside(pattern, where);
      const found = globSync(pattern, { cwd: root }).toSorted();
      if (found.length === 0) throw notFound(`${where}: no file matches ${pattern}`, { where, pattern });
      if (found.length > MAX_FILES)
        throw invalidInput(`${where}: ${pattern} matches more than ${MAX_FILES} files`, { where, pattern });
      return found.map((path) => relative(root, locate(join(root, path), where)));
    },
  });
}

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

function outside(path: string, where: string): Error {
  return invalidInput(`${where}: file://${path} lies outside the folder of the dataset, and is not read`, {
    where,
    path,
  });
}
